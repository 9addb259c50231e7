#include "app/cli/arguments.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace lacuna {
namespace {

/// The whole of \p text as a \p T, or nothing.
template <class T> std::optional<T> parsed(std::string_view text)
{
    T value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

Error usageError(std::string message, std::string remedy = {})
{
    return {.code = ErrorCode::InvalidArgument,
            .message = std::move(message),
            .remedy = std::move(remedy)};
}

Error unknownOption(const std::string& name, const std::vector<Option>& options)
{
    std::vector<std::string> known = {"help"};
    for (const Option& option : options)
        known.push_back(option.name);
    const auto nearest = nearestName(name, known);
    return usageError(fmt::format("there is no option --{}", name),
                      nearest ? fmt::format("did you mean --{}?", *nearest)
                              : "known ones: --" + join(known, ", --"));
}

std::string rangeText(const Option& option)
{
    if (option.min && option.max)
        return fmt::format(" from {} to {}", *option.min, *option.max);
    if (option.min)
        return fmt::format(", {} or more", *option.min);
    return option.max ? fmt::format(", {} or less", *option.max) : std::string();
}

Status checkValue(const Option& option, const std::string& text)
{
    if (option.type == ValueType::Text)
        return {};
    std::optional<double> value;
    if (option.type == ValueType::Number)
        value = parsed<double>(text);
    else if (const auto integer = parsed<std::int64_t>(text))
        value = static_cast<double>(*integer);
    const bool fits = value && std::isfinite(*value) && *value >= option.min.value_or(*value) &&
                      *value <= option.max.value_or(*value);
    if (fits)
        return {};
    return usageError(fmt::format("--{} wants {}{}, not \"{}\"", option.name,
                                  option.type == ValueType::Integer ? "a whole number" : "a number",
                                  rangeText(option), text));
}

/// Reads the option at \p words[i], and moves \p i to its value when that is the next word.
Status readOption(const std::vector<Option>& options, const std::vector<std::string>& words,
                  std::size_t& i, std::map<std::string, std::vector<std::string>>& values)
{
    const std::string& word = words[i];
    if (!word.starts_with("--"))
        return usageError(fmt::format("there is no option {}", word),
                          "options begin with --; after a -- alone, words may begin with a dash");
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto found = std::find_if(options.begin(), options.end(),
                                    [&](const Option& option) { return option.name == name; });
    if (found == options.end())
        return unknownOption(name, options);

    std::vector<std::string>& given = values[name];
    if (found->value.empty()) {
        if (equals != std::string::npos)
            return usageError(fmt::format("--{} takes no value", name));
        given = {std::string()};
        return {};
    }
    if (!given.empty() && !found->repeatable)
        return usageError(fmt::format("--{} is given twice", name));
    if (equals != std::string::npos)
        given.push_back(word.substr(equals + 1));
    else if (i + 1 < words.size() && !words[i + 1].starts_with("--"))
        given.push_back(words[++i]);
    else
        return usageError(fmt::format("--{} needs a value", name),
                          fmt::format("write --{0} {1}, or --{0}={1} when it begins with --", name,
                                      found->value));
    return checkValue(*found, given.back());
}

Status placePositionals(const std::vector<Positional>& positionals,
                        const std::vector<std::string>& words,
                        std::map<std::string, std::vector<std::string>>& values)
{
    std::size_t next = 0;
    for (const Positional& positional : positionals) {
        std::vector<std::string>& given = values[positional.name];
        while (next < words.size() && (given.empty() || positional.repeatable))
            given.push_back(words[next++]);
        if (positional.required && given.empty())
            return usageError(fmt::format("{} is missing", positional.name));
    }
    if (next < words.size())
        return usageError(fmt::format("\"{}\" is one argument too many", words[next]));
    return {};
}

} // namespace

Result<Arguments> Arguments::parse(const std::vector<Positional>& positionals,
                                   const std::vector<Option>& options,
                                   const std::vector<std::string>& words)
{
    Arguments arguments;
    for (const Option& option : options)
        arguments.m_values[option.name];

    std::vector<std::string> placed;
    bool optionsEnded = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (optionsEnded || words[i] == "-" || !words[i].starts_with('-'))
            placed.push_back(words[i]);
        else if (words[i] == "--")
            optionsEnded = true;
        else if (const Status status = readOption(options, words, i, arguments.m_values); !status)
            return status.error();
    }
    if (const Status status = placePositionals(positionals, placed, arguments.m_values); !status)
        return status.error();
    for (const Option& option : options)
        if (option.required && arguments.m_values[option.name].empty())
            return usageError(fmt::format("--{} {} is missing", option.name, option.value));
    return arguments;
}

bool Arguments::flag(const std::string& name) const
{
    return !list(name).empty();
}

const std::string& Arguments::value(const std::string& name) const
{
    const std::vector<std::string>& given = list(name);
    if (given.empty())
        throw std::logic_error(name + " is not required, and was not given");
    return given.front();
}

std::optional<std::string> Arguments::text(const std::string& name) const
{
    const std::vector<std::string>& given = list(name);
    return given.empty() ? std::nullopt : std::optional(given.front());
}

std::optional<std::int64_t> Arguments::integer(const std::string& name) const
{
    const auto given = text(name);
    if (!given)
        return std::nullopt;
    const auto value = parsed<std::int64_t>(*given);
    if (!value)
        throw std::logic_error(name + " is not declared as an integer");
    return value;
}

std::optional<double> Arguments::number(const std::string& name) const
{
    const auto given = text(name);
    if (!given)
        return std::nullopt;
    const auto value = parsed<double>(*given);
    if (!value)
        throw std::logic_error(name + " is not declared as a number");
    return value;
}

const std::vector<std::string>& Arguments::list(const std::string& name) const
{
    const auto found = m_values.find(name);
    if (found == m_values.end())
        throw std::logic_error("no option or positional is called " + name);
    return found->second;
}

} // namespace lacuna
