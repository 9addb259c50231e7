#include "core/tokens/jinja/characters.h"
#include "core/tokens/jinja/fields.h"
#include "core/tokens/jinja/filters.h"
#include "core/tokens/jinja/operators.h"
#include "core/tokens/jinja/value_tests.h"
#include "core/tokens/jinja/value_text.h"

#include <algorithm>
#include <array>

namespace lacuna::jinja {
namespace {

using Reader = ArgumentReader;

Value generator(Context& context, Values items)
{
    return makeSequence(context.budget, Sequence::Kind::Generator, std::move(items));
}

/// What an item is compared by: itself or one of its fields, in small letters unless
/// \p caseSensitive.
Value keyOf(Context& context, const Value& item, const Value* path, bool caseSensitive)
{
    Value key = path && !path->isNone() ? fieldAtPath(context, item, *path) : item;
    if (caseSensitive || !key.isText())
        return key;
    context.budget.read(key.asText().size() * 16);
    return Value::text(context.budget, lowerCase(key.asText()));
}

std::vector<std::pair<Value, Value>> keyed(Context& context, const Value& input, const Value* path,
                                           bool caseSensitive)
{
    std::vector<std::pair<Value, Value>> all;
    for (const Value& item : itemsOf(context.budget, input))
        all.emplace_back(keyOf(context, item, path, caseSensitive), item);
    return all;
}

Value join(Context& context, const Value& input, Reader& arguments)
{
    Budget& budget = context.budget;
    const Value* separator = arguments.optional("d");
    const std::string between = separator ? textOf(budget, *separator) : std::string();
    const Value* path = arguments.optional("attribute");
    std::string text;
    bool first = true;
    for (const Value& item : itemsOf(budget, input)) {
        const std::string part =
            textOf(budget, path && !path->isNone() ? fieldAtPath(context, item, *path) : item);
        budget.allocate(between.size() + part.size());
        text += first ? "" : between;
        text += part;
        first = false;
    }
    return Value::text(budget, std::move(text));
}

Value first(Context& context, const Value& input, Reader& /*arguments*/)
{
    const Values items = itemsOf(context.budget, input);
    return items.empty() ? Value::undefined("the first item of nothing") : items.front();
}

Value last(Context& context, const Value& input, Reader& /*arguments*/)
{
    const Values items = itemsOf(context.budget, input);
    return items.empty() ? Value::undefined("the last item of nothing") : items.back();
}

Value list(Context& context, const Value& input, Reader& /*arguments*/)
{
    return makeList(context.budget, itemsOf(context.budget, input));
}

Value items(Context& context, const Value& input, Reader& /*arguments*/)
{
    Values pairs;
    if (!input.isUndefined() && !input.dict())
        fail("items needs a dict, not " + input.kind());
    if (const Dict* dict = input.dict())
        for (const auto& [key, value] : dict->entries)
            pairs.push_back(makeSequence(context.budget, Sequence::Kind::Tuple, {key, value}));
    return generator(context, std::move(pairs));
}

Value map(Context& context, const Value& input, Reader& arguments)
{
    Arguments given = arguments.rest();
    Values results;
    if (given.positional.empty()) {
        ArgumentReader named(given, "map");
        const Value& path = named.required("attribute");
        const Value* fallback = named.optional("default");
        named.finish();
        for (const Value& item : itemsOf(context.budget, input)) {
            Value result = fieldAtPath(context, item, path);
            results.push_back(result.isUndefined() && fallback ? *fallback : std::move(result));
        }
        return generator(context, std::move(results));
    }
    if (!given.positional.front().isText())
        fail("map needs the name of a filter");
    const std::string name = given.positional.front().asText();
    given.positional.erase(given.positional.begin());
    for (const Value& item : itemsOf(context.budget, input)) {
        const Budget::Level level(context.budget);
        results.push_back(applyFilter(context, name, item, given));
    }
    return generator(context, std::move(results));
}

template <bool kByField, bool kWanted>
Value select(Context& context, const Value& input, Reader& arguments)
{
    const Value path = kByField ? arguments.required("attribute") : Value();
    Arguments given = arguments.rest();
    std::string test;
    if (!given.positional.empty()) {
        test = textOf(context.budget, given.positional.front());
        given.positional.erase(given.positional.begin());
    }
    Values chosen;
    for (const Value& item : itemsOf(context.budget, input)) {
        const Value looked = kByField ? fieldAtPath(context, item, path) : item;
        const bool passes = test.empty() ? looked.truth() : applyTest(context, test, looked, given);
        if (passes == kWanted)
            chosen.push_back(item);
    }
    return generator(context, std::move(chosen));
}

/// Sorted by key, in the order given where keys are equal.
void sortByKey(Context& context, std::vector<std::pair<Value, Value>>& all, bool descending)
{
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
        return descending ? less(context.budget, b.first, a.first)
                          : less(context.budget, a.first, b.first);
    });
}

Value sort(Context& context, const Value& input, Reader& arguments)
{
    const bool descending = arguments.truth("reverse", false);
    const bool caseSensitive = arguments.truth("case_sensitive", false);
    auto all = keyed(context, input, arguments.optional("attribute"), caseSensitive);
    sortByKey(context, all, descending);
    Values sorted;
    for (auto& [key, item] : all)
        sorted.push_back(std::move(item));
    return makeList(context.budget, std::move(sorted));
}

Value dictSort(Context& context, const Value& input, Reader& arguments)
{
    if (!input.dict())
        fail("dictsort needs a dict, not " + input.kind());
    const bool caseSensitive = arguments.truth("case_sensitive", false);
    const std::string by = arguments.text("by", "key");
    const bool descending = arguments.truth("reverse", false);
    if (by != "key" && by != "value")
        fail("dictsort sorts by key or by value");
    std::vector<std::pair<Value, Value>> all;
    for (const auto& [key, value] : input.dict()->entries)
        all.emplace_back(keyOf(context, by == "key" ? key : value, nullptr, caseSensitive),
                         makeSequence(context.budget, Sequence::Kind::Tuple, {key, value}));
    sortByKey(context, all, descending);
    Values sorted;
    for (auto& [key, pair] : all)
        sorted.push_back(std::move(pair));
    return makeList(context.budget, std::move(sorted));
}

Value unique(Context& context, const Value& input, Reader& arguments)
{
    const bool caseSensitive = arguments.truth("case_sensitive", false);
    const auto all = keyed(context, input, arguments.optional("attribute"), caseSensitive);
    Values seen;
    Values kept;
    for (const auto& [key, item] : all) {
        const bool known =
            std::any_of(seen.begin(), seen.end(), [&, &wanted = key](const Value& other) {
                return equal(context.budget, other, wanted);
            });
        if (known)
            continue;
        seen.push_back(key);
        kept.push_back(item);
    }
    return generator(context, std::move(kept));
}

template <bool kLargest> Value extreme(Context& context, const Value& input, Reader& arguments)
{
    const bool caseSensitive = arguments.truth("case_sensitive", false);
    const auto all = keyed(context, input, arguments.optional("attribute"), caseSensitive);
    if (all.empty())
        return Value::undefined("the extreme item of nothing");
    const auto before = [&](const auto& a, const auto& b) {
        return kLargest ? less(context.budget, b.first, a.first)
                        : less(context.budget, a.first, b.first);
    };
    return std::min_element(all.begin(), all.end(), before)->second;
}

Value sum(Context& context, const Value& input, Reader& arguments)
{
    const Value* path = arguments.optional("attribute");
    const Value* start = arguments.optional("start");
    Value total = start ? *start : Value(std::int64_t{0});
    for (const Value& item : itemsOf(context.budget, input))
        total = arithmetic(context.budget, Arithmetic::Add, total,
                           path && !path->isNone() ? fieldAtPath(context, item, *path) : item);
    return total;
}

Value reverse(Context& context, const Value& input, Reader& /*arguments*/)
{
    if (input.isText())
        return slice(context.budget, input, {}, {}, std::int64_t{-1});
    Values all = itemsOf(context.budget, input);
    std::reverse(all.begin(), all.end());
    return generator(context, std::move(all));
}

struct Entry {
    std::string_view name;
    FilterFunction function;
};

constexpr std::array kFilters = {
    Entry{"join", join},
    Entry{"first", first},
    Entry{"last", last},
    Entry{"list", list},
    Entry{"items", items},
    Entry{"map", map},
    Entry{"select", select<false, true>},
    Entry{"reject", select<false, false>},
    Entry{"selectattr", select<true, true>},
    Entry{"rejectattr", select<true, false>},
    Entry{"sort", sort},
    Entry{"dictsort", dictSort},
    Entry{"unique", unique},
    Entry{"min", extreme<false>},
    Entry{"max", extreme<true>},
    Entry{"sum", sum},
    Entry{"reverse", reverse},
};

} // namespace

FilterFunction findListFilter(std::string_view name)
{
    const auto* found = std::find_if(kFilters.begin(), kFilters.end(),
                                     [&](const Entry& entry) { return entry.name == name; });
    return found == kFilters.end() ? nullptr : found->function;
}

} // namespace lacuna::jinja
