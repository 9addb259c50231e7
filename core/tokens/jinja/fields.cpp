#include "core/tokens/jinja/fields.h"

#include "core/base/text.h"
#include "core/tokens/jinja/methods.h"
#include "core/tokens/jinja/operators.h"

#include <fmt/format.h>

#include <algorithm>

namespace lacuna::jinja {
namespace {

Value missing(const Value& value, const std::string& name)
{
    return Value::undefined(fmt::format("\"{}\" of {}", name, value.kind()));
}

Value loopField(const Loop& loop, const std::string& name)
{
    const Values& items = loop.items->items;
    const auto count = static_cast<std::int64_t>(items.size());
    const auto at = static_cast<std::size_t>(loop.index);
    if (name == "index")
        return loop.index + 1;
    if (name == "index0")
        return loop.index;
    if (name == "revindex")
        return count - loop.index;
    if (name == "revindex0")
        return count - loop.index - 1;
    if (name == "first")
        return loop.index == 0;
    if (name == "last")
        return loop.index + 1 == count;
    if (name == "length")
        return count;
    if (name == "depth" || name == "depth0") // of recursive loops, which are not known
        return std::int64_t{name == "depth"};
    if (name == "previtem" && at > 0)
        return items[at - 1];
    if (name == "nextitem" && at + 1 < items.size())
        return items[at + 1];
    return Value::undefined("loop." + name);
}

Value methodOf(Context& context, const Value& value, Method method, const std::string& name)
{
    return makeCallable(context.budget,
                        {.name = name,
                         .call =
                             [value, method, name](Context& inside, const Arguments& arguments) {
                                 ArgumentReader reader(arguments, name);
                                 Value result = method(inside, value, reader);
                                 reader.finish();
                                 return result;
                             },
                         .depth = value.depth() + 1});
}

} // namespace

Value fieldOf(Context& context, const Value& value, const std::string& name)
{
    if (const auto* absent = std::get_if<Undefined>(&value.state()))
        fail(*absent->what + " is not defined, and so has no field \"" + name + "\"");
    if (const Method method = findMethod(value, name))
        return methodOf(context, value, method, name);
    if (const Dict* dict = value.dict()) {
        const Value* found = findKey(context.budget, *dict, name);
        return found ? *found : missing(value, name);
    }
    if (const Namespace* space = value.ns()) {
        context.budget.step(static_cast<std::int64_t>(space->fields.size() / 8));
        const auto found = std::find_if(space->fields.begin(), space->fields.end(),
                                        [&](const auto& field) { return field.first == name; });
        return found == space->fields.end() ? missing(value, name) : found->second;
    }
    return value.loop() ? loopField(*value.loop(), name) : missing(value, name);
}

Value itemOf(Context& context, const Value& value, const Value& index)
{
    Value item = subscript(context.budget, value, index);
    return item.isUndefined() && index.isText() ? fieldOf(context, value, index.asText()) : item;
}

Value fieldAtPath(Context& context, const Value& value, const Value& path)
{
    if (!path.isText())
        return itemOf(context, value, path);
    Value at = value;
    for (const std::string& part : split(path.asText(), '.')) {
        context.budget.step();
        const bool number =
            !part.empty() && part.size() < 10 &&
            std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
        at = itemOf(context, at,
                    number ? Value(std::int64_t{std::stoi(part)})
                           : Value::text(context.budget, part));
    }
    return at;
}

} // namespace lacuna::jinja
