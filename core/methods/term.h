#pragma once

#include "core/base/result.h"
#include "core/corpora/alternates.h"
#include "core/corpora/sample.h"
#include "core/models/decoder.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace lacuna {

class ScoredBatch;

/// What a mean divides by: the counts of the whole effective batch of this term's corpus, so that
/// the contributions of its micro-batches add up to the batch's loss however it was cut.
struct Normaliser {
    double tokens = 1;    ///< scored tokens; TM of the unlearning reference 0.2
    double sequences = 1; ///< SM and SS
    double rows = 1;      ///< all tokens, prompt included; PM
    /// Sum over the sequences of 1 / scored tokens.
    double inverseTokens = 1;

    /// Of a micro-batch among \p parts whose means are averaged.
    [[nodiscard]] Normaliser times(double parts) const
    {
        return {parts * tokens, parts * sequences, parts * rows, inverseTokens * parts};
    }
};

/// What each sample of a term's corpus brings into a micro-batch, and how far it is computed.
struct TermInput {
    bool own = true;             ///< its own answer
    std::int64_t alternates = 0; ///< of its alternates, how many in one step
    /// Only the residual stream behind this block, counted from 0, is read: nothing above it runs.
    std::optional<std::int64_t> block = {};

    /// Of each sample, in one step.
    [[nodiscard]] std::int64_t sequences() const { return (own ? 1 : 0) + alternates; }
};

/// A corpus as terms read it.
struct TermCorpus {
    const std::vector<ScoredSample>& samples;
    const AlternateAnswers* alternates = nullptr;
};

/// The sequences of a micro-batch of \p items, positions in \p corpus: their own answers first, in
/// order, then the alternates, item by item. \p epoch chooses among more alternates than a step
/// reads, so that all of them come up in turn.
[[nodiscard]] std::vector<const ScoredSample*> sequencesOf(const TermInput& input,
                                                           const TermCorpus& corpus,
                                                           const std::vector<std::int64_t>& items,
                                                           std::int64_t epoch);
/// Of the sequences that \p input's means are over: the own answers, or the alternates where there
/// are no others.
[[nodiscard]] Normaliser normaliserOf(const TermInput& input, const TermCorpus& corpus,
                                      const std::vector<std::int64_t>& items, std::int64_t epoch);

/// What a term may use before the first step: the model as it starts, and its own corpus.
struct PrepareContext {
    Decoder& decoder;
    TermCorpus corpus;
    std::int64_t tokenBudget; ///< rows of a forward pass
    /// Serves waiting commands and reports progress in [0, 1]; false: the run was cancelled.
    std::function<bool(double)> proceed;
};

/// One addend of an objective, on one corpus. Owned by the run thread.
class Term {
public:
    virtual ~Term() = default;

    [[nodiscard]] virtual TermInput input(const DecoderConfig& /*config*/) const { return {}; }

    /// Caches what it needs of the reference, which is the model as it starts. Called once.
    /// \return false when cancelled
    virtual bool prepare(const PrepareContext& /*context*/) { return true; }

    /// Where the method asks for it (MethodInfo::reinforces): called once after prepare() with the
    /// model trained further on the corpus, which is what the context's decoder then is.
    /// \return false when cancelled
    virtual bool prepareReinforced(const PrepareContext& /*context*/) { return true; }

    /// The micro-batch's share of the loss, scalar; carries the gradient. Unweighted.
    [[nodiscard]] virtual at::Tensor contribution(ScoredBatch& batch,
                                                  const Normaliser& normaliser) = 0;

    /// Mean of what was noted since the last call; nothing for a term that weighs nothing.
    [[nodiscard]] std::optional<double> takeMeanWeight();

protected:
    /// Notes how strongly each token or sequence is pushed, where plain ascent is 1.
    void noteWeights(const at::Tensor& weights);

private:
    double m_weightSum = 0;
    double m_weightCount = 0;
};

/// Runs the start model over all of \p context's samples in packed batches without gradient.
/// \param block  as in TermInput
/// \return false when cancelled
bool forEachReferenceBatch(const PrepareContext& context,
                           const std::function<void(ScoredBatch& batch)>& visit,
                           std::optional<std::int64_t> block = {});
/// The same context, with the alternates in the place of the samples.
[[nodiscard]] PrepareContext alternatesOf(const PrepareContext& context);

} // namespace lacuna
