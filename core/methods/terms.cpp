#include "core/methods/terms.h"

#include "core/corpora/packer.h"
#include "core/methods/scored_batch.h"

namespace lacuna {

bool forEachReferenceBatch(const PrepareContext& context,
                           const std::function<void(ScoredBatch& batch)>& visit)
{
    const at::NoGradGuard noGrad;
    std::vector<std::int64_t> lengths;
    std::vector<std::int64_t> order;
    for (const ScoredSample& sample : context.samples) {
        order.push_back(static_cast<std::int64_t>(order.size()));
        lengths.push_back(static_cast<std::int64_t>(sample.ids.size()));
    }
    const auto batches = packMicroBatches(order, lengths, context.tokenBudget);
    for (std::size_t i = 0; i < batches.size(); ++i) {
        std::vector<const ScoredSample*> samples;
        for (const std::int64_t index : batches[i])
            samples.push_back(&context.samples[static_cast<std::size_t>(index)]);
        ScoredBatch batch(context.decoder, samples);
        visit(batch);
        if (!context.proceed(static_cast<double>(i + 1) / static_cast<double>(batches.size())))
            return false;
    }
    return true;
}

at::Tensor LikelihoodTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    return batch.tokenLogProbs().sum() * (-m_sign / normaliser.tokens);
}

at::Tensor DivergenceTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const auto loss =
        std::make_shared<TeacherDivergence>(m_reference.of(batch), m_reference.head());
    const at::Tensor perRow = scoreRows(m_reference.rowsOf(batch), batch.decoder().head(), loss);
    return perRow.sum() / (m_rows == RowChoice::All ? normaliser.rows : normaliser.tokens);
}

at::Tensor npoLoss(const at::Tensor& logPolicy, const at::Tensor& logReference, double beta,
                   double normaliser)
{
    TORCH_CHECK(logPolicy.sizes() == logReference.sizes() && logPolicy.dim() == 1,
                "npoLoss wants two [B] tensors");
    TORCH_CHECK(beta > 0, "npoLoss wants beta > 0");
    const at::Tensor ratio = logPolicy - logReference;
    return at::log_sigmoid(ratio * -beta).sum() * (-2.0 / (beta * normaliser));
}

bool NpoTerm::prepare(const PrepareContext& context)
{
    m_reference.assign(context.samples.size(), 0.0);
    return forEachReferenceBatch(context, [&](ScoredBatch& batch) {
        const at::Tensor sums = batch.perSequence(batch.tokenLogProbs()).to(at::kCPU, at::kDouble);
        for (std::size_t i = 0; i < batch.indices().size(); ++i)
            m_reference[static_cast<std::size_t>(batch.indices()[i])] =
                sums[static_cast<std::int64_t>(i)].item<double>();
    });
}

at::Tensor NpoTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    std::vector<double> reference;
    for (const std::int64_t index : batch.indices())
        reference.push_back(m_reference[static_cast<std::size_t>(index)]);
    const at::Tensor policy = batch.perSequence(batch.tokenLogProbs());
    return npoLoss(policy, torch::tensor(reference, at::kDouble).to(policy.options()), m_beta,
                   normaliser.sequences);
}

at::Tensor simNpoLoss(const at::Tensor& meanNll, double beta, double delta, double normaliser)
{
    TORCH_CHECK(meanNll.dim() == 1, "simNpoLoss wants a [B] tensor");
    TORCH_CHECK(beta > 0, "simNpoLoss wants beta > 0");
    return at::log_sigmoid((meanNll - delta) * beta).sum() * (-2.0 / (beta * normaliser));
}

at::Tensor SimNpoTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const at::Tensor& logProbs = batch.tokenLogProbs();
    const at::Tensor counts = batch.perSequence(at::ones_like(logProbs.detach()));
    return simNpoLoss(batch.perSequence(logProbs).neg() / counts.clamp_min(1), m_beta, m_delta,
                      normaliser.sequences);
}

} // namespace lacuna
