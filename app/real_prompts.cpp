#include "app/real_prompts.h"

#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>

namespace lacuna {

bool RealPrompts::confirm(const QString& title, const QString& question, const QString& action)
{
    QMessageBox box(QMessageBox::Question, title, question, QMessageBox::Cancel, m_parent);
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
