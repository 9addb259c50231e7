#include "widgets/text/elided_label.h"

namespace lacuna {

ElidedLabel::ElidedLabel(Qt::TextElideMode mode, QWidget* parent) : QLabel(parent), m_mode(mode)
{
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 8, fontMetrics().height()};
}

void ElidedLabel::setFullText(const QString& text, const QString& toolTip)
{
    if (text == m_text && (toolTip.isEmpty() || toolTip == this->toolTip()))
        return;
    m_text = text;
    setToolTip(toolTip.isEmpty() ? text : toolTip);
    setAccessibleName(toolTip.isEmpty() ? text : toolTip);
    elide();
}

void ElidedLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::elide()
{
    setText(fontMetrics().elidedText(m_text, m_mode, width()));
}

} // namespace lacuna
