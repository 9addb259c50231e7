#pragma once

#include "app/run_record.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace lacuna {

class RunController;
struct Services;

/// What a run is and how far it has come, with the buttons that pause and stop it.
class RunHead : public QWidget {
    Q_OBJECT

public:
    explicit RunHead(Services& services, QWidget* parent = nullptr);

    /// A run that is over, or one of another file.
    void showRecord(const RunRecord& record);
    /// The run of the controller, as it is now.
    void showRun(const RunController& run);

protected:
    void changeEvent(QEvent* event) override;

private:
    void showState(RunState state);
    [[nodiscard]] QString ending(const Run& run) const;

    QLabel* m_name;
    QLabel* m_stateIcon;
    QLabel* m_state;
    QLabel* m_facts;
    QPushButton* m_pause;
    QPushButton* m_keep;
    QPushButton* m_discard;
};

} // namespace lacuna
