#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lacuna {

/// Walks the lines of a text; LF and CRLF end one, and neither is part of it.
class LineReader {
public:
    explicit LineReader(std::string_view text) : m_rest(text) {}

    [[nodiscard]] std::optional<std::string_view> next()
    {
        if (m_rest.empty())
            return std::nullopt;
        const std::size_t end = m_rest.find('\n');
        std::string_view line = m_rest.substr(0, end);
        m_rest.remove_prefix(end == std::string_view::npos ? m_rest.size() : end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        ++m_row;
        return line;
    }
    /// Of the line that next() returned last, from 1.
    [[nodiscard]] std::int64_t row() const { return m_row; }
    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }

private:
    std::string_view m_rest;
    std::int64_t m_row = 0;
};

} // namespace lacuna
