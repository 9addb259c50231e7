#include "core/models/decoder.h"

#include "core/base/rng.h"
#include "core/models/adapter_files.h"
#include "core/models/embedding_change.h"
#include "core/models/family.h"
#include "core/models/functions.h"
#include "core/models/mapped_file.h"
#include "core/models/recompute.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lacuna {

Decoder::Decoder(DecoderConfig config, at::Device device, at::ScalarType computeType)
    : m_config(std::move(config)), m_device(device), m_computeType(computeType)
{
    for (const WeightSlot& slot : weightSlots(m_config)) {
        m_parameters.push_back(
            {.name = slot.name, .decayed = slot.decayed, .transposed = slot.transposed});
        m_parameters.back().master =
            at::empty(slot.shape, at::TensorOptions().device(device).dtype(masterType()));
    }
    const WeightNames& names = m_config.names;
    m_embedding = find(names.embedding + ".weight");
    m_positions = find(names.positions + ".weight");
    m_projectIn = linear(names.projectIn);
    m_projectOut = linear(names.projectOut);
    m_finalNorm = norm(names.finalNorm);
    const Linear head = m_config.tiedHead ? Linear{m_embedding} : linear(names.head);
    m_head = {.weight = head.weight, .bias = head.bias, .softCap = m_config.logitSoftCap};
    for (std::int64_t layer = 0; layer < m_config.layers; ++layer)
        m_blocks.push_back(block(layer));
    const auto table = [&](bool longText) {
        return torch::tensor(m_config.rope.frequencies(m_config.rotatedDim(), longText),
                             at::kDouble)
            .to(device);
    };
    if (m_config.rotatedDim() > 0)
        m_frequencies = table(false);
    if (m_config.rope.scaling == RopeScaling::LongRope)
        m_longFrequencies = table(true);
}

at::ScalarType Decoder::masterType() const
{
    return m_computeType == at::kDouble ? at::kDouble : at::kFloat;
}

Parameter* Decoder::find(const std::string& name)
{
    const auto found = std::find_if(m_parameters.begin(), m_parameters.end(),
                                    [&](const Parameter& p) { return p.name == name; });
    return found == m_parameters.end() ? nullptr : &*found;
}

Decoder::Norm Decoder::norm(const std::string& name)
{
    return {.weight = find(name + ".weight"), .bias = find(name + ".bias")};
}

Decoder::Linear Decoder::linear(const std::string& name)
{
    return {.weight = find(name + ".weight"), .bias = find(name + ".bias")};
}

Decoder::Block Decoder::block(std::int64_t layer)
{
    const WeightNames& names = m_config.names;
    const auto normOf = [&](const std::string& name) {
        return norm(m_config.inBlock(layer, name));
    };
    const auto linearOf = [&](const std::string& name) {
        return linear(m_config.inBlock(layer, name));
    };
    const double usualScale = 1.0 / std::sqrt(static_cast<double>(m_config.headDim));
    return {.inputNorm = normOf(names.inputNorm),
            .queryNorm = normOf(names.queryNorm),
            .keyNorm = normOf(names.keyNorm),
            .attentionOutNorm = normOf(names.attentionOutNorm),
            .mlpNorm = normOf(names.mlpNorm),
            .mlpOutNorm = normOf(names.mlpOutNorm),
            .query = linearOf(names.query),
            .key = linearOf(names.key),
            .value = linearOf(names.value),
            .qkv = linearOf(names.qkv),
            .output = linearOf(names.output),
            .gate = linearOf(names.gate),
            .up = linearOf(names.up),
            .gateUp = linearOf(names.gateUp),
            .down = linearOf(names.down),
            .rule = {.scale = m_config.attentionScale.value_or(usualScale),
                     .window = m_config.windowOf(layer).value_or(0),
                     .softCap = m_config.attentionSoftCap}};
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

void Decoder::attach(const LowRank& change)
{
    for (Block& block : m_blocks)
        for (Linear* linear : Block::linears(block)) {
            if (!linear->weight || linear->weight->name != change.module + ".weight")
                continue;
            if (linear->a)
                throw std::logic_error("a second adapter for " + change.module);
            const auto add = [&](char matrix, const at::Tensor& values) {
                Parameter& parameter =
                    m_parameters.emplace_back(Parameter{.name = loraName(change.module, matrix)});
                parameter.master = values.to(m_device, masterType(), /*non_blocking=*/false,
                                             /*copy=*/true);
                parameter.ofAdapter = true;
                return &parameter;
            };
            linear->a = add('A', change.a);
            linear->b = add('B', change.b);
            linear->scale = change.scale;
            return;
        }
    throw std::logic_error("no block has the matrix " + change.module);
}

at::Tensor Decoder::merged(const Parameter& parameter) const
{
    for (const Block& block : m_blocks)
        for (const Linear* linear : Block::linears(block)) {
            if (linear->weight != &parameter || !linear->a || m_adapterFactor == 0)
                continue;
            const at::Tensor change = at::mm(linear->b->master.detach(), linear->a->master.detach())
                                          .mul_(linear->scale * m_adapterFactor);
            return parameter.master.detach() + (parameter.transposed ? change.t() : change);
        }
    return parameter.master.detach();
}

void Decoder::mergeAdapters()
{
    const at::NoGradGuard noGrad;
    for (Block& block : m_blocks)
        for (Linear* linear : Block::linears(block)) {
            if (!linear->a)
                continue;
            const at::Tensor whole = merged(*linear->weight);
            own(*linear->weight);
            linear->weight->master.copy_(whole);
            linear->a = linear->b = nullptr;
        }
    // Adapters were added at the end; the addresses of the others stay.
    while (!m_parameters.empty() && m_parameters.back().ofAdapter)
        m_parameters.pop_back();
    refresh();
}

void Decoder::map(Parameter& parameter, const at::Tensor& values,
                  std::shared_ptr<const void> keeper)
{
    TORCH_CHECK(values.scalar_type() == m_computeType && values.sizes() == parameter.master.sizes(),
                "a mapped matrix must be what products use");
    parameter.master = values;
    parameter.mapped = true;
    m_file = std::move(keeper);
}

void Decoder::own(Parameter& parameter)
{
    if (!parameter.mapped)
        return;
    const at::Tensor file = parameter.master;
    parameter.master = file.to(masterType(), /*non_blocking=*/false, /*copy=*/true);
    giveBackPages({static_cast<const std::byte*>(file.data_ptr()), file.nbytes()});
    parameter.compute = at::Tensor();
    parameter.mapped = false;
}

void Decoder::own(const std::vector<std::string>& names)
{
    const std::set<std::string> wanted(names.begin(), names.end());
    for (Parameter& parameter : m_parameters)
        if (wanted.contains(parameter.name)) {
            own(parameter);
            refresh(parameter);
        }
}

void Decoder::refresh()
{
    for (Parameter& parameter : m_parameters)
        refresh(parameter);
}

void Decoder::refresh(Parameter& parameter)
{
    const at::NoGradGuard noGrad;
    if (parameter.mapped || m_computeType == masterType()) {
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

void Decoder::setTrained(const std::vector<std::string>& names)
{
    const std::set<std::string> wanted(names.begin(), names.end());
    for (Parameter& parameter : m_parameters) {
        parameter.trained = wanted.contains(parameter.name);
        if (parameter.trained)
            own(parameter);
        parameter.gradient = parameter.trained ? at::zeros_like(parameter.master) : at::Tensor();
        refresh(parameter);
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

at::Tensor Decoder::positionsOf(const PackedBatch& batch, const std::vector<KvCache*>& caches) const
{
    if (caches.empty())
        return batch.positions;
    at::Tensor positions = batch.positions.clone();
    for (std::size_t i = 0; i < caches.size(); ++i)
        positions.narrow(0, batch.sequences[i].start, batch.sequences[i].length)
            .add_(caches[i]->length);
    return positions;
}

Decoder::Angles Decoder::angles(const PackedBatch& batch, const at::Tensor& positions,
                                const std::vector<KvCache*>& caches) const
{
    if (!m_frequencies.defined())
        return {};
    at::Tensor frequencies = m_frequencies.unsqueeze(0);
    if (m_longFrequencies.defined()) {
        // Each sequence by its own length: what a text gives must not depend on its neighbours.
        frequencies = frequencies.repeat({positions.size(0), 1});
        for (std::size_t i = 0; i < batch.sequences.size(); ++i) {
            const auto& [start, length, visible] = batch.sequences[i];
            const std::int64_t known = caches.empty() ? 0 : caches[i]->length;
            if (static_cast<double>(known + length) > m_config.rope.originalContext)
                frequencies.narrow(0, start, length).copy_(m_longFrequencies);
        }
    }
    const at::Tensor angle = positions.to(at::kDouble).unsqueeze(1) * frequencies;
    const double magnitude = m_config.rope.magnitude;
    return {angle.cos().mul_(magnitude).to(masterType()),
            angle.sin().mul_(magnitude).to(masterType())};
}

at::Tensor Decoder::project(const Linear& linear, const at::Tensor& x) const
{
    const at::Tensor out = functions::linear(x, *linear.weight, linear.bias);
    if (!linear.a || m_adapterFactor == 0)
        return out;
    const at::Tensor change =
        functions::linear(functions::linear(x, *linear.a, nullptr), *linear.b, nullptr);
    return out + change * (linear.scale * m_adapterFactor);
}

at::Tensor Decoder::apply(const Norm& norm, const at::Tensor& x, at::ScalarType outType) const
{
    if (m_config.norm == NormKind::Layer)
        return functions::layerNorm(x, *norm.weight, *norm.bias, m_config.normEps, outType);
    return functions::rmsNorm(x, *norm.weight, m_config.norm == NormKind::RmsPlusOne,
                              m_config.normEps, outType);
}

Decoder::Heads Decoder::heads(const Block& block, const at::Tensor& x, const Angles& angles) const
{
    const std::int64_t rows = x.size(0);
    const std::int64_t width = m_config.headDim;
    Heads out;
    switch (m_config.qkvStorage) {
    case QkvStorage::Separate:
        out.query = project(block.query, x).view({rows, m_config.heads, width});
        out.key = project(block.key, x).view({rows, m_config.kvHeads, width});
        out.value = project(block.value, x).view({rows, m_config.kvHeads, width});
        break;
    case QkvStorage::Stacked: {
        const at::Tensor all =
            project(block.qkv, x).view({rows, m_config.heads + 2 * m_config.kvHeads, width});
        out.query = all.narrow(1, 0, m_config.heads).contiguous();
        out.key = all.narrow(1, m_config.heads, m_config.kvHeads).contiguous();
        out.value = all.narrow(1, m_config.heads + m_config.kvHeads, m_config.kvHeads).contiguous();
        break;
    }
    case QkvStorage::PerHead: {
        const at::Tensor all = project(block.qkv, x).view({rows, m_config.heads, 3, width});
        out.query = all.select(2, 0).contiguous();
        out.key = all.select(2, 1).contiguous();
        out.value = all.select(2, 2).contiguous();
        break;
    }
    }
    const auto prepared = [&](const at::Tensor& part, const Norm& norm) {
        at::Tensor result = part;
        if (norm.weight)
            result = apply(norm, part.reshape({-1, width}).to(masterType()), m_computeType)
                         .view(part.sizes());
        return angles.cosine.defined() ? functions::rotary(result, angles.cosine, angles.sine)
                                       : result;
    };
    out.query = prepared(out.query, block.queryNorm);
    out.key = prepared(out.key, block.keyNorm);
    return out;
}

at::Tensor Decoder::mlp(const Block& block, const at::Tensor& x) const
{
    at::Tensor inner;
    if (block.gateUp.weight) {
        const at::Tensor both = project(block.gateUp, x);
        inner = functions::gated(both.narrow(1, 0, m_config.mlpWidth).contiguous(),
                                 both.narrow(1, m_config.mlpWidth, m_config.mlpWidth).contiguous(),
                                 m_config.activation);
    } else if (block.gate.weight) {
        inner = functions::gated(project(block.gate, x), project(block.up, x), m_config.activation);
    } else {
        inner = functions::activation(project(block.up, x), m_config.activation);
    }
    return project(block.down, inner);
}

template <class Attend> at::Tensor Decoder::runBlock(const Block& block, const at::Tensor& residual,
                                                     const Angles& angles, Attend attend)
{
    const auto attention = [&](const at::Tensor& x) {
        const at::Tensor mixed = attend(heads(block, x, angles), block.rule);
        return project(block.output, mixed.reshape({x.size(0), m_config.heads * m_config.headDim}));
    };
    const auto normed = [&](const Norm& norm, const at::Tensor& x) {
        return apply(norm, x, m_computeType);
    };
    const auto toResidual = [&](const Norm& norm, const at::Tensor& x) {
        return apply(norm, x.to(masterType()), masterType());
    };
    switch (m_config.order) {
    case BlockOrder::PreNorm:
        break;
    case BlockOrder::PostNorm: {
        const at::Tensor x =
            toResidual(block.inputNorm, residual + attention(residual.to(m_computeType)));
        return toResidual(block.mlpNorm, x + mlp(block, x.to(m_computeType)));
    }
    case BlockOrder::Parallel: {
        const at::Tensor x = normed(block.inputNorm, residual);
        const at::Tensor y = block.mlpNorm.weight ? normed(block.mlpNorm, residual) : x;
        return residual + attention(x) + mlp(block, y);
    }
    case BlockOrder::Sandwich: {
        const at::Tensor x = residual + toResidual(block.attentionOutNorm,
                                                   attention(normed(block.inputNorm, residual)));
        return x + toResidual(block.mlpOutNorm, mlp(block, normed(block.mlpNorm, x)));
    }
    }
    const at::Tensor x = residual + attention(normed(block.inputNorm, residual));
    return x + mlp(block, normed(block.mlpNorm, x));
}

at::Tensor Decoder::embed(const PackedBatch& batch)
{
    return embed(batch, batch.positions);
}

at::Tensor Decoder::embed(const PackedBatch& batch, const at::Tensor& positions,
                          const std::vector<const EmbeddingChange*>& changes)
{
    at::Tensor x = functions::embedding(batch.ids, *m_embedding);
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (changes[i])
            changes[i]->apply(x.narrow(0, batch.sequences[i].start, batch.sequences[i].length));
    if (m_projectIn.weight)
        x = functions::linear(x.to(m_computeType), *m_projectIn.weight, nullptr).to(masterType());
    if (m_config.embeddingScale != 1.0)
        x = x * m_config.embeddingScale;
    if (m_positions)
        x = x + functions::embedding(positions + m_config.positionOffset, *m_positions);
    return x;
}

at::Tensor Decoder::finish(const at::Tensor& residual)
{
    const at::Tensor x = m_finalNorm.weight ? apply(m_finalNorm, residual, m_computeType)
                                            : residual.to(m_computeType);
    return m_projectOut.weight ? functions::linear(x, *m_projectOut.weight, nullptr) : x;
}

const Parameter* Decoder::Block::anyTrained() const
{
    const auto trained = [](const Parameter* parameter) {
        return parameter && parameter->trained ? parameter : nullptr;
    };
    for (const Norm* norm : norms())
        for (const Parameter* parameter : {norm->weight, norm->bias})
            if (trained(parameter))
                return parameter;
    for (const Linear* linear : linears(*this))
        for (const Parameter* parameter : {linear->weight, linear->bias, linear->a, linear->b})
            if (trained(parameter))
                return parameter;
    return nullptr;
}

at::Tensor Decoder::trainable(const Block& block, const at::Tensor& residual, const Angles& angles,
                              const PackedBatch& batch)
{
    const auto body = [this, &block, angles, batch](const at::Tensor& x) {
        return runBlock(block, x, angles,
                        [&](const Heads& of, const functions::AttentionRule& rule) {
                            return functions::attention(of.query, of.key, of.value, batch, rule);
                        });
    };
    const Parameter* trained = block.anyTrained();
    if (!m_recomputing || !at::GradMode::is_enabled() || (!trained && !residual.requires_grad()))
        return body(residual);
    return functions::recomputed(residual, trained ? trained->compute : residual, body);
}

at::Tensor Decoder::forward(const PackedBatch& batch, std::vector<at::Tensor>* blockOutputs)
{
    const Angles turn = angles(batch, batch.positions, {});
    at::Tensor residual = embed(batch);
    for (const Block& block : m_blocks) {
        residual = trainable(block, residual, turn, batch);
        if (blockOutputs)
            blockOutputs->push_back(residual);
    }
    return finish(residual);
}

at::Tensor Decoder::forwardTo(const PackedBatch& batch, std::int64_t block)
{
    const Angles turn = angles(batch, batch.positions, {});
    at::Tensor residual = embed(batch);
    for (std::int64_t i = 0; i <= block; ++i)
        residual = trainable(m_blocks[static_cast<std::size_t>(i)], residual, turn, batch);
    return residual;
}

void Decoder::visitBlocks(const PackedBatch& batch,
                          const std::function<bool(std::int64_t, const at::Tensor&)>& visit)
{
    const at::NoGradGuard noGrad;
    const Angles turn = angles(batch, batch.positions, {});
    at::Tensor residual = embed(batch);
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        residual = trainable(m_blocks[i], residual, turn, batch);
        if (!visit(static_cast<std::int64_t>(i), residual))
            return;
    }
}

at::Tensor Decoder::forwardCached(const PackedBatch& batch, const std::vector<KvCache*>& caches,
                                  const std::vector<const EmbeddingChange*>& changes)
{
    const at::NoGradGuard noGrad;
    const at::Tensor positions = positionsOf(batch, caches);
    const Angles turn = angles(batch, positions, caches);
    at::Tensor residual = embed(batch, positions, changes);
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer)
        residual = runBlock(m_blocks[layer], residual, turn,
                            [&](const Heads& of, const functions::AttentionRule& rule) {
                                at::Tensor out = at::empty_like(of.query);
                                for (std::size_t i = 0; i < caches.size(); ++i) {
                                    const auto& [start, length, visible] = batch.sequences[i];
                                    KvCache& cache = *caches[i];
                                    cache.append(layer, of.key.narrow(0, start, length),
                                                 of.value.narrow(0, start, length));
                                    const std::int64_t filled = cache.length + length;
                                    out.narrow(0, start, length)
                                        .copy_(functions::cachedAttention(
                                            of.query.narrow(0, start, length),
                                            cache.layers[layer].keys.narrow(1, 0, filled),
                                            cache.layers[layer].values.narrow(1, 0, filled),
                                            cache.length, rule));
                                }
                                return out;
                            });
    for (std::size_t i = 0; i < caches.size(); ++i)
        caches[i]->length += batch.sequences[i].length;
    return finish(residual);
}

} // namespace lacuna
