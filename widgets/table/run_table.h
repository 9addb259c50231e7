#pragma once

#include "widgets/table/run_filter_model.h"
#include "widgets/table/run_table_model.h"

#include <QByteArray>
#include <QTimer>
#include <QWidget>

#include <optional>
#include <vector>

class QKeyEvent;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace lacuna {

class ColumnChooser;
class FilterHeader;

/// The history as a table: search box, a filter under every title, sorting, columns to choose and
/// to move, copying. Shows what to do where there is nothing to show. Actions that are added to it
/// (QWidget::addAction) appear in its context menu.
class RunTable : public QWidget {
    Q_OBJECT

public:
    explicit RunTable(QWidget* parent = nullptr);
    ~RunTable() override;

    /// Selection, order, filters and scroll position stay.
    void setRows(std::vector<RunRow> rows);
    void updateRow(const RunRow& row);

    /// The run that has the focus; nothing when there is none, or when the filters hide it.
    [[nodiscard]] std::optional<RunId> currentRun() const;
    [[nodiscard]] std::vector<RunId> selectedRuns() const;
    /// \return whether the run is there; filters that hide it are cleared
    bool selectRun(RunId id);
    /// The first that the filters leave.
    void selectFirst();

    /// Columns, widths, order, sorting and filters. Restoring passes over what it does not know.
    [[nodiscard]] QByteArray saveState() const;
    void restoreState(const QByteArray& state);

    [[nodiscard]] QTableView* view() const { return m_view; }
    [[nodiscard]] RunTableModel& model() { return m_model; }

    void clearFilters();
    void copySelection() const;

Q_SIGNALS:
    void currentRunChanged();
    void selectionChanged();
    /// Enter or a double click.
    void openRequested(lacuna::RunId id);
    /// The Delete key.
    void deleteRequested(const std::vector<lacuna::RunId>& ids);
    /// From the empty table.
    void newRunRequested();
    void sampleRequested();
    /// saveState() has something new to say.
    void stateChanged();

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeToolRow();
    [[nodiscard]] QWidget* makeEmptyPage();
    void makeView();
    void makeNothingFits();
    void connectView();
    void setReadingOrder();
    bool handleViewKey(const QKeyEvent& event);
    void retranslate();
    void resetColumns();
    void openChooser();
    void applyChooser();
    void applySearch();
    void applyFilter(int column, const QString& text);
    void showColumn(int column);
    void showContextMenu(const QPoint& position);
    void showHeaderMenu(const QPoint& position);
    void addFilterActions(QMenu& menu, const QModelIndex& index);
    void addSortActions(QMenu& menu, int column);
    void leaveFilters(bool forward);
    void updateCounts();
    void placeNothingFits();
    void tellState();
    void setFilter(int column, const QString& text);
    void openCurrent();
    [[nodiscard]] int sourceRow(const QModelIndex& index) const;
    [[nodiscard]] std::vector<int> shownColumns() const;

    RunTableModel m_model;
    RunFilterModel m_shown;
    QTimer m_typing;
    QTimer m_clock; ///< lets "5 minutes ago" grow older
    bool m_isRestoring = false;

    QWidget* m_tools = nullptr;
    QLineEdit* m_search = nullptr;
    QLabel* m_count = nullptr;
    QToolButton* m_clear = nullptr;
    QToolButton* m_columns = nullptr;
    QStackedWidget* m_stack = nullptr;
    QTableView* m_view = nullptr;
    FilterHeader* m_header = nullptr;
    ColumnChooser* m_chooser = nullptr;

    QWidget* m_nothingFits = nullptr; ///< laid over the rows
    QLabel* m_nothingFitsText = nullptr;
    QPushButton* m_nothingFitsClear = nullptr;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_emptyNew = nullptr;
    QPushButton* m_emptySample = nullptr;
};

} // namespace lacuna
