#include "widgets/text/heat_legend.h"

#include "widgets/base/colors.h"

#include <QEvent>
#include <QLocale>
#include <QPainter>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kBarWidth = 240;
constexpr int kBarHeight = 10;
constexpr int kSpace = 8;

} // namespace

HeatLegend::HeatLegend(QWidget* parent) : QWidget(parent)
{
    setObjectName(u"heatLegend"_s);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    retranslate();
}

QSize HeatLegend::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(m_caption) + 2 * kSpace + kBarWidth +
                fontMetrics().horizontalAdvance(m_labels.first()) / 2 +
                fontMetrics().horizontalAdvance(m_labels.last()) / 2,
            kBarHeight + 4 + fontMetrics().height()};
}

void HeatLegend::showProbability()
{
    m_deltaScale = 0;
    retranslate();
}

void HeatLegend::showDelta(double scale)
{
    m_deltaScale = scale;
    retranslate();
}

void HeatLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QFontMetrics metrics = fontMetrics();
    painter.setPen(themeColor(ColorRole::Secondary, *this));
    painter.drawText(QRect(0, 0, width(), kBarHeight + 4), Qt::AlignLeft | Qt::AlignVCenter,
                     m_caption);
    const int left = metrics.horizontalAdvance(m_caption) + kSpace +
                     metrics.horizontalAdvance(m_labels.first()) / 2;
    const bool dark = isDark(palette());
    for (int x = 0; x < kBarWidth; ++x) {
        const double share = static_cast<double>(x) / (kBarWidth - 1);
        const QColor color =
            m_deltaScale > 0 ? deltaColor(2 * share - 1, 1, dark) : probabilityColor(share);
        painter.fillRect(left + x, 2, 1, kBarHeight, color);
    }
    painter.setPen(themeColor(ColorRole::Border, *this));
    painter.drawRect(left, 2, kBarWidth - 1, kBarHeight - 1);
    painter.setPen(themeColor(ColorRole::Secondary, *this));
    const auto steps = static_cast<int>(m_labels.size()) - 1;
    for (int i = 0; i <= steps; ++i) {
        const int x = left + i * (kBarWidth - 1) / steps;
        painter.drawLine(x, kBarHeight + 2, x, kBarHeight + 4);
        const int wide = metrics.horizontalAdvance(m_labels[i]);
        painter.drawText(x - wide / 2, kBarHeight + 4 + metrics.ascent(), m_labels[i]);
    }
}

void HeatLegend::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::FontChange)
        retranslate();
}

void HeatLegend::retranslate()
{
    const QLocale locale;
    m_labels.clear();
    if (m_deltaScale > 0) {
        m_caption = tr("Δ log-probability (nats)");
        for (const double share : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
            const QString number = locale.toString(share * m_deltaScale, 'g', 3);
            m_labels << (share > 0 ? u"+"_s + number : number);
        }
        m_labels.first() = tr("%1 original").arg(m_labels.first());
        m_labels.last() = tr("%1 unlearned").arg(m_labels.last());
    } else {
        m_caption = tr("Probability");
        for (const int percent : {0, 25, 50, 75, 100})
            m_labels << tr("%1 %").arg(percent);
    }
    setToolTip(m_deltaScale > 0
                   ? tr("logP(unlearned) − logP(original). A dotted frame: not known, because the "
                        "answers differ before it")
                   : tr("How likely the model found each token"));
    setAccessibleName(tr("%1: from %2 to %3").arg(m_caption, m_labels.first(), m_labels.last()));
    updateGeometry();
    update();
}

} // namespace lacuna
