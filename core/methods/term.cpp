#include "core/methods/term.h"

#include "core/corpora/packer.h"
#include "core/methods/scored_batch.h"

#include <stdexcept>

namespace lacuna {

std::vector<const ScoredSample*> sequencesOf(const TermInput& input, const TermCorpus& corpus,
                                             const std::vector<std::int64_t>& items,
                                             std::int64_t epoch)
{
    std::vector<const ScoredSample*> sequences;
    if (input.own)
        for (const std::int64_t item : items)
            sequences.push_back(&corpus.samples[static_cast<std::size_t>(item)]);
    if (input.alternates == 0)
        return sequences;
    if (!corpus.alternates)
        throw std::logic_error("a term reads alternates that nobody has chosen");
    const std::int64_t count = corpus.alternates->perSample;
    for (const std::int64_t item : items)
        for (std::int64_t k = 0; k < input.alternates; ++k)
            sequences.push_back(&corpus.alternates->samples[static_cast<std::size_t>(
                item * count + (epoch * input.alternates + k) % count)]);
    return sequences;
}

Normaliser normaliserOf(const TermInput& input, const TermCorpus& corpus,
                        const std::vector<std::int64_t>& items, std::int64_t epoch)
{
    TermInput counted = input;
    if (counted.own)
        counted.alternates = 0;
    Normaliser sum{
        .tokens = 0, .sequences = static_cast<double>(items.size()), .rows = 0, .inverseTokens = 0};
    for (const ScoredSample* sample : sequencesOf(counted, corpus, items, epoch)) {
        const auto scored = static_cast<double>(sample->scoredCount());
        sum.tokens += scored;
        sum.rows += static_cast<double>(sample->ids.size());
        sum.inverseTokens += scored > 0 ? 1 / scored : 0;
    }
    return sum;
}

std::optional<double> Term::takeMeanWeight()
{
    if (m_weightCount == 0)
        return std::nullopt;
    const double mean = m_weightSum / m_weightCount;
    m_weightSum = 0;
    m_weightCount = 0;
    return mean;
}

void Term::noteWeights(const at::Tensor& weights)
{
    m_weightSum += weights.sum(at::kDouble).item<double>();
    m_weightCount += static_cast<double>(weights.numel());
}

bool forEachReferenceBatch(const PrepareContext& context,
                           const std::function<void(ScoredBatch& batch)>& visit,
                           std::optional<std::int64_t> block)
{
    const at::NoGradGuard noGrad;
    std::vector<std::int64_t> lengths;
    std::vector<std::int64_t> order;
    for (const ScoredSample& sample : context.corpus.samples) {
        order.push_back(static_cast<std::int64_t>(order.size()));
        lengths.push_back(static_cast<std::int64_t>(sample.ids.size()));
    }
    const auto batches = packMicroBatches(order, lengths, context.tokenBudget);
    for (std::size_t i = 0; i < batches.size(); ++i) {
        std::vector<const ScoredSample*> samples;
        for (const std::int64_t index : batches[i])
            samples.push_back(&context.corpus.samples[static_cast<std::size_t>(index)]);
        ScoredBatch batch(context.decoder, samples, block);
        visit(batch);
        if (!context.proceed(static_cast<double>(i + 1) / static_cast<double>(batches.size())))
            return false;
    }
    return true;
}

PrepareContext alternatesOf(const PrepareContext& context)
{
    if (!context.corpus.alternates)
        throw std::logic_error("a term reads alternates that nobody has chosen");
    return {context.decoder,
            {context.corpus.alternates->samples},
            context.tokenBudget,
            context.proceed};
}

} // namespace lacuna
