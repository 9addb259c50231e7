#include "core/tokens/jinja/filters.h"

#include "core/tokens/jinja/characters.h"
#include "core/tokens/jinja/operators.h"
#include "core/tokens/jinja/texts.h"
#include "core/tokens/jinja/value_text.h"
#include "core/tokens/white_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace lacuna::jinja {
namespace {

using Reader = ArgumentReader;

template <std::string (*kMap)(std::string_view)>
Value mapText(Context& context, const Value& input, Reader& /*arguments*/)
{
    const std::string text = textOf(context.budget, input);
    context.budget.read(text.size() * 16);
    return Value::text(context.budget, kMap(text));
}

/// As Jinja's filter does it: words start behind white space, a hyphen or an opening bracket.
std::string titledWords(std::string_view text)
{
    std::string out;
    bool starts = true;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view character = text.substr(at, characterLength(text.substr(at)));
        out += starts ? upperCase(character) : lowerCase(character);
        constexpr std::string_view kBefore = "-({[<";
        starts = spaceAtStart(character) > 0 ||
                 kBefore.find(character.front()) != std::string_view::npos;
        at += character.size();
    }
    return out;
}

Value trim(Context& context, const Value& input, Reader& arguments)
{
    const std::string text = textOf(context.budget, input);
    const std::string set = arguments.text("chars", {});
    context.budget.read(text.size() * (set.size() + 1));
    return Value::text(context.budget, std::string(stripped(text, set)));
}

Value replace(Context& context, const Value& input, Reader& arguments)
{
    Budget& budget = context.budget;
    const std::string old = textOf(budget, arguments.required("old"));
    const std::string by = textOf(budget, arguments.required("new"));
    return Value::text(
        budget, replaced(budget, textOf(budget, input), old, by, arguments.whole("count", -1)));
}

Value string(Context& context, const Value& input, Reader& /*arguments*/)
{
    return input.isText() ? input : Value::text(context.budget, textOf(context.budget, input));
}

/// `safe` marks a text as not to be escaped, and chat templates escape nothing.
Value unchanged(Context& /*context*/, const Value& input, Reader& /*arguments*/)
{
    return input;
}

Value byDefault(Context& context, const Value& input, Reader& arguments)
{
    const Value* fallback = arguments.optional("default_value");
    const bool falseToo = arguments.truth("boolean", false);
    if (!input.isUndefined() && (!falseToo || input.truth()))
        return input;
    return fallback ? *fallback : Value::text(context.budget, {});
}

Value length(Context& context, const Value& input, Reader& /*arguments*/)
{
    return lengthOf(context.budget, input);
}

Value toJson(Context& context, const Value& input, Reader& arguments)
{
    JsonForm form;
    form.asciiOnly = arguments.truth("ensure_ascii", false);
    if (const Value* indent = arguments.optional("indent"); indent && !indent->isNone()) {
        if (indent->isText()) {
            form.indent = indent->asText();
        } else if (indent->isWhole() && indent->asWhole() <= 64) {
            form.indent = std::string(
                static_cast<std::size_t>(std::max<std::int64_t>(indent->asWhole(), 0)), ' ');
        } else {
            fail("tojson cannot indent by this");
        }
        form.itemSeparator = ","; // a line end follows
    }
    if (const Value* separators = arguments.optional("separators");
        separators && !separators->isNone()) {
        const Sequence* pair = separators->sequence();
        if (!pair || pair->items.size() != 2 || !pair->items[0].isText() ||
            !pair->items[1].isText())
            fail("the separators of tojson must be two texts");
        form.itemSeparator = pair->items[0].asText();
        form.keySeparator = pair->items[1].asText();
    }
    form.sortKeys = arguments.truth("sort_keys", false);
    return Value::text(context.budget, jsonOf(context.budget, input, form));
}

Value indent(Context& context, const Value& input, Reader& arguments)
{
    Budget& budget = context.budget;
    std::string margin = "    ";
    if (const Value* width = arguments.optional("width")) {
        if (!width->isText() && !(width->isWhole() && width->asWhole() <= 1000))
            fail("indent needs a number of spaces or a text");
        margin =
            width->isText()
                ? width->asText()
                : std::string(static_cast<std::size_t>(std::max<std::int64_t>(width->asWhole(), 0)),
                              ' ');
    }
    const bool first = arguments.truth("first", false);
    const bool blank = arguments.truth("blank", false);
    // The line end in front of the text's own end keeps an empty last line.
    const std::string text = textOf(budget, input) + "\n";
    budget.read(text.size() * 16);
    std::string out;
    bool isFirst = true;
    for (const std::string_view line : linesOf(text)) {
        const bool indented = isFirst ? first : blank || !line.empty();
        budget.allocate(line.size() + margin.size() + 1);
        out += isFirst ? "" : "\n";
        out += indented ? margin : "";
        out += line;
        isFirst = false;
    }
    return Value::text(budget, std::move(out));
}

std::optional<double> numberIn(std::string_view text)
{
    text = stripped(text, {});
    const bool plus = text.starts_with('+');
    std::string digits(text.substr(plus ? 1 : 0));
    std::erase(digits, '_');
    double value = 0;
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || digits.empty() || (plus && digits[0] == '-'))
        return std::nullopt;
    return value;
}

Value toReal(Context& /*context*/, const Value& input, Reader& arguments)
{
    const Value* fallback = arguments.optional("default");
    if (input.isNumber())
        return input.asNumber();
    const auto value = input.isText() ? numberIn(input.asText()) : std::nullopt;
    return value ? Value(*value) : fallback ? *fallback : Value(0.0);
}

Value toWhole(Context& /*context*/, const Value& input, Reader& arguments)
{
    const Value* fallback = arguments.optional("default");
    if (arguments.whole("base", 10) != 10)
        fail("int reads decimal numbers only");
    if (input.isWhole())
        return input.asWhole();
    if (input.isText()) {
        std::string digits(stripped(input.asText(), {}));
        std::erase(digits, '_');
        const std::size_t plus = digits.starts_with('+') ? 1 : 0;
        std::int64_t whole = 0;
        const char* end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data() + plus, end, whole);
        if (read.ec == std::errc() && read.ptr == end &&
            !digits.substr(plus).starts_with(plus ? "-" : "\n"))
            return whole;
    }
    const auto number = input.is<double>() ? std::optional(input.asNumber())
                        : input.isText()   ? numberIn(input.asText())
                                           : std::nullopt;
    if (number && std::abs(*number) < 9.2e18)
        return static_cast<std::int64_t>(*number);
    return fallback ? *fallback : Value(std::int64_t{0});
}

Value absolute(Context& /*context*/, const Value& input, Reader& /*arguments*/)
{
    if (!input.isNumber())
        fail("abs needs a number, not " + input.kind());
    return input.asNumber() < 0 ? negative(input) : input;
}

Value rounded(Context& /*context*/, const Value& input, Reader& arguments)
{
    const std::int64_t precision = arguments.whole("precision", 0);
    const std::string method = arguments.text("method", "common");
    if (!input.isNumber() || precision < 0 || precision > 15)
        fail("round needs a number, and at most 15 digits behind the point");
    const double value = input.asNumber();
    const double scale = std::pow(10.0, static_cast<double>(precision));
    if (method == "ceil")
        return std::ceil(value * scale) / scale;
    if (method == "floor")
        return std::floor(value * scale) / scale;
    if (method != "common")
        fail("round knows common, ceil and floor");
    // Printing rounds the exact binary value, as Python does.
    const std::string digits = fmt::format("{:.{}f}", value, precision);
    return std::strtod(digits.c_str(), nullptr);
}

struct Entry {
    std::string_view name;
    FilterFunction function;
};

constexpr std::array kFilters = {
    Entry{"trim", trim},
    Entry{"upper", mapText<upperCase>},
    Entry{"lower", mapText<lowerCase>},
    Entry{"title", mapText<titledWords>},
    Entry{"capitalize", mapText<capitalized>},
    Entry{"replace", replace},
    Entry{"string", string},
    Entry{"safe", unchanged},
    Entry{"default", byDefault},
    Entry{"d", byDefault},
    Entry{"length", length},
    Entry{"count", length},
    Entry{"tojson", toJson},
    Entry{"indent", indent},
    Entry{"float", toReal},
    Entry{"int", toWhole},
    Entry{"abs", absolute},
    Entry{"round", rounded},
};

} // namespace

FilterFunction findValueFilter(std::string_view name)
{
    const auto* found = std::find_if(kFilters.begin(), kFilters.end(),
                                     [&](const Entry& entry) { return entry.name == name; });
    return found == kFilters.end() ? nullptr : found->function;
}

Value applyFilter(Context& context, std::string_view name, const Value& input,
                  const Arguments& arguments)
{
    FilterFunction filter = findValueFilter(name);
    if (!filter)
        filter = findListFilter(name);
    if (!filter)
        fail(fmt::format("the filter \"{}\" is not known", name));
    context.budget.step();
    ArgumentReader reader(arguments, name);
    Value result = filter(context, input, reader);
    reader.finish();
    return result;
}

} // namespace lacuna::jinja
