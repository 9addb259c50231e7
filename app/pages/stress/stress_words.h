#pragma once

#include "core/run/stress_results.h"

#include <QString>

#include <string>

/// The battery's findings in the window's own words.
namespace lacuna {

/// The attack's title, or its id where this program does not know it.
[[nodiscard]] QString attackTitle(const std::string& id);
[[nodiscard]] QString metricTitle(const std::string& id);
/// "No recovery seen in these tests.", or what recovered and how much.
[[nodiscard]] QString verdictWords(const StressVerdict& verdict);
/// What the verdict does not cover; empty: nothing.
[[nodiscard]] QString verdictLimits(const StressVerdict& verdict);
/// Every item at its worst over all attacks, of each model; empty: there are no numbers.
[[nodiscard]] QString worstCaseWords(std::span<const StressResult> results,
                                     const std::string& metric);

} // namespace lacuna
