#include "core/corpora/problem.h"

#include <fmt/format.h>

#include <utility>

namespace lacuna {

std::string Problem::place() const
{
    std::string place = file;
    if (row > 0)
        place += fmt::format(":{}", row);
    if (!field.empty())
        place += fmt::format("{}field \"{}\"", place.empty() ? "" : ", ", field);
    return place;
}

std::string Problem::text() const
{
    return Error{.code = code, .message = message, .context = place(), .remedy = remedy}.text();
}

Status ProblemList::status() const
{
    if (m_errorCount == 0)
        return {};
    const Problem& first = m_errors.front();
    const std::string more =
        m_errorCount > 1 ? fmt::format(" (and {} more)", m_errorCount - 1) : std::string();
    return Error{.code = first.code,
                 .message = first.message + more,
                 .context = first.place(),
                 .remedy = first.remedy};
}

void ProblemList::add(Problem problem)
{
    const bool isError = problem.severity == Severity::Error;
    std::vector<Problem>& kept = isError ? m_errors : m_warnings;
    ++(isError ? m_errorCount : m_warningCount);
    if (kept.size() < kKept)
        kept.push_back(std::move(problem));
}

} // namespace lacuna
