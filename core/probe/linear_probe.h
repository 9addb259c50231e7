#pragma once

#include "core/probe/answer_pairs.h"
#include "core/probe/layer_values.h"
#include "core/probe/residual_walk.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

/// Whether a direction in the residual stream tells true from false answers: what a model may still
/// know although it no longer says it (unlearning reference 3.16).
namespace lacuna {

/// Behind each block, a row for each sample: [n, D] float32 on the CPU.
/// \return nothing when cancelled
[[nodiscard]] std::optional<std::vector<at::Tensor>>
answerStates(Decoder& decoder, const std::vector<const ScoredSample*>& samples, AnswerState state,
             const WalkOptions& options);

struct ProbeFit {
    double heldOutShare = 0.3; ///< of the questions, in (0, 1)
    /// Of the penalty l2 / 2 |w|^2 on features of mean 0 and variance 1; 0: one over the number of
    /// answers fitted to, scikit-learn's default.
    double l2 = 0;
    std::uint64_t seed = 0;                   ///< of the split
    std::function<bool(double)> proceed = {}; ///< as WalkOptions has it
};

/// A logistic regression for each block. Questions are held out whole, so that no probe has seen
/// the question that it is asked about.
/// \param states     of answerStates(), or any [n, D]
/// \param isTrue     [n], both kinds occur for every question
/// \param questions  [n]; at least two different ones
/// \return nothing when cancelled
[[nodiscard]] std::optional<LinearProbe> fitProbes(const std::vector<at::Tensor>& states,
                                                   const std::vector<bool>& isTrue,
                                                   const std::vector<std::int64_t>& questions,
                                                   const ProbeFit& fit);

} // namespace lacuna
