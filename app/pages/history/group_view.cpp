#include "app/pages/history/group_view.h"

#include "app/pages/history/run_row.h"
#include "app/pages/history/timeline_view.h"
#include "widgets/base/theme.h"
#include "widgets/table/plain_table.h"
#include "widgets/table/run_state.h"
#include "widgets/table/value_text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollBar>
#include <QTableWidget>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

enum Column : std::uint8_t {
    Best,
    Label,
    State,
    ForgetProbability, // and the rest of kSweepMeasures
    ForgetStrength,
    RetainProbability,
    RetainStrength,
    Utility,
    Fluency,
    Steps,
    Seconds,
    Start,
    ColumnCount
};

static_assert(Steps - ForgetProbability == kSweepMeasures.size());

constexpr int kMostRows = 10; ///< in sight without scrolling within the table

} // namespace

GroupView::GroupView(QWidget* parent)
    : QWidget(parent), m_title(heading({}, 3)), m_goBack(new QPushButton), m_table(plainTable()),
      m_note(secondaryText({})), m_timeline(new TimelineView)
{
    m_title->setObjectName(u"groupTitle"_s);
    m_title->setTextFormat(Qt::PlainText);
    m_table->setObjectName(u"groupTable"_s);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setColumnCount(ColumnCount);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_goBack->setObjectName(u"goBackButton"_s);
    m_timeline->setObjectName(u"timeline"_s);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    head->addWidget(m_goBack);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addLayout(head);
    layout->addWidget(m_table);
    layout->addWidget(m_note);
    layout->addSpacing(8);
    layout->addWidget(m_timeline);
    layout->addStretch();
    const auto openRow = [this](int row) {
        if (m_record)
            Q_EMIT openRequested(m_record->outcomes.at(static_cast<std::size_t>(row)).of.run.id);
    };
    connect(m_table, &QTableWidget::cellClicked, this, openRow);
    connect(m_table, &QTableWidget::cellActivated, this, openRow);
    connect(m_goBack, &QPushButton::clicked, this, &GroupView::goBackRequested);
    refresh();
}

void GroupView::setRun(const Run& run)
{
    if (run.group != m_run.group)
        m_record.reset();
    m_run = run;
    refresh();
    if (!run.group.empty())
        Q_EMIT recordRequested(run.id);
}

void GroupView::setGroup(const GroupRecord& record)
{
    m_record = record;
    refresh();
    if (!record.requests.empty())
        m_timeline->setTimeline(record.timeline);
}

void GroupView::refresh()
{
    m_title->setText(QString::fromStdString(m_run.group));
    m_goBack->setText(tr("Go back to before this request"));
    m_goBack->setToolTip(
        tr("Work on with the model that this request started from; nothing is deleted."));
    m_table->setAccessibleName(tr("Runs of the group"));
    m_note->setText(tr("\u2605 no other run forgets as much and keeps more, or keeps as much and "
                       "forgets more. Click a run to see it."));
    m_table->setHorizontalHeaderLabels({tr("Best"), tr("Run"), tr("State"),
                                        tr("Forget probability \u2193"), tr("Forget ES \u2193"),
                                        tr("Retain probability \u2191"), tr("Retain ES \u2191"),
                                        tr("Utility \u2191"), tr("Fluency \u2191"), tr("Steps"),
                                        tr("Training"), tr("Started from")});
    const bool sequence = m_record && !m_record->requests.empty();
    m_goBack->setVisible(sequence);
    m_timeline->setVisible(sequence);
    m_table->setColumnHidden(Start, !sequence);
    fillTable();
}

void GroupView::fillTable()
{
    const int rows = m_record ? static_cast<int>(m_record->outcomes.size()) : 0;
    m_table->setRowCount(rows);
    const QLocale locale;
    const auto setAtRight = [this](int row, Column column, const QString& text) {
        setCell(*m_table, row, column, text);
        m_table->item(row, column)->setTextAlignment(Qt::AlignVCenter | Qt::AlignRight);
    };
    for (int row = 0; row < rows; ++row) {
        const SweepOutcome& outcome = m_record->outcomes[static_cast<std::size_t>(row)];
        const Run& run = outcome.of.run;
        setCell(*m_table, row, Best, outcome.best ? u"\u2605"_s : QString(),
                outcome.best ? tr("No other run beats it") : QString());
        setCell(*m_table, row, Label, QString::fromStdString(outcome.of.label));
        setCell(*m_table, row, State, runStateText(currentState(run)));
        for (std::size_t i = 0; i < outcome.values.size(); ++i)
            setNumber(*m_table, row, ForgetProbability + static_cast<int>(i), outcome.values[i]);
        setAtRight(row, Steps, locale.toString(static_cast<qlonglong>(run.step)));
        setAtRight(row, Seconds, durationText(outcome.seconds, locale));
        setCell(*m_table, row, Start, startOf(run));
        if (run.id != m_run.id)
            continue;
        QFont bold = m_table->font();
        bold.setWeight(QFont::DemiBold);
        m_table->item(row, Label)->setFont(bold);
        m_table->selectRow(row);
    }
    for (int column = 0; column < ColumnCount; ++column)
        m_table->horizontalHeaderItem(column)->setTextAlignment(
            Qt::AlignVCenter |
            (column >= ForgetProbability && column <= Seconds ? Qt::AlignRight : Qt::AlignLeft));
    m_table->resizeColumnsToContents();
    m_table->setFixedHeight(
        m_table->horizontalHeader()->sizeHint().height() +
        std::clamp(rows, 1, kMostRows) * m_table->verticalHeader()->defaultSectionSize() +
        m_table->horizontalScrollBar()->sizeHint().height() + 2 * m_table->frameWidth());
}

/// The request whose result \p run started from, or the model's folder.
QString GroupView::startOf(const Run& run) const
{
    for (const SweepOutcome& outcome : m_record->outcomes)
        if (run.parent == outcome.of.run.id)
            return QString::fromStdString(outcome.of.label);
    return QString::fromStdString(std::filesystem::path(run.model.path).filename().string());
}

void GroupView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        refresh();
}

} // namespace lacuna
