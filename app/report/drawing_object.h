#pragma once

#include "core/report/chart.h"

#include <QObject>
#include <QTextObjectInterface>

#include <vector>

class QPainter;

namespace lacuna {

/// Paints \p drawing into a box of \p width whose top left corner is the painter's origin; what is
/// drawn stays lines and text, so that it is sharp on paper.
void paintDrawing(QPainter& painter, const Drawing& drawing, double width, bool dark);

/// The charts of a QTextDocument: characters of the type kDrawingType, each with the number of its
/// drawing. As wide as the text, and no wider than \p mostWidth document units.
class DrawingObject : public QObject, public QTextObjectInterface {
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)

public:
    static constexpr int kDrawingType = QTextFormat::UserObject + 1;
    static constexpr int kNumber = QTextFormat::UserProperty + 1;

    DrawingObject(bool dark, double mostWidth, QObject* parent);

    /// The character that stands for \p drawing.
    [[nodiscard]] QTextCharFormat add(const Drawing& drawing);

    QSizeF intrinsicSize(QTextDocument* document, int position, const QTextFormat& format) override;
    void drawObject(QPainter* painter, const QRectF& box, QTextDocument* document, int position,
                    const QTextFormat& format) override;

private:
    bool m_dark;
    double m_mostWidth;
    std::vector<Drawing> m_drawings;
};

} // namespace lacuna
