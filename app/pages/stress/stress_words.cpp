#include "app/pages/stress/stress_words.h"

#include "core/attacks/catalog.h"
#include "core/metrics/metric.h"
#include "widgets/table/value_text.h"
#include "widgets/text/model_mark.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// A context of its own for translators.
struct Words {
    Q_DECLARE_TR_FUNCTIONS(StressWords)
};

QString number(double value)
{
    return QLocale().toString(value, 'f', 2);
}

QString recoveryWords(const Recovery& one)
{
    const QString attack = one.setting.empty()
                               ? attackTitle(one.attack)
                               : Words::tr("%1 (%2)").arg(attackTitle(one.attack),
                                                          QString::fromStdString(one.setting));
    QString text =
        std::isfinite(one.before)
            ? Words::tr("%1 brings %2 from %3 to %4")
                  .arg(attack, metricTitle(one.metric), number(one.before), number(one.value))
            : Words::tr("%1 brings %2 to %3")
                  .arg(attack, metricTitle(one.metric), number(one.value));
    if (one.original && one.reference)
        text += Words::tr("; under it the original has %1, the reference %2")
                    .arg(number(*one.original), number(*one.reference));
    else if (one.original)
        text += Words::tr("; under it the original has %1").arg(number(*one.original));
    else if (one.reference)
        text += Words::tr("; under it the reference has %1").arg(number(*one.reference));
    return text + u'.';
}

QString remainderWords(const Remainder& one)
{
    const QString metric = metricTitle(one.metric);
    if (one.reference)
        return Words::tr("But not all had to be recovered: without any attack %1 is %2, and the "
                         "reference has %3.")
            .arg(metric, number(one.value), number(*one.reference));
    return Words::tr("But not all had to be recovered: without any attack %1 is %2, and the "
                     "original has %3.")
        .arg(metric, number(one.value), number(one.original.value_or(one.value)));
}

} // namespace

QString attackTitle(const std::string& id)
{
    const Result<const AttackInfo*> info = attacks().find(id);
    return QString::fromStdString(info ? (*info)->title : id);
}

QString metricTitle(const std::string& id)
{
    const Result<const MetricInfo*> info = metrics().find(id);
    return QString::fromStdString(info ? (*info)->title : id);
}

QString verdictWords(const StressVerdict& verdict)
{
    QStringList lines;
    if (verdict.tried == 0 && verdict.recovered.empty())
        lines << Words::tr("No attack gave numbers that can be judged.");
    else if (verdict.recovered.empty())
        lines << Words::tr("No recovery seen in these tests.");
    for (const Recovery& one : verdict.recovered)
        lines << recoveryWords(one);
    if (verdict.remainder)
        lines << remainderWords(*verdict.remainder);
    return lines.join(u'\n');
}

QString verdictLimits(const StressVerdict& verdict)
{
    QStringList lines;
    if (verdict.unjudged > 0)
        lines << Words::tr("%n attack(s) by which any model gains can be judged only beside a "
                           "reference, and there is none.",
                           nullptr, static_cast<int>(verdict.unjudged));
    if (verdict.missing > 0)
        lines << Words::tr("%n attack(s) had nothing to work on; the table says why.", nullptr,
                           static_cast<int>(verdict.missing));
    lines << Words::tr("Other attacks, more effort or other questions may still bring it back.");
    return lines.join(u' ');
}

QString worstCaseWords(std::span<const StressResult> results, const std::string& metric)
{
    QStringList models;
    for (const ModelRole role : {ModelRole::Current, ModelRole::Original, ModelRole::Reference})
        if (const std::optional<WorstCase> worst = worstCase(results, role, metric))
            models << Words::tr("%1 %2 (before %3)")
                          .arg(modelName(role), number(worst->value), number(worst->before));
    return models.isEmpty() ? QString()
                            : Words::tr("Worst case, each item at its most over all attacks: %1.")
                                  .arg(models.join(u", "_s));
}

} // namespace lacuna
