#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/lines.h"
#include "core/corpora/row.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

/// How many lines recognition looks at: enough that a broken first line does not hide the format.
constexpr int kLooked = 20;

bool recognisesJsonLines(const CorpusText& input)
{
    LineReader lines(input.text);
    int objects = 0;
    int others = 0;
    while (objects + others < kLooked) {
        const auto line = lines.next();
        if (!line)
            break;
        const std::string_view content = trimmed(*line);
        if (!content.empty())
            ++(content.front() == '{' ? objects : others);
    }
    // An object spread over several lines has one line that opens it: that it is JSON is certain
    // enough to say what is wrong with it rather than train on its braces.
    return objects > 0 && (objects >= others || trimmed(input.text).front() == '{');
}

void reportLine(RowReader& rows, const LineReader& lines, std::string_view content,
                const Error& error)
{
    if (content == "{") {
        rows.fail(lines.row(), {}, "an object is spread over several lines",
                  "write each object on one line, or all of them in one array");
        return;
    }
    const bool cut = lines.atEnd() && !content.ends_with('}');
    if (cut)
        rows.fail(lines.row(), keyAtCut(content), "the last line ends in the middle of its object",
                  "the file looks cut off: fetch or write it again");
    else
        rows.fail(lines.row(), {}, error.message, error.remedy);
}

ReadSamples readJsonLines(const CorpusText& input)
{
    RowReader rows(input.file);
    LineReader lines(input.text);
    while (const auto line = lines.next()) {
        const std::string_view content = trimmed(*line);
        if (content.empty() || !rows.checkEncoding(content, lines.row()))
            continue;
        const Result<Json> value = parseJson(content, input.file);
        if (value) {
            rows.read(*value, lines.row());
            continue;
        }
        reportLine(rows, lines, content, value.error());
        if (content == "{")
            break; // every further line would be reported for the same reason
    }
    return rows.take();
}

} // namespace

CorpusFormat jsonLinesFormat()
{
    return {
        .id = "json-lines",
        .title = "JSON lines",
        .description =
            "One JSON object a line, whatever the file is called (TOFU's .json files are such): "
            "{question, answer}, {instruction, input, output}, {prompt, completion}, {text}, "
            "{messages} (a list of {role, content}), {prompt, chosen, rejected} (rejected is to be "
            "forgotten), {input_ids, labels}; beside a question also subject, "
            "paraphrased_question, paraphrased_answer and perturbed_answer (a list).",
        .recognises = recognisesJsonLines,
        .read = readJsonLines,
    };
}

} // namespace lacuna
