#include "core/report/report_parts.h"
#include "core/report/shown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

constexpr std::size_t kFewestPoints = 2;

bool isShare(const std::string& metric)
{
    const Result<const MetricInfo*> info = metrics().find(metric);
    return info && (*info)->range == "0 to 1";
}

std::optional<ChartBar> barOf(const std::optional<MeasuredValue>& measured, const char* label,
                              Ink ink)
{
    if (!measured || !measured->evaluation.missing.empty() ||
        !std::isfinite(measured->evaluation.value))
        return std::nullopt;
    return ChartBar{label, ink, measured->evaluation.value, measured->interval};
}

std::string described(const ChartBarGroup& group)
{
    std::string text;
    for (const ChartBar& bar : group.bars)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", bar.label, numberText(bar.value));
    return group.label + ": " + text + ".";
}

/// "From 0.9985 at step 0 to 0.017 at step 48; lowest 0.0166 at step 40, highest ...".
std::string described(const ChartCurve& curve)
{
    const std::pair<double, double>* first = nullptr;
    const std::pair<double, double>* last = nullptr;
    const std::pair<double, double>* low = nullptr;
    const std::pair<double, double>* high = nullptr;
    for (const auto& point : curve.points) {
        if (!std::isfinite(point.second))
            continue;
        first = first ? first : &point;
        last = &point;
        low = low && low->second <= point.second ? low : &point;
        high = high && high->second >= point.second ? high : &point;
    }
    if (!first)
        return curve.label + ": no finite value.";
    const auto at = [](const std::pair<double, double>& point) {
        return fmt::format("{} at step {}", numberText(point.second), numberText(point.first));
    };
    return fmt::format("{}: from {} to {}; lowest {}, highest {}.", curve.label, at(*first),
                       at(*last), at(*low), at(*high));
}

/// The probability of the answers of \p set on the way, beside the original's and the reference's.
std::optional<ReportFigure> probabilityCourse(const RunContent& content, const std::string& set)
{
    ChartCurve curve{.label = "unlearned model",
                     .ink = Ink::Unlearned,
                     .dash = set == "forget" ? Dash::Solid : Dash::Short,
                     .marker = Marker::Square};
    std::int64_t texts = 0;
    for (const MeasuredValue& measured : content.measured) {
        const Evaluation& one = measured.evaluation;
        if (one.phase != EvaluationPhase::During || one.set != set || one.metric != "probability" ||
            !one.missing.empty())
            continue;
        curve.points.emplace_back(static_cast<double>(one.step), one.value);
        texts = one.count;
    }
    if (curve.points.size() < kFewestPoints)
        return std::nullopt;
    CurveChart chart{
        .title = fmt::format("Probability of the answers of the {} on the way", titleOfSet(set)),
        .description = described(curve),
        .xTitle = "training step",
        .yTitle = fmt::format("mean probability of the true answers, 0 to 1 ({})",
                              directionText(set, "probability")),
        .range = Interval{0, 1}};
    if (curve.points.front().first == 0)
        chart.rules.push_back({"original", Ink::Original, curve.points.front().second});
    const MeasuredQuantity* quantity = content.find(set, "probability");
    if (quantity && quantity->reference && quantity->reference->evaluation.missing.empty()) {
        chart.rules.push_back({"reference", Ink::Reference, quantity->reference->evaluation.value});
        chart.description +=
            fmt::format(" The reference has {}.", numberText(chart.rules.back().value));
    }
    chart.curves.push_back(std::move(curve));
    return ReportFigure{fmt::format("{}, measured on {} texts.", chart.title, texts), drawn(chart)};
}

std::optional<ReportFigure> lossCourse(const RunContent& content)
{
    CurveChart chart{.title = "Loss in training",
                     .xTitle = "training step",
                     .yTitle = "mean surprise a token of the true answers, in nats (forget set: "
                               "higher is more forgotten; retain set: lower is better kept)"};
    const auto add = [&](const char* key, const char* label, Dash dash) {
        const auto found = content.series.find(key);
        if (found == content.series.end() || found->second.values.size() < kFewestPoints)
            return;
        ChartCurve curve{.label = label, .dash = dash};
        for (std::size_t i = 0; i < found->second.values.size(); ++i)
            curve.points.emplace_back(static_cast<double>(found->second.steps[i]),
                                      found->second.values[i]);
        chart.description += (chart.description.empty() ? "" : " ") + described(curve);
        chart.curves.push_back(std::move(curve));
    };
    add("forget_nll", "forget set", Dash::Solid);
    add("retain_nll", "retain set", Dash::Short);
    if (chart.curves.empty())
        return std::nullopt;
    return ReportFigure{"How surprised the model was by the texts that it was trained on, step by "
                        "step.",
                        drawn(chart)};
}

} // namespace

std::optional<ReportFigure> barsOf(const RunContent& content, const std::string& set)
{
    BarChart chart{.title = fmt::format("The {}, before and after", titleOfSet(set))};
    bool anyAfter = false;
    for (const MeasuredQuantity& one : content.quantities) {
        if (one.set != set || !isShare(one.metric))
            continue;
        ChartBarGroup group{.label = titleOfMetric(one.metric)};
        const auto add = [&](const std::optional<ChartBar>& bar) {
            if (bar)
                group.bars.push_back(*bar);
        };
        add(barOf(one.before, "original", Ink::Original));
        const std::optional<ChartBar> after = barOf(one.after, "unlearned", Ink::Unlearned);
        add(after);
        add(barOf(one.reference, "reference", Ink::Reference));
        anyAfter = anyAfter || after.has_value();
        if (group.bars.empty())
            continue;
        chart.description += (chart.description.empty() ? "" : " ") + described(group);
        chart.groups.push_back(std::move(group));
    }
    if (!anyAfter)
        return std::nullopt;
    const std::string good = directionText(set, "probability");
    chart.xTitle = "0 to 1; thin lines: 95 % intervals" + (good.empty() ? "" : "; " + good);
    return ReportFigure{chart.title + ".", drawn(chart)};
}

ReportSection courseSection(const RunContent& content)
{
    ReportSection section{.id = "course", .title = "How it went"};
    for (const char* set : {"forget", "retain"})
        if (std::optional<ReportFigure> figure = probabilityCourse(content, set))
            section.blocks.emplace_back(std::move(*figure));
    if (std::optional<ReportFigure> figure = lossCourse(content))
        section.blocks.emplace_back(std::move(*figure));
    return section;
}

} // namespace lacuna
