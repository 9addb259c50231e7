#include "widgets/form/factor_slider.h"

#include "widgets/base/colors.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QSlider>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kStepsOfOne = 20;
constexpr int kLargest = 2 * kStepsOfOne;

} // namespace

FactorSlider::FactorSlider(QWidget* parent)
    : QWidget(parent), m_title(new QLabel), m_slider(new QSlider(Qt::Horizontal)),
      m_number(new QLabel)
{
    m_slider->setObjectName(u"factorSlider"_s);
    m_slider->setRange(0, kLargest);
    m_slider->setValue(kStepsOfOne);
    m_slider->setSingleStep(1);
    m_slider->setPageStep(kStepsOfOne / 4);
    m_slider->setTickInterval(kStepsOfOne / 2);
    m_slider->setTickPosition(QSlider::TicksBelow);
    m_slider->setMinimumWidth(96);
    m_slider->installEventFilter(this);
    m_title->setBuddy(m_slider);
    m_title->setProperty("secondary", true);
    m_number->setObjectName(u"factorNumber"_s);
    m_number->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_number->setMinimumWidth(m_number->fontMetrics().horizontalAdvance(u"× 0.00"_s));

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_slider, 1);
    layout->addWidget(m_number);
    connect(m_slider, &QSlider::valueChanged, this, [this] {
        showNumber();
        Q_EMIT factorChanged(factor());
    });
    showNumber();
}

double FactorSlider::factor() const
{
    return static_cast<double>(m_slider->value()) / kStepsOfOne;
}

void FactorSlider::setFactor(double factor)
{
    const QSignalBlocker silent(m_slider);
    m_slider->setValue(static_cast<int>(std::lround(factor * kStepsOfOne)));
    showNumber();
}

void FactorSlider::setTitle(const QString& title)
{
    m_title->setText(title);
    showNumber();
}

/// The style paints a slider that is off as one that is on.
void FactorSlider::showUsable()
{
    QPalette shown = palette();
    if (!m_slider->isEnabled())
        shown.setColor(QPalette::Highlight, themeColor(ColorRole::Border, *this));
    m_slider->setPalette(shown);
}

void FactorSlider::setUsable(const QString& reason, const QString& help)
{
    m_slider->setEnabled(reason.isEmpty());
    m_title->setEnabled(reason.isEmpty());
    m_number->setEnabled(reason.isEmpty());
    setToolTip(reason.isEmpty() ? help : reason);
    m_slider->setAccessibleDescription(toolTip());
    showUsable();
}

void FactorSlider::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showUsable();
}

bool FactorSlider::eventFilter(QObject* watched, QEvent* event)
{
    // Scrolling past it changes nothing.
    if (event->type() == QEvent::Wheel && !m_slider->hasFocus()) {
        event->ignore();
        return true;
    }
    if (event->type() == QEvent::MouseButtonDblClick) {
        m_slider->setValue(kStepsOfOne);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void FactorSlider::showNumber()
{
    const QString number = u"× "_s + locale().toString(factor(), 'f', 2);
    m_number->setText(number);
    m_slider->setAccessibleName(u"%1 %2"_s.arg(m_title->text(), number));
}

} // namespace lacuna
