#include "app/pages/stress/stress_table.h"

#include "app/pages/stress/stress_words.h"
#include "core/attacks/catalog.h"
#include "widgets/base/theme.h"
#include "widgets/table/plain_table.h"
#include "widgets/table/value_text.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTableWidget>
#include <QVBoxLayout>

#include <cmath>
#include <limits>
#include <set>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

enum Column : std::uint8_t {
    Attack,
    Setting,
    Before,
    After,
    Original,
    Reference,
    Worst,
    Range,
    Count,
    Metric,
    ColumnCount
};

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

/// A score from 0 to 1: two digits tell all that a few dozen items can, the tool tip the rest.
void setScore(QTableWidget& table, int row, int column, double value)
{
    const QLocale locale;
    setCell(table, row, column, std::isfinite(value) ? locale.toString(value, 'f', 2) : u"\u2013"_s,
            fullNumber(value, locale));
    table.item(row, column)->setTextAlignment(Qt::AlignVCenter | Qt::AlignRight);
}

QString explanationOf(const std::string& attack)
{
    const Result<const AttackInfo*> info = attacks().find(attack);
    return info ? text((*info)->explanation) : QString();
}

} // namespace

StressTable::StressTable(QWidget* parent)
    : QWidget(parent), m_table(plainTable()), m_chosen(secondaryText({}))
{
    m_table->setObjectName(u"stressTable"_s);
    m_table->setColumnCount(ColumnCount);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_chosen->setObjectName(u"stressChosen"_s);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_chosen);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, &StressTable::showChosen);
    refresh();
}

void StressTable::setResults(const std::vector<StressResult>& results, const std::string& metric)
{
    m_results = results;
    m_metric = metric;
    refresh();
}

void StressTable::refresh()
{
    const QLocale locale;
    m_table->setAccessibleName(tr("What the attacks brought out"));
    m_table->setHorizontalHeaderLabels(
        {tr("Attack"), tr("Setting"), tr("Before"), tr("Under attack"), tr("Original"),
         tr("Reference"), tr("Worst item"), tr("95 % interval"), tr("Items"), tr("Metric")});
    for (int column = 0; column < ColumnCount; ++column)
        m_table->horizontalHeaderItem(column)->setTextAlignment(
            Qt::AlignVCenter |
            (column >= Before && column <= Count ? Qt::AlignRight : Qt::AlignLeft));
    std::set<std::string> measured;
    for (const StressResult& result : m_results)
        if (result.metric == m_metric)
            measured.insert(result.attack);
    m_rows.clear();
    for (std::size_t i = 0; i < m_results.size(); ++i) {
        const StressResult& result = m_results[i];
        const bool shown = !result.missing.empty() || result.metric == m_metric ||
                           !measured.contains(result.attack);
        if (result.role == ModelRole::Current && shown)
            m_rows.push_back(i);
    }
    m_table->setRowCount(static_cast<int>(m_rows.size()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const StressResult& result = m_results[m_rows[static_cast<std::size_t>(row)]];
        const auto valueOn = [&](ModelRole role) {
            const StressResult* other = counterpart(m_results, result, role);
            return other ? other->value : kNone;
        };
        const QString setting = text(settingOf(result));
        setCell(*m_table, row, Attack, attackTitle(result.attack), explanationOf(result.attack));
        setCell(*m_table, row, Setting,
                !result.missing.empty()                       ? tr("not measured")
                : setting == QLatin1StringView(kWorstSetting) ? tr("each item's worst")
                                                              : setting,
                text(result.missing.empty() ? result.settings : result.missing));
        setScore(*m_table, row, Before, result.before);
        setScore(*m_table, row, After, result.value);
        setCell(*m_table, row, Range,
                result.interval ? tr("%1 to %2")
                                      .arg(locale.toString(result.interval->low, 'f', 2),
                                           locale.toString(result.interval->high, 'f', 2))
                                : u"\u2013"_s);
        m_table->item(row, Range)->setTextAlignment(Qt::AlignVCenter | Qt::AlignRight);
        setScore(*m_table, row, Worst, result.worst);
        setScore(*m_table, row, Original, valueOn(ModelRole::Original));
        setScore(*m_table, row, Reference, valueOn(ModelRole::Reference));
        setCell(*m_table, row, Count, locale.toString(static_cast<qlonglong>(result.count)));
        m_table->item(row, Count)->setTextAlignment(Qt::AlignVCenter | Qt::AlignRight);
        setCell(*m_table, row, Metric,
                result.metric.empty() ? QString() : metricTitle(result.metric));
    }
    std::set<std::string> shownMetrics;
    for (const std::size_t i : m_rows)
        if (m_results[i].missing.empty())
            shownMetrics.insert(m_results[i].metric);
    m_table->setColumnHidden(Metric, shownMetrics.size() < 2);
    m_table->resizeColumnsToContents();
    showChosen();
}

void StressTable::showChosen()
{
    const int row = m_table->currentRow();
    if (row < 0 || static_cast<std::size_t>(row) >= m_rows.size() ||
        m_table->selectedItems().isEmpty()) {
        m_chosen->setText(m_rows.empty() ? QString()
                                         : tr("Choose a row to see what its worst item said."));
        return;
    }
    const StressResult& result = m_results[m_rows[static_cast<std::size_t>(row)]];
    if (!result.missing.empty()) {
        m_chosen->setText(text(result.missing));
        return;
    }
    const StressDetail detail = stressDetail(result);
    QString words = tr("Item %1 came back most.").arg(detail.worstItem + 1);
    if (!detail.worstAnswer.empty())
        words += u' ' + tr("The model said: \u201c%1\u201d").arg(text(detail.worstAnswer));
    if (detail.facts.contains("rounded_differently"))
        words +=
            u' ' + tr("%1 % of the weights differ from the original's; rounded like this, "
                      "%2 % do.")
                       .arg(QLocale().toString(100 * detail.facts["moved"].get<double>(), 'f', 1),
                            QLocale().toString(
                                100 * detail.facts["rounded_differently"].get<double>(), 'f', 1));
    if (const auto ratio = recoveryRatio(m_results, result))
        words += u' ' + tr("Recovery ratio %1: at 1 it relearns no faster than the reference.")
                            .arg(QLocale().toString(*ratio, 'f', 2));
    m_chosen->setText(words);
}

void StressTable::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        refresh();
    QWidget::changeEvent(event);
}

} // namespace lacuna
