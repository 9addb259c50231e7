#include "core/run/saliency.h"

#include "core/base/rng.h"
#include "core/corpora/sampler.h"
#include "core/models/device.h"
#include "core/models/family.h"
#include "core/run/objective.h"
#include "core/run/plan.h"
#include "core/run/session.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace lacuna {
namespace {

constexpr double kLoadingShare = 0.1; ///< of the progress

Status checkRequest(const Recipe& recipe)
{
    if (recipe.newModel)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "a new model holds nothing yet that could be found in it",
                     .context = "recipe.model",
                     .remedy = "give the folder of a trained model"};
    if (recipe.retain.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the saliency map compares the forget set with a retain set, and "
                                "there is none",
                     .context = "recipe.retain",
                     .remedy = "add \"retain\": texts of the same kind that are to be kept"};
    return {};
}

Status checkMemory(const Recipe& recipe)
{
    const Result<Plan> plan = planRun(recipe);
    if (!plan)
        return plan.error();
    if (!plan->shortage)
        return {};
    return Error{.code = ErrorCode::OutOfMemory,
                 .message = "the saliency map holds a gradient of every weight: " +
                            plan->shortage->message,
                 .context = recipe.model,
                 .remedy = "lower training.micro_batch_tokens, set "
                           "training.gradient_checkpointing, or take a smaller model"};
}

std::vector<ScoredSample> drawnSamples(const LoadedCorpus& corpus, std::int64_t count,
                                       std::uint64_t seed)
{
    std::vector<ScoredSample> samples;
    for (const std::size_t i : drawnItems(corpus.tokens.samples.size(), count, seed))
        samples.push_back(corpus.tokens.samples[i]);
    return samples;
}

/// Whether a suggestion can be made of \p map.
Status checkNumbers(const SaliencyMap& map)
{
    const Saliency whole = wholeOf(saliencyUnits(map));
    if (std::isfinite(whole.forget) && std::isfinite(whole.retain) && whole.forget > 0)
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = whole.forget == 0 ? "the forget set moves no weight of any block"
                                              : "the gradient of the model is no number",
                 .context = "saliency",
                 .remedy = "check with evaluate that the model answers these corpora"};
}

} // namespace

Recipe saliencyRecipe(const Recipe& recipe)
{
    Recipe all;
    all.model = recipe.model;
    all.newModel = recipe.newModel;
    all.seed = recipe.seed;
    all.device = recipe.device;
    all.threads = recipe.threads;
    all.forget = recipe.forget;
    all.retain = recipe.retain;
    all.promptTemplate = recipe.promptTemplate;
    all.training.precision = recipe.training.precision;
    all.training.maxLength = recipe.training.maxLength;
    all.training.microBatchTokens = recipe.training.microBatchTokens;
    all.training.gradientCheckpointing = recipe.training.gradientCheckpointing;
    all.training.optimizer = "sgd";    // there are no moments to plan for
    all.method = {{"id", "finetune"}}; // the session wants one
    all.controls = Json::array();
    return all;
}

std::optional<std::vector<double>> weightSaliency(Decoder& decoder, const TrainingSpec& training,
                                                  const std::vector<ScoredSample>& samples,
                                                  const std::function<bool(double)>& proceed)
{
    decoder.clearGradients();
    if (!Objective::likelihoodGradient(decoder, training, samples, proceed))
        return std::nullopt;
    const at::NoGradGuard noGrad;
    std::map<std::string, double> sums;
    for (Parameter& parameter : decoder.parameters()) // in place: no second gradient in memory
        if (parameter.trained)
            sums[parameter.name] =
                parameter.gradient.mul_(parameter.master).abs_().sum().item<double>();
    std::vector<double> saliency;
    for (const WeightSlot& slot : weightSlots(decoder.config()))
        saliency.push_back(sums.at(slot.name));
    return saliency;
}

Result<std::optional<SaliencyMap>> findSaliency(const SaliencyRequest& request,
                                                const std::function<bool(double)>& proceed)
{
    const Recipe recipe = saliencyRecipe(request.recipe);
    if (const Status status = checkRequest(recipe); !status)
        return status.error();
    prepareTorch(static_cast<int>(recipe.threads));
    if (const Status status = checkMemory(recipe); !status)
        return status.error();
    const Result<std::unique_ptr<Session>> opened =
        openSession(recipe, {}, [&](double share) { return proceed(kLoadingShare * share); });
    if (!opened)
        return opened.error();
    if (!*opened)
        return std::optional<SaliencyMap>();
    Session& session = **opened;
    Decoder& decoder = *session.decoder;
    decoder.setTrained(session.trainedNames);

    const std::int64_t count = std::min(
        {request.maxSamples, static_cast<std::int64_t>(session.forget.tokens.samples.size()),
         static_cast<std::int64_t>(session.retain->tokens.samples.size())});
    const auto seed = static_cast<std::uint64_t>(recipe.seed);
    double done = kLoadingShare;
    const auto measure = [&](const LoadedCorpus& corpus, const char* purpose) {
        const double width = (1 - kLoadingShare) / 2;
        auto sums = weightSaliency(decoder, recipe.training,
                                   drawnSamples(corpus, count, derivedSeed(seed, purpose)),
                                   [&](double share) { return proceed(done + width * share); });
        done += width;
        return sums;
    };
    const auto forget = measure(session.forget, "saliency forget");
    if (!forget)
        return std::optional<SaliencyMap>();
    const auto retain = measure(*session.retain, "saliency retain");
    if (!retain || !proceed(1))
        return std::optional<SaliencyMap>();

    SaliencyMap map{.config = decoder.config(), .samples = count};
    const std::vector<WeightSlot> slots = weightSlots(map.config);
    for (std::size_t i = 0; i < slots.size(); ++i)
        map.slots.push_back(
            {.forget = (*forget)[i],
             .retain = (*retain)[i],
             .weights = std::accumulate(slots[i].shape.begin(), slots[i].shape.end(),
                                        std::int64_t{1}, std::multiplies<>())});
    if (const Status status = checkNumbers(map); !status)
        return status.error();
    return std::optional(std::move(map));
}

} // namespace lacuna
