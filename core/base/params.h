#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lacuna {

using ParamValue = std::variant<double, std::int64_t, bool, std::string>;

/// One parameter of a catalogue entry. The alternative held by `fallback` is its type. Command
/// line, recipe check, forms and reference pages are made from this.
struct ParamSpec {
    std::string name;
    ParamValue fallback = 0.0;
    std::optional<double> min = {};        ///< inclusive; numbers only
    std::optional<double> max = {};        ///< inclusive; numbers only
    std::vector<std::string> choices = {}; ///< texts only; empty: any text
    std::string unit = {};
    std::string help = {};
    std::string provenance = {}; ///< where the default comes from
};

/// Values checked against their specs; every spec has one.
class ParamSet {
public:
    /// Defaults of every spec.
    explicit ParamSet(const std::vector<ParamSpec>& specs = {});

    [[nodiscard]] double number(const std::string& name) const;
    [[nodiscard]] std::int64_t integer(const std::string& name) const;
    [[nodiscard]] bool flag(const std::string& name) const;
    [[nodiscard]] const std::string& text(const std::string& name) const;

    /// \p value is refused, with the allowed range, when its type or range is wrong; a whole number
    /// is accepted where a real one is wanted.
    [[nodiscard]] Status set(const ParamSpec& spec, const Json& value, const std::string& place);
    [[nodiscard]] Json toJson() const;

private:
    std::map<std::string, ParamValue> m_values;
};

/// Reads \p object, whose keys besides those in \p reserved must be parameters of \p specs.
/// Null stands for an object without keys.
[[nodiscard]] Result<ParamSet> readParams(const std::vector<ParamSpec>& specs, const Json& object,
                                          const std::string& place,
                                          const std::vector<std::string>& reserved = {"id"});

/// For `methods`, `controls` and the like: name, type, default, range, unit, help.
[[nodiscard]] Json describeParam(const ParamSpec& spec);

} // namespace lacuna
