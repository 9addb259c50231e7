#include "core/tokens/jinja/value_tests.h"

#include "core/tokens/jinja/characters.h"
#include "core/tokens/jinja/filters.h"
#include "core/tokens/jinja/operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lacuna::jinja {
namespace {

using Reader = ArgumentReader;
using TestFunction = bool (*)(Context&, const Value& value, Reader& arguments);

struct Entry {
    std::string_view name;
    TestFunction function;
};

template <bool (*kProperty)(const Value&)>
bool has(Context& /*context*/, const Value& value, Reader& /*arguments*/)
{
    return kProperty(value);
}

template <Relation kRelation> bool compares(Context& context, const Value& value, Reader& arguments)
{
    return related(context.budget, kRelation, value, arguments.required("other"));
}

bool isDefined(const Value& value)
{
    return !value.isUndefined();
}

bool isUndefined(const Value& value)
{
    return value.isUndefined();
}

bool isNone(const Value& value)
{
    return value.isNone();
}

bool isText(const Value& value)
{
    return value.isText();
}

bool isMapping(const Value& value)
{
    return value.dict() != nullptr;
}

bool isIterable(const Value& value)
{
    return value.isUndefined() || value.isText() || value.dict() || value.sequence() ||
           value.loop();
}

/// Jinja asks for a length and square brackets, and an undefined value has both.
bool isSequence(const Value& value)
{
    const Sequence* list = value.sequence();
    return value.isUndefined() || value.isText() || value.dict() ||
           (list && list->kind != Sequence::Kind::View && list->kind != Sequence::Kind::Generator);
}

bool isNumber(const Value& value)
{
    return value.isNumber();
}

bool isWhole(const Value& value)
{
    return value.is<std::int64_t>();
}

bool isReal(const Value& value)
{
    return value.is<double>();
}

bool isBoolean(const Value& value)
{
    return value.is<bool>();
}

bool isTrue(const Value& value)
{
    return value.is<bool>() && value.truth();
}

bool isFalse(const Value& value)
{
    return value.is<bool>() && !value.truth();
}

bool isCallable(const Value& value)
{
    return value.callable() != nullptr;
}

template <std::int64_t kRest> bool isParity(Context& context, const Value& value, Reader& /*args*/)
{
    const Value rest = arithmetic(context.budget, Arithmetic::Remainder, value, std::int64_t{2});
    return equal(context.budget, rest, kRest);
}

bool isDivisible(Context& context, const Value& value, Reader& arguments)
{
    const Value rest =
        arithmetic(context.budget, Arithmetic::Remainder, value, arguments.required("num"));
    return equal(context.budget, rest, std::int64_t{0});
}

/// Python's isupper() and islower(): some letter, and none of the other case.
template <bool kUpper> bool isCase(Context& context, const Value& value, Reader& /*arguments*/)
{
    if (!value.isText())
        fail("upper and lower are tests of a text, not of " + value.kind());
    const std::string& text = value.asText();
    context.budget.read(text.size() * 32);
    const std::string upper = upperCase(text);
    const std::string lower = lowerCase(text);
    return upper != lower && text == (kUpper ? upper : lower);
}

/// Python's `is`. Of constants it is certain; other values here are copied, not shared by name.
bool isSame(Context& context, const Value& value, Reader& arguments)
{
    const Value& other = arguments.required("other");
    return value.state().index() == other.state().index() && equal(context.budget, value, other);
}

bool isFilter(Context& /*context*/, const Value& value, Reader& /*arguments*/)
{
    return value.isText() && (findValueFilter(value.asText()) || findListFilter(value.asText()));
}

constexpr std::array kTests = {
    Entry{"defined", has<isDefined>},
    Entry{"undefined", has<isUndefined>},
    Entry{"none", has<isNone>},
    Entry{"string", has<isText>},
    Entry{"mapping", has<isMapping>},
    Entry{"iterable", has<isIterable>},
    Entry{"sequence", has<isSequence>},
    Entry{"number", has<isNumber>},
    Entry{"integer", has<isWhole>},
    Entry{"float", has<isReal>},
    Entry{"boolean", has<isBoolean>},
    Entry{"true", has<isTrue>},
    Entry{"false", has<isFalse>},
    Entry{"callable", has<isCallable>},
    Entry{"odd", isParity<1>},
    Entry{"even", isParity<0>},
    Entry{"divisibleby", isDivisible},
    Entry{"upper", isCase<true>},
    Entry{"lower", isCase<false>},
    Entry{"sameas", isSame},
    Entry{"filter", isFilter},
    Entry{"in", compares<Relation::In>},
    Entry{"eq", compares<Relation::Equal>},
    Entry{"equalto", compares<Relation::Equal>},
    Entry{"==", compares<Relation::Equal>},
    Entry{"ne", compares<Relation::NotEqual>},
    Entry{"!=", compares<Relation::NotEqual>},
    Entry{"lt", compares<Relation::Less>},
    Entry{"lessthan", compares<Relation::Less>},
    Entry{"<", compares<Relation::Less>},
    Entry{"le", compares<Relation::LessEqual>},
    Entry{"<=", compares<Relation::LessEqual>},
    Entry{"gt", compares<Relation::Greater>},
    Entry{"greaterthan", compares<Relation::Greater>},
    Entry{">", compares<Relation::Greater>},
    Entry{"ge", compares<Relation::GreaterEqual>},
    Entry{">=", compares<Relation::GreaterEqual>},
};

} // namespace

bool applyTest(Context& context, std::string_view name, const Value& value,
               const Arguments& arguments)
{
    const auto* found = std::find_if(kTests.begin(), kTests.end(),
                                     [&](const Entry& entry) { return entry.name == name; });
    if (found == kTests.end())
        fail(fmt::format("the test \"{}\" is not known", name));
    context.budget.step();
    ArgumentReader reader(arguments, name);
    const bool result = found->function(context, value, reader);
    reader.finish();
    return result;
}

} // namespace lacuna::jinja
