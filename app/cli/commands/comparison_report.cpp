#include "app/cli/commands/comparison_report.h"

#include "app/cli/command.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <iostream>

namespace lacuna {
namespace {

const std::vector<Column> kColumns = {{.title = "quantity", .width = 52},
                                      {.title = "difference", .align = Align::Right, .width = 10},
                                      {.title = "of allowed", .align = Align::Right, .width = 10},
                                      {.title = "tolerance", .width = 24},
                                      {.title = ""}};

std::string toleranceText(const Comparison& comparison)
{
    if (comparison.absolute == 0 && comparison.relative == 0)
        return "exact";
    if (comparison.absolute == 0)
        return fmt::format("{:g} x |value|", comparison.relative);
    return fmt::format("{:g} + {:g} x |value|", comparison.absolute, comparison.relative);
}

} // namespace

void ComparisonReport::add(const Comparison& comparison)
{
    if (m_compared++ == 0 && !m_json)
        std::cout << tableHead(kColumns);
    m_failed += comparison.passed ? 0 : 1;
    if (m_json)
        writeJson(comparison);
    else
        std::cout << tableRow(kColumns,
                              {printable(comparison.quantity),
                               fmt::format("{:.2e}", comparison.difference),
                               fmt::format("{:.1f} %", comparison.worst * 100),
                               toleranceText(comparison), comparison.passed ? "ok" : "FAIL"})
                  << std::flush;
}

int ComparisonReport::finish() const
{
    if (m_failed > 0)
        std::cerr << fmt::format("{} of {} quantities are beyond their tolerance\n", m_failed,
                                 m_compared);
    else
        std::cerr << fmt::format("{} quantities, all within their tolerances\n", m_compared);
    return m_failed > 0 ? ExitCheckFailed : ExitDone;
}

void ComparisonReport::writeJson(const Comparison& comparison)
{
    const auto finite = [](double value) {
        return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
    };
    m_lines.write(OrderedJson{{"quantity", comparison.quantity},
                              {"difference", finite(comparison.difference)},
                              {"worst", finite(comparison.worst)},
                              {"absolute", comparison.absolute},
                              {"relative", comparison.relative},
                              {"passed", comparison.passed}});
}

} // namespace lacuna
