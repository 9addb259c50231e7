#include "core/metrics/metric.h"

#include <cmath>
#include <numeric>

namespace lacuna {
namespace {

double summed(const SampleScan& scan)
{
    return -std::accumulate(scan.logProbs.begin(), scan.logProbs.end(), 0.0);
}

std::optional<double> meanNll(const SampleScan& scan)
{
    if (scan.logProbs.empty())
        return std::nullopt;
    return summed(scan) / static_cast<double>(scan.logProbs.size());
}

double scoredTokens(const SampleScan& scan)
{
    return static_cast<double>(scan.logProbs.size());
}

} // namespace

double tokenMeanNll(const std::vector<SampleScan>& scans)
{
    double sum = 0;
    double tokens = 0;
    for (const SampleScan& scan : scans) {
        sum += summed(scan);
        tokens += static_cast<double>(scan.logProbs.size());
    }
    return sum / tokens;
}

MetricInfo negativeLogLikelihood()
{
    return {.id = "nll",
            .title = "Negative log-likelihood",
            .source = "unlearning reference 3.6",
            .reading = "How surprised the model is by a token of the true answer, in nats. High on "
                       "the forget set means that the text is no longer expected.",
            .variant = "token mean over the corpus, natural log, EOS scored",
            .range = "0 and up",
            .better = Direction::Higher,
            .perSample = &meanNll,
            .weight = &scoredTokens};
}

MetricInfo perplexity()
{
    return {.id = "perplexity",
            .title = "Perplexity",
            .source = "unlearning reference 3.6",
            .reading = "Among how many equally likely tokens the model seems to choose.",
            .variant = "exp of the token mean over the corpus",
            .range = "1 and up",
            .better = Direction::Higher,
            .perSample =
                [](const SampleScan& scan) {
                    const std::optional<double> nll = meanNll(scan);
                    return nll ? std::optional(std::exp(*nll)) : nll;
                },
            .contribution = [](double value, SetPurpose) { return std::log(value); },
            .weight = &scoredTokens,
            .link = [](double mean) { return std::exp(mean); }};
}

MetricInfo probability()
{
    return {.id = "probability",
            .title = "Probability of the answer",
            .source = "Maini et al. 2024, arXiv:2401.06121",
            .reading =
                "Probability of the true answer, as the geometric mean of its tokens. 1 means "
                "known by heart; a model that never saw it often still gives 0.1.",
            .variant = "exp(-mean token loss), EOS included",
            .range = "0 to 1",
            .better = Direction::Lower,
            .perSample = [](const SampleScan& scan) {
                const std::optional<double> nll = meanNll(scan);
                return nll ? std::optional(std::exp(-*nll)) : nll;
            }};
}

} // namespace lacuna
