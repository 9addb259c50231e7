#pragma once

#include "app/pages/setup/sweep_values.h"

#include <QWidget>

class QComboBox;
class QLineEdit;
class QToolButton;

namespace lacuna {

class NoteLine;

/// One thing that varies from run to run, and the values that it takes.
class SweepRow : public QWidget {
    Q_OBJECT

public:
    explicit SweepRow(QWidget* parent = nullptr);

    /// Silent. What \p path names is offered even when sweepKeys() does not.
    void setAxis(const std::string& path, const Json& values);
    /// Offers what can vary in \p recipe and checks the values against it.
    void follow(const Recipe& recipe);
    /// Instead of the row's own problem; empty: none.
    void setConflict(const QString& problem);

    [[nodiscard]] std::string path() const;
    [[nodiscard]] Json values() const;
    /// Why the row cannot be used; empty: it can.
    [[nodiscard]] QString problem() const;
    void focusValues();

Q_SIGNALS:
    void changed();
    void removeRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showProblem();
    [[nodiscard]] QString check() const;

    Recipe m_recipe;
    QString m_problem;
    QString m_conflict;
    QComboBox* m_key;
    QLineEdit* m_values;
    QToolButton* m_remove;
    NoteLine* m_note;
};

} // namespace lacuna
