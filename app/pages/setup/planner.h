#pragma once

#include "core/run/plan.h"
#include "core/run/sweep.h"

#include <QObject>
#include <QTimer>

#include <optional>
#include <vector>

namespace lacuna {

class Background;

/// Works out the plan of a recipe on the background thread: waits until changes pause, plans one at
/// a time, and drops answers to recipes that have changed meanwhile. Of several runs each is
/// planned, so that none is refused when the others are done.
class Planner : public QObject {
    Q_OBJECT

public:
    explicit Planner(Background& background, QObject* parent = nullptr);

    /// Of the recipe that was handed in last; nothing while it is not known. Of several runs the
    /// first one's, or why one of them is refused.
    [[nodiscard]] const std::optional<Result<Plan>>& result() const { return m_result; }
    /// How many runs the recipe makes; 0 while it is not known.
    [[nodiscard]] std::size_t runCount() const { return m_points.size(); }
    [[nodiscard]] bool isWorking() const { return m_busy || m_timer.isActive(); }

    void plan(const RecipeDraft& draft);
    /// There is nothing to plan.
    void clear();

Q_SIGNALS:
    void changed();

private:
    void forget();
    void work();
    void planNext();
    /// Whether an answer is to another recipe than the last; then the next plan begins.
    [[nodiscard]] bool dropIfOutdated(quint64 revision);
    void take(Result<Plan> plan);
    void finish();

    Background& m_background;
    QTimer m_timer{this};
    std::optional<RecipeDraft> m_draft; ///< to be planned
    std::vector<SweepPoint> m_points;
    std::size_t m_planned = 0; ///< of the points
    quint64 m_revision = 0;
    bool m_busy = false;
    std::optional<Result<Plan>> m_result;
};

} // namespace lacuna
