#include "core/report/html_style.h"

#include "core/report/colors.h"

#include <fmt/format.h>

namespace lacuna {
namespace {

constexpr std::string_view kRules = R"css(
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 80ch; color: var(--text);
  background: var(--ground); font: 1rem/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
  overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 2.75rem 0 .75rem; padding-top: .5rem; border-top: 2px solid var(--grid); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p { margin: .6rem 0; white-space: pre-line; }
.lead { font-size: 1.1rem; }
.small, .subtitle, figcaption, caption, .note { color: var(--secondary); font-size: .875rem; }
.warning { border-left: 4px solid var(--warning); padding-left: .75rem; }
.warning strong { color: var(--warning); }
a { color: var(--accent); }
nav ol { columns: 2; padding-left: 1.5rem; }
li { margin: .4rem 0; }
.scroll { overflow-x: auto; margin: 1.25rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 .4rem; font-weight: 600; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--grid); }
th { font-weight: 600; }
tbody th { font-weight: 400; }
.number { text-align: right; }
.note { display: block; font-weight: 400; }
.number .note { white-space: nowrap; }
code { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: .92em;
  overflow-wrap: anywhere; white-space: pre-wrap; }
th code { overflow-wrap: normal; }
figure { margin: 1.25rem 0; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
svg .line { fill: none; stroke-linejoin: round; }
svg .line.original { stroke: var(--original); } svg .fill.original { fill: var(--original); }
svg .line.unlearned { stroke: var(--unlearned); } svg .fill.unlearned { fill: var(--unlearned); }
svg .line.reference { stroke: var(--reference); } svg .fill.reference { fill: var(--reference); }
svg .line.text { stroke: var(--text); } svg .fill.text { fill: var(--text); }
svg .line.secondary { stroke: var(--secondary); } svg .fill.secondary { fill: var(--secondary); }
svg .line.grid { stroke: var(--grid); } svg .fill.grid { fill: var(--grid); }
svg .mark { stroke-width: 1.5; }
svg .mark.original { fill: var(--original); stroke: var(--original); }
svg .mark.unlearned { fill: var(--unlearned); stroke: var(--unlearned); }
svg .mark.reference { fill: var(--reference); stroke: var(--reference); }
svg .mark.hollow { fill: var(--ground); }
svg .bold { font-weight: 600; }
.answers { background: var(--surface); border-radius: 6px; padding: .75rem 1rem; margin: 1rem 0; }
.answers h3 { margin: 0 0 .5rem; white-space: pre-wrap; }
.said { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .5rem 1.25rem; margin: 0; }
.said dt { font-weight: 600; font-size: .875rem; border-top: 3px solid; padding-top: .25rem; }
.said dt.original { color: var(--original); } .said dt.unlearned { color: var(--unlearned-text); }
.said dt.reference { color: var(--reference); }
.said dd { margin: 0; white-space: pre-wrap; }
footer { margin-top: 3rem; color: var(--secondary); font-size: .875rem; }
@page { margin: 18mm 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; background: none; }
  nav { display: none; }
  .scroll { overflow: visible; }
  h1, h2, h3, caption { break-after: avoid; }
  figure, tr, .answers, .warning { break-inside: avoid; }
  thead { display: table-header-group; }
  svg, .answers, .said dt { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

std::string variables(bool dark)
{
    const ReportColors& colors = reportColors(dark);
    return fmt::format("--original: {}; --unlearned: {}; --unlearned-text: {}; --reference: {}; "
                       "--text: {}; --secondary: {}; --grid: {}; --ground: {}; --surface: {}; "
                       "--warning: {}; --accent: {};",
                       colors.original, colors.unlearned, colors.unlearnedText, colors.reference,
                       colors.text, colors.secondary, colors.grid, colors.ground, colors.surface,
                       colors.warning, colors.accent);
}

} // namespace

// On paper the light colours hold whatever the screen has.
std::string htmlReportStyle()
{
    return fmt::format("\n:root {{ color-scheme: light dark; {} }}\n"
                       "@media screen and (prefers-color-scheme: dark) {{ :root {{ {} }} }}{}",
                       variables(false), variables(true), kRules);
}

} // namespace lacuna
