#include "widgets/chart/smoothing.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

DebiasedMean::DebiasedMean(double weight)
    : m_weight(std::isnan(weight) ? 0 : std::clamp(weight, 0.0, std::nextafter(1.0, 0.0)))
{
}

double DebiasedMean::add(double value)
{
    if (m_weight == 0 || !std::isfinite(value))
        return value;
    m_remaining *= m_weight;
    m_mean += (value - m_mean) * ((1 - m_weight) / (1 - m_remaining));
    return m_mean;
}

std::vector<double> smoothed(std::span<const double> values, double weight)
{
    std::vector<double> result;
    result.reserve(values.size());
    DebiasedMean mean(weight);
    for (const double value : values)
        result.push_back(mean.add(value));
    return result;
}

} // namespace lacuna
