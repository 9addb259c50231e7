#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

enum class ValueType : std::uint8_t { Text, Integer, Number };

/// An option as a command declares it; help and checks are made from this.
struct Option {
    std::string name;       ///< without the dashes, lower-kebab: "max-new-tokens"
    std::string value = {}; ///< what stands for the value in the help: "N"; empty: a flag
    std::string help = {};
    ValueType type = ValueType::Text;
    bool repeatable = false;
    bool required = false;
    std::optional<double> min = {}; ///< inclusive; integers and numbers only
    std::optional<double> max = {}; ///< inclusive; integers and numbers only
};

/// An argument told by its place. Required ones come before optional ones, a repeatable one last.
struct Positional {
    std::string name; ///< upper case: "MODEL"
    std::string help = {};
    bool required = true;
    bool repeatable = false;
};

/// The words of a command line, checked against what a command declares.
///
/// `--key value` and `--key=value` mean the same; a value that itself begins with `--` needs the
/// second form. `--` ends the options. A single `-` is a positional.
///
/// Values are asked for by declared name, options ("seed") and positionals ("MODEL") alike; asking
/// for one that is not declared, or not of that type, is a bug and throws std::logic_error.
class Arguments {
public:
    /// InvalidArgument, naming the nearest known option, for whatever does not fit.
    [[nodiscard]] static Result<Arguments> parse(const std::vector<Positional>& positionals,
                                                 const std::vector<Option>& options,
                                                 const std::vector<std::string>& words);

    [[nodiscard]] bool flag(const std::string& name) const;
    /// What a required option or positional says.
    [[nodiscard]] const std::string& value(const std::string& name) const;
    /// Nothing when it was not given; the same for integer() and number().
    [[nodiscard]] std::optional<std::string> text(const std::string& name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(const std::string& name) const;
    [[nodiscard]] std::optional<double> number(const std::string& name) const;
    /// Everything given under a repeatable name, in order.
    [[nodiscard]] const std::vector<std::string>& list(const std::string& name) const;

private:
    Arguments() = default;

    std::map<std::string, std::vector<std::string>> m_values; // every declared name has an entry
};

} // namespace lacuna
