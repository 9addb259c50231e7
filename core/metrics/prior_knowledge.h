#pragma once

#include "core/base/evaluation.h"

#include <optional>
#include <span>
#include <string>

namespace lacuna {

/// What an original's value on the forget set is read against to tell whether it knew that set.
enum class Yardstick : std::uint8_t {
    Holdout,   ///< the original's own value on text that it never saw
    Reference, ///< the reference's value on the forget set
    Floor,     ///< what a model gets that knows nothing of a text
};

struct PriorKnowledge {
    bool known = false; ///< the value lies above the yardstick, intervals apart
    std::string metric;
    double forget = 0; ///< of the original
    Yardstick yardstick = Yardstick::Holdout;
    double compared = 0;
};

/// Whether the original knew the forget set before anything was forgotten, by extraction strength
/// and probability: forgetting of something never known is none (unlearning reference 1,
/// "authenticity"). One of them above its yardstick is enough. Yardsticks are taken in the order of
/// Yardstick; there is no floor of a probability.
/// \return nothing when neither was measured, or there is nothing to read them against
[[nodiscard]] std::optional<PriorKnowledge> priorKnowledge(std::span<const Evaluation> evaluations);

} // namespace lacuna
