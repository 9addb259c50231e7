#pragma once

#include "core/guardrails/guardrail.h"
#include "core/metrics/scanner.h"
#include "core/run/session.h"
#include "core/run/suite_scan.h"
#include "core/store/records.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// Evaluates the session's model: before and after, on the sets of its suite, which by default are
/// its corpora, up to `max_samples` of each; and on a small fixed part of each corpus while the run
/// goes on.
class RunEvaluation {
public:
    /// \param keepTokens  keep the loss of each scored token beside each sample's NLL
    explicit RunEvaluation(Session& session, bool keepTokens = false);

    struct Outcome {
        std::vector<Evaluation> evaluations;
        double forgetNll = 0; ///< token mean, nats
        std::optional<double> retainNll;
    };

    /// \param proceed  progress in [0, 1]; false cancels and nothing is returned
    [[nodiscard]] std::optional<Outcome> full(std::int64_t step, EvaluationPhase phase,
                                              const std::function<bool(double)>& proceed);
    /// The same of \p reference, a model that never knew the forget set; its sets are named
    /// "reference-forget" and so on. Full evaluations from now on are summed up beside it.
    [[nodiscard]] std::optional<Outcome> reference(Decoder& reference,
                                                   const std::function<bool(double)>& proceed);
    /// What is known of the reference without its model: a saved log of it, in canonical sets.
    [[nodiscard]] Outcome reference(const std::vector<Evaluation>& log);
    /// full() of the model as it was before unlearning, for remember() to be given.
    [[nodiscard]] std::optional<Outcome> original(Decoder& original,
                                                  const std::function<bool(double)>& proceed);
    /// Takes over what an earlier evaluation before the first step has found, reference included.
    void remember(const std::vector<Evaluation>& before);
    /// All metrics of one set on as many samples as full() takes; those that need generated answers
    /// only with \p generate.
    [[nodiscard]] std::optional<Outcome> only(const std::string& set, bool generate,
                                              const std::function<bool(double)>& proceed);
    /// Answers of all sets from behind \p guardrail, and the metrics that read answers; its sets
    /// are named "guardrail-forget" and so on. What scores text is full()'s, since the weights are.
    /// \param name  of the guardrail, for the variant of each result
    /// \return nothing when it was cancelled; what keeps the guardrail from putting a question
    [[nodiscard]] Result<std::optional<Outcome>> behind(const Guardrail& guardrail,
                                                        const std::string& name,
                                                        const std::function<bool(double)>& proceed);
    [[nodiscard]] std::optional<Outcome> subset(std::int64_t step,
                                                const std::function<bool(double)>& proceed);

private:
    struct Set {
        MeasuredSet all;
        std::vector<const ScoredSample*> part; ///< while the run goes on; empty: not then
        bool full = true;                      ///< before and after
        std::string missing = {};              ///< see SuiteCorpus
    };

    struct Task {
        Decoder& decoder;
        std::string prefix; ///< of the names of the sets
        std::int64_t step;
        EvaluationPhase phase;
        bool full;
        bool generate;
        std::string only = {}; ///< name of the one corpus that is wanted; empty: all sets
        const Interposed* interposed = nullptr;
    };
    [[nodiscard]] std::optional<Outcome> evaluate(const Task& task,
                                                  const std::function<bool(double)>& proceed);
    [[nodiscard]] bool generates() const { return m_session.recipe.evaluation.generate; }
    /// How the guardrail puts a sample's question to the model.
    [[nodiscard]] Result<AskedPrompt> asked(const Guardrail& guardrail, const Set& set,
                                            const ScoredSample& sample) const;
    void addSet(const std::string& name, const LoadedCorpus& corpus);
    void addSuite();
    /// Adds what the evaluations of a whole model say together.
    void summarise(const Task& task, std::vector<Evaluation>& evaluations) const;
    [[nodiscard]] static bool isWanted(const Set& set, const Task& task);
    [[nodiscard]] Result<std::vector<SampleScan>> scan(const Set& set, const Task& task,
                                                       const std::function<bool()>& proceed) const;
    [[nodiscard]] static Evaluation notMeasured(const SuiteSet& set, const std::string& why,
                                                const Task& task);
    /// Loss less the reference's, of the sets that both measured.
    void compareLosses(const Task& task, std::vector<Evaluation>& own) const;

    Session& m_session;
    bool m_keepTokens;
    std::vector<Set> m_sets;
    std::vector<std::string> m_asked;    ///< summaries that are told even where there is none
    std::vector<Evaluation> m_original;  ///< before the first step, with samples
    std::vector<Evaluation> m_reference; ///< likewise, in sets without the prefix
};

} // namespace lacuna
