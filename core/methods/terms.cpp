#include "core/methods/terms.h"

#include "core/methods/scored_batch.h"

namespace lacuna {

ParamSpec normalisationSpec()
{
    return {.name = "normalisation",
            .fallback = std::string("TM"),
            .choices = {"TM", "SM", "SS"},
            .help =
                "what the loss is a mean over: tokens (TM), answers of whatever length (SM), or "
                "answers by their whole loss (SS)",
            .provenance = "TM as TOFU, MUSE and open-unlearning; Yao J. et al. 2024 use SM for "
                          "ascent with descent"};
}

AnswerMean answerMeanOf(const ParamSet& params)
{
    const std::string& code = params.text("normalisation");
    return code == "TM"   ? AnswerMean::Tokens
           : code == "SM" ? AnswerMean::Sequences
                          : AnswerMean::SequenceSums;
}

at::Tensor LikelihoodTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    switch (m_mean) {
    case AnswerMean::Tokens:
        break;
    case AnswerMean::Sequences:
        return batch.meanNll().sum() * (m_sign / normaliser.sequences);
    case AnswerMean::SequenceSums:
        return batch.tokenLogProbs().sum() * (-m_sign / normaliser.sequences);
    }
    return batch.tokenLogProbs().sum() * (-m_sign / normaliser.tokens);
}

at::Tensor DivergenceTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const auto loss =
        std::make_shared<TeacherDivergence>(m_reference.of(batch), m_reference.head(), m_measure);
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

at::Tensor NpoTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const at::Tensor policy = batch.perSequence(batch.tokenLogProbs());
    const at::Tensor reference = m_reference.of(batch.indices(), policy);
    noteWeights(at::sigmoid((policy.detach() - reference) * m_beta) * 2);
    return npoLoss(policy, reference, m_beta, normaliser.sequences);
}

at::Tensor simNpoLoss(const at::Tensor& meanNll, double beta, double delta, double normaliser)
{
    TORCH_CHECK(meanNll.dim() == 1, "simNpoLoss wants a [B] tensor");
    TORCH_CHECK(beta > 0, "simNpoLoss wants beta > 0");
    return at::log_sigmoid((meanNll - delta) * beta).sum() * (-2.0 / (beta * normaliser));
}

at::Tensor SimNpoTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    return simNpoLoss(batch.meanNll(), m_beta, m_delta, normaliser.sequences);
}

} // namespace lacuna
