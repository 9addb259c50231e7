#include "core/methods/answer_terms.h"

#include "core/methods/scored_batch.h"

namespace lacuna {

at::Tensor dpoLoss(const at::Tensor& preferred, const at::Tensor& forgotten, double beta,
                   double scale, double normaliser)
{
    TORCH_CHECK(preferred.sizes() == forgotten.sizes() && preferred.dim() == 1,
                "dpoLoss wants two [B] tensors");
    TORCH_CHECK(beta > 0, "dpoLoss wants beta > 0");
    return at::log_sigmoid((preferred - forgotten) * beta).sum() * (-scale / normaliser);
}

bool DpoTerm::prepare(const PrepareContext& context)
{
    return m_forgotten.prepare(context) && m_preferred.prepare(alternatesOf(context));
}

at::Tensor DpoTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const at::Tensor policy = batch.perSequence(batch.tokenLogProbs());
    const std::int64_t questions = batch.sequenceCount() / 2;
    const auto [forgotten, preferred] =
        std::pair{policy.narrow(0, 0, questions), policy.narrow(0, questions, questions)};
    const std::span<const std::int64_t> indices = batch.indices();
    const auto own = static_cast<std::size_t>(questions);
    const at::Tensor gained = preferred - m_preferred.of(indices.subspan(own), preferred);
    const at::Tensor kept = forgotten - m_forgotten.of(indices.first(own), forgotten);
    noteWeights(at::sigmoid((kept - gained).detach() * m_beta) * 2);
    return dpoLoss(gained, kept, m_beta, m_scale, normaliser.sequences);
}

at::Tensor MismatchedAnswersTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const at::Tensor meanNll = batch.meanNll();
    const std::int64_t questions = batch.sequenceCount() / (1 + m_others);
    const at::Tensor own = meanNll.narrow(0, 0, questions);
    const at::Tensor others = meanNll.narrow(0, questions, questions * m_others);
    return own.sum() * (-m_forgetting / normaliser.sequences) +
           others.sum() * (m_noise / (normaliser.sequences * static_cast<double>(m_others)));
}

} // namespace lacuna
