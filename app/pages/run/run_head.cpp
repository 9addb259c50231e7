#include "app/pages/run/run_head.h"

#include "app/actions.h"
#include "app/pages/history/run_row.h"
#include "app/run_controller.h"
#include "app/run_progress.h"
#include "app/services.h"
#include "core/base/machine_memory.h"
#include "widgets/base/colors.h"
#include "widgets/base/icons.h"
#include "widgets/base/theme.h"
#include "widgets/table/run_state.h"
#include "widgets/table/value_text.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr QSize kStateIcon{16, 16};

QString number(std::int64_t value)
{
    return QLocale().toString(qlonglong{value});
}

/// A button for a registered action, which stays the one place that knows what it does.
QPushButton* buttonFor(QAction* action, const QString& name)
{
    auto* button = new QPushButton;
    button->setObjectName(name);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    const auto follow = [button, action] {
        button->setText(action->text());
        button->setIcon(action->icon());
        button->setEnabled(action->isEnabled());
        button->setToolTip(action->toolTip());
    };
    QObject::connect(action, &QAction::changed, button, follow);
    follow();
    return button;
}

} // namespace

RunHead::RunHead(Services& services, QWidget* parent)
    : QWidget(parent), m_name(heading({}, 2)), m_stateIcon(new QLabel), m_state(new QLabel),
      m_facts(secondaryText({})),
      m_pause(buttonFor(services.actions.action(u"run.pause"_s), u"pauseButton"_s)),
      m_keep(buttonFor(services.actions.action(u"run.stop-keep"_s), u"stopKeepButton"_s)),
      m_discard(buttonFor(services.actions.action(u"run.stop-discard"_s), u"stopDiscardButton"_s))
{
    m_name->setObjectName(u"runName"_s);
    m_state->setObjectName(u"runState"_s);
    m_facts->setObjectName(u"runFacts"_s);
    auto* title = new QHBoxLayout;
    title->setSpacing(12);
    title->addWidget(m_name);
    auto* state = new QHBoxLayout;
    state->setSpacing(4);
    state->addWidget(m_stateIcon);
    state->addWidget(m_state);
    title->addLayout(state);
    title->addStretch();
    auto* words = new QVBoxLayout;
    words->setSpacing(4);
    words->addLayout(title);
    words->addWidget(m_facts);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(words, 1);
    for (QPushButton* button : {m_pause, m_keep, m_discard})
        layout->addWidget(button, 0, Qt::AlignTop);
}

void RunHead::showState(RunState state)
{
    const QColor color = themeColor(runStateColor(state), *this);
    m_state->setProperty("state", static_cast<int>(state));
    m_stateIcon->setPixmap(runStateIcon(state, color).pixmap(kStateIcon, devicePixelRatioF()));
    m_state->setText(u"<span style=\"color:%1\">%2</span>"_s.arg(
        color.name(), runStateText(state).toHtmlEscaped()));
    m_state->setToolTip(runStateHelp(state));
}

/// How it ended, in a sentence.
QString RunHead::ending(const Run& run) const
{
    const QString step = number(run.step);
    const QString steps = number(run.totalSteps);
    const QString reason = QString::fromStdString(run.stopReason);
    switch (run.state) {
    case RunState::Done:
        return tr("It went through all its %1 steps.").arg(steps);
    case RunState::Stopped:
        return reason.isEmpty() ? tr("It ended at step %1 of %2.").arg(step, steps)
                                : tr("It ended at step %1 of %2: %3.").arg(step, steps, reason);
    case RunState::Discarded:
        return tr("It was stopped at step %1 of %2 and its model thrown away; what was measured "
                  "stays.")
            .arg(step, steps);
    case RunState::Failed:
        return tr("It failed at step %1 of %2: %3")
            .arg(step, steps, QString::fromStdString(run.error));
    case RunState::Interrupted:
        return tr("It was interrupted at step %1 of %2. The history can continue it.")
            .arg(step, steps);
    default:
        return tr("Step %1 of %2.").arg(step, steps);
    }
}

void RunHead::showRecord(const RunRecord& record)
{
    m_name->setText(QString::fromStdString(record.run.name));
    showState(record.run.state);
    m_facts->setText(methodTitle(record.run.method) + u"  \u00B7  "_s + ending(record.run));
    for (QPushButton* button : {m_pause, m_keep, m_discard})
        button->hide();
}

void RunHead::showRun(const RunController& run)
{
    const RunRecord& record = run.record();
    if (!run.isActive()) {
        showRecord(record);
        return;
    }
    m_name->setText(QString::fromStdString(record.run.name));
    showState(run.state());
    QStringList facts = progressFacts(run);
    if (const QString place = placeText(run.place()); !place.isEmpty())
        facts.prepend(place);
    if (const auto& step = run.lastStep(); step && step->seconds > 0)
        facts << tr("%1 tokens/s")
                     .arg(number(std::llround(static_cast<double>(step->tokens) / step->seconds)))
              << tr("gradient norm %1").arg(shortNumber(step->gradientNorm, QLocale()));
    facts << tr("%1 of memory")
                 .arg(QLocale().formattedDataSize(static_cast<qint64>(residentMemoryBytes()), 1));
    m_facts->setText(facts.join(u"  \u00B7  "_s));
    for (QPushButton* button : {m_pause, m_keep, m_discard})
        button->show();
}

void RunHead::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange && m_state->property("state").isValid())
        showState(static_cast<RunState>(m_state->property("state").toInt()));
    QWidget::changeEvent(event);
}

} // namespace lacuna
