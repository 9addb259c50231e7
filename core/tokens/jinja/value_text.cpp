#include "core/tokens/jinja/value_text.h"

#include "core/base/overloaded.h"
#include "core/tokens/jinja/characters.h"
#include "core/tokens/jinja/operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lacuna::jinja {
namespace {

/// Python's repr() of a float: the shortest digits that read back as the same number, with an
/// exponent below 1e-4 and from 1e16 on.
std::string numberText(double value)
{
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value < 0 ? "-inf" : "inf";
    std::array<char, 64> buffer{};
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific)
                         .ptr;
    std::string text(buffer.data(), end);
    if (plain && text.find('.') == std::string::npos)
        text += ".0";
    return text;
}

/// Whether Python's repr() spells the character out, of those that text is likely to hold.
bool isPrintable(char32_t code)
{
    return !(code < 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0xAD || code == 0x1680 ||
             (code >= 0x2000 && code <= 0x200F) || (code >= 0x2028 && code <= 0x202F) ||
             (code >= 0x205F && code <= 0x206F) || code == 0x3000 || code == 0xFEFF ||
             (code >= 0xE000 && code <= 0xF8FF));
}

std::string escaped(char32_t code)
{
    if (code < 0x100)
        return fmt::format("\\x{:02x}", static_cast<std::uint32_t>(code));
    return fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
}

std::string quoted(const std::string& text)
{
    const char quote =
        text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string out(1, quote);
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = std::string_view(text).substr(at);
        const std::string_view character = rest.substr(0, characterLength(rest));
        const char first = character.front();
        if (first == quote || first == '\\')
            out += std::string("\\") + first;
        else if (first == '\n' || first == '\r' || first == '\t')
            out += first == '\n' ? "\\n" : first == '\r' ? "\\r" : "\\t";
        else if (!isPrintable(codePoint(character)))
            out += escaped(codePoint(character));
        else
            out += character;
        at += character.size();
    }
    return out + quote;
}

class Printer {
public:
    explicit Printer(Budget& budget) : m_budget(budget) {}

    /// \param inside  of a list or dict, where Python shows repr()
    void write(const Value& value, bool inside)
    {
        const Budget::Level level(m_budget);
        m_budget.step();
        std::visit(Overloaded{
                       [&](const Undefined&) { add(inside ? "Undefined" : ""); },
                       [&](None) { add("None"); },
                       [&](bool flag) { add(flag ? "True" : "False"); },
                       [&](std::int64_t number) { add(std::to_string(number)); },
                       [&](double number) { add(numberText(number)); },
                       [&](const Value::Text& text) { add(inside ? quoted(*text) : *text); },
                       [&](const std::shared_ptr<const Sequence>& list) { writeList(*list); },
                       [&](const std::shared_ptr<const Dict>& dict) { writeDict(*dict); },
                       [&](const auto&) { refuse(value); },
                   },
                   value.state());
    }
    std::string take() { return std::move(m_text); }

private:
    [[noreturn]] static void refuse(const Value& value)
    {
        fail(value.kind() + " cannot be written out");
    }

    void add(std::string_view text)
    {
        m_budget.allocate(text.size());
        m_text += text;
    }

    void writeList(const Sequence& list)
    {
        const bool tuple = list.kind == Sequence::Kind::Tuple;
        if (!tuple && list.kind != Sequence::Kind::List)
            fail("a run of values cannot be written out", "the template needs |list there");
        add(tuple ? "(" : "[");
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            add(i == 0 ? "" : ", ");
            write(list.items[i], true);
        }
        add(!tuple ? "]" : list.items.size() == 1 ? ",)" : ")");
    }

    void writeDict(const Dict& dict)
    {
        add("{");
        for (std::size_t i = 0; i < dict.entries.size(); ++i) {
            add(i == 0 ? "" : ", ");
            write(dict.entries[i].first, true);
            add(": ");
            write(dict.entries[i].second, true);
        }
        add("}");
    }

    Budget& m_budget;
    std::string m_text;
};

class JsonPrinter {
public:
    JsonPrinter(Budget& budget, const JsonForm& form) : m_budget(budget), m_form(form) {}

    void write(const Value& value, int depth)
    {
        const Budget::Level level(m_budget);
        m_budget.step();
        if (value.isText())
            writeText(value.asText());
        else if (value.isNone())
            add("null");
        else if (value.is<bool>())
            add(value.truth() ? "true" : "false");
        else if (value.isWhole())
            add(std::to_string(value.asWhole()));
        else if (value.isNumber())
            add(realText(value.asNumber()));
        else if (const Dict* dict = value.dict())
            writeDict(*dict, depth);
        else if (const Sequence* list = value.sequence();
                 list &&
                 (list->kind == Sequence::Kind::List || list->kind == Sequence::Kind::Tuple))
            writeList(*list, depth);
        else
            fail(value.kind() + " cannot be written as JSON");
    }
    std::string take() { return std::move(m_text); }

private:
    void add(std::string_view text)
    {
        m_budget.allocate(text.size());
        m_text += text;
    }

    void lineBreak(int depth)
    {
        if (!m_form.indent)
            return;
        add("\n");
        for (int i = 0; i < depth; ++i)
            add(*m_form.indent);
    }

    static std::string realText(double value)
    {
        if (std::isnan(value))
            return "NaN";
        if (std::isinf(value))
            return value < 0 ? "-Infinity" : "Infinity";
        return numberText(value);
    }

    void writeText(const std::string& text)
    {
        std::string out = "\"";
        for (std::size_t at = 0; at < text.size();) {
            const std::string_view rest = std::string_view(text).substr(at);
            const std::string_view character = rest.substr(0, characterLength(rest));
            constexpr std::string_view kNamed = "\"\\\n\r\t\b\f";
            constexpr std::string_view kNames = "\"\\nrtbf";
            const std::size_t named = kNamed.find(character.front());
            const auto code = static_cast<std::uint32_t>(codePoint(character));
            if (named != std::string_view::npos)
                out += std::string("\\") + kNames[named];
            else if (code < 0x20 || (m_form.asciiOnly && code >= 0x7F && code < 0x10000))
                out += code == 0x7F ? std::string(character) : fmt::format("\\u{:04x}", code);
            else if (m_form.asciiOnly && code >= 0x10000)
                out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10U),
                                   0xDC00 + ((code - 0x10000) & 0x3FFU));
            else
                out += character;
            at += character.size();
        }
        add(out + "\"");
    }

    void writeKey(const Value& key)
    {
        if (key.isText())
            writeText(key.asText());
        else if (key.isNone() || key.isNumber())
            write(Value::text(m_budget, jsonOf(m_budget, key)), 0);
        else
            fail(key.kind() + " cannot be a key in JSON");
    }

    void writeList(const Sequence& list, int depth)
    {
        add("[");
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            add(i == 0 ? "" : m_form.itemSeparator);
            lineBreak(depth + 1);
            write(list.items[i], depth + 1);
        }
        if (!list.items.empty())
            lineBreak(depth);
        add("]");
    }

    void writeDict(const Dict& dict, int depth)
    {
        std::vector<const std::pair<Value, Value>*> entries;
        for (const auto& entry : dict.entries)
            entries.push_back(&entry);
        if (m_form.sortKeys)
            std::stable_sort(entries.begin(), entries.end(), [&](const auto* a, const auto* b) {
                return less(m_budget, a->first, b->first);
            });
        add("{");
        for (std::size_t i = 0; i < entries.size(); ++i) {
            add(i == 0 ? "" : m_form.itemSeparator);
            lineBreak(depth + 1);
            writeKey(entries[i]->first);
            add(m_form.keySeparator);
            write(entries[i]->second, depth + 1);
        }
        if (!entries.empty())
            lineBreak(depth);
        add("}");
    }

    Budget& m_budget;
    const JsonForm& m_form;
    std::string m_text;
};

} // namespace

std::string textOf(Budget& budget, const Value& value)
{
    if (value.isText())
        return value.asText(); // the one case of which there are many
    Printer printer(budget);
    printer.write(value, false);
    return printer.take();
}

std::string jsonOf(Budget& budget, const Value& value, const JsonForm& form)
{
    JsonPrinter printer(budget, form);
    printer.write(value, 0);
    return printer.take();
}

} // namespace lacuna::jinja
