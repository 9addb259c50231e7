#include "core/run/inside_report.h"

#include "core/base/rng.h"
#include "core/corpora/sampler.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/probe/linear_probe.h"
#include "core/run/model_evaluation.h"
#include "core/run/session.h"

namespace lacuna {
namespace {

constexpr double kLoadingShare = 0.1; ///< of the progress

/// Part of a longer progress.
std::function<bool(double)> within(const std::function<bool(double)>& proceed, double begin,
                                   double width)
{
    return [&proceed, begin, width](double share) { return proceed(begin + width * share); };
}

class Inspector {
public:
    Inspector(const InsideRequest& request, Session& session, Decoder* original)
        : m_request(request), m_session(session), m_original(original)
    {
    }

    /// \return nothing when cancelled
    Result<std::optional<InsideReport>> inspect(const std::function<bool(double)>& proceed)
    {
        std::vector<std::pair<std::string, const LoadedCorpus*>> sets = {
            {"forget", &m_session.forget}};
        if (m_session.retain)
            sets.emplace_back("retain", &*m_session.retain);
        InsideReport report;
        const double width = (1 - kLoadingShare) / static_cast<double>(sets.size());
        double begin = kLoadingShare;
        for (const auto& [name, corpus] : sets) {
            const auto viewing = within(proceed, begin, width / 2);
            Result<std::optional<InsideView>> view = lookAt(name, *corpus, viewing);
            if (!view)
                return view.error();
            if (!*view)
                return std::optional<InsideReport>();
            report.views.push_back(std::move(**view));
            const auto probing = within(proceed, begin + width / 2, width / 2);
            std::optional<ProbeReport> probe = probeOf(name, *corpus, probing);
            if (!probe)
                return std::optional<InsideReport>();
            report.probes.push_back(std::move(*probe));
            begin += width;
        }
        return std::optional(std::move(report));
    }

private:
    Result<std::optional<InsideView>> lookAt(const std::string& name, const LoadedCorpus& corpus,
                                             const std::function<bool(double)>& proceed)
    {
        InsideSet set{.name = name};
        for (const std::size_t i :
             drawnItems(corpus.tokens.samples.size(), m_request.maxSamples, seedOf(name)))
            set.samples.push_back(&corpus.tokens.samples[i]);
        return lookInside(*m_session.decoder, m_original, set,
                          {.rank = m_request.rank,
                           .tokenBudget = m_request.microBatchTokens,
                           .seed = seedOf("bootstrap"),
                           .proceed = proceed});
    }

    /// \return nothing when cancelled
    std::optional<ProbeReport> probeOf(const std::string& name, const LoadedCorpus& corpus,
                                       const std::function<bool(double)>& proceed)
    {
        ProbeReport report{.set = name};
        const Result<AnswerPairs> pairs =
            answerPairs(corpus.raw, *m_session.tokenizer, m_session.tokeniseOptions(),
                        m_request.maxSamples, seedOf("probe"));
        if (!pairs) {
            report.missing = pairs.error().message + "; " + pairs.error().remedy;
            return proceed(1) ? std::optional(std::move(report)) : std::nullopt;
        }
        std::vector<const ScoredSample*> samples;
        for (const ScoredSample& sample : pairs->samples)
            samples.push_back(&sample);
        const auto states = answerStates(
            *m_session.decoder, samples, m_request.probed,
            {.tokenBudget = m_request.microBatchTokens, .proceed = within(proceed, 0, 0.5)});
        if (!states)
            return std::nullopt;
        report.probe = fitProbes(*states, pairs->isTrue, pairs->questions,
                                 {.seed = seedOf("probe"), .proceed = within(proceed, 0.5, 0.5)});
        return report.probe ? std::optional(std::move(report)) : std::nullopt;
    }

    [[nodiscard]] std::uint64_t seedOf(const std::string& purpose) const
    {
        return derivedSeed(static_cast<std::uint64_t>(m_request.seed), "inside " + purpose);
    }

    const InsideRequest& m_request;
    Session& m_session;
    Decoder* m_original;
};

Recipe recipeOf(const InsideRequest& request)
{
    Recipe recipe = evaluationRecipe({.model = request.model,
                                      .forget = request.forget,
                                      .retain = request.retain,
                                      .promptTemplate = request.promptTemplate,
                                      .device = request.device,
                                      .precision = request.precision,
                                      .maxLength = request.maxLength,
                                      .microBatchTokens = request.microBatchTokens});
    recipe.seed = request.seed;
    return recipe;
}

} // namespace

std::vector<Evaluation> InsideReport::evaluations(const InsideOptions& options) const
{
    std::vector<Evaluation> all;
    for (const InsideView& view : views)
        all.insert(all.end(), view.evaluations.begin(), view.evaluations.end());
    for (const ProbeReport& report : probes)
        if (report.probe)
            for (Evaluation& one : probeEvaluations(*report.probe, report.set, options))
                all.push_back(std::move(one));
    return all;
}

Result<std::optional<InsideReport>> inspectInside(const InsideRequest& request,
                                                  const std::function<bool(double)>& proceed)
{
    prepareTorch();
    const Result<std::unique_ptr<Session>> opened = openSession(
        recipeOf(request), {}, [&](double share) { return proceed(kLoadingShare * share); });
    if (!opened)
        return opened.error();
    if (!*opened)
        return std::optional<InsideReport>();
    Session& session = **opened;
    std::unique_ptr<Decoder> original;
    if (!request.original.empty()) {
        Result<std::unique_ptr<Decoder>> loaded =
            loadDecoder(request.original, session.decoder->device(), session.decoder->computeType(),
                        [&] { return !proceed(kLoadingShare); });
        if (!loaded)
            return loaded.error().at("original");
        if (!*loaded)
            return std::optional<InsideReport>();
        original = std::move(loaded).value();
    }
    return Inspector(request, session, original.get()).inspect(proceed);
}

} // namespace lacuna
