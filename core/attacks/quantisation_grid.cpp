#include "core/attacks/quantisation_grid.h"

#include <array>

namespace lacuna {
namespace {

constexpr std::int64_t kNormalFloatGroup = 64;

/// Quantiles of the standard normal distribution, scaled to end at -1 and 1, 0 among them.
constexpr std::array<double, 16> kNormalFloat = {
    -1.0,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0.0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1.0,
};

/// \p relative in [-1, 1]; the step is the number of middles between two quantiles below it.
Quantised normalFloat(const at::Tensor& relative)
{
    const at::Tensor table =
        torch::tensor(std::vector<double>(kNormalFloat.begin(), kNormalFloat.end()), at::kDouble)
            .to(relative.device());
    const auto last = static_cast<std::int64_t>(kNormalFloat.size()) - 1;
    const at::Tensor middles = (table.narrow(0, 0, last) + table.narrow(0, 1, last)) / 2;
    const at::Tensor codes = at::bucketize(relative.to(at::kDouble), middles);
    return {codes.to(at::kChar), table.index({codes}).to(relative.scalar_type())};
}

Quantised integerSteps(const at::Tensor& relative, std::int64_t steps)
{
    const auto most = static_cast<double>(steps);
    const at::Tensor codes = (relative * most).round();
    return {codes.to(at::kChar), codes / most};
}

} // namespace

std::vector<std::string> quantisationFormats()
{
    return {"int8", "int4", "nf4"};
}

Quantised quantised(const at::Tensor& weights, const std::string& format, std::int64_t group)
{
    const at::NoGradGuard noGrad;
    TORCH_CHECK(weights.dim() == 2 && group > 0, "a matrix and a group size are wanted");
    const std::int64_t size = format == "nf4" ? kNormalFloatGroup : group;
    const std::int64_t columns = weights.size(1);
    const std::int64_t groups = (columns + size - 1) / size;
    // Zeros that fill the last group change no largest magnitude.
    const at::Tensor grouped = at::constant_pad_nd(weights.detach(), {0, groups * size - columns})
                                   .reshape({weights.size(0), groups, size});
    const at::Tensor scale = grouped.abs().amax({2}, /*keepdim=*/true);
    const at::Tensor relative = grouped / at::where(scale > 0, scale, at::ones_like(scale));
    const Quantised steps = format == "nf4" ? normalFloat(relative)
                                            : integerSteps(relative, format == "int8" ? 127 : 7);
    const auto whole = [&](const at::Tensor& t) {
        return t.reshape({weights.size(0), groups * size}).narrow(1, 0, columns).contiguous();
    };
    return {whole(steps.codes), whole(steps.values * scale)};
}

} // namespace lacuna
