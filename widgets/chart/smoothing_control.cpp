#include "widgets/chart/smoothing_control.h"

#include <QDoubleSpinBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>

#include <algorithm>
#include <cmath>

namespace lacuna {

namespace {

constexpr int kSliderSteps = 99;
constexpr double kMost = 0.999;

} // namespace

SmoothingControl::SmoothingControl(QWidget* parent)
    : QWidget(parent), m_label(new QLabel), m_slider(new QSlider(Qt::Horizontal)),
      m_number(new QDoubleSpinBox)
{
    m_slider->setObjectName(QStringLiteral("smoothingSlider"));
    m_slider->setRange(0, kSliderSteps);
    m_slider->setPageStep(10);
    m_slider->setFixedWidth(120);
    m_number->setObjectName(QStringLiteral("smoothingNumber"));
    m_number->setRange(0, kMost);
    m_number->setDecimals(3);
    m_number->setSingleStep(0.01);
    m_label->setBuddy(m_number);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(8);
    layout->addWidget(m_label);
    layout->addWidget(m_slider);
    layout->addWidget(m_number);
    connect(m_slider, &QSlider::valueChanged, this,
            [this](int value) { m_number->setValue(value / 100.0); });
    connect(m_number, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        const QSignalBlocker blocker(m_slider);
        m_slider->setValue(std::min(kSliderSteps, static_cast<int>(std::lround(value * 100))));
        Q_EMIT weightChanged(value);
    });
    retranslate();
}

double SmoothingControl::weight() const
{
    return m_number->value();
}

void SmoothingControl::setWeight(double weight)
{
    m_number->setValue(weight);
}

void SmoothingControl::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void SmoothingControl::retranslate()
{
    m_label->setText(tr("Smoothing"));
    m_slider->setAccessibleName(tr("Smoothing"));
    m_number->setAccessibleName(tr("Smoothing, as a number up to 0.999"));
    setToolTip(
        tr("Weight of the past in a moving average. The measured curve stays visible beneath "
           "the smoothed one."));
}

} // namespace lacuna
