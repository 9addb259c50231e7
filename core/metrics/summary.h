#pragma once

#include "core/base/catalog.h"
#include "core/base/evaluation.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// What a summary is made from: evaluations in canonical sets and metrics, with their samples, as a
/// live evaluation gives them or a saved log (core/metrics/evaluation_log.h). Of the other models
/// only what a summary asks for is read; empty: there is none.
struct SummaryInput {
    std::span<const Evaluation> model;
    std::span<const Evaluation> reference = {}; ///< retrained without the forget set
    std::span<const Evaluation> original = {};  ///< before unlearning
    double confidence = 0.95;                   ///< of intervals, in (0, 1)
    std::size_t resamples = 1000;               ///< of each bootstrap, > 0
    std::uint64_t seed = 0;                     ///< the same input and seed give the same intervals
};

/// Where an unlearned model's value should go.
enum class SummaryGoal : std::uint8_t {
    Higher,
    Lower,
    Zero,
    Reference, ///< the reference's value, from either side
};
template <> struct EnumIds<SummaryGoal> {
    static constexpr auto kIds =
        std::to_array<std::string_view>({"higher", "lower", "zero", "reference"});
};

/// A number that belongs beside the value: "ks-statistic", "reference-auc".
struct SummaryDetail {
    std::string id;
    double value = 0;
};

struct SummaryValue {
    double value = 0; ///< NaN exactly when `missing` says something
    std::int64_t count = 0;
    std::optional<Interval> interval = {};
    std::string missing = {}; ///< why there is none, and how to get one
    std::string variant = {}; ///< where it differs from the entry's
    std::vector<SummaryDetail> details = {};
    std::vector<std::string> warnings = {}; ///< what could mislead, a sentence each
};

/// A number that speaks for a whole model.
struct SummaryInfo {
    std::string id;
    std::string title;
    std::string source;
    std::string reading; ///< in plain language
    SummaryGoal goal = SummaryGoal::Higher;
    std::string range;
    std::string variant;
    std::string needs;
    std::string set = {};    ///< of the evaluation that it becomes
    std::string metric = {}; ///< likewise; empty: the id
    SummaryValue (*compute)(const SummaryInput& input) = nullptr;
};
[[nodiscard]] const Catalog<SummaryInfo>& summaries();

struct Summary {
    const SummaryInfo* info = nullptr; ///< lives as long as the program
    Evaluation evaluation;             ///< without samples
    std::vector<SummaryDetail> details;
    std::vector<std::string> warnings;
};
/// Every entry of the catalogue, in its order. About resamples * samples * 20 steps.
/// \throws std::logic_error when confidence or resamples are out of range
[[nodiscard]] std::vector<Summary> summarize(const SummaryInput& input);

/// The interval of an evaluation's value, its samples resampled: of the mean, for truth ratios of
/// what their aggregate takes the mean of. Nothing below two samples that are numbers, and nothing
/// where the value is not that mean (perplexity).
[[nodiscard]] std::optional<Interval> sampleInterval(const Evaluation& evaluation,
                                                     const SummaryInput& settings);

/// Whether two models' forget sets are the same texts, as far as their logs tell: the number of
/// samples, and the true answers where both keep them.
/// \return nothing, or what differs, as a sentence
[[nodiscard]] std::optional<std::string> forgetSetsDiffer(std::span<const Evaluation> model,
                                                          std::span<const Evaluation> reference);

} // namespace lacuna
