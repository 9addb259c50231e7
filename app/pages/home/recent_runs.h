#pragma once

#include "widgets/table/run_table_model.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QTableView;

namespace lacuna {

/// The newest runs; a click or Enter opens one.
class RecentRuns : public QWidget {
    Q_OBJECT

public:
    explicit RecentRuns(QWidget* parent = nullptr);
    ~RecentRuns() override;

    void setRows(std::vector<RunRow> rows);

Q_SIGNALS:
    void openRequested(qint64 id);
    /// From the empty list.
    void lessonRequested();
    void allRequested();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void retranslate();
    void fitHeight();

    RunTableModel m_model;
    QLabel* m_title;
    QPushButton* m_all;
    QTableView* m_view;
    QWidget* m_empty;
    QLabel* m_emptyText;
    QPushButton* m_emptyLesson;
};

} // namespace lacuna
