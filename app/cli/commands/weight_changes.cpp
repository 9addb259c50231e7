#include "core/probe/weight_changes.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/part_rows.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

namespace lacuna {
namespace {

std::vector<std::string> cellsOf(const WeightChange& change)
{
    return {std::to_string(change.weights), fmt::format("{:.3e}", change.relative()),
            fmt::format("{:.2f} %", 100 * change.changedShare()),
            fmt::format("{:.3e}", change.largest)};
}

std::string tableOf(const WeightChangeMap& map, bool modules)
{
    TextTable table({{.title = "block", .align = Align::Right},
                     {.title = "part"},
                     {.title = "weights", .align = Align::Right},
                     {.title = "|change| / |weights|", .align = Align::Right},
                     {.title = "changed", .align = Align::Right},
                     {.title = "largest", .align = Align::Right}});
    const auto add = [&](std::string block, std::string part, const WeightChange& change) {
        std::vector<std::string> cells = cellsOf(change);
        cells.insert(cells.begin(), {std::move(block), std::move(part)});
        table.addRow(std::move(cells));
    };
    const std::vector<ModelPart> parts = modelParts(map.config);
    for (const auto& [part, module] : partRows(parts, modules))
        add(part->layer < 0 ? "" : std::to_string(part->layer),
            module ? "  " + module->name : partName(part->kind),
            map.of(module ? module->slots : part->slots));
    add("", "whole", map.whole());
    return table.text();
}

OrderedJson changeJson(const WeightChange& change)
{
    return {{"weights", change.weights},
            {"relative", change.relative()}, // written as null where it is infinite
            {"changed", change.changed},
            {"changed_share", change.changedShare()},
            {"largest", change.largest}};
}

/// A line for every module, and one for the whole.
void writeLines(const WeightChangeMap& map)
{
    JsonLines lines;
    const std::vector<ModelPart> parts = modelParts(map.config);
    for (const auto& [part, module] : partRows(parts, true)) {
        if (!module)
            continue;
        OrderedJson line = {{"block", part->layer < 0 ? OrderedJson() : OrderedJson(part->layer)},
                            {"part", partName(part->kind)},
                            {"module", module->name}};
        line.update(changeJson(map.of(module->slots)));
        lines.write(line);
    }
    lines.write(OrderedJson{{"whole", changeJson(map.whole())}});
}

int run(const Arguments& arguments)
{
    watchForInterrupt();
    std::stop_source stop;
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    Progress progress(
        stop.get_token(), [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
            status.show(fmt::format("{} {:.0f} %", what,
                                    100 * static_cast<double>(done) / static_cast<double>(total)));
            if (isInterrupted())
                stop.request_stop();
        });
    const Result<std::optional<WeightChangeMap>> found =
        findWeightChanges(arguments.value("MODEL_A"), arguments.value("MODEL_B"), progress);
    status.finish();
    if (!found)
        return report(found.error());
    if (!*found)
        return ExitInterrupted;
    if (arguments.flag("json"))
        writeLines(**found);
    else
        std::cout << tableOf(**found, arguments.flag("modules"))
                  << "\nchanged: entries that differ once both are rounded to the coarser of the "
                     "two files' types\n";
    return ExitDone;
}

} // namespace

Command weightChangesCommand()
{
    return {
        .name = "weight-changes",
        .summary = "where in a model its weights moved from another one",
        .positionals = {{.name = "MODEL_A", .help = "folder of the original"},
                        {.name = "MODEL_B",
                         .help = "folder of the model made from it; an adapter counts as "
                                 "merged"}},
        .options = {{.name = "modules", .help = "a row for each matrix and norm as well"},
                    {.name = "json", .help = "a JSON line for each module and one for the whole"}},
        .run = &run};
}

} // namespace lacuna
