#include "core/run/saliency_map.h"

#include "core/models/family.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

namespace lacuna {

double Saliency::forgetMean() const
{
    return weights > 0 ? forget / static_cast<double>(weights) : 0;
}

double Saliency::retainMean() const
{
    return weights > 0 ? retain / static_cast<double>(weights) : 0;
}

double Saliency::ratio() const
{
    if (forget <= 0)
        return 0;
    return retain > 0 ? forget / retain : std::numeric_limits<double>::infinity();
}

Saliency& Saliency::operator+=(const Saliency& other)
{
    forget += other.forget;
    retain += other.retain;
    weights += other.weights;
    return *this;
}

Saliency SaliencyMap::of(const std::vector<std::size_t>& indices) const
{
    Saliency sum;
    for (const std::size_t i : indices)
        sum += slots[i];
    return sum;
}

std::vector<SaliencyUnit> saliencyUnits(const SaliencyMap& map)
{
    std::vector<SaliencyUnit> units;
    for (const ModelPart& block : modelParts(map.config))
        if (block.kind == PartKind::Block)
            for (const ModelPart& part : block.parts)
                if (part.kind == PartKind::Attention || part.kind == PartKind::Mlp)
                    units.push_back({.layer = part.layer,
                                     .kind = part.kind,
                                     .slots = part.slots,
                                     .saliency = map.of(part.slots)});
    return units;
}

Saliency wholeOf(const std::vector<SaliencyUnit>& units)
{
    Saliency sum;
    for (const SaliencyUnit& unit : units)
        sum += unit.saliency;
    return sum;
}

bool isEven(const std::vector<SaliencyUnit>& units)
{
    const double limit = 1.1 * wholeOf(units).ratio();
    return std::ranges::all_of(
        units, [&](const SaliencyUnit& unit) { return unit.saliency.ratio() < limit; });
}

ScopeSuggestion suggestScope(const SaliencyMap& map, double share)
{
    std::vector<SaliencyUnit> units = saliencyUnits(map);
    const double whole = wholeOf(units).forget;
    std::ranges::stable_sort(units, std::ranges::greater(),
                             [](const SaliencyUnit& unit) { return unit.saliency.ratio(); });
    ScopeSuggestion suggestion;
    double sum = 0;
    for (SaliencyUnit& unit : units) {
        sum += unit.saliency.forget;
        suggestion.units.push_back(std::move(unit));
        if (sum >= share * whole)
            break;
    }
    suggestion.covered = sum / whole;
    return suggestion;
}

std::vector<bool> suggestedSlots(const SaliencyMap& map, const ScopeSuggestion& suggestion,
                                 const std::vector<WeightSlot>& slots)
{
    const std::vector<WeightSlot> weights = weightSlots(map.config);
    std::set<std::string> names;
    for (const SaliencyUnit& unit : suggestion.units)
        for (const std::size_t i : unit.slots)
            names.insert(weights[i].name);
    std::vector<bool> chosen;
    chosen.reserve(slots.size());
    for (const WeightSlot& slot : slots) // of an adapter they lack the ".weight"
        chosen.push_back(names.contains(slot.name) || names.contains(slot.name + ".weight"));
    return chosen;
}

RatioScale::RatioScale(const std::vector<SaliencyUnit>& units)
{
    const double ratio = wholeOf(units).ratio();
    if (ratio > 0 && std::isfinite(ratio))
        m_middle = ratio;
    for (const SaliencyUnit& unit : units) {
        const double distance = std::abs(std::log2(unit.saliency.ratio() / m_middle));
        if (std::isfinite(distance))
            m_octaves = std::max(m_octaves, distance);
    }
}

double RatioScale::place(double ratio) const
{
    return std::clamp(0.5 + std::log2(ratio / m_middle) / (2 * m_octaves), 0.0, 1.0);
}

} // namespace lacuna
