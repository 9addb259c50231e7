#include "app/pages/stress/battery_list.h"

#include "app/pages/stress/attack_row.h"
#include "widgets/base/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

BatteryList::BatteryList(QWidget* parent)
    : QWidget(parent), m_all(new QToolButton), m_none(new QToolButton)
{
    auto* rows = new QWidget;
    auto* column = new QVBoxLayout(rows);
    column->setContentsMargins(0, 0, 8, 0);
    column->setSpacing(4);
    for (const AttackInfo& info : attacks().entries()) {
        auto* row = new AttackRow(info);
        m_rows.push_back(row);
        column->addWidget(row);
        connect(row, &AttackRow::changed, this, [this] {
            showTimes();
            Q_EMIT changed();
        });
    }
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setObjectName(u"batteryScroll"_s);
    scroll->setWidget(rows);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    // The card shows through.
    scroll->viewport()->setAutoFillBackground(false);
    rows->setAutoFillBackground(false);
    m_all->setObjectName(u"chooseAllAttacks"_s);
    m_none->setObjectName(u"chooseNoAttack"_s);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_all);
    buttons->addWidget(m_none);
    buttons->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(buttons);
    layout->addWidget(scroll, 1);
    connect(m_all, &QToolButton::clicked, this, [this] { chooseAll(true); });
    connect(m_none, &QToolButton::clicked, this, [this] { chooseAll(false); });
    retranslate();
}

Result<std::vector<AttackSpec>> BatteryList::specs() const
{
    std::vector<AttackSpec> specs;
    for (const AttackRow* row : m_rows) {
        if (!row->isChosen())
            continue;
        Result<AttackSpec> spec = row->spec();
        if (!spec)
            return spec.error();
        specs.push_back(std::move(spec).value());
    }
    return specs;
}

int BatteryList::chosenCount() const
{
    return static_cast<int>(
        std::ranges::count_if(m_rows, [](const AttackRow* row) { return row->isChosen(); }));
}

std::optional<double> BatteryList::seconds() const
{
    if (!m_speed)
        return std::nullopt;
    // The first pass comes before the attacks.
    double sum = m_speed->scores + m_speed->answers;
    for (const AttackRow* row : m_rows)
        if (const Result<AttackSpec> spec = row->spec(); row->isChosen() && spec)
            sum += m_speed->secondsOf(*spec);
    return sum;
}

void BatteryList::setSpeed(const std::optional<StressSpeed>& speed)
{
    m_speed = speed;
    showTimes();
}

void BatteryList::showTimes()
{
    for (AttackRow* row : m_rows) {
        const Result<AttackSpec> spec = row->spec();
        row->setSeconds(m_speed && spec ? std::optional(m_speed->secondsOf(*spec)) : std::nullopt);
    }
}

void BatteryList::setWorking(const std::string& attack)
{
    for (AttackRow* row : m_rows)
        row->setWorking(row->info().id == attack);
}

void BatteryList::setEditable(bool editable)
{
    for (AttackRow* row : m_rows)
        row->setEditable(editable);
    m_all->setEnabled(editable);
    m_none->setEnabled(editable);
}

void BatteryList::chooseAll(bool all)
{
    // One that wants a file has none yet.
    for (AttackRow* row : m_rows)
        row->setChosen(all && !row->info().needsFile);
    Q_EMIT changed();
}

void BatteryList::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void BatteryList::retranslate()
{
    m_all->setText(tr("All"));
    m_all->setToolTip(tr("Choose every attack that needs no file of yours."));
    m_none->setText(tr("None"));
    m_none->setToolTip(tr("Choose no attack."));
}

} // namespace lacuna
