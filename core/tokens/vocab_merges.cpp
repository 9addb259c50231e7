#include "core/tokens/vocab_merges.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokens/bpe_assembly.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// Source: the pattern of Qwen2's tokenizer.
constexpr const char* kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

Error corrupt(const fs::path& file, const std::string& place, std::string message)
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = std::move(message),
                 .context = file.string() + place,
                 .remedy = "fetch the file again from where the model comes from"};
}

Status readVocabulary(std::string_view text, const fs::path& file, BpeDescription& description)
{
    const Result<Json> json = parseJson(text, file.string());
    if (!json)
        return json.error();
    if (!json->is_object())
        return corrupt(file, ": the top level", "this must be an object");
    for (const auto& [piece, value] : json->items()) {
        const std::optional<std::int64_t> id = wholeNumber(value);
        if (!id)
            return corrupt(file, ": " + piece, "this must be an id");
        description.vocabulary.emplace_back(piece, *id);
    }
    return {};
}

/// A merge a line, "a b"; the first line may name the version.
Status readMerges(std::string_view text, const fs::path& file, BpeDescription& description)
{
    std::size_t row = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        ++row;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if ((row == 1 && line.starts_with("#version")) || (line.empty() && at >= text.size()))
            continue;
        const std::size_t space = line.find(' ');
        if (space == 0 || space == std::string_view::npos || space + 1 == line.size() ||
            line.find(' ', space + 1) != std::string_view::npos || firstInvalidUtf8(line))
            return corrupt(file, ":" + std::to_string(row),
                           "a line must be two pieces and a space between them");
        description.merges.emplace_back(line.substr(0, space), line.substr(space + 1));
    }
    return {};
}

/// How the tokenizer class cuts text; nothing for a class with rules of its own.
bool chooseRules(const std::string& className, BpeSource& source)
{
    if (className.starts_with("Qwen2")) {
        source.normalizer = TextNormalizer(NormalForm::Nfc);
        source.preTokenizer = PreTokenizer::byteLevel(Regex::compile(kQwen2Pattern).value());
        return true;
    }
    source.preTokenizer = PreTokenizer::byteLevel(false);
    return className.empty() || className.starts_with("GPT2") || className.starts_with("CodeGen");
}

} // namespace

Result<std::shared_ptr<const BpeTokenizer>> loadVocabMerges(const fs::path& file)
{
    const fs::path folder = file.parent_path();
    const fs::path vocabFile = folder / "vocab.json";
    const fs::path mergesFile = folder / "merges.txt";
    const Result<std::string> vocabText = readTextFile(vocabFile);
    if (!vocabText)
        return vocabText.error();
    const Result<std::string> mergesText = readTextFile(mergesFile);
    if (!mergesText)
        return mergesText.error();
    BpeDescription description;
    if (const Status read = readVocabulary(*vocabText, vocabFile, description); !read)
        return read.error();
    if (const Status read = readMerges(*mergesText, mergesFile, description); !read)
        return read.error();

    const std::int64_t limit =
        static_cast<std::int64_t>(description.vocabulary.size()) + BpeTokenizer::kIdGap;
    Result<BpeModel> model = BpeModel::make(std::move(description), limit);
    if (!model) {
        const bool ofMerges = model.error().context.starts_with("merges");
        return corrupt(ofMerges ? mergesFile : vocabFile, ": " + model.error().context,
                       model.error().message);
    }
    const Result<TokenizerSettings> settings = readTokenizerSettings(folder, limit);
    if (!settings)
        return settings.error();
    BpeSource source{.file = vocabFile,
                     .model = std::move(model).value(),
                     .normalizer = {},
                     .preTokenizer = {},
                     .decoder = TokenDecoder::byteLevel(),
                     .addedTokens = {},
                     .commonToken = "<|endoftext|>",
                     .hashHead = "vocab.json " + sha256(*vocabText) + "\nmerges.txt " +
                                 sha256(*mergesText) + "\n"};
    if (!chooseRules(settings->className, source)) {
        FileProblem problem(folder / "tokenizer_config.json");
        problem.unsupported("tokenizer_class",
                            "the rules of " + settings->className + " are not supported");
        return *problem.error();
    }
    return assembleBpe(std::move(source), *settings);
}

} // namespace lacuna
