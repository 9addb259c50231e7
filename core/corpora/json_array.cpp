#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/row.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace lacuna {
namespace {

bool recognisesJsonArray(const CorpusText& input)
{
    // A plain text may open with a bracket ("[Illustration]", "[1]"); an array of samples goes on
    // with a quotation mark, an object, or nothing.
    const std::string_view text = trimmed(input.text);
    if (!text.starts_with('['))
        return false;
    const std::string_view inside = trimmed(text.substr(1));
    return inside.empty() || inside.front() == '{' || inside.front() == '"' || inside == "]";
}

struct Item {
    std::string_view text;
    std::int64_t line = 0;
    bool complete = false; ///< a comma or the closing bracket follows
};

/// Cuts an array into its items without parsing them, so that one broken item does not take the
/// others with it and no second copy of the file is held.
class ItemScanner {
public:
    /// \param text  holds an opening bracket with only white space before it
    explicit ItemScanner(std::string_view text) : m_text(text)
    {
        skipSpace();
        ++m_at;
    }

    /// The next item, the last of which may be incomplete; nothing behind the closing bracket.
    std::optional<Item> next()
    {
        if (m_closed || m_ended)
            return std::nullopt;
        skipSpace();
        const std::size_t begin = m_at;
        Item item{.text = {}, .line = m_line, .complete = skipValue()};
        item.text = m_text.substr(begin, m_at - begin);
        while (!item.text.empty() && isSpace(item.text.back()))
            item.text.remove_suffix(1);
        m_closed = item.complete && m_text[m_at] == ']';
        m_ended = !item.complete;
        m_at += item.complete ? 1 : 0;
        return item;
    }
    /// Whether the closing bracket has been passed.
    [[nodiscard]] bool closed() const { return m_closed; }
    [[nodiscard]] std::string_view rest() const { return trimmed(m_text.substr(m_at)); }

private:
    static bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    void skipSpace()
    {
        while (m_at < m_text.size() && isSpace(m_text[m_at]))
            advance();
    }

    /// Stops at the comma or bracket behind the value; false at the end of the text.
    bool skipValue()
    {
        int depth = 0;
        bool inString = false;
        for (; m_at < m_text.size(); advance()) {
            const char c = m_text[m_at];
            if (inString) {
                if (c == '\\' && m_at + 1 < m_text.size())
                    ++m_at;
                else if (c == '"')
                    inString = false;
            } else if (depth == 0 && (c == ',' || c == ']')) {
                return true;
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                --depth;
            }
        }
        return false;
    }

    void advance() { m_line += m_text[m_at++] == '\n' ? 1 : 0; }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
    bool m_closed = false;
    bool m_ended = false;
};

ReadSamples readJsonArray(const CorpusText& input)
{
    RowReader rows(input.file);
    ItemScanner items(input.text);
    std::int64_t row = 0;
    while (const std::optional<Item> item = items.next()) {
        if (row == 0 && item->text.empty() && items.closed())
            break; // []
        ++row;
        if (!item->complete) {
            rows.fail(
                row, keyAtCut(item->text),
                fmt::format("the array ends in item {}, which starts on line {}", row, item->line),
                "the file looks cut off: fetch or write it again");
            break;
        }
        if (!rows.checkEncoding(item->text, row))
            continue;
        const Result<Json> value = parseJson(item->text, input.file);
        if (value)
            rows.read(*value, row);
        else
            rows.fail(row, {},
                      fmt::format("item {}, on line {}, is not well-formed JSON", row, item->line),
                      item->text.empty() ? "look for a comma too many" : value.error().remedy);
    }
    if (items.closed() && !items.rest().empty())
        rows.fail(row, {}, "there is more text behind the closing bracket of the array",
                  "look for a bracket too many");
    return rows.take();
}

} // namespace

CorpusFormat jsonArrayFormat()
{
    return {
        .id = "json-array",
        .title = "JSON array",
        .description = "One JSON array of the objects that JSON lines may hold, or of plain texts "
                       "(MUSE). Rows are counted in items.",
        .recognises = recognisesJsonArray,
        .read = readJsonArray,
    };
}

} // namespace lacuna
