#include "core/controls/control.h"

#include <fmt/format.h>

namespace lacuna {
namespace {

class NllCeiling final : public Control {
public:
    explicit NllCeiling(double maxNll) : m_maxNll(maxNll) {}

    Verdict afterEvaluation(const ControlEvaluation& evaluation) override
    {
        // A loss that is no number is above any ceiling.
        if (evaluation.forgetNll <= m_maxNll)
            return {};
        return {
            ControlAction::RestoreAndStop,
            fmt::format("the forget loss is {:.3f} nats at step {}, over its ceiling of {:.3f}; "
                        "the weights of the last evaluation below it are kept",
                        evaluation.forgetNll, evaluation.step, m_maxNll)};
    }

private:
    double m_maxNll;
};

} // namespace

ControlInfo nllCeiling()
{
    return {.id = "nll-ceiling",
            .title = "Ceiling of the forget loss",
            .source = "unlearning reference 2.30",
            .explanation =
                "Ends the run when the forget loss is above the ceiling, and keeps the weights of "
                "the last evaluation below it. Guessing evenly costs ln V (10.4 nats for 32 000 "
                "tokens); far above what unseen text costs, a model is being broken rather than "
                "made to forget.",
            .params = {{.name = "max_nll",
                        .fallback = 8.0,
                        .min = 0,
                        .max = 1000,
                        .unit = "nats a token",
                        .help = "mean loss on the forget set that is too much; good is the loss on "
                                "held-out text plus 0.5"}},
            .make = [](const ParamSet& p) {
                return std::make_unique<NllCeiling>(p.number("max_nll"));
            }};
}

} // namespace lacuna
