#include "core/run/reinforcement.h"

#include "core/base/rng.h"
#include "core/corpora/sampler.h"
#include "core/run/objective.h"
#include "core/run/optimizer.h"
#include "core/run/session.h"

#include <cmath>

namespace lacuna {
namespace {

/// Share of the work that \p epochs of training are: a step is a pass forward and about two
/// backward, and the labels afterwards are one more pass forward.
double trainingShare(double epochs)
{
    return 3 * epochs / (3 * epochs + 1);
}

bool train(Session& session, Objective& objective, const std::function<bool(double)>& proceed)
{
    const TrainingSpec& training = session.recipe.training;
    Decoder& decoder = *session.decoder;
    PairSampler sampler(
        {.forgetCount = static_cast<std::int64_t>(session.forget.tokens.samples.size()),
         .batchSize = training.batchSize,
         .seed = derivedSeed(static_cast<std::uint64_t>(session.recipe.seed), "reinforcement")});
    Optimizer optimizer(decoder.parameters(), {.weightDecay = training.weightDecay});
    const auto steps = std::llround(session.method.params.number("reinforce_epochs") *
                                    static_cast<double>(sampler.stepsPerEpoch()));
    for (std::int64_t step = 0; step < steps; ++step) {
        const auto progress = [&](double share) {
            return proceed((static_cast<double>(step) + share) / static_cast<double>(steps));
        };
        decoder.clearGradients();
        if (!objective.forgetGradient(progress, sampler.next().forget))
            return false;
        const double norm = gradientNorm(decoder.parameters());
        if (training.clipNorm > 0 && norm > training.clipNorm)
            scaleGradients(decoder.parameters(), training.clipNorm / (norm + 1e-6));
        optimizer.step(session.method.params.number("reinforce_learning_rate"));
        decoder.refresh();
    }
    decoder.clearGradients();
    return true;
}

} // namespace

bool showReinforced(Session& session, Objective& objective,
                    const std::function<bool(double)>& proceed)
{
    const double share = trainingShare(session.method.params.number("reinforce_epochs"));
    std::deque<Parameter>& parameters = session.decoder->parameters();
    const std::vector<at::Tensor> before = masterCopies(parameters);
    const bool finished =
        train(session, objective, [&](double done) { return proceed(share * done); }) &&
        objective.prepareReinforced(
            [&](double done) { return proceed(share + (1 - share) * done); });
    const at::NoGradGuard noGrad;
    auto kept = before.begin();
    for (Parameter& parameter : parameters)
        if (parameter.trained)
            parameter.master.copy_(*kept++);
    session.decoder->refresh();
    return finished;
}

} // namespace lacuna
