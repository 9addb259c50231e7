#include "core/tokens/jinja/lexer.h"

#include "core/tokens/jinja/budget.h"
#include "core/tokens/jinja/characters.h"
#include "core/tokens/white_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace lacuna::jinja {
namespace {

constexpr std::array<std::string_view, 26> kSigns = {
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
    "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Letters of other scripts count as letters of a name, whatever they are.
bool isNameCharacter(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

[[noreturn]] void refuse(std::string message)
{
    fail(std::move(message), {}, ErrorCode::Corrupt);
}

/// Line ends as \n, and without the last one: what Jinja makes of a template first.
std::string normalised(std::string_view source)
{
    std::string text;
    text.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r')
            text += source[i];
        else if (i + 1 == source.size() || source[i + 1] != '\n')
            text += '\n';
    }
    if (text.ends_with('\n'))
        text.pop_back();
    return text;
}

/// Reads the escapes of a string literal as Python does: an unknown one is left as it stands.
class EscapeReader {
public:
    explicit EscapeReader(std::string_view text) : m_text(text) {}

    std::string read()
    {
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c != '\\' || m_at == m_text.size())
                m_out += c;
            else
                readEscape(m_text[m_at++]);
        }
        return std::move(m_out);
    }

private:
    void readEscape(char c)
    {
        constexpr std::string_view kNames = "nrtabfv\\'\"";
        constexpr std::string_view kMeant = "\n\r\t\a\b\f\v\\'\"";
        if (const std::size_t named = kNames.find(c); named != std::string_view::npos)
            m_out += kMeant[named];
        else if (c >= '0' && c <= '7')
            readCode(m_at - 1, std::min<std::size_t>(octalDigits(), 3), 8);
        else if (c == 'x' || c == 'u' || c == 'U')
            readCode(m_at, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16);
        else if (c == 'N')
            refuse("a character given by its name in a string is not known");
        else if (c != '\n')
            m_out += std::string("\\") + c;
    }

    [[nodiscard]] std::size_t octalDigits() const
    {
        std::size_t end = m_at - 1;
        while (end < m_text.size() && m_text[end] >= '0' && m_text[end] <= '7')
            ++end;
        return end - (m_at - 1);
    }

    void readCode(std::size_t begin, std::size_t digits, int base)
    {
        const std::string_view text = m_text.substr(std::min(begin, m_text.size()), digits);
        std::uint32_t code = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), code, base);
        if (text.size() != digits || end.ec != std::errc() || end.ptr != text.data() + digits ||
            code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            refuse("an escape in a string stands for no character");
        appendCharacter(m_out, code);
        m_at = begin + digits;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::string m_out;
};

class Lexer {
public:
    Lexer(std::string_view source, int& line) : m_source(source), m_line(line) { m_line = 1; }

    std::vector<Token> run()
    {
        while (m_at < m_source.size()) {
            const std::size_t tag = nextTag();
            readData(tag, tag < m_source.size() && m_source[tag + 1] != '{');
            if (tag == m_source.size())
                break;
            const char kind = m_source[tag + 1];
            take(signedAt(tag + 2) ? 3 : 2);
            if (kind == '#')
                skipComment();
            else if (kind == '%' && isRaw())
                readRaw();
            else
                readTag(kind == '%');
        }
        add(Token::Kind::End);
        return std::move(m_tokens);
    }

private:
    [[nodiscard]] std::string_view rest() const { return m_source.substr(m_at); }
    [[nodiscard]] bool signedAt(std::size_t at) const
    {
        return at < m_source.size() && (m_source[at] == '-' || m_source[at] == '+');
    }

    void add(Token::Kind kind, std::string text = {})
    {
        m_tokens.push_back({.kind = kind, .text = std::move(text), .line = m_line});
    }

    void take(std::size_t size)
    {
        const std::string_view taken = m_source.substr(m_at, size);
        m_line += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
        m_at += taken.size();
    }

    [[nodiscard]] std::size_t nextTag() const
    {
        for (std::size_t at = m_source.find('{', m_at); at != std::string_view::npos;
             at = m_source.find('{', at + 1))
            if (at + 1 < m_source.size() &&
                (m_source[at + 1] == '{' || m_source[at + 1] == '%' || m_source[at + 1] == '#'))
                return at;
        return m_source.size();
    }

    /// The text up to the tag at \p end, less the white space that goes with the tag.
    void readData(std::size_t end, bool statement)
    {
        std::string_view data = m_source.substr(m_at, end - m_at);
        const char sign = signedAt(end + 2) ? m_source[end + 2] : ' ';
        if (end < m_source.size() && sign == '-') {
            data = withoutTrailingSpace(data);
        } else if (statement && sign != '+') {
            const std::size_t line = data.rfind('\n') + 1; // 0 when there is no line end
            if ((line > 0 || m_lineStarts) && withoutLeadingSpace(data.substr(line)).empty())
                data = data.substr(0, line);
        }
        if (!data.empty())
            add(Token::Kind::Data, std::string(data));
        take(end - m_at);
    }

    /// What a tag's end takes along: all white space behind a minus sign, else, behind a statement
    /// or comment, one line end.
    void takeEnd(std::size_t size, bool strips, bool trims)
    {
        take(size);
        const std::size_t before = m_at;
        if (strips)
            take(rest().size() - withoutLeadingSpace(rest()).size());
        else if (trims && rest().starts_with('\n'))
            take(1);
        m_lineStarts = m_at > before && m_source[m_at - 1] == '\n';
    }

    void skipComment()
    {
        const std::size_t end = m_source.find("#}", m_at);
        if (end == std::string_view::npos)
            refuse("a comment is never closed");
        const char sign = end > m_at ? m_source[end - 1] : ' ';
        takeEnd(end + 2 - m_at, sign == '-', sign != '+');
    }

    /// Bytes of "  word  %}" with its sign, 0 when something else stands at \p at.
    [[nodiscard]] std::size_t wordTag(std::size_t at, std::string_view word) const
    {
        const std::string_view text = m_source.substr(at);
        std::string_view left = withoutLeadingSpace(text);
        if (!left.starts_with(word))
            return 0;
        left = withoutLeadingSpace(left.substr(word.size()));
        if (left.starts_with('-') || left.starts_with('+'))
            left.remove_prefix(1);
        return left.starts_with("%}") ? text.size() - left.size() + 2 : 0;
    }

    [[nodiscard]] bool isRaw() const { return wordTag(m_at, "raw") > 0; }

    void readRaw()
    {
        const std::size_t size = wordTag(m_at, "raw");
        takeEnd(size, m_source[m_at + size - 3] == '-', false);
        for (std::size_t at = m_source.find("{%", m_at); at != std::string_view::npos;
             at = m_source.find("{%", at + 1)) {
            const std::size_t sign = signedAt(at + 2) ? 1 : 0;
            const std::size_t end = wordTag(at + 2 + sign, "endraw");
            if (end == 0)
                continue;
            readData(at, true);
            const std::size_t tag = 2 + sign + end;
            const char endSign = m_source[m_at + tag - 3];
            takeEnd(tag, endSign == '-', endSign != '+');
            return;
        }
        refuse("a raw block is never closed");
    }

    void readTag(bool statement)
    {
        add(statement ? Token::Kind::StatementBegin : Token::Kind::PrintBegin);
        const std::string_view close = statement ? "%}" : "}}";
        std::string brackets;
        while (m_at < m_source.size()) {
            take(rest().size() - withoutLeadingSpace(rest()).size());
            const std::string_view text = rest();
            const bool isSigned = text.starts_with('-') || (statement && text.starts_with('+'));
            // Inside brackets "}}" closes two dicts.
            if (brackets.empty() && text.substr(isSigned ? 1 : 0).starts_with(close)) {
                add(statement ? Token::Kind::StatementEnd : Token::Kind::PrintEnd);
                takeEnd(isSigned ? 3 : 2, text.starts_with('-'),
                        statement && !text.starts_with('+'));
                return;
            }
            readToken(text, brackets);
        }
        refuse(fmt::format("a tag is never closed with {}", close));
    }

    void readToken(std::string_view text, std::string& brackets)
    {
        if (text.empty())
            return;
        if (isDigit(text.front())) {
            readNumber(text);
        } else if (isNameCharacter(text.front())) {
            const auto end = std::find_if_not(text.begin(), text.end(), isNameCharacter);
            add(Token::Kind::Name, std::string(text.begin(), end));
            take(static_cast<std::size_t>(end - text.begin()));
        } else if (text.front() == '\'' || text.front() == '"') {
            readText(text);
        } else {
            readSign(text, brackets);
        }
    }

    void readText(std::string_view text)
    {
        std::size_t end = 1;
        while (end < text.size() && text[end] != text.front())
            end += text[end] == '\\' ? 2 : 1;
        if (end >= text.size())
            refuse("a string is never closed");
        add(Token::Kind::Text, EscapeReader(text.substr(1, end - 1)).read());
        take(end + 1);
    }

    void readNumber(std::string_view text)
    {
        const auto digitsFrom = [&](std::size_t at) {
            while (at < text.size() && (isDigit(text[at]) || text[at] == '_'))
                ++at;
            return at;
        };
        const auto digitAt = [&](std::size_t at) { return at < text.size() && isDigit(text[at]); };
        std::size_t end = digitsFrom(0);
        bool real = false;
        // In `list.0.1` the point is the one of a field, twice.
        if (m_at == 0 || m_source[m_at - 1] != '.') {
            if (end < text.size() && text[end] == '.' && digitAt(end + 1)) {
                end = digitsFrom(end + 1);
                real = true;
            }
            if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
                const std::size_t sign =
                    end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-') ? 1 : 0;
                if (digitAt(end + 1 + sign)) {
                    end = digitsFrom(end + 1 + sign);
                    real = true;
                }
            }
        }
        std::string digits(text.substr(0, end));
        std::erase(digits, '_');
        Token token{.kind = real ? Token::Kind::Real : Token::Kind::Whole, .line = m_line};
        const char* last = digits.data() + digits.size();
        const auto result = real ? std::from_chars(digits.data(), last, token.real)
                                 : std::from_chars(digits.data(), last, token.whole);
        if (result.ec != std::errc() || result.ptr != last)
            refuse("a number is out of range");
        take(end);
        m_tokens.push_back(std::move(token));
    }

    void readSign(std::string_view text, std::string& brackets)
    {
        const auto* sign = std::find_if(kSigns.begin(), kSigns.end(), [&](std::string_view known) {
            return text.starts_with(known);
        });
        if (sign == kSigns.end())
            refuse(fmt::format("the character \"{}\" has no meaning here",
                               text.substr(0, characterLength(text))));
        constexpr std::string_view kOpen = "([{";
        constexpr std::string_view kClose = ")]}";
        if (kOpen.find(text.front()) != std::string_view::npos) {
            brackets += kClose[kOpen.find(text.front())];
        } else if (kClose.find(text.front()) != std::string_view::npos) {
            if (brackets.empty() || brackets.back() != text.front())
                refuse(fmt::format("the bracket {} closes nothing", text.front()));
            brackets.pop_back();
        }
        add(Token::Kind::Sign, std::string(*sign));
        take(sign->size());
    }

    std::string_view m_source;
    int& m_line;
    std::size_t m_at = 0;
    bool m_lineStarts = true;
    std::vector<Token> m_tokens;
};

} // namespace

std::vector<Token> tokensOf(std::string_view source, int& line)
{
    const std::string text = normalised(source);
    return Lexer(text, line).run();
}

} // namespace lacuna::jinja
