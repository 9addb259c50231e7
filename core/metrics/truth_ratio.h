#pragma once

#include <cstdint>
#include <span>

namespace lacuna {

/// How probable one true answer and several false ones are, all as losses a token in nats.
struct TruthLosses {
    double truth = 0;             ///< of the paraphrased answer; of the answer where none is given
    std::span<const double> lies; ///< of the perturbed answers; not empty
};

/// What open-unlearning adds to denominators, so that none is zero. Without it the formulas are
/// those of the TOFU paper.
inline constexpr double kOpenUnlearningEpsilon = 1e-10;

/// R = p(lies) / (p(truth) + epsilon), where p(lies) is exp of minus the mean loss: the geometric
/// mean of the false answers' probabilities. 1: both equally likely; below 1: truth preferred. May
/// be infinite. This is what TOFU's and open-unlearning's logs hold.
/// Source: Maini et al. 2024, arXiv:2401.06121, eq. 1; unlearning reference 3.1
[[nodiscard]] double truthRatio(const TruthLosses& losses, double epsilon = 0);
/// The same with the arithmetic mean of the false answers' probabilities, as TOFU's own model
/// utility has it. Differs materially from the geometric one.
[[nodiscard]] double arithmeticTruthRatio(const TruthLosses& losses);
/// p(truth) / (p(truth) + p(lies) + epsilon), geometric, in [0, 1]; higher: more is known.
[[nodiscard]] double truthProbability(const TruthLosses& losses, double epsilon = 0);
/// Probability of the truth among all answers: p / (p + sum of the others + epsilon).
/// \param losses  `truth` of the plain answer
[[nodiscard]] double optionProbability(const TruthLosses& losses, double epsilon = 0);

/// Which end of the ratio is good.
enum class TruthAggregate : std::uint8_t {
    CloserToOne, ///< forget set: mean of min(R, 1/R); the reference's value is the goal, not 1
    TruthHigher, ///< all others: mean of max(0, 1 - R)
};
/// In [0, 1]; NaN for no ratios or a NaN among them.
[[nodiscard]] double truthRatioAggregate(std::span<const double> ratios, TruthAggregate aggregate,
                                         double epsilon = 0);
/// What one sample adds to that mean.
[[nodiscard]] double truthRatioScore(double ratio, TruthAggregate aggregate, double epsilon = 0);

} // namespace lacuna
