#include "core/controls/control.h"

#include <fmt/format.h>

#include <algorithm>

namespace lacuna {
namespace {

class FluencyGuard final : public Control {
public:
    explicit FluencyGuard(double maxRepetition) : m_maxRepetition(maxRepetition) {}

    bool readsAnswers() const override { return true; }

    Verdict afterEvaluation(const ControlEvaluation& evaluation) override
    {
        // A model that repeated itself before it was touched is not to be blamed for it.
        const double limit = std::max(m_maxRepetition, evaluation.repetitionAtStart.value_or(0));
        if (!evaluation.repetition || *evaluation.repetition <= limit)
            return {};
        return {
            ControlAction::RestoreAndStop,
            fmt::format("answers repeat themselves at step {}: {:.0f} % of their pairs of words "
                        "came before, more than {:.0f} %; the weights of the last evaluation "
                        "with fluent answers are kept",
                        evaluation.step, 100 * *evaluation.repetition, 100 * limit)};
    }

private:
    double m_maxRepetition;
};

} // namespace

ControlInfo fluencyGuard()
{
    return {.id = "fluency-guard",
            .title = "Fluency guard",
            .source = "unlearning reference 2.30; repetition: Welleck et al. 2019, "
                      "arXiv:1908.04319",
            .explanation =
                "At every evaluation the model answers four fixed prompts, of the retain set where "
                "there is one. When the answers only repeat themselves, or are empty, the run ends "
                "and keeps the weights of the last evaluation with fluent answers.",
            .params = {{.name = "max_repetition",
                        .fallback = 0.6,
                        .min = 0,
                        .max = 1,
                        .help = "share of pairs of neighbouring words that came before in the same "
                                "answer; an empty answer counts as 1"}},
            .make = [](const ParamSet& p) {
                return std::make_unique<FluencyGuard>(p.number("max_repetition"));
            }};
}

} // namespace lacuna
