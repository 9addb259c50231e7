#include "core/tokens/jinja/value.h"

#include "core/base/overloaded.h"
#include "core/base/text.h"
#include "core/tokens/jinja/characters.h"
#include "core/tokens/jinja/operators.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace lacuna::jinja {
namespace {

template <class T> const T* held(const Value& value)
{
    const auto* shared = std::get_if<std::shared_ptr<const T>>(&value.state());
    return shared ? shared->get() : nullptr;
}

} // namespace

Value Value::undefined(std::string what)
{
    return Value(State(Undefined{std::make_shared<const std::string>(std::move(what))}));
}

Value Value::text(Budget& budget, std::string text)
{
    budget.allocate(text.size() + sizeof(Value));
    return Value(State(std::make_shared<const std::string>(std::move(text))));
}

std::int64_t Value::asWhole() const
{
    return is<bool>() ? static_cast<std::int64_t>(std::get<bool>(m_state))
                      : std::get<std::int64_t>(m_state);
}

double Value::asNumber() const
{
    return is<double>() ? std::get<double>(m_state) : static_cast<double>(asWhole());
}

const Sequence* Value::sequence() const
{
    return held<Sequence>(*this);
}

const Dict* Value::dict() const
{
    return held<Dict>(*this);
}

const Callable* Value::callable() const
{
    return held<Callable>(*this);
}

const Loop* Value::loop() const
{
    return held<Loop>(*this);
}

Namespace* Value::ns() const
{
    auto* const* found = std::get_if<Namespace*>(&m_state);
    return found ? *found : nullptr;
}

int Value::depth() const
{
    if (const Sequence* list = sequence())
        return list->depth;
    if (const Dict* map = dict())
        return map->depth;
    if (const Loop* around = loop())
        return around->items->depth + 1;
    if (const Callable* function = callable())
        return function->depth;
    return 0;
}

bool Value::truth() const
{
    return std::visit(
        Overloaded{
            [](const Undefined&) { return false; },
            [](None) { return false; },
            [](bool value) { return value; },
            [](std::int64_t value) { return value != 0; },
            [](double value) { return value != 0; },
            [](const Text& value) { return !value->empty(); },
            [](const std::shared_ptr<const Sequence>& value) {
                return value->kind == Sequence::Kind::Generator || !value->items.empty();
            },
            [](const std::shared_ptr<const Dict>& value) { return !value->entries.empty(); },
            [](const auto&) { return true; },
        },
        m_state);
}

std::string Value::kind() const
{
    return std::visit(
        Overloaded{
            [](const Undefined&) -> std::string { return "an undefined value"; },
            [](None) -> std::string { return "none"; },
            [](bool) -> std::string { return "true or false"; },
            [](std::int64_t) -> std::string { return "a whole number"; },
            [](double) -> std::string { return "a number"; },
            [](const Text&) -> std::string { return "a text"; },
            [](const std::shared_ptr<const Sequence>& value) -> std::string {
                return value->kind == Sequence::Kind::List    ? "a list"
                       : value->kind == Sequence::Kind::Tuple ? "a tuple"
                                                              : "a run of values";
            },
            [](const std::shared_ptr<const Dict>&) -> std::string { return "a dict"; },
            [](const std::shared_ptr<const Loop>&) -> std::string { return "the loop"; },
            [](const std::shared_ptr<const Callable>&) -> std::string { return "a function"; },
            [](Namespace*) -> std::string { return "a namespace"; },
        },
        m_state);
}

Value makeSequence(Budget& budget, Sequence::Kind kind, Values items)
{
    budget.allocate(sizeof(Sequence) + items.size() * sizeof(Value));
    int depth = 0;
    for (const Value& item : items)
        depth = std::max(depth, item.depth());
    budget.checkNesting(depth + 1);
    return Value(Value::State(std::make_shared<const Sequence>(
        Sequence{.kind = kind, .items = std::move(items), .depth = depth + 1})));
}

Value makeDict(Budget& budget, std::vector<std::pair<Value, Value>> entries)
{
    budget.allocate(sizeof(Dict) + 2 * entries.size() * sizeof(Value));
    int depth = 0;
    for (const auto& [key, value] : entries)
        depth = std::max({depth, key.depth(), value.depth()});
    budget.checkNesting(depth + 1);
    return Value(Value::State(
        std::make_shared<const Dict>(Dict{.entries = std::move(entries), .depth = depth + 1})));
}

Value makeCallable(Budget& budget, Callable callable)
{
    budget.allocate(sizeof(Callable) + 2 * sizeof(Value));
    budget.checkNesting(callable.depth);
    return Value(Value::State(std::make_shared<const Callable>(std::move(callable))));
}

Value fromJson(Budget& budget, const OrderedJson& json)
{
    const Budget::Level level(budget);
    budget.step();
    switch (json.type()) {
    case OrderedJson::value_t::boolean:
        return json.get<bool>();
    case OrderedJson::value_t::number_integer:
        return json.get<std::int64_t>();
    case OrderedJson::value_t::number_unsigned:
        if (json.get<std::uint64_t>() >
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            fail("a number takes more than 64 bits");
        return json.get<std::int64_t>();
    case OrderedJson::value_t::number_float:
        return json.get<double>();
    case OrderedJson::value_t::string:
        return Value::text(budget, validUtf8(json.get_ref<const std::string&>()));
    case OrderedJson::value_t::array: {
        Values items;
        for (const OrderedJson& item : json)
            items.push_back(fromJson(budget, item));
        return makeList(budget, std::move(items));
    }
    case OrderedJson::value_t::object: {
        std::vector<std::pair<Value, Value>> entries;
        for (const auto& [key, value] : json.items())
            entries.emplace_back(Value::text(budget, validUtf8(key)), fromJson(budget, value));
        return makeDict(budget, std::move(entries));
    }
    default:
        return {};
    }
}

const Value* findKey(Budget& budget, const Dict& dict, const Value& key)
{
    budget.step(static_cast<std::int64_t>(dict.entries.size() / 8));
    for (const auto& [candidate, value] : dict.entries)
        if (equal(budget, candidate, key))
            return &value;
    return nullptr;
}

const Value* findKey(Budget& budget, const Dict& dict, std::string_view key)
{
    budget.step(static_cast<std::int64_t>(dict.entries.size() / 8));
    for (const auto& [candidate, value] : dict.entries)
        if (candidate.isText() && candidate.asText() == key)
            return &value;
    return nullptr;
}

Values itemsOf(Budget& budget, const Value& value)
{
    Values items;
    if (value.isUndefined())
        return items;
    if (const Sequence* list = value.sequence()) {
        if (list->exhausted)
            return items;
        list->exhausted = list->kind == Sequence::Kind::Generator;
        items = list->items;
    } else if (const Dict* dict = value.dict()) {
        for (const auto& entry : dict->entries)
            items.push_back(entry.first);
    } else if (value.isText()) {
        budget.step(characterCount(value.asText()) / 8);
        for (const std::string_view character : characters(value.asText()))
            items.push_back(Value::text(budget, std::string(character)));
    } else {
        fail(value.kind() + " cannot be looped over");
    }
    budget.step(static_cast<std::int64_t>(items.size() / 8));
    budget.allocate(items.size() * sizeof(Value));
    return items;
}

std::int64_t lengthOf(Budget& budget, const Value& value)
{
    if (value.isUndefined())
        return 0;
    if (value.isText()) {
        budget.read(value.asText().size());
        return characterCount(value.asText());
    }
    if (const Dict* dict = value.dict())
        return static_cast<std::int64_t>(dict->entries.size());
    const Sequence* list = value.sequence();
    if (!list || list->kind == Sequence::Kind::Generator)
        fail(value.kind() + " has no length");
    return static_cast<std::int64_t>(list->items.size());
}

} // namespace lacuna::jinja
