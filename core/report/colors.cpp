#include "core/report/colors.h"

namespace lacuna {

const ReportColors& reportColors(bool dark)
{
    static constexpr ReportColors kLight = {.original = "#0B5FA5",
                                            .unlearned = "#C8550B",
                                            .unlearnedText = "#A8460A",
                                            .reference = "#2B2B2B",
                                            .text = "#1A1C1F",
                                            .secondary = "#5B616B",
                                            .grid = "#D9DCE1",
                                            .ground = "#FFFFFF",
                                            .surface = "#F5F6F8",
                                            .warning = "#8A6100",
                                            .accent = "#6B4FA0"};
    static constexpr ReportColors kDark = {.original = "#3D95DB",
                                           .unlearned = "#F59E42",
                                           .unlearnedText = "#F59E42",
                                           .reference = "#F2F2F2",
                                           .text = "#ECEDEF",
                                           .secondary = "#A7ADB7",
                                           .grid = "#3B4048",
                                           .ground = "#1B1D21",
                                           .surface = "#24272C",
                                           .warning = "#F2C14E",
                                           .accent = "#B79CF0"};
    return dark ? kDark : kLight;
}

std::string_view inkColor(Ink ink, bool dark)
{
    const ReportColors& colors = reportColors(dark);
    switch (ink) {
    case Ink::Original:
        return colors.original;
    case Ink::Unlearned:
        return colors.unlearned;
    case Ink::Reference:
        return colors.reference;
    case Ink::Text:
        return colors.text;
    case Ink::Secondary:
        return colors.secondary;
    case Ink::Grid:
        break;
    }
    return colors.grid;
}

} // namespace lacuna
