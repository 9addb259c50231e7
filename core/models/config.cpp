#include "core/models/family.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace lacuna {
namespace {

/// Llama 3.1 model card: long waves are stretched by the factor, short ones kept, and those between
/// are interpolated.
double llama3Frequency(const RopeConfig& rope, double frequency)
{
    const double wavelength = 2.0 * std::numbers::pi / frequency;
    const double turns = rope.originalContext / wavelength;
    if (turns < rope.lowFrequencyFactor)
        return frequency / rope.factor;
    if (turns > rope.highFrequencyFactor)
        return frequency;
    const double blend =
        (turns - rope.lowFrequencyFactor) / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
    return (1.0 - blend) * frequency / rope.factor + blend * frequency;
}

class SlotList {
public:
    explicit SlotList(const DecoderConfig& config) : m_config(config) {}

    void table(const std::string& name, std::int64_t rows, std::int64_t columns)
    {
        m_slots.push_back({.name = name + ".weight", .shape = {rows, columns}});
    }

    void matrix(const std::string& name, std::int64_t out, std::int64_t in, bool bias,
                bool transposed)
    {
        if (name.empty())
            return;
        m_slots.push_back({.name = name + ".weight",
                           .shape = transposed ? std::vector{in, out} : std::vector{out, in},
                           .transposed = transposed});
        if (bias)
            vector(name + ".bias", out, InitKind::Zeros);
    }

    void norm(const std::string& name, std::int64_t width)
    {
        if (name.empty())
            return;
        vector(name + ".weight", width,
               m_config.norm == NormKind::RmsPlusOne ? InitKind::Zeros : InitKind::Ones);
        if (m_config.norm == NormKind::Layer)
            vector(name + ".bias", width, InitKind::Zeros);
    }

    [[nodiscard]] std::vector<WeightSlot> take() { return std::move(m_slots); }

private:
    void vector(std::string name, std::int64_t width, InitKind init)
    {
        m_slots.push_back(
            {.name = std::move(name), .shape = {width}, .init = init, .decayed = false});
    }

    const DecoderConfig& m_config;
    std::vector<WeightSlot> m_slots;
};

void addBlock(const DecoderConfig& config, std::int64_t layer, SlotList& slots)
{
    const WeightNames& names = config.names;
    const auto inBlock = [&](const std::string& name) {
        return name.empty() ? name : config.inBlock(layer, name);
    };
    const auto matrix = [&](const std::string& name, std::int64_t out, std::int64_t in, bool bias) {
        slots.matrix(inBlock(name), out, in, bias, config.transposed);
    };
    const std::int64_t queryWidth = config.heads * config.headDim;
    const std::int64_t keyWidth = config.kvHeads * config.headDim;
    slots.norm(inBlock(names.inputNorm), config.width);
    if (config.qkvStorage == QkvStorage::Separate) {
        matrix(names.query, queryWidth, config.width, config.attentionBias);
        matrix(names.key, keyWidth, config.width, config.attentionBias);
        matrix(names.value, keyWidth, config.width, config.attentionBias);
    } else {
        matrix(names.qkv, queryWidth + 2 * keyWidth, config.width, config.attentionBias);
    }
    slots.norm(inBlock(names.queryNorm), config.headDim);
    slots.norm(inBlock(names.keyNorm), config.headDim);
    matrix(names.output, config.width, queryWidth, config.outputBias);
    slots.norm(inBlock(names.attentionOutNorm), config.width);
    slots.norm(inBlock(names.mlpNorm), config.width);
    if (names.gateUp.empty()) {
        matrix(names.gate, config.mlpWidth, config.width, config.mlpBias);
        matrix(names.up, config.mlpWidth, config.width, config.mlpBias);
    } else {
        matrix(names.gateUp, 2 * config.mlpWidth, config.width, config.mlpBias);
    }
    matrix(names.down, config.width, config.mlpWidth, config.mlpBias);
    slots.norm(inBlock(names.mlpOutNorm), config.width);
}

} // namespace

std::vector<double> RopeConfig::frequencies(std::int64_t rotated, bool longText) const
{
    std::vector<double> result;
    for (std::int64_t i = 0; i < rotated / 2; ++i) {
        const double frequency =
            1.0 / std::pow(theta, 2.0 * static_cast<double>(i) / static_cast<double>(rotated));
        const auto pair = static_cast<std::size_t>(i);
        switch (scaling) {
        case RopeScaling::None:
            result.push_back(frequency);
            break;
        case RopeScaling::Linear:
            result.push_back(frequency / factor);
            break;
        case RopeScaling::Llama3:
            result.push_back(llama3Frequency(*this, frequency));
            break;
        case RopeScaling::LongRope:
            result.push_back(frequency / (longText ? longFactors : shortFactors).at(pair));
            break;
        }
    }
    return result;
}

std::int64_t DecoderConfig::parameterCount() const
{
    std::int64_t count = 0;
    for (const WeightSlot& slot : weightSlots(*this))
        count += std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1},
                                 std::multiplies<>());
    return count;
}

std::int64_t DecoderConfig::embeddedWidth() const
{
    return embeddingWidth > 0 ? embeddingWidth : width;
}

std::int64_t DecoderConfig::rotatedDim() const
{
    if (positions != PositionKind::Rotary)
        return 0;
    return static_cast<std::int64_t>(static_cast<double>(headDim) * rope.share);
}

std::optional<std::int64_t> DecoderConfig::windowOf(std::int64_t layer) const
{
    if (!windowedLayers.empty() && !windowedLayers.at(static_cast<std::size_t>(layer)))
        return std::nullopt;
    return slidingWindow;
}

std::string DecoderConfig::inBlock(std::int64_t layer, const std::string& name) const
{
    return names.blocks + "." + std::to_string(layer) + "." + name;
}

std::vector<WeightSlot> weightSlots(const DecoderConfig& config)
{
    const WeightNames& names = config.names;
    SlotList slots(config);
    slots.table(names.embedding, config.vocabulary, config.embeddedWidth());
    if (config.positions == PositionKind::Learned)
        slots.table(names.positions, config.context + config.positionOffset, config.width);
    if (config.embeddedWidth() != config.width)
        slots.matrix(names.projectIn, config.width, config.embeddedWidth(), false, false);
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        addBlock(config, layer, slots);
    slots.norm(names.finalNorm, config.width);
    if (config.embeddedWidth() != config.width)
        slots.matrix(names.projectOut, config.embeddedWidth(), config.width, false, false);
    if (!config.tiedHead)
        slots.matrix(names.head, config.vocabulary, config.embeddedWidth(), config.headBias, false);
    return slots.take();
}

std::vector<std::string> storedNames(const DecoderConfig& config, const WeightSlot& slot)
{
    std::vector<std::string> names = {slot.name};
    if (const std::string& prefix = config.names.prefix; slot.name.starts_with(prefix))
        names.push_back(slot.name.substr(prefix.size()));
    return names;
}

} // namespace lacuna
