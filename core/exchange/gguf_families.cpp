#include "core/exchange/config_values.h"
#include "core/exchange/gguf_family.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

/// The names are those of llama.cpp's src/llama-arch.cpp and gguf-py/gguf/tensor_mapping.py.
namespace lacuna {
namespace {

using enum Extent;
using enum Rearrangement;

/// Llama's own names, which most families took over.
std::vector<GgufTensorRule> llamaTensors(Rearrangement query, Rearrangement key, BiasRule qkvBias,
                                         BiasRule otherBias)
{
    return {
        {"model.embed_tokens", "token_embd", Vocabulary, Width},
        {"model.layers.{}.input_layernorm", "blk.{}.attn_norm"},
        {"model.layers.{}.self_attn.q_proj", "blk.{}.attn_q", Query, Width, query, qkvBias},
        {"model.layers.{}.self_attn.k_proj", "blk.{}.attn_k", KeyValue, Width, key, qkvBias},
        {"model.layers.{}.self_attn.v_proj", "blk.{}.attn_v", KeyValue, Width, AsStored, qkvBias},
        {"model.layers.{}.self_attn.o_proj", "blk.{}.attn_output", Width, Query, AsStored,
         otherBias},
        {"model.layers.{}.post_attention_layernorm", "blk.{}.ffn_norm"},
        {"model.layers.{}.mlp.gate_proj", "blk.{}.ffn_gate", Mlp, Width, AsStored, otherBias},
        {"model.layers.{}.mlp.up_proj", "blk.{}.ffn_up", Mlp, Width, AsStored, otherBias},
        {"model.layers.{}.mlp.down_proj", "blk.{}.ffn_down", Width, Mlp, AsStored, otherBias},
        {"model.norm", "output_norm"},
        {"lm_head", "output", Vocabulary, Width},
    };
}

GgufFamily llama(std::string_view modelType)
{
    GgufFamily family{.modelType = modelType,
                      .architecture = "llama",
                      .tensors =
                          llamaTensors(QueryPairs, KeyPairs, BiasRule::Maybe, BiasRule::Maybe),
                      .buffers = {".rotary_emb.inv_freq"}};
    return family;
}

GgufFamily mistral()
{
    GgufFamily family = llama("mistral");
    family.context = 4096 * 32;
    return family;
}

GgufFamily qwen2()
{
    return {.modelType = "qwen2",
            .architecture = "qwen2",
            .context = 32768,
            .usesWindow = false,
            .tensors = llamaTensors(AsStored, AsStored, BiasRule::Always, BiasRule::Never),
            .buffers = {".rotary_emb.inv_freq"}};
}

GgufFamily qwen3()
{
    GgufFamily family{.modelType = "qwen3",
                      .architecture = "qwen3",
                      .context = 32768,
                      .headWidth = 128,
                      .usesWindow = false,
                      .tensors =
                          llamaTensors(AsStored, AsStored, BiasRule::Never, BiasRule::Never)};
    family.tensors.push_back({"model.layers.{}.self_attn.q_norm", "blk.{}.attn_q_norm", HeadWidth});
    family.tensors.push_back({"model.layers.{}.self_attn.k_norm", "blk.{}.attn_k_norm", HeadWidth});
    return family;
}

GgufFamily gpt2()
{
    constexpr BiasRule kBias = BiasRule::Always;
    return {
        .modelType = "gpt2",
        .architecture = "gpt2",
        .keys = {.context = "n_positions",
                 .width = "n_embd",
                 .layers = "n_layer",
                 .heads = "n_head",
                 .kvHeads = nullptr,
                 .mlp = "n_inner",
                 .normEps = "layer_norm_epsilon",
                 .activation = "activation_function",
                 .ropeTheta = nullptr},
        .activations = {"gelu_new", "gelu_pytorch_tanh", "gelu_fast"},
        .normEps = 1e-5,
        .context = 1024,
        .rmsNorm = false,
        .tied = true,
        .prefix = "transformer.",
        .tensors =
            {
                {"transformer.wte", "token_embd", Vocabulary, Width},
                {"transformer.wpe", "position_embd", Context, Width},
                {"transformer.h.{}.ln_1", "blk.{}.attn_norm", Width, None, AsStored, kBias},
                {"transformer.h.{}.attn.c_attn", "blk.{}.attn_qkv", QueryKeyValue, Width, Transpose,
                 kBias},
                {"transformer.h.{}.attn.c_proj", "blk.{}.attn_output", Width, Width, Transpose,
                 kBias},
                {"transformer.h.{}.ln_2", "blk.{}.ffn_norm", Width, None, AsStored, kBias},
                {"transformer.h.{}.mlp.c_fc", "blk.{}.ffn_up", Mlp, Width, Transpose, kBias},
                {"transformer.h.{}.mlp.c_proj", "blk.{}.ffn_down", Width, Mlp, Transpose, kBias},
                {"transformer.ln_f", "output_norm", Width, None, AsStored, kBias},
                {"lm_head", "output", Vocabulary, Width},
            },
        .buffers = {".attn.bias", ".attn.masked_bias"},
        .more = [](ConfigValues& config, GgufDescription&) {
            if (!config.flag("scale_attn_weights", true))
                config.fail("scale_attn_weights", ErrorCode::Unsupported,
                            "llama.cpp always scales attention");
            if (config.flag("scale_attn_by_inverse_layer_idx", false))
                config.fail("scale_attn_by_inverse_layer_idx", ErrorCode::Unsupported,
                            "llama.cpp does not scale attention by layer");
        }};
}

GgufFamily gptNeoX()
{
    constexpr BiasRule kBias = BiasRule::Always;
    return {
        .modelType = "gpt_neox",
        .architecture = "gptneox",
        .keys = {.kvHeads = nullptr,
                 .normEps = "layer_norm_eps",
                 .ropeTheta = "rotary_emb_base",
                 .rotaryShare = "rotary_pct"},
        .activations = {"gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast"},
        .normEps = 1e-5,
        .rotaryShare = 0.25,
        .rmsNorm = false,
        .tensors =
            {
                {"gpt_neox.embed_in", "token_embd", Vocabulary, Width},
                {"gpt_neox.layers.{}.input_layernorm", "blk.{}.attn_norm", Width, None, AsStored,
                 kBias},
                {"gpt_neox.layers.{}.attention.query_key_value", "blk.{}.attn_qkv", QueryKeyValue,
                 Width, PartsOfHeads, kBias},
                {"gpt_neox.layers.{}.attention.dense", "blk.{}.attn_output", Width, Width, AsStored,
                 kBias},
                {"gpt_neox.layers.{}.post_attention_layernorm", "blk.{}.ffn_norm", Width, None,
                 AsStored, kBias},
                {"gpt_neox.layers.{}.mlp.dense_h_to_4h", "blk.{}.ffn_up", Mlp, Width, AsStored,
                 kBias},
                {"gpt_neox.layers.{}.mlp.dense_4h_to_h", "blk.{}.ffn_down", Width, Mlp, AsStored,
                 kBias},
                {"gpt_neox.final_layer_norm", "output_norm", Width, None, AsStored, kBias},
                {"embed_out", "output", Vocabulary, Width},
            },
        .head = "embed_out.weight",
        .buffers = {".attention.bias", ".attention.masked_bias", ".attention.rotary_emb.inv_freq"},
        .more = [](ConfigValues& config, GgufDescription& out) {
            out.metadata.addBool("gptneox.use_parallel_residual",
                                 config.flag("use_parallel_residual", true));
            if (!config.flag("attention_bias", true))
                config.fail("attention_bias", ErrorCode::Unsupported,
                            "llama.cpp wants the biases of attention");
        }};
}

GgufFamily phi2()
{
    constexpr BiasRule kBias = BiasRule::Always;
    return {.modelType = "phi",
            .architecture = "phi2",
            .keys = {.normEps = "layer_norm_eps", .rotaryShare = "partial_rotary_factor"},
            .activations = {"gelu_new", "gelu_pytorch_tanh", "gelu_fast"},
            .normEps = 1e-5,
            .rotaryShare = 0.5,
            .rmsNorm = false,
            .tensors =
                {
                    {"model.embed_tokens", "token_embd", Vocabulary, Width},
                    {"model.layers.{}.input_layernorm", "blk.{}.attn_norm", Width, None, AsStored,
                     kBias},
                    {"model.layers.{}.self_attn.q_proj", "blk.{}.attn_q", Query, Width, AsStored,
                     kBias},
                    {"model.layers.{}.self_attn.k_proj", "blk.{}.attn_k", KeyValue, Width, AsStored,
                     kBias},
                    {"model.layers.{}.self_attn.v_proj", "blk.{}.attn_v", KeyValue, Width, AsStored,
                     kBias},
                    {"model.layers.{}.self_attn.dense", "blk.{}.attn_output", Width, Query,
                     AsStored, kBias},
                    {"model.layers.{}.mlp.fc1", "blk.{}.ffn_up", Mlp, Width, AsStored, kBias},
                    {"model.layers.{}.mlp.fc2", "blk.{}.ffn_down", Width, Mlp, AsStored, kBias},
                    {"model.final_layernorm", "output_norm", Width, None, AsStored, kBias},
                    {"lm_head", "output", Vocabulary, Width, AsStored, kBias},
                },
            .buffers = {".rotary_emb.inv_freq"},
            .more = [](ConfigValues& config, GgufDescription&) {
                if (config.flag("qk_layernorm", false))
                    config.fail("qk_layernorm", ErrorCode::Unsupported,
                                "llama.cpp has no norms of queries and keys in this family");
            }};
}

GgufFamily phi3()
{
    return {.modelType = "phi3",
            .architecture = "phi3",
            .keys = {.rotaryShare = "partial_rotary_factor"},
            .normEps = 1e-5,
            .context = 4096,
            .tensors =
                {
                    {"model.embed_tokens", "token_embd", Vocabulary, Width},
                    {"model.layers.{}.input_layernorm", "blk.{}.attn_norm"},
                    {"model.layers.{}.self_attn.qkv_proj", "blk.{}.attn_qkv", QueryKeyValue, Width},
                    {"model.layers.{}.self_attn.o_proj", "blk.{}.attn_output", Width, Query},
                    {"model.layers.{}.post_attention_layernorm", "blk.{}.ffn_norm"},
                    {"model.layers.{}.mlp.gate_up_proj", "blk.{}.ffn_up", GateAndUp, Width},
                    {"model.layers.{}.mlp.down_proj", "blk.{}.ffn_down", Width, Mlp},
                    {"model.norm", "output_norm"},
                    {"lm_head", "output", Vocabulary, Width},
                },
            .buffers = {".rotary_emb.inv_freq"}};
}

/// \param after  the norms around the MLP, which differ between the two Gemmas
GgufFamily gemma(std::string_view modelType, std::vector<GgufTensorRule> after)
{
    GgufFamily family{
        .modelType = modelType,
        .architecture = modelType,
        .keys = {.activation = "hidden_activation"},
        .activations = {"gelu_pytorch_tanh", "gelu_new"},
        .context = 8192,
        .headWidth = 256,
        .tied = true,
        .tensors =
            {
                {"model.embed_tokens", "token_embd", Vocabulary, Width},
                {"model.layers.{}.input_layernorm", "blk.{}.attn_norm", Width, None, PlusOne},
                {"model.layers.{}.self_attn.q_proj", "blk.{}.attn_q", Query, Width},
                {"model.layers.{}.self_attn.k_proj", "blk.{}.attn_k", KeyValue, Width},
                {"model.layers.{}.self_attn.v_proj", "blk.{}.attn_v", KeyValue, Width},
                {"model.layers.{}.self_attn.o_proj", "blk.{}.attn_output", Width, Query},
                {"model.layers.{}.mlp.gate_proj", "blk.{}.ffn_gate", Mlp, Width},
                {"model.layers.{}.mlp.up_proj", "blk.{}.ffn_up", Mlp, Width},
                {"model.layers.{}.mlp.down_proj", "blk.{}.ffn_down", Width, Mlp},
                {"model.norm", "output_norm", Width, None, PlusOne},
                {"lm_head", "output", Vocabulary, Width},
            },
        .buffers = {".rotary_emb.inv_freq"},
        .more = [](ConfigValues& config, GgufDescription& out) {
            if (!out.sizes.tied)
                config.fail("tie_word_embeddings", ErrorCode::Unsupported,
                            "llama.cpp knows this family with tied embeddings only");
        }};
    family.tensors.insert(family.tensors.end(), after.begin(), after.end());
    return family;
}

GgufFamily gemma2()
{
    GgufFamily family = gemma("gemma2", {{"model.layers.{}.post_attention_layernorm",
                                          "blk.{}.post_attention_norm", Width, None, PlusOne},
                                         {"model.layers.{}.pre_feedforward_layernorm",
                                          "blk.{}.ffn_norm", Width, None, PlusOne},
                                         {"model.layers.{}.post_feedforward_layernorm",
                                          "blk.{}.post_ffw_norm", Width, None, PlusOne}});
    family.keepsWindow = true;
    family.more = [](ConfigValues& config, GgufDescription& out) {
        const GgufSizes& sizes = out.sizes;
        if (!sizes.tied)
            config.fail("tie_word_embeddings", ErrorCode::Unsupported,
                        "llama.cpp knows this family with tied embeddings only");
        // llama.cpp takes the scale of attention from the size of the model: it knows the one with
        // 46 layers by its own rule.
        const auto scale =
            static_cast<double>(sizes.layers == 46 ? sizes.width / sizes.heads : sizes.headWidth);
        if (config.positive("query_pre_attn_scalar", 256) != scale)
            config.fail("query_pre_attn_scalar", ErrorCode::Unsupported,
                        fmt::format("llama.cpp would scale attention by {:g} instead", scale));
        out.metadata.addF32("gemma2.attn_logit_softcapping",
                            static_cast<float>(config.positive("attn_logit_softcapping", 50)));
        out.metadata.addF32("gemma2.final_logit_softcapping",
                            static_cast<float>(config.positive("final_logit_softcapping", 30)));
    };
    return family;
}

} // namespace

const std::vector<GgufFamily>& ggufFamilies()
{
    static const std::vector<GgufFamily> families = {
        llama("llama"),
        mistral(),
        qwen2(),
        qwen3(),
        gpt2(),
        gptNeoX(),
        phi2(),
        phi3(),
        gemma("gemma", {{"model.layers.{}.post_attention_layernorm", "blk.{}.ffn_norm", Width, None,
                         PlusOne}}),
        gemma2(),
    };
    return families;
}

} // namespace lacuna
