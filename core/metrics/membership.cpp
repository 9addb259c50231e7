#include "core/metrics/membership.h"

#include "core/metrics/statistics.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Minus the mean of the lowest values.
double lowestMean(std::vector<double> values, double share)
{
    if (values.empty())
        return kNone;
    const std::size_t kept = minKCount(values.size(), share);
    std::sort(values.begin(), values.end());
    return -mean(std::span(values).first(kept));
}

} // namespace

std::size_t zlibLength(std::string_view text)
{
    uLongf length = compressBound(text.size());
    std::vector<Bytef> bytes(length);
    if (compress(bytes.data(), &length, reinterpret_cast<const Bytef*>(text.data()), text.size()) !=
        Z_OK)
        throw std::logic_error("zlib refused a buffer of the size that it asked for");
    return length;
}

double zlibRatio(double meanLoss, std::string_view text)
{
    return meanLoss / static_cast<double>(zlibLength(text));
}

std::size_t minKCount(std::size_t count, double share)
{
    const auto kept = static_cast<std::size_t>(static_cast<double>(count) * share);
    return std::clamp<std::size_t>(kept, 1, std::max<std::size_t>(count, 1));
}

double minKOf(std::span<const double> logProbs, double share)
{
    return lowestMean({logProbs.begin(), logProbs.end()}, share);
}

TokenMoments tokenMoments(std::span<const double> vocabulary, double logProb)
{
    TokenMoments moments{.logProb = logProb};
    double squares = 0;
    for (const double entry : vocabulary) {
        const double p = std::exp(entry);
        if (p == 0) // the limit of p log p, where the product would be NaN
            continue;
        moments.mean += p * entry;
        squares += p * entry * entry;
    }
    moments.variance = squares - moments.mean * moments.mean;
    return moments;
}

double minKPlusPlusOf(std::span<const TokenMoments> tokens, double share)
{
    std::vector<double> normalised;
    for (const TokenMoments& token : tokens)
        normalised.push_back((token.logProb - token.mean) /
                             std::sqrt(std::max(token.variance, kLeastVariance)));
    return lowestMean(std::move(normalised), share);
}

double lossAgainst(double meanLoss, double referenceMeanLoss)
{
    return meanLoss - referenceMeanLoss;
}

double privLeak(double auc, double reference, double epsilon)
{
    return ((1 - auc) - (1 - reference)) / (1 - reference + epsilon) * 100;
}

double relativeDifference(double auc, double reference, double epsilon)
{
    return (auc - reference) / (reference + epsilon) * 100;
}

double closeness(double auc, double reference)
{
    return 1 - std::abs(auc - reference) / std::max(reference, 1 - reference);
}

} // namespace lacuna
