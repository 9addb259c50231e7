#include "widgets/form/fact_table.h"

#include <QGridLayout>
#include <QLabel>

namespace lacuna {

FactTable::FactTable(QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
}

void FactTable::setContent(const Content& content)
{
    m_content = content;
    delete m_cells;
    m_cells = new QWidget(this);
    m_grid = new QGridLayout(m_cells);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(24);
    m_grid->setVerticalSpacing(4);
    layout()->addWidget(m_cells);
    int row = 0;
    int columns = 0;
    if (!content.header.isEmpty()) {
        for (int column = 0; column < content.header.size(); ++column)
            addCell(row, column, content.header[column], true);
        columns = static_cast<int>(content.header.size());
        ++row;
    }
    for (qsizetype i = 0; i < content.rows.size(); ++i, ++row) {
        const bool total = content.totalRow && i + 1 == content.rows.size();
        for (int column = 0; column < content.rows[i].size(); ++column)
            addCell(row, column, content.rows[i][column], total);
        columns = std::max(columns, static_cast<int>(content.rows[i].size()));
    }
    const bool wide = content.wideColumn >= 0;
    m_grid->setColumnStretch(wide ? content.wideColumn : columns, 1);
}

void FactTable::addCell(int row, int column, const QString& text, bool bold)
{
    auto* label = new QLabel(text, m_cells);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    const bool wide = column == m_content.wideColumn;
    label->setWordWrap(wide);
    label->setAlignment((column == 0 || wide ? Qt::AlignLeading : Qt::AlignTrailing) |
                        Qt::AlignTop);
    if (bold) {
        QFont font = label->font();
        font.setWeight(QFont::DemiBold);
        label->setFont(font);
    }
    if (row == 0 && !m_content.header.isEmpty())
        label->setProperty("secondary", true);
    m_grid->addWidget(label, row, column);
}

} // namespace lacuna
