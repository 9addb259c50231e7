#pragma once

#include <QWidget>

class QDoubleSpinBox;
class QLabel;
class QSlider;

namespace lacuna {

/// Slider up to 0.99 with a number box that takes up to 0.999: the mouse cannot reach a setting
/// that flattens everything, who knows what they want can type it.
class SmoothingControl : public QWidget {
    Q_OBJECT

public:
    explicit SmoothingControl(QWidget* parent = nullptr);

    [[nodiscard]] double weight() const;
    void setWeight(double weight);

Q_SIGNALS:
    void weightChanged(double weight);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    QLabel* m_label;
    QSlider* m_slider;
    QDoubleSpinBox* m_number;
};

} // namespace lacuna
