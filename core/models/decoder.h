#pragma once

#include "core/models/config.h"
#include "core/models/kv_cache.h"
#include "core/models/packed_batch.h"
#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <deque>
#include <string>
#include <vector>

namespace lacuna {

/// One decoder-only transformer, made from its description. Owned and used by one thread.
class Decoder {
public:
    /// Parameters start undefined; a loader or initialise() fills the masters, then refresh() makes
    /// them usable.
    /// \param computeType  float32, bfloat16 or float64: what products are computed in. The
    ///        residual stream, norms, softmax and losses stay in float32 (float64 for float64).
    Decoder(DecoderConfig config, at::Device device, at::ScalarType computeType);
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    [[nodiscard]] const DecoderConfig& config() const { return m_config; }
    [[nodiscard]] at::Device device() const { return m_device; }
    [[nodiscard]] at::ScalarType computeType() const { return m_computeType; }
    [[nodiscard]] at::ScalarType masterType() const;
    [[nodiscard]] std::deque<Parameter>& parameters() { return m_parameters; }
    [[nodiscard]] const std::deque<Parameter>& parameters() const { return m_parameters; }
    /// The matrix that makes logits: the embedding's when tied.
    [[nodiscard]] Parameter& head();

    /// Weights as Hugging Face initialises them: normal(0, initializer_range), norms 1, biases 0.
    void initialise(std::uint64_t seed);
    /// Makes `compute` follow `master`; call after every change of the masters.
    void refresh();
    /// Which parameters are trained; allocates their gradients.
    void setTrained(const std::vector<std::string>& names);
    void trainAll();
    void clearGradients();

    /// Hidden rows after the final norm, [N, D] in the compute type, ready for the head.
    /// \param blockOutputs  when given, receives the residual stream after each block, [N, D]
    [[nodiscard]] at::Tensor forward(const PackedBatch& batch,
                                     std::vector<at::Tensor>* blockOutputs = nullptr);
    /// The residual stream before the first block, [N, D].
    [[nodiscard]] at::Tensor embed(const PackedBatch& batch);

    /// The same for new tokens that continue cached sequences: sequence i of \p batch continues
    /// caches[i]. Without gradient.
    [[nodiscard]] at::Tensor forwardCached(const PackedBatch& batch,
                                           const std::vector<KvCache*>& caches);

private:
    struct Block {
        Parameter* inputNorm;
        Parameter *query, *key, *value, *output;
        Parameter *queryBias, *keyBias, *valueBias, *outputBias;
        Parameter* mlpNorm;
        Parameter *gate, *up, *down;
        Parameter *gateBias, *upBias, *downBias;
    };
    struct Angles {
        at::Tensor cosine; // [N, E/2]
        at::Tensor sine;
    };

    [[nodiscard]] Parameter* find(const std::string& name);
    [[nodiscard]] Angles angles(const at::Tensor& positions) const;
    template <class Attend> [[nodiscard]] at::Tensor
    runBlock(const Block& block, at::Tensor residual, const Angles& angles, Attend attend);

    DecoderConfig m_config;
    at::Device m_device;
    at::ScalarType m_computeType;
    std::deque<Parameter> m_parameters; // stable addresses: blocks point into it
    std::vector<Block> m_blocks;
    Parameter* m_embedding = nullptr;
    Parameter* m_finalNorm = nullptr;
    Parameter* m_head = nullptr;
    at::Tensor m_frequencies; // [E/2] float64
};

} // namespace lacuna
