#include "widgets/table/run_state.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

#include <array>

namespace lacuna {

namespace {

struct RunStateNames {
    Q_DECLARE_TR_FUNCTIONS(lacuna::RunState)
};

constexpr int kSize = 16; ///< of the drawing; painted at several times of it

void drawCross(QPainter& painter)
{
    painter.drawLine(QPointF(4, 4), QPointF(12, 12));
    painter.drawLine(QPointF(12, 4), QPointF(4, 12));
}

void drawDots(QPainter& painter)
{
    for (const qreal x : {4.0, 8.0, 12.0})
        painter.drawEllipse(QPointF(x, 8), 0.8, 0.8);
}

void drawShape(QPainter& painter, RunState state)
{
    switch (state) {
    case RunState::Prepared:
        painter.drawEllipse(QPointF(8, 8), 5, 5);
        break;
    case RunState::Baseline:
    case RunState::Caching:
    case RunState::FinalEvaluation:
        drawDots(painter);
        break;
    case RunState::Running:
        painter.setBrush(painter.pen().color());
        painter.drawPolygon(std::array{QPointF(5, 3.5), QPointF(12.5, 8), QPointF(5, 12.5)}.data(),
                            3);
        break;
    case RunState::Paused:
        painter.drawLine(QPointF(5.5, 4), QPointF(5.5, 12));
        painter.drawLine(QPointF(10.5, 4), QPointF(10.5, 12));
        break;
    case RunState::Done:
        painter.drawPolyline(std::array{QPointF(3, 8.5), QPointF(6.5, 12), QPointF(13, 4.5)}.data(),
                             3);
        break;
    case RunState::Stopped:
        painter.setBrush(painter.pen().color());
        painter.drawRect(QRectF(4.5, 4.5, 7, 7));
        break;
    case RunState::Discarded:
        drawCross(painter);
        break;
    case RunState::Failed:
        painter.drawLine(QPointF(8, 3), QPointF(8, 9.5));
        painter.drawEllipse(QPointF(8, 12.5), 0.6, 0.6);
        break;
    case RunState::Interrupted:
        painter.drawPolyline(
            std::array{QPointF(9.5, 2.5), QPointF(5.5, 8.5), QPointF(10.5, 7.5), QPointF(6.5, 13.5)}
                .data(),
            4);
        break;
    }
}

} // namespace

QString runStateText(RunState state)
{
    switch (state) {
    case RunState::Prepared:
        return RunStateNames::tr("Preparing");
    case RunState::Baseline:
        return RunStateNames::tr("Measuring before");
    case RunState::Caching:
        return RunStateNames::tr("Getting ready");
    case RunState::Running:
        return RunStateNames::tr("Running");
    case RunState::Paused:
        return RunStateNames::tr("Paused");
    case RunState::FinalEvaluation:
        return RunStateNames::tr("Measuring after");
    case RunState::Done:
        return RunStateNames::tr("Done");
    case RunState::Stopped:
        return RunStateNames::tr("Stopped");
    case RunState::Discarded:
        return RunStateNames::tr("Discarded");
    case RunState::Failed:
        return RunStateNames::tr("Failed");
    case RunState::Interrupted:
        return RunStateNames::tr("Interrupted");
    }
    return {};
}

QString runStateHelp(RunState state)
{
    switch (state) {
    case RunState::Prepared:
        return RunStateNames::tr("Model and corpora are being read.");
    case RunState::Baseline:
        return RunStateNames::tr("The original model is being measured.");
    case RunState::Caching:
        return RunStateNames::tr("What the original says is being kept for comparison.");
    case RunState::Running:
        return RunStateNames::tr("The model is being trained.");
    case RunState::Paused:
        return RunStateNames::tr("The run waits between two steps.");
    case RunState::FinalEvaluation:
        return RunStateNames::tr("The unlearned model is being measured.");
    case RunState::Done:
        return RunStateNames::tr("The run did all its steps.");
    case RunState::Stopped:
        return RunStateNames::tr("The run was ended early; the model it had reached was kept.");
    case RunState::Discarded:
        return RunStateNames::tr("The run was ended early; only its record was kept.");
    case RunState::Failed:
        return RunStateNames::tr("The run could not go on.");
    case RunState::Interrupted:
        return RunStateNames::tr("The program ended during the run; it can be continued.");
    }
    return {};
}

ColorRole runStateColor(RunState state)
{
    switch (state) {
    case RunState::Done:
        return ColorRole::Success;
    case RunState::Failed:
        return ColorRole::Error;
    case RunState::Paused:
    case RunState::Interrupted:
        return ColorRole::Warning;
    case RunState::Stopped:
    case RunState::Discarded:
        return ColorRole::Secondary;
    case RunState::Prepared:
    case RunState::Baseline:
    case RunState::Caching:
    case RunState::Running:
    case RunState::FinalEvaluation:
        return ColorRole::Accent;
    }
    return ColorRole::Text;
}

QIcon runStateIcon(RunState state, const QColor& color)
{
    QIcon icon;
    for (const int scale : {1, 2, 3}) {
        QPixmap pixmap(kSize * scale, kSize * scale);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.scale(scale, scale);
        painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        drawShape(painter, state);
        painter.end();
        pixmap.setDevicePixelRatio(scale);
        icon.addPixmap(pixmap);
    }
    return icon;
}

} // namespace lacuna
