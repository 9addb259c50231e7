#include "core/controls/mask.h"
#include "core/controls/update_mask.h"

#include <cmath>

namespace lacuna {
namespace {

class GradientThresholdMask final : public UpdateMask {
public:
    explicit GradientThresholdMask(double deviations) : m_deviations(deviations) {}

    void look(const std::deque<Parameter>& parameters) override
    {
        double count = 0;
        double sum = 0;
        double squares = 0;
        for (const Parameter& parameter : parameters) {
            if (!parameter.trained)
                continue;
            count += static_cast<double>(parameter.gradient.numel());
            sum += parameter.gradient.abs().sum(at::kDouble).item<double>();
            const auto norm = parameter.gradient.norm().to(at::kDouble).item<double>();
            squares += norm * norm;
        }
        const double mean = sum / std::max(count, 1.0);
        const double variance = std::max(squares / std::max(count, 1.0) - mean * mean, 0.0);
        m_threshold = mean + m_deviations * std::sqrt(variance);
    }
    at::Tensor of(const Parameter& parameter) const override
    {
        return parameter.gradient.abs().ge(m_threshold);
    }

private:
    double m_deviations;
    double m_threshold = 0;
};

} // namespace

MaskInfo gradientThreshold()
{
    return {.id = "gradient-threshold",
            .title = "Entries with a large gradient, anew in each step",
            .source = "Dou et al. 2024, arXiv:2406.10952 (stable sequential unlearning, step B)",
            .explanation = "In each step only the entries move whose gradient is at least the mean "
                           "of all absolute gradients, plus so many standard deviations.",
            .params = {{.name = "deviations",
                        .fallback = 0.0,
                        .min = -1000,
                        .max = 1000,
                        .help = "standard deviations above the mean; very negative: nothing is "
                                "masked",
                        .provenance = "0 in the authors' configuration"}},
            .make = [](const ParamSet& p) {
                return std::make_unique<GradientThresholdMask>(p.number("deviations"));
            }};
}

} // namespace lacuna
