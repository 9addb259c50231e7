#include "core/tokens/jinja/operators.h"

#include "core/tokens/jinja/characters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna::jinja {
namespace {

constexpr std::array kSigns = {"+", "-", "*", "/", "//", "%", "**"};
constexpr const char* kTooLarge = "a number takes more than 64 bits";

/// Ends the evaluation for an operand that is not there, with what is missing rather than with
/// what cannot be done to it.
void refuseUndefined(const Value& value)
{
    if (const auto* missing = std::get_if<Undefined>(&value.state()))
        fail(*missing->what + " is not defined");
}

std::int64_t floorDivided(std::int64_t left, std::int64_t right)
{
    if (right == -1) { // the one quotient that can overflow
        std::int64_t negated = 0;
        if (__builtin_sub_overflow(std::int64_t{0}, left, &negated))
            fail(kTooLarge);
        return negated;
    }
    const std::int64_t quotient = left / right;
    return quotient - (left % right != 0 && (left < 0) != (right < 0) ? 1 : 0);
}

std::int64_t floorRemainder(std::int64_t left, std::int64_t right)
{
    if (right == -1)
        return 0;
    const std::int64_t remainder = left % right;
    return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
}

std::int64_t wholePower(std::int64_t base, std::int64_t exponent)
{
    std::int64_t result = 1;
    while (exponent > 0) {
        bool overflow = false;
        if (exponent % 2 == 1)
            overflow = __builtin_mul_overflow(result, base, &result);
        exponent /= 2;
        if (exponent > 0)
            overflow = overflow || __builtin_mul_overflow(base, base, &base);
        if (overflow)
            fail(kTooLarge);
    }
    return result;
}

Value wholeArithmetic(Arithmetic op, std::int64_t left, std::int64_t right)
{
    std::int64_t result = 0;
    bool overflow = false;
    switch (op) {
    case Arithmetic::Add:
        overflow = __builtin_add_overflow(left, right, &result);
        break;
    case Arithmetic::Subtract:
        overflow = __builtin_sub_overflow(left, right, &result);
        break;
    case Arithmetic::Multiply:
        overflow = __builtin_mul_overflow(left, right, &result);
        break;
    case Arithmetic::Divide:
        return static_cast<double>(left) / static_cast<double>(right);
    case Arithmetic::FloorDivide:
        return floorDivided(left, right);
    case Arithmetic::Remainder:
        return floorRemainder(left, right);
    case Arithmetic::Power:
        if (right < 0)
            return std::pow(static_cast<double>(left), static_cast<double>(right));
        return wholePower(left, right);
    }
    if (overflow)
        fail(kTooLarge);
    return result;
}

Value realArithmetic(Arithmetic op, double left, double right)
{
    switch (op) {
    case Arithmetic::Add:
        return left + right;
    case Arithmetic::Subtract:
        return left - right;
    case Arithmetic::Multiply:
        return left * right;
    case Arithmetic::Divide:
        return left / right;
    case Arithmetic::FloorDivide:
        return std::floor(left / right);
    case Arithmetic::Remainder: {
        const double remainder = std::fmod(left, right);
        return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
    }
    case Arithmetic::Power:
        break;
    }
    return std::pow(left, right);
}

Value numberArithmetic(Arithmetic op, const Value& left, const Value& right)
{
    const bool divides = op == Arithmetic::Divide || op == Arithmetic::FloorDivide ||
                         op == Arithmetic::Remainder ||
                         (op == Arithmetic::Power && right.asNumber() < 0);
    if (divides && (op == Arithmetic::Power ? left : right).asNumber() == 0)
        fail("the template divides by zero");
    if (left.isWhole() && right.isWhole())
        return wholeArithmetic(op, left.asWhole(), right.asWhole());
    return realArithmetic(op, left.asNumber(), right.asNumber());
}

bool isListLike(const Value& value)
{
    const Sequence* list = value.sequence();
    return list && (list->kind == Sequence::Kind::List || list->kind == Sequence::Kind::Tuple);
}

Value repeated(Budget& budget, const Value& value, std::int64_t times)
{
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
    const std::size_t size =
        value.isText() ? value.asText().size() : value.sequence()->items.size() * sizeof(Value);
    std::size_t total = 0;
    if (__builtin_mul_overflow(size, count, &total))
        fail("a repeated value is too large");
    budget.allocate(total); // before it is made
    if (value.isText()) {
        std::string text;
        for (std::size_t i = 0; i < count && size > 0; ++i)
            text += value.asText();
        return Value::text(budget, std::move(text));
    }
    Values items;
    for (std::size_t i = 0; i < count && size > 0; ++i)
        items.insert(items.end(), value.sequence()->items.begin(), value.sequence()->items.end());
    return makeSequence(budget, value.sequence()->kind, std::move(items));
}

Value joined(Budget& budget, const Sequence& left, const Sequence& right)
{
    budget.allocate((left.items.size() + right.items.size()) * sizeof(Value));
    Values items = left.items;
    items.insert(items.end(), right.items.begin(), right.items.end());
    return makeSequence(budget, left.kind, std::move(items));
}

/// The place of \p index in something of \p length, counted from the end where it is negative;
/// -1 when there is none.
std::int64_t placeOf(std::int64_t index, std::int64_t length)
{
    const std::int64_t place = index < 0 ? index + length : index;
    return place < length ? std::max<std::int64_t>(place, -1) : -1;
}

std::optional<std::int64_t> bound(const Value& value)
{
    refuseUndefined(value);
    if (value.isNone())
        return std::nullopt;
    if (!value.isWhole())
        fail("a slice needs whole numbers, not " + value.kind());
    return value.asWhole();
}

/// The places of a slice, by the rules of Python's slice.indices().
std::vector<std::size_t> slicePlaces(std::int64_t length, std::optional<std::int64_t> begin,
                                     std::optional<std::int64_t> end, std::int64_t step)
{
    const std::int64_t low = step < 0 ? -1 : 0;
    const std::int64_t high = step < 0 ? length - 1 : length;
    const auto clamped = [&](std::optional<std::int64_t> place, std::int64_t fallback) {
        if (!place)
            return fallback;
        return std::clamp(*place < 0 ? *place + length : *place, low, high);
    };
    const std::int64_t first = clamped(begin, step < 0 ? high : low);
    const std::int64_t last = clamped(end, step < 0 ? low : high);
    std::vector<std::size_t> places;
    // A step as long as the whole ends it; a longer one might not fit into the sum.
    const std::int64_t stride = std::clamp(step, -length - 1, length + 1);
    for (std::int64_t at = first; step < 0 ? at > last : at < last; at += stride)
        places.push_back(static_cast<std::size_t>(at));
    return places;
}

bool contains(Budget& budget, const Value& container, const Value& item)
{
    refuseUndefined(item);
    if (container.isText()) {
        if (!item.isText())
            fail("only a text can be in a text, not " + item.kind());
        budget.read(container.asText().size());
        return findText(container.asText(), item.asText()) != std::string::npos;
    }
    if (const Dict* dict = container.dict())
        return findKey(budget, *dict, item) != nullptr;
    const Values items = itemsOf(budget, container);
    return std::any_of(items.begin(), items.end(),
                       [&](const Value& other) { return equal(budget, other, item); });
}

} // namespace

Value arithmetic(Budget& budget, Arithmetic op, const Value& left, const Value& right)
{
    refuseUndefined(left);
    refuseUndefined(right);
    if (left.isNumber() && right.isNumber())
        return numberArithmetic(op, left, right);
    if (op == Arithmetic::Add) {
        if (left.isText() && right.isText()) {
            budget.allocate(left.asText().size() + right.asText().size());
            return Value::text(budget, left.asText() + right.asText());
        }
        if (isListLike(left) && isListLike(right) &&
            left.sequence()->kind == right.sequence()->kind)
            return joined(budget, *left.sequence(), *right.sequence());
    }
    if (op == Arithmetic::Multiply) {
        if ((left.isText() || isListLike(left)) && right.isWhole())
            return repeated(budget, left, right.asWhole());
        if (left.isWhole() && (right.isText() || isListLike(right)))
            return repeated(budget, right, left.asWhole());
    }
    fail(fmt::format("{} {} {} cannot be computed", left.kind(),
                     kSigns[static_cast<std::size_t>(op)], right.kind()));
}

Value negative(const Value& value)
{
    refuseUndefined(value);
    if (value.is<double>())
        return -value.asNumber();
    if (!value.isWhole())
        fail(value.kind() + " has no negative");
    return wholeArithmetic(Arithmetic::Subtract, 0, value.asWhole());
}

bool equal(Budget& budget, const Value& left, const Value& right)
{
    const Budget::Level level(budget);
    budget.step();
    if (left.isWhole() && right.isWhole())
        return left.asWhole() == right.asWhole();
    if (left.isNumber() && right.isNumber())
        return left.asNumber() == right.asNumber();
    if (left.isText() && right.isText()) {
        if (left.asText().size() == right.asText().size())
            budget.read(left.asText().size());
        return left.asText() == right.asText();
    }
    if (left.sequence() && right.sequence()) {
        const Sequence& a = *left.sequence();
        const Sequence& b = *right.sequence();
        return &a == &b ||
               (a.kind == b.kind && a.kind != Sequence::Kind::Generator &&
                std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                           [&](const Value& x, const Value& y) { return equal(budget, x, y); }));
    }
    if (left.dict() && right.dict()) {
        const Dict& a = *left.dict();
        const Dict& b = *right.dict();
        return &a == &b || (a.entries.size() == b.entries.size() &&
                            std::all_of(a.entries.begin(), a.entries.end(), [&](const auto& entry) {
                                const Value* other = findKey(budget, b, entry.first);
                                return other && equal(budget, entry.second, *other);
                            }));
    }
    if (left.ns() || right.ns())
        return left.ns() == right.ns();
    if (left.callable() || right.callable())
        return left.callable() == right.callable();
    if (left.loop() || right.loop())
        return left.loop() == right.loop();
    return (left.isNone() && right.isNone()) || (left.isUndefined() && right.isUndefined());
}

bool less(Budget& budget, const Value& left, const Value& right)
{
    const Budget::Level level(budget);
    budget.step();
    refuseUndefined(left);
    refuseUndefined(right);
    if (left.isWhole() && right.isWhole())
        return left.asWhole() < right.asWhole();
    if (left.isNumber() && right.isNumber())
        return left.asNumber() < right.asNumber();
    if (left.isText() && right.isText()) {
        budget.read(std::min(left.asText().size(), right.asText().size()));
        return left.asText() < right.asText(); // bytes of UTF-8 sort as their code points do
    }
    if (isListLike(left) && isListLike(right) && left.sequence()->kind == right.sequence()->kind) {
        const Values& a = left.sequence()->items;
        const Values& b = right.sequence()->items;
        for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
            if (!equal(budget, a[i], b[i]))
                return less(budget, a[i], b[i]);
        return a.size() < b.size();
    }
    fail(left.kind() + " and " + right.kind() + " have no order");
}

bool related(Budget& budget, Relation relation, const Value& left, const Value& right)
{
    switch (relation) {
    case Relation::Equal:
        return equal(budget, left, right);
    case Relation::NotEqual:
        return !equal(budget, left, right);
    case Relation::Less:
        return less(budget, left, right);
    case Relation::LessEqual:
        return less(budget, left, right) || equal(budget, left, right);
    case Relation::Greater:
        return less(budget, right, left);
    case Relation::GreaterEqual:
        return less(budget, right, left) || equal(budget, left, right);
    case Relation::In:
        return contains(budget, right, left);
    case Relation::NotIn:
        break;
    }
    return !contains(budget, right, left);
}

Value subscript(Budget& budget, const Value& object, const Value& index)
{
    refuseUndefined(object);
    if (const Dict* dict = object.dict()) {
        const Value* found = findKey(budget, *dict, index);
        return found ? *found : Value::undefined("the field of this key");
    }
    const Sequence* list = object.sequence();
    const bool positions =
        list && (isListLike(object) || list->kind == Sequence::Kind::Range) && index.isWhole();
    if (positions) {
        const std::int64_t place =
            placeOf(index.asWhole(), static_cast<std::int64_t>(list->items.size()));
        return place < 0 ? Value::undefined(fmt::format("item {} of the list", index.asWhole()))
                         : list->items[static_cast<std::size_t>(place)];
    }
    if (object.isText() && index.isWhole()) {
        const std::string& text = object.asText();
        budget.read(text.size());
        const std::int64_t place = placeOf(index.asWhole(), characterCount(text));
        if (place < 0)
            return Value::undefined(fmt::format("character {} of the text", index.asWhole()));
        budget.step(static_cast<std::int64_t>(text.size() / 16));
        std::string_view rest = text;
        for (std::int64_t i = 0; i < place; ++i)
            rest.remove_prefix(characterLength(rest));
        return Value::text(budget, std::string(rest.substr(0, characterLength(rest))));
    }
    return Value::undefined("a part of " + object.kind());
}

Value slice(Budget& budget, const Value& object, const Value& begin, const Value& end,
            const Value& step)
{
    refuseUndefined(object);
    const std::int64_t stride = bound(step).value_or(1);
    if (stride == 0)
        fail("the step of a slice cannot be 0");
    if (!object.isText() && !isListLike(object))
        fail(object.kind() + " cannot be sliced");
    const std::int64_t length = lengthOf(budget, object);
    budget.step(length / 8);
    budget.allocate(static_cast<std::size_t>(length) * sizeof(std::string_view));
    const std::vector<std::size_t> places = slicePlaces(length, bound(begin), bound(end), stride);
    if (object.isText()) {
        const std::vector<std::string_view> all = characters(object.asText());
        std::string text;
        for (const std::size_t place : places)
            text += all[place];
        return Value::text(budget, std::move(text));
    }
    Values items;
    for (const std::size_t place : places)
        items.push_back(object.sequence()->items[place]);
    return makeSequence(budget, object.sequence()->kind, std::move(items));
}

} // namespace lacuna::jinja
