#pragma once

#include "core/corpora/problem.h"

#include <QAbstractTableModel>
#include <QTableView>

#include <vector>

namespace lacuna {

/// The problems of corpora as rows: how bad, where, what, what to do. Errors come first.
class ProblemModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column : std::uint8_t { SeverityColumn, PlaceColumn, MessageColumn, RemedyColumn };

    using QAbstractTableModel::QAbstractTableModel;

    void setProblems(const ProblemList& problems);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;
    /// Whose theme the icons follow.
    void setIconsFor(const QWidget* widget) { m_widget = widget; }

private:
    std::vector<Problem> m_rows;
    const QWidget* m_widget = nullptr;
};

/// ProblemModel shown, as high as its rows need up to a limit.
class ProblemTable : public QTableView {
    Q_OBJECT

public:
    explicit ProblemTable(QWidget* parent = nullptr);

    void setProblems(const ProblemList& problems);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitHeight();

    ProblemModel* m_model = nullptr;
};

} // namespace lacuna
