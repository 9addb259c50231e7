#include "core/tokens/jinja/budget.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <utility>

namespace lacuna::jinja {
namespace {

constexpr const char* kRemedy = "use the template that the model was published with";

} // namespace

void fail(std::string message, std::string remedy, ErrorCode code)
{
    throw ErrorException(
        {.code = code, .message = std::move(message), .remedy = std::move(remedy)});
}

void Budget::step(std::int64_t count)
{
    m_steps += count;
    if (m_steps > m_limits.steps)
        fail(fmt::format("the template does not end within {} steps", m_limits.steps), kRemedy);
}

void Budget::allocate(std::size_t bytes)
{
    m_bytes += bytes;
    if (m_bytes > m_limits.bytes)
        fail("the template's values take more than " +
                 bytesText(static_cast<double>(m_limits.bytes)),
             kRemedy);
}

void Budget::checkOutput(std::size_t bytes) const
{
    if (bytes > m_limits.output)
        fail("the template writes more than " + bytesText(static_cast<double>(m_limits.output)),
             kRemedy);
}

void Budget::checkNesting(int depth) const
{
    if (depth > m_limits.nesting)
        fail(fmt::format("lists are nested more than {} deep", m_limits.nesting), kRemedy);
}

Budget::Level::Level(Budget& budget) : m_budget(budget)
{
    if (budget.m_depth >= budget.m_limits.depth)
        fail(fmt::format("the template calls itself, or is nested, more than {} deep",
                         budget.m_limits.depth),
             kRemedy);
    ++budget.m_depth;
}

} // namespace lacuna::jinja
