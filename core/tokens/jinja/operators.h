#pragma once

#include "core/tokens/jinja/value.h"

#include <optional>

/// What Python's operators do to the values of a template. Every function ends the evaluation where
/// Python would raise.
namespace lacuna::jinja {

enum class Arithmetic : std::uint8_t {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power
};
enum class Relation : std::uint8_t {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn
};

[[nodiscard]] Value arithmetic(Budget& budget, Arithmetic op, const Value& left,
                               const Value& right);
[[nodiscard]] Value negative(const Value& value);

[[nodiscard]] bool related(Budget& budget, Relation relation, const Value& left,
                           const Value& right);
/// Never ends the evaluation but by the budget: values of different kinds are just not equal.
[[nodiscard]] bool equal(Budget& budget, const Value& left, const Value& right);
/// left < right: of numbers, texts, and lists or tuples of such.
[[nodiscard]] bool less(Budget& budget, const Value& left, const Value& right);

/// object[index]; undefined where there is nothing.
[[nodiscard]] Value subscript(Budget& budget, const Value& object, const Value& index);
/// object[begin:end:step] of a text, list or tuple; none stands for what was left out.
[[nodiscard]] Value slice(Budget& budget, const Value& object, const Value& begin, const Value& end,
                          const Value& step);

} // namespace lacuna::jinja
