#pragma once

#include <QWidget>

class QLabel;
class QSlider;

namespace lacuna {

/// A factor from 0 to 2, with its number beside it; 1 in the middle is where nothing is changed.
/// Moved by mouse, arrow keys (0.05), page keys (0.25), Home and End; a double click brings 1 back.
class FactorSlider : public QWidget {
    Q_OBJECT

public:
    explicit FactorSlider(QWidget* parent = nullptr);

    [[nodiscard]] double factor() const;
    /// Silent.
    void setFactor(double factor);
    /// What is multiplied: "Adapter".
    void setTitle(const QString& title);
    /// \param reason  why there is nothing to multiply; empty: there is
    /// \param help    what it does, while there is
    void setUsable(const QString& reason, const QString& help);

Q_SIGNALS:
    void factorChanged(double factor); ///< by the person

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void showUsable();
    void showNumber();

    QLabel* m_title;
    QSlider* m_slider;
    QLabel* m_number;
};

} // namespace lacuna
