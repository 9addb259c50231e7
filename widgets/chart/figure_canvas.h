#pragma once

#include "widgets/base/colors.h"
#include "widgets/chart/qcustomplot_shim.h"

#include <QKeyEvent>
#include <QPainter>

#include <functional>

namespace lacuna {

/// The drawing surface of a FigureChart; a private part of it. Shows that it has the focus, and
/// hands its keys on.
class FigureCanvas : public QCustomPlot {
public:
    std::function<bool(int key)> pressed; ///< false: the key means nothing here

    FigureCanvas()
    {
        setObjectName(QStringLiteral("figureCanvas"));
        setFocusPolicy(Qt::StrongFocus);
        setMouseTracking(true);
        setMinimumSize(320, 180);
    }

protected:
    void paintEvent(QPaintEvent* event) override
    {
        QCustomPlot::paintEvent(event);
        if (!hasFocus())
            return;
        QPainter painter(this);
        painter.setPen(QPen(themeColor(ColorRole::Accent, *this), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
    void focusInEvent(QFocusEvent* event) override
    {
        QCustomPlot::focusInEvent(event);
        update();
    }
    void focusOutEvent(QFocusEvent* event) override
    {
        QCustomPlot::focusOutEvent(event);
        update();
    }
    void keyPressEvent(QKeyEvent* event) override
    {
        if (!pressed(event->key()))
            event->ignore();
    }
};

} // namespace lacuna
