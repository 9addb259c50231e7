#include "core/run/event.h"

namespace lacuna {

std::vector<SeriesPoint> seriesPoints(const StepDone& step)
{
    std::vector<SeriesPoint> points;
    const auto add = [&](const char* key, double value) {
        points.push_back({step.step, key, value});
    };
    add("forget_loss", step.forgetLoss);
    if (step.retainLoss)
        add("retain_loss", *step.retainLoss);
    add("loss", step.loss);
    if (step.forgetNll)
        add("forget_nll", *step.forgetNll);
    if (step.retainNll)
        add("retain_nll", *step.retainNll);
    add("learning_rate", step.learningRate);
    add("gradient_norm", step.gradientNorm);
    add("clipped", step.clipped ? 1.0 : 0.0);
    if (step.gradientCosine)
        add("gradient_cosine", *step.gradientCosine);
    if (step.meanTokenWeight)
        add("mean_token_weight", *step.meanTokenWeight);
    if (step.retainWeight)
        add("retain_weight", *step.retainWeight);
    add("tokens", static_cast<double>(step.tokens));
    add("seconds", step.seconds);
    return points;
}

} // namespace lacuna
