#pragma once

#include <QWidget>

namespace lacuna {

/// What the colours of a token heat map mean, with numbers.
class HeatLegend : public QWidget {
    Q_OBJECT

public:
    explicit HeatLegend(QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

    void showProbability();
    /// \param scale  nats at full colour
    void showDelta(double scale);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    double m_deltaScale = 0; ///< 0: probabilities
    QString m_caption;
    QStringList m_labels;
};

} // namespace lacuna
