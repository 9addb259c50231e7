#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/output.h"
#include "core/run/comparison.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {
namespace {

constexpr std::size_t kNameWidth = 24;
constexpr std::size_t kValueWidth = 40;

struct Compared {
    std::vector<ComparedRun> runs; ///< the pinned one first

    [[nodiscard]] const ComparedRun& pinned() const { return runs.front(); }
    [[nodiscard]] std::vector<const ComparedRun*> list() const
    {
        std::vector<const ComparedRun*> all;
        for (const ComparedRun& run : runs)
            all.push_back(&run);
        return all;
    }
};

/// The ids that the command line names, each once; the pinned one first.
Result<std::vector<RunId>> namedRuns(const Store& store, const Arguments& arguments)
{
    std::vector<RunId> ids;
    const auto add = [&ids](RunId id) {
        if (std::ranges::find(ids, id) == ids.end())
            ids.push_back(id);
    };
    std::vector<std::string> references = arguments.list("RUN");
    if (const std::optional<std::string> pinned = arguments.text("pin"))
        references.insert(references.begin(), *pinned);
    for (const std::string& reference : references) {
        const Result<Run> run = store.findRun(reference);
        if (!run)
            return run.error();
        add(run->id);
    }
    if (const std::optional<std::string> group = arguments.text("group")) {
        const Result<std::vector<Run>> members = store.runs({.group = *group, .descending = false});
        if (!members)
            return members.error();
        if (members->empty())
            return Error{.code = ErrorCode::NotFound,
                         .message = "there is no run of this group",
                         .context = *group,
                         .remedy = "\"history list --json\" tells the group of every run"};
        for (const Run& run : *members)
            add(run.id);
    }
    return ids;
}

Result<Compared> readRuns(const Store& store, const std::vector<RunId>& ids)
{
    Compared compared;
    for (const RunId id : ids) {
        Result<ComparedRun> run = readComparedRun(store, id, true);
        if (!run)
            return run.error();
        compared.runs.push_back(std::move(run).value());
    }
    return compared;
}

std::string numberText(double value)
{
    return std::isnan(value) ? "" : fmt::format("{:.4g}", value);
}

const char* wordOf(DeltaReading reading)
{
    switch (reading) {
    case DeltaReading::Better:
        return " better";
    case DeltaReading::Worse:
        return " worse";
    case DeltaReading::Unclear:
        return " unclear";
    case DeltaReading::Same:
    case DeltaReading::Unknown:
        break;
    }
    return "";
}

std::string deltaText(const MetricDelta& delta, const Quantity& quantity)
{
    if (std::isnan(delta.value))
        return "";
    if (delta.otherData)
        return "other data";
    std::string text = fmt::format("{:+.4g}", delta.value);
    if (delta.interval)
        text += fmt::format(" [{:+.3g}, {:+.3g}]", delta.interval->low, delta.interval->high);
    const std::string word = wordOf(readingOf(delta, quantity));
    return text + word + (word.empty() || delta.interval ? "" : ", no interval");
}

/// A row a thing, a column a run.
TextTable runColumns(const std::string& first, const Compared& compared, Align align)
{
    std::vector<Column> columns = {{.title = first}};
    for (const ComparedRun& run : compared.runs)
        columns.push_back({.title = run.run.uid, .align = align});
    return TextTable(std::move(columns));
}

std::string settingTable(const Compared& compared, const std::vector<SettingRow>& rows)
{
    if (rows.empty())
        return "The runs have the same settings.\n";
    TextTable table = runColumns("setting", compared, Align::Left);
    for (const SettingRow& row : rows) {
        std::vector<std::string> cells = {row.path};
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            std::string cell =
                row.values[i] ? elided(row.values[i]->text, kValueWidth) : std::string("-");
            const std::optional<double> delta = row.delta(i, 0);
            if (delta && *delta != 0)
                cell += fmt::format(" ({:+.4g})", *delta);
            cells.push_back(std::move(cell));
        }
        table.addRow(std::move(cells));
    }
    return table.text();
}

std::string valueTable(const Compared& compared, const std::vector<TradeOff>& points)
{
    TextTable table = runColumns("latest values", compared, Align::Right);
    const auto add = [&](const std::string& what, const auto& cellOf) {
        std::vector<std::string> row = {what};
        for (const ComparedRun& run : compared.runs)
            row.push_back(cellOf(run));
        table.addRow(std::move(row));
    };
    add("name", [](const ComparedRun& run) { return elided(run.run.name, kNameWidth); });
    add("method", [](const ComparedRun& run) { return run.run.method; });
    add("state", [](const ComparedRun& run) { return std::string(idOf(run.run.state)); });
    add("steps", [](const ComparedRun& run) { return std::to_string(run.run.step); });
    if (!points.empty()) {
        std::vector<std::string> row = {"no other beats it"};
        for (const TradeOff& point : points)
            row.emplace_back(point.onFront ? "*" : "");
        table.addRow(std::move(row));
    }
    for (const Quantity& quantity : quantitiesOf(compared.list()))
        add(quantity.name(), [&](const ComparedRun& run) {
            const Measurement* one = run.find(quantity);
            if (!one)
                return std::string();
            std::string text = numberText(one->latest);
            if (one->interval)
                text += fmt::format(" [{:.3g}, {:.3g}]", one->interval->low, one->interval->high);
            return text;
        });
    return table.text();
}

std::string deltaTable(const Compared& compared)
{
    std::vector<Column> columns = {{.title = "difference from " + compared.pinned().run.uid}};
    for (std::size_t i = 1; i < compared.runs.size(); ++i)
        columns.push_back({.title = compared.runs[i].run.uid});
    TextTable table(std::move(columns));
    for (const Quantity& quantity : quantitiesOf(compared.list())) {
        std::vector<std::string> row = {quantity.name()};
        for (std::size_t i = 1; i < compared.runs.size(); ++i)
            row.push_back(
                deltaText(deltaFrom(compared.pinned(), compared.runs[i], quantity), quantity));
        table.addRow(std::move(row));
    }
    return table.text();
}

OrderedJson numberOrNull(double value)
{
    return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

void write(JsonLines& lines, const Compared& compared, const SettingRow& row)
{
    OrderedJson values = OrderedJson::object();
    OrderedJson deltas = OrderedJson::object();
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        const std::string& uid = compared.runs[i].run.uid;
        const auto& value = row.values[i];
        values[uid] = !value          ? OrderedJson(nullptr)
                      : value->number ? OrderedJson(*value->number)
                                      : OrderedJson(value->text);
        if (const std::optional<double> delta = row.delta(i, 0))
            deltas[uid] = *delta;
    }
    lines.write(OrderedJson{
        {"setting", row.path}, {"differs", row.differs}, {"values", values}, {"deltas", deltas}});
}

OrderedJson deltaJson(const MetricDelta& delta, const Quantity& quantity)
{
    constexpr std::array kReadings = {"unknown", "same", "better", "worse", "unclear"};
    constexpr std::array kBases = {"none", "paired", "independent"};
    OrderedJson json = {
        {"value", numberOrNull(delta.value)},
        {"basis", kBases.at(static_cast<std::size_t>(delta.basis))},
        {"reading", kReadings.at(static_cast<std::size_t>(readingOf(delta, quantity)))},
        {"other_data", delta.otherData}};
    if (delta.interval) {
        json["low"] = delta.interval->low;
        json["high"] = delta.interval->high;
    }
    return json;
}

void write(JsonLines& lines, const Compared& compared, const Quantity& quantity)
{
    OrderedJson before = OrderedJson::object();
    OrderedJson values = OrderedJson::object();
    OrderedJson intervals = OrderedJson::object();
    OrderedJson deltas = OrderedJson::object();
    for (const ComparedRun& run : compared.runs) {
        const std::string& uid = run.run.uid;
        const Measurement* one = run.find(quantity);
        before[uid] = numberOrNull(one ? one->before : Measurement::kUnknown);
        values[uid] = numberOrNull(one ? one->latest : Measurement::kUnknown);
        if (one && one->interval)
            intervals[uid] = {one->interval->low, one->interval->high};
        if (&run != &compared.pinned())
            deltas[uid] = deltaJson(deltaFrom(compared.pinned(), run, quantity), quantity);
    }
    lines.write(OrderedJson{{"set", quantity.set},
                            {"metric", quantity.metric},
                            {"variant", quantity.variant},
                            {"standalone", quantity.standalone},
                            {"before", before},
                            {"values", values},
                            {"intervals", intervals},
                            {"deltas", deltas}});
}

void writeAll(const Compared& compared, const std::vector<SettingRow>& rows,
              const std::optional<TradeOffAxes>& axes, const std::vector<TradeOff>& points)
{
    JsonLines lines;
    for (const SettingRow& row : rows)
        write(lines, compared, row);
    for (const Quantity& quantity : quantitiesOf(compared.list()))
        write(lines, compared, quantity);
    if (!axes)
        return;
    OrderedJson front = OrderedJson::array();
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].onFront)
            front.push_back(compared.runs[i].run.uid);
    lines.write(OrderedJson{
        {"front", front}, {"forget", axes->forget.name()}, {"keep", axes->keep.name()}});
}

int compare(const Arguments& arguments)
{
    const Result<Store> store = openHistory(arguments, OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    const Result<std::vector<RunId>> ids = namedRuns(*store, arguments);
    if (!ids)
        return report(ids.error());
    if (ids->size() < 2)
        return reportUsage("give two runs or more, or a group of several");
    const Result<Compared> read = readRuns(*store, *ids);
    if (!read)
        return report(read.error());
    const Compared& compared = *read;

    SettingFilter filter{.onlyDifferences = !arguments.flag("all")};
    for (const std::string& path : arguments.list("ignore"))
        filter.ignored.push_back(path);
    std::vector<const RunSettings*> settings;
    for (const ComparedRun& run : compared.runs)
        settings.push_back(&run.settings);
    const std::vector<SettingRow> rows = compareSettings(settings, filter);
    const std::optional<TradeOffAxes> axes = usualAxes(compared.list());
    std::vector<TradeOff> points;
    if (axes)
        points = tradeOffs(compared.list(), axes->forget, Direction::Lower, axes->keep,
                           Direction::Higher);
    if (arguments.flag("json")) {
        writeAll(compared, rows, axes, points);
        return ExitDone;
    }
    std::cout << settingTable(compared, rows) << "\n"
              << valueTable(compared, points) << "\n"
              << deltaTable(compared) << std::flush;
    if (axes)
        std::cerr << "\n* no other run has less " << axes->forget.name() << " and more "
                  << axes->keep.name() << "\n";
    return ExitDone;
}

} // namespace

Command historyCompareCommand()
{
    return {
        .name = "history compare",
        .summary = "runs side by side: the settings that differ, what they measured, and how far "
                   "that is from a pinned run",
        .positionals = {{.name = "RUN",
                         .help = "a run's id, its beginning, or the run's name",
                         .required = false,
                         .repeatable = true}},
        .options = {{.name = "group", .value = "GROUP", .help = "all runs of this group too"},
                    {.name = "pin",
                     .value = "RUN",
                     .help = "the run that the others are measured against; without it, the first"},
                    {.name = "all", .help = "settings that are the same in all runs too"},
                    {.name = "ignore",
                     .value = "PATH",
                     .help = "leave this setting out, and what lies below it; names always are",
                     .repeatable = true},
                    storeOption(),
                    {.name = "json", .help = "JSON lines instead of tables"}},
        .run = compare};
}

} // namespace lacuna
