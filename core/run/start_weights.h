#pragma once

#include "core/models/weight_files.h"
#include "core/run/session.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// What the trained weights were when the run began. Read from the model's file again where they
/// lie there as they were; the others are copied.
class StartWeights {
public:
    /// \param session  as it was opened, before the first step
    explicit StartWeights(const Session& session);

    /// A trained weight of the model itself, in the master's type. Not of an adapter, which starts
    /// from no change at all.
    [[nodiscard]] at::Tensor of(const Parameter& parameter) const;

private:
    std::optional<WeightFiles> m_files;
    std::map<std::string, const TensorEntry*> m_entries;
    std::map<std::string, at::Tensor> m_copies;
};

/// Relative change |W - W at the start| / |W at the start| over the weights of each block that are
/// trained or adapted, nothing for a block without any; Frobenius norms.
[[nodiscard]] std::vector<std::optional<double>> changeOfBlocks(const Decoder& decoder,
                                                                const StartWeights& start);

/// Turns what the run learned around: start - scale * (now - start) (Ilharco et al. 2023,
/// arXiv:2212.04089, section 2).
void negateChange(Decoder& decoder, const StartWeights& start, double scale);

} // namespace lacuna
