#pragma once

#include "core/models/config.h"
#include "core/models/functions.h"
#include "core/models/head.h"
#include "core/models/kv_cache.h"
#include "core/models/packed_batch.h"
#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

class EmbeddingChange;

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
    /// What makes logits: with the embedding's matrix when tied.
    [[nodiscard]] Head head() const { return m_head; }

    /// Weights as Hugging Face initialises them: normal(0, initializer_range), norms 1, biases 0.
    void initialise(std::uint64_t seed);
    /// Lets \p parameter use \p values, a matrix of the compute type in a mapped file, where they
    /// are. Training it, or merging an adapter into it, makes a copy first.
    /// \param keeper  what keeps the file mapped
    void map(Parameter& parameter, const at::Tensor& values, std::shared_ptr<const void> keeper);
    /// Gives these parameters masters of their own, which may be written to, where a file's memory
    /// is what they have.
    void own(const std::vector<std::string>& names);
    /// Makes `compute` follow `master`; call after every change of the masters.
    void refresh();
    /// A low-rank change of one matrix: y += scale * factor * B (A x).
    struct LowRank {
        std::string module; ///< the matrix's name without ".weight"
        at::Tensor a;       ///< [rank, in]
        at::Tensor b;       ///< [out, rank]
        double scale = 1;
    };
    /// Adds the two matrices to the parameters; refresh() makes them usable.
    /// \throws std::logic_error when no block has such a matrix, or has an adapter there already
    void attach(const LowRank& change);
    /// How much of its adapters the model uses: 1 all, 0 none, which is the base model itself.
    void setAdapterFactor(double factor) { m_adapterFactor = factor; }
    [[nodiscard]] double adapterFactor() const { return m_adapterFactor; }
    /// Moves the adapters into the masters, at the present factor, and takes them away.
    void mergeAdapters();
    /// The master with its adapter, if it has one, added at the present factor.
    [[nodiscard]] at::Tensor merged(const Parameter& parameter) const;

    /// Which parameters are trained; allocates their gradients.
    void setTrained(const std::vector<std::string>& names);
    void trainAll();
    void clearGradients();
    /// Keeps only each block's input for backward, which then computes the block again: the
    /// gradients stay the same to the bit, at the price of one more forward pass.
    void setRecomputing(bool on) { m_recomputing = on; }

    /// Hidden rows ready for the head, in the compute type: after the final norm, and back in the
    /// embedding's width, [N, embeddedWidth()].
    /// \param blockOutputs  when given, receives the residual stream after each block, [N, D]
    [[nodiscard]] at::Tensor forward(const PackedBatch& batch,
                                     std::vector<at::Tensor>* blockOutputs = nullptr);
    /// The residual stream behind \p block, counted from 0, [N, D]; nothing above it is run.
    [[nodiscard]] at::Tensor forwardTo(const PackedBatch& batch, std::int64_t block);
    /// The residual stream before the first block, [N, D].
    [[nodiscard]] at::Tensor embed(const PackedBatch& batch);
    /// Runs the blocks without gradient and calls \p visit(block, residual [N, D]) behind each, so
    /// that no more than one residual stream is held; false ends it there.
    void visitBlocks(const PackedBatch& batch,
                     const std::function<bool(std::int64_t, const at::Tensor&)>& visit);
    /// What lies between the last block and the head, for a residual stream behind any block:
    /// forward()'s result of the last one. \param residual  [M, D], of the master's type
    [[nodiscard]] at::Tensor finish(const at::Tensor& residual);

    /// The same for new tokens that continue cached sequences: sequence i of \p batch continues
    /// caches[i]. Without gradient.
    /// \param changes  by sequence, of the embeddings of its new tokens; null: none
    [[nodiscard]] at::Tensor forwardCached(const PackedBatch& batch,
                                           const std::vector<KvCache*>& caches,
                                           const std::vector<const EmbeddingChange*>& changes = {});

private:
    struct Norm {
        Parameter* weight = nullptr; ///< null: there is none
        Parameter* bias = nullptr;
    };
    struct Linear {
        Parameter* weight = nullptr;
        Parameter* bias = nullptr;
        Parameter* a = nullptr; ///< null: no adapter
        Parameter* b = nullptr;
        double scale = 1;
    };
    struct Block {
        Norm inputNorm, queryNorm, keyNorm, attentionOutNorm, mlpNorm, mlpOutNorm;
        Linear query, key, value, qkv, output;
        Linear gate, up, gateUp, down;
        functions::AttentionRule rule;

        /// Those that the family has not are without weight.
        template <class Self> [[nodiscard]] static auto linears(Self& block)
        {
            return std::array{&block.query, &block.key, &block.value,  &block.qkv, &block.output,
                              &block.gate,  &block.up,  &block.gateUp, &block.down};
        }
        [[nodiscard]] std::array<const Norm*, 6> norms() const
        {
            return {&inputNorm, &queryNorm, &keyNorm, &attentionOutNorm, &mlpNorm, &mlpOutNorm};
        }
        /// Any parameter of it that is trained; null: none.
        [[nodiscard]] const Parameter* anyTrained() const;
    };
    struct Angles {
        at::Tensor cosine; // [N, R/2]; undefined without rotary positions
        at::Tensor sine;
    };
    struct Heads {
        at::Tensor query; // [N, H, E]
        at::Tensor key;   // [N, K, E]
        at::Tensor value; // [N, K, E]
    };

    /// A master of its own for a mapped parameter.
    void own(Parameter& parameter);
    void refresh(Parameter& parameter);
    [[nodiscard]] Parameter* find(const std::string& name);
    [[nodiscard]] Norm norm(const std::string& name);
    [[nodiscard]] Linear linear(const std::string& name);
    [[nodiscard]] Block block(std::int64_t layer);

    [[nodiscard]] at::Tensor embed(const PackedBatch& batch, const at::Tensor& positions,
                                   const std::vector<const EmbeddingChange*>& changes = {});
    /// \param cached  tokens of each sequence before those of \p batch
    [[nodiscard]] at::Tensor positionsOf(const PackedBatch& batch,
                                         const std::vector<KvCache*>& caches) const;
    [[nodiscard]] Angles angles(const PackedBatch& batch, const at::Tensor& positions,
                                const std::vector<KvCache*>& caches) const;
    [[nodiscard]] at::Tensor project(const Linear& linear, const at::Tensor& x) const;
    [[nodiscard]] at::Tensor apply(const Norm& norm, const at::Tensor& x,
                                   at::ScalarType outType) const;
    [[nodiscard]] Heads heads(const Block& block, const at::Tensor& x, const Angles& angles) const;
    [[nodiscard]] at::Tensor mlp(const Block& block, const at::Tensor& x) const;
    template <class Attend> [[nodiscard]] at::Tensor
    runBlock(const Block& block, const at::Tensor& residual, const Angles& angles, Attend attend);
    /// A block without a cache.
    [[nodiscard]] at::Tensor trainable(const Block& block, const at::Tensor& residual,
                                       const Angles& angles, const PackedBatch& batch);

    DecoderConfig m_config;
    at::Device m_device;
    at::ScalarType m_computeType;
    std::deque<Parameter> m_parameters; // stable addresses: blocks point into it
    std::vector<Block> m_blocks;
    Parameter* m_embedding = nullptr;
    Parameter* m_positions = nullptr; // null: rotary
    Linear m_projectIn, m_projectOut;
    Norm m_finalNorm;
    Head m_head{};
    double m_adapterFactor = 1.0;
    bool m_recomputing = false;
    std::shared_ptr<const void> m_file; ///< of the mapped parameters
    at::Tensor m_frequencies;           // [R/2] float64
    at::Tensor m_longFrequencies; // the same for long texts; undefined when they are no others
};

} // namespace lacuna
