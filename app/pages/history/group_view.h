#pragma once

#include "app/history.h"

#include <QWidget>

#include <optional>

class QLabel;
class QPushButton;
class QTableWidget;

namespace lacuna {

class TimelineView;

/// The runs that a run stands among, side by side; of a sequence of requests also what is known of
/// each target after each, and a way back to before one of them.
class GroupView : public QWidget {
    Q_OBJECT

public:
    explicit GroupView(QWidget* parent = nullptr);

    /// Asks for the group by recordRequested().
    void setRun(const Run& run);
    /// Of the run that was set last.
    void setGroup(const GroupRecord& record);

Q_SIGNALS:
    void recordRequested(lacuna::RunId run);
    /// A run of the group was clicked, or Enter was pressed on it.
    void openRequested(lacuna::RunId run);
    /// The model that the request of this run started from is to be worked on again.
    void goBackRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void fillTable();
    [[nodiscard]] QString startOf(const Run& run) const;

    Run m_run;
    std::optional<GroupRecord> m_record;
    QLabel* m_title;
    QPushButton* m_goBack;
    QTableWidget* m_table;
    QLabel* m_note;
    TimelineView* m_timeline;
};

} // namespace lacuna
