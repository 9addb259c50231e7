#include "core/tokens/jinja/functions.h"

#include "core/tokens/jinja/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace lacuna::jinja {
namespace {

constexpr std::int64_t kLongestRange = 100'000; ///< Jinja's own limit in its sandbox

Value range(Context& context, ArgumentReader& arguments)
{
    std::int64_t first = 0;
    const Value& start = arguments.required("start");
    const Value* stop = arguments.optional("stop");
    const std::int64_t step = arguments.whole("step", 1);
    if (!start.isWhole() || (stop && !stop->isWhole()))
        fail("range needs whole numbers");
    std::int64_t end = start.asWhole();
    if (stop) {
        first = start.asWhole();
        end = stop->asWhole();
    }
    if (step == 0)
        fail("the step of a range cannot be 0");
    Values items;
    for (std::int64_t at = first; step > 0 ? at < end : at > end;) {
        items.push_back(at);
        if (static_cast<std::int64_t>(items.size()) > kLongestRange)
            fail(fmt::format("a range of more than {} numbers is not allowed", kLongestRange));
        if (__builtin_add_overflow(at, step, &at))
            break;
    }
    context.budget.step(static_cast<std::int64_t>(items.size() / 8));
    return makeSequence(context.budget, Sequence::Kind::Range, std::move(items));
}

/// The entries of dict(...) and namespace(...): those of a dict, then those by name.
std::vector<std::pair<Value, Value>> entriesOf(Context& context, ArgumentReader& arguments)
{
    const Arguments given = arguments.rest();
    std::vector<std::pair<Value, Value>> entries;
    if (given.positional.size() > 1 ||
        (!given.positional.empty() && !given.positional.front().dict()))
        fail("dict and namespace take one dict and named values");
    if (!given.positional.empty())
        entries = given.positional.front().dict()->entries;
    for (const auto& [name, value] : given.named) {
        context.budget.step(static_cast<std::int64_t>(entries.size() / 8));
        const auto found =
            std::find_if(entries.begin(), entries.end(), [&, &wanted = name](const auto& entry) {
                return entry.first.isText() && entry.first.asText() == wanted;
            });
        if (found != entries.end())
            found->second = value;
        else
            entries.emplace_back(Value::text(context.budget, name), value);
    }
    return entries;
}

Value dict(Context& context, ArgumentReader& arguments)
{
    return makeDict(context.budget, entriesOf(context, arguments));
}

Value makeNamespace(Context& context, ArgumentReader& arguments)
{
    context.budget.allocate(sizeof(Namespace) * 4);
    Namespace space;
    for (auto& [key, value] : entriesOf(context, arguments)) {
        if (!key.isText())
            fail("the names of a namespace must be texts");
        space.fields.emplace_back(key.asText(), std::move(value));
    }
    context.namespaces.push_back(std::move(space));
    return Value(Value::State(&context.namespaces.back()));
}

Value raise(Context& context, ArgumentReader& arguments)
{
    fail("the template refuses the conversation: " +
             textOf(context.budget, arguments.required("message")),
         "change the messages or use another template", ErrorCode::InvalidArgument);
}

Value strftimeNow(Context& context, ArgumentReader& arguments)
{
    return Value::text(context.budget,
                       formattedDate(context.date, arguments.requiredText("format")));
}

std::chrono::sys_days daysOf(const Date& date)
{
    return std::chrono::year{date.year} / static_cast<int>(date.month) / static_cast<int>(date.day);
}

using Function = Value (*)(Context&, ArgumentReader&);

constexpr std::array<std::pair<std::string_view, Function>, 5> kFunctions = {{
    {"range", range},
    {"dict", dict},
    {"namespace", makeNamespace},
    {"raise_exception", raise},
    {"strftime_now", strftimeNow},
}};

} // namespace

std::string formattedDate(const Date& date, std::string_view form)
{
    constexpr std::array kMonths = {"January",   "February", "March",    "April",
                                    "May",       "June",     "July",     "August",
                                    "September", "October",  "November", "December"};
    constexpr std::array kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                  "Thursday", "Friday", "Saturday"};
    const std::chrono::sys_days days = daysOf(date);
    const std::string_view month = kMonths[static_cast<std::size_t>(date.month - 1) % 12];
    const std::string_view weekday = kDays[std::chrono::weekday(days).c_encoding()];
    std::string out;
    for (std::size_t at = 0; at < form.size(); ++at) {
        if (form[at] != '%' || at + 1 == form.size()) {
            out += form[at];
            continue;
        }
        const bool unpadded = form[at + 1] == '-' && at + 2 < form.size();
        at += unpadded ? 2 : 1;
        const auto number = [&](int value, int digits) {
            return unpadded ? std::to_string(value) : fmt::format("{:0{}}", value, digits);
        };
        switch (form[at]) {
        case 'Y':
            out += std::to_string(date.year);
            break;
        case 'y':
            out += number(date.year % 100, 2);
            break;
        case 'm':
            out += number(date.month, 2);
            break;
        case 'd':
            out += number(date.day, 2);
            break;
        case 'j':
            out += number(static_cast<int>(
                              (days - daysOf({.year = date.year, .month = 1, .day = 1})).count()) +
                              1,
                          3);
            break;
        case 'B':
            out += month;
            break;
        case 'b':
            out += month.substr(0, 3);
            break;
        case 'A':
            out += weekday;
            break;
        case 'a':
            out += weekday.substr(0, 3);
            break;
        case 'F':
            out += fmt::format("{}-{:02}-{:02}", date.year, date.month, date.day);
            break;
        case 'H':
        case 'M':
        case 'S':
            out += number(0, 2);
            break;
        case 'I':
            out += number(12, 2);
            break;
        case 'p':
            out += "AM";
            break;
        case '%':
            out += '%';
            break;
        default:
            fail(fmt::format("strftime_now does not know all of \"{}\"", form));
        }
    }
    return out;
}

Value globalFunction(Context& context, const std::string& name)
{
    const auto* found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                     [&](const auto& entry) { return entry.first == name; });
    if (found == kFunctions.end())
        return Value::undefined("\"" + name + "\"");
    const Function function = found->second;
    return makeCallable(
        context.budget,
        {.name = name, .call = [function, name](Context& inside, const Arguments& arguments) {
             ArgumentReader reader(arguments, name);
             Value result = function(inside, reader);
             reader.finish();
             return result;
         }});
}

} // namespace lacuna::jinja
