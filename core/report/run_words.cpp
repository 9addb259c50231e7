#include "core/report/run_words.h"

#include "core/base/json.h"
#include "core/base/set_names.h"
#include "core/base/text.h"
#include "core/metrics/direction.h"
#include "core/metrics/summary.h"
#include "core/report/shown_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>

namespace lacuna {
namespace {

bool hasValue(const std::optional<MeasuredValue>& measured)
{
    return measured && measured->evaluation.missing.empty() &&
           std::isfinite(measured->evaluation.value);
}

double valueOf(const std::optional<MeasuredValue>& measured)
{
    return measured->evaluation.value;
}

/// The metric that speaks for a set: the one that a newcomer understands best.
const MeasuredQuantity* leading(const RunContent& content, const std::string& set)
{
    constexpr std::array kByClarity = {"probability", "rouge-l", "extraction-strength", "nll"};
    for (const char* metric : kByClarity)
        if (const MeasuredQuantity* one = content.find(set, metric);
            one && hasValue(one->before) && hasValue(one->after))
            return one;
    for (const MeasuredQuantity& one : content.quantities)
        if (one.set == set && hasValue(one.before) && hasValue(one.after))
            return &one;
    return nullptr;
}

/// Whether \p a lies clearly on the side of \p b that \p direction points to.
enum class Standing : std::uint8_t { Below, Alike, Above };

Standing standing(const MeasuredValue& a, const MeasuredValue& b)
{
    const Interval of = a.interval.value_or(Interval{a.evaluation.value, a.evaluation.value});
    const Interval than = b.interval.value_or(Interval{b.evaluation.value, b.evaluation.value});
    if (of.high < than.low)
        return Standing::Below;
    return of.low > than.high ? Standing::Above : Standing::Alike;
}

std::string howItEnded(const Run& run)
{
    const std::string at = fmt::format("step {} of {}", run.step, run.totalSteps);
    const std::string reason = run.stopReason.empty() ? "" : ": " + shownLine(run.stopReason);
    switch (run.state) {
    case RunState::Done:
        return {};
    case RunState::Stopped:
        return fmt::format("The run was stopped at {}{}.", at, reason);
    case RunState::Discarded:
        return fmt::format("The run was stopped at {}, and its model was discarded{}.", at, reason);
    case RunState::Failed:
        return fmt::format("The run failed at {}: {}. What stands here was measured before that "
                           "and is no result.",
                           at, run.error.empty() ? "no reason is on record" : shownLine(run.error));
    case RunState::Interrupted:
        return fmt::format("The run was interrupted at {} and has not been continued. What stands "
                           "here was measured before that.",
                           at);
    default:
        return fmt::format("The run has not ended: it stands at {}. What stands here may change.",
                           at);
    }
}

std::string durationText(const Run& run)
{
    const Json summary = Json::parse(run.summary, nullptr, false);
    if (!summary.is_object() || !summary.contains("seconds") || !summary["seconds"].is_number())
        return {};
    const double seconds = summary["seconds"].get<double>();
    if (seconds < 120)
        return fmt::format(" in {:.0f} seconds", seconds);
    return seconds < 7200 ? fmt::format(" in {:.0f} minutes", seconds / 60)
                          : fmt::format(" in {:.1f} hours", seconds / 3600);
}

std::string whatWasAsked(const RunContent& content, const MethodWords& method)
{
    const Run& run = content.run;
    const std::string title = method.title.empty()
                                  ? shownLine(run.method)
                                  : method.title + " (" + shownLine(run.method) + ")";
    const std::string steps =
        fmt::format("{} training {}", run.step, run.step == 1 ? "step" : "steps");
    if (method.learns)
        return fmt::format("A language model was trained on \u201c{}\u201d. Nothing was to be "
                           "forgotten. It made {} of the method \u201c{}\u201d{}.",
                           fileName(run.forget.path), steps, title, durationText(run));
    const std::string kept =
        run.retain.path.empty()
            ? ""
            : fmt::format(", and to keep what is in \u201c{}\u201d (the retain set)",
                          fileName(run.retain.path));
    return fmt::format("A language model was asked to forget the texts in \u201c{}\u201d (the "
                       "forget set){}. It was trained for {} with the method \u201c{}\u201d{}.",
                       fileName(run.forget.path), kept, steps, title, durationText(run));
}

std::string beforeAndAfter(const MeasuredQuantity& quantity)
{
    std::string text = fmt::format("{} on the {}: {} before and {} after, measured on {} texts",
                                   titleOfMetric(quantity.metric), titleOfSet(quantity.set),
                                   valueSentence(*quantity.before), valueSentence(*quantity.after),
                                   quantity.after->evaluation.count);
    if (quantity.after->evaluation.phase == EvaluationPhase::During)
        text += fmt::format(" on the way, at step {}", quantity.after->evaluation.step);
    const std::string direction = directionText(quantity.set, quantity.metric);
    return text + (direction.empty() ? "." : "; " + direction + ".");
}

/// Whether the original scores no better than on texts that it has never seen.
bool wasNeverKnown(const RunContent& content, const MeasuredQuantity& forget)
{
    const Result<const MetricInfo*> info = metrics().find(forget.metric);
    if (!info || (*info)->ofWriting)
        return false;
    const MeasuredQuantity* holdout = content.find("holdout", forget.metric);
    const std::optional<MeasuredValue>& unseen =
        holdout && hasValue(holdout->before) ? holdout->before : forget.reference;
    if (!hasValue(unseen))
        return false;
    const Standing known = standing(*forget.before, *unseen);
    return known == Standing::Alike ||
           known == ((*info)->better == Direction::Lower ? Standing::Below : Standing::Above);
}

std::string besideReference(const MeasuredQuantity& forget)
{
    std::string value = fmt::format("A reference, retrained without the forget set, has {}. ",
                                    valueSentence(*forget.reference));
    const std::optional<Direction> wanted = goodDirection("forget", forget.metric);
    if (!wanted)
        return value;
    const Standing place = standing(*forget.after, *forget.reference);
    if (place == Standing::Alike)
        return value + "The unlearned model cannot be told from it by this number.";
    const bool beyond = place == (*wanted == Direction::Lower ? Standing::Below : Standing::Above);
    return value + (beyond ? "The unlearned model went further than that: it avoids these texts "
                             "more than a model that never saw them, which can itself give away "
                             "that something was there."
                           : "The unlearned model still knows more of these texts than a model "
                             "that never saw them.");
}

std::string verdictOnForgetting(const RunContent& content, const MeasuredQuantity& forget)
{
    const std::string change = changeText(forget);
    std::string text;
    if (wasNeverKnown(content, forget))
        text = "The original scores no better here than on texts that it never saw: it hardly knew "
               "them, and there was little to forget. This is no evidence of forgetting.";
    else if (change == "less known")
        text = "The forget set is less known than before.";
    else if (change == "better known")
        text = "The forget set is better known than before: the opposite of what was asked.";
    else if (change == "no clear change")
        text = "The difference is too small to be told from chance.";
    if (hasValue(forget.reference))
        text += (text.empty() ? "" : " ") + besideReference(forget);
    return text;
}

ReportParagraph onForgetting(const RunContent& content)
{
    const MeasuredQuantity* forget = leading(content, "forget");
    if (forget)
        return {beforeAndAfter(*forget) + " " + verdictOnForgetting(content, *forget)};
    const bool before = std::ranges::any_of(content.quantities, [](const MeasuredQuantity& one) {
        return one.set == "forget" && hasValue(one.before);
    });
    return {before ? "The forget set was not measured after the run, so nothing can be said about "
                     "what was forgotten."
                   : "What the original knew of the forget set was not measured, so nothing can be "
                     "said about what was forgotten.",
            ReportParagraph::Weight::Warning};
}

std::string onTheRest(const MeasuredQuantity& kept)
{
    const std::string change = changeText(kept);
    std::string text = beforeAndAfter(kept);
    if (change.empty())
        return text;
    text += fmt::format(" Of what was to be kept: {}", change);
    const double share = valueOf(kept.after) / valueOf(kept.before);
    if (goodDirection(kept.set, kept.metric) == Direction::Higher && std::isfinite(share))
        text += fmt::format(", {:.1f} % of the original value is left", 100 * share);
    return text + ".";
}

} // namespace

std::string titleOfSet(const std::string& set)
{
    if (set.empty())
        return "whole model";
    for (const auto& [prefix, whose] :
         {std::pair{kReferencePrefix, " (reference)"}, std::pair{kOriginalPrefix, " (original)"}})
        if (set.starts_with(prefix))
            return titleOfSet(set.substr(prefix.size())) + whose;
    if (set == "forget" || set == "retain")
        return set + " set";
    if (set == "holdout")
        return "held-out texts";
    for (const auto& [prefix, title] :
         {std::pair{"utility-", "utility set "}, std::pair{"earlier-", "earlier forget set "}})
        if (set.starts_with(prefix))
            return title + shownLine(set.substr(std::string_view(prefix).size()));
    return shownLine(set);
}

MetricWords metricWords(const std::string& metric)
{
    if (const Result<const MetricInfo*> info = metrics().find(metric))
        return {(*info)->title, (*info)->reading, (*info)->range, (*info)->source};
    for (const SummaryInfo& info : summaries().entries())
        if (info.id == metric || info.metric == metric)
            return {info.title, info.reading, info.range, info.source};
    return {replaceAll(shownLine(metric), "-", " ")};
}

std::string titleOfMetric(const std::string& metric)
{
    return metricWords(metric).title;
}

std::string intervalText(const MeasuredValue& measured)
{
    if (!measured.interval)
        return {};
    return fmt::format("[{}, {}]{}", numberText(measured.interval->low),
                       numberText(measured.interval->high), measured.resampled ? "*" : "");
}

std::string valueSentence(const MeasuredValue& measured)
{
    if (!measured.evaluation.missing.empty())
        return "no value (" + shownLine(measured.evaluation.missing) + ")";
    if (!measured.interval)
        return numberText(measured.evaluation.value);
    return fmt::format("{} (95 % interval {} to {})", numberText(measured.evaluation.value),
                       numberText(measured.interval->low), numberText(measured.interval->high));
}

std::string directionText(const std::string& set, const std::string& metric)
{
    const std::optional<Direction> wanted = goodDirection(set, metric);
    if (!wanted)
        return {};
    const Result<const MetricInfo*> info = metrics().find(metric);
    const char* which = *wanted == Direction::Lower ? "lower" : "higher";
    const char* what = info && (*info)->ofWriting             ? "better writing"
                       : set.empty()                          ? "better"
                       : purposeOf(set) == SetPurpose::Forget ? "more forgotten"
                                                              : "better kept";
    return fmt::format("{} is {}", which, what);
}

std::string changeText(const MeasuredQuantity& quantity)
{
    if (!hasValue(quantity.before) || !hasValue(quantity.after))
        return {};
    const double difference = valueOf(quantity.after) - valueOf(quantity.before);
    if (difference == 0)
        return "no change";
    if (quantity.change && quantity.change->low <= 0 && quantity.change->high >= 0)
        return "no clear change";
    const Result<const MetricInfo*> info = metrics().find(quantity.metric);
    if (!info || quantity.set.empty())
        return difference > 0 ? "higher" : "lower";
    const bool asForgetting = (difference < 0) == ((*info)->better == Direction::Lower);
    if ((*info)->ofWriting)
        return asForgetting ? "better writing" : "worse writing";
    return asForgetting ? "less known" : "better known";
}

std::vector<ReportParagraph> summaryOf(const RunContent& content, const MethodWords& method)
{
    using enum ReportParagraph::Weight;
    std::vector<ReportParagraph> summary = {{whatWasAsked(content, method), Lead}};
    if (const std::string end = howItEnded(content.run); !end.empty())
        summary.push_back({end, Warning});
    if (content.quantities.empty()) {
        summary.push_back(
            {"Nothing was measured, so nothing can be said about what changed.", Warning});
        return summary;
    }
    if (method.learns) {
        if (const MeasuredQuantity* learned = leading(content, "forget"))
            summary.push_back({beforeAndAfter(*learned)});
        return summary;
    }
    summary.push_back(onForgetting(content));
    bool anyKept = false;
    for (const MeasuredQuantity& one : content.quantities)
        if (!one.set.empty() && one.set != "holdout" && purposeOf(one.set) == SetPurpose::Keep &&
            &one == leading(content, one.set)) {
            summary.push_back({onTheRest(one)});
            anyKept = true;
        }
    if (!anyKept)
        summary.push_back({"What the model knows apart from the forget set was not measured before "
                           "and after, so the price of forgetting is not known.",
                           Warning});
    if (!content.stress.empty())
        summary.push_back(
            {"Attempts to bring the forgotten back: " + stressVerdictSentence(content)});
    summary.push_back({"What is not answered any more need not be gone: see \u201cWhat this does "
                       "not prove\u201d."});
    return summary;
}

} // namespace lacuna
