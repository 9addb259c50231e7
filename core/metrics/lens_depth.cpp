#include "core/metrics/metric.h"

namespace lacuna {

MetricInfo lensDepthMetric()
{
    return {.id = "lens-depth",
            .title = "Depth of the answer",
            .source = "logit lens, nostalgebraist 2020; unlearning reference 3.16",
            .reading = "How far into the model one has to look before it would say the answer: the "
                       "share of its blocks before the first behind which the answer's token is "
                       "likeliest, a mean over the answer. 1: it would not say it anywhere.",
            .variant = "rank-1",
            .range = "0 to 1",
            .better = Direction::Higher,
            .family = MetricFamily::Inside,
            .perSample = [](const SampleScan& scan) { return scan.lensDepth; }};
}

} // namespace lacuna
