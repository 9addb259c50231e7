#pragma once

#include "core/models/head.h"

#include <ATen/core/Tensor.h>

#include <utility>

/// Objectives that read a row's whole distribution. V: vocabulary, M: rows; z: logits, p: softmax.
namespace lacuna {

/// -sum_v q(v) log p(v), where q is p without its target, held constant (CE-U: Yang 2025,
/// arXiv:2503.01224). Its gradient is p_y at the target and -p_v p_y / (1 - p_y) elsewhere.
class RestOfOwnDistribution final : public RowLoss {
public:
    explicit RestOfOwnDistribution(at::Tensor targets) : m_targets(std::move(targets)) {}
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;

private:
    [[nodiscard]] at::Tensor rest(const at::Tensor& logits, std::int64_t first) const;

    at::Tensor m_targets; // [M] int64
};

/// -sum_v q(v) log p(v) with q = softmax(z_ref - beta onehot(target)) (UNDIAL: Dong et al. 2024,
/// arXiv:2402.10052). The teacher's logits are made again from its final hidden rows.
class AdjustedTeacher final : public RowLoss {
public:
    /// \param hidden  [M, D] the teacher's rows; \param head  its frozen head
    AdjustedTeacher(at::Tensor hidden, HeadWeights head, at::Tensor targets, double beta)
        : m_hidden(std::move(hidden)), m_head(std::move(head)), m_targets(std::move(targets)),
          m_beta(beta)
    {
    }
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;

private:
    [[nodiscard]] at::Tensor wanted(const at::Tensor& like, std::int64_t first) const;

    at::Tensor m_hidden;
    HeadWeights m_head;
    at::Tensor m_targets; // [M] int64
    double m_beta;
};

/// KL(p || uniform) = log V - entropy of p, in nats (Yuan et al. 2024, arXiv:2410.08109).
class DistanceFromUniform final : public RowLoss {
public:
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;
};

/// 1 + p(target) - max over the others, in [0, 2] (inverted hinge: Cha et al. 2024).
class InvertedHinge final : public RowLoss {
public:
    explicit InvertedHinge(at::Tensor targets) : m_targets(std::move(targets)) {}
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;

private:
    at::Tensor m_targets; // [M] int64
};

/// log p(target) of the distribution whose logits are z / temperature.
class TemperedLogProb final : public RowLoss {
public:
    TemperedLogProb(at::Tensor targets, double temperature)
        : m_plain(std::move(targets)), m_temperature(temperature)
    {
    }
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;

private:
    TokenLogProb m_plain;
    double m_temperature;
};

/// (max_v z - mean_v z)^2.
class PeakOverMean final : public RowLoss {
public:
    [[nodiscard]] at::Tensor value(at::Tensor logits, std::int64_t first) const override;
    [[nodiscard]] at::Tensor gradient(at::Tensor logits, std::int64_t first,
                                      const at::Tensor& upstream) const override;
};

/// start - alpha ReLU(reinforced - start), [M, V]: logits without what more training on a text
/// raises (Eldan and Russinovich 2023, arXiv:2310.02238, equation 1).
[[nodiscard]] at::Tensor genericLogits(const at::Tensor& start, const at::Tensor& reinforced,
                                       double alpha);

/// The most probable token of each row that is not its target. \param logits [M, V], overwritten
[[nodiscard]] at::Tensor bestOther(at::Tensor logits, const at::Tensor& targets);

} // namespace lacuna
