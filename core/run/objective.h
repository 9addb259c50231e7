#pragma once

#include "core/base/result.h"
#include "core/corpora/sampler.h"
#include "core/methods/method.h"
#include "core/methods/term.h"
#include "core/models/config.h"
#include "core/run/recipe.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lacuna {

struct Session;

/// What a method reads of a model and beside the corpora, known before either is loaded.
struct MethodReach {
    /// The deepest block that any term runs; none: all of the model, its head too.
    std::optional<std::int64_t> block;
    TermInput forget;
};

/// \return InvalidArgument for a layer that the model does not have
[[nodiscard]] Result<MethodReach> reachOf(const MethodSpec& method, const DecoderConfig& config);

/// The weights that the scope chooses and the method's gradient reaches: training the others would
/// only let weight decay shrink them.
[[nodiscard]] Result<std::vector<WeightSlot>>
trainedSlots(const ScopeSpec& scope, const MethodReach& reach, const DecoderConfig& config);

/// Of the model, those that a forward pass of the method meets.
[[nodiscard]] std::int64_t reachedParameters(const MethodReach& reach, const DecoderConfig& config);

/// The weighted sum of terms that a run minimises. Owned by the run thread.
class Objective {
public:
    /// What one term's micro-batches of a step add up to.
    struct Share {
        double loss = 0;       ///< unweighted
        double nll = 0;        ///< summed, of the corpus's own answers, where logits were made
        double tokens = 0;     ///< scored ones behind nll
        std::int64_t rows = 0; ///< forward and backward, prompt included

        [[nodiscard]] std::optional<double> meanNll() const
        {
            return tokens > 0 ? std::optional(nll / tokens) : std::nullopt;
        }
    };
    struct Sums {
        Share forget;
        std::optional<Share> retain;
        double loss = 0; ///< weighted
        /// Of the two weighed gradients; none when it was not asked for, or one of them is 0.
        std::optional<double> cosine;
        std::optional<double> meanTokenWeight; ///< of the forget term, see Term
    };

    /// \p session outlives it.
    explicit Objective(Session& session);

    /// Caches what the terms need of the model as it starts.
    /// \return false when cancelled
    bool prepare(const std::function<bool(double)>& proceed);
    /// Shows the forget term the model trained further, where the method asks for it.
    /// \return false when cancelled
    bool prepareReinforced(const std::function<bool(double)>& proceed);
    /// Adds to the gradients those of the mean loss of a token over \p items of the forget corpus,
    /// all of it without them, as if it were to be learned.
    /// \return that loss; nothing when cancelled
    std::optional<double> forgetGradient(const std::function<bool(double)>& proceed,
                                         const std::vector<std::int64_t>& items = {});
    /// The same over \p samples, of any decoder.
    static std::optional<double> likelihoodGradient(Decoder& decoder, const TrainingSpec& training,
                                                    const std::vector<ScoredSample>& samples,
                                                    const std::function<bool(double)>& proceed,
                                                    std::vector<std::int64_t> items = {});
    /// The retain term of \p batch as the weights are now, without gradient.
    [[nodiscard]] double retainLoss(const StepBatch& batch);
    /// Of the retain term, from the next step on.
    void setRetainWeight(double weight);
    /// Adds the gradients of \p batch, a micro-batch at a time.
    /// \param serve  called between them; false ends it, and nothing is returned
    [[nodiscard]] std::optional<Sums> accumulate(const StepBatch& batch,
                                                 const std::function<bool()>& serve);

private:
    struct WeightedTerm {
        std::unique_ptr<Term> term;
        double weight = 1;
        TermCorpus corpus;
        TermInput input = {};
    };

    /// What a term is computed on.
    struct Pass {
        Decoder& decoder;
        const TrainingSpec& training;
        const std::function<bool(double)>& proceed;
        double joined = 0; ///< tokens that the means divide by besides the term's own
    };

    [[nodiscard]] PrepareContext contextOf(const WeightedTerm& term,
                                           const std::function<bool(double)>& proceed) const;
    [[nodiscard]] static std::optional<Share> accumulate(const WeightedTerm& term,
                                                         const std::vector<std::int64_t>& items,
                                                         std::int64_t epoch, const Pass& pass);
    [[nodiscard]] static double
    tokensOf(const WeightedTerm& term, const std::vector<std::int64_t>& items, std::int64_t epoch);

    /// Works out the angle between \p forget and the retain gradient. The gradients that are there
    /// are the sum of both, or the retain gradient alone where the method normalises; then both are
    /// added, each of length 1.
    void compare(std::vector<at::Tensor> forget, Sums& sums);

    Decoder& m_decoder;
    const TrainingSpec& m_training;
    bool m_normalised; ///< see MethodInfo
    bool m_joined;     ///< the means of both terms
    bool m_cosine;
    WeightedTerm m_forget;
    std::optional<WeightedTerm> m_retain;
};

} // namespace lacuna
