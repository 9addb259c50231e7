#pragma once

#include "core/base/result.h"
#include "core/corpora/sample.h"
#include "core/models/decoder.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace lacuna {

class ScoredBatch;

/// What a mean divides by: the counts of the whole effective batch of this term's corpus, so that
/// the contributions of its micro-batches add up to the batch's loss however it was cut.
struct Normaliser {
    double tokens = 1;    ///< scored tokens; TM of the unlearning reference 0.2
    double sequences = 1; ///< SM and SS
    double rows = 1;      ///< all tokens, prompt included; PM
};

/// What a term may use before the first step: the model as it starts, and its own corpus.
struct PrepareContext {
    Decoder& decoder;
    const std::vector<ScoredSample>& samples;
    std::int64_t tokenBudget; ///< rows of a forward pass
    /// Serves waiting commands and reports progress in [0, 1]; false: the run was cancelled.
    std::function<bool(double)> proceed;
};

/// One addend of an objective, on one corpus. Owned by the run thread.
class Term {
public:
    virtual ~Term() = default;

    /// Caches what it needs of the reference, which is the model as it starts. Called once.
    /// \return false when cancelled
    virtual bool prepare(const PrepareContext& /*context*/) { return true; }

    /// The micro-batch's share of the loss, scalar; carries the gradient. Unweighted.
    [[nodiscard]] virtual at::Tensor contribution(ScoredBatch& batch,
                                                  const Normaliser& normaliser) = 0;
};

/// Runs the start model over all of \p context's samples in packed batches without gradient.
/// \return false when cancelled
bool forEachReferenceBatch(const PrepareContext& context,
                           const std::function<void(ScoredBatch& batch)>& visit);

} // namespace lacuna
