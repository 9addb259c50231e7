#pragma once

#include <cstdint>
#include <string>

namespace lacuna {

/// Factor on the learning rate at \p step of \p total, counted from 0: a linear rise over the first
/// \p warmup steps, then constant, linear to 0, or half a cosine to 0.
[[nodiscard]] double scheduleFactor(const std::string& schedule, std::int64_t step,
                                    std::int64_t warmup, std::int64_t total);

} // namespace lacuna
