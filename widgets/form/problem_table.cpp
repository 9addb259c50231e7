#include "widgets/form/problem_table.h"

#include "widgets/form/message_kind.h"

#include <QEvent>
#include <QHeaderView>
#include <QScrollBar>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMostHeight = 168;

MessageKind kindOf(const Problem& problem)
{
    return problem.severity == Severity::Error ? MessageKind::Error : MessageKind::Warning;
}

QString sentence(const std::string& utf8)
{
    QString text = QString::fromStdString(utf8);
    if (text.isEmpty())
        return text;
    text.front() = text.front().toUpper();
    return text.endsWith(u'.') ? text : text + u'.';
}

/// The folder is the same for all of them, and shown elsewhere.
QString placeWithoutFolder(const Problem& problem)
{
    Problem local = problem;
    const std::size_t slash = local.file.find_last_of('/');
    if (slash != std::string::npos)
        local.file.erase(0, slash + 1);
    return QString::fromStdString(local.place());
}

} // namespace

void ProblemModel::setProblems(const ProblemList& problems)
{
    beginResetModel();
    m_rows = problems.errors();
    m_rows.insert(m_rows.end(), problems.warnings().begin(), problems.warnings().end());
    endResetModel();
}

int ProblemModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ProblemModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : 4;
}

QVariant ProblemModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Problem& problem = m_rows[static_cast<std::size_t>(index.row())];
    if (role == Qt::DecorationRole && index.column() == SeverityColumn && m_widget)
        return messageIcon(kindOf(problem), 14, *m_widget);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | Qt::AlignLeading));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    switch (index.column()) {
    case SeverityColumn:
        return messageWord(kindOf(problem));
    case PlaceColumn:
        return role == Qt::ToolTipRole ? QString::fromStdString(problem.place())
                                       : placeWithoutFolder(problem);
    case MessageColumn:
        return sentence(problem.message);
    default:
        return sentence(problem.remedy);
    }
}

QVariant ProblemModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case SeverityColumn:
        return tr("Kind");
    case PlaceColumn:
        return tr("Place");
    case MessageColumn:
        return tr("What is wrong");
    default:
        return tr("What to do");
    }
}

ProblemTable::ProblemTable(QWidget* parent) : QTableView(parent), m_model(new ProblemModel(this))
{
    setObjectName(u"problemTable"_s);
    m_model->setIconsFor(this);
    setModel(m_model);
    setWordWrap(true);
    setShowGrid(false);
    setTabKeyNavigation(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(28);
    verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeading | Qt::AlignVCenter);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionResizeMode(ProblemModel::SeverityColumn,
                                             QHeaderView::ResizeToContents);
    horizontalHeader()->setSectionResizeMode(ProblemModel::PlaceColumn, QHeaderView::Interactive);
    horizontalHeader()->setSectionResizeMode(ProblemModel::MessageColumn, QHeaderView::Stretch);
    horizontalHeader()->setSectionResizeMode(ProblemModel::RemedyColumn, QHeaderView::Stretch);
    setColumnWidth(ProblemModel::PlaceColumn, 168);
    setAccessibleName(tr("Problems"));
    fitHeight();
}

void ProblemTable::setProblems(const ProblemList& problems)
{
    m_model->setProblems(problems);
    fitHeight();
}

void ProblemTable::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        setAccessibleName(tr("Problems"));
    QTableView::changeEvent(event);
}

void ProblemTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    fitHeight(); // wrapped lines depend on the width
}

void ProblemTable::fitHeight()
{
    const int rows = verticalHeader()->length();
    const int wanted = horizontalHeader()->sizeHint().height() + rows + 2 * frameWidth();
    setFixedHeight(std::clamp(wanted, 48, kMostHeight));
}

} // namespace lacuna
