#include "app/cli/output.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace lacuna {
namespace {

constexpr auto kLiveInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(5);
constexpr std::string_view kColumnGap = "  ";

/// Takes the first character off \p text, which is well-formed.
char32_t takeCharacter(std::string_view& text)
{
    const auto first = static_cast<std::uint8_t>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t value = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i)
        value = (value << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
    text.remove_prefix(length);
    return value;
}

using Range = std::pair<char32_t, char32_t>;

// The blocks that matter for corpora and model answers, not the whole of Unicode's tables.
constexpr std::array kNoWidth = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x064B, 0x065F},
    Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
    Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF}};
constexpr std::array kTwoColumns = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
    Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD}};

template <std::size_t N> bool isIn(const std::array<Range, N>& ranges, char32_t character)
{
    return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
        return character >= range.first && character <= range.second;
    });
}

std::size_t characterWidth(char32_t character)
{
    if (character < 0x300)
        return 1;
    if (isIn(kNoWidth, character))
        return 0;
    return isIn(kTwoColumns, character) ? 2 : 1;
}

std::size_t widthOf(const Column& column)
{
    return std::max(column.width, displayWidth(column.title));
}

std::string withoutTrailingSpaces(std::string line)
{
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

} // namespace

std::size_t displayWidth(std::string_view text)
{
    const std::string valid = validUtf8(text);
    std::size_t width = 0;
    for (std::string_view rest = valid; !rest.empty();)
        width += characterWidth(takeCharacter(rest));
    return width;
}

std::string elided(std::string_view text, std::size_t width)
{
    std::string valid = validUtf8(text);
    if (displayWidth(valid) <= width)
        return valid;
    if (width == 0)
        return {};
    std::string_view rest = valid;
    std::size_t used = 0;
    std::size_t kept = 0;
    while (!rest.empty()) {
        used += characterWidth(takeCharacter(rest));
        if (used > width - 1)
            break;
        kept = valid.size() - rest.size();
    }
    return valid.substr(0, kept) + "…";
}

std::string printable(std::string_view text)
{
    const std::string valid = validUtf8(text);
    std::string line;
    for (std::string_view rest = valid; !rest.empty();) {
        const std::string_view before = rest;
        const char32_t character = takeCharacter(rest);
        const bool isControl = character < 0x20 || (character >= 0x7F && character < 0xA0);
        if (character == U'\n')
            line += "\\n";
        else if (character == U'\r')
            line += "\\r";
        else if (character == U'\t')
            line += "\\t";
        else if (isControl)
            line += fmt::format("\\x{:02x}", static_cast<unsigned>(character));
        else
            line += before.substr(0, before.size() - rest.size());
    }
    return line;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width)
{
    std::vector<std::string> lines = {std::string()};
    for (const std::string& word : split(text, ' ')) {
        std::string& line = lines.back();
        if (line.empty())
            line = word;
        else if (displayWidth(line) + 1 + displayWidth(word) <= width)
            line += " " + word;
        else
            lines.push_back(word);
    }
    return lines;
}

std::string tableHead(const std::vector<Column>& columns)
{
    std::vector<std::string> titles;
    std::vector<std::string> rules;
    for (const Column& column : columns) {
        titles.push_back(column.title);
        std::string rule;
        for (std::size_t i = 0; i < widthOf(column); ++i)
            rule += "─";
        rules.push_back(std::move(rule));
    }
    return tableRow(columns, titles) + tableRow(columns, rules);
}

std::string tableRow(const std::vector<Column>& columns, const std::vector<std::string>& cells)
{
    if (cells.size() != columns.size())
        throw std::logic_error("a table row needs one cell a column");
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string cell = printable(cells[i]);
        const std::size_t width = displayWidth(cell);
        const std::string padding(widthOf(columns[i]) - std::min(width, widthOf(columns[i])), ' ');
        if (i > 0)
            line += kColumnGap;
        line += columns[i].align == Align::Right ? padding + cell : cell + padding;
    }
    return withoutTrailingSpaces(std::move(line)) + "\n";
}

TextTable::TextTable(std::vector<Column> columns) : m_columns(std::move(columns)) {}

void TextTable::addRow(std::vector<std::string> cells)
{
    if (cells.size() != m_columns.size())
        throw std::logic_error("a table row needs one cell a column");
    for (std::size_t i = 0; i < cells.size(); ++i)
        m_columns[i].width = std::max(m_columns[i].width, displayWidth(printable(cells[i])));
    m_rows.push_back(std::move(cells));
}

std::string TextTable::text() const
{
    std::string text = tableHead(m_columns);
    for (const std::vector<std::string>& row : m_rows)
        text += tableRow(m_columns, row);
    return text;
}

std::optional<std::size_t> terminalWidth(int descriptor)
{
    const char* terminal = std::getenv("TERM");
    if (isatty(descriptor) == 0 || terminal == nullptr || std::string_view(terminal) == "dumb")
        return std::nullopt;
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

StatusLine::StatusLine(std::ostream& out, std::optional<std::size_t> width,
                       std::function<Clock::time_point()> now)
    : m_out(out), m_width(width), m_now(std::move(now))
{
}

StatusLine::~StatusLine()
{
    finish();
}

void StatusLine::show(std::string_view text)
{
    m_text = printable(text);
    m_pending = true;
    const Clock::duration interval = m_width ? Clock::duration(kLiveInterval) : kPlainInterval;
    if (!m_drawnAt || m_now() - *m_drawnAt >= interval)
        draw();
}

void StatusLine::print(std::string_view lines)
{
    if (m_onLine)
        m_out << "\r\x1b[K";
    m_out << lines;
    if (!lines.ends_with('\n'))
        m_out << '\n';
    if (m_onLine)
        draw();
    m_out.flush();
}

void StatusLine::finish()
{
    if (m_pending)
        draw();
    if (m_onLine)
        m_out << '\n' << std::flush;
    m_onLine = false;
    m_drawnAt.reset();
}

void StatusLine::draw()
{
    // One column stays free: a full line would wrap and could not be taken back.
    if (m_width)
        m_out << '\r' << elided(m_text, *m_width - std::min<std::size_t>(*m_width, 1)) << "\x1b[K";
    else
        m_out << m_text << '\n';
    m_out.flush();
    m_onLine = m_width.has_value();
    m_pending = false;
    m_drawnAt = m_now();
}

bool JsonLines::write(const OrderedJson& value)
{
    return writeLine(value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
}

bool JsonLines::write(const Json& value)
{
    return writeLine(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool JsonLines::writeLine(std::string line)
{
    line += '\n';
    m_open = m_open && std::fwrite(line.data(), 1, line.size(), m_out) == line.size() &&
             std::fflush(m_out) == 0;
    return m_open;
}

} // namespace lacuna
