#pragma once

#include "core/methods/reference_rows.h"
#include "core/methods/term.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

/// Forget terms that read other answers beside, or in place of, the true ones. B questions; all of
/// them work on whole answers.
namespace lacuna {

/// Direct preference optimisation of an alternate answer over the true one.
///
///     L = -scale * sum_b log sigmoid(beta * (preferred_b - forgotten_b)) / normaliser
///
/// \param preferred  log p - log p_ref of each preferred answer, [B], nats
/// \param forgotten  the same of each true answer, [B]
/// \param scale      1 as first published; 2 / beta for the size of npoLoss()
/// \return scalar; scale * ln 2 at the start
/// Source: Rafailov et al. 2023, arXiv:2305.18290, eq. 7; for unlearning Maini et al. 2024
[[nodiscard]] at::Tensor dpoLoss(const at::Tensor& preferred, const at::Tensor& forgotten,
                                 double beta, double scale, double normaliser);

/// dpoLoss() of one alternate a question, with both references cached as a number a sequence.
class DpoTerm final : public Term {
public:
    DpoTerm(double beta, double scale) : m_beta(beta), m_scale(scale) {}
    [[nodiscard]] TermInput input(const DecoderConfig&) const override { return {.alternates = 1}; }
    bool prepare(const PrepareContext& context) override;
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    double m_beta;
    double m_scale;
    ReferenceSums m_forgotten;
    ReferenceSums m_preferred;
};

/// Ascent on the true answers and training on K others that do not fit the question:
/// -forgetting * SM[-log p(true)] + noise * SM[-log p(other)] (Yao Y. et al. 2023,
/// arXiv:2310.10683; SM: unlearning reference 0.2).
class MismatchedAnswersTerm final : public Term {
public:
    MismatchedAnswersTerm(double forgetting, double noise, std::int64_t others)
        : m_forgetting(forgetting), m_noise(noise), m_others(others)
    {
    }
    [[nodiscard]] TermInput input(const DecoderConfig&) const override
    {
        return {.alternates = m_others};
    }
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    double m_forgetting;
    double m_noise;
    std::int64_t m_others;
};

} // namespace lacuna
