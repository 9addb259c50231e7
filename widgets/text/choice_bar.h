#pragma once

#include <QWidget>

class QAbstractButton;
class QButtonGroup;

namespace lacuna {

/// A few choices side by side, one of which holds: "Differences | Matches". Arrow keys move between
/// them.
class ChoiceBar : public QWidget {
    Q_OBJECT

public:
    /// \param names  object names of the buttons, in their order
    explicit ChoiceBar(const QStringList& names, QWidget* parent = nullptr);

    [[nodiscard]] int choice() const;
    [[nodiscard]] QAbstractButton* button(int index) const;

    /// Says what the choices are called; \p name is the accessible name of the whole.
    void setTexts(const QString& name, const QStringList& texts);
    /// Does not emit chosen().
    void setChoice(int index);

Q_SIGNALS:
    void chosen(int index); ///< by the person

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();

    QButtonGroup* m_buttons;
};

} // namespace lacuna
