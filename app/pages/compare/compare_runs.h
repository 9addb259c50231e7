#pragma once

#include "app/pages/compare/comparison.h"

#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;

namespace lacuna {

/// The runs that are compared, each in its colour, and what can be done with the chosen one.
class CompareRuns : public QWidget {
    Q_OBJECT

public:
    explicit CompareRuns(QWidget* parent = nullptr);

    void show(const RunComparison& comparison);
    using QWidget::show;
    void setCurrent(RunId id);
    /// What is still being read; empty: nothing.
    void setProgress(const QString& text);

Q_SIGNALS:
    void runChosen(lacuna::RunId id);
    void runActivated(lacuna::RunId id);
    void pinRequested(lacuna::RunId id);
    void removeRequested(lacuna::RunId id);
    void addRequested();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void retranslate();
    void refresh();
    void updateButtons();
    [[nodiscard]] RunId chosen() const;

    RunComparison m_comparison;
    QLabel* m_title;
    QListWidget* m_list;
    QLabel* m_progress;
    QPushButton* m_pin;
    QPushButton* m_remove;
    QPushButton* m_add;
};

} // namespace lacuna
