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

void Planner::plan(const Recipe& recipe)
{
    ++m_revision;
    m_recipe = recipe;
    m_result.reset();
    m_timer.start();
    Q_EMIT changed();
}

void Planner::clear()
{
    ++m_revision;
    m_result.reset();
    m_timer.stop();
    Q_EMIT changed();
}

void Planner::work()
{
    if (m_busy)
        return; // the answer that is on its way starts the next one
    m_busy = true;
    m_background.run(
        this, [recipe = m_recipe] { return guardedResult([&] { return planRun(recipe); }); },
        [this, revision = m_revision](Result<Plan> plan) {
            m_busy = false;
            if (revision != m_revision) {
                if (!m_timer.isActive())
                    m_timer.start();
                return;
            }
            m_result = std::move(plan);
            Q_EMIT changed();
        });
}

} // namespace lacuna
