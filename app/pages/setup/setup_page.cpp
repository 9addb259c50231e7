#include "app/pages/setup/setup_page.h"

#include "app/actions.h"
#include "app/error_text.h"
#include "app/pages/setup/data_card.h"
#include "app/pages/setup/method_card.h"
#include "app/pages/setup/model_card.h"
#include "app/pages/setup/plan_card.h"
#include "app/pages/setup/planner.h"
#include "app/run_controller.h"
#include "app/workspace.h"
#include "core/controls/control.h"
#include "core/methods/method.h"
#include "widgets/base/theme.h"

#include <nlohmann/json.hpp>

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>

#include <algorithm>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMostWidth = 1104; ///< longer lines are hard to read

/// Whether a run of \p recipe would be refused without a retain set.
bool needsRetain(const Recipe& recipe)
{
    if (const auto spec = readMethodSpec(recipe.method, {}); spec && !spec->retainId.empty())
        return true;
    return recipe.controls.is_array() &&
           std::any_of(recipe.controls.begin(), recipe.controls.end(), [](const Json& control) {
               const auto info = controls().find(control.value("id", std::string()));
               return info && (*info)->needsRetain;
           });
}

} // namespace

SetupPage::SetupPage(Services& services, QWidget* parent) : Page(parent), m_services(services)
{
    setObjectName(u"setupPage"_s);
    m_planner = new Planner(services.background, this);
    m_title = heading({}, 1);
    m_welcome = new QFrame;
    m_welcome->setProperty("card", true);
    m_welcomeText = new QLabel;
    m_welcomeText->setWordWrap(true);
    m_lesson = new QPushButton;
    m_lesson->setObjectName(u"useLesson"_s);
    auto* welcome = new QHBoxLayout(m_welcome);
    welcome->setContentsMargins(16, 12, 16, 12);
    welcome->setSpacing(16);
    welcome->addWidget(m_welcomeText, 1);
    welcome->addWidget(m_lesson);
    m_model = new ModelCard(services);
    m_data = new DataCard(services);
    m_method = new MethodCard(services);
    m_plan = new PlanCard(services);
    m_start = new StartBar;

    auto* column = new QWidget;
    column->setMaximumWidth(kMostWidth);
    auto* cards = new QVBoxLayout(column);
    cards->setContentsMargins(24, 16, 24, 24);
    cards->setSpacing(16);
    cards->addWidget(m_title);
    cards->addWidget(m_welcome);
    for (SetupCard* card : std::initializer_list<SetupCard*>{m_model, m_data, m_method, m_plan}) {
        cards->addWidget(card);
        connect(card, &SetupCard::stateChanged, this, &SetupPage::showReadiness);
    }
    cards->addStretch();
    m_scroll = new QScrollArea;
    m_scroll->setObjectName(u"setupScroll"_s);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setWidget(column);
    auto* line = new QFrame;
    line->setFrameShape(QFrame::HLine);
    line->setFrameShadow(QFrame::Sunken);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_scroll, 1);
    layout->addWidget(line);
    layout->addWidget(m_start);

    connect(&services.workspace, &Workspace::recipeChanged, this, [this] {
        if (isVisible())
            follow();
        else
            m_stale = true;
    });
    connect(m_planner, &Planner::changed, this, [this] {
        m_plan->setPlan(m_planner->result(), m_planner->isWorking(), m_planner->runCount());
        showReadiness();
    });
    connect(&services.run, &RunController::started, this, &SetupPage::showReadiness);
    connect(&services.run, &RunController::ended, this, &SetupPage::showReadiness);
    connect(&services.run, &RunController::held, this, &SetupPage::showReadiness);
    connect(m_lesson, &QPushButton::clicked, this,
            [this] { m_services.actions.action(u"file.lesson"_s)->trigger(); });
    connect(m_start, &StartBar::startRequested, this,
            [this] { m_services.actions.action(u"run.start"_s)->trigger(); });
    connect(m_start, &StartBar::itemClicked, this, &SetupPage::goTo);
    retranslate();
    showReadiness();
}

SetupPage::~SetupPage() = default;

void SetupPage::shown()
{
    if (m_stale)
        follow();
}

Readiness SetupPage::readiness() const
{
    const Recipe& recipe = m_services.workspace.recipe();
    Readiness readiness{.running = !m_services.run.isFree()};
    auto& states = readiness.states;
    states[Readiness::Model] = m_model->modelState();
    readiness.problems[Readiness::Model] = m_model->problem();
    states[Readiness::ForgetSet] = m_data->state(DataCard::Forget);
    readiness.problems[Readiness::ForgetSet] = m_data->problem(DataCard::Forget);
    states[Readiness::RetainSet] = m_data->state(DataCard::Retain);
    readiness.problems[Readiness::RetainSet] = m_data->problem(DataCard::Retain);
    if (recipe.retain.empty() && !needsRetain(recipe))
        states[Readiness::RetainSet] = CheckState::NotNeeded;
    readiness.problems[Readiness::Method] = m_method->problem();
    states[Readiness::Method] =
        readiness.problems[Readiness::Method].isEmpty() ? CheckState::Done : CheckState::Problem;
    const auto& plan = m_planner->result();
    if (!plan || m_planner->isWorking()) {
        states[Readiness::PlanItem] =
            m_planner->isWorking() ? CheckState::Working : CheckState::Missing;
        return readiness;
    }
    const Error* obstacle = !*plan              ? &plan->error()
                            : (**plan).shortage ? &*(**plan).shortage
                                                : nullptr;
    states[Readiness::PlanItem] = obstacle ? CheckState::Problem : CheckState::Done;
    if (obstacle)
        readiness.problems[Readiness::PlanItem] = errorText(*obstacle);
    return readiness;
}

QString SetupPage::problem()
{
    if (m_stale) // nothing of an earlier experiment counts
        m_method->follow(m_services.workspace.recipe());
    return m_method->problem();
}

void SetupPage::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    Page::changeEvent(event);
}

void SetupPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (m_stale)
        follow();
}

void SetupPage::follow()
{
    m_stale = false;
    const Recipe& recipe = m_services.workspace.recipe();
    for (SetupCard* card : std::initializer_list<SetupCard*>{m_model, m_data, m_method, m_plan})
        card->follow(recipe);
    m_welcome->setVisible(recipe.model.empty() && !recipe.newModel && recipe.forget.empty());
    replan(recipe);
    showReadiness();
}

void SetupPage::replan(const Recipe& recipe)
{
    RecipeDraft nameless = m_services.workspace.draft(); // its name changes nothing that is planned
    nameless.recipe.name.clear();
    std::string document = nameless.toJson().dump();
    if (document == m_planned)
        return;
    m_planned = std::move(document);
    if ((recipe.model.empty() && !recipe.newModel) || recipe.forget.empty() ||
        (recipe.retain.empty() && needsRetain(recipe)))
        m_planner->clear();
    else
        m_planner->plan(nameless);
}

void SetupPage::showReadiness()
{
    m_start->setReadiness(readiness());
}

void SetupPage::goTo(Readiness::Item item)
{
    const std::array<SetupCard*, 5> cards = {m_model, m_data, m_data, m_method, m_plan};
    SetupCard* card = cards.at(item);
    const int top = card->mapTo(m_scroll->widget(), QPoint()).y();
    m_scroll->ensureVisible(0, top, 0, 16);
    m_scroll->ensureVisible(0, top + m_scroll->viewport()->height() - 32, 0, 16);
    for (QWidget* part : card->findChildren<QWidget*>())
        if (part->isVisible() && part->isEnabled() && (part->focusPolicy() & Qt::TabFocus) != 0) {
            part->setFocus(Qt::ShortcutFocusReason);
            break;
        }
}

void SetupPage::retranslate()
{
    m_title->setText(tr("Set up an experiment"));
    m_welcomeText->setText(tr("New here? The lesson fills in everything: a small model that knows "
                              "an invented land, and two of its people to forget. Then press "
                              "Start."));
    m_lesson->setText(tr("Use the lesson"));
}

} // namespace lacuna
