#include "app/pages/compare/metric_deltas_view.h"

#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/table/padded_delegate.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kRowHeight = 28;
constexpr int kWidestColumn = 320;

} // namespace

/// One quantity or all; what is undefined comes last in either order.
class QuantityFilter : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setQuantity(int quantity)
    {
        m_quantity = quantity;
        invalidateFilter();
    }

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override
    {
        return m_quantity < 0 ||
               sourceModel()->index(row, 0, parent).data(MetricDeltasModel::QuantityRole).toInt() ==
                   m_quantity;
    }
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override
    {
        const QVariant a = left.data(MetricDeltasModel::SortRole);
        const QVariant b = right.data(MetricDeltasModel::SortRole);
        if (a.isValid() != b.isValid())
            return a.isValid() == (sortOrder() == Qt::AscendingOrder);
        if (a.typeId() == QMetaType::QString)
            return QString::localeAwareCompare(a.toString(), b.toString()) < 0;
        return a.toDouble() < b.toDouble();
    }

private:
    int m_quantity = -1;
};

MetricDeltasView::MetricDeltasView(QWidget* parent)
    : QWidget(parent), m_shown(new QuantityFilter(this)), m_quantity(new CalmComboBox(this)),
      m_quantityName(new QLabel), m_note(secondaryText({})), m_table(new QTableView)
{
    m_quantity->setObjectName(u"deltaQuantity"_s);
    m_quantity->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_quantityName->setBuddy(m_quantity);
    m_shown->setSourceModel(&m_model);
    m_table->setObjectName(u"deltaTable"_s);
    m_table->setModel(m_shown);
    m_table->setItemDelegate(new PaddedDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(MetricDeltasModel::Metric, Qt::AscendingOrder);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->horizontalHeader()->setHighlightSections(false);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(8);
    tools->addWidget(m_quantityName);
    tools->addWidget(m_quantity);
    tools->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addLayout(tools);
    layout->addWidget(m_note);
    layout->addWidget(m_table, 1);
    connect(m_quantity, &QComboBox::activated, this, &MetricDeltasView::applyFilter);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) {
                if (now.isValid())
                    Q_EMIT runChosen(now.data(MetricDeltasModel::RunRole).toLongLong());
            });
    retranslate();
}

void MetricDeltasView::show(const RunComparison& comparison)
{
    const QSignalBlocker quiet(m_table->selectionModel());
    const bool first = m_model.rowCount() == 0;
    m_model.setComparison(comparison);
    offer();
    if (!first || m_model.rowCount() == 0)
        return;
    m_table->resizeColumnsToContents();
    for (int column = 0; column < MetricDeltasModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, std::min(m_table->columnWidth(column), kWidestColumn));
}

void MetricDeltasView::offer()
{
    const QString chosen = m_quantity->currentText();
    const bool first = m_quantity->count() < 2; // there were no runs yet
    m_quantity->clear();
    m_quantity->addItem(tr("All"));
    for (const Quantity& quantity : m_model.quantities())
        m_quantity->addItem(MetricDeltasModel::title(quantity));
    const auto usual = std::ranges::find_if(m_model.quantities(), [](const Quantity& one) {
        return one.set == "forget" && one.metric == "probability" && !one.standalone;
    });
    // One metric over all runs is what can be read at a glance.
    const int at = first && usual != m_model.quantities().end()
                       ? static_cast<int>(usual - m_model.quantities().begin()) + 1
                       : m_quantity->findText(chosen);
    m_quantity->setCurrentIndex(std::max(0, at));
    applyFilter();
}

void MetricDeltasView::applyFilter()
{
    m_shown->setQuantity(m_quantity->currentIndex() - 1);
    m_table->setColumnHidden(MetricDeltasModel::Metric, m_quantity->currentIndex() > 0);
}

void MetricDeltasView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void MetricDeltasView::retranslate()
{
    m_quantityName->setText(tr("Metric"));
    m_note->setText(tr("\u2193 lower is better, \u2191 higher is better. A difference is called "
                       "better or worse where its interval leaves zero out, or is not known."));
    m_table->setAccessibleName(tr("What the runs measured"));
    m_model.retranslate();
    offer();
}

} // namespace lacuna
