#include "app/scores/metrics_view.h"

#include "app/scores/metric_text.h"
#include "widgets/base/theme.h"
#include "widgets/table/plain_table.h"
#include "widgets/table/score_delegate.h"
#include "widgets/table/value_text.h"
#include "widgets/text/model_mark.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

enum Column : std::uint8_t {
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

constexpr int kRowHeight = 40;
constexpr int kHeadingHeight = 28;
constexpr int kWidestVariant = 320;
constexpr int kLongestReason = 240; ///< below the table; its cell and tool tip have all of it

Qt::Alignment alignment(int column)
{
    const bool number = column >= Original && column <= Count;
    return Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft);
}

std::optional<ModelRole> roleOf(int column)
{
    switch (column) {
    case Original:
        return ModelRole::Original;
    case Unlearned:
    case Change:
        return ModelRole::Current;
    case Reference:
        return ModelRole::Reference;
    default:
        return std::nullopt;
    }
}

int columnOf(ModelRole role)
{
    return role == ModelRole::Original    ? Original
           : role == ModelRole::Reference ? Reference
                                          : Unlearned;
}

QString intervalText(const std::optional<Interval>& interval)
{
    const QLocale locale;
    return interval
               ? MetricsView::tr("%1 to %2")
                     .arg(shortNumber(interval->low, locale), shortNumber(interval->high, locale))
               : QString();
}

QString asSentence(QString words)
{
    words.front() = words.front().toUpper();
    return words.endsWith(u'.') ? words : words + u'.';
}

QTableWidgetItem* cell(const QString& shown, int column)
{
    auto* item = new QTableWidgetItem(shown);
    item->setToolTip(shown);
    item->setTextAlignment(alignment(column));
    return item;
}

} // namespace

MetricsView::MetricsView(QWidget* parent)
    : QWidget(parent), m_table(plainTable()), m_note(secondaryText({})), m_reading(new QLabel),
      m_empty(secondaryText({}))
{
    m_table->setObjectName(u"metricsTable"_s);
    m_table->setColumnCount(ColumnCount);
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setItemDelegate(new ScoreDelegate(m_table));
    m_reading->setObjectName(u"metricReading"_s);
    m_reading->setWordWrap(true);
    m_reading->setTextFormat(Qt::PlainText);
    m_reading->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_note);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_reading);
    layout->addWidget(m_empty);
    layout->addStretch();
    connect(m_table, &QTableWidget::currentCellChanged, this, &MetricsView::showReading);
    connect(m_table, &QTableWidget::cellClicked, this, &MetricsView::ask);
    connect(m_table, &QTableWidget::cellActivated, this, &MetricsView::open);
    refresh();
}

void MetricsView::setEvaluations(const std::vector<Evaluation>& evaluations)
{
    setRows(metricRows(evaluations), evaluations);
}

void MetricsView::setRows(std::vector<MetricRow> rows, std::vector<Evaluation> evaluations)
{
    m_rows = std::move(rows);
    std::vector<std::string> sets; // in the order in which they come first
    for (const MetricRow& row : m_rows)
        if (std::ranges::find(sets, row.set) == sets.end())
            sets.push_back(row.set);
    std::ranges::stable_sort(m_rows, {}, [&](const MetricRow& row) {
        return std::pair(std::ranges::find(sets, row.set) - sets.begin(),
                         metricKind(row.set, row.metric));
    });
    m_evaluations = std::move(evaluations);
    refresh();
}

void MetricsView::refresh()
{
    const QModelIndex current = m_table->currentIndex();
    m_empty->setText(tr("Nothing was measured. A run measures the original before its first step "
                        "and the unlearned model after its last."));
    m_note->setText(tr("\u2193 lower is better, \u2191 higher is better. Below a value: where it "
                       "lies with 95 % confidence. Change is unlearned minus original."));
    m_table->setAccessibleName(tr("Metrics before and after"));
    m_table->setVisible(!m_rows.empty());
    m_note->setVisible(!m_rows.empty());
    m_reading->setVisible(!m_rows.empty());
    m_empty->setVisible(m_rows.empty());
    m_table->clearSpans();
    m_table->setRowCount(0);
    m_table->setHorizontalHeaderLabels({tr("Metric"), tr("Original"), tr("Unlearned"), tr("Change"),
                                        tr("Reference"), tr("Samples"), tr("Measured"),
                                        tr("Variant")});
    for (int column = 0; column < ColumnCount; ++column)
        m_table->horizontalHeaderItem(column)->setTextAlignment(alignment(column));
    m_rowAt.clear();
    const MetricRow* above = nullptr;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const MetricRow& row = m_rows[i];
        const MetricKind kind = metricKind(row.set, row.metric);
        if (!above || above->set != row.set || metricKind(above->set, above->metric) != kind) {
            addHeading(static_cast<int>(m_rowAt.size()),
                       setTitle(row.set) + u": "_s + metricKindTitle(kind));
            m_rowAt.emplace_back();
        }
        addRow(static_cast<int>(m_rowAt.size()), row);
        m_rowAt.emplace_back(i);
        above = &row;
    }
    m_table->resizeColumnsToContents();
    m_table->setColumnWidth(Variant, std::min(m_table->columnWidth(Variant), kWidestVariant));
    if (current.isValid() && current.row() < m_table->rowCount())
        m_table->setCurrentCell(current.row(), current.column());
    showReading();
}

void MetricsView::addHeading(int at, const QString& text)
{
    m_table->insertRow(at);
    m_table->setRowHeight(at, kHeadingHeight);
    auto* item = cell(text, Metric);
    QFont font = m_table->font();
    font.setWeight(QFont::DemiBold);
    item->setFont(font);
    item->setFlags(Qt::ItemIsEnabled);
    m_table->setItem(at, 0, item);
    m_table->setSpan(at, 0, 1, ColumnCount);
}

void MetricsView::addRow(int at, const MetricRow& row)
{
    m_table->insertRow(at);
    m_table->setRowHeight(at, kRowHeight);
    const MetricText words = metricText(row.metric);
    const QString sign = goalSign(row.set, row.metric);
    auto* name = cell(sign.isEmpty() ? words.title : words.title + u' ' + sign, Metric);
    name->setToolTip(words.reading);
    m_table->setItem(at, Metric, name);
    for (const ModelRole role : {ModelRole::Original, ModelRole::Current, ModelRole::Reference})
        m_table->setItem(at, columnOf(role), numberItem(row, role));
    m_table->setItem(at, Change, changeItem(row));
    m_table->setItem(at, Count, cell(QLocale().toString(static_cast<qlonglong>(row.count)), Count));
    m_table->setItem(at, Measured,
                     cell(row.standalone                    ? tr("apart from the run")
                          : !row.source(ModelRole::Current) ? tr("before the run")
                          : row.during                      ? tr("at step %1").arg(*row.during)
                                                            : tr("after the run"),
                          Measured));
    m_table->setItem(at, Variant, cell(QString::fromStdString(row.variant), Variant));
}

QTableWidgetItem* MetricsView::numberItem(const MetricRow& row, ModelRole role) const
{
    const QLocale locale;
    const double value = row.value(role);
    const QString reason = missingText(row, role);
    if (!reason.isEmpty()) {
        auto* item = cell(reason, columnOf(role));
        item->setData(ScoreDelegate::Missing, true);
        item->setData(Qt::AccessibleTextRole, tr("%1, missing: %2").arg(modelName(role), reason));
        return item;
    }
    auto* item = cell(shortNumber(value, locale), columnOf(role));
    const std::optional<Interval>& interval = m_evaluations[*row.source(role)].interval;
    const QString place = intervalText(interval);
    item->setData(ScoreDelegate::Interval, place);
    QStringList lines = {fullNumber(value, locale)};
    if (interval)
        lines << tr("95 %: %1 to %2")
                     .arg(fullNumber(interval->low, locale), fullNumber(interval->high, locale));
    lines << QString::fromStdString(row.variant);
    lines.removeAll(QString());
    item->setToolTip(lines.join(u'\n'));
    QStringList spoken = {
        metricText(row.metric).title, setTitle(row.set), modelName(role), item->text(), place,
        goalText(row.set, row.metric)};
    spoken.removeAll(QString());
    item->setData(Qt::AccessibleTextRole, spoken.join(u", "_s));
    return item;
}

QTableWidgetItem* MetricsView::changeItem(const MetricRow& row) const
{
    const QLocale locale;
    const double change = row.unlearned - row.original;
    const QString plus = change > 0 ? u"+"_s : QString();
    auto* item = cell(plus + shortNumber(change, locale), Change);
    item->setData(ScoreDelegate::Interval, intervalText(row.change));
    item->setToolTip(plus + fullNumber(change, locale));
    return item;
}

QString MetricsView::missingText(const MetricRow& row, ModelRole role) const
{
    const std::optional<std::size_t> source = row.source(role);
    if (source && !m_evaluations[*source].missing.empty())
        return asSentence(QString::fromStdString(m_evaluations[*source].missing));
    if (source)
        return std::isnan(row.value(role))
                   ? tr("Not a number: it overflowed, or there was nothing to count.")
                   : QString();
    switch (role) {
    case ModelRole::Original:
        return tr("The original was not measured. Evaluate\u2026 does it.");
    case ModelRole::Reference:
        return tr("Needs a reference model: train one on the retain set alone, name it in the "
                  "setup, and evaluate.");
    default:
        return tr("The unlearned model was not measured yet. The run does it at its end, or "
                  "Evaluate\u2026 does it.");
    }
}

QString MetricsView::reading(const MetricRow& row, ModelRole role) const
{
    const MetricText words = metricText(row.metric);
    QString text = tr("%1, %2, %3: ").arg(words.title, setTitle(row.set), modelName(role));
    if (const QString reason = missingText(row, role); !reason.isEmpty()) {
        text += reason.size() > kLongestReason ? reason.left(kLongestReason) + u"\u2026"_s : reason;
    } else {
        text += shortNumber(row.value(role), QLocale());
        if (const QString place = intervalText(m_evaluations[*row.source(role)].interval);
            !place.isEmpty())
            text += tr(" (%1)").arg(place);
        text += u'.';
    }
    if (const QString good = goalText(row.set, row.metric); !good.isEmpty())
        text += u' ' + tr("On this set %1.").arg(good);
    if (!words.reading.isEmpty())
        text += u' ' + words.reading;
    if (!words.range.isEmpty())
        text += u' ' + tr("Range: %1.").arg(words.range);
    return text;
}

std::optional<MetricsView::Chosen> MetricsView::chosen(int tableRow, int column) const
{
    const auto at = static_cast<std::size_t>(tableRow);
    if (tableRow < 0 || at >= m_rowAt.size() || !m_rowAt[at])
        return std::nullopt;
    return Chosen{.row = *m_rowAt[at], .role = roleOf(column).value_or(ModelRole::Current)};
}

void MetricsView::showReading()
{
    const std::optional<Chosen> number = chosen(m_table->currentRow(), m_table->currentColumn());
    m_reading->setText(number ? reading(m_rows[number->row], number->role)
                              : tr("Choose a number to read what it says."));
}

void MetricsView::ask(int tableRow, int column)
{
    const std::optional<Chosen> number = chosen(tableRow, column);
    if (number && roleOf(column))
        Q_EMIT samplesRequested(number->row, number->role);
}

void MetricsView::open(int tableRow, int column)
{
    ask(tableRow, column);
    const std::optional<Chosen> number = chosen(tableRow, column);
    if (number && roleOf(column))
        Q_EMIT numberOpened(number->row, number->role);
}

void MetricsView::choose(std::size_t row, ModelRole role)
{
    const auto found = std::find(m_rowAt.begin(), m_rowAt.end(), std::optional(row));
    if (found != m_rowAt.end())
        m_table->setCurrentCell(static_cast<int>(found - m_rowAt.begin()), columnOf(role));
}

void MetricsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        refresh();
}

} // namespace lacuna
