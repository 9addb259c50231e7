#pragma once

#include "core/base/evaluation.h"
#include "core/base/result.h"
#include "core/metrics/metric.h"
#include "core/probe/layer_values.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What a model holds inside, as numbers beside those of what it says (unlearning reference 3.16).
namespace lacuna {

class Decoder;
struct ScoredSample;

/// A quantity that lookInside() or probeEvaluations() gives beside the metric `lens-depth`, which
/// suites measure too.
struct InsideMetric {
    std::string id;
    std::string title;
    std::string source;
    std::string reading; ///< in plain language
    std::string range;
    std::string needs;
    Direction better = Direction::Lower; ///< on the forget set; the opposite on others
};
[[nodiscard]] const std::vector<InsideMetric>& insideMetrics();

struct InsideSet {
    std::string name; ///< forget, retain, or another of a suite
    std::vector<const ScoredSample*> samples;
};

struct InsideOptions {
    /// The token counts as known behind a block where no more than so many less one are likelier.
    std::int64_t rank = 1;
    std::int64_t tokenBudget = 2048; ///< rows of a forward pass
    std::int64_t step = 0;
    EvaluationPhase phase = EvaluationPhase::Standalone;
    std::uint64_t seed = 0;                   ///< of the bootstrap
    std::function<bool(double)> proceed = {}; ///< progress in [0, 1]; false cancels
};

/// What the lens shows behind one block, of all scored tokens of a set.
struct LensLayer {
    std::int64_t layer = 0;
    double known = 0;   ///< share of the tokens within InsideOptions::rank
    double logProb = 0; ///< mean, nats
};

struct InsideView {
    std::string set;
    /// `lens-depth` and `activation-cosine`, with the value of every sample. Without an original
    /// the latter has no value and says so. Samples without an answer to look for are left out.
    std::vector<Evaluation> evaluations;
    std::vector<LensLayer> lens;
    std::optional<Similarity> similarity; ///< with the original; nothing without one
};

/// Looks at \p set through \p decoder: one forward pass, and one more of each model to compare.
/// \param original  of the same shape; null: none
/// \return InvalidArgument when the original has another shape; nothing when cancelled
[[nodiscard]] Result<std::optional<InsideView>>
lookInside(Decoder& decoder, Decoder* original, const InsideSet& set, const InsideOptions& options);

/// `linear-probe`, one for each block, the variant naming it.
[[nodiscard]] std::vector<Evaluation>
probeEvaluations(const LinearProbe& probe, const std::string& set, const InsideOptions& options);

} // namespace lacuna
