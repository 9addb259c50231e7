#include "widgets/text/model_mark.h"

#include <QCoreApplication>
#include <QEvent>
#include <QPainter>

namespace lacuna {

using namespace Qt::StringLiterals;

QString modelName(ModelRole role)
{
    switch (role) {
    case ModelRole::Original:
        return QCoreApplication::translate("ModelMark", "Original");
    case ModelRole::Current:
        return QCoreApplication::translate("ModelMark", "Unlearned");
    case ModelRole::Reference:
        return QCoreApplication::translate("ModelMark", "Reference");
    case ModelRole::Guarded:
        return QCoreApplication::translate("ModelMark", "Original + guardrail");
    }
    return {};
}

ColorRole modelColor(ModelRole role)
{
    switch (role) {
    case ModelRole::Original:
        return ColorRole::Original;
    case ModelRole::Current:
        return ColorRole::Unlearned;
    case ModelRole::Guarded:
        return ColorRole::Guarded;
    case ModelRole::Reference:
        break;
    }
    return ColorRole::Reference;
}

ColorRole modelTextColor(ModelRole role)
{
    return role == ModelRole::Current ? ColorRole::UnlearnedText : modelColor(role);
}

ModelMark::ModelMark(ModelRole role, QWidget* parent) : QWidget(parent), m_role(role)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(modelName(role));
}

QSize ModelMark::sizeHint() const
{
    return {24, 24};
}

void ModelMark::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        setAccessibleName(modelName(m_role));
}

void ModelMark::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor fill = themeColor(modelColor(m_role), *this);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    const QRectF area = QRectF(rect()).adjusted(1, 1, -1, -1);
    QString letter = u"O"_s;
    switch (m_role) {
    case ModelRole::Original:
        painter.drawEllipse(area.adjusted(1, 1, -1, -1));
        break;
    case ModelRole::Current:
        painter.drawRect(area.adjusted(1.5, 1.5, -1.5, -1.5));
        letter = u"U"_s;
        break;
    case ModelRole::Reference:
        painter.drawPolygon(QPolygonF(
            {QPointF(area.center().x(), area.top()), QPointF(area.right(), area.center().y()),
             QPointF(area.center().x(), area.bottom()), QPointF(area.left(), area.center().y())}));
        letter = u"R"_s;
        break;
    case ModelRole::Guarded: {
        const QPointF center = area.center();
        const double rise = area.height() / 4;
        painter.drawPolygon(QPolygonF(
            {QPointF(center.x(), area.top()), QPointF(area.right(), center.y() - rise),
             QPointF(area.right(), center.y() + rise), QPointF(center.x(), area.bottom()),
             QPointF(area.left(), center.y() + rise), QPointF(area.left(), center.y() - rise)}));
        letter = u"G"_s;
        break;
    }
    }
    QFont bold = font();
    bold.setBold(true);
    bold.setPixelSize(m_role == ModelRole::Reference ? 11 : 13);
    painter.setFont(bold);
    painter.setPen(textOn(fill));
    painter.drawText(rect(), Qt::AlignCenter, letter);
}

} // namespace lacuna
