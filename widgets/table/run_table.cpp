#include "widgets/table/run_table.h"

#include "widgets/base/theme.h"
#include "widgets/table/column_chooser.h"
#include "widgets/table/filter_header.h"
#include "widgets/table/padded_delegate.h"
#include "widgets/table/run_state_delegate.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTypingPauseMs = 200;
constexpr int kClockMs = 30'000;
constexpr int kRowHeight = 28;
constexpr int kEmptyTextWidth = 480;

} // namespace

RunTable::RunTable(QWidget* parent) : QWidget(parent), m_shown(m_model)
{
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingPauseMs);
    connect(&m_typing, &QTimer::timeout, this, &RunTable::applySearch);
    m_clock.setInterval(kClockMs);
    connect(&m_clock, &QTimer::timeout, &m_model, &RunTableModel::refreshTimes);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    m_tools = makeToolRow();
    layout->addWidget(m_tools);
    makeView();
    makeNothingFits();
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_view);
    m_stack->addWidget(makeEmptyPage());
    layout->addWidget(m_stack, 1);
    connectView();
    setReadingOrder();
    resetColumns();
    retranslate();
    updateCounts();
}

RunTable::~RunTable()
{
    // The view must go before the models that are members here.
    delete m_stack;
}

QWidget* RunTable::makeToolRow()
{
    m_search = new QLineEdit;
    m_search->setObjectName(u"runSearch"_s);
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(200);
    m_search->installEventFilter(this);
    m_count = new QLabel;
    m_count->setObjectName(u"runCount"_s);
    m_count->setProperty("secondary", true);
    m_clear = new QToolButton;
    m_clear->setObjectName(u"clearFiltersButton"_s);
    m_columns = new QToolButton;
    m_columns->setObjectName(u"columnsButton"_s);
    m_chooser = new ColumnChooser(this);
    for (QToolButton* button : {m_clear, m_columns}) {
        button->setToolButtonStyle(Qt::ToolButtonTextOnly);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setMinimumHeight(24);
    }

    connect(m_search, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(m_search, &QLineEdit::returnPressed, this, &RunTable::applySearch);
    connect(m_clear, &QToolButton::clicked, this, &RunTable::clearFilters);
    connect(m_columns, &QToolButton::clicked, this, &RunTable::openChooser);
    connect(m_chooser, &ColumnChooser::changed, this, &RunTable::applyChooser);
    connect(m_chooser, &ColumnChooser::resetRequested, this, [this] {
        resetColumns();
        openChooser();
        tellState();
    });
    auto* find = new QShortcut(QKeySequence::Find, this);
    find->setContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, m_search, [this] {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->selectAll();
    });

    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_search, 1);
    layout->addWidget(m_count);
    layout->addWidget(m_clear);
    layout->addWidget(m_columns);
    return row;
}

void RunTable::makeView()
{
    m_view = new QTableView;
    m_view->setObjectName(u"runView"_s);
    m_header = new FilterHeader;
    m_header->setObjectName(u"runHeader"_s);
    m_view->setHorizontalHeader(m_header);
    m_view->setModel(&m_shown);
    m_view->setItemDelegate(new PaddedDelegate(m_view));
    m_view->setItemDelegateForColumn(RunTableModel::State, new RunStateDelegate(m_view));
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setTabKeyNavigation(false);
    m_view->setShowGrid(false);
    m_view->setAlternatingRowColors(true);
    m_view->setWordWrap(false);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_view->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_view->setSortingEnabled(true);
    m_view->installEventFilter(this);
    m_view->viewport()->installEventFilter(this);
    m_header->setContextMenuPolicy(Qt::CustomContextMenu);
}

/// Tools, filters, rows.
void RunTable::setReadingOrder()
{
    QWidget* before = m_columns;
    const auto boxes = m_header->findChildren<QLineEdit*>();
    for (QLineEdit* box : boxes) {
        setTabOrder(before, box);
        before = box;
    }
    setTabOrder(before, m_view);
}

void RunTable::connectView()
{
    connect(m_header, &FilterHeader::filterChanged, this, &RunTable::applyFilter);
    connect(m_header, &FilterHeader::filterFocused, this, &RunTable::showColumn);
    connect(m_header, &FilterHeader::focusLeft, this, &RunTable::leaveFilters);
    connect(m_header, &QHeaderView::sectionResized, this, &RunTable::tellState);
    connect(m_header, &QHeaderView::sectionMoved, this, &RunTable::tellState);
    connect(m_header, &QHeaderView::sortIndicatorChanged, this, &RunTable::tellState);
    connect(m_header, &QWidget::customContextMenuRequested, this, &RunTable::showHeaderMenu);
    connect(m_view, &QWidget::customContextMenuRequested, this, &RunTable::showContextMenu);
    connect(m_view, &QTableView::doubleClicked, this, &RunTable::openCurrent);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &RunTable::currentRunChanged);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunTable::selectionChanged);
    connect(&m_shown, &QAbstractItemModel::rowsInserted, this, &RunTable::updateCounts);
    connect(&m_shown, &QAbstractItemModel::rowsRemoved, this, &RunTable::updateCounts);
}

void RunTable::makeNothingFits()
{
    m_nothingFits = new QWidget(m_view);
    m_nothingFits->setObjectName(u"nothingFits"_s);
    m_nothingFitsText = secondaryText({});
    m_nothingFitsText->setAlignment(Qt::AlignCenter);
    m_nothingFitsClear = new QPushButton;
    m_nothingFitsClear->setObjectName(u"nothingFitsClearButton"_s);
    connect(m_nothingFitsClear, &QPushButton::clicked, this, &RunTable::clearFilters);
    auto* layout = new QVBoxLayout(m_nothingFits);
    layout->setSpacing(8);
    layout->addStretch();
    layout->addWidget(m_nothingFitsText);
    layout->addWidget(m_nothingFitsClear, 0, Qt::AlignHCenter);
    layout->addStretch();
    m_nothingFits->hide();
}

QWidget* RunTable::makeEmptyPage()
{
    m_emptyTitle = heading({}, 2);
    m_emptyText = secondaryText({});
    m_emptyText->setFixedWidth(kEmptyTextWidth);
    m_emptyNew = new QPushButton;
    m_emptyNew->setObjectName(u"emptyNewRunButton"_s);
    m_emptyNew->setProperty("primary", true);
    m_emptySample = new QPushButton;
    m_emptySample->setObjectName(u"emptySampleButton"_s);
    connect(m_emptyNew, &QPushButton::clicked, this, &RunTable::newRunRequested);
    connect(m_emptySample, &QPushButton::clicked, this, &RunTable::sampleRequested);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    buttons->addWidget(m_emptyNew);
    buttons->addWidget(m_emptySample);
    buttons->addStretch();
    for (QLabel* label : {m_emptyTitle, m_emptyText})
        label->setAlignment(Qt::AlignCenter);
    auto* page = new QFrame;
    page->setObjectName(u"emptyHistory"_s);
    page->setProperty("card", true);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(32, 24, 32, 24);
    layout->setSpacing(8);
    layout->addStretch();
    layout->addWidget(m_emptyTitle);
    // Stretches, not an alignment: that would cut a text that takes two lines.
    auto* text = new QHBoxLayout;
    text->addStretch();
    text->addWidget(m_emptyText);
    text->addStretch();
    layout->addLayout(text);
    layout->addSpacing(8);
    layout->addLayout(buttons);
    layout->addStretch();
    return page;
}

void RunTable::setRows(std::vector<RunRow> rows)
{
    m_model.setRows(std::move(rows));
    updateCounts();
}

void RunTable::updateRow(const RunRow& row)
{
    m_model.updateRow(row);
}

int RunTable::sourceRow(const QModelIndex& index) const
{
    return m_shown.mapToSource(index).row();
}

std::optional<RunId> RunTable::currentRun() const
{
    const QModelIndex current = m_view->currentIndex();
    if (!current.isValid())
        return std::nullopt;
    return m_model.row(sourceRow(current)).id;
}

std::vector<RunId> RunTable::selectedRuns() const
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    std::vector<RunId> ids;
    for (const QModelIndex& index : rows)
        ids.push_back(m_model.row(sourceRow(index)).id);
    return ids;
}

bool RunTable::selectRun(RunId id)
{
    const int row = m_model.rowOf(id);
    if (row < 0)
        return false;
    QModelIndex index = m_shown.mapFromSource(m_model.index(row, 0));
    if (!index.isValid()) {
        clearFilters();
        index = m_shown.mapFromSource(m_model.index(row, 0));
    }
    m_view->setCurrentIndex(index);
    return true;
}

void RunTable::selectFirst()
{
    m_view->setCurrentIndex(m_shown.index(0, RunTableModel::Name));
}

void RunTable::applySearch()
{
    m_typing.stop();
    m_shown.setSearch(m_search->text());
    updateCounts();
    tellState();
}

void RunTable::applyFilter(int column, const QString& text)
{
    const ColumnFilter filter = ColumnFilter::parse(text, RunTableModel::columnKind(column));
    m_header->setProblem(column, filter.problem());
    m_shown.setColumnFilter(column, filter);
    updateCounts();
    tellState();
}

void RunTable::setFilter(int column, const QString& text)
{
    if (m_header->filter(column) == text)
        return;
    m_header->setFilter(column, text);
    applyFilter(column, text);
}

void RunTable::clearFilters()
{
    for (int column = 0; column < RunTableModel::ColumnCount; ++column)
        setFilter(column, {});
    m_search->clear();
    applySearch();
}

void RunTable::updateCounts()
{
    const int all = m_model.rowCount();
    const int shown = m_shown.rowCount();
    m_stack->setCurrentIndex(all > 0 ? 0 : 1);
    m_count->setText(m_shown.isFiltering() ? tr("%1 of %n runs", nullptr, all).arg(shown)
                                           : tr("%n runs", nullptr, all));
    m_clear->setEnabled(m_shown.isFiltering());
    m_tools->setVisible(all > 0);
    m_nothingFits->setVisible(all > 0 && shown == 0);
    placeNothingFits();
}

void RunTable::placeNothingFits()
{
    m_nothingFits->setGeometry(m_view->viewport()->geometry());
    m_nothingFits->raise();
}

void RunTable::copySelection() const
{
    QModelIndexList selected = m_view->selectionModel()->selectedRows();
    std::sort(selected.begin(), selected.end());
    std::vector<int> rows;
    for (const QModelIndex& index : selected)
        rows.push_back(sourceRow(index));
    if (!rows.empty())
        QApplication::clipboard()->setText(m_model.tableText(rows, shownColumns()));
}

void RunTable::leaveFilters(bool forward)
{
    if (!forward)
        m_columns->setFocus(Qt::BacktabFocusReason);
    else if (m_nothingFits->isVisible())
        m_nothingFitsClear->setFocus(Qt::TabFocusReason);
    else
        m_view->setFocus(Qt::TabFocusReason);
}

void RunTable::openCurrent()
{
    if (const std::optional<RunId> run = currentRun())
        Q_EMIT openRequested(*run);
}

bool RunTable::handleViewKey(const QKeyEvent& event)
{
    if (event.matches(QKeySequence::Copy)) {
        copySelection();
        return true;
    }
    switch (event.key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        openCurrent();
        return true;
    case Qt::Key_Delete:
        if (const std::vector<RunId> ids = selectedRuns(); !ids.empty())
            Q_EMIT deleteRequested(ids);
        return true;
    default:
        return false;
    }
}

bool RunTable::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_search && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Down) {
        m_view->setFocus();
        return true;
    }
    if (object == m_view && event->type() == QEvent::KeyPress &&
        handleViewKey(*static_cast<QKeyEvent*>(event)))
        return true;
    // The type first: while the view is destroyed its children still send events, and it can no
    // longer be asked for its viewport.
    if (event->type() == QEvent::Resize && m_nothingFits && object == m_view->viewport())
        placeNothingFits();
    return QWidget::eventFilter(object, event);
}

void RunTable::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_model.refreshTimes();
    m_clock.start();
}

void RunTable::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    m_clock.stop();
}

void RunTable::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void RunTable::retranslate()
{
    m_model.retranslate();
    m_header->retranslate();
    m_search->setPlaceholderText(tr("Search name, method, model, state, group, tags and note"));
    m_search->setAccessibleName(tr("Search the runs"));
    m_clear->setText(tr("Clear filters"));
    m_columns->setText(tr("Columns"));
    m_columns->setToolTip(tr("Choose which columns are shown, and in which order"));
    m_view->setAccessibleName(tr("Runs"));
    m_nothingFitsText->setText(tr("No run fits the search and the filters."));
    m_nothingFitsClear->setText(tr("Clear filters"));
    m_emptyTitle->setText(tr("No runs yet"));
    m_emptyText->setText(tr("Every run is recorded here with its curves, measurements and answers, "
                            "so that it can be looked at again, compared and repeated."));
    m_emptyNew->setText(tr("Set up a run"));
    m_emptySample->setText(tr("See a finished experiment"));
    updateCounts();
}

} // namespace lacuna
