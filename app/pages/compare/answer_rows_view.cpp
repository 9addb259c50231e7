#include "app/pages/compare/answer_rows_view.h"

#include "core/probe/text_diff.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/table/plain_table.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

enum Column : std::uint8_t { Who, Text, Against, ColumnCount };

constexpr int kWhoWidth = 180;
constexpr int kAgainstWidth = 190;
constexpr int kLeastRow = 28;
constexpr QMargins kPadding(8, 6, 8, 6);
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
    : QWidget(parent), m_promptName(new QLabel), m_prompts(new CalmComboBox(this)),
      m_answers(plainTable()), m_content(new QWidget), m_empty(secondaryText({}))
{
    m_prompts->setObjectName(u"comparePrompts"_s);
    m_prompts->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_promptName->setBuddy(m_prompts);
    m_answers->setObjectName(u"compareAnswers"_s);
    m_answers->setColumnCount(ColumnCount);
    m_answers->setWordWrap(true);
    m_answers->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_answers->horizontalHeader()->setSectionResizeMode(Text, QHeaderView::Stretch);
    m_answers->setColumnWidth(Who, kWhoWidth);
    m_answers->setColumnWidth(Against, kAgainstWidth);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(8);
    tools->addWidget(m_promptName);
    tools->addWidget(m_prompts, 1);
    auto* content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(8);
    content->addLayout(tools);
    content->addWidget(m_answers, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(m_content, 1);
    layout->addWidget(m_empty);
    layout->addStretch();
    connect(m_prompts, &QComboBox::activated, this, &AnswerRowsView::fillAnswers);
    connect(m_answers->horizontalHeader(), &QHeaderView::sectionResized, this,
            &AnswerRowsView::fitRows);
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
    const QString chosen = m_prompts->currentText();
    QStringList prompts;
    std::set<std::string> seen;
    for (const ComparedEntry& entry : m_comparison.runs)
        for (const Answer& answer : entry.run->answers)
            if (seen.insert(answer.prompt).second)
                prompts << QString::fromStdString(answer.prompt);
    m_prompts->clear();
    m_prompts->addItems(prompts);
    m_prompts->setCurrentIndex(std::max(0, static_cast<int>(prompts.indexOf(chosen))));
    m_content->setVisible(!prompts.isEmpty());
    m_empty->setVisible(prompts.isEmpty());
    fillAnswers();
}

void AnswerRowsView::fillAnswers()
{
    const QSignalBlocker quiet(m_answers);
    m_answers->setRowCount(0);
    if (m_prompts->count() == 0 || m_comparison.runs.empty())
        return;
    const std::string prompt = m_prompts->currentText().toStdString();
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
    fitRows();
}

/// Every answer in whole lines, however wide the column is.
void AnswerRowsView::fitRows()
{
    for (int row = 0; row < m_answers->rowCount(); ++row) {
        int height = kLeastRow;
        for (const Column column : {Who, Text}) {
            const int width =
                m_answers->columnWidth(column) - kPadding.left() - kPadding.right() - 8;
            const QRect text =
                fontMetrics().boundingRect(QRect(0, 0, std::max(width, 1), QWIDGETSIZE_MAX),
                                           Qt::TextWordWrap, m_answers->item(row, column)->text());
            height = std::max(height, text.height() + kPadding.top() + kPadding.bottom());
        }
        m_answers->setRowHeight(row, height);
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
            against = words == 0 ? tr("another from the first word")
                                 : tr("leaves it after %n words", nullptr, static_cast<int>(words));
        }
    }
    setCell(*m_answers, row, Against, against);
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
    m_promptName->setText(tr("Prompt"));
    m_answers->setAccessibleName(tr("Answers of the runs"));
    m_answers->setHorizontalHeaderLabels({tr("Run"), tr("Answer"), tr("Against the original")});
    for (int column = 0; column < ColumnCount; ++column)
        m_answers->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_empty->setText(tr("None of the runs was asked anything. Prompts that a recipe lists as "
                        "probes are asked before, during and after the run."));
    fillAnswers();
}

} // namespace lacuna
