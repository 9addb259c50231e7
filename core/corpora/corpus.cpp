#include "core/corpora/corpus.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/catalog.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

namespace lacuna {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string lowerExtension(const std::filesystem::path& path)
{
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

/// What stands in the way of reading the file as text at all.
std::optional<Problem> obstacle(std::string_view text)
{
    const std::string_view convert =
        "convert it to JSON lines, one object with question and answer (or text) a line";
    if (trimmed(text).empty())
        return Problem{.code = ErrorCode::InvalidArgument,
                       .message = "the corpus is empty",
                       .remedy = "give a file with at least one sample"};
    if (text.starts_with("PAR1"))
        return Problem{.code = ErrorCode::Unsupported,
                       .message = "this is a Parquet file, which cannot be read here",
                       .remedy = std::string(convert)};
    if (text.starts_with("\x1F\x8B") || text.starts_with("PK\x03\x04"))
        return Problem{.code = ErrorCode::Unsupported,
                       .message = "this is a compressed file",
                       .remedy = "unpack it and give the file inside"};
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        return Problem{.code = ErrorCode::Unsupported,
                       .row = 1,
                       .message = "the text is encoded as UTF-16",
                       .remedy = "save it as UTF-8"};
    if (text.find('\0') != std::string_view::npos)
        return Problem{.code = ErrorCode::Unsupported,
                       .message = "this is a binary file, not a text",
                       .remedy = std::string(convert)};
    return std::nullopt;
}

} // namespace

Result<Corpus> inspectCorpus(const std::filesystem::path& path)
{
    const Result<std::string> bytes = readTextFile(path);
    if (!bytes)
        return bytes.error();

    Corpus corpus{.path = path, .sha256 = sha256(*bytes)};
    CorpusText input{.text = *bytes, .file = path.string(), .extension = lowerExtension(path)};
    if (input.text.starts_with(kByteOrderMark))
        input.text.remove_prefix(kByteOrderMark.size());

    if (std::optional<Problem> problem = obstacle(input.text)) {
        problem->file = input.file;
        corpus.problems.add(std::move(*problem));
        return corpus;
    }
    for (const CorpusFormat& format : corpusFormats().entries()) {
        if (!format.recognises(input))
            continue;
        ReadSamples read = format.read(input);
        corpus.format = format.id;
        corpus.samples = std::move(read.samples);
        corpus.problems = std::move(read.problems);
        break;
    }
    if (corpus.samples.empty() && corpus.problems.errorCount() == 0)
        corpus.problems.add({.code = ErrorCode::InvalidArgument,
                             .file = input.file,
                             .message = "the corpus holds no sample",
                             .remedy = "give a file with at least one sample"});
    return corpus;
}

Result<Corpus> loadCorpus(const std::filesystem::path& path, InvalidRows invalidRows)
{
    Result<Corpus> corpus = inspectCorpus(path);
    if (!corpus)
        return corpus;
    if (invalidRows == InvalidRows::LeaveOut && !corpus->samples.empty())
        return corpus;
    if (const Status status = corpus->problems.status(); !status)
        return status.error();
    return corpus;
}

} // namespace lacuna
