#include "app/pages/home/recent_runs.h"

#include "widgets/base/theme.h"
#include "widgets/table/padded_delegate.h"
#include "widgets/table/run_state_delegate.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kRowHeight = 32;

} // namespace

RecentRuns::RecentRuns(QWidget* parent)
    : QWidget(parent), m_title(heading({}, 3)), m_all(new QPushButton), m_view(new QTableView),
      m_empty(new QWidget), m_emptyText(secondaryText({})), m_emptyLesson(new QPushButton)
{
    m_all->setObjectName(u"allRunsButton"_s);
    m_emptyLesson->setObjectName(u"emptyLessonButton"_s);
    m_view->setObjectName(u"recentRuns"_s);
    m_view->setModel(&m_model);
    m_view->setItemDelegate(new PaddedDelegate(m_view));
    m_view->setItemDelegateForColumn(RunTableModel::State, new RunStateDelegate(m_view));
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setTabKeyNavigation(false);
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->viewport()->setCursor(Qt::PointingHandCursor);
    m_view->installEventFilter(this);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_view->verticalHeader()->setDefaultSectionSize(kRowHeight);
    QHeaderView* header = m_view->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(RunTableModel::Name, QHeaderView::Stretch);
    for (const auto column : {RunTableModel::Method, RunTableModel::Model, RunTableModel::Steps,
                              RunTableModel::Duration, RunTableModel::Tags, RunTableModel::Note})
        m_view->hideColumn(column);
    connect(m_view, &QTableView::clicked, this, [this](const QModelIndex& index) {
        Q_EMIT openRequested(m_model.row(index.row()).id);
    });
    connect(m_all, &QPushButton::clicked, this, &RecentRuns::allRequested);
    connect(m_emptyLesson, &QPushButton::clicked, this, &RecentRuns::lessonRequested);

    auto* title = new QHBoxLayout;
    title->addWidget(m_title, 1);
    title->addWidget(m_all);
    auto* empty = new QHBoxLayout(m_empty);
    empty->setContentsMargins(0, 0, 0, 0);
    empty->setSpacing(8);
    empty->addWidget(m_emptyText, 1);
    empty->addWidget(m_emptyLesson);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(title);
    layout->addWidget(m_view);
    layout->addWidget(m_empty);
    retranslate();
    setRows({});
}

RecentRuns::~RecentRuns()
{
    // The view must go before the model that is a member here.
    delete m_view;
}

void RecentRuns::setRows(std::vector<RunRow> rows)
{
    const bool empty = rows.empty();
    m_model.setRows(std::move(rows));
    m_model.refreshTimes();
    m_view->setVisible(!empty);
    m_all->setVisible(!empty);
    m_empty->setVisible(empty);
    fitHeight();
}

void RecentRuns::fitHeight()
{
    m_view->setFixedHeight(m_view->horizontalHeader()->sizeHint().height() +
                           m_model.rowCount() * kRowHeight + 2 * m_view->frameWidth());
}

bool RecentRuns::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_view && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const QModelIndex current = m_view->currentIndex();
        if ((key == Qt::Key_Return || key == Qt::Key_Enter) && current.isValid()) {
            Q_EMIT openRequested(m_model.row(current.row()).id);
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

void RecentRuns::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fitHeight();
}

void RecentRuns::retranslate()
{
    m_model.retranslate();
    m_title->setText(tr("Recent runs"));
    m_all->setText(tr("All runs"));
    m_view->setAccessibleName(tr("Recent runs"));
    m_emptyText->setText(
        tr("Runs that you make are listed here. The lesson takes about a minute."));
    m_emptyLesson->setText(tr("Run the lesson"));
}

} // namespace lacuna
