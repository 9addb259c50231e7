#include "app/pages/history/facts_view.h"

#include "app/pages/history/run_row.h"
#include "widgets/base/theme.h"
#include "widgets/table/padded_delegate.h"
#include "widgets/table/run_state.h"
#include "widgets/table/value_text.h"

#include <QDateTime>
#include <QEvent>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QTableWidget>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kRowHeight = 28;
constexpr int kShownRows = 4;
constexpr int kHashDigits = 12; ///< enough to tell files apart; the tool tip has all

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

QString localTime(const std::string& stored)
{
    const QDateTime time = storedTime(text(stored));
    return time.isValid() ? QLocale().toString(time.toLocalTime(), QLocale::ShortFormat)
                          : QString();
}

} // namespace

FactsView::FactsView(QWidget* parent)
    : QWidget(parent), m_facts(new QFormLayout), m_interruptionsTitle(heading({}, 3)),
      m_table(new QTableWidget), m_uninterrupted(secondaryText({}))
{
    m_facts->setHorizontalSpacing(16);
    m_facts->setVerticalSpacing(4);
    m_facts->setLabelAlignment(Qt::AlignLeft);
    m_facts->setRowWrapPolicy(QFormLayout::DontWrapRows);
    m_facts->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_table->setObjectName(u"interruptionTable"_s);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->setItemDelegate(new PaddedDelegate(m_table));
    m_table->setColumnCount(4);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(3, QHeaderView::Stretch);

    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(8);
    column->addLayout(m_facts);
    column->addSpacing(8);
    column->addWidget(m_interruptionsTitle);
    column->addWidget(m_uninterrupted);
    column->addWidget(m_table);
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    refresh();
}

void FactsView::setRun(const Run& run, const std::vector<Interruption>& interruptions)
{
    m_run = run;
    m_interruptions = interruptions;
    refresh();
}

void FactsView::addFact(const QString& title, const QString& value)
{
    if (value.isEmpty())
        return;
    auto* name = new QLabel(title);
    name->setProperty("secondary", true);
    auto* label = new QLabel(value);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setAccessibleName(title);
    m_facts->addRow(name, label);
}

void FactsView::addFile(const QString& title, const HashedPath& file)
{
    const QString hash = text(file.sha256).left(kHashDigits);
    addFact(title, hash.isEmpty() ? text(file.path)
                                  : tr("%1 (SHA-256 %2\u2026)").arg(text(file.path), hash));
    if (!file.path.empty() && !hash.isEmpty())
        m_facts->itemAt(m_facts->rowCount() - 1, QFormLayout::FieldRole)
            ->widget()
            ->setToolTip(text(file.sha256));
}

void FactsView::addFacts()
{
    addFact(tr("State"),
            tr("%1: %2").arg(runStateText(currentState(m_run)), runStateHelp(currentState(m_run))));
    addFact(tr("Ended because"), text(m_run.stopReason));
    addFact(tr("Error"), text(m_run.error));
    addFact(tr("Steps"), tr("%1 of %2").arg(m_run.step).arg(m_run.totalSteps));
    addFact(tr("Method"), methodTitle(m_run.method));
    addFile(tr("Model"), m_run.model);
    addFile(tr("Forget set"), m_run.forget);
    addFile(tr("Retain set"), m_run.retain);
    addFile(tr("Holdout set"), m_run.holdout);
    addFact(tr("Seed"), QString::number(m_run.seed));
    addFact(tr("Computed"), tr("on %1 in %2, %n threads", nullptr, static_cast<int>(m_run.threads))
                                .arg(text(m_run.device), text(m_run.precision)));
    addFact(tr("Created"), localTime(m_run.createdAt));
    addFact(tr("Started"), localTime(m_run.startedAt));
    addFact(tr("Ended"), localTime(m_run.endedAt));
    addFact(tr("Group"), text(m_run.group));
    addFact(tr("Folder"), text(m_run.folder));
    addFact(tr("Id"), text(m_run.uid));
    addFact(tr("Program"), tr("Lacuna %1").arg(text(m_run.programVersion)));
}

void FactsView::refresh()
{
    while (m_facts->rowCount() > 0)
        m_facts->removeRow(0);
    if (!m_run.uid.empty())
        addFacts();
    showInterruptions();
}

void FactsView::showInterruptions()
{
    const auto kindText = [](InterruptionKind kind) {
        switch (kind) {
        case InterruptionKind::Paused:
            return tr("Paused");
        case InterruptionKind::Resumed:
            return tr("Continued");
        case InterruptionKind::Killed:
            return tr("The program ended during the run");
        case InterruptionKind::Recovered:
            return tr("Taken up again from a checkpoint");
        }
        return QString();
    };
    m_interruptionsTitle->setText(tr("Interruptions"));
    m_uninterrupted->setText(tr("The run was not interrupted."));
    m_uninterrupted->setVisible(m_interruptions.empty());
    m_table->setVisible(!m_interruptions.empty());
    m_table->setAccessibleName(tr("Interruptions"));
    m_table->setHorizontalHeaderLabels({tr("When"), tr("Step"), tr("What"), tr("Note")});
    m_table->setRowCount(static_cast<int>(m_interruptions.size()));
    int row = 0;
    for (const Interruption& one : m_interruptions) {
        int column = 0;
        for (const QString& cell :
             {localTime(one.time), QString::number(one.step), kindText(one.kind), text(one.note)})
            m_table->setItem(row, column++, new QTableWidgetItem(cell));
        ++row;
    }
    const int rows = std::min(kShownRows, static_cast<int>(m_interruptions.size()));
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() + rows * kRowHeight +
                            2 * m_table->frameWidth());
}

void FactsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        refresh();
}

} // namespace lacuna
