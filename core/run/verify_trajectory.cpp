#include "core/run/verify.h"

#include "core/base/json.h"
#include "core/methods/answer_terms.h"
#include "core/methods/residual_terms.h"
#include "core/methods/scored_batch.h"
#include "core/methods/terms.h"
#include "core/methods/token_terms.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/run/optimizer.h"
#include "core/run/recorded_values.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace lacuna {
namespace {

// As in verify.cpp, for six steps of training.
constexpr Tolerance kTrajectoryLoss{0, 1e-3};
constexpr Tolerance kTrajectoryNorm{0, 2e-3};

/// A recorded method as terms on the recorded batches.
struct RecordedMethod {
    std::unique_ptr<Term> forget;
    std::unique_ptr<Term> retain;
    double maxNorm = 0;
    double forgetWeight = 1;
    double retainWeight = 1;
    Padding padding = Padding::Drop;
};

/// \param direction  the random one of rmu
RecordedMethod misdirection(const Json& hyper, const Json& direction, ResidualMean mean)
{
    const auto layer = hyper.at("rmu_layer").get<std::int64_t>();
    return {.forget = std::make_unique<MisdirectionTerm>(MisdirectionTerm::Settings{
                .layer = layer,
                .coefficient = hyper.at("rmu_c").get<double>(),
                .mean = mean,
                .direction = torch::tensor(direction.get<std::vector<double>>(), at::kDouble)}),
            .retain = std::make_unique<ResidualDriftTerm>(layer, mean),
            .retainWeight = hyper.at("rmu_alpha").get<double>(),
            .padding = mean == ResidualMean::AllRows ? Padding::Keep : Padding::Drop};
}

std::optional<RecordedMethod> recordedMethod(const std::string& name, const Json& document)
{
    const Json& hyper = document.at("hyperparameters");
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
                              .retain = std::make_unique<DivergenceTerm>(RowChoice::All),
                              .padding = Padding::Keep};
    if (name == "npo")
        return RecordedMethod{.forget =
                                  std::make_unique<NpoTerm>(hyper.at("npo_beta").get<double>()),
                              .retain = likelihood(+1.0)};
    const auto number = [&](const char* key) { return hyper.at(key).get<double>(); };
    const auto weighted = [](double beta1, double beta2) {
        return std::make_unique<WeightedAscentTerm>(
            [=](const at::Tensor& logProbs, const ScoredBatch&) {
                return saturationImportance(logProbs, beta1, beta2);
            });
    };
    if (name == "simnpo")
        return RecordedMethod{
            .forget = std::make_unique<SimNpoTerm>(number("simnpo_beta"), number("simnpo_delta")),
            .retain = likelihood(+1.0),
            .forgetWeight = number("simnpo_gamma")};
    if (name == "wga")
        return RecordedMethod{.forget = weighted(number("wga_beta"), 0),
                              .retain = likelihood(+1.0)};
    if (name == "satimp")
        return RecordedMethod{.forget = weighted(number("satimp_beta1"), number("satimp_beta2")),
                              .retain = likelihood(+1.0),
                              .forgetWeight = number("satimp_gamma")};
    if (name == "undial")
        return RecordedMethod{.forget = std::make_unique<UndialTerm>(number("undial_beta"))};
    if (name == "dpo_two_over_beta")
        return RecordedMethod{
            .forget = std::make_unique<DpoTerm>(number("dpo_beta"), 2 / number("dpo_beta")),
            .retain = likelihood(+1.0)};
    if (name == "idk_sum")
        return RecordedMethod{.forget = std::make_unique<LikelihoodTerm>(
                                  +1.0, TermInput{.own = false, .alternates = 1}),
                              .retain = likelihood(+1.0)};
    if (name == "rmu_masked")
        return misdirection(hyper, document.at("rmu_unit_vector"), ResidualMean::Sequences);
    if (name == "rmu_outer")
        return misdirection(hyper, document.at("rmu_unit_vector"), ResidualMean::Crossed);
    if (name == "rmu_plain")
        return misdirection(hyper, document.at("rmu_unit_vector"), ResidualMean::AllRows);
    if (name == "ceu")
        return RecordedMethod{.forget = std::make_unique<CrossEntropyUnlearningTerm>(
                                  hyper.at("ceu_skip_first").get<std::int64_t>())};
    return std::nullopt;
}

RecordedBatch trajectoryBatch(const Json& document, const std::string& set, Padding padding,
                              std::int64_t vocabulary)
{
    const Json& batch = document.at("batches").at(set);
    return recordedBatch(set + " ", batch.at("input_ids").get<IdRows>(),
                         batch.at("attention_mask").get<IdRows>(), batch.at("labels").get<IdRows>(),
                         padding, vocabulary);
}

Status replay(const std::filesystem::path& model, const Json& document, const std::string& name,
              RecordedMethod method, const ComparisonSink& sink)
{
    Result<std::unique_ptr<Decoder>> loaded = loadDecoder(model, at::kCPU, at::kFloat);
    if (!loaded)
        return loaded.error();
    Decoder& decoder = **loaded;
    decoder.trainAll();
    const std::int64_t vocabulary = decoder.config().vocabulary;
    const bool divergence = name == "grad_diff_kl"; // alone in reading the retain padding
    const RecordedBatch forget = trajectoryBatch(
        document, "forget", divergence ? Padding::Drop : method.padding, vocabulary);
    const RecordedBatch retain = trajectoryBatch(document, "retain", method.padding, vocabulary);
    const AlternateAnswers alternates{
        .samples = trajectoryBatch(document, "idk", Padding::Drop, vocabulary).samples,
        .perSample = 1};
    const TermCorpus forgetCorpus{forget.samples, &alternates};
    const TermCorpus retainCorpus{retain.samples};
    const auto proceed = [](double) { return true; };
    method.forget->prepare({decoder, forgetCorpus, 2048, proceed});
    if (method.retain)
        method.retain->prepare({decoder, retainCorpus, 2048, proceed});
    const auto lossOf = [&](Term& term, const TermCorpus& corpus, const RecordedBatch& recorded) {
        const TermInput input = term.input(decoder.config());
        ScoredBatch batch(decoder, sequencesOf(input, corpus, recorded.items(), 0), input.block);
        return term.contribution(batch, normaliserOf(input, corpus, recorded.items(), 0));
    };

    const Json& record = document.at("methods").at(name);
    const auto wantedLosses = record.at("losses").get<std::vector<double>>();
    const auto wantedNorms = record.at("grad_l2").get<std::vector<double>>();
    Optimizer optimizer(decoder.parameters(), {});
    std::vector<double> losses;
    std::vector<double> norms;
    for (std::size_t step = 0; step < wantedLosses.size(); ++step) {
        decoder.clearGradients();
        at::Tensor loss = lossOf(*method.forget, forgetCorpus, forget) * method.forgetWeight;
        if (method.retain)
            loss = loss + lossOf(*method.retain, retainCorpus, retain) * method.retainWeight;
        losses.push_back(loss.item<double>());
        loss.backward();
        norms.push_back(gradientNorm(decoder.parameters()));
        if (method.maxNorm > 0 && norms.back() > method.maxNorm)
            scaleGradients(decoder.parameters(), method.maxNorm / (norms.back() + 1e-6));
        optimizer.step(document.at("lr").get<double>());
        decoder.refresh();
    }
    // The last loss may have been recorded alone, before an update that was not made.
    norms.resize(std::min(norms.size(), wantedNorms.size()));
    sink(compare(name + " losses", losses, wantedLosses, kTrajectoryLoss));
    sink(compare(name + " gradient norms", norms, wantedNorms, kTrajectoryNorm));
    if (record.contains("forget_sum_logprob_after") && wantedLosses.size() == wantedNorms.size()) {
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

} // namespace

Status verifyTrajectory(const std::filesystem::path& model, const std::filesystem::path& trajectory,
                        const ComparisonSink& sink)
{
    prepareTorch();
    const Result<Json> document = readJsonFile(trajectory);
    if (!document)
        return document.error();
    return readRecorded(trajectory, [&]() -> Status {
        std::vector<std::string> missing;
        for (const auto& [name, record] : document->at("methods").items()) {
            std::optional<RecordedMethod> method = recordedMethod(name, *document);
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
