#include "core/probe/linear_probe.h"

#include "core/base/rng.h"
#include "core/guardrails/logistic_regression.h"
#include "core/models/decoder.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lacuna {
namespace {

/// Answers to fit and to judge, by position.
struct Split {
    std::vector<std::int64_t> fitted;
    std::vector<std::int64_t> heldOut;
};

Split splitByQuestion(const std::vector<std::int64_t>& questions, const ProbeFit& fit)
{
    const std::set<std::int64_t> unique(questions.begin(), questions.end());
    std::vector<std::int64_t> order(unique.begin(), unique.end());
    Random(derivedSeed(fit.seed, "probe split")).shuffle(order);
    const auto wanted = std::llround(fit.heldOutShare * static_cast<double>(order.size()));
    const auto count =
        std::clamp<std::int64_t>(wanted, 1, static_cast<std::int64_t>(order.size()) - 1);
    const std::set<std::int64_t> heldOut(order.begin(), order.begin() + count);
    Split split;
    for (std::size_t i = 0; i < questions.size(); ++i)
        (heldOut.contains(questions[i]) ? split.heldOut : split.fitted)
            .push_back(static_cast<std::int64_t>(i));
    return split;
}

/// Rows of states with their labels.
struct Labelled {
    at::Tensor x; // [n, D] float64
    at::Tensor y; // [n] float64, 0 or 1

    [[nodiscard]] std::int64_t hits(const LogisticRegression& probe) const
    {
        const at::Tensor says = (x.mv(probe.weights) + probe.bias).gt(0);
        return says.eq(y.gt(0.5)).sum().item<std::int64_t>();
    }
};

ProbedLayer probeLayer(Labelled fitted, Labelled heldOut, std::int64_t layer, double l2)
{
    const at::Tensor mean = fitted.x.mean(0);
    const at::Tensor deviation = (fitted.x - mean).square().mean(0).sqrt();
    const at::Tensor scale = at::where(deviation > 0, deviation, at::ones_like(deviation));
    for (Labelled* part : {&fitted, &heldOut})
        part->x = (part->x - mean) / scale;
    const LogisticRegression probe = fitLogisticRegression(fitted.x, fitted.y, l2);
    const auto share = [&](const Labelled& part) {
        return static_cast<double>(part.hits(probe)) / static_cast<double>(part.y.size(0));
    };
    return {.layer = layer,
            .accuracy = share(heldOut),
            .interval = wilsonInterval(heldOut.hits(probe), heldOut.y.size(0)),
            .fitted = share(fitted)};
}

} // namespace

std::optional<std::vector<at::Tensor>> answerStates(Decoder& decoder,
                                                    const std::vector<const ScoredSample*>& samples,
                                                    AnswerState state, const WalkOptions& options)
{
    const at::NoGradGuard noGrad;
    const auto count = static_cast<std::int64_t>(samples.size());
    std::vector<at::Tensor> states;
    for (std::int64_t layer = 0; layer < decoder.config().layers; ++layer)
        states.push_back(at::zeros({count, decoder.config().width}, at::kFloat));
    const auto visit = [&](const WalkedBatch& batch, std::int64_t block,
                           const at::Tensor& residual) {
        const at::Tensor rows =
            residual.index_select(0, batch.rows.predicting + 1).to(at::kCPU, at::kFloat);
        const std::int64_t* owners = batch.rows.owners.data_ptr<std::int64_t>();
        for (std::int64_t first = 0, end = 0; first < rows.size(0); first = end) {
            while (end < rows.size(0) && owners[end] == owners[first])
                ++end;
            const at::Tensor answer = rows.narrow(0, first, end - first);
            const auto at =
                static_cast<std::int64_t>(batch.samples[static_cast<std::size_t>(owners[first])]);
            states[static_cast<std::size_t>(block)][at].copy_(
                state == AnswerState::Mean ? answer.mean(0) : answer[-1]);
        }
    };
    if (!walkResiduals(decoder, samples, options, visit))
        return std::nullopt;
    return states;
}

std::optional<LinearProbe> fitProbes(const std::vector<at::Tensor>& states,
                                     const std::vector<bool>& isTrue,
                                     const std::vector<std::int64_t>& questions,
                                     const ProbeFit& fit)
{
    const at::NoGradGuard noGrad;
    const Split split = splitByQuestion(questions, fit);
    std::vector<double> labels(isTrue.begin(), isTrue.end());
    const at::Tensor y = torch::tensor(labels, at::kDouble);
    const auto taken = [&](const at::Tensor& layer, const std::vector<std::int64_t>& items) {
        const at::Tensor index = torch::tensor(items, at::kLong);
        return Labelled{layer.to(at::kDouble).index_select(0, index), y.index_select(0, index)};
    };
    LinearProbe probe{.heldOut = static_cast<std::int64_t>(split.heldOut.size()),
                      .trained = static_cast<std::int64_t>(split.fitted.size())};
    const double l2 = fit.l2 > 0 ? fit.l2 : 1 / static_cast<double>(probe.trained);
    for (std::size_t layer = 0; layer < states.size(); ++layer) {
        const Labelled heldOut = taken(states[layer], split.heldOut);
        const double share = heldOut.y.mean().item<double>();
        probe.baseline = std::max(share, 1 - share);
        probe.layers.push_back(probeLayer(taken(states[layer], split.fitted), heldOut,
                                          static_cast<std::int64_t>(layer), l2));
        if (fit.proceed &&
            !fit.proceed(static_cast<double>(layer + 1) / static_cast<double>(states.size())))
            return std::nullopt;
    }
    return probe;
}

} // namespace lacuna
