#pragma once

#include <QString>

class QTableView;
class QTableWidget;

namespace lacuna {

/// A table to read, without a grid, row headers or editing.
[[nodiscard]] QTableWidget* plainTable();
/// The same look for one with a model of its own.
void dressPlainly(QTableView& table);
/// \param toolTip  empty: the text
void setCell(QTableWidget& table, int row, int column, const QString& text,
             const QString& toolTip = {});
/// Four digits, all of them in the tool tip, at the right.
void setNumber(QTableWidget& table, int row, int column, double value);

} // namespace lacuna
