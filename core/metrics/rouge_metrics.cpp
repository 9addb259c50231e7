#include "core/metrics/metric.h"
#include "core/metrics/rouge.h"

namespace lacuna {
namespace {

using Score = RougeScore (*)(const std::vector<std::string>& target,
                             const std::vector<std::string>& prediction);

template <Score kScore, double RougeScore::*kPart, Stemming kStemming>
std::optional<double> scored(const SampleScan& scan)
{
    if (!scan.hasAnswer)
        return std::nullopt;
    return kScore(rougeTokens(scan.reference, kStemming), rougeTokens(scan.generated, kStemming)).*
           kPart;
}

/// What all of them have in common.
MetricInfo rougeMetric(std::string id, std::string title, std::string reading, std::string variant)
{
    return {.id = std::move(id),
            .title = std::move(title),
            .source = "Lin 2004, \"ROUGE\"; unlearning reference 3.1 and 3.14",
            .reading = std::move(reading),
            .variant = std::move(variant),
            .range = "0 to 1",
            .better = Direction::Lower,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = nullptr};
}

} // namespace

MetricInfo rouge1Recall()
{
    MetricInfo info = rougeMetric("rouge-1", "ROUGE-1 recall",
                                  "How many of the true answer's words the model's own answer "
                                  "contains, in whatever order.",
                                  "recall, Porter stemming, greedy decoding");
    info.perSample = &scored<&rouge1, &RougeScore::recall, Stemming::On>;
    return info;
}

MetricInfo rouge1F1()
{
    MetricInfo info = rougeMetric("rouge-1-f1", "ROUGE-1 F1",
                                  "How many words the true answer and the model's own share, in "
                                  "whatever order; what is said beyond the truth lowers it.",
                                  "F1, Porter stemming, greedy decoding");
    info.perSample = &scored<&rouge1, &RougeScore::f1, Stemming::On>;
    return info;
}

MetricInfo rouge2Recall()
{
    MetricInfo info = rougeMetric("rouge-2", "ROUGE-2 recall",
                                  "How many pairs of neighbouring words of the true answer stand "
                                  "in the model's own: wording rather than subject.",
                                  "recall, Porter stemming, greedy decoding");
    info.perSample = &scored<&rouge2, &RougeScore::recall, Stemming::On>;
    return info;
}

MetricInfo rouge2F1()
{
    MetricInfo info = rougeMetric("rouge-2-f1", "ROUGE-2 F1",
                                  "How many pairs of neighbouring words the true answer and the "
                                  "model's own share; what is said beyond the truth lowers it.",
                                  "F1, Porter stemming, greedy decoding");
    info.perSample = &scored<&rouge2, &RougeScore::f1, Stemming::On>;
    return info;
}

MetricInfo rougeLF1()
{
    MetricInfo info = rougeMetric("rouge-l-f1", "ROUGE-L F1",
                                  "How far the true answer and the model's own agree, word by word "
                                  "and in order; what is said beyond the truth lowers it.",
                                  "F1, Porter stemming, greedy decoding");
    info.perSample = &scored<&rougeL, &RougeScore::f1, Stemming::On>;
    return info;
}

MetricInfo rougeLF1Unstemmed()
{
    MetricInfo info = rougeMetric(
        "rouge-l-f1-unstemmed", "ROUGE-L F1, unstemmed",
        "How far the model's own text agrees with the true one, word by word and in order, where "
        "\"walks\" and \"walked\" differ. On continuations of the text to forget, cut to the "
        "length "
        "of the true one in tokens, this is MUSE's VerbMem; on answers to questions its KnowMem.",
        "F1, no stemming (MUSE; open-unlearning stems), greedy decoding");
    info.source = "Lin 2004, \"ROUGE\"; MUSE: Shi et al. 2024, arXiv:2407.06460; unlearning "
                  "reference 3.2";
    info.perSample = &scored<&rougeL, &RougeScore::f1, Stemming::Off>;
    return info;
}

} // namespace lacuna
