#pragma once

#include "core/store/records.h"
#include "widgets/table/column_filter.h"

#include <QAbstractTableModel>
#include <QDateTime>
#include <QString>
#include <QStringList>

#include <limits>
#include <vector>

namespace lacuna {

/// A run as a row of the table, in plain values. NaN: not known.
struct RunRow {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    struct Change {
        double before = kUnknown;
        double after = kUnknown;
    };

    RunId id = 0;
    QString name;
    RunState state = RunState::Prepared;
    QString method;   ///< as people read it
    QString methodId; ///< as recipes write it
    QString modelPath;
    Change forget; ///< probability of the answers
    Change retain;
    qint64 step = 0;
    qint64 totalSteps = 0;
    double seconds = kUnknown;
    QDateTime created;
    QString group; ///< the sweep or sequence that it is part of; empty: none
    QStringList tags;
    QString note;

    /// The last part of the model's path.
    [[nodiscard]] QString model() const;
};

/// Runs as rows. Display texts are short and in the person's language; tool tips have the full
/// value; SortRole has what to sort by, an invalid QVariant for what is undefined.
class RunTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column : std::uint8_t {
        Name,
        State,
        Method,
        Model,
        ForgetProbability,
        RetainProbability,
        Steps,
        Duration,
        When,
        Group,
        Tags,
        Note,
        ColumnCount
    };
    enum Role : std::uint16_t {
        SortRole = Qt::UserRole,
        StateRole, ///< RunState as int, in the column State only
    };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

    [[nodiscard]] const RunRow& row(int index) const
    {
        return m_rows.at(static_cast<std::size_t>(index));
    }
    /// -1: no such run.
    [[nodiscard]] int rowOf(RunId id) const;
    [[nodiscard]] FilterCell filterCell(int row, int column) const;
    /// Everything that the search box looks through.
    [[nodiscard]] QString searchText(int row) const;
    /// What a filter says that fits cells like this one; empty where there is nothing to say.
    [[nodiscard]] QString filterFor(int row, int column) const;

    /// The id under which saved states know \p column; never renamed.
    [[nodiscard]] static QString columnId(int column);
    [[nodiscard]] static ColumnKind columnKind(int column);
    /// Cells with tabs between them and full numbers with a decimal point, under their titles. A
    /// column of changes becomes two.
    [[nodiscard]] QString tableText(const std::vector<int>& rows,
                                    const std::vector<int>& columns) const;

    /// Takes over \p rows by telling apart what came, went, moved and changed, so that selection
    /// and scroll position of views survive. Ids must be unique.
    void setRows(std::vector<RunRow> rows);
    /// Replaces the row with the same id, if there is one.
    void updateRow(const RunRow& row);
    /// Lets views ask again for what depends on the time of day.
    void refreshTimes();
    /// Lets views ask again for every text, in a new language.
    void retranslate();

private:
    [[nodiscard]] QString displayText(const RunRow& row, int column) const;
    [[nodiscard]] QString toolTip(const RunRow& row, int column) const;
    [[nodiscard]] static QVariant sortValue(const RunRow& row, int column);
    [[nodiscard]] static QStringList plainCells(const RunRow& row, int column);
    void removeMissing(const std::vector<RunRow>& wanted);
    void reorder(const std::vector<RunRow>& wanted);

    std::vector<RunRow> m_rows;
};

} // namespace lacuna
