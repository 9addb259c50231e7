#include "app/pages/run/findings.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lacuna {
namespace {

constexpr double kForgotten = 0.1;
constexpr double kDamaged = 0.5;

struct Tr {
    Q_DECLARE_TR_FUNCTIONS(lacuna::Findings)
};

/// Probability on \p set during the run, steps ascending; the first is the original's.
std::vector<const Evaluation*> courseOf(const std::vector<Evaluation>& evaluations,
                                        const std::string& set)
{
    std::vector<const Evaluation*> course;
    for (const Evaluation& evaluation : evaluations)
        if (evaluation.set == set && evaluation.metric == "probability" &&
            evaluation.phase == EvaluationPhase::During)
            course.push_back(&evaluation);
    std::stable_sort(course.begin(), course.end(),
                     [](const Evaluation* a, const Evaluation* b) { return a->step < b->step; });
    return course;
}

QString percent(double share)
{
    return Tr::tr("%1 %").arg(QLocale().toString(100 * share, 'f', 1));
}

} // namespace

std::int64_t firstStepBelow(const std::vector<Evaluation>& evaluations, const std::string& set,
                            double share)
{
    const auto course = courseOf(evaluations, set);
    for (const Evaluation* evaluation : course)
        if (evaluation->step > 0 && evaluation->value < share * course.front()->value)
            return evaluation->step;
    return -1;
}

QStringList findings(const std::vector<Evaluation>& evaluations, std::optional<double> guess)
{
    const auto forget = courseOf(evaluations, "forget");
    if (forget.size() < 2)
        return {};
    const QLocale locale;
    const auto change = [](const std::vector<const Evaluation*>& course) {
        return std::pair{percent(course.front()->value), percent(course.back()->value)};
    };
    QStringList sentences;
    const auto [forgetBefore, forgetNow] = change(forget);
    const std::int64_t gone = firstStepBelow(evaluations, "forget", kForgotten);
    if (gone >= 0)
        sentences << Tr::tr("From step %1 on the forget set is forgotten: the probability of its "
                            "answers fell from %2 to %3.")
                         .arg(locale.toString(qlonglong{gone}), forgetBefore, forgetNow);
    else
        sentences << Tr::tr("The forget set is not forgotten yet: the probability of its answers "
                            "went from %1 to %2.")
                         .arg(forgetBefore, forgetNow);
    if (const auto retain = courseOf(evaluations, "retain"); retain.size() >= 2) {
        const auto [retainBefore, retainNow] = change(retain);
        const std::int64_t crossed = firstStepBelow(evaluations, "retain", kDamaged);
        if (crossed >= 0)
            sentences
                << Tr::tr("At step %1 the rest crossed the line: the probability of the retain "
                          "set\u2019s answers is below half of what it was (%2, now %3). This is "
                          "catastrophic forgetting.")
                       .arg(locale.toString(qlonglong{crossed}), retainBefore, retainNow);
        else
            sentences << Tr::tr("The rest is still known: the probability of the retain set\u2019s "
                                "answers went from %1 to %2.")
                             .arg(retainBefore, retainNow);
        const double kept = retain.back()->value / retain.front()->value;
        if (guess && std::isfinite(kept))
            sentences << Tr::tr("You expected it to keep %1 of the rest; it kept %2.")
                             .arg(percent(*guess), percent(kept));
    }
    sentences << Tr::tr("What is not answered any more need not be gone: these numbers do not show "
                        "that the knowledge has been removed.");
    return sentences;
}

} // namespace lacuna
