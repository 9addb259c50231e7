#pragma once

#include "core/base/json.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// Columns that \p text takes in a terminal: combining marks none, East Asian wide characters and
/// pictographs two, everything else one.
[[nodiscard]] std::size_t displayWidth(std::string_view text);
/// \p text cut to \p width columns; a cut is shown by "…".
[[nodiscard]] std::string elided(std::string_view text, std::size_t width);
/// \p text on one line, with nothing in it that a terminal would obey: control characters are
/// written as escapes (\n, \t, \x1b), malformed UTF-8 as U+FFFD. For all that came from outside.
[[nodiscard]] std::string printable(std::string_view text);
/// \p text broken at spaces into lines of at most \p width columns, at least one line; a longer
/// word stands alone.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

enum class Align : std::uint8_t { Left, Right };

struct Column {
    std::string title;
    Align align = Align::Left;
    std::size_t width = 0; ///< at least; a title that is wider makes it wider
};

/// A table whose rows are shown as they come. Widths are those of \p columns and of their titles;
/// a cell that does not fit pushes the rest of its row aside.
[[nodiscard]] std::string tableHead(const std::vector<Column>& columns); ///< titles and a rule
[[nodiscard]] std::string tableRow(const std::vector<Column>& columns,
                                   const std::vector<std::string>& cells);

/// A table whose rows are all known before it is shown: every column as wide as its widest cell.
class TextTable {
public:
    explicit TextTable(std::vector<Column> columns);
    /// One cell a column, made printable(); another number is a bug and throws std::logic_error.
    void addRow(std::vector<std::string> cells);
    /// Titles, a rule and the rows; each line ends with a line feed and never with a space.
    [[nodiscard]] std::string text() const;

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

/// The width of the terminal behind a file descriptor; nothing when it is a file or a pipe, or a
/// terminal that cannot rewrite a line.
[[nodiscard]] std::optional<std::size_t> terminalWidth(int descriptor);

/// What goes on right now, in one line. On a terminal the line is rewritten in place, at most ten
/// times a second; elsewhere it is printed as a plain line, at most every five seconds.
///
///     StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
///
/// One thread. The stream outlives it.
class StatusLine {
public:
    using Clock = std::chrono::steady_clock;

    StatusLine(std::ostream& out, std::optional<std::size_t> width,
               std::function<Clock::time_point()> now = Clock::now);
    ~StatusLine();
    StatusLine(const StatusLine&) = delete;
    StatusLine& operator=(const StatusLine&) = delete;

    void show(std::string_view text);
    /// A line (or several) that stays, above the status.
    void print(std::string_view lines);
    /// Shows the last text if it was held back, and ends the line.
    void finish();

private:
    void draw();

    std::ostream& m_out;
    std::optional<std::size_t> m_width;
    std::function<Clock::time_point()> m_now;
    std::optional<Clock::time_point> m_drawnAt;
    std::string m_text;
    bool m_pending = false; // m_text is newer than what is shown
    bool m_onLine = false;  // the terminal's cursor stands behind a status
};

/// JSON lines: one compact document a line, flushed, so that a reader at the other end of a pipe
/// sees each at once. Malformed UTF-8 becomes U+FFFD. One thread.
class JsonLines {
public:
    explicit JsonLines(std::FILE* out = stdout) : m_out(out) {}

    /// False, now and from then on, once nobody reads any more or the disk is full; work goes on.
    /// Where SIGPIPE is not ignored (see runProgram()) a closed pipe ends the process instead.
    bool write(const OrderedJson& value);
    bool write(const Json& value);

private:
    bool writeLine(std::string line);

    std::FILE* m_out;
    bool m_open = true;
};

} // namespace lacuna
