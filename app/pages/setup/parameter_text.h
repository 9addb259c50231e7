#pragma once

#include <QString>

#include <cstdint>

namespace lacuna {

/// "15.2 M": three digits, for numbers of parameters.
[[nodiscard]] QString countText(std::int64_t count);
/// "8.1 %", "0.012 %": of a part in a whole that is not empty.
[[nodiscard]] QString percentText(std::int64_t part, std::int64_t whole);
/// "1.62", "605", "\u221E": for ratios of saliencies.
[[nodiscard]] QString ratioText(double ratio);

} // namespace lacuna
