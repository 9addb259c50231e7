#include "core/base/params.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace lacuna {
namespace {

constexpr std::array kTypeNames = {"number", "integer", "flag", "text"};

Json toJsonValue(const ParamValue& value)
{
    return std::visit([](const auto& held) { return Json(held); }, value);
}

std::string rangeText(const ParamSpec& spec)
{
    if (!spec.choices.empty())
        return "one of " + join(spec.choices, ", ");
    if (spec.min && spec.max)
        return fmt::format("between {:g} and {:g}", *spec.min, *spec.max);
    if (spec.min)
        return fmt::format("at least {:g}", *spec.min);
    if (spec.max)
        return fmt::format("at most {:g}", *spec.max);
    return kTypeNames[spec.fallback.index()];
}

} // namespace

ParamSet::ParamSet(const std::vector<ParamSpec>& specs)
{
    for (const ParamSpec& spec : specs)
        m_values[spec.name] = spec.fallback;
}

double ParamSet::number(const std::string& name) const
{
    return std::get<double>(m_values.at(name));
}

std::int64_t ParamSet::integer(const std::string& name) const
{
    return std::get<std::int64_t>(m_values.at(name));
}

bool ParamSet::flag(const std::string& name) const
{
    return std::get<bool>(m_values.at(name));
}

const std::string& ParamSet::text(const std::string& name) const
{
    return std::get<std::string>(m_values.at(name));
}

Status ParamSet::set(const ParamSpec& spec, const Json& value, const std::string& place)
{
    const auto refuse = [&] {
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = spec.name + " cannot be " +
                                value.dump(-1, ' ', false, Json::error_handler_t::replace),
                     .context = place,
                     .remedy = "it must be " + rangeText(spec)};
    };
    const auto inRange = [&](double x) {
        return std::isfinite(x) && (!spec.min || x >= *spec.min) && (!spec.max || x <= *spec.max);
    };
    switch (spec.fallback.index()) {
    case 0:
        if (!value.is_number() || !inRange(value.get<double>()))
            return refuse();
        m_values[spec.name] = value.get<double>();
        return {};
    case 1:
        if (const auto whole = wholeNumber(value); whole && inRange(static_cast<double>(*whole))) {
            m_values[spec.name] = *whole;
            return {};
        }
        return refuse();
    case 2:
        if (!value.is_boolean())
            return refuse();
        m_values[spec.name] = value.get<bool>();
        return {};
    default:
        if (!value.is_string() ||
            (!spec.choices.empty() && std::find(spec.choices.begin(), spec.choices.end(),
                                                value.get<std::string>()) == spec.choices.end()))
            return refuse();
        m_values[spec.name] = value.get<std::string>();
        return {};
    }
}

Json ParamSet::toJson() const
{
    Json object = Json::object();
    for (const auto& [name, value] : m_values)
        object[name] = toJsonValue(value);
    return object;
}

Result<ParamSet> readParams(const std::vector<ParamSpec>& specs, const Json& object,
                            const std::string& place, const std::vector<std::string>& reserved)
{
    if (object.is_null()) // as everywhere in a recipe: null is absent
        return ParamSet(specs);
    if (!object.is_object())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "an object in braces is needed here",
                     .context = place};
    ParamSet set(specs);
    for (const auto& item : object.items()) {
        const std::string& key = item.key(); // clang 14 lets no lambda capture a structured binding
        if (std::find(reserved.begin(), reserved.end(), key) != reserved.end())
            continue;
        const auto spec = std::find_if(specs.begin(), specs.end(),
                                       [&](const ParamSpec& s) { return s.name == key; });
        if (spec == specs.end()) {
            std::vector<std::string> known;
            known.reserve(specs.size());
            for (const ParamSpec& s : specs)
                known.push_back(s.name);
            const auto nearest = nearestName(key, known);
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "unknown parameter \"" + key + "\"",
                         .context = place,
                         .remedy = nearest         ? "did you mean \"" + *nearest + "\"?"
                                   : known.empty() ? "it takes none"
                                                   : "known ones: " + join(known, ", ")};
        }
        if (const Status status = set.set(*spec, item.value(), place); !status)
            return status.error();
    }
    return set;
}

Json describeParam(const ParamSpec& spec)
{
    Json entry = {{"name", spec.name},
                  {"type", kTypeNames[spec.fallback.index()]},
                  {"default", toJsonValue(spec.fallback)},
                  {"help", spec.help}};
    if (spec.min)
        entry["min"] = *spec.min;
    if (spec.max)
        entry["max"] = *spec.max;
    if (!spec.choices.empty())
        entry["choices"] = spec.choices;
    if (!spec.unit.empty())
        entry["unit"] = spec.unit;
    if (!spec.provenance.empty())
        entry["provenance"] = spec.provenance;
    return entry;
}

} // namespace lacuna
