#include "core/methods/token_terms.h"

#include "core/base/rng.h"
#include "core/methods/row_losses.h"
#include "core/methods/scored_batch.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

/// Scored tokens of each sequence of \p batch.
std::vector<std::int64_t> counts(const ScoredBatch& batch)
{
    std::vector<std::int64_t> counts(static_cast<std::size_t>(batch.sequenceCount()));
    const auto* owners = batch.owners().data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < batch.tokenCount(); ++i)
        ++counts[static_cast<std::size_t>(owners[i])];
    return counts;
}

} // namespace

at::Tensor WeightedAscentTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const at::Tensor weights = m_weights(batch.tokenLogProbs().detach(), batch);
    noteWeights(weights);
    const at::Tensor logProbs =
        m_temperature == 1
            ? batch.tokenLogProbs()
            : batch.score(std::make_shared<TemperedLogProb>(batch.targets(), m_temperature));
    return (weights * logProbs).sum() / normaliser.tokens;
}

at::Tensor saturationImportance(const at::Tensor& logProbs, double beta1, double beta2)
{
    const at::Tensor weights = logProbs.mul(beta1).exp();
    // 1 - p from log p, exact where p is near 1.
    return beta2 == 0 ? weights : weights * at::expm1(logProbs).neg_().clamp_min_(0).pow_(beta2);
}

at::Tensor lowestLosses(const at::Tensor& logProbs, const ScoredBatch& batch, double share)
{
    at::Tensor weights = at::zeros_like(logProbs);
    std::int64_t start = 0;
    for (const std::int64_t count : counts(batch)) {
        const auto chosen =
            static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count) - 1e-9));
        if (chosen > 0) {
            const auto best = std::get<1>(logProbs.narrow(0, start, count).topk(chosen));
            weights.narrow(0, start, count).index_fill_(0, best, 1.0);
        }
        start += count;
    }
    return weights;
}

at::Tensor TokenNpoTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const at::Tensor& logProbs = batch.tokenLogProbs();
    const at::Tensor ratio = logProbs - m_reference.of(batch, logProbs.detach());
    noteWeights(at::sigmoid(ratio.detach() * m_beta) * 2);
    return at::log_sigmoid(ratio * -m_beta).sum() * (-2.0 / (m_beta * normaliser.tokens));
}

void RelabelledTerm::setTargets(std::int64_t index, at::Tensor targets)
{
    const auto i = static_cast<std::size_t>(index);
    if (m_targets.size() <= i)
        m_targets.resize(i + 1);
    m_targets[i] = std::move(targets);
}

bool RelabelledTerm::relabel(
    const PrepareContext& context,
    const std::function<at::Tensor(const at::Tensor& logits, const ScoredBatch& batch,
                                   std::int64_t first)>& choose)
{
    return forEachReferenceBatch(context, [&](ScoredBatch& batch) {
        at::Tensor targets = at::empty_like(batch.targets());
        visitLogits(
            batch.scoredHidden(), batch.decoder().head(),
            [&](const at::Tensor& logits, std::int64_t first) {
                targets.narrow(0, first, logits.size(0)).copy_(choose(logits, batch, first));
            });
        std::int64_t start = 0;
        const std::vector<std::int64_t> lengths = counts(batch);
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            setTargets(batch.indices()[i], targets.narrow(0, start, lengths[i]).to(at::kCPU));
            start += lengths[i];
        }
    });
}

at::Tensor RelabelledTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    std::vector<at::Tensor> targets;
    for (const std::int64_t index : batch.indices())
        targets.push_back(m_targets.at(static_cast<std::size_t>(index)));
    const at::Tensor all = at::cat(targets).to(batch.targets().device());
    return batch.score(std::make_shared<TokenLogProb>(all)).sum() / -normaliser.tokens;
}

bool RandomLabelTerm::prepare(const PrepareContext& context)
{
    const auto vocabulary = static_cast<std::uint64_t>(context.decoder.config().vocabulary);
    for (std::size_t i = 0; i < context.corpus.samples.size(); ++i) {
        Random random(
            derivedSeed(static_cast<std::uint64_t>(m_seed), "random labels " + std::to_string(i)));
        std::vector<std::int64_t> targets(
            static_cast<std::size_t>(context.corpus.samples[i].scoredCount()));
        for (std::int64_t& target : targets)
            target = static_cast<std::int64_t>(random.below(vocabulary));
        setTargets(static_cast<std::int64_t>(i), torch::tensor(targets, at::kLong));
    }
    return true;
}

bool AdversarialLabelTerm::prepare(const PrepareContext& context)
{
    return relabel(context,
                   [](const at::Tensor& logits, const ScoredBatch& batch, std::int64_t first) {
                       return bestOther(logits, batch.targets().narrow(0, first, logits.size(0)));
                   });
}

bool GenericLabelTerm::prepareReinforced(const PrepareContext& context)
{
    at::Tensor rows; // of the batch
    const bool finished = relabel(
        context, [&](const at::Tensor& logits, const ScoredBatch& batch, std::int64_t first) {
            if (first == 0)
                rows = m_start.of(batch);
            const at::Tensor start = m_start.head().logits(rows.narrow(0, first, logits.size(0)));
            return genericLogits(start, logits, m_alpha).argmax(1);
        });
    m_start = ReferenceRows(RowChoice::Scored); // the labels are all that is needed of it
    return finished;
}

at::Tensor CrossEntropyUnlearningTerm::contribution(ScoredBatch& batch,
                                                    const Normaliser& normaliser)
{
    at::Tensor kept = at::ones({batch.tokenCount()}, at::kFloat);
    std::int64_t start = 0;
    for (const std::int64_t count : counts(batch)) {
        kept.narrow(0, start, std::min(m_skipFirst, count)).zero_();
        start += count;
    }
    const at::Tensor loss = batch.score(std::make_shared<RestOfOwnDistribution>(batch.targets()));
    const double skipped = static_cast<double>(m_skipFirst) * normaliser.sequences;
    return (loss * kept.to(loss.options().requires_grad(false))).sum() /
           std::max(1.0, normaliser.tokens - skipped);
}

at::Tensor UndialTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const auto loss = std::make_shared<AdjustedTeacher>(m_reference.of(batch), m_reference.head(),
                                                        batch.targets(), m_beta);
    return batch.score(loss).sum() / normaliser.tokens;
}

at::Tensor MaximumEntropyTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const bool all = m_rows == RowChoice::All;
    const at::Tensor loss =
        scoreRows(all ? batch.allHidden() : batch.scoredHidden(), batch.decoder().head(),
                  std::make_shared<DistanceFromUniform>());
    return loss.sum() / (all ? normaliser.rows : normaliser.tokens);
}

at::Tensor FlatLogitsTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    return batch.score(std::make_shared<PeakOverMean>()).sum() / normaliser.tokens;
}

at::Tensor InvertedHingeTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    return batch.score(std::make_shared<InvertedHinge>(batch.targets())).sum() / normaliser.tokens;
}

} // namespace lacuna
