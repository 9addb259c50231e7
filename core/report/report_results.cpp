#include "core/metrics/evaluation_interval.h"
#include "core/report/report_parts.h"
#include "core/report/shown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lacuna {
namespace {

constexpr std::size_t kMostQuestions = 60;
constexpr std::size_t kLongestQuestion = 600;
constexpr std::size_t kLongestAnswer = 1200;

constexpr const char* kAboutIntervals =
    "In brackets: where the value lies with 95 % confidence, by drawing the texts again. Intervals "
    "with a star were not on record; they were made for this report from the values of the single "
    "texts (bootstrap of the mean, {} draws, seed {}).";

ReportParagraph aboutIntervals()
{
    return {fmt::format(kAboutIntervals, kIntervalResamples, kIntervalSeed),
            ReportParagraph::Weight::Small};
}

/// Whether several variants of the metric were measured, so that the name alone does not do.
bool needsVariant(const RunContent& content, const std::string& metric)
{
    std::set<std::string> variants;
    for (const MeasuredValue& one : content.measured)
        if (one.evaluation.metric == metric)
            variants.insert(one.evaluation.variant);
    return variants.size() > 1;
}

ReportCell nameCell(const RunContent& content, const std::string& metric,
                    const std::string& variant)
{
    ReportCell cell{.text = titleOfMetric(metric)};
    if (needsVariant(content, metric))
        cell.note = shownLine(variant);
    return cell;
}

ReportCell valueCell(const std::optional<MeasuredValue>& measured)
{
    if (!measured)
        return {.text = "not measured"};
    const Evaluation& one = measured->evaluation;
    if (!one.missing.empty())
        return {.text = "none", .note = shownLine(one.missing)};
    ReportCell cell{
        .text = numberText(one.value), .value = one.value, .note = intervalText(*measured)};
    if (one.phase == EvaluationPhase::During)
        cell.note +=
            fmt::format("{}step {}, {} texts", cell.note.empty() ? "" : " ", one.step, one.count);
    return cell;
}

ReportCell changeCell(const MeasuredQuantity& quantity)
{
    const std::string words = changeText(quantity);
    if (words.empty())
        return {.text = "not known"};
    ReportCell cell{.text = words};
    cell.note = fmt::format("{:+.4g}",
                            quantity.after->evaluation.value - quantity.before->evaluation.value);
    if (quantity.change)
        cell.note += fmt::format(" [{}, {}]", numberText(quantity.change->low),
                                 numberText(quantity.change->high));
    return cell;
}

/// One row a metric of \p set; nothing where it was not measured.
std::optional<ReportTable> changesOf(const RunContent& content, const std::string& set)
{
    const bool reference =
        std::ranges::any_of(content.quantities, [&](const MeasuredQuantity& one) {
            return one.set == set && one.reference;
        });
    ReportTable table{.caption = fmt::format("The {}, before and after", titleOfSet(set)),
                      .columns = {{"Metric"}, {"Original", true}, {"Unlearned", true}}};
    if (reference)
        table.columns.push_back({"Reference", true});
    table.columns.push_back({"Change"});
    for (const MeasuredQuantity& one : content.quantities) {
        if (one.set != set)
            continue;
        ReportCell name = nameCell(content, one.metric, one.variant);
        if (const std::string direction = directionText(one.set, one.metric); !direction.empty())
            name.note += (name.note.empty() ? "" : "; ") + direction;
        std::vector<ReportCell> row = {name, valueCell(one.before), valueCell(one.after)};
        if (reference)
            row.push_back(valueCell(one.reference));
        row.push_back(changeCell(one));
        table.rows.push_back(std::move(row));
    }
    if (table.rows.empty())
        return std::nullopt;
    return table;
}

void addChanges(ReportSection& section, const RunContent& content, const std::string& set)
{
    if (std::optional<ReportFigure> bars = barsOf(content, set))
        section.blocks.emplace_back(std::move(*bars));
    if (std::optional<ReportTable> table = changesOf(content, set))
        section.blocks.emplace_back(std::move(*table));
}

std::string whenText(const Evaluation& one)
{
    switch (one.phase) {
    case EvaluationPhase::Before:
        return "before";
    case EvaluationPhase::During:
        return fmt::format("step {}", one.step);
    case EvaluationPhase::After:
        return fmt::format("after, step {}", one.step);
    case EvaluationPhase::Standalone:
        break;
    }
    return fmt::format("apart from the run, step {}", one.step);
}

ReportTable valuesTable(const RunContent& content, bool onTheWay)
{
    ReportTable table{.caption = onTheWay ? "Measured on the way, on fewer texts"
                                          : "Measured before and after",
                      .columns = {{"Set"},
                                  {"Metric"},
                                  {"When"},
                                  {"Value", true},
                                  {"95 % interval, or why there is none"},
                                  {"Texts", true}}};
    for (const MeasuredValue& measured : content.measured) {
        const Evaluation& one = measured.evaluation;
        if ((one.phase == EvaluationPhase::During) != onTheWay)
            continue;
        ReportCell value = {.text = "none"};
        if (one.missing.empty())
            value = {.text = numberText(one.value), .value = one.value};
        table.rows.push_back(
            {{.text = titleOfSet(one.set)},
             nameCell(content, one.metric, one.variant),
             {.text = whenText(one)},
             value,
             {.text = measured.interval ? intervalText(measured) : shownLine(measured.noInterval)},
             {.text = std::to_string(one.count)}});
    }
    return table;
}

ReportTable metricsTable(const RunContent& content)
{
    ReportTable table{.caption = "What the metrics are",
                      .columns = {{"Metric"}, {"What it says"}, {"Variant"}, {"Source"}}};
    std::set<std::pair<std::string, std::string>> seen;
    for (const MeasuredValue& measured : content.measured) {
        const std::string& metric = measured.evaluation.metric;
        const std::string& variant = measured.evaluation.variant;
        if (!seen.emplace(metric, variant).second)
            continue;
        const MetricWords words = metricWords(metric);
        table.rows.push_back(
            {{.text = words.title, .note = shownLine(metric)},
             {.text = words.reading, .note = words.range.empty() ? "" : "Range: " + words.range},
             {.text = shownLine(variant)},
             {.text = words.source}});
    }
    return table;
}

const Answer* latest(const std::vector<Answer>& answers, const std::string& question,
                     ModelRole role)
{
    const Answer* found = nullptr;
    for (const Answer& answer : answers)
        if (answer.prompt == question && answer.role == role &&
            (!found || answer.step >= found->step))
            found = &answer;
    return found;
}

ReportAnswers answersTo(const RunContent& content, const std::string& question)
{
    ReportAnswers answers{.question = excerpt(question, kLongestQuestion).text};
    const auto add = [&](ModelRole role, Ink ink, const char* name) {
        const Answer* answer = latest(content.answers, question, role);
        if (!answer)
            return;
        Excerpt said = excerpt(answer->text, kLongestAnswer);
        std::string label = name;
        if (role == ModelRole::Current)
            label += fmt::format(", step {}", answer->step);
        const bool empty = said.text.empty();
        answers.said.push_back({ink, label, std::move(said.text),
                                empty ? "The model answered with nothing." : said.notice});
    };
    add(ModelRole::Original, Ink::Original, "Original");
    add(ModelRole::Current, Ink::Unlearned, "Unlearned");
    add(ModelRole::Reference, Ink::Reference, "Reference");
    return answers;
}

} // namespace

ReportSection removedSection(const RunContent& content, const MethodWords& method)
{
    ReportSection section{.id = "removed",
                          .title = method.learns ? "What was learned" : "What was removed"};
    if (!content.hasSet("forget"))
        return section;
    section.blocks.emplace_back(ReportParagraph{
        "How much of the forget set the models know. The original is the model before, the "
        "unlearned one after the run" +
        std::string(content.hasReference()
                        ? "; the reference was retrained without the forget set and shows how a "
                          "model behaves that never saw it."
                        : ".")});
    addChanges(section, content, "forget");
    addChanges(section, content, "");
    section.blocks.emplace_back(aboutIntervals());
    return section;
}

ReportSection otherChangesSection(const RunContent& content)
{
    ReportSection section{.id = "other-changes", .title = "What else changed"};
    std::vector<std::string> sets;
    for (const MeasuredQuantity& one : content.quantities)
        if (!one.set.empty() && one.set != "forget" &&
            std::ranges::find(sets, one.set) == sets.end())
            sets.push_back(one.set);
    if (sets.empty()) {
        section.blocks.emplace_back(
            ReportParagraph{"Nothing but the forget set was measured, so it is not known what "
                            "forgetting has cost.",
                            ReportParagraph::Weight::Warning});
        return section;
    }
    section.blocks.emplace_back(ReportParagraph{
        "What was to stay as it was. Texts that the model never saw (held out) are no part of the "
        "task: they show where not knowing begins."});
    for (const std::string& set : sets) {
        section.blocks.emplace_back(ReportHeading{capitalised(titleOfSet(set))});
        addChanges(section, content, set);
    }
    section.blocks.emplace_back(aboutIntervals());
    return section;
}

ReportSection answersSection(const RunContent& content, bool shown)
{
    ReportSection section{.id = "answers", .title = "Answers before and after"};
    std::vector<std::string> questions;
    for (const Answer& answer : content.answers)
        if (std::ranges::find(questions, answer.prompt) == questions.end())
            questions.push_back(answer.prompt);
    if (questions.empty() || !shown) {
        section.blocks.emplace_back(ReportParagraph{
            questions.empty() ? "No questions were put to the models in this run."
                              : fmt::format("{} questions were put to the models. The answers are "
                                            "left out of this report on request.",
                                            questions.size())});
        return section;
    }
    section.blocks.emplace_back(ReportParagraph{
        "The same questions to each model, with the most probable token taken at each place. These "
        "texts may hold what was to be forgotten: mind to whom you pass them."});
    for (std::size_t i = 0; i < std::min(questions.size(), kMostQuestions); ++i)
        section.blocks.emplace_back(answersTo(content, questions[i]));
    if (questions.size() > kMostQuestions)
        section.blocks.emplace_back(ReportParagraph{
            fmt::format("{} more questions are in the experiment history and not in this report.",
                        questions.size() - kMostQuestions),
            ReportParagraph::Weight::Small});
    return section;
}

ReportSection measurementsSection(const RunContent& content)
{
    ReportSection section{.id = "measurements", .title = "Every measurement"};
    if (content.measured.empty())
        return section;
    section.blocks.emplace_back(metricsTable(content));
    ReportTable ends = valuesTable(content, false);
    if (!ends.rows.empty())
        section.blocks.emplace_back(std::move(ends));
    ReportTable way = valuesTable(content, true);
    if (!way.rows.empty())
        section.blocks.emplace_back(std::move(way));
    if (content.leftOut > 0)
        section.blocks.emplace_back(ReportParagraph{
            fmt::format("{} more values measured on the way are in the experiment history; the "
                        "table has evenly chosen steps and the last.",
                        content.leftOut),
            ReportParagraph::Weight::Small});
    section.blocks.emplace_back(aboutIntervals());
    return section;
}

} // namespace lacuna
