#include "core/methods/scored_batch.h"
#include "core/models/family.h"
#include "tests/core/base/std_text.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>

#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>
#include <numbers>

using namespace lacuna;

namespace {

// ---- A second evaluation, written from the published definitions --------------------------------
//
// Families without values recorded from another program are computed here a second time: in plain
// loops over doubles, with full score matrices, from the raw config and the tensors' own names. It
// shares nothing with the decoder but the weights.

using Row = std::vector<double>;
using Matrix = std::vector<Row>; // [T][D]

struct Weights {
    std::map<std::string, Matrix> tensors; ///< vectors have one row

    [[nodiscard]] const Matrix& at(const std::string& name) const { return tensors.at(name); }
    [[nodiscard]] const Row& vector(const std::string& name) const { return at(name).front(); }
    [[nodiscard]] bool has(const std::string& name) const { return tensors.contains(name); }
};

Matrix linear(const Matrix& x, const Weights& weights, const std::string& name)
{
    const Matrix& w = weights.at(name + ".weight");
    Matrix out(x.size(), Row(w.size(), 0.0));
    for (std::size_t t = 0; t < x.size(); ++t)
        for (std::size_t o = 0; o < w.size(); ++o) {
            out[t][o] = weights.has(name + ".bias") ? weights.vector(name + ".bias")[o] : 0.0;
            for (std::size_t i = 0; i < w[o].size(); ++i)
                out[t][o] += w[o][i] * x[t][i];
        }
    return out;
}

Row rmsNorm(const Row& x, const Row& w, double eps, double offset)
{
    double squares = 0;
    for (const double value : x)
        squares += value * value;
    const double scale = 1.0 / std::sqrt(squares / static_cast<double>(x.size()) + eps);
    Row out;
    for (std::size_t i = 0; i < x.size(); ++i)
        out.push_back(x[i] * scale * (offset + w[i]));
    return out;
}

Row layerNorm(const Row& x, const Row& w, const Row& b, double eps)
{
    double mean = 0;
    for (const double value : x)
        mean += value / static_cast<double>(x.size());
    double variance = 0;
    for (const double value : x)
        variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
    Row out;
    for (std::size_t i = 0; i < x.size(); ++i)
        out.push_back((x[i] - mean) / std::sqrt(variance + eps) * w[i] + b[i]);
    return out;
}

template <class Function> Matrix eachRow(const Matrix& x, const Function& function)
{
    Matrix out;
    for (const Row& row : x)
        out.push_back(function(row));
    return out;
}

Matrix sum(Matrix a, const Matrix& b)
{
    for (std::size_t t = 0; t < a.size(); ++t)
        for (std::size_t i = 0; i < a[t].size(); ++i)
            a[t][i] += b[t][i];
    return a;
}

double silu(double x)
{
    return x / (1.0 + std::exp(-x));
}

double geluTanh(double x)
{
    return 0.5 * x *
           (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

/// down(activation(gate) * up)
Matrix product(const Matrix& gate, const Matrix& up, double (*activation)(double))
{
    Matrix out = gate;
    for (std::size_t t = 0; t < out.size(); ++t)
        for (std::size_t i = 0; i < out[t].size(); ++i)
            out[t][i] = activation(gate[t][i]) * up[t][i];
    return out;
}

Matrix columns(const Matrix& x, std::size_t first, std::size_t count)
{
    return eachRow(x, [&](const Row& row) {
        return Row(row.begin() + static_cast<std::ptrdiff_t>(first),
                   row.begin() + static_cast<std::ptrdiff_t>(first + count));
    });
}

struct AttentionSettings {
    std::size_t heads;
    std::size_t kvHeads;
    std::size_t headDim;
    double scale;
    std::size_t window = 0;
    double softCap = 0;
    std::function<Row(const Row& head, std::size_t position)> turn = {};
    std::function<Row(const Row& head)> queryNorm = {};
    std::function<Row(const Row& head)> keyNorm = {};
};

Matrix attention(const Matrix& q, const Matrix& k, const Matrix& v, const AttentionSettings& set)
{
    const auto head = [&](const Row& row, std::size_t h) {
        return Row(row.begin() + static_cast<std::ptrdiff_t>(h * set.headDim),
                   row.begin() + static_cast<std::ptrdiff_t>((h + 1) * set.headDim));
    };
    const auto prepared = [&](Row row, std::size_t position, const auto& norm) {
        if (norm)
            row = norm(row);
        return set.turn ? set.turn(row, position) : row;
    };
    Matrix out(q.size(), Row(set.heads * set.headDim, 0.0));
    for (std::size_t h = 0; h < set.heads; ++h) {
        const std::size_t kv = h / (set.heads / set.kvHeads);
        for (std::size_t i = 0; i < q.size(); ++i) {
            const Row query = prepared(head(q[i], h), i, set.queryNorm);
            const std::size_t from = set.window > 0 && i + 1 > set.window ? i + 1 - set.window : 0;
            Row weights;
            double total = 0;
            for (std::size_t j = from; j <= i; ++j) {
                const Row key = prepared(head(k[j], kv), j, set.keyNorm);
                double score = 0;
                for (std::size_t e = 0; e < set.headDim; ++e)
                    score += query[e] * key[e];
                score *= set.scale;
                if (set.softCap > 0)
                    score = set.softCap * std::tanh(score / set.softCap);
                weights.push_back(std::exp(score));
                total += weights.back();
            }
            for (std::size_t j = from; j <= i; ++j)
                for (std::size_t e = 0; e < set.headDim; ++e)
                    out[i][h * set.headDim + e] += weights[j - from] / total * head(v[j], kv)[e];
        }
    }
    return out;
}

/// x cos + rotate_half(x) sin, angles repeated for both halves.
std::function<Row(const Row&, std::size_t)> rotation(const Row& frequencies, double magnitude = 1.0)
{
    return [frequencies, magnitude](const Row& x, std::size_t position) {
        Row out = x;
        const std::size_t half = frequencies.size();
        for (std::size_t i = 0; i < 2 * half; ++i) {
            const double angle = static_cast<double>(position) * frequencies[i % half];
            const double other = i < half ? -x[i + half] : x[i - half];
            out[i] = magnitude * (x[i] * std::cos(angle) + other * std::sin(angle));
        }
        return out;
    };
}

Row plainFrequencies(double theta, std::size_t dims)
{
    Row out;
    for (std::size_t i = 0; i < dims; i += 2)
        out.push_back(std::pow(theta, -static_cast<double>(i) / static_cast<double>(dims)));
    return out;
}

Matrix embedded(const Weights& weights, const std::string& name,
                const std::vector<std::int64_t>& ids)
{
    Matrix out;
    for (const std::int64_t id : ids)
        out.push_back(weights.at(name)[static_cast<std::size_t>(id)]);
    return out;
}

Matrix headLogits(const Matrix& x, const Matrix& head)
{
    Weights one;
    one.tensors["head.weight"] = head;
    return linear(x, one, "head");
}

/// Qwen3 technical report, section 2: Llama's block without biases, with RMS norms of each query
/// and key head.
Matrix qwen3Logits(const Json& c, const Weights& w, const std::vector<std::int64_t>& ids)
{
    const double eps = c["rms_norm_eps"];
    const std::size_t headDim = c["head_dim"];
    Matrix x = embedded(w, "model.embed_tokens.weight", ids);
    for (int layer = 0; layer < c["num_hidden_layers"]; ++layer) {
        const std::string at = "model.layers." + std::to_string(layer) + ".";
        const auto norm = [&](const std::string& name) {
            return [&w, at, name, eps](const Row& row) {
                return rmsNorm(row, w.vector(at + name + ".weight"), eps, 0.0);
            };
        };
        const Matrix h = eachRow(x, norm("input_layernorm"));
        const AttentionSettings set{.heads = c["num_attention_heads"],
                                    .kvHeads = c["num_key_value_heads"],
                                    .headDim = headDim,
                                    .scale = 1.0 / std::sqrt(static_cast<double>(headDim)),
                                    .turn = rotation(plainFrequencies(c["rope_theta"], headDim)),
                                    .queryNorm = norm("self_attn.q_norm"),
                                    .keyNorm = norm("self_attn.k_norm")};
        const Matrix mixed =
            attention(linear(h, w, at + "self_attn.q_proj"), linear(h, w, at + "self_attn.k_proj"),
                      linear(h, w, at + "self_attn.v_proj"), set);
        x = sum(x, linear(mixed, w, at + "self_attn.o_proj"));
        const Matrix m = eachRow(x, norm("post_attention_layernorm"));
        x = sum(x, linear(product(linear(m, w, at + "mlp.gate_proj"),
                                  linear(m, w, at + "mlp.up_proj"), silu),
                          w, at + "mlp.down_proj"));
    }
    x = eachRow(
        x, [&](const Row& row) { return rmsNorm(row, w.vector("model.norm.weight"), eps, 0.0); });
    return headLogits(
        x, w.at(c["tie_word_embeddings"] ? "model.embed_tokens.weight" : "lm_head.weight"));
}

/// GPT-Neo as released (Black et al. 2021): scores without scaling, every other layer sees the last
/// window_size keys only, learned positions, no biases on q, k and v.
Matrix gptNeoLogits(const Json& c, const Weights& w, const std::vector<std::int64_t>& ids)
{
    const double eps = c["layer_norm_epsilon"];
    const std::size_t heads = c["num_heads"];
    const std::size_t headDim = c["hidden_size"].get<std::size_t>() / heads;
    const auto norm = [&](const std::string& name) {
        return [&w, name, eps](const Row& row) {
            return layerNorm(row, w.vector(name + ".weight"), w.vector(name + ".bias"), eps);
        };
    };
    Matrix x = embedded(w, "transformer.wte.weight", ids);
    const Matrix& positions = w.at("transformer.wpe.weight");
    x = sum(x,
            Matrix(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(x.size())));
    for (int layer = 0; layer < c["num_layers"]; ++layer) {
        const std::string at = "transformer.h." + std::to_string(layer) + ".";
        const std::string inner = at + "attn.attention.";
        const Matrix h = eachRow(x, norm(at + "ln_1"));
        const AttentionSettings set{.heads = heads,
                                    .kvHeads = heads,
                                    .headDim = headDim,
                                    .scale = 1.0,
                                    .window =
                                        layer % 2 == 1 ? c["window_size"].get<std::size_t>() : 0};
        const Matrix mixed =
            attention(linear(h, w, inner + "q_proj"), linear(h, w, inner + "k_proj"),
                      linear(h, w, inner + "v_proj"), set);
        x = sum(x, linear(mixed, w, inner + "out_proj"));
        const Matrix m =
            eachRow(linear(eachRow(x, norm(at + "ln_2")), w, at + "mlp.c_fc"), [](Row row) {
                for (double& value : row)
                    value = geluTanh(value);
                return row;
            });
        x = sum(x, linear(m, w, at + "mlp.c_proj"));
    }
    return headLogits(eachRow(x, norm("transformer.ln_f")), w.at("transformer.wte.weight"));
}

/// Phi-3 technical report, section 2: Llama's block with q, k, v in one matrix and gate, up in
/// another; LongRoPE (Ding et al. 2024) divides each frequency by a factor of its own and
/// multiplies cosine and sine by sqrt(1 + ln(s) / ln(L)), s being how much longer the context
/// became and L the original one.
Matrix phi3Logits(const Json& c, const Weights& w, const std::vector<std::int64_t>& ids)
{
    const double eps = c["rms_norm_eps"];
    const std::size_t heads = c["num_attention_heads"];
    const std::size_t kvHeads = c["num_key_value_heads"];
    const std::size_t headDim = c["hidden_size"].get<std::size_t>() / heads;
    const std::size_t mlpWidth = c["intermediate_size"];
    Row frequencies = plainFrequencies(c["rope_theta"], headDim);
    double magnitude = 1.0;
    if (c.contains("rope_scaling") && !c["rope_scaling"].is_null()) {
        const double original = c["original_max_position_embeddings"];
        const bool isLong = static_cast<double>(ids.size()) > original;
        const Json& factors = c["rope_scaling"][isLong ? "long_factor" : "short_factor"];
        for (std::size_t i = 0; i < frequencies.size(); ++i)
            frequencies[i] /= factors[i].get<double>();
        magnitude =
            std::sqrt(1.0 + std::log(c["max_position_embeddings"].get<double>() / original) /
                                std::log(original));
    }
    const auto norm = [&](const std::string& name) {
        return [&w, name, eps](const Row& row) {
            return rmsNorm(row, w.vector(name + ".weight"), eps, 0.0);
        };
    };
    Matrix x = embedded(w, "model.embed_tokens.weight", ids);
    for (int layer = 0; layer < c["num_hidden_layers"]; ++layer) {
        const std::string at = "model.layers." + std::to_string(layer) + ".";
        const Matrix qkv =
            linear(eachRow(x, norm(at + "input_layernorm")), w, at + "self_attn.qkv_proj");
        const std::size_t queries = heads * headDim;
        const std::size_t keys = kvHeads * headDim;
        const AttentionSettings set{
            .heads = heads,
            .kvHeads = kvHeads,
            .headDim = headDim,
            .scale = 1.0 / std::sqrt(static_cast<double>(headDim)),
            .window = c["sliding_window"].is_null() ? 0 : c["sliding_window"].get<std::size_t>(),
            .turn = rotation(frequencies, magnitude)};
        const Matrix mixed = attention(columns(qkv, 0, queries), columns(qkv, queries, keys),
                                       columns(qkv, queries + keys, keys), set);
        x = sum(x, linear(mixed, w, at + "self_attn.o_proj"));
        const Matrix both =
            linear(eachRow(x, norm(at + "post_attention_layernorm")), w, at + "mlp.gate_up_proj");
        x = sum(x,
                linear(product(columns(both, 0, mlpWidth), columns(both, mlpWidth, mlpWidth), silu),
                       w, at + "mlp.down_proj"));
    }
    return headLogits(eachRow(x, norm("model.norm")), w.at("lm_head.weight"));
}

/// Gemma (2403.08295, section 2) and Gemma 2 (2408.00118, section 2): embeddings times sqrt(width),
/// norms times 1 + w, GeGLU; the second with norms around each half, capped scores and logits, and
/// a window in every other layer, the first one included.
Matrix gemmaLogits(const Json& c, const Weights& w, const std::vector<std::int64_t>& ids)
{
    const bool second = c["model_type"] == "gemma2";
    const double eps = c["rms_norm_eps"];
    const std::size_t headDim = c["head_dim"];
    const auto norm = [&](const std::string& name) {
        return [&w, name, eps](const Row& row) {
            return rmsNorm(row, w.vector(name + ".weight"), eps, 1.0);
        };
    };
    Matrix x = eachRow(embedded(w, "model.embed_tokens.weight", ids), [&](Row row) {
        for (double& value : row)
            value *= std::sqrt(c["hidden_size"].get<double>());
        return row;
    });
    for (int layer = 0; layer < c["num_hidden_layers"]; ++layer) {
        const std::string at = "model.layers." + std::to_string(layer) + ".";
        AttentionSettings set{.heads = c["num_attention_heads"],
                              .kvHeads = c["num_key_value_heads"],
                              .headDim = headDim,
                              .scale = 1.0 / std::sqrt(static_cast<double>(headDim)),
                              .turn = rotation(plainFrequencies(c["rope_theta"], headDim))};
        if (second) {
            set.scale = 1.0 / std::sqrt(c["query_pre_attn_scalar"].get<double>());
            set.softCap = c["attn_logit_softcapping"];
            set.window = layer % 2 == 0 ? c["sliding_window"].get<std::size_t>() : 0;
        }
        const Matrix h = eachRow(x, norm(at + "input_layernorm"));
        Matrix half = linear(attention(linear(h, w, at + "self_attn.q_proj"),
                                       linear(h, w, at + "self_attn.k_proj"),
                                       linear(h, w, at + "self_attn.v_proj"), set),
                             w, at + "self_attn.o_proj");
        if (second)
            half = eachRow(half, norm(at + "post_attention_layernorm"));
        x = sum(x, half);
        const Matrix m = eachRow(
            x, norm(at + (second ? "pre_feedforward_layernorm" : "post_attention_layernorm")));
        half = linear(
            product(linear(m, w, at + "mlp.gate_proj"), linear(m, w, at + "mlp.up_proj"), geluTanh),
            w, at + "mlp.down_proj");
        if (second)
            half = eachRow(half, norm(at + "post_feedforward_layernorm"));
        x = sum(x, half);
    }
    Matrix logits = headLogits(eachRow(x, norm("model.norm")), w.at("model.embed_tokens.weight"));
    if (second)
        for (Row& row : logits)
            for (double& value : row)
                value = c["final_logit_softcapping"].get<double>() *
                        std::tanh(value / c["final_logit_softcapping"].get<double>());
    return logits;
}

using LogitsOf = Matrix (*)(const Json&, const Weights&, const std::vector<std::int64_t>&);

struct Definition {
    const char* name;
    LogitsOf logits;
    const char* config;
};

const std::vector<Definition> kDefinitions = {
    {"qwen3", &qwen3Logits,
     R"({"architectures": ["Qwen3ForCausalLM"], "vocab_size": 19, "hidden_size": 8,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 6,
         "intermediate_size": 10, "max_position_embeddings": 32, "rms_norm_eps": 1e-6,
         "rope_theta": 1000000.0, "tie_word_embeddings": false, "attention_bias": false,
         "use_sliding_window": false, "sliding_window": null, "max_window_layers": 2})"},
    {"qwen3 tied", &qwen3Logits,
     R"({"architectures": ["Qwen3ForCausalLM"], "vocab_size": 19, "hidden_size": 8,
         "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4,
         "intermediate_size": 10, "max_position_embeddings": 32, "rms_norm_eps": 1e-6,
         "rope_theta": 10000.0, "tie_word_embeddings": true})"},
    {"gpt_neo", &gptNeoLogits,
     R"({"architectures": ["GPTNeoForCausalLM"], "vocab_size": 19, "hidden_size": 8,
         "num_layers": 4, "num_heads": 2, "intermediate_size": null, "window_size": 3,
         "attention_types": [[["global", "local"], 2]], "max_position_embeddings": 32,
         "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new"})"},
    {"phi3", &phi3Logits,
     R"({"architectures": ["Phi3ForCausalLM"], "vocab_size": 19, "hidden_size": 8,
         "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
         "intermediate_size": 10, "max_position_embeddings": 32, "rms_norm_eps": 1e-5,
         "rope_theta": 10000.0, "sliding_window": 4, "tie_word_embeddings": false})"},
    {"phi3 of short and long texts", &phi3Logits,
     R"({"architectures": ["Phi3ForCausalLM"], "vocab_size": 19, "hidden_size": 8,
         "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
         "intermediate_size": 10, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
         "original_max_position_embeddings": 8, "rope_theta": 10000.0, "sliding_window": null,
         "rope_scaling": {"type": "longrope", "short_factor": [1.1, 1.7],
                          "long_factor": [2.3, 5.9]}})"},
    {"gemma", &gemmaLogits,
     R"({"architectures": ["GemmaForCausalLM"], "model_type": "gemma", "vocab_size": 19,
         "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 1, "head_dim": 6, "intermediate_size": 10,
         "max_position_embeddings": 32, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
         "hidden_act": "gelu"})"},
    {"gemma2", &gemmaLogits,
     R"({"architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "vocab_size": 19,
         "hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 4,
         "num_key_value_heads": 2, "head_dim": 6, "intermediate_size": 10,
         "max_position_embeddings": 32, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
         "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 10,
         "attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0, "sliding_window": 4})"},
};

Weights weightsOf(const Decoder& decoder)
{
    Weights weights;
    for (const Parameter& parameter : decoder.parameters()) {
        const at::Tensor flat =
            parameter.master.dim() == 1 ? parameter.master.unsqueeze(0) : parameter.master;
        Matrix& matrix = weights.tensors[parameter.name];
        for (std::int64_t r = 0; r < flat.size(0); ++r) {
            const at::Tensor row = flat[r].contiguous();
            matrix.emplace_back(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
        }
    }
    return weights;
}

/// Mean of -log p of the scored tokens.
double meanLoss(const Definition& definition, const Json& config, const Weights& weights,
                const std::vector<ScoredSample>& samples)
{
    double loss = 0;
    std::int64_t count = 0;
    for (const ScoredSample& sample : samples) {
        const Matrix logits = definition.logits(config, weights, sample.ids);
        for (std::size_t t = 1; t < sample.ids.size(); ++t) {
            if (!sample.scored[t])
                continue;
            double total = 0;
            for (const double logit : logits[t - 1])
                total += std::exp(logit);
            loss += std::log(total) - logits[t - 1][static_cast<std::size_t>(sample.ids[t])];
            ++count;
        }
    }
    return loss / static_cast<double>(count);
}

void addDefinitions()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < kDefinitions.size(); ++i)
        QTest::newRow(kDefinitions[i].name) << static_cast<int>(i);
}

} // namespace

/// Families of which no values are recorded agree with their definitions, computed a second time.
class TestPublishedDefinitions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void logitsAgree_data() { addDefinitions(); }
    void logitsAgree();
    void gradientsAreTheSlopeOfTheDefinition_data() { addDefinitions(); }
    void gradientsAreTheSlopeOfTheDefinition();
    void decodingStepByStepGivesTheSame_data() { addDefinitions(); }
    void decodingStepByStepGivesTheSame();
};

void TestPublishedDefinitions::logitsAgree()
{
    QFETCH(int, index);
    const Definition& definition = kDefinitions[static_cast<std::size_t>(index)];
    const Json config = Json::parse(definition.config);
    const auto decoder = tinyModel(readDecoderConfig(config, "config.json").value());
    const Weights weights = weightsOf(*decoder);
    const std::vector<std::vector<std::int64_t>> sequences = {randomIds(12, 1), randomIds(5, 2)};
    std::vector<at::Tensor> chunks;
    visitLogits(hiddenRows(*decoder, sequences), decoder->head(),
                [&](const at::Tensor& logits, std::int64_t) { chunks.push_back(logits.clone()); });
    const at::Tensor packed = at::cat(chunks);

    std::int64_t row = 0;
    double largest = 0;
    for (const auto& ids : sequences)
        for (const Row& wanted : definition.logits(config, weights, ids)) {
            for (std::size_t v = 0; v < wanted.size(); ++v)
                largest = std::max(
                    largest,
                    std::abs(wanted[v] - packed[row][static_cast<std::int64_t>(v)].item<double>()));
            ++row;
        }
    QCOMPARE(row, packed.size(0));
    // Both in float64: what is left is rounding in another order.
    QVERIFY2(largest <= 1e-10, qPrintable(QString::number(largest)));
}

void TestPublishedDefinitions::gradientsAreTheSlopeOfTheDefinition()
{
    QFETCH(int, index);
    const Definition& definition = kDefinitions[static_cast<std::size_t>(index)];
    const Json config = Json::parse(definition.config);
    const auto decoder = tinyModel(readDecoderConfig(config, "config.json").value());
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus(3);
    tokenMeanLoss(*decoder, samples).backward();
    Weights weights = weightsOf(*decoder);
    constexpr double kStep = 1e-5;
    for (const auto& [name, gradient] : gradientsOf(*decoder)) {
        // The elements with the largest and the smallest derivative of each tensor.
        const at::Tensor flat = gradient.reshape({-1});
        for (const at::Tensor& where : {flat.abs().argmax(), flat.abs().argmin()}) {
            const auto element = where.item<std::int64_t>();
            Matrix& matrix = weights.tensors.at(name);
            const auto width = static_cast<std::int64_t>(matrix.front().size());
            double& value = matrix[static_cast<std::size_t>(element / width)]
                                  [static_cast<std::size_t>(element % width)];
            const double kept = value;
            value = kept + kStep;
            const double above = meanLoss(definition, config, weights, samples);
            value = kept - kStep;
            const double below = meanLoss(definition, config, weights, samples);
            value = kept;
            const double slope = (above - below) / (2 * kStep);
            const double analytic = flat[element].item<double>();
            // The difference quotient's own error is of the order of the step's square.
            QVERIFY2(std::abs(slope - analytic) <= 1e-7 + 1e-5 * std::abs(slope),
                     qPrintable(QStringLiteral("%1[%2]: %3, not %4")
                                    .arg(shown(name))
                                    .arg(element)
                                    .arg(analytic)
                                    .arg(slope)));
        }
    }
}

void TestPublishedDefinitions::decodingStepByStepGivesTheSame()
{
    QFETCH(int, index);
    const Json config = Json::parse(kDefinitions[static_cast<std::size_t>(index)].config);
    const auto decoder = tinyModel(readDecoderConfig(config, "config.json").value());
    // Below the length at which LongRoPE takes its other factors, since keys keep theirs.
    const std::vector<std::int64_t> ids = randomIds(8, 4);
    const at::Tensor whole = hiddenRows(*decoder, {ids});
    KvCache cache;
    for (std::size_t t = 0; t < ids.size(); ++t) {
        const at::Tensor row =
            decoder->forwardCached(packSequences({{ids[t]}}, at::kCPU), {&cache});
        QVERIFY(largestDifference(row[0], whole[static_cast<std::int64_t>(t)]) <= 1e-10);
    }
}

QTEST_GUILESS_MAIN(TestPublishedDefinitions)
#include "tst_published_definitions.moc"
