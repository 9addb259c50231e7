#include "core/controls/control.h"

namespace lacuna {
namespace {

class GradientGuard final : public Control {
public:
    explicit GradientGuard(std::int64_t maxClipped) : m_maxClipped(maxClipped) {}

    Verdict afterStep(const ControlStep& step) override
    {
        m_clipped = step.clipped ? m_clipped + 1 : 0;
        if (m_clipped < m_maxClipped)
            return {};
        return {ControlAction::StopHere, std::to_string(m_clipped) +
                                             " gradients in a row were clipped, the last at step " +
                                             std::to_string(step.number)};
    }

    double state() const override { return static_cast<double>(m_clipped); }
    void restore(double state) override { m_clipped = static_cast<std::int64_t>(state); }

private:
    std::int64_t m_maxClipped;
    std::int64_t m_clipped = 0;
};

} // namespace

ControlInfo gradientGuard()
{
    return {.id = "gradient-guard",
            .title = "Gradient guard",
            .source = "unlearning reference 2.30",
            .explanation =
                "Ends the run, and keeps it, when so many gradients in a row were longer "
                "than training.clip_norm: ascent past its knee, where every step only "
                "does damage.",
            .params = {{.name = "max_clipped",
                        .fallback = std::int64_t{20},
                        .min = 1,
                        .max = 1e6,
                        .unit = "steps",
                        .help = "clipped steps in a row that end the run"}},
            .make = [](const ParamSet& p) {
                return std::make_unique<GradientGuard>(p.integer("max_clipped"));
            }};
}

} // namespace lacuna
