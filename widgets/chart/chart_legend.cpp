#include "widgets/chart/chart_legend.h"

#include "widgets/chart/chart_items.h"

#include <QEvent>
#include <QToolButton>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kGap = 4;
const QSize kSwatch{30, 14};
constexpr int kSwatchGap = 6; ///< to the text; the style leaves next to none

} // namespace

QPixmap seriesSwatch(const SeriesStyle& style, const QWidget& widget, double ratio)
{
    QPixmap pixmap((kSwatch + QSize(kSwatchGap, 0)) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QCPPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    drawSwatch(painter, QRectF({0, 0}, kSwatch), style, seriesColor(style, widget),
               themeColor(ColorRole::Surface, widget));
    return pixmap;
}

ChartLegend::ChartLegend(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("chartLegend"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    retranslate();
}

void ChartLegend::setSeries(const QString& id, const SeriesStyle& style)
{
    Entry& entry = m_entries[id];
    entry.style = style;
    if (!entry.button) {
        m_order.push_back(id);
        entry.button = new QToolButton(this);
        entry.button->setObjectName(QStringLiteral("legend-") + id);
        entry.button->setCheckable(true);
        entry.button->setChecked(true);
        entry.button->setAutoRaise(true);
        entry.button->setFocusPolicy(Qt::StrongFocus);
        entry.button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        entry.button->setIconSize(kSwatch + QSize(kSwatchGap, 0));
        entry.button->show();
        connect(entry.button, &QToolButton::toggled, this, [this, id](bool shown) {
            restyle(m_entries.at(id));
            Q_EMIT toggled(id, shown);
        });
    }
    restyle(entry);
    arrange(width(), true);
    updateGeometry();
}

void ChartLegend::removeSeries(const QString& id)
{
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return;
    delete found->second.button;
    m_entries.erase(found);
    std::erase(m_order, id);
    arrange(width(), true);
    updateGeometry();
}

void ChartLegend::setShown(const QString& id, bool shown)
{
    if (const auto found = m_entries.find(id); found != m_entries.end())
        found->second.button->setChecked(shown);
}

void ChartLegend::restyle(Entry& entry)
{
    QToolButton& button = *entry.button;
    const bool shown = button.isChecked();
    button.setText(entry.style.label);
    button.setIcon(QIcon(seriesSwatch(entry.style, *this, devicePixelRatioF())));
    // A hidden series is struck through, not only paler.
    QFont font = this->font();
    font.setStrikeOut(!shown);
    button.setFont(font);
    button.setToolTip(shown ? tr("Hide “%1”").arg(entry.style.label)
                            : tr("Show “%1”").arg(entry.style.label));
    button.setAccessibleName(shown ? tr("%1, shown").arg(entry.style.label)
                                   : tr("%1, hidden").arg(entry.style.label));
}

void ChartLegend::retranslate()
{
    const auto name = [this](ColorRole role) { return themeColor(role, *this).name(); };
    const QString sheet =
        u"QToolButton { background: transparent; border: 2px solid transparent; border-radius: 4px;"
        " padding: 1px 4px; color: %1; }"
        "QToolButton:!checked { color: %2; }"
        "QToolButton:hover { border-color: %3; }"
        "QToolButton:focus { border-color: %4; }"_s.arg(
            name(ColorRole::Text), name(ColorRole::Secondary), name(ColorRole::Border),
            name(ColorRole::Accent));
    if (sheet != styleSheet()) // setting it changes the palette, which comes back here
        setStyleSheet(sheet);
    for (auto& [id, entry] : m_entries)
        restyle(entry);
}

void ChartLegend::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        retranslate();
}

int ChartLegend::arrange(int width, bool move) const
{
    int x = 0;
    int y = 0;
    int rowHeight = 0;
    for (const QString& id : m_order) {
        QToolButton* button = m_entries.at(id).button;
        const QSize wished = button->sizeHint().expandedTo({24, 24});
        const QSize size(std::min(wished.width(), std::max(width, 24)), wished.height());
        if (x > 0 && x + size.width() > width) {
            x = 0;
            y += rowHeight + kGap;
            rowHeight = 0;
        }
        if (move)
            button->setGeometry(QRect({x, y}, size));
        x += size.width() + kGap;
        rowHeight = std::max(rowHeight, size.height());
    }
    return y + rowHeight;
}

int ChartLegend::heightForWidth(int width) const
{
    return arrange(width, false);
}

QSize ChartLegend::sizeHint() const
{
    int width = 0;
    for (const QString& id : m_order)
        width += m_entries.at(id).button->sizeHint().width() + kGap;
    return {width, heightForWidth(width)};
}

QSize ChartLegend::minimumSizeHint() const
{
    int width = 24;
    for (const QString& id : m_order)
        width = std::max(width, std::min(200, m_entries.at(id).button->sizeHint().width()));
    return {width, 24};
}

void ChartLegend::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange(width(), true);
}

} // namespace lacuna
