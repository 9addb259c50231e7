#pragma once

#include "core/base/evaluation.h"
#include "core/base/rng.h"

#include <cstddef>
#include <span>
#include <vector>

namespace lacuna {

/// Scores of two groups that a threshold tells apart: what scores at least the threshold is called
/// holdout. Scores are signed like a loss (core/metrics/membership.h).
struct TwoGroups {
    std::span<const double> forget;  ///< class 0
    std::span<const double> holdout; ///< class 1
};

/// P(holdout > forget) + P(equal) / 2 (Mann and Whitney). 1: forget looks like training data; 0.5:
/// neither; towards 0: forgotten further than text that was never seen. Never turned around. NaN
/// when a group is empty or holds a NaN. Infinite scores are scores.
[[nodiscard]] double aucOf(const TwoGroups& groups);

/// One threshold. The member class of the rates below is forget: an attack that says "was trained
/// on" of what scores *below* the threshold.
struct RocPoint {
    double falsePositiveRate = 0; ///< holdout called trained on
    double truePositiveRate = 0;  ///< forget called trained on
};
/// From (0, 0) to (1, 1), a point for each different score; the area below is aucOf(). Empty where
/// aucOf() is NaN.
[[nodiscard]] std::vector<RocPoint> rocCurve(const TwoGroups& groups);

/// The best true positive rate among the points whose false positive rate is at most \p limit: how
/// many forget texts an attacker names who may be wrong that rarely. No interpolation; 0 for no
/// points. Source: Carlini et al. 2022, arXiv:2112.03570
[[nodiscard]] double truePositiveRateAt(std::span<const RocPoint> curve, double limit);
/// The best of 1 - (FPR + 1 - TPR) / 2 over all thresholds; 0.5 or more; NaN for no points.
[[nodiscard]] double bestBalancedAccuracy(std::span<const RocPoint> curve);

/// How often each value of a group was drawn in one bootstrap sample.
using DrawCounts = std::vector<std::size_t>;
[[nodiscard]] DrawCounts drawCounts(std::size_t size, Random& random);

/// aucOf() of resampled groups without sorting again each time.
class ResampledAuc {
public:
    explicit ResampledAuc(const TwoGroups& groups);
    /// \param forget, holdout  one count a value; both sum to more than 0
    [[nodiscard]] double area(const DrawCounts& forget, const DrawCounts& holdout) const;

private:
    struct Scored {
        double score;
        bool isHoldout;
        std::size_t index;
    };
    std::vector<Scored> m_sorted;
};

/// Percentile bootstrap interval of aucOf(), both groups resampled. As bootstrapMeanInterval().
[[nodiscard]] Interval bootstrapAucInterval(const TwoGroups& groups, double confidence,
                                            std::size_t resamples, Random& random);

} // namespace lacuna
