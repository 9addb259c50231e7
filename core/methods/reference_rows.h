#pragma once

#include "core/methods/term.h"
#include "core/models/head.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace lacuna {

enum class RowChoice : std::uint8_t {
    Scored, ///< rows that predict a scored token
    All,    ///< every row, prompt included
};

/// The start model's final hidden rows of a corpus, in the type that they were computed in, and its
/// head: what a full distribution of it is made of again, at D numbers a row instead of V.
class ReferenceRows {
public:
    explicit ReferenceRows(RowChoice choice) : m_choice(choice) {}

    /// \return false when cancelled
    bool prepare(const PrepareContext& context);
    /// The model's own rows of \p batch that are compared, [M, D].
    [[nodiscard]] const at::Tensor& rowsOf(const ScoredBatch& batch) const;
    /// The reference's rows for \p batch, [M, D].
    [[nodiscard]] at::Tensor of(const ScoredBatch& batch) const;
    [[nodiscard]] const HeadWeights& head() const { return m_head; }

private:
    RowChoice m_choice;
    std::vector<at::Tensor> m_hidden; ///< by sample index
    HeadWeights m_head;
};

/// The start model's log p of each scored token of a corpus: one float a token.
class ReferenceLogProbs {
public:
    bool prepare(const PrepareContext& context);
    /// [M] as \p like, for the scored tokens of \p batch.
    [[nodiscard]] at::Tensor of(const ScoredBatch& batch, const at::Tensor& like) const;

private:
    std::vector<at::Tensor> m_logProbs; ///< by sample index, on the CPU
};

} // namespace lacuna
