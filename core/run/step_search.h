#pragma once

#include "core/models/decoder.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace lacuna {

/// The last update of the trained weights, which can be made longer, shorter or turned round.
class LastUpdate {
public:
    /// \param decoder  with the weights as they are before the update; outlives it
    explicit LastUpdate(Decoder& decoder);

    /// Puts the weights at before + \p length * update, where the first call takes what the update
    /// has left as length 1.
    void setLength(double length);

private:
    Decoder& m_decoder;
    std::vector<at::Tensor> m_before; ///< of the trained masters, in order
    std::vector<at::Tensor> m_update;
};

/// Where a parabola through the losses at the lengths -1, 0 and 1 of an update is least, within
/// [1 / range, range]; 1 where it has no least point or a loss is not finite (Bu et al. 2024,
/// arXiv:2410.22086, the learning rate of NGDiff).
[[nodiscard]] double bestLength(double behind, double here, double ahead, double range);

} // namespace lacuna
