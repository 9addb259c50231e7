#include "app/scores/metric_text.h"

#include "app/scores/metric_rows.h"
#include "core/metrics/metric.h"
#include "core/metrics/summary.h"

#include <QCoreApplication>

#include <string_view>

namespace lacuna {

namespace {

struct MetricTexts {
    Q_DECLARE_TR_FUNCTIONS(lacuna::MetricTexts)
};

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

/// Null: it speaks for no whole model.
const SummaryInfo* summaryOf(const std::string& metric)
{
    for (const SummaryInfo& info : summaries().entries())
        if (metric == (info.metric.empty() ? info.id : info.metric))
            return &info;
    return nullptr;
}

/// Where a good model's value goes; a metric's direction is one of two goals.
std::optional<SummaryGoal> goalOf(const std::string& set, const std::string& metric)
{
    if (const std::optional<Direction> good = goodDirection(set, metric))
        return *good == Direction::Lower ? SummaryGoal::Lower : SummaryGoal::Higher;
    if (metrics().find(metric))
        return std::nullopt;
    const SummaryInfo* summary = summaryOf(metric);
    return summary ? std::optional(summary->goal) : std::nullopt;
}

} // namespace

MetricText metricText(const std::string& metric)
{
    if (const Result<const MetricInfo*> info = metrics().find(metric))
        return {.title = text((*info)->title),
                .reading = text((*info)->reading),
                .range = text((*info)->range)};
    if (const SummaryInfo* summary = summaryOf(metric))
        return {.title = text(summary->title),
                .reading = text(summary->reading),
                .range = text(summary->range)};
    return {.title = text(metric), .reading = {}, .range = {}};
}

MetricKind metricKind(const std::string& set, const std::string& metric)
{
    if (set.empty())
        return MetricKind::Summary;
    if (metric.starts_with("mia-"))
        return MetricKind::Membership;
    const Result<const MetricInfo*> info = metrics().find(metric);
    if (!info)
        return summaryOf(metric) ? MetricKind::Summary : MetricKind::Other;
    switch ((*info)->family) {
    case MetricFamily::Likelihood:
        return MetricKind::Likelihood;
    case MetricFamily::Writing:
        return MetricKind::Answers;
    case MetricFamily::Membership:
        return MetricKind::Membership;
    case MetricFamily::Choice:
        return MetricKind::Choice;
    case MetricFamily::Inside:
        return MetricKind::Inside;
    }
    return MetricKind::Other;
}

QString metricKindTitle(MetricKind kind)
{
    switch (kind) {
    case MetricKind::Summary:
        return MetricTexts::tr("all sets together");
    case MetricKind::Likelihood:
        return MetricTexts::tr("how likely the true answer is");
    case MetricKind::Answers:
        return MetricTexts::tr("what the model itself writes");
    case MetricKind::Choice:
        return MetricTexts::tr("which of several answers it takes");
    case MetricKind::Membership:
        return MetricTexts::tr("whether the text looks trained on");
    case MetricKind::Inside:
        return MetricTexts::tr("what lies inside the model");
    case MetricKind::Other:
        return MetricTexts::tr("others");
    }
    return {};
}

QString goalText(const std::string& set, const std::string& metric)
{
    const std::optional<SummaryGoal> goal = goalOf(set, metric);
    if (!goal)
        return {};
    switch (*goal) {
    case SummaryGoal::Lower:
        return MetricTexts::tr("\u2193 lower is better");
    case SummaryGoal::Higher:
        return MetricTexts::tr("\u2191 higher is better");
    case SummaryGoal::Zero:
        return MetricTexts::tr("nearer to 0 is better");
    case SummaryGoal::Reference:
        return MetricTexts::tr("nearer to the reference is better");
    }
    return {};
}

QString goalSign(const std::string& set, const std::string& metric)
{
    const std::optional<SummaryGoal> goal = goalOf(set, metric);
    return goal == SummaryGoal::Lower    ? QStringLiteral("\u2193")
           : goal == SummaryGoal::Higher ? QStringLiteral("\u2191")
                                         : QString();
}

QString setTitle(const std::string& set)
{
    if (set.empty())
        return MetricTexts::tr("Summary");
    if (set == "forget")
        return MetricTexts::tr("Forget set");
    if (set == "retain")
        return MetricTexts::tr("Retain set");
    if (set == "holdout")
        return MetricTexts::tr("Holdout, never trained on");
    const auto numbered = [&](std::string_view prefix) {
        return set.starts_with(prefix) ? text(set.substr(prefix.size())) : QString();
    };
    if (const QString number = numbered("utility-"); !number.isEmpty())
        return MetricTexts::tr("Utility set %1").arg(number);
    if (const QString number = numbered("earlier-"); !number.isEmpty())
        return MetricTexts::tr("Earlier forget set %1").arg(number);
    return text(set);
}

} // namespace lacuna
