#include "widgets/table/run_table_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr std::array<QLatin1StringView, RunTableModel::ColumnCount> kColumnIds = {
    "name"_L1,
    "state"_L1,
    "method"_L1,
    "model"_L1,
    "forget-probability"_L1,
    "retain-probability"_L1,
    "steps"_L1,
    "duration"_L1,
    "when"_L1,
    "group"_L1,
    "tags"_L1,
    "note"_L1};

bool same(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

bool same(const RunRow::Change& a, const RunRow::Change& b)
{
    return same(a.before, b.before) && same(a.after, b.after);
}

bool same(const RunRow& a, const RunRow& b)
{
    return a.id == b.id && a.name == b.name && a.state == b.state && a.method == b.method &&
           a.methodId == b.methodId && a.modelPath == b.modelPath && same(a.forget, b.forget) &&
           same(a.retain, b.retain) && a.step == b.step && a.totalSteps == b.totalSteps &&
           same(a.seconds, b.seconds) && a.created == b.created && a.group == b.group &&
           a.tags == b.tags && a.note == b.note;
}

} // namespace

QString RunRow::model() const
{
    QString path = modelPath;
    while (path.endsWith(u'/'))
        path.chop(1);
    return path.section(u'/', -1);
}

int RunTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RunRow& row = this->row(index.row());
    const ColumnKind kind = columnKind(index.column());
    switch (role) {
    case Qt::DisplayRole:
        return displayText(row, index.column());
    case Qt::ToolTipRole:
        return toolTip(row, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            Qt::AlignVCenter |
            (kind == ColumnKind::Number || kind == ColumnKind::Duration ? Qt::AlignRight
                                                                        : Qt::AlignLeft)));
    case SortRole:
        return sortValue(row, index.column());
    case StateRole:
        return index.column() == State ? QVariant(static_cast<int>(row.state)) : QVariant();
    default:
        return {};
    }
}

int RunTableModel::rowOf(RunId id) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                    [id](const RunRow& row) { return row.id == id; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

QString RunTableModel::columnId(int column)
{
    return kColumnIds.at(static_cast<std::size_t>(column));
}

void RunTableModel::setRows(std::vector<RunRow> rows)
{
    removeMissing(rows);
    reorder(rows);
    // What is left stands in the wanted order; between it belong the new ones.
    int firstChanged = -1;
    const auto tellChanged = [&](int end) {
        if (firstChanged >= 0)
            Q_EMIT dataChanged(index(firstChanged, 0), index(end - 1, ColumnCount - 1));
        firstChanged = -1;
    };
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const int here = static_cast<int>(at);
        if (at < m_rows.size() && m_rows[at].id == rows[at].id) {
            if (same(m_rows[at], rows[at])) {
                tellChanged(here);
                continue;
            }
            if (firstChanged < 0)
                firstChanged = here;
            m_rows[at] = std::move(rows[at]);
            continue;
        }
        tellChanged(here);
        const std::size_t kept = m_rows.size() - at;
        std::size_t end = at;
        while (end < rows.size() && (kept == 0 || rows[end].id != m_rows[at].id))
            ++end;
        beginInsertRows({}, here, static_cast<int>(end) - 1);
        m_rows.insert(m_rows.begin() + here, std::make_move_iterator(rows.begin() + here),
                      std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(end)));
        endInsertRows();
        at = end - 1;
    }
    tellChanged(rowCount());
}

void RunTableModel::removeMissing(const std::vector<RunRow>& wanted)
{
    std::unordered_set<RunId> ids;
    for (const RunRow& row : wanted)
        ids.insert(row.id);
    for (int end = rowCount(); end > 0;) {
        if (ids.contains(row(end - 1).id)) {
            --end;
            continue;
        }
        int first = end - 1;
        while (first > 0 && !ids.contains(row(first - 1).id))
            --first;
        beginRemoveRows({}, first, end - 1);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + end);
        endRemoveRows();
        end = first;
    }
}

void RunTableModel::reorder(const std::vector<RunRow>& wanted)
{
    std::unordered_map<RunId, int> position;
    for (const RunRow& row : wanted)
        position.emplace(row.id, static_cast<int>(position.size()));
    const auto before = [&](const RunRow& a, const RunRow& b) {
        return position.at(a.id) < position.at(b.id);
    };
    if (std::is_sorted(m_rows.begin(), m_rows.end(), before))
        return;
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList from = persistentIndexList();
    std::vector<RunId> ids;
    for (const QModelIndex& index : from)
        ids.push_back(row(index.row()).id);
    std::sort(m_rows.begin(), m_rows.end(), before);
    QModelIndexList to;
    for (qsizetype i = 0; i < from.size(); ++i)
        to << index(rowOf(ids[static_cast<std::size_t>(i)]), from[i].column());
    changePersistentIndexList(from, to);
    Q_EMIT layoutChanged();
}

void RunTableModel::updateRow(const RunRow& row)
{
    const int at = rowOf(row.id);
    if (at < 0 || same(this->row(at), row))
        return;
    m_rows[static_cast<std::size_t>(at)] = row;
    Q_EMIT dataChanged(index(at, 0), index(at, ColumnCount - 1));
}

void RunTableModel::refreshTimes()
{
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, When), index(rowCount() - 1, When),
                           {Qt::DisplayRole, Qt::ToolTipRole});
}

void RunTableModel::retranslate()
{
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

} // namespace lacuna
