#include "core/tokens/jinja/context.h"

#include <fmt/format.h>

#include <algorithm>

namespace lacuna::jinja {

const Value* ArgumentReader::optional(std::string_view name)
{
    m_named.push_back(name);
    if (m_read < m_arguments.positional.size())
        return &m_arguments.positional[m_read++];
    const auto found = std::find_if(m_arguments.named.begin(), m_arguments.named.end(),
                                    [&](const auto& argument) { return argument.first == name; });
    return found == m_arguments.named.end() ? nullptr : &found->second;
}

const Value& ArgumentReader::required(std::string_view name)
{
    const Value* value = optional(name);
    if (!value)
        fail(fmt::format("{} needs the argument {}", m_function, name));
    return *value;
}

bool ArgumentReader::truth(std::string_view name, bool fallback)
{
    const Value* value = optional(name);
    return value ? value->truth() : fallback;
}

std::int64_t ArgumentReader::whole(std::string_view name, std::int64_t fallback)
{
    const Value* value = optional(name);
    if (!value || value->isNone())
        return fallback;
    if (!value->isWhole())
        refuse(name, "a whole number", *value);
    return value->asWhole();
}

std::string ArgumentReader::text(std::string_view name, std::string fallback)
{
    const Value* value = optional(name);
    if (!value || value->isNone())
        return fallback;
    if (!value->isText())
        refuse(name, "a text", *value);
    return value->asText();
}

const std::string& ArgumentReader::requiredText(std::string_view name)
{
    const Value& value = required(name);
    if (!value.isText())
        refuse(name, "a text", value);
    return value.asText();
}

Arguments ArgumentReader::rest()
{
    Arguments rest{.named = m_arguments.named};
    rest.positional.assign(m_arguments.positional.begin() + static_cast<std::ptrdiff_t>(m_read),
                           m_arguments.positional.end());
    m_read = m_arguments.positional.size();
    for (const auto& [name, value] : m_arguments.named)
        m_named.push_back(name);
    return rest;
}

void ArgumentReader::finish() const
{
    if (m_read < m_arguments.positional.size())
        fail(fmt::format("{} takes fewer than {} arguments", m_function,
                         m_arguments.positional.size()));
    for (const auto& [name, value] : m_arguments.named)
        if (std::find(m_named.begin(), m_named.end(), name) == m_named.end())
            fail(fmt::format("{} has no argument {}", m_function, name));
}

void ArgumentReader::refuse(std::string_view name, std::string_view wanted,
                            const Value& value) const
{
    fail(fmt::format("the argument {} of {} must be {}, not {}", name, m_function, wanted,
                     value.kind()));
}

} // namespace lacuna::jinja
