#pragma once

#include "core/tokens/jinja/budget.h"
#include "core/tokens/jinja/value.h"

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lacuna::jinja {

/// A day of the Gregorian calendar.
struct Date {
    int year = 2025;
    int month = 4; ///< from 1
    int day = 10;
};

/// What one evaluation shares.
struct Context {
    Budget budget;
    Date date;
    /// Values refer to them by pointer, since one may hold itself: they live, and end, together.
    std::deque<Namespace> namespaces = {};
};

struct Arguments {
    Values positional = {};
    std::vector<std::pair<std::string, Value>> named = {};
};

/// Reads the arguments of a filter, test, method or function, in the order of its parameters. Ends
/// the evaluation for what is missing, of a wrong kind, or not asked for.
class ArgumentReader {
public:
    /// \param arguments  outlives the reader
    ArgumentReader(const Arguments& arguments, std::string_view function)
        : m_arguments(arguments), m_function(function)
    {
    }

    /// Null when it is not given.
    const Value* optional(std::string_view name);
    const Value& required(std::string_view name);
    bool truth(std::string_view name, bool fallback);
    std::int64_t whole(std::string_view name, std::int64_t fallback);
    std::string text(std::string_view name, std::string fallback);
    const std::string& requiredText(std::string_view name);
    /// The positional ones not yet read, then those by name.
    Arguments rest();
    void finish() const;

private:
    [[noreturn]] void refuse(std::string_view name, std::string_view wanted,
                             const Value& value) const;

    const Arguments& m_arguments;
    std::string m_function;
    std::size_t m_read = 0;
    std::vector<std::string_view> m_named; ///< that were asked for
};

} // namespace lacuna::jinja
