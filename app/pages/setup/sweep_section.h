#pragma once

#include "core/run/sweep.h"

#include <QWidget>

#include <vector>

class QLabel;
class QListWidget;
class QPushButton;
class QVBoxLayout;

namespace lacuna {

class Fold;
class SweepRow;
class Workspace;

/// What makes several runs of the workspace's recipe: rows of a grid to edit; cases and requests,
/// which only a file can say, to look at and to take away.
class SweepSection : public QWidget {
    Q_OBJECT

public:
    explicit SweepSection(Workspace& workspace, QWidget* parent = nullptr);

    void follow();
    [[nodiscard]] QString problem() const;

Q_SIGNALS:
    /// problem() may say something else.
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void rebuild();
    void fillCases();
    SweepRow* addRow();
    void removeRow(SweepRow* row);
    void removeCases();
    void takeEdit();
    void checkRows();
    void showState();
    void retranslate();
    [[nodiscard]] Json several() const;

    Workspace& m_workspace;
    Json m_followed = Json::object(); ///< what the rows were made from, or have said last
    int m_experiment = 0;             ///< whose rows they are
    std::vector<SweepRow*> m_rows;
    Fold* m_fold;
    QLabel* m_help;
    QLabel* m_casesTitle;
    QListWidget* m_cases;
    QPushButton* m_removeCases;
    QVBoxLayout* m_rowsLayout;
    QPushButton* m_add;
    QLabel* m_count;
};

} // namespace lacuna
