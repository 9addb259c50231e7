#pragma once

#include "core/run/plan.h"

#include <QObject>
#include <QTimer>

#include <optional>

namespace lacuna {

class Background;

/// Works out the plan of a recipe on the background thread: waits until changes pause, plans one at
/// a time, and drops answers to recipes that have changed meanwhile.
class Planner : public QObject {
    Q_OBJECT

public:
    explicit Planner(Background& background, QObject* parent = nullptr);

    /// Of the recipe that was handed in last; nothing while it is not known.
    [[nodiscard]] const std::optional<Result<Plan>>& result() const { return m_result; }
    [[nodiscard]] bool isWorking() const { return m_busy || m_timer.isActive(); }

    void plan(const Recipe& recipe);
    /// There is nothing to plan.
    void clear();

Q_SIGNALS:
    void changed();

private:
    void work();

    Background& m_background;
    QTimer m_timer{this};
    Recipe m_recipe;
    quint64 m_revision = 0;
    bool m_busy = false;
    std::optional<Result<Plan>> m_result;
};

} // namespace lacuna
