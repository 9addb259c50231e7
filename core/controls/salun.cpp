#include "core/controls/mask.h"
#include "core/controls/update_mask.h"

#include <cmath>
#include <map>
#include <string>

namespace lacuna {
namespace {

class SalUnMask final : public UpdateMask {
public:
    explicit SalUnMask(double share) : m_share(share) {}

    void start(const std::deque<Parameter>& parameters) override
    {
        std::vector<at::Tensor> gradients;
        std::int64_t all = 0;
        for (const Parameter& parameter : parameters)
            if (parameter.trained) {
                gradients.push_back(parameter.gradient);
                all += parameter.gradient.numel();
            }
        const float threshold =
            largestAbsolute(gradients, std::llround(std::ceil(m_share * static_cast<double>(all))));
        for (const Parameter& parameter : parameters)
            if (parameter.trained)
                m_chosen[parameter.name] = parameter.gradient.abs().to(at::kFloat).ge(threshold);
    }
    at::Tensor of(const Parameter& parameter) const override { return m_chosen.at(parameter.name); }

private:
    double m_share;
    std::map<std::string, at::Tensor> m_chosen;
};

} // namespace

MaskInfo salUn()
{
    return {
        .id = "salun",
        .title = "Weights with a large forget gradient at the start",
        .source = "Fan et al. 2023, arXiv:2310.12508",
        .explanation = "Before the first step the gradient of the forget loss is taken over "
                       "the whole forget corpus; only the entries where it is largest are ever "
                       "changed. What the forget set does not touch stays as it was.",
        .params = {{.name = "share",
                    .fallback = 0.5,
                    .min = 1e-6,
                    .max = 1,
                    .help = "of all trained entries that may move",
                    .provenance = "the authors' default: those above the median"}},
        .needsStartGradient = true,
        .make = [](const ParamSet& p) { return std::make_unique<SalUnMask>(p.number("share")); }};
}

} // namespace lacuna
