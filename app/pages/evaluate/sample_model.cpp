#include "app/pages/evaluate/sample_model.h"

#include "widgets/table/value_text.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kLongestToolTip = 1000;

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

double value(const SampleRow& row, ModelRole role)
{
    return row.values.at(static_cast<std::size_t>(role));
}

QString answer(const SampleRow& row, ModelRole role)
{
    return text(row.answers.at(static_cast<std::size_t>(role)));
}

double number(const SampleRow& row, int column)
{
    switch (column) {
    case SampleModel::Sample:
        return static_cast<double>(row.sample);
    case SampleModel::Before:
        return value(row, ModelRole::Original);
    case SampleModel::After:
        return value(row, ModelRole::Current);
    case SampleModel::Change:
        return value(row, ModelRole::Current) - value(row, ModelRole::Original);
    default:
        return value(row, ModelRole::Reference);
    }
}

bool isText(int column)
{
    return column >= SampleModel::Question && column <= SampleModel::Answer;
}

QString words(const SampleRow& row, int column)
{
    return column == SampleModel::Question ? text(row.question)
           : column == SampleModel::Truth  ? text(row.truth)
                                           : answer(row, ModelRole::Current);
}

QString shown(const SampleRow& row, int column)
{
    if (isText(column))
        return words(row, column).simplified();
    const double amount = number(row, column);
    const QString plus = column == SampleModel::Change && amount > 0 ? u"+"_s : QString();
    return plus + shortNumber(amount, QLocale());
}

} // namespace

void SampleModel::setRows(std::vector<SampleRow> rows)
{
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

void SampleModel::retranslate()
{
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
}

int SampleModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SampleModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SampleModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const SampleRow& row = m_rows[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case Qt::ToolTipRole:
        return isText(column) ? words(row, column).left(kLongestToolTip)
                              : fullNumber(number(row, column), QLocale());
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignVCenter | (isText(column) ? Qt::AlignLeft : Qt::AlignRight));
    case SortValue:
        return isText(column) ? QVariant(words(row, column).toLower())
                              : QVariant(number(row, column));
    case FullText: {
        QStringList all = {text(row.question), text(row.truth), QString::number(row.sample)};
        for (const std::string& one : row.answers)
            all << text(one);
        return all.join(u'\n');
    }
    default:
        return {};
    }
}

QVariant SampleModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter | (isText(section) ? Qt::AlignLeft : Qt::AlignRight));
    if (role != Qt::DisplayRole)
        return {};
    const std::array<QString, ColumnCount> names = {
        tr("Sample"),    tr("Before"),   tr("After"),       tr("Change"),
        tr("Reference"), tr("Question"), tr("True answer"), tr("Unlearned answers")};
    return names.at(static_cast<std::size_t>(section));
}

void SampleOrder::setWords(const QString& text)
{
    m_words = text.split(u' ', Qt::SkipEmptyParts);
    invalidateFilter();
}

bool SampleOrder::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const QVariant a = left.data(SampleModel::SortValue);
    const QVariant b = right.data(SampleModel::SortValue);
    if (a.typeId() == QMetaType::QString)
        return QString::localeAwareCompare(a.toString(), b.toString()) < 0;
    const double first = a.toDouble();
    const double second = b.toDouble();
    if (std::isnan(first) == std::isnan(second))
        return first < second;
    return std::isnan(first) == (sortOrder() == Qt::DescendingOrder); // last in either order
}

bool SampleOrder::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const QString all = sourceModel()->index(row, 0, parent).data(SampleModel::FullText).toString();
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) {
        return all.contains(word, Qt::CaseInsensitive);
    });
}

} // namespace lacuna
