#pragma once

#include "core/models/decoder.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace lacuna {

/// An update of the trained weights that can be made longer, shorter or turned round.
class TrialUpdate {
public:
    /// \param decoder  with the weights as they are before the update; outlives it
    explicit TrialUpdate(Decoder& decoder);

    /// Takes what the update has made of the weights as its length 1.
    void capture();
    /// Puts the weights at before + \p length * update. After capture().
    void setLength(double length);

private:
    Decoder& m_decoder;
    std::vector<at::Tensor> m_before; ///< of the trained masters, in order
    std::vector<at::Tensor> m_update;
};

/// Where a parabola through the losses at the lengths -1, 0 and 1 of an update is least, at least
/// \p shortest and at most \p longest; 1 where it has no least point or a loss is not finite (Bu et
/// al. 2024, arXiv:2410.22086, the learning rate of NGDiff).
[[nodiscard]] double bestLength(double behind, double here, double ahead, double shortest,
                                double longest);

} // namespace lacuna
