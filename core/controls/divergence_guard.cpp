#include "core/controls/control.h"

#include <cmath>

namespace lacuna {
namespace {

class DivergenceGuard final : public Control {
public:
    explicit DivergenceGuard(std::int64_t rollbacks) : m_limit(rollbacks) {}

    Verdict afterStep(const ControlStep& step) override
    {
        return step.finite ? Verdict{}
                           : diverged("loss or gradient of step " + std::to_string(step.number));
    }

    /// The update of a step is first seen by the next pass, which may be an evaluation.
    Verdict afterEvaluation(const ControlEvaluation& evaluation) override
    {
        const bool finite =
            std::isfinite(evaluation.forgetNll) && std::isfinite(evaluation.retainNll.value_or(0));
        return finite ? Verdict{} : diverged("loss after step " + std::to_string(evaluation.step));
    }

    double state() const override { return static_cast<double>(m_used); }
    void restore(double state) override { m_used = static_cast<std::int64_t>(state); }

private:
    Verdict diverged(const std::string& what)
    {
        if (m_used >= m_limit)
            return {ControlAction::RestoreAndStop,
                    what + (m_used > 0 ? " is not finite again" : " is not finite")};
        ++m_used;
        return {ControlAction::RollBack, what + " is not finite"};
    }

    std::int64_t m_limit;
    std::int64_t m_used = 0;
};

} // namespace

ControlInfo divergenceGuard()
{
    return {.id = "divergence-guard",
            .title = "Divergence guard",
            .source = "unlearning reference 2.30",
            .explanation =
                "When a loss or gradient stops being a finite number, the weights of the "
                "last good evaluation come back and the learning rate is halved; when "
                "that is used up, the run ends with those weights.",
            .params = {{.name = "rollbacks",
                        .fallback = std::int64_t{1},
                        .min = 0,
                        .max = 20,
                        .help = "how often to go back before ending the run"}},
            .make = [](const ParamSet& p) {
                return std::make_unique<DivergenceGuard>(p.integer("rollbacks"));
            }};
}

} // namespace lacuna
