#include "core/methods/scored_batch.h"

namespace lacuna {

ScoredBatch::ScoredBatch(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                         std::optional<std::int64_t> block)
    : m_decoder(&decoder), m_sequenceCount(static_cast<std::int64_t>(samples.size()))
{
    std::vector<std::vector<std::int64_t>> sequences;
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> targets;
    std::vector<std::int64_t> owner;
    std::vector<std::int64_t> visibleKeys;
    std::int64_t start = 0;
    for (const ScoredSample* sample : samples) {
        for (std::size_t t = 1; t < sample->ids.size(); ++t) {
            if (!sample->scored[t])
                continue;
            rows.push_back(start + static_cast<std::int64_t>(t) - 1);
            targets.push_back(sample->ids[t]);
            owner.push_back(static_cast<std::int64_t>(sequences.size()));
        }
        start += static_cast<std::int64_t>(sample->ids.size());
        sequences.push_back(sample->ids);
        visibleKeys.push_back(sample->visibleKeys > 0
                                  ? sample->visibleKeys
                                  : static_cast<std::int64_t>(sample->ids.size()));
        m_indices.push_back(sample->index);
    }
    const auto onDevice = [&](const std::vector<std::int64_t>& values) {
        return torch::tensor(values, at::kLong).to(decoder.device());
    };
    m_targets = onDevice(targets);
    m_owners = torch::tensor(owner, at::kLong);
    m_rows = onDevice(rows);
    const PackedBatch packed = packSequences(sequences, decoder.device(), visibleKeys);
    if (block) {
        m_hidden = decoder.forwardTo(packed, *block);
        return;
    }
    m_hidden = decoder.forward(packed);
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
