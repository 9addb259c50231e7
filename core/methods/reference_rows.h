#pragma once

#include "core/methods/term.h"
#include "core/models/head.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace lacuna {

enum class RowChoice : std::uint8_t {
    Scored, ///< of scored tokens: for the head, the rows that predict them
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

/// The start model's residual stream behind one block, of the scored tokens themselves or of all:
/// D numbers a token, in the type of the stream, so that what is compared with it is exactly 0 at
/// the start.
class ReferenceResiduals {
public:
    ReferenceResiduals(std::int64_t block, RowChoice choice) : m_block(block), m_choice(choice) {}

    bool prepare(const PrepareContext& context);
    /// The model's own rows of \p batch that are compared, [M, D].
    [[nodiscard]] at::Tensor rowsOf(const ScoredBatch& batch) const;
    [[nodiscard]] at::Tensor of(const ScoredBatch& batch) const;

private:
    std::int64_t m_block;
    RowChoice m_choice;
    std::vector<at::Tensor> m_rows; ///< by sample index
};

/// The start model's log p of each whole answer of a corpus: one number a sequence.
class ReferenceSums {
public:
    bool prepare(const PrepareContext& context);
    /// [indices] as \p like.
    [[nodiscard]] at::Tensor of(std::span<const std::int64_t> indices,
                                const at::Tensor& like) const;

private:
    std::vector<double> m_sums; ///< by sample index
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
