#pragma once

#include "core/methods/reference_rows.h"
#include "core/methods/term.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

/// Forget terms that are a number a scored token. TM: sums are divided by the batch's scored
/// tokens.
namespace lacuna {

/// TM[w log p] with the weight w held constant: ascent that lets go of what is forgotten
/// (unlearning reference 2.21).
class WeightedAscentTerm final : public Term {
public:
    /// log p of each scored token, [M] without gradient, and the batch, to weights [M].
    using Weights = std::function<at::Tensor(const at::Tensor& logProbs, const ScoredBatch& batch)>;

    /// \param temperature  what logits are divided by before they are ascended (UWC: Wang Q. et al.
    ///                     2024, arXiv:2406.09179); weights are those of the model itself
    explicit WeightedAscentTerm(Weights weights, double temperature = 1)
        : m_weights(std::move(weights)), m_temperature(temperature)
    {
    }
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    Weights m_weights;
    double m_temperature;
};

/// p^beta1 (1 - p)^beta2. beta2 = 0: WGA's weight; both 0: plain ascent.
[[nodiscard]] at::Tensor saturationImportance(const at::Tensor& logProbs, double beta1,
                                              double beta2);
/// 1 for the \p share of each sequence's tokens with the lowest loss, rounded up, else 0.
[[nodiscard]] at::Tensor lowestLosses(const at::Tensor& logProbs, const ScoredBatch& batch,
                                      double share);

/// TM of (2 / beta) softplus(beta (log p - log p_ref)): NPO's loss and brake, token by token.
class TokenNpoTerm final : public Term {
public:
    explicit TokenNpoTerm(double beta) : m_beta(beta) {}
    bool prepare(const PrepareContext& context) override { return m_reference.prepare(context); }
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    double m_beta;
    ReferenceLogProbs m_reference;
};

/// Training on other targets than the true ones; the inputs stay. TM.
class RelabelledTerm : public Term {
public:
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

protected:
    /// [count] int64, for the scored tokens of the sample \p index in order.
    void setTargets(std::int64_t index, at::Tensor targets);
    /// Of every sample, what \p choose takes from the logits [m, V] that the context's model has
    /// for the scored rows [first, first + m) of a batch; [m] int64.
    /// \return false when cancelled
    bool relabel(const PrepareContext& context,
                 const std::function<at::Tensor(const at::Tensor& logits, const ScoredBatch& batch,
                                                std::int64_t first)>& choose);

private:
    std::vector<at::Tensor> m_targets; // by sample index
};

/// Targets drawn once, uniformly over the vocabulary, from a seed and the sample's index.
class RandomLabelTerm final : public RelabelledTerm {
public:
    explicit RandomLabelTerm(std::int64_t seed) : m_seed(seed) {}
    bool prepare(const PrepareContext& context) override;

private:
    std::int64_t m_seed;
};

/// Targets that the start model finds most probable among all but the true one.
class AdversarialLabelTerm final : public RelabelledTerm {
public:
    bool prepare(const PrepareContext& context) override;
};

/// Targets that a model would write that had not been trained on the corpus, as far as that can be
/// told from the difference that more training makes (WHP: Eldan and Russinovich 2023,
/// arXiv:2310.02238, section 2).
class GenericLabelTerm final : public RelabelledTerm {
public:
    explicit GenericLabelTerm(double alpha) : m_alpha(alpha) {}
    bool prepare(const PrepareContext& context) override { return m_start.prepare(context); }
    bool prepareReinforced(const PrepareContext& context) override;

private:
    double m_alpha;
    ReferenceRows m_start{RowChoice::Scored};
};

/// Cross-entropy to the model's own distribution without the target. Mean over the scored tokens
/// but the first \p skipFirst of each sequence; one that has fewer counts as if it had as many.
class CrossEntropyUnlearningTerm final : public Term {
public:
    explicit CrossEntropyUnlearningTerm(std::int64_t skipFirst) : m_skipFirst(skipFirst) {}
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    std::int64_t m_skipFirst;
};

/// Distillation from the start model with the true token's logit lowered by beta.
class UndialTerm final : public Term {
public:
    explicit UndialTerm(double beta) : m_beta(beta) {}
    bool prepare(const PrepareContext& context) override { return m_reference.prepare(context); }
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    double m_beta;
    ReferenceRows m_reference{RowChoice::Scored};
};

/// KL(p || uniform), mean over the rows that are chosen.
class MaximumEntropyTerm final : public Term {
public:
    explicit MaximumEntropyTerm(RowChoice rows) : m_rows(rows) {}
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    RowChoice m_rows;
};

/// Square of the distance of the largest logit from the mean one: 0 where nothing is preferred. TM
/// (PDU: Entesari et al. 2025, arXiv:2506.05314).
class FlatLogitsTerm final : public Term {
public:
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;
};

class InvertedHingeTerm final : public Term {
public:
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;
};

} // namespace lacuna
