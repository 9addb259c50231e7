#include "core/metrics/metric.h"
#include "core/metrics/rouge.h"
#include "core/metrics/shared_wording.h"

#include <algorithm>

namespace lacuna {
namespace {

using Words = std::vector<std::string>;

/// \p measure (true, own words) of a scan that has an answer.
template <double (*measure)(const Words& reference, const Words& generated)>
std::optional<double> measured(const SampleScan& scan)
{
    if (!scan.hasAnswer)
        return std::nullopt;
    return measure(rougeTokens(scan.reference, Stemming::Off),
                   rougeTokens(scan.generated, Stemming::Off));
}

double stretchWords(const Words& reference, const Words& generated)
{
    return static_cast<double>(longestSharedStretch(reference, generated));
}

double stretchShare(const Words& reference, const Words& generated)
{
    return stretchWords(reference, generated) /
           std::max(1.0, static_cast<double>(reference.size()));
}

template <std::size_t kSize> double copied(const Words& reference, const Words& generated)
{
    return copiedGramsPerThousand(generated, reference, kSize);
}

constexpr const char* kSource =
    "Dou et al. 2024, arXiv:2406.10952 (SSU); unlearning reference 3.14";

} // namespace

MetricInfo jaccardMetric()
{
    return {.id = "jaccard",
            .title = "Word overlap (Jaccard)",
            .source = kSource,
            .reading =
                "Words that the true text and the model's own share, by all words of either. "
                "Unrelated English texts share some too: compare with the reference.",
            .variant = "sets of lower-case words, no stemming, greedy decoding",
            .range = "0 to 1",
            .better = Direction::Lower,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = &measured<&wordSetJaccard>};
}

MetricInfo longestStretchMetric()
{
    return {.id = "longest-shared-stretch",
            .title = "Longest copied stretch",
            .source = kSource,
            .reading = "Words of the longest stretch that the model copied unbroken from the true "
                       "text. Up to about five is common wording; thirty is a copy.",
            .variant = "lower-case words, no stemming, greedy decoding",
            .range = "0 or more words",
            .better = Direction::Lower,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = &measured<&stretchWords>};
}

MetricInfo longestStretchShareMetric()
{
    return {.id = "longest-shared-stretch-share",
            .title = "Longest copied stretch, share",
            .source = kSource,
            .reading = "The longest stretch that the model copied unbroken, as a share of the true "
                       "text: 1 is all of it.",
            .variant = "by words of the true text, no stemming, greedy decoding",
            .range = "0 to 1",
            .better = Direction::Lower,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = &measured<&stretchShare>};
}

MetricInfo copied8GramsMetric()
{
    return {.id = "copied-8-grams",
            .title = "Copied 8-word stretches",
            .source = kSource,
            .reading = "Stretches of eight words of the model's own text that stand in the true "
                       "one, by 1,000 words written. Independent writing has about none.",
            .variant = "overlapping, no stemming, greedy decoding",
            .range = "0 to 1,000",
            .better = Direction::Lower,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = &measured<&copied<8>>};
}

MetricInfo copied13GramsMetric()
{
    return {.id = "copied-13-grams",
            .title = "Copied 13-word stretches",
            .source = kSource,
            .reading = "Stretches of thirteen words of the model's own text that stand in the true "
                       "one, by 1,000 words written: the usual test of verbatim copying.",
            .variant = "overlapping, no stemming, greedy decoding",
            .range = "0 to 1,000",
            .better = Direction::Lower,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = &measured<&copied<13>>};
}

} // namespace lacuna
