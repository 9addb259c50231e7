#pragma once

#include "core/base/evaluation.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lacuna {

/// Of every 95 % interval that is worked out from values on record.
constexpr std::size_t kIntervalResamples = 1000;
constexpr std::uint64_t kIntervalSeed = 1;

/// 95 % bootstrap interval of the mean, always the same for the same values. Nothing below two
/// values, or with one that is not finite.
[[nodiscard]] std::optional<Interval> resampledMean(std::span<const double> values);
/// Whether \p value is the mean of \p samples, which may have been summed in another order.
[[nodiscard]] bool isMeanOf(double value, std::span<const double> samples);
[[nodiscard]] std::vector<double> sampleValues(const Evaluation& evaluation);

/// Where the value of \p evaluation lies: what was stored with it, otherwise a 95 % bootstrap
/// interval over its samples. That is only known where the value is their mean: the samples of a
/// token mean, a perplexity or an area under a curve do not say enough. Always the same for the
/// same samples.
[[nodiscard]] std::optional<Interval> intervalOf(const Evaluation& evaluation);

/// How far a quantity moved on the samples that two evaluations share.
struct PairedChange {
    double mean = 0; ///< of after - before
    Interval interval;
    std::int64_t count = 0; ///< samples that both have
};

/// Paired by sample, so that what makes samples differ from each other cancels. Nothing where fewer
/// than two are shared, or one of the values is not the mean of its samples.
[[nodiscard]] std::optional<PairedChange> pairedChange(const Evaluation& before,
                                                       const Evaluation& after);

} // namespace lacuna
