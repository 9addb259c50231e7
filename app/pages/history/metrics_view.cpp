#include "app/pages/history/metrics_view.h"

#include "app/pages/history/metric_rows.h"
#include "app/pages/history/plain_table.h"
#include "widgets/base/theme.h"
#include "widgets/table/value_text.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

enum Column : std::uint8_t {
    Set,
    Metric,
    Original,
    Unlearned,
    Change,
    Reference,
    Count,
    Measured,
    Variant,
    ColumnCount
};

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

Qt::Alignment alignment(int column)
{
    const bool number = column >= Original && column <= Count;
    return Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft);
}

QString titleOf(const std::string& metric)
{
    const Result<const MetricInfo*> info = metrics().find(metric);
    return text(info ? (*info)->title : metric);
}

} // namespace

MetricsView::MetricsView(QWidget* parent)
    : QWidget(parent), m_table(plainTable()), m_note(secondaryText({})), m_empty(secondaryText({}))
{
    m_table->setObjectName(u"metricsTable"_s);
    m_table->setColumnCount(ColumnCount);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_note);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_empty);
    layout->addStretch();
    refresh();
}

void MetricsView::setEvaluations(const std::vector<Evaluation>& evaluations)
{
    m_evaluations = evaluations;
    refresh();
}

void MetricsView::refresh()
{
    const std::vector<MetricRow> rows = metricRows(m_evaluations);
    m_empty->setText(tr("Nothing was measured. A run measures the original before its first step "
                        "and the unlearned model after its last."));
    m_note->setText(tr("\u2193 lower is better, \u2191 higher is better. Change is unlearned minus "
                       "original."));
    m_table->setAccessibleName(tr("Metrics before and after"));
    m_table->setVisible(!rows.empty());
    m_note->setVisible(!rows.empty());
    m_empty->setVisible(rows.empty());
    m_table->setHorizontalHeaderLabels({tr("Set"), tr("Metric"), tr("Original"), tr("Unlearned"),
                                        tr("Change"), tr("Reference"), tr("Samples"),
                                        tr("Measured"), tr("Variant")});
    for (int column = 0; column < ColumnCount; ++column)
        m_table->horizontalHeaderItem(column)->setTextAlignment(alignment(column));
    m_table->setRowCount(static_cast<int>(rows.size()));
    const QLocale locale;
    int at = 0;
    const auto put = [&](int column, const QString& shown, const QString& toolTip = {}) {
        auto* item = new QTableWidgetItem(shown);
        item->setToolTip(toolTip.isEmpty() ? shown : toolTip);
        item->setTextAlignment(alignment(column));
        m_table->setItem(at, column, item);
    };
    const auto putNumber = [&](int column, double value, bool sign = false) {
        const QString plus = sign && value > 0 ? u"+"_s : QString();
        put(column, plus + shortNumber(value, locale), plus + fullNumber(value, locale));
    };
    for (const MetricRow& row : rows) {
        QString metric = titleOf(row.metric);
        if (const std::optional<Direction> good = goodDirection(row.set, row.metric))
            metric += *good == Direction::Lower ? u" \u2193"_s : u" \u2191"_s;
        const Result<const MetricInfo*> info = metrics().find(row.metric);
        put(Set, text(row.set));
        put(Metric, metric, info ? text((*info)->reading) : metric);
        putNumber(Original, row.original);
        putNumber(Unlearned, row.unlearned);
        putNumber(Change, row.unlearned - row.original, true);
        putNumber(Reference, row.reference);
        put(Count, locale.toString(static_cast<qlonglong>(row.count)));
        put(Measured, std::isnan(row.unlearned) ? tr("before the run")
                      : row.during              ? tr("at step %1").arg(*row.during)
                                                : tr("after the run"));
        put(Variant, text(row.variant));
        ++at;
    }
    m_table->resizeColumnsToContents();
}

void MetricsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        refresh();
}

} // namespace lacuna
