#include "core/probe/weight_changes.h"

#include "core/exchange/elements.h"
#include "core/models/family.h"
#include "core/probe/weight_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lacuna {
namespace {

constexpr std::int64_t kChunkWeights = std::int64_t{1} << 20;

Error differentShapes(const WeightSource& original, const WeightSource& result,
                      const std::string& what)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = fmt::format("weights compare between models of the same family and shape; "
                                   "{}",
                                   what),
            .context = fmt::format("{}, {}", original.folder().string(), result.folder().string()),
            .remedy = "give a model and the one that it was made from"};
}

Status checkShapes(const WeightSource& original, const WeightSource& result)
{
    const DecoderConfig& a = original.config();
    const DecoderConfig& b = result.config();
    if (a.family != b.family)
        return differentShapes(original, result,
                               fmt::format("one is {}, the other {}", a.family, b.family));
    const std::vector<WeightSlot> slots = weightSlots(a);
    const std::vector<WeightSlot> others = weightSlots(b);
    for (std::size_t i = 0; i < std::min(slots.size(), others.size()); ++i)
        if (slots[i].name != others[i].name || slots[i].shape != others[i].shape)
            return differentShapes(original, result,
                                   fmt::format("one has {} {}, the other {} {}", slots[i].name,
                                               shapeText(slots[i].shape), others[i].name,
                                               shapeText(others[i].shape)));
    if (slots.size() == others.size())
        return {};
    return differentShapes(
        original, result,
        fmt::format("one has {} weights, the other {}", slots.size(), others.size()));
}

/// Digits that a type keeps, the fewest first.
int precisionOf(ElementType type)
{
    switch (type) {
    case ElementType::BF16:
        return 8;
    case ElementType::F16:
        return 11;
    default:
        return 24; // as far as readFloats() goes
    }
}

float rounded(float value, ElementType type)
{
    switch (type) {
    case ElementType::BF16:
        return floatOfBfloat16(bfloat16Of(value));
    case ElementType::F16:
        return floatOfHalf(halfOf(value));
    default:
        return value;
    }
}

void addChanges(std::span<const float> before, std::span<const float> after, ElementType coarser,
                WeightChange& change)
{
    for (std::size_t i = 0; i < before.size(); ++i) {
        const double w = before[i];
        const double d = static_cast<double>(after[i]) - w;
        change.originalSquares += w * w;
        if (d == 0)
            continue;
        change.changeSquares += d * d;
        change.largest = std::max(change.largest, std::fabs(d));
        // Written so that a NaN counts.
        if (!(rounded(before[i], coarser) == rounded(after[i], coarser)))
            ++change.changed;
    }
    change.weights += static_cast<std::int64_t>(before.size());
}

/// \return false when cancelled
bool compareSlot(const WeightSource::Slot& before, const WeightSource::Slot& after,
                 WeightChange& change, Progress& progress)
{
    const ElementType coarser =
        precisionOf(before.type()) < precisionOf(after.type()) ? before.type() : after.type();
    const std::int64_t width = before.width();
    const std::int64_t step =
        std::max<std::int64_t>(1, kChunkWeights / std::max<std::int64_t>(width, 1));
    std::vector<float> a;
    std::vector<float> b;
    for (std::int64_t first = 0; first < before.rows(); first += step) {
        if (progress.cancelled())
            return false;
        const std::int64_t count = std::min(step, before.rows() - first);
        a.resize(static_cast<std::size_t>(count * width));
        b.resize(a.size());
        before.read(first, count, a);
        after.read(first, count, b);
        addChanges(a, b, coarser, change);
        progress.advance(a.size() * sizeof(float));
    }
    return true;
}

} // namespace

double WeightChange::relative() const
{
    if (changeSquares == 0)
        return 0;
    return originalSquares == 0 ? std::numeric_limits<double>::infinity()
                                : std::sqrt(changeSquares / originalSquares);
}

double WeightChange::changedShare() const
{
    return weights == 0 ? 0 : static_cast<double>(changed) / static_cast<double>(weights);
}

WeightChange& WeightChange::operator+=(const WeightChange& other)
{
    weights += other.weights;
    changed += other.changed;
    changeSquares += other.changeSquares;
    originalSquares += other.originalSquares;
    largest = std::max(largest, other.largest);
    return *this;
}

WeightChange WeightChangeMap::of(const std::vector<std::size_t>& indices) const
{
    WeightChange sum;
    for (const std::size_t i : indices)
        sum += slots[i];
    return sum;
}

WeightChange WeightChangeMap::whole() const
{
    return std::accumulate(slots.begin(), slots.end(), WeightChange{},
                           [](WeightChange sum, const WeightChange& one) { return sum += one; });
}

Result<std::optional<WeightChangeMap>> findWeightChanges(const std::filesystem::path& original,
                                                         const std::filesystem::path& result,
                                                         Progress& progress)
{
    const Result<WeightSource> before = WeightSource::open(original);
    if (!before)
        return before.error();
    const Result<WeightSource> after = WeightSource::open(result);
    if (!after)
        return after.error();
    if (const Status status = checkShapes(*before, *after); !status)
        return status.error();
    WeightChangeMap map{.config = before->config()};
    progress.begin("comparing",
                   static_cast<std::uint64_t>(map.config.parameterCount()) * sizeof(float));
    for (const WeightSlot& slot : weightSlots(map.config)) {
        const Result<WeightSource::Slot> a = before->slot(slot);
        const Result<WeightSource::Slot> b = after->slot(slot);
        if (!a || !b)
            return !a ? a.error() : b.error();
        if (!compareSlot(*a, *b, map.slots.emplace_back(), progress))
            return std::optional<WeightChangeMap>();
    }
    return std::optional(std::move(map));
}

} // namespace lacuna
