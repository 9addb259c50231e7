#include "core/controls/control.h"

#include <fmt/format.h>

namespace lacuna {
namespace {

class TargetLevel final : public Control {
public:
    explicit TargetLevel(double forgetNll) : m_forgetNll(forgetNll) {}

    Verdict afterEvaluation(const ControlEvaluation& evaluation) override
    {
        if (!(evaluation.forgetNll >= m_forgetNll))
            return {};
        return {ControlAction::StopHere,
                fmt::format("the forget loss reached {:.3f} nats at step {}, its target of {:.3f}",
                            evaluation.forgetNll, evaluation.step, m_forgetNll)};
    }

private:
    double m_forgetNll;
};

} // namespace

ControlInfo targetLevel()
{
    return {.id = "target-level",
            .title = "Target level",
            .source = "unlearning reference 2.30; Shi et al. 2024, arXiv:2407.06460",
            .explanation =
                "Ends the run, and keeps it, at the first evaluation at which the forget "
                "loss has reached the target: what a model without the forget set, or "
                "the original on texts of the same kind that it never saw, would have.",
            .params = {{.name = "forget_nll",
                        .fallback = 3.0,
                        .min = 0,
                        .max = 100,
                        .unit = "nats a token",
                        .help = "mean loss on the forget set that counts as forgotten"}},
            .make = [](const ParamSet& p) {
                return std::make_unique<TargetLevel>(p.number("forget_nll"));
            }};
}

} // namespace lacuna
