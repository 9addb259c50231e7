#pragma once

#include "core/base/json.h"
#include "core/tokens/jinja/budget.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The values of a template, with Python's meaning: Jinja's expressions are Python's, and a
/// conversation must come out as the program that the model was trained with wrote it.
namespace lacuna::jinja {

struct Arguments;
struct Context;
struct Dict;
struct Loop;
struct Namespace;
struct Sequence;
struct Callable;

/// A name or field that is not there. It may be looked at, printed (as nothing) and looped over (no
/// times); anything else ends the evaluation and says what was missing.
struct Undefined {
    std::shared_ptr<const std::string> what; ///< "the variable tools"
};
struct None {};

/// One value. Everything but a namespace is immutable once made, and shared by its copies.
class Value {
public:
    using Text = std::shared_ptr<const std::string>;
    using State =
        std::variant<Undefined, None, bool, std::int64_t, double, Text,
                     std::shared_ptr<const Sequence>, std::shared_ptr<const Dict>,
                     std::shared_ptr<const Loop>, std::shared_ptr<const Callable>, Namespace*>;

    Value() : m_state(None{}) {}
    Value(bool value) : m_state(value) {}
    Value(std::int64_t value) : m_state(value) {}
    Value(double value) : m_state(value) {}
    /// Anything else would become a bool.
    template <class T> Value(const T* value) = delete;
    explicit Value(State state) : m_state(std::move(state)) {}

    static Value undefined(std::string what);
    /// Charged to \p budget, as the others below are.
    static Value text(Budget& budget, std::string text);

    template <class T> [[nodiscard]] bool is() const { return std::holds_alternative<T>(m_state); }
    [[nodiscard]] bool isUndefined() const { return is<Undefined>(); }
    [[nodiscard]] bool isNone() const { return is<None>(); }
    [[nodiscard]] bool isText() const { return is<Text>(); }
    /// A whole number, as Python has it: true is 1.
    [[nodiscard]] bool isWhole() const { return is<std::int64_t>() || is<bool>(); }
    [[nodiscard]] bool isNumber() const { return isWhole() || is<double>(); }

    [[nodiscard]] const State& state() const { return m_state; }
    /// The following need the value to be of that kind.
    [[nodiscard]] const std::string& asText() const { return *std::get<Text>(m_state); }
    [[nodiscard]] std::int64_t asWhole() const;
    [[nodiscard]] double asNumber() const;
    /// Null when it is something else.
    [[nodiscard]] const Sequence* sequence() const;
    [[nodiscard]] const Dict* dict() const;
    [[nodiscard]] const Callable* callable() const;
    [[nodiscard]] const Loop* loop() const;
    [[nodiscard]] Namespace* ns() const;

    /// How deep containers lie in it; 0 for what holds nothing.
    [[nodiscard]] int depth() const;
    /// Python's bool().
    [[nodiscard]] bool truth() const;
    /// "a text", "a list": for messages.
    [[nodiscard]] std::string kind() const;

private:
    State m_state;
};

using Values = std::vector<Value>;

struct Sequence {
    enum class Kind : std::uint8_t {
        List,
        Tuple,
        Range,
        View,      ///< dict.keys(), .values(), .items(): a length, no positions
        Generator, ///< what map, select and their like give: gone through once, always true
    };
    Kind kind = Kind::List;
    Values items;
    int depth = 1;
    mutable bool exhausted = false; ///< a generator that has been gone through
};

struct Dict {
    std::vector<std::pair<Value, Value>> entries; ///< in the order of insertion
    int depth = 1;
};

/// `namespace()`: the only value that a template may change. Belongs to the Context.
struct Namespace {
    std::vector<std::pair<std::string, Value>> fields;
};

/// What `loop` stands for inside a `for`.
struct Loop {
    std::shared_ptr<const Sequence> items;
    std::int64_t index = 0; ///< from 0
};

struct Callable {
    std::string name; ///< for messages
    std::function<Value(Context&, const Arguments&)> call;
    int depth = 0; ///< of the value whose method it is
};

[[nodiscard]] Value makeSequence(Budget& budget, Sequence::Kind kind, Values items);
[[nodiscard]] inline Value makeList(Budget& budget, Values items)
{
    return makeSequence(budget, Sequence::Kind::List, std::move(items));
}
[[nodiscard]] Value makeDict(Budget& budget, std::vector<std::pair<Value, Value>> entries);
[[nodiscard]] Value makeCallable(Budget& budget, Callable callable);
[[nodiscard]] Value fromJson(Budget& budget, const OrderedJson& json);

/// The value under \p key, or null.
[[nodiscard]] const Value* findKey(Budget& budget, const Dict& dict, const Value& key);
[[nodiscard]] const Value* findKey(Budget& budget, const Dict& dict, std::string_view key);

/// The items of whatever can be looped over: characters of a text, keys of a dict. Uses up a
/// generator.
[[nodiscard]] Values itemsOf(Budget& budget, const Value& value);
/// Python's len(); ends the evaluation for what has none.
[[nodiscard]] std::int64_t lengthOf(Budget& budget, const Value& value);

} // namespace lacuna::jinja
