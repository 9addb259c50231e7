#include "app/pages/setup/planner.h"

#include "app/background.h"
#include "core/base/guarded.h"

#include <chrono>
#include <utility>

namespace lacuna {

using namespace std::chrono_literals;

Planner::Planner(Background& background, QObject* parent)
    : QObject(parent), m_background(background)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(300ms);
    connect(&m_timer, &QTimer::timeout, this, &Planner::work);
}

void Planner::plan(const RecipeDraft& draft)
{
    forget();
    m_draft = draft;
    m_timer.start();
    Q_EMIT changed();
}

void Planner::clear()
{
    forget();
    Q_EMIT changed();
}

void Planner::forget()
{
    ++m_revision;
    m_draft.reset();
    m_result.reset();
    m_points.clear();
    m_timer.stop();
}

void Planner::work()
{
    if (m_busy)
        return; // the answer that is on its way starts the next one
    m_busy = true;
    m_background.run(
        this,
        [draft = *m_draft] {
            return guardedResult([&] { return parseSweep(draft.toJson(), {}, draft.recipe.name); });
        },
        [this, revision = m_revision](Result<Sweep> sweep) {
            if (dropIfOutdated(revision))
                return;
            m_planned = 0;
            if (sweep) {
                m_points = std::move(sweep->points);
                planNext();
            } else {
                m_result = sweep.error();
                finish();
            }
        });
}

void Planner::planNext()
{
    m_background.run(
        this,
        [recipe = m_points[m_planned].recipe] {
            return guardedResult([&] { return planRun(recipe); });
        },
        [this, revision = m_revision](Result<Plan> plan) {
            if (!dropIfOutdated(revision))
                take(std::move(plan));
        });
}

bool Planner::dropIfOutdated(quint64 revision)
{
    if (revision == m_revision)
        return false;
    m_busy = false;
    if (m_draft && !m_timer.isActive())
        m_timer.start();
    if (!isWorking())
        Q_EMIT changed();
    return true;
}

void Planner::take(Result<Plan> plan)
{
    const std::optional<Error> obstacle = plan ? plan->shortage : std::optional(plan.error());
    if (m_planned == 0)
        m_result = std::move(plan);
    else if (obstacle)
        m_result = obstacle->at(m_points[m_planned].label);
    if (obstacle || ++m_planned == m_points.size())
        return finish();
    if (m_planned == 1) // what the plan shows is the first one's
        Q_EMIT changed();
    planNext();
}

void Planner::finish()
{
    m_busy = false;
    Q_EMIT changed();
}

} // namespace lacuna
