#pragma once

#include "core/base/catalog.h"
#include "core/metrics/sample_scan.h"

#include <optional>
#include <string>
#include <vector>

namespace lacuna {

enum class Direction : std::uint8_t { Lower, Higher };

/// A metric computed sample by sample from scans.
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
    /// Nothing when the sample gives no value (no answer was generated for it).
    std::optional<double> (*perSample)(const SampleScan& scan);
    /// From all scans; null: the mean of the per-sample values.
    double (*aggregate)(const std::vector<SampleScan>& scans) = nullptr;
};

const Catalog<MetricInfo>& metrics();

struct MetricResult {
    std::string metric;
    std::string variant;
    double value = 0;
    struct Item {
        std::int64_t index;
        double value;
    };
    std::vector<Item> samples;
};

/// Every metric of the catalogue that \p scans give values for.
[[nodiscard]] std::vector<MetricResult> computeMetrics(const std::vector<SampleScan>& scans);

/// Token mean of the negative log-likelihood, nats: the sum over all samples by the number of
/// scored tokens.
[[nodiscard]] double tokenMeanNll(const std::vector<SampleScan>& scans);

} // namespace lacuna
