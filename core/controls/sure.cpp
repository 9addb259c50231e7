#include "core/controls/mask.h"
#include "core/controls/update_mask.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

/// Norm of what belongs to each output of a matrix; one number an output.
at::Tensor outputNorms(const Parameter& parameter)
{
    return parameter.gradient.norm(2, {parameter.transposed ? 0 : 1});
}

class SureMask final : public UpdateMask {
public:
    explicit SureMask(double percentile) : m_percentile(percentile) {}

    void look(const std::deque<Parameter>& parameters) override
    {
        std::vector<at::Tensor> norms;
        std::int64_t all = 0;
        for (const Parameter& parameter : parameters)
            if (isMatrix(parameter)) {
                norms.push_back(outputNorms(parameter));
                all += norms.back().numel();
            }
        const double share = 1 - m_percentile / 100;
        m_threshold =
            largestAbsolute(norms, std::llround(std::ceil(share * static_cast<double>(all))));
    }
    at::Tensor of(const Parameter& parameter) const override
    {
        if (!isMatrix(parameter))
            return {};
        const at::Tensor chosen = outputNorms(parameter).to(at::kFloat).ge(m_threshold);
        return chosen.unsqueeze(parameter.transposed ? 0 : 1);
    }

private:
    static bool isMatrix(const Parameter& parameter)
    {
        return parameter.trained && parameter.master.dim() == 2;
    }

    double m_percentile;
    float m_threshold = 0;
};

} // namespace

MaskInfo sure()
{
    return {.id = "sure",
            .title = "Neurons with a large gradient, anew in each step",
            .source = "Zhang Z. et al. 2025, arXiv:2410.16454",
            .explanation = "In each step only the outputs of matrices whose gradient is among the "
                           "largest move. Few weights change much instead of many a little, so "
                           "that the change is meant to survive quantisation; it bears a larger "
                           "learning rate. Vectors, such as norms and biases, are not masked.",
            .params = {{.name = "percentile",
                        .fallback = 90.0,
                        .min = 0,
                        .max = 100,
                        .help = "of the outputs' gradient norms, below which an output is frozen "
                                "for the step",
                        .provenance = "the authors' code; their scripts also use 99"}},
            .make = [](const ParamSet& p) {
                return std::make_unique<SureMask>(p.number("percentile"));
            }};
}

} // namespace lacuna
