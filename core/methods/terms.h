#pragma once

#include "core/base/params.h"
#include "core/methods/reference_rows.h"
#include "core/methods/term.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

namespace lacuna {

/// What the loss of a batch's answers is a mean of: the codes TM, SM and SS of the unlearning
/// reference 0.2, which differ by factors of the answers' lengths.
enum class AnswerMean : std::uint8_t {
    Tokens,       ///< TM: every scored token counts the same
    Sequences,    ///< SM: every answer counts the same
    SequenceSums, ///< SS: every answer counts by its length
};
/// The parameter "normalisation", for methods whose published code differs in it.
[[nodiscard]] ParamSpec normalisationSpec();
[[nodiscard]] AnswerMean answerMeanOf(const ParamSet& params);

/// sign * the negative log-likelihood of the batch's answers. Sign +1 is training, -1 gradient
/// ascent (Jang et al. 2022; unlearning reference 2.1).
class LikelihoodTerm final : public Term {
public:
    /// \param input  which answers: the corpus's own, or alternates alone
    explicit LikelihoodTerm(double sign, TermInput input = {}, AnswerMean mean = AnswerMean::Tokens)
        : m_sign(sign), m_input(input), m_mean(mean)
    {
    }
    [[nodiscard]] TermInput input(const DecoderConfig&) const override { return m_input; }
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    double m_sign;
    TermInput m_input;
    AnswerMean m_mean;
};

/// KL(reference || model), or the cross-entropy to the reference, on the retain corpus (unlearning
/// reference 0.6). Keeps the reference's final hidden rows, in the type that they were computed in,
/// and its head, so that KL is exactly 0 at the start.
class DivergenceTerm final : public Term {
public:
    using Measure = TeacherDivergence::Measure;

    /// \param rows  All is what open-unlearning and TOFU publish (PM)
    explicit DivergenceTerm(RowChoice rows, Measure measure = Measure::Divergence)
        : m_rows(rows), m_measure(measure), m_reference(rows)
    {
    }
    bool prepare(const PrepareContext& context) override { return m_reference.prepare(context); }
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    RowChoice m_rows;
    Measure m_measure;
    ReferenceRows m_reference;
};

/// Negative preference optimisation loss on the forget batch.
///
/// With r = logPolicy - logReference, per sequence:
///     L = (2 / beta) * sum_b softplus(beta * r_b) / normaliser
///
/// \param logPolicy     summed log-probability of each answer under the trained model, [B], nats
/// \param logReference  the same under the start model, [B], nats
/// \param beta          > 0; as beta -> 0 the gradient tends to gradient ascent's
/// \return scalar in nats; 2 ln 2 / beta when the two models agree and normaliser is B
/// Source: Zhang, Lin, Bai and Mei 2024, arXiv:2404.05868, eq. 3
[[nodiscard]] at::Tensor npoLoss(const at::Tensor& logPolicy, const at::Tensor& logReference,
                                 double beta, double normaliser);

/// npoLoss() with its reference cached as one number a sequence.
class NpoTerm final : public Term {
public:
    explicit NpoTerm(double beta) : m_beta(beta) {}
    bool prepare(const PrepareContext& context) override { return m_reference.prepare(context); }
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    double m_beta;
    ReferenceSums m_reference;
};

/// SimNPO loss on the forget batch: NPO without a reference, on the mean loss of a token.
///
///     L = -(2 / beta) * sum_b log sigmoid(beta * (nll_b - delta)) / normaliser
///
/// \param meanNll  mean negative log-probability of a token of each answer, [B], nats
/// \return scalar; near 2 ln 2 / beta for answers known by heart and delta = 0
/// Source: Fan et al. 2024, arXiv:2410.07163, as in the authors' code (the paper's margin is
/// beta * delta)
[[nodiscard]] at::Tensor simNpoLoss(const at::Tensor& meanNll, double beta, double delta,
                                    double normaliser);

class SimNpoTerm final : public Term {
public:
    SimNpoTerm(double beta, double delta) : m_beta(beta), m_delta(delta) {}
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    double m_beta;
    double m_delta;
};

} // namespace lacuna
