#include "core/run/calibration.h"

#include "core/exchange/staged_folder.h"
#include "core/metrics/metric.h"
#include "core/models/adapter_files.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/models/mix.h"
#include "core/run/run_evaluation.h"
#include "core/run/session.h"

#include <algorithm>
#include <optional>

namespace lacuna {
namespace {

/// The score of \p metric on the retain set; nothing when there is none.
std::optional<double> retainScore(const std::vector<Evaluation>& evaluations,
                                  const std::string& metric)
{
    const auto found = std::ranges::find_if(evaluations, [&](const Evaluation& evaluation) {
        return evaluation.set == "retain" && evaluation.metric == metric;
    });
    return found == evaluations.end() ? std::nullopt : std::optional(found->value);
}

/// How much of what the original knew is left, 1: all of it.
double keptShare(const MetricInfo& metric, double score, double original)
{
    // What is better lower on a forget set says how much is known; the others how little.
    const bool knowledge = metric.better == Direction::Lower;
    const double whole = knowledge ? original : score;
    return whole > 0 ? (knowledge ? score : original) / whole : 1;
}

} // namespace

Result<CalibrationRequest> calibrationOf(const Run& run)
{
    const Result<Json> document = parseJson(run.recipe, run.name);
    if (!document)
        return document.error();
    const Result<Recipe> recipe = parseRecipe(*document, {});
    return recipe ? calibrationOf(run, *recipe) : recipe.error().at(run.name);
}

Result<CalibrationRequest> calibrationOf(const Run& run, const Recipe& recipe)
{
    const std::filesystem::path result = std::filesystem::path(run.folder) / "model";
    std::error_code ignored;
    if (recipe.newModel || !std::filesystem::is_directory(result, ignored))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = recipe.newModel
                                    ? "the run started from no model that it could be mixed with"
                                    : "the run has no resulting model",
                     .context = run.name,
                     .remedy = "name a finished run that unlearned from a model"};
    CalibrationRequest request{.evaluation = {.model = recipe.model,
                                              .forget = recipe.forget,
                                              .retain = recipe.retain,
                                              .promptTemplate = recipe.promptTemplate,
                                              .spec = recipe.evaluation,
                                              .device = recipe.device,
                                              .maxLength = recipe.training.maxLength,
                                              .microBatchTokens = recipe.training.microBatchTokens},
                               .unlearned = result.string()};
    request.evaluation.spec.generate = false;
    return request;
}

Result<Calibration> calibrate(const CalibrationRequest& request,
                              const std::function<bool(double)>& proceed)
{
    const Result<const MetricInfo*> metric = metrics().find(request.metric);
    if (!metric)
        return metric.error().at("calibrate");
    if ((*metric)->ofWriting)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = request.metric + " does not say how much is known",
                     .context = "calibrate",
                     .remedy = "use extraction-strength or probability"};
    prepareTorch();
    Calibration result;
    const double passes = static_cast<double>(request.halvings) + 3;
    double done = 0;
    const auto within = [&](double share) { return proceed((done + share) / passes); };
    Result<std::unique_ptr<Session>> session =
        openSession(evaluationRecipe(request.evaluation), {}, [&](double) { return proceed(0.0); });
    if (!session)
        return session.error();
    if (!*session)
        return result;
    if (!(*session)->retain)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "calibration needs a retain corpus, on which it measures what is "
                                "left",
                     .context = "calibrate",
                     .remedy = "use a run with a retain corpus, or give one"};
    Result<Mix> mix = Mix::open(*(*session)->decoder, request.unlearned);
    if (!mix)
        return mix.error();
    RunEvaluation evaluation(**session);
    const auto scoreAt = [&](double amount) -> std::optional<double> {
        mix->setAmount(amount);
        const auto outcome = evaluation.only("retain", (*metric)->needsGeneration, within);
        done += 1;
        return outcome ? retainScore(outcome->evaluations, request.metric) : std::nullopt;
    };
    const auto original = scoreAt(0);
    if (!original)
        return proceed(0.0) ? Result<Calibration>(Error{
                                  .code = ErrorCode::InvalidArgument,
                                  .message = "the retain set has no score of " + request.metric,
                                  .context = "calibrate",
                                  .remedy = "use another metric, such as nll or probability"})
                            : Result<Calibration>(result);
    const auto keepsEnough = [&](double amount) -> std::optional<bool> {
        const auto score = scoreAt(amount);
        if (!score)
            return std::nullopt;
        result.points.push_back({amount, *score, keptShare(**metric, *score, *original)});
        return result.points.back().kept >= request.keep;
    };
    result.points.push_back({0, *original, 1});
    double enough = 0;
    double tooMuch = 1;
    const std::optional<bool> whole = keepsEnough(1);
    if (!whole)
        return Calibration{};
    if (*whole)
        enough = 1;
    for (std::int64_t i = 0; i < request.halvings && enough < 1; ++i) {
        const double middle = (enough + tooMuch) / 2;
        const std::optional<bool> kept = keepsEnough(middle);
        if (!kept)
            return Calibration{};
        (*kept ? enough : tooMuch) = middle;
    }
    result.amount = enough;
    mix->setAmount(enough);
    auto outcome = evaluation.full(0, EvaluationPhase::Standalone, within);
    if (!outcome)
        return Calibration{};
    result.evaluations = std::move(outcome->evaluations);
    return result;
}

Status writeMix(const std::filesystem::path& original, const std::filesystem::path& unlearned,
                double amount, const std::filesystem::path& folder,
                const std::function<bool()>& cancelled)
{
    prepareTorch();
    Result<StagedFolder> staged = StagedFolder::create(folder);
    if (!staged)
        return staged.error();
    Result<std::unique_ptr<Decoder>> decoder =
        loadDecoder(original, at::kCPU, at::kFloat, cancelled);
    if (!decoder)
        return decoder.error();
    if (!*decoder)
        return {};
    (*decoder)->mergeAdapters();
    Result<Mix> mix = Mix::open(**decoder, unlearned);
    if (!mix)
        return mix.error();
    mix->setAmount(amount);
    if (const Status status = saveDecoder(**decoder, staged->path(), at::kFloat); !status)
        return status;
    if (const Status status = copyTokenizerFiles(tokenizerFolder(original), staged->path());
        !status)
        return status;
    return cancelled && cancelled() ? Status() : staged->commit();
}

} // namespace lacuna
