#include "widgets/base/theme_style.h"

#include "widgets/base/colors.h"

#include <QPainter>
#include <QPlainTextEdit>
#include <QStyleOption>
#include <QTextEdit>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr qreal kRadius = 2;
/// Around the words of a button, beside what Fusion gives them.
constexpr QSize kButtonRoom(12, 2);
/// So that the words of a header stand over those of the cells.
constexpr int kHeaderMargin = 7;

void outline(QPainter* painter, const QStyleOption& option, bool round = false)
{
    const bool dark = isDark(option.palette);
    const bool focused = option.state & QStyle::State_HasFocus;
    QColor color = themeColor(focused ? ColorRole::Accent : ColorRole::Secondary, dark);
    if (!(option.state & QStyle::State_Enabled))
        color = themeColor(ColorRole::Border, dark);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(color);
    painter->setBrush(Qt::NoBrush);
    const QRectF rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    round ? painter->drawEllipse(rect) : painter->drawRoundedRect(rect, kRadius, kRadius);
    painter->restore();
}

} // namespace

ThemeStyle::ThemeStyle() : QProxyStyle(u"Fusion"_s) {}

void ThemeStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option,
                               QPainter* painter, const QWidget* widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    if (element == PE_IndicatorCheckBox || element == PE_FrameLineEdit)
        outline(painter, *option);
    if (element == PE_IndicatorRadioButton)
        outline(painter, *option, true);
}

void ThemeStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                             const QWidget* widget) const
{
    QProxyStyle::drawControl(element, option, painter, widget);
    if (element != CE_ShapedFrame)
        return;
    // A text that can be typed in is a field, whichever class shows it.
    const auto* plain = qobject_cast<const QPlainTextEdit*>(widget);
    const auto* rich = qobject_cast<const QTextEdit*>(widget);
    if ((plain && !plain->isReadOnly()) || (rich && !rich->isReadOnly()))
        outline(painter, *option);
}

void ThemeStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                    QPainter* painter, const QWidget* widget) const
{
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if (control == CC_SpinBox && option->subControls & SC_SpinBoxFrame)
        outline(painter, *option);
}

QSize ThemeStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                   const QWidget* widget) const
{
    const QSize fusion = QProxyStyle::sizeFromContents(type, option, size, widget);
    return type == CT_PushButton ? fusion + kButtonRoom : fusion;
}

int ThemeStyle::pixelMetric(PixelMetric metric, const QStyleOption* option,
                            const QWidget* widget) const
{
    return metric == PM_HeaderMargin ? kHeaderMargin
                                     : QProxyStyle::pixelMetric(metric, option, widget);
}

int ThemeStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                          QStyleHintReturn* data) const
{
    // Fusion's own pictures would stand beside our lines.
    return hint == SH_DialogButtonBox_ButtonsHaveIcons
               ? 0
               : QProxyStyle::styleHint(hint, option, widget, data);
}

} // namespace lacuna
