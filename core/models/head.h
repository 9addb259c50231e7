#pragma once

#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>

/// The vocabulary matrix meets only the rows that something reads, a chunk of rows at a time, so
/// that the [N, V] logits never exist; backward recomputes each chunk.
namespace lacuna {

/// What makes logits of hidden rows: c tanh((h W + b) / c), without b or c where the model has
/// none. Plain tensors without gradient: a model's own, or frozen copies.
struct HeadWeights {
    at::Tensor weight;  ///< [V, D]
    at::Tensor bias;    ///< [V], may be undefined
    double softCap = 0; ///< c; 0: none

    /// \param rows [M, D] of the weight's type; \return [M, V] float32 (float64 for float64)
    [[nodiscard]] at::Tensor logits(const at::Tensor& rows) const;
    [[nodiscard]] HeadWeights clone() const;
};

/// A model's head while it is trained. The parameters belong to the decoder.
struct Head {
    Parameter* weight;
    Parameter* bias = nullptr;
    double softCap = 0;

    /// What the products use now; shares storage with the parameters.
    [[nodiscard]] HeadWeights weights() const;
};

/// One number for each scored row as a function of that row's logits. Every token-level objective
/// is one of these. Logits arrive in float32 (float64 for a float64 model).
class RowLoss {
public:
    virtual ~RowLoss() = default;

    /// \param logits [M, V], the rows [first, first + M) of those scored; may be overwritten
    /// \return [M]
    [[nodiscard]] virtual at::Tensor value(at::Tensor logits, std::int64_t first) const = 0;
    /// \param upstream [M]
    /// \return [M, V], derivative of sum(upstream * value) with respect to the logits
    [[nodiscard]] virtual at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                              const at::Tensor& upstream) const = 0;
};

/// log p(target) of each row.
class TokenLogProb final : public RowLoss {
public:
    explicit TokenLogProb(at::Tensor targets) : m_targets(std::move(targets)) {}
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;

private:
    at::Tensor m_targets; // [M] int64
};

/// How far each row is from a teacher, whose logits are made again from its final hidden rows.
class TeacherDivergence final : public RowLoss {
public:
    enum class Measure : std::uint8_t {
        Divergence,   ///< KL(p_teacher || p)
        CrossEntropy, ///< -sum_v p_teacher(v) log p(v): that and the teacher's entropy
    };

    /// \param hidden [M, D] the teacher's rows, any float type; \param head  its frozen head
    TeacherDivergence(at::Tensor hidden, HeadWeights head, Measure measure = Measure::Divergence)
        : m_hidden(std::move(hidden)), m_head(std::move(head)), m_measure(measure)
    {
    }
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;

private:
    [[nodiscard]] at::Tensor teacherLogProbs(const at::Tensor& like, std::int64_t first) const;

    at::Tensor m_hidden;
    HeadWeights m_head;
    Measure m_measure;
};

/// \param hidden  [M, D] rows that are scored, after the final norm; carries the gradient
/// \param loss    kept until backward
/// \return [M] float32 (float64 for a float64 model), carries the gradient
at::Tensor scoreRows(const at::Tensor& hidden, const Head& head,
                     std::shared_ptr<const RowLoss> loss);

/// Calls \p visit(logits [m, V], first row) for each chunk, without gradient.
void visitLogits(const at::Tensor& hidden, const Head& head,
                 const std::function<void(at::Tensor logits, std::int64_t first)>& visit);

} // namespace lacuna
