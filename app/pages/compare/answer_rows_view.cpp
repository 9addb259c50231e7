#include "app/pages/compare/answer_rows_view.h"

#include "app/pages/history/plain_table.h"
#include "core/probe/text_diff.h"
#include "widgets/base/theme.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QSignalBlocker>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

enum Column : std::uint8_t { Who, Text, Against, ColumnCount };

constexpr int kPromptWidth = 240;
constexpr int kWhoWidth = 200;
constexpr int kAgainstWidth = 210;
/// Longer answers are cut in the cell; the tool tip has them whole.
constexpr qsizetype kMostLetters = 600;

/// The newest answer to \p prompt; null: none.
const Answer* newest(const std::vector<Answer>& answers, const std::string& prompt, ModelRole role)
{
    const Answer* found = nullptr;
    for (const Answer& answer : answers)
        if (answer.role == role && answer.prompt == prompt &&
            (!found || answer.step >= found->step))
            found = &answer;
    return found;
}

} // namespace

AnswerRowsView::AnswerRowsView(QWidget* parent)
    : QWidget(parent), m_prompts(new QListWidget), m_answers(plainTable()), m_content(new QWidget),
      m_empty(secondaryText({}))
{
    m_prompts->setObjectName(u"comparePrompts"_s);
    m_prompts->setWordWrap(true);
    m_prompts->setSpacing(2);
    m_prompts->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_answers->setObjectName(u"compareAnswers"_s);
    m_answers->setColumnCount(ColumnCount);
    m_answers->setWordWrap(true);
    m_answers->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_answers->horizontalHeader()->setSectionResizeMode(Text, QHeaderView::Stretch);
    m_answers->setColumnWidth(Who, kWhoWidth);
    m_answers->setColumnWidth(Against, kAgainstWidth);
    m_answers->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    auto* splitter = new QSplitter;
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_prompts);
    splitter->addWidget(m_answers);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({kPromptWidth, 3 * kPromptWidth});
    auto* content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->addWidget(splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(m_content, 1);
    layout->addWidget(m_empty);
    layout->addStretch();
    connect(m_prompts, &QListWidget::currentRowChanged, this, &AnswerRowsView::fillAnswers);
    connect(m_answers, &QTableWidget::currentCellChanged, this, [this](int row) {
        const QTableWidgetItem* item = m_answers->item(row, Who);
        if (const RunId id = item ? item->data(Qt::UserRole).toLongLong() : 0; id > 0)
            Q_EMIT runChosen(id);
    });
    retranslate();
}

void AnswerRowsView::show(const RunComparison& comparison)
{
    m_comparison = comparison;
    fillPrompts();
}

void AnswerRowsView::fillPrompts()
{
    const QString chosen = m_prompts->currentItem() ? m_prompts->currentItem()->text() : QString();
    QStringList prompts;
    std::set<std::string> seen;
    for (const ComparedEntry& entry : m_comparison.runs)
        for (const Answer& answer : entry.run->answers)
            if (seen.insert(answer.prompt).second)
                prompts << QString::fromStdString(answer.prompt);
    {
        const QSignalBlocker quiet(m_prompts);
        m_prompts->clear();
        m_prompts->addItems(prompts);
        m_prompts->setCurrentRow(std::max(0, static_cast<int>(prompts.indexOf(chosen))));
    }
    m_content->setVisible(!prompts.isEmpty());
    m_empty->setVisible(prompts.isEmpty());
    fillAnswers();
}

void AnswerRowsView::fillAnswers()
{
    const QSignalBlocker quiet(m_answers);
    m_answers->setRowCount(0);
    if (!m_prompts->currentItem() || m_comparison.runs.empty())
        return;
    const std::string prompt = m_prompts->currentItem()->text().toStdString();
    // Runs may have started from different models: the pinned run's is shown.
    const ComparedRun& pinned = *m_comparison.runs[m_comparison.pinned].run;
    const Answer* original = newest(pinned.answers, prompt, ModelRole::Original);
    if (original)
        addRow(tr("Original"), *original, nullptr, 0);
    if (const Answer* reference = newest(pinned.answers, prompt, ModelRole::Reference))
        addRow(tr("Reference"), *reference, original, 0);
    for (const ComparedEntry& entry : m_comparison.runs)
        if (const Answer* answer = newest(entry.run->answers, prompt, ModelRole::Current)) {
            const Answer* own = newest(entry.run->answers, prompt, ModelRole::Original);
            addRow(entry.name, *answer, own, entry.run->run.id);
        }
}

void AnswerRowsView::addRow(const QString& who, const Answer& answer, const Answer* original,
                            RunId run)
{
    const int row = m_answers->rowCount();
    m_answers->insertRow(row);
    const QString whole = QString::fromStdString(answer.text);
    setCell(*m_answers, row, Who, who);
    m_answers->item(row, Who)->setData(Qt::UserRole, static_cast<qint64>(run));
    setCell(*m_answers, row, Text,
            whole.size() > kMostLetters ? whole.left(kMostLetters) + u'\u2026' : whole, whole);
    QString against;
    if (original) {
        const TextDiff diff = diffTexts(original->text, answer.text, DiffUnit::Word);
        if (!diff.divergence) {
            against = tr("the same");
        } else {
            const auto words = QString::fromStdString(answer.text.substr(0, *diff.divergence))
                                   .split(u' ', Qt::SkipEmptyParts)
                                   .size();
            against = tr("leaves it after %n words", nullptr, static_cast<int>(words));
        }
    }
    setCell(*m_answers, row, Against, against);
    for (int column = 0; column < ColumnCount; ++column)
        m_answers->item(row, column)->setTextAlignment(Qt::AlignLeft | Qt::AlignTop);
    if (run == m_comparison.current && run > 0)
        m_answers->setCurrentCell(row, Who);
}

void AnswerRowsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void AnswerRowsView::retranslate()
{
    m_prompts->setAccessibleName(tr("Prompts"));
    m_answers->setAccessibleName(tr("Answers of the runs"));
    m_answers->setHorizontalHeaderLabels({tr("Run"), tr("Answer"), tr("Against the original")});
    for (int column = 0; column < ColumnCount; ++column)
        m_answers->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_empty->setText(tr("None of the runs was asked anything. Prompts that a recipe lists as "
                        "probes are asked before, during and after the run."));
    fillAnswers();
}

} // namespace lacuna
