#include "app/run_progress.h"

#include "app/run_controller.h"
#include "widgets/table/value_text.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>

namespace lacuna {
namespace {

struct Tr {
    Q_DECLARE_TR_FUNCTIONS(lacuna::RunProgress)
};

/// The engine's name of a stretch without steps, in the window's language.
QString phaseText(const std::string& phase)
{
    if (phase == "loading")
        return Tr::tr("loading");
    if (phase == "caching references")
        return Tr::tr("caching references");
    if (phase == "evaluating the original")
        return Tr::tr("evaluating the original");
    if (phase == "evaluating the reference")
        return Tr::tr("evaluating the reference");
    if (phase == "evaluating the result")
        return Tr::tr("evaluating the result");
    return QString::fromStdString(phase);
}

} // namespace

QStringList progressFacts(const RunController& run)
{
    const Run& record = run.record().run;
    const QLocale locale;
    const bool stepping = run.state() == RunState::Running || run.state() == RunState::Paused;
    QStringList facts;
    if (run.isActive() && !stepping && !run.phase().phase.empty())
        facts << Tr::tr("%1 %2 %").arg(phaseText(run.phase().phase),
                                       locale.toString(std::lround(100 * run.phase().share)));
    if (record.totalSteps > 0)
        facts << Tr::tr("step %1 of %2")
                     .arg(locale.toString(qlonglong{record.step}),
                          locale.toString(qlonglong{record.totalSteps}));
    if (const auto left = run.secondsLeft(); left && stepping)
        facts << Tr::tr("%1 left").arg(durationText(*left, locale));
    return facts;
}

QString placeText(const GroupPlace& place)
{
    const QLocale locale;
    return place.group.empty()
               ? QString()
               : Tr::tr("run %1 of %2")
                     .arg(locale.toString(place.number), locale.toString(place.count));
}

} // namespace lacuna
