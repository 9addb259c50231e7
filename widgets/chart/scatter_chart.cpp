#include "widgets/chart/scatter_chart.h"

#include "widgets/base/theme.h"
#include "widgets/chart/scatter_canvas.h"
#include "widgets/table/padded_delegate.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

enum Column : std::uint8_t { Label, X, Y, Front, ColumnCount };

} // namespace

ScatterChart::ScatterChart(QWidget* parent)
    : QWidget(parent), m_titleLabel(heading({}, 3)), m_hintLabel(secondaryText({})),
      m_tableButton(new QToolButton), m_stack(new QStackedWidget), m_canvas(new ScatterCanvas),
      m_table(new QTableWidget)
{
    m_titleLabel->setObjectName(u"scatterTitle"_s);
    m_titleLabel->setWordWrap(true);
    m_tableButton->setObjectName(u"scatterTableButton"_s);
    m_tableButton->setCheckable(true);
    m_tableButton->setFocusPolicy(Qt::StrongFocus);
    m_table->setObjectName(u"scatterTable"_s);
    m_table->setColumnCount(ColumnCount);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->setTabKeyNavigation(false);
    m_table->setItemDelegate(new PaddedDelegate(m_table));
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setHighlightSections(false);
    m_stack->addWidget(m_canvas);
    m_stack->addWidget(m_table);
    auto* head = new QHBoxLayout;
    head->addWidget(m_titleLabel, 1);
    head->addWidget(m_tableButton, 0, Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addLayout(head);
    layout->addWidget(m_hintLabel);
    layout->addWidget(m_stack, 1);
    connect(m_tableButton, &QToolButton::toggled, this, &ScatterChart::setTableShown);
    connect(m_canvas, &ScatterCanvas::chosen, this, [this](const QString& id) {
        setCurrent(id);
        Q_EMIT currentChanged(id);
    });
    connect(m_canvas, &ScatterCanvas::activated, this, &ScatterChart::activated);
    connect(m_table, &QTableWidget::currentCellChanged, this, &ScatterChart::chooseRow);
    connect(m_table, &QTableWidget::cellActivated, this, [this] { Q_EMIT activated(current()); });
    retranslate();
}

void ScatterChart::setTitle(const QString& question, const QString& hint)
{
    m_title = question;
    m_hint = hint;
    retranslate();
}

void ScatterChart::setAxes(const ScatterAxis& x, const ScatterAxis& y)
{
    m_canvas->setAxes(x, y);
    fillTable();
}

void ScatterChart::setPoints(std::vector<ScatterPoint> points)
{
    m_canvas->setPoints(std::move(points));
    fillTable();
}

void ScatterChart::setMarks(std::vector<ScatterMark> marks)
{
    m_canvas->setMarks(std::move(marks));
}

void ScatterChart::setEmptyText(const QString& text)
{
    m_canvas->setEmptyText(text);
}

void ScatterChart::setCurrent(const QString& id)
{
    m_canvas->setCurrent(id);
    const QSignalBlocker quiet(m_table);
    for (int row = 0; row < m_table->rowCount(); ++row)
        if (m_table->item(row, Label)->data(Qt::UserRole).toString() == id)
            m_table->setCurrentCell(row, Label);
}

void ScatterChart::setTableShown(bool shown)
{
    m_tableButton->setChecked(shown);
    const bool focused = m_canvas->hasFocus() || m_table->hasFocus();
    m_stack->setCurrentIndex(shown ? 1 : 0);
    if (focused)
        m_stack->currentWidget()->setFocus();
}

QString ScatterChart::current() const
{
    return m_canvas->current();
}

bool ScatterChart::isTableShown() const
{
    return m_stack->currentIndex() == 1;
}

QWidget* ScatterChart::canvas() const
{
    return m_canvas;
}

QPointF ScatterChart::positionOf(double x, double y) const
{
    return m_canvas->mapTo(this, m_canvas->positionOf(x, y));
}

void ScatterChart::fillTable()
{
    const QSignalBlocker quiet(m_table);
    m_table->setHorizontalHeaderLabels(
        {tr("Name"), m_canvas->xAxis().name, m_canvas->yAxis().name, tr("No other beats it")});
    const auto& points = m_canvas->points();
    m_table->setRowCount(static_cast<int>(points.size()));
    int row = 0;
    for (const ScatterPoint& point : points) {
        const std::array<QString, ColumnCount> texts = {point.label, shortNumber(point.x),
                                                        shortNumber(point.y),
                                                        point.onFront ? tr("yes") : QString()};
        for (int column = 0; column < ColumnCount; ++column) {
            auto* item = new QTableWidgetItem(texts.at(static_cast<std::size_t>(column)));
            item->setToolTip(item->text());
            item->setTextAlignment(Qt::AlignVCenter |
                                   (column == X || column == Y ? Qt::AlignRight : Qt::AlignLeft));
            m_table->setItem(row, column, item);
        }
        m_table->item(row++, Label)->setData(Qt::UserRole, point.id);
    }
    m_table->resizeColumnsToContents();
    setCurrent(current());
}

void ScatterChart::chooseRow()
{
    const QTableWidgetItem* item = m_table->item(m_table->currentRow(), Label);
    const QString id = item ? item->data(Qt::UserRole).toString() : QString();
    if (id.isEmpty() || id == current())
        return;
    m_canvas->setCurrent(id);
    Q_EMIT currentChanged(id);
}

void ScatterChart::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_T && event->modifiers() == Qt::NoModifier)
        setTableShown(!isTableShown());
    else
        QWidget::keyPressEvent(event);
}

void ScatterChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        fillTable();
    }
}

void ScatterChart::retranslate()
{
    m_titleLabel->setText(m_title);
    m_hintLabel->setText(m_hint);
    m_hintLabel->setVisible(!m_hint.isEmpty());
    m_tableButton->setText(tr("As a table"));
    m_tableButton->setToolTip(tr("The same points as a table (T)"));
    m_canvas->setAccessibleName(m_title);
    m_canvas->setWhatsThis(tr("A click or the arrow keys choose a point: left and right by the "
                              "horizontal axis, up and down by the vertical one. Enter opens it, T "
                              "shows the table."));
    m_table->setAccessibleName(m_title);
}

} // namespace lacuna
