#include "core/run/stress_battery.h"

#include "core/attacks/attack.h"
#include "core/base/rng.h"
#include "core/corpora/sampler.h"
#include "core/metrics/scanner.h"
#include "core/models/device.h"
#include "core/run/model_evaluation.h"
#include "core/run/run_export.h"
#include "core/run/session.h"
#include "core/run/stress_rows.h"
#include "core/run/stress_training.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A training step goes forward once and backward about twice as long.
constexpr double kPassesOfLearning = 3;
/// Enough to fill a batch of answers, few enough to be done at once.
constexpr std::int64_t kTimedItems = 8;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What a person can do about it: the place of the numbers says so, and the battery goes on.
bool isOfTheInput(const Error& error)
{
    return error.code == ErrorCode::InvalidArgument || error.code == ErrorCode::NotFound ||
           error.code == ErrorCode::Unsupported;
}

Result<std::unique_ptr<Session>> openModel(const StressRequest& request, const std::string& folder,
                                           const std::function<bool(double)>& proceed)
{
    return openSession(evaluationRecipe({.model = folder,
                                         .forget = request.forget,
                                         .retain = request.retain,
                                         .promptTemplate = request.promptTemplate,
                                         .device = request.device,
                                         .precision = request.precision,
                                         .maxLength = request.maxLength,
                                         .microBatchTokens = request.microBatchTokens}),
                       {}, proceed);
}

std::vector<const ScoredSample*> measuredItems(const StressRequest& request, const Session& session)
{
    const std::vector<ScoredSample>& all = session.forget.tokens.samples;
    std::vector<const ScoredSample*> samples;
    for (const std::size_t i :
         drawnItems(all.size(), request.maxSamples,
                    derivedSeed(static_cast<std::uint64_t>(request.seed), "stress")))
        samples.push_back(&all[i]);
    return samples;
}

/// Scores and answers without an attack. Empty when cancelled.
std::vector<SampleScan> plainPass(const StressRequest& request, Session& session,
                                  const std::vector<const ScoredSample*>& samples,
                                  const std::function<bool()>& proceed, StressSpeed& speed)
{
    ScanOptions options{.tokenBudget = request.microBatchTokens,
                        .maxNewTokens = request.maxNewTokens,
                        .stopIds = session.stopIds(),
                        .proceed = proceed};
    Clock::time_point start = Clock::now();
    std::vector<SampleScan> scans = scanSamples(*session.decoder, samples, options);
    speed = {.scores = secondsSince(start), .items = static_cast<double>(samples.size())};
    if (scans.empty())
        return scans;
    // The same questions as they are, so that answering is timed by itself.
    const Interposed nothing{
        .ask =
            [](const ScoredSample& sample) {
                return AskedPrompt{
                    .ids = {sample.ids.begin(), sample.ids.begin() + sample.promptLength}};
            },
        .seen = [](std::string answer) { return answer; }};
    options.tokenizer = session.tokenizer.get();
    options.interposed = &nothing;
    start = Clock::now();
    const std::vector<SampleScan> answered = scanSamples(*session.decoder, samples, options);
    speed.answers = secondsSince(start);
    if (answered.empty())
        return {};
    for (std::size_t i = 0; i < scans.size(); ++i) {
        scans[i].hasAnswer = answered[i].hasAnswer;
        scans[i].generated = answered[i].generated;
        scans[i].reference = answered[i].reference;
    }
    return scans;
}

/// One model of the battery.
struct Contender {
    ModelRole role;
    std::string folder;
};

class Battery {
public:
    Battery(const StressRequest& request, const StressWatch& watch)
        : m_request(request), m_watch(watch), m_start(Clock::now()), m_time(utcNow())
    {
        m_contenders.push_back({ModelRole::Current, request.unlearned});
        if (!request.original.empty())
            m_contenders.push_back({ModelRole::Original, request.original});
        if (!request.reference.empty())
            m_contenders.push_back({ModelRole::Reference, request.reference});
    }

    Result<StressReport> run()
    {
        for (const Contender& contender : m_contenders) {
            m_progress.role = contender.role;
            if (const Status status = attackModel(contender); !status)
                return status.error();
            if (m_report.cancelled)
                break;
            ++m_finished;
        }
        m_report.seconds = secondsSince(m_start);
        return std::move(m_report);
    }

private:
    /// \param within  seconds of the present model that are done, by estimate
    bool proceed(double within)
    {
        const double whole = m_perModel * static_cast<double>(m_contenders.size());
        if (whole > 0) {
            const double done = m_perModel * m_finished + within;
            m_progress.share = std::max(m_progress.share, std::min(1.0, done / whole));
            m_progress.secondsLeft = std::max(0.0, whole - done);
        }
        if (!m_report.cancelled && !m_watch.proceed(m_progress))
            m_report.cancelled = true;
        return !m_report.cancelled;
    }

    Status attackModel(const Contender& contender);
    /// Scores and answers without an attack, and how long each takes. Empty when cancelled.
    std::vector<SampleScan> firstPass(Session& session,
                                      const std::vector<const ScoredSample*>& samples);
    Status attackWith(const AttackSpec& spec, AttackTarget& target, ModelRole role);
    void missing(const AttackSpec& spec, ModelRole role, const Error& error);
    void add(std::vector<StressResult> rows);

    const StressRequest& m_request;
    const StressWatch& m_watch;
    Clock::time_point m_start;
    std::string m_time; ///< that all rows share
    std::vector<Contender> m_contenders;
    StressProgress m_progress;
    StressReport m_report;
    StressSpeed m_speed;
    double m_perModel = 0; ///< seconds, first pass included; 0: not known yet
    double m_finished = 0; ///< models
};

std::vector<SampleScan> Battery::firstPass(Session& session,
                                           const std::vector<const ScoredSample*>& samples)
{
    std::vector<SampleScan> scans = plainPass(
        m_request, session, samples, [&] { return proceed(0); }, m_speed);
    if (scans.empty())
        return scans;
    m_perModel = m_speed.scores + m_speed.answers;
    for (const AttackSpec& spec : m_request.attacks)
        m_perModel += m_speed.secondsOf(spec);
    if (m_watch.measured)
        m_watch.measured(m_speed);
    return scans;
}

Status Battery::attackModel(const Contender& contender)
{
    m_progress.attack.clear();
    Result<std::unique_ptr<Session>> opened =
        openModel(m_request, contender.folder, [&](double) { return proceed(0); });
    if (!opened)
        return opened.error();
    if (!*opened)
        return {};
    Session& session = **opened;
    const std::vector<ScoredSample>& all = session.forget.tokens.samples;
    const std::vector<const ScoredSample*> samples = measuredItems(m_request, session);
    const std::vector<SampleScan> plain = firstPass(session, samples);
    if (plain.empty())
        return {};
    const PromptStyle usual;
    AttackTarget target{.decoder = *session.decoder,
                        .tokenizer = *session.tokenizer,
                        .style = session.style ? *session.style : usual,
                        .forget = session.forget.raw,
                        .all = all,
                        .samples = samples,
                        .plain = plain,
                        .retain = session.retain ? &session.retain->raw : nullptr,
                        .stopIds = session.stopIds(),
                        .maxLength = session.tokeniseOptions().maxLength,
                        .tokenBudget = m_request.microBatchTokens,
                        .maxNewTokens = m_request.maxNewTokens,
                        .learningRate = m_request.learningRate};
    std::optional<OriginalWeights> original;
    if (contender.role == ModelRole::Current) {
        target.base = m_request.adapterBase;
        if (!m_request.original.empty())
            original = OriginalWeights::open(m_request.original, session.decoder->config());
    }
    if (original)
        target.original = [&](const Parameter& parameter) { return original->of(parameter); };
    target.learner = learnerOf(session);
    double done = m_speed.scores + m_speed.answers;
    for (std::size_t i = 0; i < m_request.attacks.size(); ++i) {
        const AttackSpec& spec = m_request.attacks[i];
        const double seconds = m_speed.secondsOf(spec);
        m_progress.attack = spec.id;
        m_progress.position = static_cast<std::int64_t>(i);
        target.proceed = [&](double share) { return proceed(done + share * seconds); };
        if (!proceed(done))
            return {};
        if (const Status status = attackWith(spec, target, contender.role); !status)
            return status;
        if (m_report.cancelled)
            return {};
        done += seconds;
    }
    return {};
}

/// A row without numbers.
void Battery::missing(const AttackSpec& spec, ModelRole role, const Error& error)
{
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    add({{.time = m_time,
          .attack = spec.id,
          .settings = spec.params.toJson().dump(),
          .role = role,
          .metric = {},
          .before = kNone,
          .value = kNone,
          .worst = kNone,
          .missing = error.text()}});
}

void Battery::add(std::vector<StressResult> rows)
{
    if (m_watch.found)
        m_watch.found(rows);
    for (StressResult& row : rows)
        m_report.results.push_back(std::move(row));
}

Status Battery::attackWith(const AttackSpec& spec, AttackTarget& target, ModelRole role)
{
    const AttackInfo& info = **attacks().find(spec.id);
    if (info.needsAdapter && role != ModelRole::Current)
        return {};
    Result<std::vector<AttackedSetting>> settings = info.run(spec.params, target);
    if (!settings && !isOfTheInput(settings.error()))
        return settings.error().at(spec.id);
    if (!settings) {
        missing(spec, role, settings.error());
        return {};
    }
    const std::vector<MetricResult> plain = recallOf(target.plain);
    if (settings->size() > 1 && info.hasAlternatives)
        settings->push_back(worstSetting(*settings, plain));
    std::vector<StressResult> rows;
    for (const AttackedSetting& setting : *settings)
        for (const MetricResult& measured : setting.measured) {
            StressResult row =
                stressRow(measured, setting, setting.before ? *setting.before : plain);
            Json parameters = spec.params.toJson();
            if (!setting.label.empty())
                parameters["setting"] = setting.label;
            row.settings = parameters.dump();
            row.time = m_time;
            row.attack = spec.id;
            row.role = role;
            rows.push_back(std::move(row));
        }
    add(std::move(rows));
    return {};
}

} // namespace

double StressSpeed::secondsOf(const AttackSpec& spec) const
{
    const AttackCost cost = (**attacks().find(spec.id)).cost(spec.params);
    return cost.scores * scores + cost.answers * answers +
           cost.learned * kPassesOfLearning * scores / items;
}

StressSpeed StressSpeed::scaledTo(double count) const
{
    return {.scores = scores * count / items, .answers = answers * count / items, .items = count};
}

Result<StressRequest> stressOf(const Store& store, const Run& run)
{
    const Result<Json> document = parseJson(run.recipe, run.name);
    if (!document)
        return document.error();
    const Result<Recipe> recipe = parseRecipe(*document, {});
    return recipe ? stressOf(store, run, *recipe) : recipe.error().at(run.name);
}

Result<StressRequest> stressOf(const Store& store, const Run& run, const Recipe& recipe)
{
    const Result<ExportSource> source = exportSource(store, run);
    if (!source)
        return source.error();
    std::error_code ignored;
    StressRequest request{.unlearned = source->model.string(),
                          .adapterBase = source->adapter.empty() ? std::string() : recipe.model,
                          .forget = recipe.forget,
                          .retain = recipe.retain,
                          .promptTemplate = recipe.promptTemplate,
                          .device = recipe.device,
                          .maxLength = recipe.training.maxLength,
                          .microBatchTokens = recipe.training.microBatchTokens,
                          .maxNewTokens = recipe.evaluation.maxNewTokens,
                          .learningRate = recipe.training.learningRate,
                          .seed = recipe.seed};
    // What is gone from the disk, or is only a log, cannot be attacked: the others still can.
    if (fs::is_directory(recipe.model, ignored))
        request.original = recipe.model;
    if (fs::is_directory(recipe.reference, ignored))
        request.reference = recipe.reference;
    return request;
}

Result<std::optional<StressSpeed>> measureStress(const StressRequest& request,
                                                 const std::function<bool()>& proceed)
{
    prepareTorch();
    StressRequest few = request;
    few.maxSamples = std::min(few.maxSamples, kTimedItems);
    const Result<std::unique_ptr<Session>> session =
        openModel(few, few.unlearned, [&](double) { return proceed(); });
    if (!session)
        return session.error();
    StressSpeed speed;
    if (!*session ||
        plainPass(few, **session, measuredItems(few, **session), proceed, speed).empty())
        return std::optional<StressSpeed>();
    const auto all = static_cast<std::int64_t>((*session)->forget.tokens.samples.size());
    return std::optional(speed.scaledTo(static_cast<double>(std::min(request.maxSamples, all))));
}

Result<StressReport> runStress(const StressRequest& request, const StressWatch& watch)
{
    if (request.attacks.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "no attack is chosen",
                     .remedy = "choose one of: lacuna-cli attacks"};
    prepareTorch();
    return Battery(request, watch).run();
}

} // namespace lacuna
