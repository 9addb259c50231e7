#include "core/run/leaderboard.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/measured.h"
#include "app/cli/output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>

namespace lacuna {
namespace {

std::string seconds(std::optional<double> value)
{
    return value ? fmt::format("{:.0f}", *value) : "-";
}

std::string withInterval(double value, const std::optional<Interval>& place)
{
    const std::string interval = intervalText(place);
    return measuredText(value) + (interval.empty() ? "" : " (" + interval + ")");
}

std::string cell(const Evaluation& value)
{
    return value.missing.empty() ? withInterval(value.value, value.interval) : "-";
}

/// Why cells are empty, each reason once.
std::string reasons(const Leaderboard& board)
{
    std::vector<std::string> lines;
    for (const LeaderboardRow& row : board.rows)
        for (std::size_t i = 0; i < row.values.size(); ++i)
            if (const std::string& why = row.values[i].missing; !why.empty()) {
                std::string line = fmt::format("  {}: {}", leaderboardColumns()[i].title, why);
                if (std::ranges::find(lines, line) == lines.end())
                    lines.push_back(std::move(line));
            }
    std::string text;
    for (const std::string& line : lines)
        text += printable(line) + "\n";
    return text.empty() ? text : "\nMissing\n" + text;
}

std::string table(const Leaderboard& board)
{
    std::vector<Column> columns = {{.title = "model"}};
    for (const LeaderboardColumn& column : leaderboardColumns())
        columns.push_back({.title = column.title, .align = Align::Right});
    for (const char* title : {"stress worst", "seconds",
                              board.estimated ? "of retraining, estimated" : "of retraining"})
        columns.push_back({.title = title, .align = Align::Right});
    TextTable text(columns);
    for (const LeaderboardRow& row : board.rows) {
        std::vector<std::string> cells = {row.name};
        for (const Evaluation& value : row.values)
            cells.push_back(cell(value));
        cells.push_back(row.stressWorst ? withInterval(*row.stressWorst, row.stressInterval) : "-");
        cells.push_back(seconds(row.seconds));
        cells.push_back(row.retrainRatio ? fmt::format("{:.3f}", *row.retrainRatio) : "-");
        text.addRow(cells);
    }
    std::string goals = "\nBest is";
    for (const LeaderboardColumn& column : leaderboardColumns())
        goals += fmt::format("{} {}: {}", &column == &leaderboardColumns().front() ? "" : ";",
                             column.title, column.goal);
    return text.text() + goals + ". In brackets: 95 % intervals.\n" + board.retraining + "\n" +
           reasons(board);
}

int run(const Arguments& arguments)
{
    const Result<Store> store = openHistory(arguments, OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    const Result<Leaderboard> board =
        readLeaderboard(*store, arguments.value("GROUP"),
                        {.run = arguments.text("retraining").value_or(""),
                         .passes = arguments.integer("passes").value_or(0)});
    if (!board)
        return report(board.error());
    if (arguments.flag("json"))
        JsonLines().write(toJson(*board));
    else
        std::cout << table(*board);
    return ExitDone;
}

} // namespace

Command leaderboardCommand()
{
    return {.name = "leaderboard",
            .summary = "the runs of a group side by side with the original and the reference",
            .positionals = {{.name = "GROUP", .help = "as history list shows it"}},
            .options = {storeOption(),
                        {.name = "retraining",
                         .value = "RUN",
                         .help = "the run that made the reference; default: found by its folder"},
                        {.name = "passes",
                         .value = "N",
                         .help = "where retraining was not measured: estimate it as so many passes "
                                 "over the retain set; default: as the original was trained",
                         .type = ValueType::Integer,
                         .min = 1},
                        {.name = "json", .help = "JSON instead of the table"}},
            .run = &run};
}

} // namespace lacuna
