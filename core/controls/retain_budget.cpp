#include "core/controls/control.h"

#include <fmt/format.h>

#include <cmath>

namespace lacuna {
namespace {

class RetainBudget final : public Control {
public:
    explicit RetainBudget(double maxIncrease) : m_maxIncrease(maxIncrease) {}

    Verdict afterEvaluation(const ControlEvaluation& evaluation) override
    {
        if (!evaluation.retainNll || !evaluation.retainNllAtStart)
            return {};
        const double increase = *evaluation.retainNll - *evaluation.retainNllAtStart;
        // A retain loss that is no number is over any budget.
        if (increase <= m_maxIncrease)
            return {};
        return {ControlAction::RestoreAndStop,
                fmt::format("the retain loss rose by {:.3f} nats at step {}, over its budget of "
                            "{:.3f}; the weights of the last evaluation within it are kept",
                            increase, evaluation.step, m_maxIncrease)};
    }

private:
    double m_maxIncrease;
};

} // namespace

ControlInfo retainBudget()
{
    return {.id = "retain-budget",
            .title = "Retain budget",
            .source = "unlearning reference 2.30",
            .explanation = "Ends the run when the loss on a fixed part of the retain set has risen "
                           "by more than the budget, and keeps the weights of the last evaluation "
                           "that was still within it.",
            .params = {{.name = "max_increase",
                        .fallback = 0.10,
                        .min = 0,
                        .max = 100,
                        .unit = "nats a token",
                        .help = "how far the retain loss may rise above its start"}},
            .needsRetain = true,
            .make = [](const ParamSet& p) {
                return std::make_unique<RetainBudget>(p.number("max_increase"));
            }};
}

} // namespace lacuna
