#include "app/pages/history/run_details.h"

#include "app/actions.h"
#include "app/pages/history/answers_view.h"
#include "app/pages/history/facts_view.h"
#include "app/pages/history/group_view.h"
#include "app/pages/history/notes_view.h"
#include "app/pages/history/recipe_view.h"
#include "app/pages/history/run_row.h"
#include "app/pages/run/run_view.h"
#include "app/scores/metrics_view.h"
#include "widgets/base/theme.h"
#include "widgets/table/run_state.h"
#include "widgets/table/value_text.h"

#include <QAction>
#include <QDateTime>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <nlohmann/json.hpp>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// Whether \p b can only differ from \p a in what a person wrote about the run.
bool measuredTheSame(const RunRecord& a, const RunRecord& b)
{
    return a.run.id == b.run.id && a.run.state == b.run.state && a.run.step == b.run.step &&
           a.run.endedAt == b.run.endedAt && a.evaluations.size() == b.evaluations.size() &&
           a.answers.size() == b.answers.size() && a.series.size() == b.series.size();
}

} // namespace

RunDetails::RunDetails(const std::vector<QAction*>& actions, QWidget* parent)
    : QWidget(parent), m_stack(new QStackedWidget), m_nothing(secondaryText({})),
      m_tabs(new QTabWidget), m_curves(new RunView), m_metrics(new MetricsView),
      m_answers(new AnswersView), m_group(new GroupView), m_recipe(new RecipeView),
      m_notes(new NotesView), m_course(new FactsView)
{
    m_nothing->setObjectName(u"noRunText"_s);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_tabs->setObjectName(u"runTabs"_s);
    m_tabs->setDocumentMode(true);
    m_curves->setContentsMargins(0, 8, 8, 0);
    const std::array<std::pair<QWidget*, const char*>, TabCount> tabs = {{{m_curves, "curves"},
                                                                          {m_metrics, "metrics"},
                                                                          {m_answers, "answers"},
                                                                          {m_group, "group"},
                                                                          {m_recipe, "recipe"},
                                                                          {m_notes, "notes"},
                                                                          {m_course, "course"}}};
    for (const auto& [widget, name] : tabs) {
        QWidget* page = widget;
        if (widget == m_curves || widget == m_group) { // higher than what the table leaves
            auto* scroll = new QScrollArea;
            scroll->setFrameShape(QFrame::NoFrame);
            scroll->setWidgetResizable(true);
            scroll->setWidget(widget);
            page = scroll;
        }
        page->setObjectName(QString::fromLatin1(name));
        m_tabs->addTab(page, QString());
    }
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        refreshTab();
        Q_EMIT currentTabChanged(currentTab());
    });

    auto* run = new QWidget;
    auto* column = new QVBoxLayout(run);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(makeHeader(actions));
    column->addWidget(m_tabs, 1);
    m_stack->addWidget(m_nothing);
    m_stack->addWidget(run);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    retranslate();
}

QWidget* RunDetails::makeHeader(const std::vector<QAction*>& actions)
{
    m_back = new QToolButton;
    m_back->setObjectName(u"backButton"_s);
    m_back->setArrowType(Qt::LeftArrow);
    m_back->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_back->setFocusPolicy(Qt::StrongFocus);
    m_back->hide();
    connect(m_back, &QToolButton::clicked, this, &RunDetails::backRequested);
    m_stateIcon = new QLabel;
    m_name = heading({}, 3);
    m_name->setObjectName(u"detailsName"_s);
    m_name->setTextFormat(Qt::PlainText);
    // A long name gives way to the buttons; the table above shows it as well.
    m_name->setMinimumWidth(0);
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_summary = secondaryText({});
    m_summary->setWordWrap(false);

    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(m_back);
    row->addWidget(m_stateIcon);
    row->addWidget(m_name, 1);
    for (QAction* action : actions)
        row->addWidget(actionButton(*action));
    auto* header = new QWidget;
    auto* layout = new QVBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(row);
    layout->addWidget(m_summary);
    return header;
}

void RunDetails::setRecord(const RunRecord& record)
{
    // A tag more must not move a view of the curves that has been zoomed.
    if (!m_record || !measuredTheSame(*m_record, record))
        m_stale.fill(true);
    m_stale[Course] = true;
    m_stale[Group] = true; // the others of the group go on
    m_record = record;
    m_tabs->setTabVisible(Group, !record.run.group.empty());
    m_stack->setCurrentIndex(1);
    showName();
    // Not when it is looked at: what was typed about the run before must be saved now.
    m_notes->setRun(record.run);
    m_stale[Notes] = false;
    if (isVisible())
        refreshTab();
}

void RunDetails::clear(const QString& text)
{
    m_notes->clear();
    m_record.reset();
    m_nothing->setText(text);
    m_stack->setCurrentIndex(0);
}

void RunDetails::showName()
{
    if (!m_record)
        return;
    const Run& run = m_record->run;
    const RunState state = currentState(run);
    const QLocale locale;
    m_name->setText(QString::fromStdString(run.name));
    m_name->setToolTip(m_name->text());
    m_stateIcon->setPixmap(
        runStateIcon(state, themeColor(runStateColor(state), *this)).pixmap(16, 16));
    m_stateIcon->setAccessibleName(runStateText(state));
    const QDateTime created = storedTime(QString::fromStdString(run.createdAt));
    m_summary->setText(tr("%1 \u00b7 %2 \u00b7 step %3 of %4 \u00b7 %5")
                           .arg(runStateText(state), methodTitle(run.method))
                           .arg(run.step)
                           .arg(run.totalSteps)
                           .arg(relativeTime(created, QDateTime::currentDateTimeUtc(), locale)));
    m_summary->setToolTip(locale.toString(created.toLocalTime(), QLocale::LongFormat));
}

void RunDetails::refreshTab()
{
    const auto tab = static_cast<std::size_t>(m_tabs->currentIndex());
    if (!m_record || tab >= TabCount || !std::exchange(m_stale.at(tab), false))
        return;
    switch (tab) {
    case Curves:
        m_curves->setRecord(*m_record);
        break;
    case Metrics:
        m_metrics->setEvaluations(m_record->evaluations);
        break;
    case Answers:
        m_answers->setAnswers(m_record->answers);
        break;
    case Group:
        m_group->setRun(m_record->run);
        break;
    case Recipe:
        m_recipe->setRecipe(QString::fromStdString(
            m_record->recipe.toJson().dump(2, ' ', false, OrderedJson::error_handler_t::replace)));
        break;
    case Course:
        m_course->setRun(m_record->run, m_record->interruptions);
        break;
    default:
        break;
    }
}

void RunDetails::setExpanded(bool expanded)
{
    m_back->setVisible(expanded);
    if (expanded)
        m_tabs->tabBar()->setFocus();
}

QString RunDetails::currentTab() const
{
    return m_tabs->currentWidget()->objectName();
}

void RunDetails::setCurrentTab(const QString& name)
{
    for (int tab = 0; tab < m_tabs->count(); ++tab)
        if (m_tabs->widget(tab)->objectName() == name)
            m_tabs->setCurrentIndex(tab);
}

void RunDetails::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    showName();
    refreshTab();
}

void RunDetails::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange)
        showName();
}

void RunDetails::retranslate()
{
    m_back->setText(tr("All runs"));
    m_back->setToolTip(tr("Back to the table (Esc)"));
    m_tabs->setAccessibleName(tr("About the run"));
    m_tabs->setTabText(Curves, tr("Curves"));
    m_tabs->setTabText(Metrics, tr("Metrics"));
    m_tabs->setTabText(Answers, tr("Answers"));
    m_tabs->setTabText(Group, tr("Group"));
    m_tabs->setTabText(Recipe, tr("Recipe"));
    m_tabs->setTabText(Notes, tr("Notes and tags"));
    m_tabs->setTabText(Course, tr("Course"));
    showName();
}

} // namespace lacuna
