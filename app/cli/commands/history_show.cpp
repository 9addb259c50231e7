#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/store/export.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

constexpr std::size_t kTextWidth = 92;

std::string numberText(double value)
{
    return fmt::format("{:.4g}", value);
}

std::string numberText(const std::optional<double>& value)
{
    return value ? numberText(*value) : "";
}

/// One quantity of a run: its value before, and the last one.
struct Measured {
    std::string set;
    std::string metric;
    std::string variant;
    bool standalone = false; ///< measured apart from the run
    std::optional<double> before = {};
    std::optional<double> latest = {};
    std::int64_t step = 0; ///< of the latest

    [[nodiscard]] bool isSameQuantity(const Measured& other) const
    {
        return set == other.set && metric == other.metric && variant == other.variant &&
               standalone == other.standalone;
    }
    [[nodiscard]] std::string name() const
    {
        return set + " " + metric + (variant.empty() ? "" : " (" + variant + ")") +
               (standalone ? ", standalone" : "");
    }
};

/// In the order in which they were first measured. Values on the subsets used during the run only
/// count until there is one from after it.
Result<std::vector<Measured>> measuredIn(const Store& store, RunId id)
{
    const Result<std::vector<Evaluation>> evaluations = store.readEvaluations(id, false);
    if (!evaluations)
        return evaluations.error();
    std::vector<Measured> all;
    std::vector<bool> final;
    for (const Evaluation& evaluation : *evaluations) {
        const Measured wanted{.set = evaluation.set,
                              .metric = evaluation.metric,
                              .variant = evaluation.variant,
                              .standalone = evaluation.phase == EvaluationPhase::Standalone};
        const auto found = std::find_if(all.begin(), all.end(), [&](const Measured& measured) {
            return measured.isSameQuantity(wanted);
        });
        const auto at = static_cast<std::size_t>(found - all.begin());
        if (found == all.end()) {
            all.push_back(wanted);
            final.push_back(false);
        }
        if (evaluation.phase == EvaluationPhase::Before) {
            all[at].before = evaluation.value;
        } else if (!final[at] || evaluation.phase != EvaluationPhase::During) {
            all[at].latest = evaluation.value;
            all[at].step = evaluation.step;
            final[at] = evaluation.phase != EvaluationPhase::During;
        }
    }
    return all;
}

std::string heading(const std::string& text)
{
    return "\n" + text + "\n\n";
}

std::string runTable(const Run& run)
{
    TextTable table({{.title = "run"}, {.title = run.uid}});
    const auto add = [&](const char* what, const std::string& value) {
        if (!value.empty())
            table.addRow({what, value});
    };
    add("name", run.name);
    add("state", fmt::format("{}, step {} of {}", idOf(run.state), run.step, run.totalSteps));
    add("ended because", run.stopReason);
    add("error", run.error);
    add("method", run.method);
    add("model", run.model.path);
    add("forget", run.forget.path);
    add("retain", run.retain.path);
    add("holdout", run.holdout.path);
    add("seed", std::to_string(run.seed));
    add("computed",
        fmt::format("on {} in {} with {} threads", run.device, run.precision, run.threads));
    add("program", run.programVersion);
    add("created", run.createdAt);
    add("started", run.startedAt);
    add("ended", run.endedAt);
    add("group", run.group);
    add("tags", join(run.tags, ", "));
    add("note", run.note);
    add("folder", run.folder);
    return table.text();
}

std::string recipeText(const Run& run)
{
    const OrderedJson recipe = OrderedJson::parse(run.recipe, nullptr, false);
    if (recipe.is_discarded())
        return {};
    return heading("Recipe") + recipe.dump(2, ' ', false, OrderedJson::error_handler_t::replace) +
           "\n";
}

std::string evaluationTable(const std::vector<Measured>& measured)
{
    if (measured.empty())
        return {};
    TextTable table({{.title = "set"},
                     {.title = "metric"},
                     {.title = "before", .align = Align::Right},
                     {.title = "latest", .align = Align::Right},
                     {.title = "change", .align = Align::Right},
                     {.title = "at step", .align = Align::Right},
                     {.title = "variant"}});
    for (const Measured& one : measured)
        table.addRow(
            {one.set, one.metric, numberText(one.before), numberText(one.latest),
             one.before && one.latest ? fmt::format("{:+.4g}", *one.latest - *one.before) : "",
             one.latest ? std::to_string(one.step) : "",
             one.variant + (one.standalone ? " (standalone)" : "")});
    return heading("Evaluations") + table.text();
}

std::string seriesTable(const SeriesByKey& series)
{
    if (series.empty())
        return {};
    TextTable table({{.title = "curve"},
                     {.title = "points", .align = Align::Right},
                     {.title = "first", .align = Align::Right},
                     {.title = "last", .align = Align::Right},
                     {.title = "at step", .align = Align::Right}});
    for (const auto& [key, one] : series)
        if (!one.values.empty())
            table.addRow({key, std::to_string(one.values.size()), numberText(one.values.front()),
                          numberText(one.values.back()), std::to_string(one.steps.back())});
    return heading("Curves") + table.text();
}

/// The latest answer to each prompt in each role, under the prompt.
std::string answerText(const std::vector<Answer>& answers)
{
    if (answers.empty())
        return {};
    std::vector<std::string> prompts;
    for (const Answer& answer : answers)
        if (std::find(prompts.begin(), prompts.end(), answer.prompt) == prompts.end())
            prompts.push_back(answer.prompt);
    std::string text = heading("Answers");
    for (const std::string& prompt : prompts) {
        text += printable(prompt) + "\n";
        for (const ModelRole role :
             {ModelRole::Original, ModelRole::Current, ModelRole::Reference}) {
            const Answer* latest = nullptr;
            for (const Answer& answer : answers)
                if (answer.prompt == prompt && answer.role == role &&
                    (!latest || answer.step >= latest->step))
                    latest = &answer;
            if (!latest)
                continue;
            std::string label = fmt::format("  {:<10}", idOf(role));
            if (role == ModelRole::Current)
                label = fmt::format("  step {:<5}", latest->step);
            for (const std::string& line : wrapped(printable(latest->text), kTextWidth - 12)) {
                text += label + line + "\n";
                label = std::string(12, ' ');
            }
        }
    }
    return text;
}

std::string interruptionTable(const std::vector<Interruption>& interruptions)
{
    if (interruptions.empty())
        return {};
    TextTable table({{.title = "time"},
                     {.title = "step", .align = Align::Right},
                     {.title = "what"},
                     {.title = "note"}});
    for (const Interruption& one : interruptions)
        table.addRow({one.time, std::to_string(one.step), std::string(idOf(one.kind)), one.note});
    return heading("Interruptions") + table.text();
}

std::string artefactTable(const std::vector<Artefact>& artefacts)
{
    if (artefacts.empty())
        return {};
    TextTable table({{.title = "kind"},
                     {.title = "step", .align = Align::Right},
                     {.title = "size", .align = Align::Right},
                     {.title = "path"}});
    for (const Artefact& one : artefacts)
        table.addRow({one.kind, one.step ? std::to_string(*one.step) : "",
                      bytesText(static_cast<double>(one.bytes)), one.path});
    return heading("Files") + table.text();
}

int show(const Arguments& arguments)
{
    const Result<OpenRun> open = openRun(arguments, OpenMode::ReadOnly);
    if (!open)
        return report(open.error());
    const auto& [store, run] = *open;
    if (arguments.flag("json")) {
        const Result<OrderedJson> json = runToJson(store, run.id);
        if (!json)
            return report(json.error());
        JsonLines().write(*json);
        return ExitDone;
    }
    // value() hands a failure on to the program's outermost function, which reports it.
    std::string text = runTable(run);
    text += recipeText(run);
    text += interruptionTable(store.readInterruptions(run.id).value());
    text += evaluationTable(measuredIn(store, run.id).value());
    text += seriesTable(store.readSeries(run.id).value());
    text += answerText(store.readAnswers(run.id).value());
    text += artefactTable(store.readArtefacts(run.id).value());
    std::cout << text << std::flush;
    return ExitDone;
}

} // namespace

Command historyShowCommand()
{
    return {
        .name = "history show",
        .summary = "one run: recipe, interruptions, evaluations before and after, curves, "
                   "answers, files",
        .positionals = {{.name = "RUN", .help = "a run's id, its beginning, or the run's name"}},
        .options = {storeOption(), {.name = "json", .help = "everything on one JSON line instead"}},
        .run = show};
}

} // namespace lacuna
