#include "core/models/family.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace lacuna {

std::vector<double> RopeConfig::frequencies(std::int64_t headDim) const
{
    std::vector<double> result;
    for (std::int64_t i = 0; i < headDim / 2; ++i) {
        double frequency =
            1.0 / std::pow(theta, 2.0 * static_cast<double>(i) / static_cast<double>(headDim));
        if (scaling == RopeScaling::Linear)
            frequency /= factor;
        if (scaling == RopeScaling::Llama3) {
            // Llama 3.1 model card: long waves are stretched by the factor, short ones kept, and
            // those between are interpolated.
            const double wavelength = 2.0 * std::numbers::pi / frequency;
            const double turns = originalContext / wavelength;
            if (turns < lowFrequencyFactor) {
                frequency /= factor;
            } else if (turns <= highFrequencyFactor) {
                const double blend =
                    (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
                frequency = (1.0 - blend) * frequency / factor + blend * frequency;
            }
        }
        result.push_back(frequency);
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

std::vector<WeightSlot> weightSlots(const DecoderConfig& config)
{
    std::vector<WeightSlot> slots;
    const auto matrix = [&](const std::string& name, std::int64_t rows, std::int64_t columns,
                            bool bias) {
        slots.push_back({.name = name + ".weight", .shape = {rows, columns}});
        if (bias)
            slots.push_back({.name = name + ".bias",
                             .shape = {rows},
                             .init = InitKind::Zeros,
                             .decayed = false});
    };
    const auto norm = [&](const std::string& name) {
        slots.push_back({.name = name + ".weight",
                         .shape = {config.width},
                         .init = InitKind::Ones,
                         .decayed = false});
    };
    const std::int64_t queryWidth = config.heads * config.headDim;
    const std::int64_t keyWidth = config.kvHeads * config.headDim;
    matrix("model.embed_tokens", config.vocabulary, config.width, false);
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "model.layers." + std::to_string(layer) + ".";
        norm(block + "input_layernorm");
        matrix(block + "self_attn.q_proj", queryWidth, config.width, config.attentionBias);
        matrix(block + "self_attn.k_proj", keyWidth, config.width, config.attentionBias);
        matrix(block + "self_attn.v_proj", keyWidth, config.width, config.attentionBias);
        matrix(block + "self_attn.o_proj", config.width, queryWidth, config.attentionBias);
        norm(block + "post_attention_layernorm");
        matrix(block + "mlp.gate_proj", config.mlpWidth, config.width, config.mlpBias);
        matrix(block + "mlp.up_proj", config.mlpWidth, config.width, config.mlpBias);
        matrix(block + "mlp.down_proj", config.width, config.mlpWidth, config.mlpBias);
    }
    norm("model.norm");
    if (!config.tiedHead)
        matrix("lm_head", config.vocabulary, config.width, false);
    return slots;
}

} // namespace lacuna
