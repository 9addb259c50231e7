#pragma once

#include "core/report/chart.h"

#include <string_view>

namespace lacuna {

/// The colours of a report, "#RRGGBB": interface reference 6.1.
struct ReportColors {
    std::string_view original;
    std::string_view unlearned;
    std::string_view unlearnedText; ///< dark enough for text of body size
    std::string_view reference;
    std::string_view text;
    std::string_view secondary;
    std::string_view grid;
    std::string_view ground;
    std::string_view surface;
    std::string_view warning;
    std::string_view accent;
};

[[nodiscard]] const ReportColors& reportColors(bool dark);
[[nodiscard]] std::string_view inkColor(Ink ink, bool dark);

} // namespace lacuna
