#include "core/controls/update_mask.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

namespace lacuna {
namespace {

constexpr std::int64_t kSlice = 1 << 20;

/// Calls \p visit with the bits of each entry's absolute value: as numbers they are in the order of
/// the values.
void forEachBits(const std::vector<at::Tensor>& tensors,
                 const std::function<void(std::uint32_t)>& visit)
{
    for (const at::Tensor& tensor : tensors) {
        const at::Tensor flat = tensor.reshape({-1});
        for (std::int64_t first = 0; first < flat.numel(); first += kSlice) {
            const at::Tensor slice = flat.narrow(0, first, std::min(kSlice, flat.numel() - first))
                                         .to(at::kCPU, at::kFloat)
                                         .contiguous();
            const auto* values = slice.data_ptr<float>();
            for (std::int64_t i = 0; i < slice.numel(); ++i)
                visit(std::bit_cast<std::uint32_t>(values[i]) & 0x7FFFFFFFU);
        }
    }
}

using Counts = std::array<std::int64_t, 1 << 16>;

/// The bin, counted from the top, in which the \p count-th entry lies; \p count becomes its place
/// in that bin.
std::uint32_t binOf(const Counts& counts, std::int64_t& count)
{
    std::uint32_t bin = counts.size() - 1;
    while (bin > 0 && counts[bin] < count)
        count -= counts[bin--];
    return bin;
}

} // namespace

float largestAbsolute(const std::vector<at::Tensor>& tensors, std::int64_t count)
{
    std::int64_t all = 0;
    for (const at::Tensor& tensor : tensors)
        all += tensor.numel();
    count = std::clamp<std::int64_t>(count, 1, std::max<std::int64_t>(all, 1));
    // Radix selection: the upper half of the bits first, then the lower half within its bin.
    auto counts = std::make_unique<Counts>();
    forEachBits(tensors, [&](std::uint32_t bits) { ++(*counts)[bits >> 16]; });
    const std::uint32_t upper = binOf(*counts, count);
    counts->fill(0);
    forEachBits(tensors, [&](std::uint32_t bits) {
        if (bits >> 16 == upper)
            ++(*counts)[bits & 0xFFFFU];
    });
    return std::bit_cast<float>(upper << 16 | binOf(*counts, count));
}

} // namespace lacuna
