#include "core/run/saliency.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/part_rows.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/models/adapter_files.h"
#include "core/models/family.h"
#include "core/run/scope.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unistd.h>

namespace lacuna {
namespace {

constexpr const char* kEvenNote =
    "note: no part stands out; another draw of samples moves ratios as far as they differ here\n";

bool isSuggested(const ScopeSuggestion& suggestion, const ModelPart& part)
{
    return std::ranges::any_of(suggestion.units, [&](const SaliencyUnit& unit) {
        return unit.layer == part.layer && unit.kind == part.kind;
    });
}

/// Everything there is to show.
struct Findings {
    SaliencyMap map;
    ScopeSuggestion suggestion;
    ScopeText scope;
    double share = 0; ///< of the forget saliency that the suggestion was to cover

    [[nodiscard]] OrderedJson scopeJson() const
    {
        return {{"layers", scope.layers}, {"modules", scope.modules}};
    }
};

std::string tableOf(const Findings& findings, bool modules)
{
    TextTable table({{.title = "block", .align = Align::Right},
                     {.title = "part"},
                     {.title = "weights", .align = Align::Right},
                     {.title = "forget", .align = Align::Right},
                     {.title = "retain", .align = Align::Right},
                     {.title = "ratio", .align = Align::Right},
                     {.title = "suggested"}});
    const std::vector<ModelPart> parts = modelParts(findings.map.config);
    for (const auto& [part, module] : partRows(parts, modules)) {
        const Saliency saliency = findings.map.of(module ? module->slots : part->slots);
        table.addRow(
            {part->layer < 0 ? "" : std::to_string(part->layer),
             module ? "  " + module->name : partName(part->kind), std::to_string(saliency.weights),
             fmt::format("{:.3e}", saliency.forgetMean()),
             fmt::format("{:.3e}", saliency.retainMean()), fmt::format("{:.3f}", saliency.ratio()),
             isSuggested(findings.suggestion, *part) ? "*" : ""});
    }
    return table.text();
}

std::string suggestionText(const Findings& findings)
{
    const Saliency suggested = wholeOf(findings.suggestion.units);
    const std::vector<SaliencyUnit> units = saliencyUnits(findings.map);
    const Saliency whole = wholeOf(units);
    return fmt::format(
        "\n{} samples of each set; forget and retain: mean |gradient| x |weight|\n"
        "all blocks: ratio {:.3f}\n"
        "suggested:  ratio {:.3f}, {:.1f} % of the blocks' forget saliency in "
        "{:.1f} % of their weights\n"
        "\"scope\": {}\n{}",
        findings.map.samples, whole.ratio(), suggested.ratio(), 100 * findings.suggestion.covered,
        100 * static_cast<double>(suggested.weights) / static_cast<double>(whole.weights),
        findings.scopeJson().dump(), isEven(units) ? kEvenNote : "");
}

/// A line for every module, and one for the suggestion.
void writeLines(const Findings& findings)
{
    JsonLines lines;
    const std::vector<ModelPart> parts = modelParts(findings.map.config);
    for (const auto& [part, module] : partRows(parts, true)) {
        if (!module)
            continue;
        const Saliency saliency = findings.map.of(module->slots);
        lines.write(
            OrderedJson{{"block", part->layer < 0 ? OrderedJson() : OrderedJson(part->layer)},
                        {"part", partName(part->kind)},
                        {"module", module->name},
                        {"weights", saliency.weights},
                        {"forget", saliency.forgetMean()},
                        {"retain", saliency.retainMean()},
                        {"ratio", saliency.ratio()}, // written as null where it is infinite
                        {"suggested", isSuggested(findings.suggestion, *part)}});
    }
    lines.write(OrderedJson{{"scope", findings.scopeJson()},
                            {"share", findings.share},
                            {"covered", findings.suggestion.covered},
                            {"even", isEven(saliencyUnits(findings.map))},
                            {"samples", findings.map.samples}});
}

Result<Recipe> recipeOf(const Arguments& arguments)
{
    Recipe recipe;
    if (const auto file = arguments.text("RECIPE")) {
        Result<Recipe> read = readRecipe(*file);
        if (!read)
            return read;
        recipe = std::move(read).value();
    } else {
        recipe.model = arguments.value("model");
        recipe.forget.path = arguments.value("forget");
        recipe.retain.path = arguments.value("retain");
    }
    recipe.promptTemplate = arguments.text("template").value_or(recipe.promptTemplate);
    recipe.device = arguments.text("device").value_or(recipe.device);
    recipe.seed = arguments.integer("seed").value_or(recipe.seed);
    recipe.training.precision = arguments.text("precision").value_or(recipe.training.precision);
    recipe.training.maxLength = arguments.integer("max-length").value_or(recipe.training.maxLength);
    return recipe;
}

int run(const Arguments& arguments)
{
    int named = 0;
    for (const char* option : {"model", "forget", "retain"})
        named += arguments.text(option) ? 1 : 0;
    if (named != (arguments.text("RECIPE") ? 0 : 3))
        return reportUsage("give either a recipe, or --model, --forget and --retain");
    const Result<Recipe> recipe = recipeOf(arguments);
    if (!recipe)
        return report(recipe.error());
    watchForInterrupt();
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    Result<std::optional<SaliencyMap>> found = findSaliency(
        {.recipe = *recipe, .maxSamples = arguments.integer("max-samples").value_or(128)},
        [&](double share) {
            status.show(fmt::format("measuring {:.0f} %", 100 * share));
            return !isInterrupted();
        });
    status.finish();
    if (!found)
        return report(found.error());
    if (!*found)
        return ExitInterrupted;
    Findings findings{.map = std::move(**found),
                      .share = arguments.number("share").value_or(kSuggestedShare)};
    findings.suggestion = suggestScope(findings.map, findings.share);
    const DecoderConfig& config = findings.map.config;
    const std::vector<WeightSlot> slots =
        recipe->scope.adapter ? adaptableSlots(config) : weightSlots(config);
    findings.scope =
        scopeText(suggestedSlots(findings.map, findings.suggestion, slots), config, slots);
    if (arguments.flag("json"))
        writeLines(findings);
    else
        std::cout << tableOf(findings, arguments.flag("modules")) << suggestionText(findings);
    return ExitDone;
}

} // namespace

Command saliencyCommand()
{
    return {.name = "saliency",
            .summary = "where in a model a forget set lies, compared with a retain set, and the "
                       "scope that follows",
            .positionals = {{.name = "RECIPE", .help = "of the run", .required = false}},
            .options = {{.name = "model", .value = "M", .help = "model folder"},
                        {.name = "forget", .value = "F", .help = "what is to be forgotten"},
                        {.name = "retain", .value = "R", .help = "what is to be kept"},
                        {.name = "max-samples",
                         .value = "N",
                         .help = "of each corpus; default 128",
                         .type = ValueType::Integer,
                         .min = 1},
                        {.name = "share",
                         .value = "S",
                         .help = "of the blocks' forget saliency that the suggested scope covers; "
                                 "default 0.25",
                         .type = ValueType::Number,
                         .min = 0.01,
                         .max = 1},
                        {.name = "modules", .help = "a row for each matrix and norm as well"},
                        {.name = "template",
                         .value = "ID",
                         .help = "prompt format, or model for the model's own chat template; the "
                                 "recipe's, or question-answer, without it"},
                        {.name = "max-length",
                         .value = "N",
                         .help = "tokens of a sample; the recipe's, or 512, without it",
                         .type = ValueType::Integer,
                         .min = 2},
                        {.name = "seed",
                         .value = "N",
                         .help = "of the samples drawn; the recipe's, or 42, without it",
                         .type = ValueType::Integer,
                         .min = 0},
                        {.name = "device", .value = "D", .help = "auto, cpu or cuda:N"},
                        {.name = "precision", .value = "P", .help = "auto, float32 or bfloat16"},
                        {.name = "json",
                         .help = "a JSON line for each module and one for the suggestion"}},
            .run = &run,
            .synopsis = "RECIPE | --model M --forget F --retain R [OPTIONS]"};
}

} // namespace lacuna
