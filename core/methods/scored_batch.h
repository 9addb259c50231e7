#pragma once

#include "core/corpora/sample.h"
#include "core/models/decoder.h"
#include "core/models/head.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace lacuna {

/// One micro-batch after its forward pass: what objectives are written on. Only the rows that
/// predict a scored token are kept for the head. B sequences, M scored tokens.
class ScoredBatch {
public:
    /// Runs the decoder on \p samples, packed without padding.
    /// \param block  run no further than this block; only allHidden() and labelledHidden(), which
    ///               are then its residual stream, are there to be read
    ScoredBatch(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                std::optional<std::int64_t> block = {});

    [[nodiscard]] std::int64_t sequenceCount() const { return m_sequenceCount; }
    [[nodiscard]] std::int64_t tokenCount() const { return m_targets.size(0); }
    [[nodiscard]] std::int64_t rowCount() const { return m_hidden.size(0); }
    /// Position of each sequence in its corpus.
    [[nodiscard]] const std::vector<std::int64_t>& indices() const { return m_indices; }

    /// log p of each scored token, [M], nats; carries the gradient. Computed once.
    [[nodiscard]] const at::Tensor& tokenLogProbs();
    /// Whether there are logits: the decoder was run to its end.
    [[nodiscard]] bool predicts() const { return m_scoredHidden.defined(); }
    /// -log p summed over the scored tokens of the first \p sequences, nats, for reporting: one
    /// more pass through the head where the objective did not ask for tokenLogProbs().
    [[nodiscard]] double summedNll(std::int64_t sequences) const;
    /// Sum over each sequence of \p perToken [M]; [B].
    [[nodiscard]] at::Tensor perSequence(const at::Tensor& perToken) const;
    /// Scored tokens of each sequence, at least 1, [B] as \p like.
    [[nodiscard]] at::Tensor scoredCounts(const at::Tensor& like) const;
    /// Mean -log p of a scored token of each sequence, [B], nats; carries the gradient.
    [[nodiscard]] at::Tensor meanNll();

    /// Any other number of the scored rows' logits, [M].
    [[nodiscard]] at::Tensor score(std::shared_ptr<const RowLoss> loss) const;
    /// The scored tokens themselves, [M] int64, and which sequence each is of, [M] int64 on the
    /// CPU.
    [[nodiscard]] const at::Tensor& targets() const { return m_targets; }
    [[nodiscard]] const at::Tensor& owners() const { return m_owners; }
    /// Hidden rows that predict the scored tokens, [M, D], and of all tokens, [N, D], ready for the
    /// head.
    [[nodiscard]] const at::Tensor& scoredHidden() const { return m_scoredHidden; }
    [[nodiscard]] const at::Tensor& allHidden() const { return m_hidden; }
    /// Hidden rows of the scored tokens themselves, each one after the row that predicts it, [M,
    /// D].
    [[nodiscard]] at::Tensor labelledHidden() const;
    [[nodiscard]] Decoder& decoder() const { return *m_decoder; }

private:
    Decoder* m_decoder;
    std::int64_t m_sequenceCount = 0;
    std::vector<std::int64_t> m_indices;
    at::Tensor m_hidden;       // [N, D]
    at::Tensor m_rows;         // [M] int64, that predict a scored token
    at::Tensor m_scoredHidden; // [M, D]; undefined when the decoder was not run to its end
    at::Tensor m_targets;      // [M] int64
    at::Tensor m_owners;       // [M] int64, on the CPU
    at::Tensor m_tokenLogProbs;
};

} // namespace lacuna
