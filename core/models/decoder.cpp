#include "core/models/decoder.h"

#include "core/base/rng.h"
#include "core/models/family.h"
#include "core/models/functions.h"

#include <algorithm>
#include <set>

namespace lacuna {

Decoder::Decoder(DecoderConfig config, at::Device device, at::ScalarType computeType)
    : m_config(std::move(config)), m_device(device), m_computeType(computeType)
{
    for (const WeightSlot& slot : weightSlots(m_config)) {
        m_parameters.push_back({.name = slot.name, .decayed = slot.decayed});
        m_parameters.back().master =
            at::empty(slot.shape, at::TensorOptions().device(device).dtype(masterType()));
    }
    m_embedding = find("model.embed_tokens.weight");
    m_finalNorm = find("model.norm.weight");
    m_head = m_config.tiedHead ? m_embedding : find("lm_head.weight");
    for (std::int64_t layer = 0; layer < m_config.layers; ++layer) {
        const std::string prefix = "model.layers." + std::to_string(layer) + ".";
        const auto get = [&](const char* name) { return find(prefix + name); };
        m_blocks.push_back({.inputNorm = get("input_layernorm.weight"),
                            .query = get("self_attn.q_proj.weight"),
                            .key = get("self_attn.k_proj.weight"),
                            .value = get("self_attn.v_proj.weight"),
                            .output = get("self_attn.o_proj.weight"),
                            .queryBias = get("self_attn.q_proj.bias"),
                            .keyBias = get("self_attn.k_proj.bias"),
                            .valueBias = get("self_attn.v_proj.bias"),
                            .outputBias = get("self_attn.o_proj.bias"),
                            .mlpNorm = get("post_attention_layernorm.weight"),
                            .gate = get("mlp.gate_proj.weight"),
                            .up = get("mlp.up_proj.weight"),
                            .down = get("mlp.down_proj.weight"),
                            .gateBias = get("mlp.gate_proj.bias"),
                            .upBias = get("mlp.up_proj.bias"),
                            .downBias = get("mlp.down_proj.bias")});
    }
    m_frequencies =
        torch::tensor(m_config.rope.frequencies(m_config.headDim), at::kDouble).to(device);
}

at::ScalarType Decoder::masterType() const
{
    return m_computeType == at::kDouble ? at::kDouble : at::kFloat;
}

Parameter& Decoder::head()
{
    return *m_head;
}

Parameter* Decoder::find(const std::string& name)
{
    const auto found = std::find_if(m_parameters.begin(), m_parameters.end(),
                                    [&](const Parameter& p) { return p.name == name; });
    return found == m_parameters.end() ? nullptr : &*found;
}

void Decoder::initialise(std::uint64_t seed)
{
    Random random(seed);
    const std::vector<WeightSlot> slots = weightSlots(m_config);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        at::Tensor& master = m_parameters[i].master;
        if (slots[i].init == InitKind::Normal) {
            at::Tensor values = at::empty(slots[i].shape, at::kFloat);
            float* data = values.data_ptr<float>();
            for (std::int64_t j = 0; j < values.numel(); ++j)
                data[j] = static_cast<float>(random.normal() * m_config.initializerRange);
            master.copy_(values);
        } else {
            master.fill_(slots[i].init == InitKind::Ones ? 1.0 : 0.0);
        }
    }
    refresh();
}

void Decoder::refresh()
{
    const at::NoGradGuard noGrad;
    for (Parameter& parameter : m_parameters) {
        if (m_computeType == masterType()) {
            if (!parameter.compute.defined() ||
                parameter.compute.data_ptr() != parameter.master.data_ptr())
                parameter.compute = parameter.master.detach();
        } else if (parameter.compute.defined()) {
            parameter.compute.copy_(parameter.master);
        } else {
            parameter.compute = parameter.master.to(m_computeType);
        }
        parameter.compute.requires_grad_(parameter.trained);
    }
}

void Decoder::setTrained(const std::vector<std::string>& names)
{
    const std::set<std::string> wanted(names.begin(), names.end());
    for (Parameter& parameter : m_parameters) {
        parameter.trained = wanted.contains(parameter.name);
        parameter.gradient = parameter.trained ? at::zeros_like(parameter.master) : at::Tensor();
        parameter.compute.requires_grad_(parameter.trained);
    }
}

void Decoder::trainAll()
{
    std::vector<std::string> names;
    for (const Parameter& parameter : m_parameters)
        names.push_back(parameter.name);
    setTrained(names);
}

void Decoder::clearGradients()
{
    for (Parameter& parameter : m_parameters)
        if (parameter.gradient.defined())
            parameter.gradient.zero_();
}

Decoder::Angles Decoder::angles(const at::Tensor& positions) const
{
    const at::Tensor angle = positions.to(at::kDouble).unsqueeze(1) * m_frequencies.unsqueeze(0);
    return {angle.cos().to(masterType()), angle.sin().to(masterType())};
}

template <class Attend> at::Tensor Decoder::runBlock(const Block& block, at::Tensor residual,
                                                     const Angles& angles, Attend attend)
{
    const std::int64_t rows = residual.size(0);
    const at::Tensor normed =
        functions::rmsNorm(residual, *block.inputNorm, m_config.normEps, m_computeType);
    const auto heads = [&](Parameter* weight, Parameter* bias, std::int64_t count) {
        return functions::linear(normed, *weight, bias).view({rows, count, m_config.headDim});
    };
    const at::Tensor q = functions::rotary(heads(block.query, block.queryBias, m_config.heads),
                                           angles.cosine, angles.sine);
    const at::Tensor k = functions::rotary(heads(block.key, block.keyBias, m_config.kvHeads),
                                           angles.cosine, angles.sine);
    const at::Tensor v = heads(block.value, block.valueBias, m_config.kvHeads);
    const at::Tensor mixed = attend(q, k, v).reshape({rows, m_config.heads * m_config.headDim});
    residual = residual + functions::linear(mixed, *block.output, block.outputBias);

    const at::Tensor mlpIn =
        functions::rmsNorm(residual, *block.mlpNorm, m_config.normEps, m_computeType);
    const at::Tensor inner =
        functions::swiglu(functions::linear(mlpIn, *block.gate, block.gateBias),
                          functions::linear(mlpIn, *block.up, block.upBias));
    return residual + functions::linear(inner, *block.down, block.downBias);
}

at::Tensor Decoder::embed(const PackedBatch& batch)
{
    return functions::embedding(batch.ids, *m_embedding);
}

at::Tensor Decoder::forward(const PackedBatch& batch, std::vector<at::Tensor>* blockOutputs)
{
    const Angles turn = angles(batch.positions);
    at::Tensor residual = embed(batch);
    for (const Block& block : m_blocks) {
        residual = runBlock(block, residual, turn,
                            [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
                                return functions::attention(q, k, v, batch, m_config.slidingWindow);
                            });
        if (blockOutputs)
            blockOutputs->push_back(residual);
    }
    return functions::rmsNorm(residual, *m_finalNorm, m_config.normEps, m_computeType);
}

at::Tensor Decoder::forwardCached(const PackedBatch& batch, const std::vector<KvCache*>& caches)
{
    const at::NoGradGuard noGrad;
    at::Tensor positions = batch.positions.clone();
    for (std::size_t i = 0; i < caches.size(); ++i)
        positions.narrow(0, batch.sequences[i].start, batch.sequences[i].length)
            .add_(caches[i]->length);
    const Angles turn = angles(positions);
    at::Tensor residual = embed(batch);
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer)
        residual = runBlock(m_blocks[layer], residual, turn,
                            [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
                                at::Tensor out = at::empty_like(q);
                                for (std::size_t i = 0; i < caches.size(); ++i) {
                                    const auto& [start, length, visible] = batch.sequences[i];
                                    KvCache& cache = *caches[i];
                                    cache.append(layer, k.narrow(0, start, length),
                                                 v.narrow(0, start, length));
                                    const std::int64_t filled = cache.length + length;
                                    out.narrow(0, start, length)
                                        .copy_(functions::cachedAttention(
                                            q.narrow(0, start, length),
                                            cache.layers[layer].keys.narrow(1, 0, filled),
                                            cache.layers[layer].values.narrow(1, 0, filled),
                                            cache.length, m_config.slidingWindow));
                                }
                                return out;
                            });
    for (std::size_t i = 0; i < caches.size(); ++i)
        caches[i]->length += batch.sequences[i].length;
    return functions::rmsNorm(residual, *m_finalNorm, m_config.normEps, m_computeType);
}

} // namespace lacuna
