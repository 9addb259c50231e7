#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/run/stress_battery.h"
#include "core/run/stress_results.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <unistd.h>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

std::string roleName(ModelRole role)
{
    return role == ModelRole::Current ? "unlearned" : std::string(idOf(role));
}

std::string numberText(double value)
{
    return std::isfinite(value) ? fmt::format("{:.3f}", value) : "-";
}

/// "12 s", "3 min 20 s".
std::string durationText(double seconds)
{
    const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
    return whole < 60 ? fmt::format("{} s", whole)
                      : fmt::format("{} min {} s", whole / 60, whole % 60);
}

Result<std::vector<AttackSpec>> chosenAttacks(const Arguments& arguments)
{
    std::vector<AttackSpec> chosen;
    for (const std::string& text : arguments.list("attack")) {
        const Result<std::vector<AttackSpec>> specs = parseAttackSpecs(text, "--attack");
        if (!specs)
            return specs.error();
        chosen.insert(chosen.end(), specs->begin(), specs->end());
    }
    return chosen.empty() ? usualAttacks() : chosen;
}

/// What the battery works on, and the run whose record takes the results.
struct Chosen {
    StressRequest request;
    std::optional<Store> store = {};
    RunId run = 0;
};

Result<Chosen> chosenModel(const Arguments& arguments)
{
    const std::string& word = arguments.value("MODEL");
    std::error_code ignored;
    if (fs::is_directory(word, ignored)) {
        if (!arguments.text("forget"))
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "a model folder does not say what was to be forgotten",
                         .context = word,
                         .remedy = "name the forget set with --forget, or name a run of the "
                                   "history"};
        return Chosen{.request = {.unlearned = word}};
    }
    Result<Store> store = openHistory(arguments, OpenMode::ReadWrite);
    if (!store)
        return store.error().at(word + " is no model folder, and may be a run");
    const Result<Run> run = store->findRun(word);
    if (!run)
        return run.error();
    Result<StressRequest> request = stressOf(*store, *run);
    if (!request)
        return request.error();
    return Chosen{std::move(request).value(), std::move(store).value(), run->id};
}

/// What the command line says goes before what the run says.
void applyOptions(const Arguments& arguments, StressRequest& request)
{
    const auto take = [&](const char* name, std::string& value) {
        value = arguments.text(name).value_or(value);
    };
    take("forget", request.forget.path);
    take("retain", request.retain.path);
    take("original", request.original);
    take("reference", request.reference);
    take("template", request.promptTemplate);
    take("device", request.device);
    take("precision", request.precision);
    request.maxSamples = arguments.integer("max-samples").value_or(request.maxSamples);
    request.maxNewTokens = arguments.integer("max-new-tokens").value_or(request.maxNewTokens);
    request.maxLength = arguments.integer("max-length").value_or(request.maxLength);
    request.seed = arguments.integer("seed").value_or(request.seed);
}

OrderedJson toJson(const StressResult& result)
{
    const auto number = [](double value) {
        return std::isfinite(value) ? OrderedJson(value) : OrderedJson();
    };
    const StressDetail detail = stressDetail(result);
    OrderedJson json = {{"attack", result.attack},
                        {"settings", OrderedJson::parse(result.settings)},
                        {"model", roleName(result.role)},
                        {"set", result.set},
                        {"metric", result.metric},
                        {"before", number(result.before)},
                        {"value", number(result.value)},
                        {"low", result.interval ? number(result.interval->low) : OrderedJson()},
                        {"high", result.interval ? number(result.interval->high) : OrderedJson()},
                        {"worst", number(result.worst)},
                        {"count", result.count},
                        {"facts", OrderedJson(detail.facts)}};
    if (!result.missing.empty())
        json["missing"] = result.missing;
    return json;
}

/// The rows of one metric, or of the one that an attack has where it has not that.
std::string resultTable(const std::vector<StressResult>& results, const std::string& metric)
{
    TextTable table({{.title = "attack"},
                     {.title = "setting"},
                     {.title = "model"},
                     {.title = "before", .align = Align::Right},
                     {.title = "after", .align = Align::Right},
                     {.title = "95 % interval"},
                     {.title = "worst", .align = Align::Right},
                     {.title = "items", .align = Align::Right},
                     {.title = "metric"}});
    std::map<std::string, bool> has;
    for (const StressResult& result : results)
        has[result.attack] = has[result.attack] || result.metric == metric;
    for (const StressResult& result : results) {
        if (!result.missing.empty() || (has[result.attack] && result.metric != metric))
            continue;
        table.addRow({result.attack, settingOf(result), roleName(result.role),
                      numberText(result.before), numberText(result.value),
                      result.interval ? fmt::format("{:.3f} to {:.3f}", result.interval->low,
                                                    result.interval->high)
                                      : "-",
                      numberText(result.worst), std::to_string(result.count), result.metric});
    }
    return table.text();
}

/// Numbers that stand beside the scores: shares of weights, recovery ratios.
std::string factLines(const std::vector<StressResult>& results, const std::string& metric)
{
    std::string text;
    for (const StressResult& result : results) {
        if (result.role != ModelRole::Current || result.metric != metric)
            continue;
        const Json facts = stressDetail(result).facts;
        const std::string name = result.attack + " " + settingOf(result);
        if (facts.contains("rounded_differently"))
            text += fmt::format("{}: {:.2f} % of the weights differ from the original's, {:.2f} % "
                                "still do when rounded\n",
                                name, 100 * facts["moved"].get<double>(),
                                100 * facts["rounded_differently"].get<double>());
        if (const auto ratio = recoveryRatio(results, result))
            text += fmt::format("{}: recovery ratio {:.2f} (1: no faster than the reference)\n",
                                name, *ratio);
    }
    return text;
}

std::string summary(const std::vector<StressResult>& results, const std::string& metric)
{
    std::string text = factLines(results, metric);
    std::string worst;
    for (const ModelRole role : {ModelRole::Current, ModelRole::Original, ModelRole::Reference})
        if (const std::optional<WorstCase> one = worstCase(results, role, metric))
            worst += fmt::format("{}{} {:.3f} (before {:.3f})", worst.empty() ? "" : ", ",
                                 roleName(role), one->value, one->before);
    if (!worst.empty())
        text += "every item at its worst over all attacks, " + metric + ": " + worst + "\n";
    for (const StressResult& result : results)
        if (!result.missing.empty())
            text += "not measured: " + result.attack + " (" + roleName(result.role) +
                    "): " + result.missing + "\n";
    return text + "verdict: " + verdictText(stressVerdict(results)) + "\n";
}

int run(const Arguments& arguments)
{
    watchForInterrupt();
    const Result<std::vector<AttackSpec>> chosen = chosenAttacks(arguments);
    if (!chosen)
        return report(chosen.error());
    Result<Chosen> model = chosenModel(arguments);
    if (!model)
        return report(model.error());
    applyOptions(arguments, model->request);
    model->request.attacks = *chosen;
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    const StressWatch watch{.proceed = [&](const StressProgress& progress) {
        std::string line = fmt::format("{}: {}", roleName(progress.role),
                                       progress.attack.empty() ? "first pass, without an attack"
                                                               : progress.attack);
        if (progress.secondsLeft)
            line += fmt::format(", {:.0f} %, about {} left", 100 * progress.share,
                                durationText(*progress.secondsLeft));
        status.show(line);
        return !isInterrupted();
    }};
    const Result<StressReport> attacked = runStress(model->request, watch);
    status.finish();
    if (!attacked)
        return report(attacked.error());
    if (model->store)
        if (const Status stored = model->store->addStressResults(model->run, attacked->results);
            !stored)
            return report(stored.error());
    const std::string wanted = arguments.text("metric").value_or(leadingMetric(attacked->results));
    if (arguments.flag("json")) {
        JsonLines lines;
        for (const StressResult& result : attacked->results)
            lines.write(toJson(result));
        lines.write(OrderedJson{{"verdict", verdictText(stressVerdict(attacked->results))},
                                {"seconds", attacked->seconds},
                                {"complete", !attacked->cancelled}});
    } else {
        std::cout << resultTable(attacked->results, wanted) << "\n"
                  << summary(attacked->results, wanted)
                  << fmt::format("took {}\n", durationText(attacked->seconds));
    }
    return attacked->cancelled ? ExitInterrupted : ExitDone;
}

} // namespace

Command attackCommand()
{
    return {
        .name = "attack",
        .summary = "try to bring back what a model was made to forget",
        .positionals = {{.name = "MODEL",
                         .help = "a model folder, or a run of the history, which brings its model, "
                                 "original, reference, corpora and template, and keeps the "
                                 "results"}},
        .options = {{.name = "attack",
                     .value = "SPEC",
                     .help = "ids with commas between them, or JSON with parameters; default: all "
                             "that need no file",
                     .repeatable = true},
                    {.name = "forget", .value = "FILE", .help = "what was to be forgotten"},
                    {.name = "retain", .value = "FILE", .help = "what was to be kept"},
                    {.name = "original", .value = "DIR", .help = "the model before unlearning"},
                    {.name = "reference",
                     .value = "DIR",
                     .help = "a model that was trained without the forget set"},
                    {.name = "template",
                     .value = "ID",
                     .help = "prompt format, or model for the model's own chat template"},
                    {.name = "metric",
                     .value = "ID",
                     .help = "shown in the table: rouge-l, extraction-strength or probability; the "
                             "record and --json have all"},
                    {.name = "max-samples",
                     .value = "N",
                     .help = "of the forget set; default 100",
                     .type = ValueType::Integer,
                     .min = 1},
                    {.name = "max-new-tokens",
                     .value = "N",
                     .help = "of an answer; default: as the run, or 64",
                     .type = ValueType::Integer,
                     .min = 1},
                    {.name = "max-length",
                     .value = "N",
                     .help = "tokens of a sample; default: as the run, or 512",
                     .type = ValueType::Integer,
                     .min = 2},
                    {.name = "seed",
                     .value = "N",
                     .help = "of the samples that are drawn",
                     .type = ValueType::Integer,
                     .min = 0},
                    {.name = "device", .value = "D", .help = "auto, cpu or cuda:N"},
                    {.name = "precision", .value = "P", .help = "auto, float32 or bfloat16"},
                    {.name = "json", .help = "JSON lines on stdout instead of the table"},
                    storeOption()},
        .run = &run};
}

} // namespace lacuna
