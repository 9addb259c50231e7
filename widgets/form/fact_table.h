#pragma once

#include <QStringList>
#include <QWidget>

class QGridLayout;

namespace lacuna {

/// A few rows of facts, read-only and all in sight. The first column is words, the others numbers
/// unless told otherwise. For more than a dozen rows take a table view.
class FactTable : public QWidget {
    Q_OBJECT

public:
    struct Content {
        QStringList header = {}; ///< empty: none
        QList<QStringList> rows = {};
        bool totalRow = false; ///< the last row is a sum
        int wideColumn = -1;   ///< takes the room that is left and wraps; -1: none
    };

    explicit FactTable(QWidget* parent = nullptr);

    [[nodiscard]] const Content& content() const { return m_content; }
    void setContent(const Content& content);

private:
    void addCell(int row, int column, const QString& text, bool bold);

    Content m_content;
    QWidget* m_cells = nullptr;
    QGridLayout* m_grid = nullptr;
};

} // namespace lacuna
