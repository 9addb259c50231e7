#pragma once

#include "app/scores/metric_rows.h"

#include <QWidget>

#include <vector>

class QLabel;
class QTableWidget;
class QTableWidgetItem;

namespace lacuna {

/// What a run measured of original, unlearned and reference, a row a metric, grouped by set and by
/// what the metric is read from. A click or Enter on a number asks for the samples behind it; a
/// sentence below the table reads the number that is chosen.
class MetricsView : public QWidget {
    Q_OBJECT

public:
    explicit MetricsView(QWidget* parent = nullptr);

    void setEvaluations(const std::vector<Evaluation>& evaluations);
    /// With what is known of where the values lie. The number that was chosen stays so.
    void setRows(std::vector<MetricRow> rows, std::vector<Evaluation> evaluations);
    [[nodiscard]] const std::vector<MetricRow>& rows() const { return m_rows; }
    [[nodiscard]] const std::vector<Evaluation>& evaluations() const { return m_evaluations; }

    /// \param row  position in rows()
    void choose(std::size_t row, ModelRole role);
    /// Why there is no such number, and how to get one; empty: there is one.
    [[nodiscard]] QString missingText(const MetricRow& row, ModelRole role) const;

Q_SIGNALS:
    /// A number was clicked, or Enter was pressed on it.
    /// \param row  position in rows()
    void samplesRequested(std::size_t row, lacuna::ModelRole role);
    /// A number was double-clicked, or Enter was pressed on it.
    void numberOpened(std::size_t row, lacuna::ModelRole role);

protected:
    void changeEvent(QEvent* event) override;

private:
    /// The number that is chosen; nothing on a heading or beside the numbers.
    struct Chosen {
        std::size_t row = 0;
        ModelRole role = ModelRole::Current;
    };

    void refresh();
    void addHeading(int at, const QString& text);
    void addRow(int at, const MetricRow& row);
    [[nodiscard]] QTableWidgetItem* numberItem(const MetricRow& row, ModelRole role) const;
    [[nodiscard]] QTableWidgetItem* changeItem(const MetricRow& row) const;
    [[nodiscard]] QString reading(const MetricRow& row, ModelRole role) const;
    [[nodiscard]] std::optional<Chosen> chosen(int tableRow, int column) const;
    void showReading();
    void ask(int tableRow, int column);
    void open(int tableRow, int column);

    std::vector<Evaluation> m_evaluations;
    std::vector<MetricRow> m_rows;
    std::vector<std::optional<std::size_t>> m_rowAt; ///< by row of the table; nothing: a heading
    QTableWidget* m_table;
    QLabel* m_note;
    QLabel* m_reading;
    QLabel* m_empty;
};

} // namespace lacuna
