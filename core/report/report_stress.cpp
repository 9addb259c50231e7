#include "core/base/text.h"
#include "core/report/report_parts.h"
#include "core/report/shown_text.h"
#include "core/run/stress_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {
namespace {

constexpr std::size_t kMostRows = 300;

std::string modelName(ModelRole role)
{
    switch (role) {
    case ModelRole::Original:
        return "original";
    case ModelRole::Current:
        return "unlearned";
    default:
        return std::string(idOf(role));
    }
}

ReportCell attackCell(const StressResult& result)
{
    return {.text = replaceAll(shownLine(result.attack), "-", " "),
            .note = shownLine(settingOf(result))};
}

ReportCell numberCell(double value, const std::string& note = {})
{
    if (!std::isfinite(value))
        return {.text = "none"};
    return {.text = numberText(value), .value = value, .note = note};
}

ReportTable attacksTable(const std::vector<StressResult>& results)
{
    ReportTable table{.caption = "What each attempt brought out",
                      .columns = {{"Attempt"},
                                  {"Model"},
                                  {"Metric"},
                                  {"Without it", true},
                                  {"Under it", true},
                                  {"Worst text", true},
                                  {"Texts", true}}};
    for (const StressResult& one : results) {
        if (table.rows.size() == kMostRows)
            break;
        std::vector<ReportCell> row = {
            attackCell(one), {.text = modelName(one.role)}, {.text = titleOfMetric(one.metric)}};
        if (one.set != "forget")
            row[2].note = titleOfSet(one.set);
        if (one.missing.empty()) {
            const std::string interval =
                one.interval ? fmt::format("[{}, {}]", numberText(one.interval->low),
                                           numberText(one.interval->high))
                             : "";
            row.insert(row.end(), {numberCell(one.before),
                                   numberCell(one.value, interval),
                                   numberCell(one.worst),
                                   {.text = std::to_string(one.count)}});
        } else {
            row.insert(
                row.end(),
                {{.text = "none"}, {.text = "none", .note = shownLine(one.missing)}, {}, {}});
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::string worstCases(const std::vector<StressResult>& results)
{
    const std::string metric = leadingMetric(results);
    std::string text;
    for (const ModelRole role : {ModelRole::Original, ModelRole::Current, ModelRole::Reference})
        if (const std::optional<WorstCase> worst = worstCase(results, role, metric))
            text += fmt::format("{}{} {} ({} without an attempt, {} texts)",
                                text.empty() ? "" : "; ", modelName(role), numberText(worst->value),
                                numberText(worst->before), worst->count);
    if (text.empty())
        return text;
    return fmt::format("Worst case, every text at the attempt that brought most out of it, {}: {}.",
                       titleOfMetric(metric), text);
}

} // namespace

std::string stressVerdictSentence(const RunContent& content)
{
    return capitalised(shownLine(verdictText(stressVerdict(content.stress))));
}

std::vector<std::string> attacksOf(const RunContent& content)
{
    std::vector<std::string> attacks;
    for (const StressResult& one : content.stress) {
        const std::string name = replaceAll(shownLine(one.attack), "-", " ");
        if (one.missing.empty() && std::ranges::find(attacks, name) == attacks.end())
            attacks.push_back(name);
    }
    return attacks;
}

ReportSection stressSection(const RunContent& content)
{
    ReportSection section{.id = "stress", .title = "Attempts to bring it back"};
    if (content.stress.empty())
        return section;
    const bool recovered = !stressVerdict(content.stress).recovered.empty();
    section.blocks.emplace_back(ReportParagraph{stressVerdictSentence(content),
                                                recovered ? ReportParagraph::Weight::Warning
                                                          : ReportParagraph::Weight::Plain});
    if (const std::string worst = worstCases(content.stress); !worst.empty())
        section.blocks.emplace_back(ReportParagraph{worst});
    section.blocks.emplace_back(ReportParagraph{
        "Higher is more brought back, on scales from 0 to 1. An attempt counts as recovery where "
        "the same texts clearly gain by it, and more than those of the reference where there is "
        "one."});
    section.blocks.emplace_back(attacksTable(content.stress));
    if (content.stress.size() > kMostRows)
        section.blocks.emplace_back(
            ReportParagraph{fmt::format("{} more rows are in the experiment history.",
                                        content.stress.size() - kMostRows),
                            ReportParagraph::Weight::Small});
    return section;
}

} // namespace lacuna
