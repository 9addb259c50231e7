#include "core/run/verify.h"

#include "core/base/json.h"
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
                              .retain = std::make_unique<DivergenceTerm>(RowChoice::All)};
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
    const RecordedBatch forget = trajectoryBatch(document, "forget", Padding::Drop, vocabulary);
    const RecordedBatch retain = trajectoryBatch(
        document, "retain", name == "grad_diff_kl" ? Padding::Keep : Padding::Drop, vocabulary);
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
        at::Tensor loss =
            method.forget->contribution(forgetBatch, forget.normaliser()) * method.forgetWeight;
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
