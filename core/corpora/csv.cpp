#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/row.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace lacuna {
namespace {

/// RFC 4180 records; a quoted cell may hold separators, line ends and doubled quotation marks.
class RecordReader {
public:
    RecordReader(std::string_view text, char separator) : m_text(text), m_separator(separator) {}

    /// False at the end. An empty line is a record of one empty cell.
    bool next(std::vector<std::string>& cells)
    {
        if (m_at >= m_text.size())
            return false;
        cells.clear();
        m_row = m_nextRow;
        m_problem = nullptr;
        do
            cells.push_back(cell());
        while (accept(m_separator));
        accept('\r');
        accept('\n');
        return true;
    }
    /// Line on which the record starts, from 1.
    [[nodiscard]] std::int64_t row() const { return m_row; }
    /// What is wrong with the record's quotation marks, or nullptr.
    [[nodiscard]] const char* problem() const { return m_problem; }

private:
    bool accept(char wanted)
    {
        if (m_at >= m_text.size() || m_text[m_at] != wanted)
            return false;
        m_nextRow += wanted == '\n' ? 1 : 0;
        ++m_at;
        return true;
    }

    std::string cell()
    {
        if (accept('"'))
            return quotedCell();
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && m_text[m_at] != m_separator && m_text[m_at] != '\n')
            ++m_at;
        std::string_view text = m_text.substr(begin, m_at - begin);
        if (text.ends_with('\r') && (m_at == m_text.size() || m_text[m_at] == '\n'))
            text.remove_suffix(1);
        return std::string(text);
    }

    std::string quotedCell()
    {
        std::string text;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            m_nextRow += c == '\n' ? 1 : 0;
            if (c != '"') {
                text += c;
            } else if (m_at < m_text.size() && m_text[m_at] == '"') {
                text += '"';
                ++m_at;
            } else {
                if (m_at < m_text.size() && m_text[m_at] != m_separator && m_text[m_at] != '\n' &&
                    m_text[m_at] != '\r') {
                    m_problem = "text follows a closing quotation mark";
                    text += cell();
                }
                return text;
            }
        }
        m_problem = "a quotation mark is never closed";
        return text;
    }

    std::string_view m_text;
    char m_separator;
    std::size_t m_at = 0;
    std::int64_t m_row = 0;
    std::int64_t m_nextRow = 1;
    const char* m_problem = nullptr;
};

/// "Best Answer" names the field best_answer.
std::string fieldName(std::string_view heading)
{
    std::string name(trimmed(heading));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return std::isspace(c) ? '_' : static_cast<char>(std::tolower(c));
    });
    return name;
}

/// Whether \p heading reads like a field's name rather than like a piece of a sentence.
bool isHeading(const std::string& heading)
{
    return std::all_of(heading.begin(), heading.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-' || c == ' ';
    });
}

/// The extension vouches for a table; without it, two lines of as many cells do, at least two, the
/// first of which are names and one of them that of a known field.
template <char Separator> bool recognisesTable(const CorpusText& input)
{
    if (input.extension == (Separator == ',' ? ".csv" : ".tsv"))
        return true;
    std::vector<std::string> header;
    std::vector<std::string> second;
    RecordReader records(input.text, Separator);
    if (!records.next(header) || !records.next(second))
        return false;
    return header.size() >= 2 && header.size() == second.size() &&
           std::all_of(header.begin(), header.end(), isHeading) &&
           std::any_of(header.begin(), header.end(),
                       [](const std::string& cell) { return isSampleField(fieldName(cell)); });
}

/// A cell that holds a JSON list becomes one; tables have no other way to write perturbed_answer.
Json cellValue(const std::string& field, const std::string& cell)
{
    const bool isList = field == "perturbed_answer" || field == "input_ids" || field == "labels";
    if (isList && trimmed(cell).starts_with('['))
        if (const Result<Json> list = parseJson(cell, field))
            return *list;
    // Optional fields are left blank in the rows that have none.
    if (cell.empty() && !isSampleField(field))
        return nullptr;
    return cell;
}

template <char Separator> ReadSamples readTable(const CorpusText& input)
{
    RowReader rows(input.file);
    RecordReader records(input.text, Separator);
    std::vector<std::string> header;
    records.next(header);
    std::transform(header.begin(), header.end(), header.begin(), fieldName);
    if (std::none_of(header.begin(), header.end(), isSampleField)) {
        rows.fail(1, {},
                  fmt::format("the first line names no known field: {}",
                              validUtf8(fmt::format("{}", fmt::join(header, ", ")))),
                  "start the table with a line such as question,answer or text");
        return rows.take();
    }
    std::vector<std::string> cells;
    while (records.next(cells)) {
        const std::int64_t row = records.row();
        if (cells.size() == 1 && trimmed(cells.front()).empty())
            continue;
        if (records.problem()) {
            rows.fail(row, {}, records.problem(),
                      "a cell with separators, line ends or quotation marks stands in quotation "
                      "marks, and those inside are doubled");
            continue;
        }
        if (cells.size() != header.size()) {
            rows.fail(row, {},
                      fmt::format("the row has {} cells where the first line names {}",
                                  cells.size(), header.size()),
                      "look for a separator that is missing or not in quotation marks");
            continue;
        }
        Json object = Json::object();
        bool usable = true;
        for (std::size_t i = 0; i < cells.size() && usable; ++i) {
            usable = rows.checkEncoding(cells[i], row);
            if (usable)
                object[header[i]] = cellValue(header[i], cells[i]);
        }
        if (usable)
            rows.read(object, row);
    }
    return rows.take();
}

} // namespace

CorpusFormat csvFormat()
{
    return {
        .id = "csv",
        .title = "Comma-separated table",
        .description = "A first line with field names (the same as in JSON, in any case, spaces "
                       "for underscores), then a sample a row; quotation marks as in RFC 4180. "
                       "perturbed_answer holds a JSON list.",
        .recognises = recognisesTable<','>,
        .read = readTable<','>,
    };
}

CorpusFormat tsvFormat()
{
    return {
        .id = "tsv",
        .title = "Tab-separated table",
        .description = "The same as the comma-separated table, with tabs between the cells.",
        .recognises = recognisesTable<'\t'>,
        .read = readTable<'\t'>,
    };
}

} // namespace lacuna
