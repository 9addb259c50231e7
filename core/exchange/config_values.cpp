#include "core/exchange/config_values.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace lacuna {

ConfigValues::ConfigValues(const Json& document, std::string place)
    : m_document(&document), m_place(std::move(place))
{
    if (!document.is_object())
        m_error = Error{.code = ErrorCode::Corrupt,
                        .message = "an object in braces is needed here",
                        .context = m_place};
}

const Json* ConfigValues::find(const char* key) const
{
    if (!m_document->is_object())
        return nullptr;
    const auto found = m_document->find(key);
    return found == m_document->end() || found->is_null() ? nullptr : &*found;
}

bool ConfigValues::has(const char* key) const
{
    return find(key) != nullptr;
}

std::int64_t ConfigValues::size(const char* key, std::int64_t most,
                                std::optional<std::int64_t> fallback)
{
    const Json* value = find(key);
    if (!value) {
        if (!fallback)
            fail(key, ErrorCode::Corrupt, "the key is missing",
                 "fetch the model's config.json again");
        return fallback.value_or(1);
    }
    const std::optional<std::int64_t> number = wholeNumber(*value);
    if (number && *number >= 1 && *number <= most)
        return *number;
    fail(key, ErrorCode::Corrupt,
         fmt::format("the value {} is not a size between 1 and {}", value->dump(), most));
    return 1;
}

double ConfigValues::positive(const char* key, double fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (value->is_number() && value->get<double>() > 0)
        return value->get<double>();
    fail(key, ErrorCode::Corrupt,
         fmt::format("the value {} is not a number above 0", value->dump()));
    return fallback;
}

bool ConfigValues::flag(const char* key, bool fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (value->is_boolean())
        return value->get<bool>();
    fail(key, ErrorCode::Corrupt, fmt::format("the value {} is not true or false", value->dump()));
    return fallback;
}

std::string ConfigValues::text(const char* key, const std::string& fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (value->is_string())
        return value->get<std::string>();
    fail(key, ErrorCode::Corrupt, fmt::format("the value {} is not a text", value->dump()));
    return fallback;
}

std::vector<float> ConfigValues::positives(const char* key)
{
    std::vector<float> numbers;
    const Json* value = find(key);
    if (!value)
        return numbers;
    for (const Json& item : value->is_array() ? *value : Json::array({nullptr})) {
        if (!item.is_number() || !(item.get<double>() > 0)) {
            fail(key, ErrorCode::Corrupt, "this is not a list of numbers above 0");
            return {};
        }
        numbers.push_back(item.get<float>());
    }
    return numbers;
}

const Json* ConfigValues::object(const char* key)
{
    const Json* value = find(key);
    if (value && !value->is_object()) {
        fail(key, ErrorCode::Corrupt, "an object in braces is needed here");
        return nullptr;
    }
    return value;
}

void ConfigValues::fail(const char* key, ErrorCode code, std::string message, std::string remedy)
{
    if (!m_error)
        m_error = Error{.code = code,
                        .message = std::move(message),
                        .context = m_place + "." + key,
                        .remedy = std::move(remedy)};
}

Status ConfigValues::status() const
{
    if (m_error)
        return *m_error;
    return {};
}

} // namespace lacuna
