#include "core/run/verify.h"

#include "core/base/json.h"
#include "core/methods/scored_batch.h"
#include "core/methods/terms.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/models/head.h"
#include "core/models/stored_tensor.h"
#include "core/probe/generation.h"
#include "core/run/optimizer.h"
#include "core/run/recorded_values.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

struct Tolerances {
    Tolerance values;
    Tolerance loss;
    Tolerance sums;
    Tolerance gradients;
    Tolerance training;
};

// The fixtures' README, "Suggested tolerances (float32)": rounding in another summation order stays
// an order of magnitude below each.
constexpr Tolerances kFloat32 = {.values = kValueTolerance,
                                 .loss = {2e-5, 1e-5},
                                 .sums = {5e-4, 1e-5},
                                 .gradients = {5e-5, 2e-4},
                                 .training = {5e-4, 1e-4}};
// bfloat16 rounds each factor and each product to 8 bits, by 2^-9 of its size at most. A single
// element may be a small difference of large ones, so that what is bounded is the error of a
// quantity as a whole, in the Euclidean norm: a few hundred such roundings, independent of each
// other, lie between a value and the weights. Training repeats them at every step and lets them
// grow.
constexpr double kBfloat16Values = 0.05;
// Where a ReLU's input is near zero, rounding turns the unit on or off: gradients of the recorded
// OPT models were 21 % off, those of all others 15 % at most.
constexpr double kBfloat16Gradients = 0.25;
constexpr double kBfloat16Losses = 0.02;
constexpr double kBfloat16Training = 0.1;

/// Compares element by element in float32, as a whole in bfloat16.
class Comparer {
public:
    Comparer(at::ScalarType precision, const ComparisonSink& sink)
        : m_precise(precision == at::kFloat), m_sink(sink)
    {
    }

    [[nodiscard]] bool isPrecise() const { return m_precise; }
    void values(const std::string& quantity, const at::Tensor& computed,
                const at::Tensor& recorded) const
    {
        check(quantity, computed, recorded, kFloat32.values, kBfloat16Values);
    }
    void gradient(const std::string& quantity, const at::Tensor& computed,
                  const at::Tensor& recorded) const
    {
        check(quantity, computed, recorded, kFloat32.gradients, kBfloat16Gradients);
    }
    void loss(const std::string& quantity, double computed, double recorded) const
    {
        check(quantity, asTensor({computed}), asTensor({recorded}), kFloat32.loss, kBfloat16Losses);
    }
    void sums(const std::string& quantity, const at::Tensor& computed,
              const at::Tensor& recorded) const
    {
        check(quantity, computed, recorded, kFloat32.sums, kBfloat16Losses);
    }
    void training(const std::string& quantity, const std::vector<double>& computed,
                  const std::vector<double>& recorded) const
    {
        check(quantity, asTensor(computed), asTensor(recorded), kFloat32.training,
              kBfloat16Training);
    }
    void ids(const std::string& quantity, const IdRows& computed, const IdRows& recorded) const
    {
        m_sink(compareIds(quantity, computed, recorded));
    }

    [[nodiscard]] static at::Tensor asTensor(const std::vector<double>& values)
    {
        return torch::tensor(values, at::kDouble);
    }

private:
    void check(const std::string& quantity, const at::Tensor& computed, const at::Tensor& recorded,
               Tolerance precise, double ofNorm) const
    {
        m_sink(m_precise ? compare(quantity, computed, recorded, precise)
                         : compareNorms(quantity, computed, recorded, ofNorm));
    }

    bool m_precise;
    const ComparisonSink& m_sink;
};

IdRows rowsOf(const at::Tensor& tensor)
{
    IdRows rows;
    const at::Tensor plain = tensor.to(at::kLong).contiguous();
    for (std::int64_t b = 0; b < plain.size(0); ++b) {
        const std::int64_t* data = plain[b].data_ptr<std::int64_t>();
        rows.emplace_back(data, data + plain.size(1));
    }
    return rows;
}

at::Tensor tokenMeanLoss(Decoder& decoder, const RecordedBatch& batch)
{
    ScoredBatch scored(decoder, batch.pointers());
    LikelihoodTerm term(+1.0);
    return term.contribution(scored, batch.normaliser());
}

/// All logits of \p batch, [N, V].
at::Tensor allLogits(Decoder& decoder, const at::Tensor& hidden)
{
    std::vector<at::Tensor> chunks;
    visitLogits(hidden, decoder.head(),
                [&](const at::Tensor& logits, std::int64_t) { chunks.push_back(logits.clone()); });
    return at::cat(chunks);
}

/// What a folder with tensors records, quantity by quantity.
class ParityCheck {
public:
    ParityCheck(std::filesystem::path model, const Json& recorded, const SafetensorsFile& tensors,
                at::ScalarType precision, const ComparisonSink& sink)
        : m_model(std::move(model)), m_recorded(recorded), m_tensors(tensors),
          m_precision(precision), m_compare(precision, sink)
    {
    }

    Status run()
    {
        if (const Status status = load(); !status)
            return status;
        for (const char* prefix : {"", "rp_", "lp_"})
            if (m_tensors.find(std::string(prefix) + "input_ids"))
                requireShapes(prefix);
        forwardPasses();
        gradients();
        for (const char* kind : {"train_sgd", "train_adamw"})
            if (m_recorded.contains(kind))
                if (const Status status = training(kind); !status)
                    return status;
        if (const Status status = load(); !status)
            return status;
        // Two tokens may be nearer to each other than bfloat16 can tell.
        if (m_compare.isPrecise())
            generations();
        return {};
    }

private:
    Status load()
    {
        Result<std::unique_ptr<Decoder>> loaded = loadDecoder(m_model, at::kCPU, m_precision);
        if (!loaded)
            return loaded.error();
        m_decoder = std::move(loaded).value();
        return {};
    }

    [[nodiscard]] at::Tensor recorded(const std::string& name) const
    {
        const TensorEntry* entry = m_tensors.find(name);
        if (!entry)
            throw ErrorException(Error{.code = ErrorCode::Corrupt,
                                       .message = "the recorded values lack " + name,
                                       .context = m_tensors.path().string()});
        return mappedTensor(*entry);
    }

    [[nodiscard]] RecordedBatch batch(const std::string& prefix) const
    {
        const bool masked = m_tensors.find(prefix + "attention_mask") != nullptr;
        return recordedBatch(prefix, rowsOf(recorded(prefix + "input_ids")),
                             masked ? rowsOf(recorded(prefix + "attention_mask")) : IdRows{},
                             rowsOf(recorded(prefix + "labels")), Padding::Drop,
                             m_decoder->config().vocabulary);
    }

    /// Throws when a pass is of another model, before it is computed.
    void requireShapes(const std::string& prefix) const
    {
        const DecoderConfig& config = m_decoder->config();
        const at::Tensor ids = recorded(prefix + "input_ids");
        if (ids.dim() != 2)
            requireShape(prefix + "input_ids", {1, ids.numel()}, ids.sizes());
        const std::int64_t rows = ids.size(0);
        const std::int64_t length = ids.size(1);
        struct Wanted {
            const char* name;
            std::vector<std::int64_t> shape;
        };
        for (const Wanted& wanted : {
                 Wanted{"labels", {rows, length}},
                 Wanted{"attention_mask", {rows, length}},
                 Wanted{"logits", {rows, length, config.vocabulary}},
                 Wanted{"block_input", {rows, length, config.width}},
                 Wanted{"block_outputs", {config.layers, rows, length, config.width}},
                 Wanted{"head_input", {rows, length, config.embeddedWidth()}},
                 Wanted{"token_logprobs", {rows, length - 1}},
             })
            if (m_tensors.find(prefix + wanted.name))
                requireShape(prefix + wanted.name, wanted.shape,
                             recorded(prefix + wanted.name).sizes());
    }

    /// The rows of a [B, T, ...] tensor whose mask is 1, end to end.
    [[nodiscard]] at::Tensor realRows(const at::Tensor& values, const std::string& prefix) const
    {
        const at::Tensor flat = values.reshape({-1, values.size(-1)});
        if (!m_tensors.find(prefix + "attention_mask"))
            return flat;
        const at::Tensor mask = recorded(prefix + "attention_mask").reshape({-1}).to(at::kBool);
        return flat.index_select(0, mask.nonzero().squeeze(1));
    }

    void forwardPasses()
    {
        const at::NoGradGuard noGrad;
        struct Pass {
            const char* prefix;
            const char* key;
        };
        for (const Pass& pass :
             {Pass{"", "unpadded"}, Pass{"rp_", "right_padded"}, Pass{"lp_", "left_padded"}}) {
            if (!m_tensors.find(std::string(pass.prefix) + "logits"))
                continue;
            const std::string label = std::string(pass.key) + " ";
            const RecordedBatch samples = batch(pass.prefix);
            IdRows sequences;
            for (const ScoredSample& sample : samples.samples)
                sequences.push_back(sample.ids);
            const PackedBatch packed = packSequences(sequences, at::kCPU);
            std::vector<at::Tensor> blocks;
            const at::Tensor hidden = m_decoder->forward(packed, &blocks);
            m_compare.values(label + "logits", allLogits(*m_decoder, hidden),
                             realRows(recorded(std::string(pass.prefix) + "logits"), pass.prefix));
            if (*pass.prefix == '\0') {
                m_compare.values("block input", m_decoder->embed(packed),
                                 realRows(recorded("block_input"), ""));
                const at::Tensor outputs = recorded("block_outputs");
                for (std::size_t layer = 0; layer < blocks.size(); ++layer)
                    m_compare.values("block output " + std::to_string(layer), blocks[layer],
                                     realRows(outputs[static_cast<std::int64_t>(layer)], ""));
                m_compare.values("head input", hidden, realRows(recorded("head_input"), ""));
            }
            ScoredBatch scored(*m_decoder, samples.pointers());
            const at::Tensor tokens = scored.tokenLogProbs();
            if (m_tensors.find(std::string(pass.prefix) + "token_logprobs")) {
                const at::Tensor all = recorded(std::string(pass.prefix) + "token_logprobs");
                m_compare.values(
                    label + "token log-probabilities", tokens,
                    all.reshape({-1}).index_select(0, all.reshape({-1}).nonzero().squeeze(1)));
            }
            const Json& values = m_recorded.at(pass.key);
            m_compare.loss(label + "loss",
                           scored.summedNll(scored.sequenceCount()) / samples.normaliser().tokens,
                           values.at("loss").get<double>());
            const at::Tensor sums =
                torch::tensor(values.at("sum_logprob").get<std::vector<double>>(), at::kDouble);
            m_compare.sums(label + "sequence log-probabilities", scored.perSequence(tokens), sums);
        }
    }

    void gradients()
    {
        m_decoder->trainAll();
        tokenMeanLoss(*m_decoder, batch("rp_")).backward();
        std::vector<double> norms;
        std::vector<double> recordedNorms;
        for (const Parameter& parameter : m_decoder->parameters()) {
            if (!m_recorded.at("grad").contains(parameter.name))
                continue;
            norms.push_back(parameter.gradient.norm().item<double>());
            recordedNorms.push_back(m_recorded["grad"][parameter.name].at("l2").get<double>());
            if (m_tensors.find("grad." + parameter.name))
                compareGradient(parameter);
        }
        m_compare.gradient("gradient norm of every parameter", Comparer::asTensor(norms),
                           Comparer::asTensor(recordedNorms));
        m_compare.gradient("gradient norm in all",
                           Comparer::asTensor({gradientNorm(m_decoder->parameters())}),
                           Comparer::asTensor({m_recorded.at("grad_total_l2").get<double>()}));
    }

    void compareGradient(const Parameter& parameter) const
    {
        const at::Tensor wanted = recorded("grad." + parameter.name);
        // A key bias without rotary positions has a gradient of zero: there is nothing to measure
        // its rounding by.
        constexpr double kZero = 1e-4;
        if (!m_compare.isPrecise() && wanted.abs().max().item<double>() < kZero)
            return;
        m_compare.gradient("gradient of " + parameter.name, parameter.gradient, wanted);
    }

    Status training(const char* kind)
    {
        if (const Status status = load(); !status)
            return status;
        m_decoder->trainAll();
        const Json& record = m_recorded.at(kind);
        const bool adam = record.contains("betas");
        OptimizerOptions options{.kind = adam ? OptimizerKind::AdamW : OptimizerKind::Sgd,
                                 .weightDecay = record.value("weight_decay", 0.0),
                                 .decayAll = true};
        if (adam) {
            options.beta1 = record.at("betas").at(0).get<double>();
            options.beta2 = record.at("betas").at(1).get<double>();
            options.epsilon = record.at("eps").get<double>();
        }
        Optimizer optimizer(m_decoder->parameters(), options);
        const auto wanted = record.at("losses").get<std::vector<double>>();
        const RecordedBatch samples = batch("rp_");
        std::vector<double> losses;
        for (std::size_t step = 0; step < wanted.size(); ++step) {
            m_decoder->clearGradients();
            const at::Tensor loss = tokenMeanLoss(*m_decoder, samples);
            losses.push_back(loss.item<double>());
            loss.backward();
            optimizer.step(record.at("lr").get<double>());
            m_decoder->refresh();
        }
        m_compare.training(adam ? "AdamW losses" : "SGD losses", losses, wanted);
        return {};
    }

    void generations()
    {
        if (!m_recorded.contains("generation"))
            return;
        for (const auto& [name, record] : m_recorded["generation"].items()) {
            IdRows prompts = record.at("input_ids").get<IdRows>();
            if (record.contains("attention_mask")) {
                const auto mask = record["attention_mask"].get<IdRows>();
                requireRowsLike(name + " attention_mask", mask, prompts);
                for (std::size_t b = 0; b < prompts.size(); ++b) {
                    std::vector<std::int64_t> real;
                    for (std::size_t t = 0; t < prompts[b].size(); ++t)
                        if (mask[b][t] != 0)
                            real.push_back(prompts[b][t]);
                    prompts[b] = real;
                }
            }
            for (const auto& prompt : prompts)
                requireIds(name + " input_ids", prompt, m_decoder->config().vocabulary);
            GenerationOptions options{
                .maxNewTokens = record.at("max_new_tokens").get<std::int64_t>(), .keepStop = true};
            if (record.contains("eos_token_id"))
                options.stopIds = {record["eos_token_id"].get<std::int64_t>()};
            IdRows computed;
            std::size_t longest = 0;
            for (const Generation& generation : generate(*m_decoder, prompts, options)) {
                computed.push_back(generation.ids());
                longest = std::max(longest, computed.back().size());
            }
            if (record.contains("pad_token_id"))
                for (auto& row : computed)
                    row.resize(longest, record["pad_token_id"].get<std::int64_t>());
            m_compare.ids("greedy text, " + name, computed,
                          record.at("continuation").get<IdRows>());
        }
    }

    std::filesystem::path m_model;
    const Json& m_recorded;
    const SafetensorsFile& m_tensors;
    at::ScalarType m_precision;
    Comparer m_compare;
    std::unique_ptr<Decoder> m_decoder;
};

/// An expected.json without tensors: greedy ids, the next token's logits and per-token losses.
Status verifyText(const std::filesystem::path& model, const Json& record, at::ScalarType precision,
                  const ComparisonSink& sink)
{
    Result<std::unique_ptr<Decoder>> loaded = loadDecoder(model, at::kCPU, precision);
    if (!loaded)
        return loaded.error();
    Decoder& decoder = **loaded;
    const Comparer comparer(precision, sink);
    const at::NoGradGuard noGrad;
    const std::int64_t vocabulary = decoder.config().vocabulary;
    const auto prompt = record.at("prompt_ids").get<std::vector<std::int64_t>>();
    requireIds("prompt_ids", prompt, vocabulary);
    if (record.contains("next_token_top5")) {
        const at::Tensor hidden = decoder.forward(packSequences({prompt}, at::kCPU));
        const at::Tensor logits = allLogits(decoder, hidden.narrow(0, hidden.size(0) - 1, 1))[0];
        std::vector<double> computed;
        std::vector<double> wanted;
        for (const Json& pair : record["next_token_top5"]) {
            const auto id = pair.at(0).get<std::int64_t>();
            requireIds("next_token_top5", {id}, vocabulary);
            computed.push_back(logits[id].item<double>());
            wanted.push_back(pair.at(1).get<double>());
        }
        comparer.values("logits of the likeliest next tokens", Comparer::asTensor(computed),
                        Comparer::asTensor(wanted));
    }
    auto wanted = record.at("greedy_ids").get<std::vector<std::int64_t>>();
    if (wanted.size() > prompt.size() && std::equal(prompt.begin(), prompt.end(), wanted.begin()))
        wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(prompt.size()));
    if (precision == at::kFloat) {
        const auto generated =
            generate(decoder, {prompt}, {.maxNewTokens = static_cast<std::int64_t>(wanted.size())});
        comparer.ids("greedy text", {generated.front().ids()}, {wanted});
    }
    if (!record.contains("passages"))
        return {};
    for (const Json& passage : record["passages"]) {
        const auto ids = passage.at("ids").get<std::vector<std::int64_t>>();
        const std::string name = passage.value("name", "a passage");
        requireIds(name + " ids", ids, vocabulary);
        ScoredSample sample{.ids = ids, .scored = std::vector<std::uint8_t>(ids.size(), 1)};
        sample.scored[0] = 0;
        ScoredBatch scored(decoder, {&sample});
        comparer.values("token losses of " + name, scored.tokenLogProbs().neg(),
                        Comparer::asTensor(passage.at("token_nll").get<std::vector<double>>()));
    }
    return {};
}

} // namespace

Status verifyModel(const std::filesystem::path& model, const std::filesystem::path& expected,
                   VerifyPrecision precision, const ComparisonSink& sink)
{
    prepareTorch();
    const at::ScalarType type = precision == VerifyPrecision::Float32 ? at::kFloat : at::kBFloat16;
    const auto file = expected / "expected.json";
    const Result<Json> record = readJsonFile(file);
    if (!record)
        return record.error();
    return readRecorded(file, [&]() -> Status {
        std::error_code ignored;
        if (!std::filesystem::exists(expected / "expected.safetensors", ignored))
            return verifyText(model, *record, type, sink);
        const Result<SafetensorsFile> tensors =
            SafetensorsFile::open(expected / "expected.safetensors");
        if (!tensors)
            return tensors.error();
        return ParityCheck(model, *record, *tensors, type, sink).run();
    });
}

} // namespace lacuna
