#include "core/corpora/lines.h"
#include "core/corpora/row.h"

#include "core/base/text.h"

#include <utility>

namespace lacuna {
namespace {

bool recognisesPlainText(const CorpusText&)
{
    return true;
}

ReadSamples readPlainText(const CorpusText& input)
{
    RowReader rows(input.file);
    if (input.extension == ".json" || input.extension == ".jsonl")
        rows.warn(0, "the name says JSON but the content is plain text, read as one document",
                  "if it was meant as JSON, each line must be an object in braces");
    std::string document;
    document.reserve(input.text.size());
    LineReader lines(input.text);
    bool usable = true;
    while (const auto line = lines.next()) {
        usable = rows.checkEncoding(*line, lines.row()) && usable;
        document += *line;
        if (!lines.atEnd() || input.text.ends_with('\n'))
            document += '\n';
    }
    if (usable)
        rows.readText(std::move(document), 1);
    return rows.take();
}

} // namespace

CorpusFormat plainTextFormat()
{
    return {
        .id = "text",
        .title = "Plain text",
        .description = "Anything else that is UTF-8: one document, tokenised once and cut into "
                       "windows. Windows line ends become plain ones.",
        .recognises = recognisesPlainText,
        .read = readPlainText,
    };
}

} // namespace lacuna
