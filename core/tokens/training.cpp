#include "core/tokens/training.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokens/sentencepiece_library.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// The trainer takes lines, and leaves out those with the characters it uses as marks itself.
constexpr std::array<std::string_view, 5> kBreaks = {"\n", "\r", "\t", "\xE2\x96\x85",
                                                     "\xE2\x81\x87"};

void addSentences(std::string_view text, std::vector<std::string_view>& sentences)
{
    std::size_t start = 0;
    const auto addUntil = [&](std::size_t end) {
        if (end > start)
            sentences.push_back(text.substr(start, end - start));
    };
    for (std::size_t at = 0; at < text.size();) {
        const auto isBreak = [&](std::string_view mark) {
            return text.compare(at, mark.size(), mark) == 0;
        };
        const auto found = std::find_if(kBreaks.begin(), kBreaks.end(), isBreak);
        if (found == kBreaks.end()) {
            ++at;
            continue;
        }
        addUntil(at);
        at += found->size();
        start = at;
    }
    addUntil(text.size());
}

Status checkOptions(const SentencePieceTraining& options)
{
    const auto wrong = [](const char* name, const char* message) {
        return Error{.code = ErrorCode::InvalidArgument, .message = message, .context = name};
    };
    if (options.vocabularySize < 4 || options.vocabularySize > 1'000'000)
        return wrong("vocabularySize", "the vocabulary must have 4 to 1000000 pieces");
    if (!(options.characterCoverage > 0.9 && options.characterCoverage <= 1))
        return wrong("characterCoverage", "the coverage must be above 0.9 and at most 1");
    for (const std::string& symbol : options.userDefined)
        if (symbol.empty() || firstInvalidUtf8(symbol) ||
            symbol.find_first_of(std::string_view("\0\n\r\t", 4)) != std::string::npos)
            return wrong("userDefined", "a user-defined piece must be one line of UTF-8 text");
    return {};
}

/// The pieces as one line of comma-separated values, every one quoted.
std::string quotedList(const std::vector<std::string>& symbols)
{
    std::vector<std::string> quoted;
    quoted.reserve(symbols.size());
    for (const std::string& symbol : symbols)
        quoted.push_back('"' + join(split(symbol, '"'), "\"\"") + '"');
    return join(quoted, ",");
}

std::vector<std::pair<std::string, std::string>>
trainerArguments(const SentencePieceTraining& options)
{
    const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
    std::vector<std::pair<std::string, std::string>> arguments = {
        {"model_type", options.kind == SentencePieceTraining::Kind::Bpe ? "bpe" : "unigram"},
        {"vocab_size", std::to_string(options.vocabularySize)},
        {"character_coverage", fmt::format("{}", options.characterCoverage)},
        {"byte_fallback", flag(options.byteFallback)},
        {"split_digits", flag(options.splitDigits)},
        {"unk_id", "0"},
        {"bos_id", "1"},
        {"eos_id", "2"},
        {"pad_id", "-1"},
        {"normalization_rule_name", "identity"},
        {"remove_extra_whitespaces", "false"},
        {"allow_whitespace_only_pieces", "true"},
        {"max_sentence_length", "1000000000"}, // longer ones would be left out
        {"num_threads", "1"},                  // more of them sum in another order
        {"minloglevel", "4"},                  // failures come back as values
    };
    if (!options.userDefined.empty())
        arguments.emplace_back("user_defined_symbols", quotedList(options.userDefined));
    return arguments;
}

OrderedJson specialToken(const char* text)
{
    return {{"content", text}, {"lstrip", false},      {"normalized", false},
            {"rstrip", false}, {"single_word", false}, {"special", true}};
}

OrderedJson tokenizerConfig()
{
    OrderedJson added;
    added["0"] = specialToken("<unk>");
    added["1"] = specialToken("<s>");
    added["2"] = specialToken("</s>");
    return {{"add_bos_token", true},
            {"add_eos_token", false},
            {"add_prefix_space", true},
            {"added_tokens_decoder", added},
            {"bos_token", "<s>"},
            {"clean_up_tokenization_spaces", false},
            {"eos_token", "</s>"},
            {"legacy", false},
            {"pad_token", nullptr},
            {"sp_model_kwargs", OrderedJson::object()},
            {"tokenizer_class", "LlamaTokenizer"},
            {"unk_token", "<unk>"}};
}

} // namespace

Status trainSentencePiece(const std::vector<std::string>& texts,
                          const SentencePieceTraining& options, const fs::path& folder)
{
    if (const Status checked = checkOptions(options); !checked)
        return checked.error();
    std::vector<std::string_view> sentences;
    for (const std::string& text : texts)
        addSentences(text, sentences);
    if (sentences.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "there is no text to train the tokenizer on"};
    const Result<std::string> model =
        runSentencePieceTrainer(sentences, trainerArguments(options), options.seed);
    if (!model)
        return model.error();

    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed)
        return Error{.code = ErrorCode::Io,
                     .message = "cannot make the folder: " + failed.message(),
                     .context = folder.string()};
    if (const Status written = writeFileAtomically(folder / "tokenizer.model", *model); !written)
        return written.error();
    if (const Status written = writeJsonFile(folder / "tokenizer_config.json", tokenizerConfig());
        !written)
        return written.error();
    return writeJsonFile(folder / "special_tokens_map.json",
                         {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}});
}

} // namespace lacuna
