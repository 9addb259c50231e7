#include "core/report/svg.h"

#include <fmt/format.h>

#include <array>

namespace lacuna {
namespace {

constexpr double kMarkerRadius = 4;

std::string_view dashAttribute(Dash dash)
{
    switch (dash) {
    case Dash::Long:
        return " stroke-dasharray=\"9 5\"";
    case Dash::Short:
        return " stroke-dasharray=\"5 4\"";
    case Dash::Dot:
        return " stroke-dasharray=\"1.5 4\"";
    case Dash::Solid:
        break;
    }
    return {};
}

std::string element(const LineShape& line)
{
    std::string points;
    for (const DrawnPoint& point : line.points)
        points += fmt::format("{}{:.2f},{:.2f}", points.empty() ? "" : " ", point.x, point.y);
    return fmt::format(R"(<polyline class="line {}" stroke-width="{}"{} points="{}"/>)",
                       inkClass(line.ink), line.width, dashAttribute(line.dash), points);
}

std::string element(const BoxShape& box)
{
    return fmt::format("<rect class=\"fill {}\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" "
                       "height=\"{:.2f}\"/>",
                       inkClass(box.ink), box.corner.x, box.corner.y, box.width, box.height);
}

std::string element(const DotShape& shape)
{
    const std::string kind =
        fmt::format("class=\"mark {}{}\"", inkClass(shape.ink), shape.hollow ? " hollow" : "");
    const auto [x, y] = shape.center;
    const double r = kMarkerRadius;
    switch (shape.marker) {
    case Marker::Circle:
        return fmt::format(R"(<circle {} cx="{:.2f}" cy="{:.2f}" r="{}"/>)", kind, x, y, r);
    case Marker::Square:
        return fmt::format(R"(<rect {} x="{:.2f}" y="{:.2f}" width="{}" height="{}"/>)", kind,
                           x - r, y - r, 2 * r, 2 * r);
    case Marker::Diamond:
        return fmt::format("<polygon {0} points=\"{1:.2f},{3:.2f} {2:.2f},{4:.2f} {1:.2f},{5:.2f} "
                           "{6:.2f},{4:.2f}\"/>",
                           kind, x, x + r + 1, y - r - 1, y, y + r + 1, x - r - 1);
    case Marker::None:
        break;
    }
    return {};
}

std::string element(const TextShape& text)
{
    constexpr std::array kAnchors = {"start", "middle", "end"};
    return fmt::format("<text class=\"fill {}{}\" x=\"{:.2f}\" y=\"{:.2f}\" "
                       "text-anchor=\"{}\">{}</text>",
                       inkClass(text.ink), text.bold ? " bold" : "", text.base.x, text.base.y,
                       kAnchors[static_cast<std::size_t>(text.anchor)], escapedMarkup(text.text));
}

} // namespace

std::string escapedMarkup(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    return out;
}

std::string_view inkClass(Ink ink)
{
    switch (ink) {
    case Ink::Original:
        return "original";
    case Ink::Unlearned:
        return "unlearned";
    case Ink::Reference:
        return "reference";
    case Ink::Text:
        return "text";
    case Ink::Secondary:
        return "secondary";
    case Ink::Grid:
        break;
    }
    return "grid";
}

std::string svgElement(const Drawing& drawing, const std::string& id)
{
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\" "
        "aria-labelledby=\"{2}-title {2}-desc\" font-size=\"{3}\">\n"
        "<title id=\"{2}-title\">{4}</title>\n<desc id=\"{2}-desc\">{5}</desc>\n",
        drawing.width, drawing.height, id, kDrawingTextSize, escapedMarkup(drawing.title),
        escapedMarkup(drawing.description));
    for (const DrawnShape& shape : drawing.shapes)
        svg += std::visit([](const auto& one) { return element(one); }, shape) + "\n";
    return svg + "</svg>";
}

} // namespace lacuna
