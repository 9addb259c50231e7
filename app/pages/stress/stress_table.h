#pragma once

#include "core/store/records.h"

#include <QWidget>

#include <string>
#include <vector>

class QLabel;
class QTableWidget;

namespace lacuna {

/// What every attack brought out at every setting: before and after, the worst item, and the same
/// attack on the original and the reference. A chosen row tells what the worst item said.
class StressTable : public QWidget {
    Q_OBJECT

public:
    explicit StressTable(QWidget* parent = nullptr);

    /// \param metric  that is shown; attacks which do not measure it show their own
    void setResults(const std::vector<StressResult>& results, const std::string& metric);

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void showChosen();

    std::vector<StressResult> m_results;
    std::string m_metric;
    std::vector<std::size_t> m_rows; ///< of m_results, by row of the table
    QTableWidget* m_table;
    QLabel* m_chosen;
};

} // namespace lacuna
