#include "core/tokens/jinja/methods.h"

#include "core/tokens/jinja/characters.h"
#include "core/tokens/jinja/operators.h"
#include "core/tokens/jinja/texts.h"
#include "core/tokens/jinja/value_text.h"
#include "core/tokens/white_space.h"

#include <algorithm>
#include <array>

namespace lacuna::jinja {
namespace {

struct Entry {
    std::string_view name;
    Method method;
};

using Reader = ArgumentReader;

template <Side kSide> Value strip(Context& context, const Value& self, Reader& arguments)
{
    const Value* given = arguments.optional("chars");
    if (given && !given->isNone() && !given->isText())
        fail("a text is stripped of the characters of a text, not of " + given->kind());
    const std::string set = given && given->isText() ? given->asText() : std::string();
    if (given && given->isText() && set.empty())
        return self; // of no characters, where nothing given means white space
    context.budget.read(self.asText().size() * (set.size() + 1));
    return Value::text(context.budget, std::string(stripped(self.asText(), set, kSide)));
}

template <bool kFromRight> Value split(Context& context, const Value& self, Reader& arguments)
{
    const Value* separator = arguments.optional("sep");
    const std::int64_t most = arguments.whole("maxsplit", -1);
    Budget& budget = context.budget;
    if (separator && separator->isText())
        return makeList(budget,
                        splitAt(budget, self.asText(), separator->asText(), most, kFromRight));
    if (separator && !separator->isNone())
        fail("a text is split at a text, not at " + separator->kind());
    if (kFromRight && most >= 0)
        fail("rsplit at white space with a limit is not known");
    return makeList(budget, splitAtSpace(budget, self.asText(), most));
}

Value splitLines(Context& context, const Value& self, Reader& arguments)
{
    context.budget.read(self.asText().size() * 16);
    Values lines;
    for (const std::string_view line : linesOf(self.asText(), arguments.truth("keepends", false)))
        lines.push_back(Value::text(context.budget, std::string(line)));
    return makeList(context.budget, std::move(lines));
}

/// Python's startswith and endswith: a text, or a tuple of which any will do.
template <bool kEnd> Value hasAffix(Context& context, const Value& self, Reader& arguments)
{
    const Value& wanted = arguments.required("prefix or suffix");
    const auto matches = [&](const Value& affix) {
        if (!affix.isText())
            fail("startswith and endswith need a text, not " + affix.kind());
        context.budget.read(affix.asText().size());
        return kEnd ? self.asText().ends_with(affix.asText())
                    : self.asText().starts_with(affix.asText());
    };
    const Sequence* several = wanted.sequence();
    if (several && several->kind == Sequence::Kind::Tuple)
        return std::any_of(several->items.begin(), several->items.end(), matches);
    return matches(wanted);
}

template <bool kEnd> Value withoutAffix(Context& context, const Value& self, Reader& arguments)
{
    std::string_view text = self.asText();
    const std::string& affix = arguments.requiredText("prefix or suffix");
    if (kEnd && text.ends_with(affix))
        text.remove_suffix(affix.size());
    else if (!kEnd && text.starts_with(affix))
        text.remove_prefix(affix.size());
    return Value::text(context.budget, std::string(text));
}

template <std::string (*kMap)(std::string_view)>
Value mapText(Context& context, const Value& self, Reader& /*arguments*/)
{
    context.budget.read(self.asText().size() * 16);
    return Value::text(context.budget, kMap(self.asText()));
}

Value replace(Context& context, const Value& self, Reader& arguments)
{
    const std::string& old = arguments.requiredText("old");
    const std::string& by = arguments.requiredText("new");
    return Value::text(context.budget, replaced(context.budget, self.asText(), old, by,
                                                arguments.whole("count", -1)));
}

Value find(Context& context, const Value& self, Reader& arguments)
{
    const std::string& text = self.asText();
    context.budget.read(text.size() * 16);
    const std::size_t at = findText(text, arguments.requiredText("sub"));
    return at == std::string::npos ? std::int64_t{-1}
                                   : characterCount(std::string_view(text).substr(0, at));
}

Value countOf(Context& context, const Value& self, Reader& arguments)
{
    const std::string& text = self.asText();
    const std::string& part = arguments.requiredText("sub");
    context.budget.read(text.size() * 16);
    if (part.empty())
        return characterCount(text) + 1;
    std::int64_t count = 0;
    for (std::size_t at = findText(text, part); at != std::string::npos;
         at = findText(text, part, at + part.size())) {
        context.budget.step();
        ++count;
    }
    return count;
}

Value joinTexts(Context& context, const Value& self, Reader& arguments)
{
    std::string text;
    bool first = true;
    for (const Value& item : itemsOf(context.budget, arguments.required("iterable"))) {
        if (!item.isText())
            fail("only texts can be joined, not " + item.kind());
        context.budget.allocate(self.asText().size() + item.asText().size());
        text += first ? "" : self.asText();
        text += item.asText();
        first = false;
    }
    return Value::text(context.budget, std::move(text));
}

/// Whether there are characters and all are of a kind. Digits and letters are those of ASCII and of
/// the scripts that have upper and lower case here.
template <bool (*kOfKind)(std::string_view)>
Value consistsOf(Context& context, const Value& self, Reader& /*arguments*/)
{
    context.budget.read(self.asText().size() * 16);
    const std::vector<std::string_view> all = characters(self.asText());
    return !all.empty() && std::all_of(all.begin(), all.end(), kOfKind);
}

bool isSpace(std::string_view character)
{
    return spaceAtStart(character) > 0;
}

bool isDigit(std::string_view character)
{
    return character.size() == 1 && character[0] >= '0' && character[0] <= '9';
}

bool isLetterOrDigit(std::string_view character)
{
    return isLetter(character) || isDigit(character);
}

Value keys(Context& context, const Value& self, Reader& /*arguments*/)
{
    return makeSequence(context.budget, Sequence::Kind::View, itemsOf(context.budget, self));
}

Value values(Context& context, const Value& self, Reader& /*arguments*/)
{
    Values all;
    for (const auto& [key, value] : self.dict()->entries)
        all.push_back(value);
    return makeSequence(context.budget, Sequence::Kind::View, std::move(all));
}

Value items(Context& context, const Value& self, Reader& /*arguments*/)
{
    Values all;
    for (const auto& [key, value] : self.dict()->entries)
        all.push_back(makeSequence(context.budget, Sequence::Kind::Tuple, {key, value}));
    return makeSequence(context.budget, Sequence::Kind::View, std::move(all));
}

Value get(Context& context, const Value& self, Reader& arguments)
{
    const Value* found = findKey(context.budget, *self.dict(), arguments.required("key"));
    const Value* fallback = arguments.optional("default");
    return found ? *found : fallback ? *fallback : Value();
}

Value copy(Context& /*context*/, const Value& self, Reader& /*arguments*/)
{
    return self;
}

Value indexOf(Context& context, const Value& self, Reader& arguments)
{
    const Value& wanted = arguments.required("value");
    const Values& all = self.sequence()->items;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (equal(context.budget, all[i], wanted))
            return static_cast<std::int64_t>(i);
    fail("the value is not in the list");
}

Value countItems(Context& context, const Value& self, Reader& arguments)
{
    const Value& wanted = arguments.required("value");
    const Values& all = self.sequence()->items;
    return static_cast<std::int64_t>(std::count_if(
        all.begin(), all.end(), [&](const Value& v) { return equal(context.budget, v, wanted); }));
}

Value refuseChange(Context& /*context*/, const Value& self, Reader& /*arguments*/)
{
    fail("the template would change " + self.kind() + ", which templates must not do");
}

/// loop.cycle(a, b, ...): a different one each time round.
Value cycle(Context& /*context*/, const Value& self, Reader& arguments)
{
    const Arguments given = arguments.rest();
    if (given.positional.empty())
        fail("loop.cycle needs something to choose from");
    const auto count = static_cast<std::int64_t>(given.positional.size());
    return given.positional[static_cast<std::size_t>(self.loop()->index % count)];
}

constexpr std::array kTextMethods = {
    Entry{"strip", strip<Side::Both>},
    Entry{"lstrip", strip<Side::Left>},
    Entry{"rstrip", strip<Side::Right>},
    Entry{"split", split<false>},
    Entry{"rsplit", split<true>},
    Entry{"splitlines", splitLines},
    Entry{"startswith", hasAffix<false>},
    Entry{"endswith", hasAffix<true>},
    Entry{"removeprefix", withoutAffix<false>},
    Entry{"removesuffix", withoutAffix<true>},
    Entry{"upper", mapText<upperCase>},
    Entry{"lower", mapText<lowerCase>},
    Entry{"title", mapText<titled>},
    Entry{"capitalize", mapText<capitalized>},
    Entry{"replace", replace},
    Entry{"find", find},
    Entry{"count", countOf},
    Entry{"join", joinTexts},
    Entry{"isspace", consistsOf<isSpace>},
    Entry{"isdigit", consistsOf<isDigit>},
    Entry{"isalpha", consistsOf<isLetter>},
    Entry{"isalnum", consistsOf<isLetterOrDigit>},
};
constexpr std::array kDictMethods = {
    Entry{"keys", keys},          Entry{"values", values},
    Entry{"items", items},        Entry{"get", get},
    Entry{"copy", copy},          Entry{"update", refuseChange},
    Entry{"pop", refuseChange},   Entry{"popitem", refuseChange},
    Entry{"clear", refuseChange}, Entry{"setdefault", refuseChange},
};
constexpr std::array kListMethods = {
    Entry{"index", indexOf},       Entry{"count", countItems},    Entry{"copy", copy},
    Entry{"append", refuseChange}, Entry{"extend", refuseChange}, Entry{"insert", refuseChange},
    Entry{"pop", refuseChange},    Entry{"remove", refuseChange}, Entry{"reverse", refuseChange},
    Entry{"sort", refuseChange},   Entry{"clear", refuseChange},
};
constexpr std::array kLoopMethods = {Entry{"cycle", cycle}};

template <std::size_t kCount>
Method among(const std::array<Entry, kCount>& entries, std::string_view name)
{
    const auto* found = std::find_if(entries.begin(), entries.end(),
                                     [&](const Entry& entry) { return entry.name == name; });
    return found == entries.end() ? nullptr : found->method;
}

} // namespace

Method findMethod(const Value& self, std::string_view name)
{
    if (self.isText())
        return among(kTextMethods, name);
    if (self.dict())
        return among(kDictMethods, name);
    if (self.loop())
        return among(kLoopMethods, name);
    const Sequence* list = self.sequence();
    return list && list->kind == Sequence::Kind::List ? among(kListMethods, name) : nullptr;
}

} // namespace lacuna::jinja
