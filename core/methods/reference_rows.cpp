#include "core/methods/reference_rows.h"

#include "core/methods/scored_batch.h"

namespace lacuna {
namespace {

/// The parts of \p perRow [M, ...] that belong to each sample of \p batch, cloned to their place in
/// \p bySample.
void split(const at::Tensor& perRow, const ScoredBatch& batch, const PrepareContext& context,
           RowChoice choice, std::vector<at::Tensor>& bySample)
{
    std::int64_t start = 0;
    for (const std::int64_t index : batch.indices()) {
        const ScoredSample& sample = context.corpus.samples[static_cast<std::size_t>(index)];
        const std::int64_t count = choice == RowChoice::All
                                       ? static_cast<std::int64_t>(sample.ids.size())
                                       : sample.scoredCount();
        bySample[static_cast<std::size_t>(index)] = perRow.narrow(0, start, count).clone();
        start += count;
    }
}

at::Tensor joined(const std::vector<at::Tensor>& bySample, const ScoredBatch& batch)
{
    std::vector<at::Tensor> parts;
    for (const std::int64_t index : batch.indices())
        parts.push_back(bySample[static_cast<std::size_t>(index)]);
    return at::cat(parts);
}

} // namespace

bool ReferenceRows::prepare(const PrepareContext& context)
{
    m_hidden.assign(context.corpus.samples.size(), {});
    m_head = context.decoder.head().weights().clone();
    return forEachReferenceBatch(context, [&](ScoredBatch& batch) {
        split(rowsOf(batch), batch, context, m_choice, m_hidden);
    });
}

const at::Tensor& ReferenceRows::rowsOf(const ScoredBatch& batch) const
{
    return m_choice == RowChoice::All ? batch.allHidden() : batch.scoredHidden();
}

at::Tensor ReferenceRows::of(const ScoredBatch& batch) const
{
    return joined(m_hidden, batch);
}

bool ReferenceSums::prepare(const PrepareContext& context)
{
    m_sums.assign(context.corpus.samples.size(), 0.0);
    return forEachReferenceBatch(context, [&](ScoredBatch& batch) {
        const at::Tensor sums = batch.perSequence(batch.tokenLogProbs()).to(at::kCPU, at::kDouble);
        for (std::size_t i = 0; i < batch.indices().size(); ++i)
            m_sums[static_cast<std::size_t>(batch.indices()[i])] =
                sums[static_cast<std::int64_t>(i)].item<double>();
    });
}

at::Tensor ReferenceSums::of(std::span<const std::int64_t> indices, const at::Tensor& like) const
{
    std::vector<double> sums;
    for (const std::int64_t index : indices)
        sums.push_back(m_sums[static_cast<std::size_t>(index)]);
    return torch::tensor(sums, at::kDouble).to(like.options());
}

bool ReferenceResiduals::prepare(const PrepareContext& context)
{
    m_rows.assign(context.corpus.samples.size(), {});
    return forEachReferenceBatch(
        context,
        [&](ScoredBatch& batch) { split(rowsOf(batch), batch, context, m_choice, m_rows); },
        m_block);
}

at::Tensor ReferenceResiduals::rowsOf(const ScoredBatch& batch) const
{
    return m_choice == RowChoice::All ? batch.allHidden() : batch.labelledHidden();
}

at::Tensor ReferenceResiduals::of(const ScoredBatch& batch) const
{
    return joined(m_rows, batch);
}

bool ReferenceLogProbs::prepare(const PrepareContext& context)
{
    m_logProbs.assign(context.corpus.samples.size(), {});
    return forEachReferenceBatch(context, [&](ScoredBatch& batch) {
        split(batch.tokenLogProbs().to(at::kCPU), batch, context, RowChoice::Scored, m_logProbs);
    });
}

at::Tensor ReferenceLogProbs::of(const ScoredBatch& batch, const at::Tensor& like) const
{
    return joined(m_logProbs, batch).to(like.options());
}

} // namespace lacuna
