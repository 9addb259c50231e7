#pragma once

#include "widgets/chart/chart_style.h"

namespace lacuna {

class LiveChart;
struct Services;

/// Asks where to, and saves what \p chart shows (PNG twice as fine as the screen, PDF) or all of
/// its numbers (CSV). What goes wrong is told in the message bar.
void saveChart(Services& services, LiveChart& chart, ChartFormat format);

} // namespace lacuna
