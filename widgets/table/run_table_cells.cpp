#include "widgets/table/run_state.h"
#include "widgets/table/run_table_model.h"
#include "widgets/table/value_text.h"

#include <QLocale>

#include <cmath>

/// What the cells and titles of the table say: to eyes, to sorting, to filters and to the
/// clipboard.
namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

bool isUndefined(const RunRow::Change& change)
{
    return std::isnan(change.before) && std::isnan(change.after);
}

QString changeText(const RunRow::Change& change, const QLocale& locale,
                   QString (*text)(double, const QLocale&))
{
    if (isUndefined(change))
        return text(change.after, locale);
    return u"%1 \u2192 %2"_s.arg(text(change.before, locale), text(change.after, locale));
}

/// A new line or a tab would tear the table apart that the text is pasted into.
QString oneLine(const QString& text)
{
    return text.simplified();
}

QString plainNumber(double value)
{
    return std::isnan(value) ? QString() : fullNumber(value, QLocale::c());
}

QString isoLocal(const QDateTime& time)
{
    return time.toLocalTime().toString(u"yyyy-MM-dd HH:mm"_s);
}

QVariant numberOrNothing(double value)
{
    return std::isnan(value) ? QVariant() : QVariant(value);
}

} // namespace

QString RunTableModel::displayText(const RunRow& row, int column) const
{
    const QLocale locale;
    switch (column) {
    case Name:
        return row.name;
    case State:
        return runStateText(row.state);
    case Method:
        return row.method;
    case Model:
        return row.model();
    case ForgetProbability:
        return changeText(row.forget, locale, &shortNumber);
    case RetainProbability:
        return changeText(row.retain, locale, &shortNumber);
    case Steps:
        return row.totalSteps > 0 ? tr("%1 of %2").arg(row.step).arg(row.totalSteps)
                                  : locale.toString(row.step);
    case Duration:
        return durationText(row.seconds, locale);
    case When:
        return relativeTime(row.created, QDateTime::currentDateTimeUtc(), locale);
    case Group:
        return row.group;
    case Tags:
        return row.tags.join(u", "_s);
    case Note:
        return oneLine(row.note);
    default:
        return {};
    }
}

QString RunTableModel::toolTip(const RunRow& row, int column) const
{
    const QLocale locale;
    switch (column) {
    case State:
        return runStateHelp(row.state);
    case Method:
        return tr("%1 (%2)").arg(row.method, row.methodId);
    case Model:
        return row.modelPath;
    case ForgetProbability:
        return isUndefined(row.forget) ? tr("Not measured")
                                       : changeText(row.forget, locale, &fullNumber);
    case RetainProbability:
        return isUndefined(row.retain) ? tr("Not measured")
                                       : changeText(row.retain, locale, &fullNumber);
    case Duration:
        return std::isnan(row.seconds) ? tr("Not ended")
                                       : tr("%1 seconds").arg(fullNumber(row.seconds, locale));
    case When:
        return locale.toString(row.created.toLocalTime(), QLocale::LongFormat);
    case Note:
        return row.note;
    default:
        return displayText(row, column);
    }
}

QVariant RunTableModel::sortValue(const RunRow& row, int column)
{
    const auto text = [](const QString& value) {
        return value.isEmpty() ? QVariant() : QVariant(value);
    };
    switch (column) {
    case Name:
        return text(row.name);
    case State:
        return text(runStateText(row.state));
    case Method:
        return text(row.method);
    case Model:
        return text(row.model());
    case ForgetProbability:
        return numberOrNothing(row.forget.after);
    case RetainProbability:
        return numberOrNothing(row.retain.after);
    case Steps:
        return row.step;
    case Duration:
        return numberOrNothing(row.seconds);
    case When:
        return row.created.isValid() ? QVariant(row.created.toMSecsSinceEpoch()) : QVariant();
    case Group:
        return text(row.group);
    case Tags:
        return text(row.tags.join(u", "_s));
    case Note:
        return text(row.note);
    default:
        return {};
    }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    struct Header {
        QString title;
        QString help;
    };
    const auto header = [&]() -> Header {
        switch (section) {
        case Name:
            return {tr("Name"), {}};
        case State:
            return {tr("State"), {}};
        case Method:
            return {tr("Method"), tr("How the model was made to forget")};
        case Model:
            return {tr("Model"), tr("Folder of the original model")};
        case ForgetProbability:
            return {tr("Forget probability \u2193"),
                    tr("Probability of the answers in the forget set, original \u2192 unlearned. "
                       "Lower is better. Sorted and filtered by the second number.")};
        case RetainProbability:
            return {tr("Retain probability \u2191"),
                    tr("Probability of the answers in the retain set, original \u2192 unlearned. "
                       "Higher is better. Sorted and filtered by the second number.")};
        case Steps:
            return {tr("Steps"), tr("Steps done of steps planned")};
        case Duration:
            return {tr("Duration"), tr("From start to end, pauses included")};
        case When:
            return {tr("When"), tr("When the run was made")};
        case Group:
            return {tr("Group"), tr("The several runs of one recipe that the run is part of")};
        case Tags:
            return {tr("Tags"), {}};
        default:
            return {tr("Note"), {}};
        }
    }();
    if (role == Qt::DisplayRole)
        return header.title;
    if (role == Qt::ToolTipRole && !header.help.isEmpty())
        return header.help;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
    return {};
}

FilterCell RunTableModel::filterCell(int row, int column) const
{
    const RunRow& run = this->row(row);
    FilterCell cell{.texts = {displayText(run, column)}};
    switch (column) {
    case Method:
        cell.texts << run.methodId;
        break;
    case ForgetProbability:
        cell.number = run.forget.after;
        break;
    case RetainProbability:
        cell.number = run.retain.after;
        break;
    case Steps:
        cell.number = static_cast<double>(run.step);
        break;
    case Duration:
        cell.number = run.seconds;
        break;
    case When:
        cell.texts.prepend(run.created.isValid() ? isoLocal(run.created) : QString());
        break;
    case Tags:
        cell.texts << run.tags;
        break;
    default:
        break;
    }
    return cell;
}

QString RunTableModel::searchText(int row) const
{
    const RunRow& run = this->row(row);
    return QStringList{run.name,  runStateText(run.state), run.method, run.methodId, run.model(),
                       run.group, run.tags.join(u' '),     run.note}
        .join(u'\n');
}

QString RunTableModel::filterFor(int row, int column) const
{
    const RunRow& run = this->row(row);
    const QLocale locale;
    const auto equal = [](const QString& value) {
        return value.isEmpty() ? QString() : u'=' + value;
    };
    const auto number = [&](double value) {
        return std::isnan(value) ? QString() : equal(shortNumber(value, locale));
    };
    switch (column) {
    case ForgetProbability:
        return number(run.forget.after);
    case RetainProbability:
        return number(run.retain.after);
    case Steps:
        return equal(QString::number(run.step));
    case Duration:
        return std::isnan(run.seconds) ? QString() : equal(durationText(run.seconds, locale));
    case When:
        return run.created.isValid() ? equal(isoLocal(run.created).left(10)) : QString();
    default:
        return equal(displayText(run, column));
    }
}

ColumnKind RunTableModel::columnKind(int column)
{
    switch (column) {
    case ForgetProbability:
    case RetainProbability:
    case Steps:
        return ColumnKind::Number;
    case Duration:
        return ColumnKind::Duration;
    case When:
        return ColumnKind::Time;
    default:
        return ColumnKind::Text;
    }
}

QStringList RunTableModel::plainCells(const RunRow& row, int column)
{
    switch (column) {
    case Name:
        return {oneLine(row.name)};
    case State:
        return {runStateText(row.state)};
    case Method:
        return {row.method};
    case Model:
        return {oneLine(row.modelPath)};
    case ForgetProbability:
        return {plainNumber(row.forget.before), plainNumber(row.forget.after)};
    case RetainProbability:
        return {plainNumber(row.retain.before), plainNumber(row.retain.after)};
    case Steps:
        return {QString::number(row.step)};
    case Duration:
        return {plainNumber(row.seconds)};
    case When:
        return {row.created.toUTC().toString(Qt::ISODateWithMs)};
    case Group:
        return {oneLine(row.group)};
    case Tags:
        return {row.tags.join(u", "_s)};
    default:
        return {oneLine(row.note)};
    }
}

QString RunTableModel::tableText(const std::vector<int>& rows,
                                 const std::vector<int>& columns) const
{
    QStringList titles;
    for (const int column : columns) {
        switch (column) {
        case ForgetProbability:
            titles << tr("Forget probability before") << tr("Forget probability after");
            break;
        case RetainProbability:
            titles << tr("Retain probability before") << tr("Retain probability after");
            break;
        case Duration:
            titles << tr("Duration in seconds");
            break;
        default:
            titles << headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        }
    }
    QStringList lines = {titles.join(u'\t')};
    for (const int index : rows) {
        QStringList cells;
        for (const int column : columns)
            cells << plainCells(row(index), column);
        lines << cells.join(u'\t');
    }
    return lines.join(u'\n') + u'\n';
}

} // namespace lacuna
