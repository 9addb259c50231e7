#include "core/controls/control.h"

#include <algorithm>

namespace lacuna {
namespace {

class RetainConstraint final : public Control {
public:
    struct Settings {
        double maxIncrease;
        double startWeight;
        double rate;
        double warmupEpochs;
    };
    explicit RetainConstraint(Settings settings)
        : m_settings(settings), m_weight(settings.startWeight)
    {
    }

    std::optional<double> retainWeight() const override { return m_weight; }

    Verdict afterStep(const ControlStep& step) override
    {
        if (!step.retainNll || !step.retainNllAtStart || !step.finite ||
            static_cast<double>(step.epoch) < m_settings.warmupEpochs)
            return {};
        const double broken = *step.retainNll - *step.retainNllAtStart - m_settings.maxIncrease;
        m_weight = std::max(0.0, m_weight + m_settings.rate * broken);
        return {};
    }

    double state() const override { return m_weight; }
    void restore(double state) override { m_weight = state; }

private:
    Settings m_settings;
    double m_weight;
};

} // namespace

ControlInfo retainConstraint()
{
    return {.id = "retain-constraint",
            .title = "Retain constraint",
            .source = "Entesari et al. 2025, arXiv:2506.05314, for any method",
            .explanation = "Keeps the retain loss below a bound by making the weight of the retain "
                           "term a price: after each step it rises by as much as the bound is "
                           "broken, times the rate, and falls while there is room, never below 0.",
            .params = {{.name = "max_increase",
                        .fallback = 0.2,
                        .min = 0,
                        .max = 100,
                        .unit = "nats a token",
                        .help = "the bound, above the retain loss at the start"},
                       {.name = "start_weight",
                        .fallback = 1.0,
                        .min = 0,
                        .max = 1e6,
                        .help = "weight of the retain term at the start"},
                       {.name = "rate",
                        .fallback = 1.0,
                        .min = 0,
                        .max = 1e6,
                        .help = "how fast the weight follows the broken bound"},
                       {.name = "warmup_epochs",
                        .fallback = 0.0,
                        .min = 0,
                        .max = 1e6,
                        .unit = "epochs",
                        .help = "before the weight begins to move"}},
            .needsRetain = true,
            .make = [](const ParamSet& p) {
                return std::make_unique<RetainConstraint>(
                    RetainConstraint::Settings{.maxIncrease = p.number("max_increase"),
                                               .startWeight = p.number("start_weight"),
                                               .rate = p.number("rate"),
                                               .warmupEpochs = p.number("warmup_epochs")});
            }};
}

} // namespace lacuna
