#include "app/real_prompts.h"

#include "widgets/form/message_kind.h"

#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>

namespace lacuna {

namespace {

constexpr int kIconSize = 32;

} // namespace

bool RealPrompts::confirm(const QString& title, const QString& question, const QString& action)
{
    QMessageBox box(QMessageBox::NoIcon, title, question, QMessageBox::Cancel, m_parent);
    box.setIconPixmap(messageIcon(MessageKind::Warning, kIconSize, box));
    box.addButton(action, QMessageBox::DestructiveRole);
    box.setDefaultButton(QMessageBox::Cancel);
    return box.exec() != QMessageBox::Cancel;
}

QString RealPrompts::chooseFolder(const QString& title, const QString& start)
{
    return QFileDialog::getExistingDirectory(m_parent, title, start);
}

QString RealPrompts::chooseFile(const QString& title, const QString& start, const QString& filter)
{
    return QFileDialog::getOpenFileName(m_parent, title, start, filter);
}

QString RealPrompts::chooseSaveFile(const QString& title, const QString& start,
                                    const QString& filter)
{
    return QFileDialog::getSaveFileName(m_parent, title, start, filter);
}

} // namespace lacuna
