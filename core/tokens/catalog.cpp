#include "core/tokens/catalog.h"

#include "core/base/text.h"
#include "core/tokens/sentencepiece.h"
#include "core/tokens/tokenizer_json.h"
#include "core/tokens/vocab_merges.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSentencePiece = "sentencepiece";
constexpr const char* kTiktoken = "tiktoken";

constexpr std::array kSettingsFiles = {"tokenizer_config.json", "special_tokens_map.json",
                                       "added_tokens.json", "chat_template.jinja"};

/// The catalogue's signature around a reader of one class.
template <auto load> Result<std::shared_ptr<const Tokenizer>> loadAs(const fs::path& file)
{
    auto tokenizer = load(file);
    if (!tokenizer)
        return tokenizer.error();
    return std::shared_ptr<const Tokenizer>(std::move(tokenizer).value());
}

/// The format of a .model file by its first bytes: Llama 3 gave the name to lines of base64.
std::string modelFileFormat(const fs::path& file)
{
    std::array<char, 64> start{};
    std::ifstream in(file, std::ios::binary);
    in.read(start.data(), start.size());
    const std::string_view bytes(start.data(), static_cast<std::size_t>(in.gcount()));
    const std::size_t space = bytes.find(' ');
    const auto isBase64 = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/' || c == '=';
    };
    if (space != std::string_view::npos && space % 4 == 0 && space > 0 &&
        std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(space), isBase64) &&
        bytes.substr(space + 1).find_first_of("0123456789") == 0)
        return kTiktoken;
    return kSentencePiece; // its reader says what is wrong with anything else
}

/// The only .model file of a folder, under whatever name.
fs::path onlyModelFile(const fs::path& folder)
{
    fs::path found;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (entry->path().extension() != ".model")
            continue;
        if (!found.empty())
            return {};
        found = entry->path();
    }
    return found;
}

Error unsupported(const TokenizerFormat& format, const fs::path& file)
{
    return Error{.code = ErrorCode::Unsupported,
                 .message = "the tokenizer is of the kind \"" + format.title +
                            "\", which cannot be read yet",
                 .context = file.string(),
                 .remedy = "use a model whose folder has a tokenizer.json or a sentencepiece "
                           "tokenizer.model"};
}

} // namespace

const Catalog<TokenizerFormat>& tokenizerFormats()
{
    static const Catalog<TokenizerFormat> catalog(
        "tokenizer format",
        {
            {.id = kSentencePiece,
             .title = "sentencepiece model",
             .files = {"tokenizer.model", "spiece.model"},
             .load = loadAs<SentencePieceTokenizer::load>},
            {.id = kTiktoken, .title = "tiktoken ranks", .files = {"tokenizer.model"}},
            {.id = "tokenizer-json",
             .title = "tokenizer.json of the tokenizers library",
             .files = {"tokenizer.json"},
             .load = loadAs<loadTokenizerJson>},
            {.id = "byte-bpe",
             .title = "byte-level BPE with vocab.json and merges.txt",
             .files = {"vocab.json", "merges.txt"},
             .load = loadAs<loadVocabMerges>},
        });
    return catalog;
}

Result<TokenizerFiles> tokenizerFiles(const fs::path& folder)
{
    std::error_code failed;
    if (!fs::is_directory(folder, failed))
        return Error{.code = ErrorCode::NotFound,
                     .message = "there is no such folder",
                     .context = folder.string(),
                     .remedy = "check the path of the model"};
    TokenizerFiles found;
    const auto take = [&](const std::string& format, const fs::path& file) {
        if (found.format.empty()) {
            found.format = format;
            found.main = file;
        }
        if (std::find(found.files.begin(), found.files.end(), file) == found.files.end())
            found.files.push_back(file);
    };
    for (const TokenizerFormat& format : tokenizerFormats().entries()) {
        for (const std::string& name : format.files) {
            const fs::path file = folder / name;
            if (fs::is_regular_file(file, failed))
                take(file.extension() == ".model" ? modelFileFormat(file) : format.id, file);
        }
    }
    if (found.format.empty())
        if (const fs::path file = onlyModelFile(folder); !file.empty())
            take(modelFileFormat(file), file);
    for (const char* name : kSettingsFiles)
        if (fs::is_regular_file(folder / name, failed))
            found.files.push_back(folder / name);
    return found;
}

Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const fs::path& folder)
{
    TokenizerFiles found;
    std::error_code failed;
    if (fs::is_regular_file(folder, failed) && folder.extension() == ".model") {
        found = {.format = modelFileFormat(folder), .main = folder, .files = {folder}};
    } else {
        Result<TokenizerFiles> listed = tokenizerFiles(folder);
        if (!listed)
            return listed.error();
        found = std::move(listed).value();
    }
    if (found.format.empty()) {
        std::vector<std::string> names;
        for (const TokenizerFormat& format : tokenizerFormats().entries())
            for (const std::string& name : format.files)
                if (std::find(names.begin(), names.end(), name) == names.end())
                    names.push_back(name);
        return Error{.code = ErrorCode::NotFound,
                     .message = "the folder has no tokenizer; looked for " + join(names, ", "),
                     .context = folder.string(),
                     .remedy = "copy the tokenizer files of the model into the folder"};
    }
    const Result<const TokenizerFormat*> format = tokenizerFormats().find(found.format);
    if (!format)
        return format.error();
    if (!(*format)->load)
        return unsupported(**format, found.main);
    return (*format)->load(found.main);
}

} // namespace lacuna
