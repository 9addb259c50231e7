#include "app/cli/commands/commands.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/models/adapter_files.h"
#include "core/tokens/catalog.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace lacuna {
namespace {

int tokenizeText(const Tokenizer& tokenizer, const std::string& text, EncodeOptions options,
                 bool json)
{
    if (firstInvalidUtf8(text))
        return report({.code = ErrorCode::InvalidArgument,
                       .message = "the text is not UTF-8",
                       .context = "--text"});
    const std::vector<std::int64_t> ids = tokenizer.encode(text, options);
    if (json) {
        std::vector<std::string> pieces;
        pieces.reserve(ids.size());
        for (const std::int64_t id : ids)
            pieces.push_back(tokenizer.piece(id));
        JsonLines().write(OrderedJson{{"text", text}, {"ids", ids}, {"pieces", pieces}});
        return ExitDone;
    }
    TextTable table({{.title = "id", .align = Align::Right}, {.title = "piece"}});
    for (const std::int64_t id : ids)
        table.addRow({std::to_string(id), tokenizer.piece(id)});
    std::cout << table.text() << std::flush;
    return ExitDone;
}

int tokenizeLines(const Tokenizer& tokenizer, const std::string& file, EncodeOptions options)
{
    std::ifstream in(file);
    if (!in)
        return report(
            {.code = ErrorCode::NotFound, .message = "the file cannot be opened", .context = file});
    JsonLines out;
    std::string line;
    for (int row = 1; std::getline(in, line); ++row) {
        if (trimmed(line).empty())
            continue;
        const std::string place = file + ":" + std::to_string(row);
        const Result<Json> value = parseJson(line, file);
        if (!value) {
            Error error = value.error();
            error.context = place; // the parser counts rows of its own text
            return report(error);
        }
        if (!value->is_object() || !value->contains("text") || !(*value)["text"].is_string())
            return report({.code = ErrorCode::Corrupt,
                           .message = "the line is not an object with a \"text\"",
                           .context = place,
                           .remedy = R"(write one {"text": "..."} a line)"});
        const auto text = (*value)["text"].get<std::string>();
        if (!out.write(OrderedJson{{"text", text}, {"ids", tokenizer.encode(text, options)}}))
            break;
    }
    return ExitDone;
}

int run(const Arguments& arguments)
{
    const std::optional<std::string> text = arguments.text("text");
    const std::optional<std::string> lines = arguments.text("lines");
    if (text.has_value() == lines.has_value())
        return reportUsage("give either --text or --lines");
    const auto tokenizer = loadTokenizer(tokenizerFolder(arguments.value("MODEL")));
    if (!tokenizer)
        return report(tokenizer.error());
    const EncodeOptions options{.addBos = arguments.flag("bos")};
    return text ? tokenizeText(**tokenizer, *text, options, arguments.flag("json"))
                : tokenizeLines(**tokenizer, *lines, options);
}

} // namespace

Command tokenizeCommand()
{
    return {.name = "tokenize",
            .summary = "the ids and pieces of a text, or the ids of many texts",
            .positionals = {{.name = "MODEL", .help = "a model's folder, or a .model file"}},
            .options = {{.name = "text", .value = "T", .help = "one text"},
                        {.name = "lines",
                         .value = "FILE",
                         .help = "JSON lines with \"text\"; each is answered by one with \"text\" "
                                 "and \"ids\""},
                        {.name = "bos",
                         .help = "put BOS in front, if the tokenizer's configuration adds one"},
                        {.name = "json", .help = "one JSON line instead of a table"}},
            .run = run,
            .synopsis = "MODEL (--text T | --lines FILE) [--bos] [--json]"};
}

} // namespace lacuna
