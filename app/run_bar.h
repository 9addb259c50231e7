#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;

namespace lacuna {

class Actions;
class RunController;

/// One line under every page: what the run does, how far it is, and how to pause or stop it.
class RunBar : public QWidget {
    Q_OBJECT

public:
    RunBar(RunController& run, Actions& actions, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void retranslate();
    [[nodiscard]] QString summary() const;

    RunController& m_run;
    QLabel* m_icon;
    QLabel* m_state;
    QLabel* m_summary;
    QProgressBar* m_progress;
};

} // namespace lacuna
