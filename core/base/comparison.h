#pragma once

#include <functional>
#include <string>

namespace lacuna {

/// One quantity compared with its recorded value.
struct Comparison {
    std::string quantity;
    double difference = 0; ///< largest absolute one; for exact quantities, how many differ
    double worst = 0;      ///< largest |difference| / (absolute + relative * |recorded|)
    double absolute = 0;   ///< tolerance
    double relative = 0;
    bool passed = false;
};

using ComparisonSink = std::function<void(const Comparison&)>;

} // namespace lacuna
