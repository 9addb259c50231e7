#include "core/run/verify.h"

#include "core/base/json.h"
#include "core/methods/scored_batch.h"
#include "core/methods/terms.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/models/head.h"
#include "core/probe/generation.h"
#include "core/run/optimizer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lacuna {
namespace {

struct Tolerance {
    double absolute;
    double relative;
};

// The fixtures' README, "Suggested tolerances (float32)": rounding in another summation order stays
// an order of magnitude below each.
constexpr Tolerance kValues{1e-4, 1e-4};
constexpr Tolerance kLoss{2e-5, 1e-5};
constexpr Tolerance kSums{5e-4, 1e-5};
constexpr Tolerance kGradients{5e-5, 2e-4};
constexpr Tolerance kTraining{5e-4, 1e-4};
constexpr Tolerance kTrajectoryLoss{0, 1e-3};
constexpr Tolerance kTrajectoryNorm{0, 2e-3};

Comparison compare(std::string quantity, const at::Tensor& computed, const at::Tensor& recorded,
                   Tolerance tolerance)
{
    Comparison result{.quantity = std::move(quantity),
                      .absolute = tolerance.absolute,
                      .relative = tolerance.relative};
    if (computed.sizes() != recorded.sizes()) {
        result.difference = result.worst = INFINITY;
        return result;
    }
    const at::Tensor want = recorded.to(at::kCPU, at::kDouble);
    const at::Tensor difference = (computed.detach().to(at::kCPU, at::kDouble) - want).abs();
    const at::Tensor allowed = want.abs() * tolerance.relative + tolerance.absolute;
    result.difference = difference.max().item<double>();
    result.worst = (difference / allowed.clamp_min(1e-30)).max().item<double>();
    result.passed = result.worst <= 1.0;
    return result;
}

Comparison compare(std::string quantity, const std::vector<double>& computed,
                   const std::vector<double>& recorded, Tolerance tolerance)
{
    return compare(std::move(quantity), torch::tensor(computed, at::kDouble),
                   torch::tensor(recorded, at::kDouble), tolerance);
}

Comparison compareIds(std::string quantity, const std::vector<std::vector<std::int64_t>>& computed,
                      const std::vector<std::vector<std::int64_t>>& recorded)
{
    Comparison result{.quantity = std::move(quantity)};
    for (std::size_t i = 0; i < std::max(computed.size(), recorded.size()); ++i) {
        const bool both = i < computed.size() && i < recorded.size();
        const std::size_t length = both ? std::max(computed[i].size(), recorded[i].size()) : 1;
        for (std::size_t t = 0; t < length; ++t)
            if (!both || t >= computed[i].size() || t >= recorded[i].size() ||
                computed[i][t] != recorded[i][t])
                result.difference += 1;
    }
    result.worst = result.difference;
    result.passed = result.difference == 0;
    return result;
}

/// Recorded rows as samples: padding is dropped, or kept as rows that see only real keys.
enum class Padding : std::uint8_t { Drop, Keep };

struct RecordedBatch {
    std::vector<ScoredSample> samples;

    [[nodiscard]] std::vector<const ScoredSample*> pointers() const
    {
        std::vector<const ScoredSample*> out;
        for (const ScoredSample& sample : samples)
            out.push_back(&sample);
        return out;
    }
    [[nodiscard]] Normaliser normaliser() const
    {
        Normaliser n{.tokens = 0, .sequences = static_cast<double>(samples.size()), .rows = 0};
        for (const ScoredSample& sample : samples) {
            n.tokens += static_cast<double>(sample.scoredCount());
            n.rows += static_cast<double>(sample.ids.size());
        }
        return n;
    }
};

using IdRows = std::vector<std::vector<std::int64_t>>;

RecordedBatch recordedBatch(const IdRows& ids, const IdRows& mask, const IdRows& labels,
                            Padding padding)
{
    RecordedBatch batch;
    for (std::size_t b = 0; b < ids.size(); ++b) {
        ScoredSample sample{.index = static_cast<std::int64_t>(b)};
        std::int64_t real = 0;
        for (std::size_t t = 0; t < ids[b].size(); ++t) {
            const bool visible = mask.empty() || mask[b][t] != 0;
            real += visible ? 1 : 0;
            if (!visible && padding == Padding::Drop)
                continue;
            sample.ids.push_back(ids[b][t]);
            sample.scored.push_back(visible && labels[b][t] != -100 && sample.ids.size() > 1 ? 1
                                                                                             : 0);
        }
        if (real < static_cast<std::int64_t>(sample.ids.size()))
            sample.visibleKeys = real;
        batch.samples.push_back(std::move(sample));
    }
    return batch;
}

IdRows rowsOf(const at::Tensor& tensor)
{
    IdRows rows;
    const at::Tensor plain = tensor.contiguous();
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

class ParityCheck {
public:
    ParityCheck(std::filesystem::path model, const Json& recorded, const SafetensorsFile& tensors,
                const ComparisonSink& sink)
        : m_model(std::move(model)), m_recorded(recorded), m_tensors(tensors), m_sink(sink)
    {
    }

    Status run()
    {
        if (const Status status = load(); !status)
            return status;
        forwardPasses();
        gradients();
        for (const char* kind : {"train_sgd", "train_adamw"})
            if (m_recorded.contains(kind))
                if (const Status status = training(kind); !status)
                    return status;
        if (const Status status = load(); !status)
            return status;
        generations();
        return {};
    }

private:
    Status load()
    {
        Result<std::unique_ptr<Decoder>> loaded = loadDecoder(m_model, at::kCPU, at::kFloat);
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
        return recordedBatch(rowsOf(recorded(prefix + "input_ids")),
                             masked ? rowsOf(recorded(prefix + "attention_mask")) : IdRows{},
                             rowsOf(recorded(prefix + "labels")), Padding::Drop);
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
            m_sink(compare(label + "logits", allLogits(*m_decoder, hidden),
                           realRows(recorded(std::string(pass.prefix) + "logits"), pass.prefix),
                           kValues));
            if (*pass.prefix == '\0') {
                m_sink(compare("block input", m_decoder->embed(packed),
                               realRows(recorded("block_input"), ""), kValues));
                const at::Tensor outputs = recorded("block_outputs");
                for (std::size_t layer = 0; layer < blocks.size(); ++layer)
                    m_sink(compare("block output " + std::to_string(layer), blocks[layer],
                                   realRows(outputs[static_cast<std::int64_t>(layer)], ""),
                                   kValues));
                m_sink(
                    compare("head input", hidden, realRows(recorded("head_input"), ""), kValues));
            }
            ScoredBatch scored(*m_decoder, samples.pointers());
            const at::Tensor tokens = scored.tokenLogProbs();
            if (m_tensors.find(std::string(pass.prefix) + "token_logprobs")) {
                const at::Tensor all = recorded(std::string(pass.prefix) + "token_logprobs");
                m_sink(compare(
                    label + "token log-probabilities", tokens,
                    all.reshape({-1}).index_select(0, all.reshape({-1}).nonzero().squeeze(1)),
                    kValues));
            }
            const Json& values = m_recorded.at(pass.key);
            m_sink(compare(label + "loss", {scored.summedNll() / samples.normaliser().tokens},
                           {values.at("loss").get<double>()}, kLoss));
            const at::Tensor sums =
                torch::tensor(values.at("sum_logprob").get<std::vector<double>>(), at::kDouble);
            m_sink(compare(label + "sequence log-probabilities", scored.perSequence(tokens), sums,
                           kSums));
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
                m_sink(compare("gradient of " + parameter.name, parameter.gradient,
                               recorded("grad." + parameter.name), kGradients));
        }
        m_sink(compare("gradient norm of every parameter", norms, recordedNorms, kGradients));
        m_sink(compare("gradient norm in all", {gradientNorm(m_decoder->parameters())},
                       {m_recorded.at("grad_total_l2").get<double>()}, kGradients));
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
            options.beta1 = record["betas"][0].get<double>();
            options.beta2 = record["betas"][1].get<double>();
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
        m_sink(compare(adam ? "AdamW losses" : "SGD losses", losses, wanted, kTraining));
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
                for (std::size_t b = 0; b < prompts.size(); ++b) {
                    std::vector<std::int64_t> real;
                    for (std::size_t t = 0; t < prompts[b].size(); ++t)
                        if (mask[b][t] != 0)
                            real.push_back(prompts[b][t]);
                    prompts[b] = real;
                }
            }
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
            m_sink(compareIds("greedy text, " + name, computed,
                              record.at("continuation").get<IdRows>()));
        }
    }

    std::filesystem::path m_model;
    const Json& m_recorded;
    const SafetensorsFile& m_tensors;
    const ComparisonSink& m_sink;
    std::unique_ptr<Decoder> m_decoder;
};

/// An expected.json without tensors: greedy ids, the next token's logits and per-token losses.
Status verifyText(const std::filesystem::path& model, const Json& record,
                  const ComparisonSink& sink)
{
    Result<std::unique_ptr<Decoder>> loaded = loadDecoder(model, at::kCPU, at::kFloat);
    if (!loaded)
        return loaded.error();
    Decoder& decoder = **loaded;
    const at::NoGradGuard noGrad;
    const auto prompt = record.at("prompt_ids").get<std::vector<std::int64_t>>();
    if (record.contains("next_token_top5")) {
        const at::Tensor hidden = decoder.forward(packSequences({prompt}, at::kCPU));
        const at::Tensor logits = allLogits(decoder, hidden.narrow(0, hidden.size(0) - 1, 1))[0];
        std::vector<double> computed;
        std::vector<double> wanted;
        for (const Json& pair : record["next_token_top5"]) {
            computed.push_back(logits[pair[0].get<std::int64_t>()].item<double>());
            wanted.push_back(pair[1].get<double>());
        }
        sink(compare("logits of the likeliest next tokens", computed, wanted, kValues));
    }
    auto wanted = record.at("greedy_ids").get<std::vector<std::int64_t>>();
    if (wanted.size() > prompt.size() && std::equal(prompt.begin(), prompt.end(), wanted.begin()))
        wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(prompt.size()));
    const auto generated =
        generate(decoder, {prompt}, {.maxNewTokens = static_cast<std::int64_t>(wanted.size())});
    sink(compareIds("greedy text", {generated.front().ids()}, {wanted}));
    if (!record.contains("passages"))
        return {};
    for (const Json& passage : record["passages"]) {
        const auto ids = passage.at("ids").get<std::vector<std::int64_t>>();
        ScoredSample sample{.ids = ids, .scored = std::vector<std::uint8_t>(ids.size(), 1)};
        sample.scored[0] = 0;
        ScoredBatch scored(decoder, {&sample});
        sink(compare("token losses of " + passage.value("name", "a passage"),
                     scored.tokenLogProbs().neg(),
                     torch::tensor(passage.at("token_nll").get<std::vector<double>>(), at::kDouble),
                     kValues));
    }
    return {};
}

/// A recorded method as terms on the recorded batches.
struct RecordedMethod {
    std::unique_ptr<Term> forget;
    std::unique_ptr<Term> retain;
    double maxNorm = 0;
};

std::optional<RecordedMethod> recordedMethod(const std::string& name, const Json& hyper)
{
    const auto likelihood = [](double sign) { return std::make_unique<LikelihoodTerm>(sign); };
    if (name == "ga")
        return RecordedMethod{.forget = likelihood(-1.0)};
    if (name == "grad_diff")
        return RecordedMethod{.forget = likelihood(-1.0), .retain = likelihood(+1.0)};
    if (name == "grad_diff_clip1")
        return RecordedMethod{
            .forget = likelihood(-1.0), .retain = likelihood(+1.0), .maxNorm = 1.0};
    if (name == "grad_diff_kl")
        return RecordedMethod{.forget = likelihood(-1.0),
                              .retain = std::make_unique<DivergenceTerm>(DivergencePositions::All)};
    if (name == "npo")
        return RecordedMethod{.forget =
                                  std::make_unique<NpoTerm>(hyper.at("npo_beta").get<double>()),
                              .retain = likelihood(+1.0)};
    return std::nullopt;
}

RecordedBatch trajectoryBatch(const Json& batch, Padding padding)
{
    return recordedBatch(batch.at("input_ids").get<IdRows>(),
                         batch.at("attention_mask").get<IdRows>(), batch.at("labels").get<IdRows>(),
                         padding);
}

Status replay(const std::filesystem::path& model, const Json& document, const std::string& name,
              RecordedMethod method, const ComparisonSink& sink)
{
    Result<std::unique_ptr<Decoder>> loaded = loadDecoder(model, at::kCPU, at::kFloat);
    if (!loaded)
        return loaded.error();
    Decoder& decoder = **loaded;
    decoder.trainAll();
    const RecordedBatch forget =
        trajectoryBatch(document.at("batches").at("forget"), Padding::Drop);
    const RecordedBatch retain =
        trajectoryBatch(document.at("batches").at("retain"),
                        name == "grad_diff_kl" ? Padding::Keep : Padding::Drop);
    const auto proceed = [](double) { return true; };
    method.forget->prepare({decoder, forget.samples, 2048, proceed});
    if (method.retain)
        method.retain->prepare({decoder, retain.samples, 2048, proceed});

    const Json& record = document.at("methods").at(name);
    const auto wantedLosses = record.at("losses").get<std::vector<double>>();
    const auto wantedNorms = record.at("grad_l2").get<std::vector<double>>();
    Optimizer optimizer(decoder.parameters(), {});
    std::vector<double> losses;
    std::vector<double> norms;
    for (std::size_t step = 0; step < wantedLosses.size(); ++step) {
        decoder.clearGradients();
        ScoredBatch forgetBatch(decoder, forget.pointers());
        at::Tensor loss = method.forget->contribution(forgetBatch, forget.normaliser());
        if (method.retain) {
            ScoredBatch retainBatch(decoder, retain.pointers());
            loss = loss + method.retain->contribution(retainBatch, retain.normaliser());
        }
        losses.push_back(loss.item<double>());
        loss.backward();
        norms.push_back(gradientNorm(decoder.parameters()));
        if (method.maxNorm > 0 && norms.back() > method.maxNorm)
            scaleGradients(decoder.parameters(), method.maxNorm / (norms.back() + 1e-6));
        optimizer.step(document.at("lr").get<double>());
        decoder.refresh();
    }
    norms.resize(wantedNorms.size());
    sink(compare(name + " losses", losses, wantedLosses, kTrajectoryLoss));
    sink(compare(name + " gradient norms", norms, wantedNorms, kTrajectoryNorm));
    if (record.contains("forget_sum_logprob_after") && wantedLosses.size() > wantedNorms.size()) {
        // The last loss is taken before an update that was not made.
        return {};
    }
    if (record.contains("forget_sum_logprob_after")) {
        const at::NoGradGuard noGrad;
        ScoredBatch after(decoder, forget.pointers());
        sink(compare(name + " forget log-probabilities after",
                     after.perSequence(after.tokenLogProbs()),
                     torch::tensor(record["forget_sum_logprob_after"].get<std::vector<double>>(),
                                   at::kDouble),
                     kTrajectoryLoss));
    }
    return {};
}

/// Json access on recorded files throws on what is missing; that is the file's fault, not ours.
template <class Body> Status reading(const std::filesystem::path& file, Body body)
{
    try {
        return body();
    } catch (const Json::exception& failure) {
        return Error{.code = ErrorCode::Corrupt,
                     .message =
                         std::string("the recorded values are incomplete: ") + failure.what(),
                     .context = file.string()};
    }
}

} // namespace

Status verifyModel(const std::filesystem::path& model, const std::filesystem::path& expected,
                   const ComparisonSink& sink)
{
    prepareTorch();
    const auto file = expected / "expected.json";
    const Result<Json> record = readJsonFile(file);
    if (!record)
        return record.error();
    return reading(file, [&]() -> Status {
        std::error_code ignored;
        if (!std::filesystem::exists(expected / "expected.safetensors", ignored))
            return verifyText(model, *record, sink);
        const Result<SafetensorsFile> tensors =
            SafetensorsFile::open(expected / "expected.safetensors");
        if (!tensors)
            return tensors.error();
        return ParityCheck(model, *record, *tensors, sink).run();
    });
}

Status verifyTrajectory(const std::filesystem::path& model, const std::filesystem::path& trajectory,
                        const ComparisonSink& sink)
{
    prepareTorch();
    const Result<Json> document = readJsonFile(trajectory);
    if (!document)
        return document.error();
    return reading(trajectory, [&]() -> Status {
        std::vector<std::string> missing;
        for (const auto& [name, record] : document->at("methods").items()) {
            std::optional<RecordedMethod> method =
                recordedMethod(name, document->at("hyperparameters"));
            if (!method) {
                missing.push_back(name);
                continue;
            }
            if (const Status status = replay(model, *document, name, std::move(*method), sink);
                !status)
                return status;
        }
        if (missing.empty())
            return {};
        std::string names;
        for (const std::string& name : missing)
            names += (names.empty() ? "" : ", ") + name;
        return Error{.code = ErrorCode::Unsupported,
                     .message =
                         "these recorded methods are not there yet and were not replayed: " + names,
                     .context = trajectory.string()};
    });
}

} // namespace lacuna
