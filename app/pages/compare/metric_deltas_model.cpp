#include "app/pages/compare/metric_deltas_model.h"

#include "app/scores/metric_text.h"
#include "widgets/base/colors.h"
#include "widgets/table/value_text.h"

#include <QGuiApplication>
#include <QLocale>
#include <QPalette>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

QString signedNumber(double value)
{
    return (value > 0 ? u"+"_s : QString()) + shortNumber(value, QLocale());
}

QString intervalText(const std::optional<Interval>& interval)
{
    if (!interval)
        return u"\u2013"_s;
    const QLocale locale;
    return u"%1 \u2026 %2"_s.arg(shortNumber(interval->low, locale),
                                 shortNumber(interval->high, locale));
}

QVariant number(double value)
{
    return std::isnan(value) ? QVariant() : QVariant(value);
}

int alignmentOf(int column)
{
    const bool words = column == MetricDeltasModel::Metric ||
                       column == MetricDeltasModel::RunName || column == MetricDeltasModel::Reading;
    return static_cast<int>(Qt::AlignVCenter | (words ? Qt::AlignLeft : Qt::AlignRight));
}

QVariant length(const std::optional<Interval>& interval)
{
    return interval ? QVariant(interval->high - interval->low) : QVariant();
}

} // namespace

QString MetricDeltasModel::name(const Quantity& quantity)
{
    QString named = quantity.set == kUtilitySet ? tr("Utility") : metricText(quantity.metric).title;
    if (!quantity.set.empty() && quantity.set != kUtilitySet)
        named = tr("%1, %2 set").arg(named, text(quantity.set));
    if (quantity.standalone)
        named = tr("%1, measured apart").arg(named);
    return named;
}

QString MetricDeltasModel::title(const Quantity& quantity)
{
    const QString sign = goalSign(quantity.set, quantity.metric);
    return sign.isEmpty() ? name(quantity) : name(quantity) + u' ' + sign;
}

void MetricDeltasModel::setComparison(const RunComparison& comparison)
{
    beginResetModel();
    m_comparison = comparison;
    m_quantities = quantitiesOf(m_comparison.list());
    m_rows.clear();
    for (std::size_t quantity = 0; quantity < m_quantities.size(); ++quantity)
        for (std::size_t run = 0; run < m_comparison.runs.size(); ++run)
            if (m_comparison.runs[run].run->find(m_quantities[quantity]))
                m_rows.push_back({quantity, run});
    endResetModel();
}

void MetricDeltasModel::retranslate()
{
    beginResetModel();
    endResetModel();
}

int MetricDeltasModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int MetricDeltasModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

const Measurement& MetricDeltasModel::measured(const Row& row) const
{
    return *m_comparison.runs[row.run].run->find(m_quantities[row.quantity]);
}

const MetricDelta* MetricDeltasModel::delta(const Row& row) const
{
    const auto& deltas = m_comparison.runs[row.run].deltas;
    if (!deltas || row.run == m_comparison.pinned)
        return nullptr;
    const auto found = deltas->find(m_quantities[row.quantity]);
    return found == deltas->end() ? nullptr : &found->second;
}

QString MetricDeltasModel::reading(const Row& row) const
{
    if (row.run == m_comparison.pinned)
        return tr("pinned");
    const MetricDelta* difference = delta(row);
    if (!difference)
        return m_comparison.runs[row.run].deltas ? QString() : tr("being worked out\u2026");
    if (difference->otherData)
        return tr("other data");
    switch (readingOf(*difference, m_quantities[row.quantity])) {
    case DeltaReading::Better:
        return difference->interval ? tr("better") : tr("better, no interval");
    case DeltaReading::Worse:
        return difference->interval ? tr("worse") : tr("worse, no interval");
    case DeltaReading::Same:
        return tr("the same");
    case DeltaReading::Unclear:
        return tr("no clear difference");
    case DeltaReading::Unknown:
        break;
    }
    return {};
}

QString MetricDeltasModel::display(const Row& row, int column) const
{
    const Measurement& one = measured(row);
    const MetricDelta* difference = delta(row);
    const QLocale locale;
    switch (column) {
    case Metric:
        return title(one.of);
    case RunName:
        return m_comparison.runs[row.run].name;
    case Before:
        return shortNumber(one.before, locale);
    case After:
        return shortNumber(one.latest, locale);
    case AfterInterval:
        return intervalText(one.interval);
    case Delta:
        return difference ? signedNumber(difference->value) : u"\u2013"_s;
    case DeltaInterval:
        return intervalText(difference ? difference->interval : std::nullopt);
    case Reading:
        return reading(row);
    default:
        return {};
    }
}

QString MetricDeltasModel::toolTip(const Row& row, int column) const
{
    const Measurement& one = measured(row);
    const MetricDelta* difference = delta(row);
    const QLocale locale;
    switch (column) {
    case Metric: {
        QStringList lines = {metricText(one.of.metric).reading, text(one.of.variant)};
        lines.removeAll(QString());
        return lines.join(u'\n');
    }
    case Before:
        return fullNumber(one.before, locale);
    case After:
        return !one.missing.empty() ? text(one.missing)
               : one.during         ? tr("%1, at step %2: there is none from after the run")
                                  .arg(fullNumber(one.latest, locale))
                                  .arg(*one.during)
                            : tr("%1, %n samples", nullptr, static_cast<int>(one.count))
                                  .arg(fullNumber(one.latest, locale));
    case Delta:
        return difference ? fullNumber(difference->value, locale) : QString();
    case DeltaInterval:
        if (!difference)
            return {};
        switch (difference->basis) {
        case DeltaBasis::Paired:
            return tr("95 %: bootstrap over the differences of the same samples");
        case DeltaBasis::Independent:
            return tr("95 %: from the two values' own intervals, as if of different samples");
        case DeltaBasis::None:
            return difference->otherData
                       ? tr("The two runs measured other data: their difference says little.")
                       : tr("There is no interval: the runs kept no values of the same samples.");
        }
        return {};
    default:
        return display(row, column);
    }
}

QVariant MetricDeltasModel::sortValue(const Row& row, int column) const
{
    const Measurement& one = measured(row);
    const MetricDelta* difference = delta(row);
    switch (column) {
    case Metric:
        return static_cast<int>(row.quantity);
    case Before:
        return number(one.before);
    case After:
        return number(one.latest);
    case AfterInterval:
        return length(one.interval);
    case Delta:
        return difference ? number(difference->value) : QVariant();
    case DeltaInterval:
        return length(difference ? difference->interval : std::nullopt);
    default:
        return display(row, column);
    }
}

QVariant MetricDeltasModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Row& row = m_rows.at(static_cast<std::size_t>(index.row()));
    const ComparedEntry& entry = m_comparison.runs[row.run];
    switch (role) {
    case Qt::DisplayRole:
        return display(row, index.column());
    case Qt::ToolTipRole:
        return toolTip(row, index.column());
    case Qt::TextAlignmentRole:
        return alignmentOf(index.column());
    case Qt::DecorationRole:
        return index.column() == RunName
                   ? QVariant(overlayColor(entry.overlay, isDark(QGuiApplication::palette())))
                   : QVariant();
    case SortRole:
        return sortValue(row, index.column());
    case QuantityRole:
        return static_cast<int>(row.quantity);
    case RunRole:
        return static_cast<qint64>(entry.run->run.id);
    default:
        return {};
    }
}

QVariant MetricDeltasModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignmentOf(section);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Metric:
        return tr("Metric");
    case RunName:
        return tr("Run");
    case Before:
        return tr("Before");
    case After:
        return tr("After");
    case AfterInterval:
        return tr("Interval of After");
    case Delta:
        return tr("From the pinned");
    case DeltaInterval:
        return tr("95 % interval");
    case Reading:
        return tr("Reading");
    default:
        return {};
    }
}

} // namespace lacuna
