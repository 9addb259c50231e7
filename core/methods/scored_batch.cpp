#include "core/methods/scored_batch.h"

#include "core/methods/scored_rows.h"

namespace lacuna {

ScoredBatch::ScoredBatch(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                         std::optional<std::int64_t> block)
    : m_decoder(&decoder), m_sequenceCount(static_cast<std::int64_t>(samples.size()))
{
    for (const ScoredSample* sample : samples)
        m_indices.push_back(sample->index);
    ScoredRows rows = scoredRows(samples, decoder.device());
    m_targets = std::move(rows.targets);
    m_owners = std::move(rows.owners);
    m_rows = std::move(rows.predicting);
    if (block) {
        m_hidden = decoder.forwardTo(rows.packed, *block);
        return;
    }
    m_hidden = decoder.forward(rows.packed);
    m_scoredHidden = m_hidden.index_select(0, m_rows);
}

const at::Tensor& ScoredBatch::tokenLogProbs()
{
    if (!m_tokenLogProbs.defined())
        m_tokenLogProbs = score(std::make_shared<TokenLogProb>(m_targets));
    return m_tokenLogProbs;
}

double ScoredBatch::summedNll(std::int64_t sequences) const
{
    const at::NoGradGuard noGrad;
    const auto tokens = m_owners.lt(sequences).sum().item<std::int64_t>();
    const at::Tensor logProbs =
        m_tokenLogProbs.defined()
            ? m_tokenLogProbs.narrow(0, 0, tokens)
            : scoreRows(m_scoredHidden.narrow(0, 0, tokens), m_decoder->head(),
                        std::make_shared<TokenLogProb>(m_targets.narrow(0, 0, tokens)));
    return -logProbs.sum(at::kDouble).item<double>();
}

at::Tensor ScoredBatch::labelledHidden() const
{
    return m_hidden.index_select(0, m_rows + 1);
}

at::Tensor ScoredBatch::perSequence(const at::Tensor& perToken) const
{
    return at::zeros({m_sequenceCount}, perToken.options())
        .index_add(0, m_owners.to(perToken.device()), perToken);
}

at::Tensor ScoredBatch::scoredCounts(const at::Tensor& like) const
{
    return perSequence(at::ones_like(m_owners, like.options().requires_grad(false))).clamp_min(1);
}

at::Tensor ScoredBatch::meanNll()
{
    const at::Tensor& logProbs = tokenLogProbs();
    return perSequence(logProbs).neg() / scoredCounts(logProbs);
}

at::Tensor ScoredBatch::score(std::shared_ptr<const RowLoss> loss) const
{
    return scoreRows(m_scoredHidden, m_decoder->head(), std::move(loss));
}

} // namespace lacuna
