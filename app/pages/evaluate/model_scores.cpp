#include "app/pages/evaluate/model_scores.h"

#include "core/base/set_names.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

namespace lacuna {

namespace fs = std::filesystem;

namespace {

/// Why \p folder cannot be measured as what \p name calls it.
std::optional<Error> refusalOf(const std::string& folder, const Error& none, const char* name)
{
    std::error_code ignored;
    if (folder.empty())
        return none;
    if (fs::exists(folder, ignored))
        return std::nullopt;
    return Error{.code = ErrorCode::NotFound,
                 .message = std::string(name) + " is not there any more",
                 .context = folder,
                 .remedy = "put its folder back"};
}

} // namespace

std::vector<MeasuredModel> modelsOf(const RunRecord& record)
{
    const auto left = std::ranges::find(record.artefacts, "model", &Artefact::kind);
    const std::string unlearned = left == record.artefacts.end() ? std::string() : left->path;
    const auto missing = [](const char* message, const char* remedy) {
        return Error{
            .code = ErrorCode::NotFound, .message = message, .context = {}, .remedy = remedy};
    };
    std::vector<MeasuredModel> models = {
        {.role = ModelRole::Original, .folder = record.recipe.model},
        {.role = ModelRole::Current, .folder = unlearned},
        {.role = ModelRole::Reference, .folder = record.recipe.reference}};
    models[0].refusal = refusalOf(
        models[0].folder,
        missing("the run started from a new model, of which nothing is left", "repeat the run"),
        "the original");
    models[1].refusal =
        refusalOf(models[1].folder,
                  missing("the run has left no model", "let it end, or stop it and keep the model"),
                  "the unlearned model");
    models[2].refusal = refusalOf(models[2].folder,
                                  missing("the run names no reference model",
                                          "train one on the retain set alone and name it as the "
                                          "reference in the setup"),
                                  "the reference");
    return models;
}

EvaluationRequest requestOf(const RunRecord& record)
{
    const Recipe& recipe = record.recipe;
    EvaluationRequest request{.model = {},
                              .forget = recipe.forget,
                              .retain = recipe.retain,
                              .holdout = recipe.holdout,
                              .promptTemplate = recipe.promptTemplate,
                              .spec = recipe.evaluation,
                              .device = recipe.device,
                              .precision = recipe.training.precision,
                              .maxLength = recipe.training.maxLength,
                              .microBatchTokens = recipe.training.microBatchTokens};
    request.spec.probes.clear();
    return request;
}

namespace {

const MeasuredModel* find(const std::vector<MeasuredModel>& models, ModelRole role)
{
    const auto found = std::ranges::find(models, role, &MeasuredModel::role);
    return found == models.end() ? nullptr : &*found;
}

/// Without the unlearned model, each for itself.
Result<std::vector<Evaluation>> measureApart(const std::vector<MeasuredModel>& models,
                                             EvaluationRequest request,
                                             const std::function<bool(double)>& proceed)
{
    std::vector<Evaluation> all;
    double done = 0;
    const double share = 1.0 / static_cast<double>(std::max<std::size_t>(1, models.size()));
    for (const MeasuredModel& model : models) {
        request.model = model.folder;
        Result<ModelEvaluation> measured =
            evaluateModel(request, [&](double part) { return proceed(done + share * part); });
        if (!measured)
            return measured.error();
        if (measured->evaluations.empty())
            return std::vector<Evaluation>();
        const std::string_view prefix =
            model.role == ModelRole::Original ? kOriginalPrefix : kReferencePrefix;
        for (Evaluation& evaluation : measured->evaluations) {
            evaluation.set.insert(0, prefix);
            all.push_back(std::move(evaluation));
        }
        done += share;
    }
    return all;
}

} // namespace

Result<std::vector<Evaluation>> measureModels(const std::vector<MeasuredModel>& models,
                                              EvaluationRequest request,
                                              const std::function<bool(double)>& proceed)
{
    const MeasuredModel* unlearned = find(models, ModelRole::Current);
    if (!unlearned)
        return measureApart(models, std::move(request), proceed);
    request.model = unlearned->folder;
    if (const MeasuredModel* original = find(models, ModelRole::Original))
        request.original = original->folder;
    if (const MeasuredModel* reference = find(models, ModelRole::Reference))
        request.reference = reference->folder;
    Result<ModelEvaluation> measured = evaluateModel(request, proceed);
    if (!measured)
        return measured.error();
    for (Evaluation& evaluation : measured->evaluations)
        evaluation.phase = EvaluationPhase::Standalone; // what the run measured itself stays
    return std::move(measured->evaluations);
}

} // namespace lacuna
