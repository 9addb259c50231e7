#pragma once

#include "core/attacks/attack.h"
#include "core/metrics/metric.h"
#include "core/store/records.h"

#include <vector>

namespace lacuna {

/// The row of one metric at one setting: means, interval and the worst item. Attack, settings, role
/// and time are left to the battery.
/// \param before  what was measured without the attack
[[nodiscard]] StressResult stressRow(const MetricResult& measured, const AttackedSetting& setting,
                                     const std::vector<MetricResult>& before);

/// Every item at the one of \p settings that brought most out of it.
/// \param plain  what was measured without the attack, where a setting does not say itself
[[nodiscard]] AttackedSetting worstSetting(const std::vector<AttackedSetting>& settings,
                                           const std::vector<MetricResult>& plain);

} // namespace lacuna
