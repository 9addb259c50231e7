#include "app/run_bar.h"

#include "app/actions.h"
#include "app/run_controller.h"
#include "app/run_progress.h"
#include "widgets/base/colors.h"
#include "widgets/table/run_state.h"
#include "widgets/table/value_text.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kHeight = 36;
constexpr QSize kIconSize(16, 16);
constexpr int kProgressHeight = 3;
constexpr int kProgressSteps = 1000;

} // namespace

RunBar::RunBar(RunController& run, Actions& actions, QWidget* parent)
    : QWidget(parent), m_run(run), m_icon(new QLabel), m_state(new QLabel), m_summary(new QLabel),
      m_progress(new QProgressBar)
{
    setObjectName(u"runBar"_s);
    m_state->setObjectName(u"runBarState"_s);
    m_summary->setObjectName(u"runBarSummary"_s);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setProperty("thin", true);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(kProgressHeight);
    auto* line = new QHBoxLayout;
    line->setContentsMargins(12, 0, 8, 0);
    line->setSpacing(12);
    line->addWidget(m_icon);
    line->addWidget(m_state);
    line->addWidget(m_summary, 1);
    for (const auto* id : {"run.pause", "run.stop-keep"}) {
        auto* button = new QToolButton;
        button->setDefaultAction(actions.action(QString::fromLatin1(id)));
        button->setToolButtonStyle(Qt::ToolButtonIconOnly);
        button->setAutoRaise(true);
        line->addWidget(button);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_progress);
    layout->addLayout(line);
    setFixedHeight(kHeight);
    connect(&m_run, &RunController::progressed, this, &RunBar::refresh);
    connect(&m_run, &RunController::ended, this, &RunBar::refresh);
    retranslate();
}

void RunBar::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    else if (event->type() == QEvent::PaletteChange)
        refresh();
    QWidget::changeEvent(event);
}

void RunBar::retranslate()
{
    m_progress->setAccessibleName(tr("Progress of the run"));
    refresh();
}

void RunBar::refresh()
{
    const RunRecord& record = m_run.record();
    const bool known = m_run.isActive() || !record.run.uid.empty();
    m_summary->setText(
        known ? summary()
              : tr("No run is going on. Set one up, or run the lesson on the Home page."));
    m_icon->setVisible(known);
    m_state->setVisible(known);
    m_progress->setValue(0);
    if (!known)
        return;
    const QColor color = themeColor(runStateColor(m_run.state()), *this);
    m_icon->setPixmap(runStateIcon(m_run.state(), color).pixmap(kIconSize, devicePixelRatioF()));
    m_state->setText(u"<b>%1</b>"_s.arg(runStateText(m_run.state()).toHtmlEscaped()));
    const double share = record.run.totalSteps > 0 ? static_cast<double>(record.run.step) /
                                                         static_cast<double>(record.run.totalSteps)
                                                   : 0;
    m_progress->setValue(static_cast<int>(std::lround(share * kProgressSteps)));
}

QString RunBar::summary() const
{
    const RunRecord& record = m_run.record();
    const QLocale locale;
    const QString place = placeText(m_run.place());
    QStringList parts = {QString::fromStdString(record.run.name)};
    if (!place.isEmpty())
        parts = {place, QString::fromStdString(m_run.place().label)};
    parts << progressFacts(m_run);
    if (const auto& step = m_run.lastStep()) {
        if (step->forgetNll)
            parts << tr("forget NLL %1").arg(shortNumber(*step->forgetNll, locale));
        if (step->retainNll)
            parts << tr("retain NLL %1").arg(shortNumber(*step->retainNll, locale));
    }
    return parts.join(u"  \u00B7  "_s);
}

} // namespace lacuna
