#include "core/run/run_evaluation.h"

#include "core/base/rng.h"
#include "core/base/set_names.h"
#include "core/base/text.h"
#include "core/corpora/sampler.h"
#include "core/guardrails/catalog.h"
#include "core/metrics/direction.h"
#include "core/metrics/evaluation_log.h"
#include "core/metrics/metric.h"
#include "core/metrics/statistics.h"
#include "core/metrics/summary.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

namespace lacuna {
namespace {

/// \p count of the samples, drawn by seed, in their own order.
std::vector<const ScoredSample*> drawn(const std::vector<ScoredSample>& samples, std::int64_t count,
                                       std::uint64_t seed)
{
    std::vector<const ScoredSample*> result;
    for (const std::size_t i : drawnItems(samples.size(), count, seed))
        result.push_back(&samples[i]);
    return result;
}

/// The one of a set's metrics beside whose samples their texts are kept; empty: none reads them.
std::string keeperOfTexts(const std::vector<MetricResult>& results)
{
    std::string keeper;
    for (const MetricResult& result : results)
        if ((**metrics().find(result.metric)).needsGeneration &&
            (keeper.empty() || result.metric == "rouge-l"))
            keeper = result.metric;
    return keeper;
}

/// What is kept beside a sample's value: its texts, and token losses beside the NLL when they are
/// asked for.
std::string extraOf(const MetricInfo& info, const SampleScan& scan, bool keepsTexts,
                    bool keepTokens)
{
    if (keepsTexts)
        return Json{{"generated", scan.generated}, {"reference", scan.reference}}.dump();
    if (!keepTokens || info.id != "nll")
        return {};
    Json losses = Json::array();
    for (const float logProb : scan.logProbs)
        losses.push_back(-logProb);
    return Json{{"token_nll", losses}}.dump();
}

std::vector<Evaluation> toEvaluations(const std::vector<SampleScan>& scans, const std::string& set,
                                      std::int64_t step, EvaluationPhase phase,
                                      const MetricOptions& options, bool keepTokens)
{
    std::vector<Evaluation> evaluations;
    const std::vector<MetricResult> results = computeMetrics(scans, options);
    const std::string keeper = keeperOfTexts(results);
    for (const MetricResult& result : results) {
        const MetricInfo& info = **metrics().find(result.metric);
        Evaluation evaluation{.step = step,
                              .phase = phase,
                              .set = set,
                              .metric = result.metric,
                              .variant = result.variant,
                              .value = result.value,
                              .count = static_cast<std::int64_t>(result.samples.size()),
                              .interval = result.interval};
        auto scan = scans.begin();
        for (const MetricResult::Item& item : result.samples) {
            scan = std::find_if(scan, scans.end(),
                                [&](const SampleScan& s) { return s.index == item.index; });
            evaluation.samples.push_back(
                {.sample = item.index,
                 .value = item.value,
                 .extra = extraOf(info, *scan, info.id == keeper, keepTokens)});
        }
        evaluations.push_back(std::move(evaluation));
    }
    return evaluations;
}

} // namespace

RunEvaluation::RunEvaluation(Session& session, bool keepTokens)
    : m_session(session), m_keepTokens(keepTokens)
{
    if (!session.forget.tokens.samples.empty())
        addSet("forget", session.forget);
    if (session.retain)
        addSet("retain", *session.retain);
    if (session.holdout)
        addSet("holdout", *session.holdout);
    for (std::size_t i = 0; i < session.utility.size(); ++i)
        addSet("utility-" + std::to_string(i + 1), session.utility[i]);
    for (std::size_t i = 0; i < session.earlier.size(); ++i)
        addSet("earlier-" + std::to_string(i + 1), session.earlier[i]);
    addSuite();
}

void RunEvaluation::addSet(const std::string& name, const LoadedCorpus& corpus)
{
    const auto seed = static_cast<std::uint64_t>(m_session.recipe.seed);
    const EvaluationSpec& spec = m_session.recipe.evaluation;
    const std::vector<ScoredSample>& samples = corpus.tokens.samples;
    const bool comparesMembers =
        m_session.holdout.has_value() && (name == "forget" || name == "holdout");
    m_sets.push_back(
        {.all = {.spec = {.name = name, .membership = comparesMembers},
                 .samples = drawn(samples, spec.maxSamples, derivedSeed(seed, "all " + name)),
                 .corpus = &corpus},
         .part = drawn(samples, spec.subset, derivedSeed(seed, "subset " + name))});
}

void RunEvaluation::addSuite()
{
    if (m_session.suite.empty())
        return;
    for (Set& corpus : m_sets)
        corpus.full = false;
    m_asked = findSuite(m_session.recipe.evaluation.suite).value().summaries;
    const auto seed = static_cast<std::uint64_t>(m_session.recipe.seed);
    const std::int64_t most = m_session.recipe.evaluation.maxSamples;
    for (const SuiteCorpus& one : m_session.suite) {
        const std::int64_t count =
            one.set.maxSamples > 0 ? std::min(one.set.maxSamples, most) : most;
        m_sets.push_back({.all = {.spec = one.set,
                                  .samples = drawn(one.corpus.tokens.samples, count,
                                                   derivedSeed(seed, "all " + one.set.name)),
                                  .corpus = &one.corpus},
                          .missing = one.missing});
    }
}

std::optional<RunEvaluation::Outcome>
RunEvaluation::full(std::int64_t step, EvaluationPhase phase,
                    const std::function<bool(double)>& proceed)
{
    std::optional<Outcome> outcome =
        evaluate({*m_session.decoder, "", step, phase, true, generates()}, proceed);
    if (outcome && phase == EvaluationPhase::Before)
        m_original = outcome->evaluations;
    return outcome;
}

std::optional<RunEvaluation::Outcome>
RunEvaluation::reference(Decoder& reference, const std::function<bool(double)>& proceed)
{
    std::optional<Outcome> outcome = evaluate(
        {reference, std::string(kReferencePrefix), 0, EvaluationPhase::Before, true, generates()},
        proceed);
    if (outcome)
        remember(outcome->evaluations);
    return outcome;
}

RunEvaluation::Outcome RunEvaluation::reference(const std::vector<Evaluation>& log)
{
    Outcome outcome{.evaluations = log};
    for (Evaluation& evaluation : outcome.evaluations) {
        evaluation.step = 0;
        evaluation.phase = EvaluationPhase::Before;
        evaluation.set.insert(0, kReferencePrefix);
    }
    remember(outcome.evaluations);
    return outcome;
}

std::optional<RunEvaluation::Outcome>
RunEvaluation::original(Decoder& original, const std::function<bool(double)>& proceed)
{
    return evaluate({original, "", 0, EvaluationPhase::Before, true, generates()}, proceed);
}

void RunEvaluation::remember(const std::vector<Evaluation>& before)
{
    for (const Evaluation& evaluation : before) {
        Evaluation known = evaluation;
        if (!known.set.starts_with(kReferencePrefix)) {
            m_original.push_back(std::move(known));
            continue;
        }
        known.set.erase(0, kReferencePrefix.size());
        m_reference.push_back(std::move(known));
    }
}

void RunEvaluation::compareLosses(const Task& task, std::vector<Evaluation>& own) const
{
    // The reference beside itself says nothing.
    if (task.prefix == kReferencePrefix)
        return;
    const std::size_t count = own.size();
    for (std::size_t i = 0; i < count; ++i) {
        const Evaluation* reference =
            own[i].metric == "loss" ? findEvaluation(m_reference, own[i].set, "loss") : nullptr;
        if (!reference || reference->samples.size() != own[i].samples.size())
            continue;
        Evaluation compared = own[i];
        compared.metric = "reference-loss";
        compared.variant = "mean token loss less the reference's, nats";
        compared.interval.reset();
        std::vector<double> values;
        for (std::size_t s = 0; s < compared.samples.size(); ++s) {
            compared.samples[s].value -= reference->samples[s].value;
            compared.samples[s].extra.clear();
            values.push_back(compared.samples[s].value);
        }
        compared.value = mean(values);
        own.push_back(std::move(compared));
    }
}

void RunEvaluation::summarise(const Task& task, std::vector<Evaluation>& evaluations) const
{
    // Of the reference itself, its own evaluations without the prefix.
    std::vector<Evaluation> own = evaluations;
    for (Evaluation& evaluation : own)
        evaluation.set.erase(0, task.prefix.size());
    const std::size_t measured = own.size();
    compareLosses(task, own);
    for (std::size_t i = measured; i < own.size(); ++i) {
        evaluations.push_back(own[i]);
        evaluations.back().set = task.prefix + own[i].set;
    }
    // The reference beside itself: what could be reached.
    const bool ofReference = task.prefix == kReferencePrefix;
    for (Summary& summary : summarize({.model = own,
                            .reference = ofReference ? own : m_reference,
                            .original = m_original})) {
        Evaluation& found = summary.evaluation;
        const bool unasked =
            !found.missing.empty() && std::ranges::find(m_asked, summary.info->id) == m_asked.end();
        if (unasked || findEvaluation(own, found.set, found.metric))
            continue;
        found.step = task.step;
        found.phase = task.phase;
        found.set = task.prefix + found.set;
        evaluations.push_back(std::move(found));
    }
}

std::optional<RunEvaluation::Outcome>
RunEvaluation::only(const std::string& set, bool generate,
                    const std::function<bool(double)>& proceed)
{
    return evaluate({*m_session.decoder, "", 0, EvaluationPhase::Standalone, true, generate, set},
                    proceed);
}

Result<AskedPrompt> RunEvaluation::asked(const Guardrail& guardrail, const Set& set,
                                         const ScoredSample& sample) const
{
    const LoadedCorpus& corpus = *set.all.corpus;
    const RawSample& raw = corpus.raw.samples[static_cast<std::size_t>(sample.source)];
    AskedPrompt asked{.ids = {sample.ids.begin(), sample.ids.begin() + sample.promptLength}};
    std::string question = raw.prompt;
    if (raw.kind == SampleKind::Tokens)
        question = validUtf8(m_session.tokenizer->decode(asked.ids));
    asked.change = guardrail.change(question);
    // Completions and token ids are raw prompts.
    if (!guardrail.actsOnQuestionsOnly() ||
        (raw.kind != SampleKind::QuestionAnswer && raw.kind != SampleKind::Chat))
        return asked;
    ChatMessages messages = {{"user", raw.prompt}};
    if (raw.kind == SampleKind::Chat)
        messages.assign(raw.messages.begin(),
                        std::ranges::find(raw.messages, "assistant", &ChatMessage::role));
    const Result<RenderedPrompt> prompt =
        guardrail.prompt(m_session.style ? *m_session.style : PromptStyle(), messages);
    if (!prompt)
        return prompt.error().at(corpus.raw.path.string() + ":" + std::to_string(raw.row));
    asked.ids = m_session.tokenizer->encode(prompt->text, {.addBos = prompt->addBos});
    const std::int64_t context = m_session.decoder->config().context;
    if (std::cmp_greater_equal(asked.ids.size(), context))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the question has " + std::to_string(asked.ids.size()) +
                                " tokens behind the guardrail and the model's context holds " +
                                std::to_string(context),
                     .context = corpus.raw.path.string() + ":" + std::to_string(raw.row),
                     .remedy = "let the guardrail show fewer examples"};
    return asked;
}

Result<std::optional<RunEvaluation::Outcome>>
RunEvaluation::behind(const Guardrail& guardrail, const std::string& name,
                      const std::function<bool(double)>& proceed)
{
    // Asked for before the first answer, so that a question that cannot be put costs no wait.
    std::map<const ScoredSample*, AskedPrompt> prompts;
    for (const Set& set : m_sets)
        for (const ScoredSample* sample : set.full ? set.all.samples : set.part) {
            Result<AskedPrompt> prompt = asked(guardrail, set, *sample);
            if (!prompt)
                return prompt.error();
            prompts.emplace(sample, std::move(prompt).value());
        }
    const Interposed interposed{
        .ask = [&](const ScoredSample& sample) { return prompts.at(&sample); },
        .seen = [&](std::string answer) { return guardrail.seen(std::move(answer)); }};
    std::optional<Outcome> outcome = evaluate({.decoder = *m_session.decoder,
                                               .prefix = "guardrail-",
                                               .step = 0,
                                               .phase = EvaluationPhase::Standalone,
                                               .full = true,
                                               .generate = true,
                                               .interposed = &interposed},
                                              proceed);
    if (outcome)
        for (Evaluation& evaluation : outcome->evaluations)
            evaluation.variant += "; behind " + name + ", " + kBehaviouralOnly;
    return outcome;
}

std::optional<RunEvaluation::Outcome>
RunEvaluation::subset(std::int64_t step, const std::function<bool(double)>& proceed)
{
    return evaluate({*m_session.decoder, "", step, EvaluationPhase::During, false, false}, proceed);
}

bool RunEvaluation::isWanted(const Set& set, const Task& task)
{
    if (!task.only.empty())
        return set.all.spec.name == task.only && !set.part.empty();
    return task.full ? set.full : !set.part.empty();
}

Result<std::vector<SampleScan>> RunEvaluation::scan(const Set& set, const Task& task,
                                                    const std::function<bool()>& proceed) const
{
    const EvaluationSpec& spec = m_session.recipe.evaluation;
    const SuiteSet& wanted = set.all.spec;
    const bool writes = task.generate && wanted.generate &&
                        (wanted.kind == SetKind::Answers || wanted.kind == SetKind::Knowledge);
    const ScanOptions options{
        .tokenBudget = m_session.recipe.training.microBatchTokens,
        .tokenizer = writes ? m_session.tokenizer.get() : nullptr,
        .maxNewTokens = wanted.maxNewTokens > 0 ? wanted.maxNewTokens : spec.maxNewTokens,
        .maxReferenceTokens = wanted.maxReferenceTokens,
        .membership = task.full && wanted.membership ? m_session.tokenizer.get() : nullptr,
        .stopIds = m_session.stopIds(),
        .interposed = task.interposed,
        .proceed = proceed};
    if (!task.full)
        return scanSamples(task.decoder, set.part, options);
    return scanSet(task.decoder, set.all, *m_session.tokenizer, m_session.tokeniseOptions(),
                   options);
}

Evaluation RunEvaluation::notMeasured(const SuiteSet& set, const std::string& why, const Task& task)
{
    return {.step = task.step,
            .phase = task.phase,
            .set = task.prefix + set.name,
            .metric = set.metrics.empty() ? "nll" : set.metrics.front(),
            .value = std::numeric_limits<double>::quiet_NaN(),
            .missing = why};
}

std::optional<RunEvaluation::Outcome>
RunEvaluation::evaluate(const Task& task, const std::function<bool(double)>& proceed)
{
    Outcome outcome;
    const auto wanted = static_cast<double>(
        std::ranges::count_if(m_sets, [&](const Set& set) { return isWanted(set, task); }));
    double done = 0;
    for (const Set& set : m_sets) {
        if (!isWanted(set, task))
            continue;
        const std::string& name = set.all.spec.name;
        const Result<std::vector<SampleScan>> found =
            set.missing.empty() ? scan(set, task, [&] { return proceed(done / wanted); })
                                : std::vector<SampleScan>();
        if (!found && set.all.spec.required)
            throw ErrorException(found.error());
        if (!found || !set.missing.empty()) {
            outcome.evaluations.push_back(
                notMeasured(set.all.spec, found ? set.missing : found.error().text(), task));
            done += 1;
            continue;
        }
        const std::vector<SampleScan>& scans = *found;
        if (scans.empty())
            return std::nullopt;
        if (name == "forget" && !task.interposed)
            outcome.forgetNll = tokenMeanNll(scans);
        if (name == "retain" && !task.interposed)
            outcome.retainNll = tokenMeanNll(scans);
        const MetricOptions options{
            .purpose = purposeOf(name), .only = set.all.spec.metrics, .intervals = task.full};
        for (Evaluation& evaluation :
             toEvaluations(scans, task.prefix + name, task.step, task.phase, options, m_keepTokens))
            outcome.evaluations.push_back(std::move(evaluation));
        done += 1;
    }
    if (task.full && task.only.empty() && !task.interposed)
        summarise(task, outcome.evaluations);
    return outcome;
}

} // namespace lacuna
