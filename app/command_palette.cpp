#include "app/command_palette.h"

#include "app/actions.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>
#include <vector>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidth = 520;
constexpr int kHeight = 360;

/// Whether every word of \p words occurs in \p text.
bool hasAll(const QString& text, const QStringList& words)
{
    return std::all_of(words.begin(), words.end(), [&](const QString& word) {
        return text.contains(word, Qt::CaseInsensitive);
    });
}

} // namespace

CommandPalette::CommandPalette(const Actions& actions, QWidget* parent)
    : QDialog(parent), m_actions(actions), m_input(new QLineEdit), m_list(new QListWidget)
{
    setObjectName(u"commandPalette"_s);
    setWindowTitle(tr("Commands"));
    setAttribute(Qt::WA_DeleteOnClose);
    setModal(true);
    resize(kWidth, kHeight);
    m_input->setObjectName(u"commandInput"_s);
    m_input->setPlaceholderText(tr("Type part of a command"));
    m_input->setAccessibleName(tr("Command"));
    m_input->setClearButtonEnabled(true);
    m_input->installEventFilter(this);
    m_list->setObjectName(u"commandList"_s);
    m_list->setAccessibleName(tr("Matching commands"));
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_input);
    layout->addWidget(m_list);
    connect(m_input, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_input, &QLineEdit::returnPressed, this, &CommandPalette::triggerCurrent);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::triggerCurrent);
    filter({});
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_input && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
        if (step != 0 && m_list->count() > 0) {
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, m_list->count() - 1));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void CommandPalette::filter(const QString& text)
{
    m_list->clear();
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    std::vector<QAction*> fitting;
    std::copy_if(m_actions.all().begin(), m_actions.all().end(), std::back_inserter(fitting),
                 [&](const QAction* action) {
                     return hasAll(action->text() + u' ' + action->whatsThis(), words);
                 });
    // What is named so comes before what is only described so.
    std::stable_partition(fitting.begin(), fitting.end(),
                          [&](const QAction* action) { return hasAll(action->text(), words); });
    for (const QAction* action : fitting) {
        const QString key = action->shortcut().toString(QKeySequence::NativeText);
        auto* item = new QListWidgetItem(
            action->icon(),
            key.isEmpty() ? action->text() : tr("%1   (%2)").arg(action->text(), key), m_list);
        item->setToolTip(action->toolTip());
        item->setData(Qt::UserRole, action->objectName());
        if (!action->isEnabled())
            item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::triggerCurrent()
{
    const QListWidgetItem* item = m_list->currentItem();
    if (!item || !(item->flags() & Qt::ItemIsEnabled))
        return;
    QAction* action = m_actions.action(item->data(Qt::UserRole).toString());
    accept();
    action->trigger();
}

} // namespace lacuna
