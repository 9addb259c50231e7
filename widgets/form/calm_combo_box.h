#pragma once

#include <QComboBox>
#include <QWheelEvent>

namespace lacuna {

/// A combo box that leaves the wheel to the page around it unless it has the focus, so that
/// scrolling past it changes nothing.
class CalmComboBox : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void wheelEvent(QWheelEvent* event) override
    {
        if (hasFocus())
            QComboBox::wheelEvent(event);
        else
            event->ignore();
    }
};

} // namespace lacuna
