#pragma once

#include "core/base/catalog.h"
#include "core/base/evaluation.h"
#include "core/metrics/sample_scan.h"

#include <optional>
#include <string>
#include <vector>

namespace lacuna {

enum class Direction : std::uint8_t { Lower, Higher };

/// What is wanted of a set decides how some values are read: on what is to be forgotten a truth
/// ratio of 1 is the aim, elsewhere a small one.
enum class SetPurpose : std::uint8_t { Forget, Keep };

/// What a metric is made from, to measure only what a question is about.
enum class MetricFamily : std::uint8_t { Likelihood, Writing, Membership, Choice, Inside };

/// A metric computed sample by sample from scans.
///
/// Its value over a set is link(sum of weight * contribution / sum of weight), by default the mean
/// of the samples' values.
struct MetricInfo {
    std::string id;
    std::string title;
    std::string source;
    std::string reading; ///< in plain language
    std::string variant; ///< stamped on every result
    std::string range;
    Direction better = Direction::Lower; ///< on the forget set; the opposite on others
    bool ofWriting = false; ///< not of what is known: the same direction is better on every set
    bool needsGeneration = false;
    MetricFamily family = MetricFamily::Likelihood;
    /// Nothing when the sample gives no value (no answer was generated for it).
    std::optional<double> (*perSample)(const SampleScan& scan);
    double (*contribution)(double value, SetPurpose purpose) = nullptr; ///< null: the value
    double (*weight)(const SampleScan& scan) = nullptr;                 ///< null: 1
    double (*link)(double mean) = nullptr;                              ///< null: the mean
};

const Catalog<MetricInfo>& metrics();

struct MetricResult {
    std::string metric;
    std::string variant;
    double value = 0;
    std::optional<Interval> interval; ///< 95 %, by bootstrap over the samples; below two, nothing
    struct Item {
        std::int64_t index;
        double value;
    };
    std::vector<Item> samples;
};

struct MetricOptions {
    SetPurpose purpose = SetPurpose::Forget;
    std::vector<std::string> only = {}; ///< ids of metrics; empty: all
    bool intervals = false;             ///< cost a thousand resamples of each metric's values
};

/// Every metric of the catalogue that \p scans give values for.
[[nodiscard]] std::vector<MetricResult> computeMetrics(const std::vector<SampleScan>& scans,
                                                       const MetricOptions& options = {});

/// Token mean of the negative log-likelihood, nats: the sum over all samples by the number of
/// scored tokens.
[[nodiscard]] double tokenMeanNll(const std::vector<SampleScan>& scans);

} // namespace lacuna
