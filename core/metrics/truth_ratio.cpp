#include "core/metrics/truth_ratio.h"

#include "core/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lacuna {
namespace {

double probabilitySum(std::span<const double> losses)
{
    double sum = 0;
    for (const double loss : losses)
        sum += std::exp(-loss);
    return sum;
}

} // namespace

double truthRatio(const TruthLosses& losses, double epsilon)
{
    // In one exponential unless something is added, so that two tiny probabilities do not make 0/0.
    if (epsilon == 0)
        return std::exp(losses.truth - mean(losses.lies));
    return std::exp(-mean(losses.lies)) / (std::exp(-losses.truth) + epsilon);
}

double arithmeticTruthRatio(const TruthLosses& losses)
{
    double sum = 0;
    for (const double loss : losses.lies)
        sum += std::exp(losses.truth - loss);
    return sum / static_cast<double>(losses.lies.size());
}

double truthProbability(const TruthLosses& losses, double epsilon)
{
    if (epsilon == 0)
        return 1 / (1 + truthRatio(losses));
    const double truth = std::exp(-losses.truth);
    return truth / (truth + std::exp(-mean(losses.lies)) + epsilon);
}

double optionProbability(const TruthLosses& losses, double epsilon)
{
    const double truth = std::exp(-losses.truth);
    if (epsilon == 0 && truth == 0) { // shares stay defined where every probability underflows
        double others = 0;
        for (const double loss : losses.lies)
            others += std::exp(losses.truth - loss);
        return 1 / (1 + others);
    }
    return truth / (truth + probabilitySum(losses.lies) + epsilon);
}

double truthRatioScore(double ratio, TruthAggregate aggregate, double epsilon)
{
    if (std::isnan(ratio))
        return ratio;
    if (aggregate == TruthAggregate::TruthHigher)
        return std::max(0.0, 1 - ratio);
    return std::min(ratio, 1 / (ratio + epsilon));
}

double truthRatioAggregate(std::span<const double> ratios, TruthAggregate aggregate, double epsilon)
{
    std::vector<double> scores;
    for (const double ratio : ratios)
        scores.push_back(truthRatioScore(ratio, aggregate, epsilon));
    return mean(scores);
}

} // namespace lacuna
