#include "core/metrics/membership.h"
#include "core/metrics/metric.h"
#include "core/metrics/other_answers.h"

#include <vector>

/// What membership inference reads of one text. Every score is signed like a loss: the higher, the
/// less likely the text was trained on.
namespace lacuna {
namespace {

bool wasAskedFor(const SampleScan& scan)
{
    return scan.compressedBytes > 0 && !scan.logProbs.empty();
}

std::vector<double> inDouble(const std::vector<float>& values)
{
    return {values.begin(), values.end()};
}

MetricInfo membershipScore(MetricInfo info)
{
    info.source = info.source + "; unlearning reference 3.5";
    info.range = "any";
    info.better = Direction::Higher;
    info.family = MetricFamily::Membership;
    return info;
}

} // namespace

MetricInfo lossScore()
{
    return membershipScore(
        {.id = "loss",
         .title = "Membership: loss",
         .source = "Yeom et al. 2018, arXiv:1709.01604",
         .reading = "Mean surprise at the text. What was trained on surprises less.",
         .variant = "mean token loss, nats",
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             return wasAskedFor(scan) ? meanLoss(scan) : std::nullopt;
         }});
}

MetricInfo zlibScore()
{
    return membershipScore(
        {.id = "zlib",
         .title = "Membership: loss by compressed size",
         .source = "Carlini et al. 2021, arXiv:2012.07805",
         .reading = "Surprise at the text beside what a compressor makes of it, which takes out "
                    "how repetitive the text itself is.",
         .variant = "mean token loss / bytes of the scored text by zlib at its default level",
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             if (!wasAskedFor(scan))
                 return std::nullopt;
             return *meanLoss(scan) / static_cast<double>(scan.compressedBytes);
         }});
}

MetricInfo minKScore()
{
    return membershipScore(
        {.id = "min-k",
         .title = "Membership: Min-K%",
         .source = "Shi et al. 2023, arXiv:2310.16789",
         .reading = "Surprise at the text's least expected tokens alone: a text that was trained "
                    "on has few that surprise.",
         .variant = "K = 40 %",
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             return wasAskedFor(scan) ? std::optional(minKOf(inDouble(scan.logProbs)))
                                      : std::nullopt;
         }});
}

MetricInfo minKPlusPlusScore()
{
    return membershipScore(
        {.id = "min-k-plus-plus",
         .title = "Membership: Min-K%++",
         .source = "Zhang J. et al. 2024, arXiv:2404.02936",
         .reading = "As Min-K%, with each token's surprise set beside what the model expected at "
                    "that place.",
         .variant = "K = 40 %, variance at least 1e-6",
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             return scan.standardised.empty() ? std::nullopt
                                              : std::optional(minKOf(inDouble(scan.standardised)));
         }});
}

MetricInfo gradientNormScore()
{
    return membershipScore(
        {.id = "gradnorm",
         .title = "Membership: gradient norm",
         .source = "open-unlearning",
         .reading = "How strongly the text would still move the weights. What was learned moves "
                    "them little.",
         .variant = "mean over weight tensors of the 2-norm of the mean token loss's gradient",
         .perSample = [](const SampleScan& scan) { return scan.gradientNorm; }});
}

} // namespace lacuna
