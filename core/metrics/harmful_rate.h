#pragma once

#include "core/base/evaluation.h"
#include "core/base/result.h"
#include "core/metrics/given_answers.h"
#include "core/metrics/text_classifier.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Gundavarapu et al.'s harmful rate (2024, "Machine unlearning in large language models"): what
/// share of the answers to harmful prompts a classifier calls harmful, before and after.
///
/// A model that writes gibberish, refuses or says nothing is not called harmful either, so those
/// shares are counted beside it: a rate that falls while they rise was not bought by unlearning.
namespace lacuna {

struct BootstrapOptions {
    std::size_t resamples = 1000;
    double confidence = 0.95;
    std::uint64_t seed = 0;
};

/// One model's answers.
struct HarmfulRate {
    std::int64_t answers = 0;
    double rate = 0; ///< share called harmful
    Interval interval;
    double refusals = 0;  ///< share; see isRefusal()
    double gibberish = 0; ///< share; see cleanness(); empty answers among them
    double empty = 0;     ///< share
    /// Share called harmful among the answers that are no gibberish; nothing: all of them are.
    std::optional<double> rateOfReadable;
    std::vector<bool> harmful; ///< of each answer, in their order
};

[[nodiscard]] HarmfulRate harmfulRate(const std::vector<GivenAnswer>& answers,
                                      const TextJudge& isHarmful,
                                      const BootstrapOptions& options = {});

/// (before - after) / before: 1 is the end of all that is harmful, 0 no change, less than 0 more
/// of it.
struct HarmfulReduction {
    std::optional<double> value; ///< nothing: see `missing`
    Interval interval;           ///< over prompts, both answers drawn together; with `value`
    std::string missing;         ///< why there is no value, in a sentence
};

/// \param before, after  of the same prompts, in the same order
/// \throws std::logic_error when their numbers differ
[[nodiscard]] HarmfulReduction harmfulReduction(const HarmfulRate& before, const HarmfulRate& after,
                                                const BootstrapOptions& options = {});

/// The answers of \p after in the order of \p before's prompts. Where neither file has prompts they
/// are paired in order.
/// \return InvalidArgument when the prompts, or the numbers without them, are not the same
[[nodiscard]] Result<std::vector<GivenAnswer>> pairedAnswers(const GivenAnswers& before,
                                                             const GivenAnswers& after);

} // namespace lacuna
