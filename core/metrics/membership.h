#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace lacuna {

// Scores of one text, all signed like a loss: higher = less likely to have been trained on. NaN for
// a text without scored tokens. Sources: unlearning reference 3.5 and what is named below.

/// \p meanLoss by the bytes of the text as zlib compresses it.
/// \param text  the scored tokens, decoded, UTF-8
/// Source: Carlini et al. 2021, arXiv:2012.07805
[[nodiscard]] double zlibRatio(double meanLoss, std::string_view text);
/// Bytes of zlib's format at its default level, header and checksum included; 8 for an empty text.
[[nodiscard]] std::size_t zlibLength(std::string_view text);

/// How many of \p count tokens Min-K keeps: max(1, floor(count * share)), the product in double, so
/// that 0.29 of 100 is 28.
[[nodiscard]] std::size_t minKCount(std::size_t count, double share);
inline constexpr double kMinKShare = 0.4; ///< open-unlearning's and MUSE's

/// Minus the mean of the lowest log-probabilities, see minKCount().
/// Source: Shi et al. 2024, arXiv:2310.16789
[[nodiscard]] double minKOf(std::span<const double> logProbs, double share = kMinKShare);

/// What Min-K++ reads of the distribution from which one token was drawn.
struct TokenMoments {
    double logProb = 0;  ///< of the true token
    double mean = 0;     ///< sum p log p
    double variance = 0; ///< sum p (log p)^2 - mean^2
};
/// Of a full vector of log-probabilities over the vocabulary.
[[nodiscard]] TokenMoments tokenMoments(std::span<const double> vocabulary, double logProb);
inline constexpr double kLeastVariance = 1e-6;

/// Min-K of (logProb - mean) / sqrt(max(variance, 1e-6)).
/// Source: Zhang J. et al. 2024, arXiv:2404.02936
[[nodiscard]] double minKPlusPlusOf(std::span<const TokenMoments> tokens,
                                    double share = kMinKShare);

/// Against another model that did not train on the text.
[[nodiscard]] double lossAgainst(double meanLoss, double referenceMeanLoss);

/// How far the unlearned model's scores tell forget from holdout otherwise than the reference's do,
/// in percent: ((1 - auc) - (1 - reference)) / (1 - reference + epsilon) * 100. 0 is ideal; below:
/// traces are left, above: over-forgotten. A relative quantity that explodes where the denominator
/// is small: show the AUCs beside it.
///
/// \param auc, reference  with forget as class 0 and holdout as class 1, as aucOf() gives them.
/// MUSE
///     counts the other way round, so that its areas are 1 - these, and has no epsilon
/// Source: Shi W. et al. 2024, arXiv:2407.06460, eq. 4; unlearning reference 3.2
[[nodiscard]] double privLeak(double auc, double reference, double epsilon = 0);
/// (auc - reference) / (reference + epsilon) * 100
[[nodiscard]] double relativeDifference(double auc, double reference, double epsilon = 0);
/// What open-unlearning takes for 1 - reference when there is no reference.
inline constexpr double kPrivLeakFallback = 0.5;

/// 1 - |auc - reference| / max(reference, 1 - reference), in [0, 1]: 1 where the attack sees the
/// unlearned model as it sees the reference.
[[nodiscard]] double closeness(double auc, double reference);

} // namespace lacuna
