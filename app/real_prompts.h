#pragma once

#include "widgets/base/prompts.h"

#include <QPointer>
#include <QWidget>

namespace lacuna {

/// Asks a person, by dialogs over \p parent.
class RealPrompts : public Prompts {
public:
    void setParent(QWidget* parent) { m_parent = parent; }

    bool confirm(const QString& title, const QString& question, const QString& action) override;
    QString chooseFolder(const QString& title, const QString& start) override;
    QString chooseFile(const QString& title, const QString& start, const QString& filter) override;
    QString chooseSaveFile(const QString& title, const QString& start,
                           const QString& filter) override;

private:
    QPointer<QWidget> m_parent;
};

} // namespace lacuna
