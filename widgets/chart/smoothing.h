#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lacuna {

/// Exponential moving average without the pull towards zero at its start, one value at a time.
///
/// With weight w, the n-th of the values x gives
///     s_n = sum_{i<=n} w^(n-i) x_i / sum_{i<=n} w^(n-i)
/// which is the average of Kingma and Ba 2015, section 3, divided by its bias 1 - w^n. Written as
/// a step towards the new value, so that a constant series stays what it is to the last bit.
class DebiasedMean {
public:
    /// \param weight  of the past, in [0, 1); 0 gives each value back
    explicit DebiasedMean(double weight = 0);

    /// Takes in \p value and answers with the mean so far. A value that is not finite is given back
    /// and leaves the mean as it was.
    double add(double value);

private:
    double m_weight;
    double m_remaining = 1; ///< w^n
    double m_mean = 0;
};

/// The whole series, each value by its mean so far.
[[nodiscard]] std::vector<double> smoothed(std::span<const double> values, double weight);

} // namespace lacuna
