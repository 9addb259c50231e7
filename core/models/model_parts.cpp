#include "core/models/model_parts.h"

#include "core/models/family.h"

#include <algorithm>
#include <array>

namespace lacuna {
namespace {

/// "q_proj" of "q_proj.weight" and "q_proj.bias".
std::string moduleOf(const std::string& name)
{
    return name.substr(0, name.rfind('.'));
}

bool isOneOf(const std::string& name, std::initializer_list<const std::string*> names)
{
    return !name.empty() &&
           std::ranges::any_of(names, [&](const std::string* one) { return *one == name; });
}

PartKind kindInBlock(const WeightNames& names, const std::string& module)
{
    if (isOneOf(module, {&names.query, &names.key, &names.value, &names.qkv, &names.queryNorm,
                         &names.keyNorm, &names.output}))
        return PartKind::Attention;
    if (isOneOf(module, {&names.gate, &names.up, &names.gateUp, &names.down}))
        return PartKind::Mlp;
    return PartKind::Norms;
}

PartKind kindOutside(const WeightNames& names, const std::string& module)
{
    if (isOneOf(module, {&names.finalNorm}))
        return PartKind::FinalNorm;
    // The projection out of the model's width only serves the head.
    return isOneOf(module, {&names.head, &names.projectOut}) ? PartKind::Head : PartKind::Embedding;
}

/// The part of that kind among \p parts, added when there is none.
ModelPart& partOf(std::vector<ModelPart>& parts, PartKind kind, std::int64_t layer)
{
    const auto found = std::ranges::find_if(
        parts, [&](const ModelPart& part) { return part.kind == kind && part.layer == layer; });
    return found != parts.end() ? *found
                                : parts.emplace_back(ModelPart{.kind = kind, .layer = layer});
}

void addToModule(ModelPart& part, const std::string& name, std::size_t slot)
{
    part.slots.push_back(slot);
    if (part.parts.empty() || part.parts.back().name != name)
        part.parts.push_back({.layer = part.layer, .name = name});
    part.parts.back().slots.push_back(slot);
}

} // namespace

std::vector<ModelPart> modelParts(const DecoderConfig& config)
{
    const std::vector<WeightSlot> slots = weightSlots(config);
    std::vector<ModelPart> parts;
    std::int64_t layer = 0; // slots come block by block
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const std::string& name = slots[i].name;
        if (name.starts_with(config.inBlock(layer + 1, "")))
            ++layer;
        const std::string prefix = config.inBlock(layer, "");
        if (!name.starts_with(prefix)) {
            const std::string module = moduleOf(name);
            addToModule(partOf(parts, kindOutside(config.names, module), -1), module, i);
            continue;
        }
        ModelPart& block = partOf(parts, PartKind::Block, layer);
        block.slots.push_back(i);
        const std::string module = moduleOf(name.substr(prefix.size()));
        addToModule(partOf(block.parts, kindInBlock(config.names, module), layer), module, i);
    }
    // In a block the norms are small and come last.
    for (ModelPart& part : parts)
        std::ranges::stable_sort(part.parts, {}, &ModelPart::kind);
    return parts;
}

} // namespace lacuna
