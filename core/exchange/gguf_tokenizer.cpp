#include "core/exchange/gguf_tokenizer.h"

#include "core/base/text.h"
#include "core/tokens/catalog.h"
#include "core/tokens/sentencepiece_model.h"
#include "core/tokens/sentencepiece_rules.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// llama.cpp's types of tokens; sentencepiece's numbers are the same.
enum TokenType : std::int32_t {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6,
};

// What llama.cpp's own converter gives to tokens that the model does not score.
constexpr float kAddedScore = -1000.0F;
constexpr float kUnusedScore = -10000.0F;

/// A token of a JSON file: a text, or an object with "content".
std::optional<std::string> tokenText(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_object() && value.contains("content") && value["content"].is_string())
        return value["content"].get<std::string>();
    return std::nullopt;
}

/// Members of a document from outside: a null, "" or the fallback where there is none of that type.
const Json& childOf(const Json& value, const char* key)
{
    static const Json kNull;
    const auto found = value.is_object() ? value.find(key) : value.end();
    return value.is_object() && found != value.end() ? *found : kNull;
}

std::string textOf(const Json& value, const char* key)
{
    const Json& child = childOf(value, key);
    return child.is_string() ? child.get<std::string>() : std::string();
}

bool flagOf(const Json& value, const char* key, bool fallback)
{
    const Json& child = childOf(value, key);
    return child.is_boolean() ? child.get<bool>() : fallback;
}

/// The document of a file that may be missing; an empty object then.
Result<Json> optionalJson(const fs::path& path)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        return Json::object();
    Result<Json> document = readJsonFile(path);
    if (document && !document->is_object())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "an object in braces is needed here",
                     .context = path.string()};
    return document;
}

Error corrupt(const fs::path& file, std::string message)
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = std::move(message),
                 .context = file.string(),
                 .remedy = "fetch the file again"};
}

/// The tokens by id, as they are gathered.
class Vocabulary {
public:
    explicit Vocabulary(std::int64_t size)
        : m_texts(static_cast<std::size_t>(size)), m_types(static_cast<std::size_t>(size), kUnused),
          m_scores(static_cast<std::size_t>(size), kUnusedScore)
    {
        for (std::size_t id = 0; id < m_texts.size(); ++id)
            m_texts[id] = fmt::format("[PAD{}]", id);
    }

    /// False when \p id has no row in the embedding.
    bool set(std::int64_t id, std::string text, TokenType type, float score)
    {
        if (id < 0 || id >= static_cast<std::int64_t>(m_texts.size()))
            return false;
        const auto at = static_cast<std::size_t>(id);
        m_ids[text] = id;
        m_texts[at] = std::move(text);
        m_types[at] = type;
        m_scores[at] = score;
        return true;
    }

    [[nodiscard]] bool has(std::int64_t id) const
    {
        return id >= 0 && id < static_cast<std::int64_t>(m_types.size()) &&
               m_types[static_cast<std::size_t>(id)] != kUnused;
    }
    [[nodiscard]] std::optional<std::int64_t> find(const std::string& text) const
    {
        const auto found = m_ids.find(text);
        return found == m_ids.end() ? std::nullopt : std::optional(found->second);
    }

    [[nodiscard]] const std::vector<std::string>& texts() const { return m_texts; }
    [[nodiscard]] const std::vector<std::int32_t>& types() const { return m_types; }
    [[nodiscard]] const std::vector<float>& scores() const { return m_scores; }

private:
    std::vector<std::string> m_texts;
    std::vector<std::int32_t> m_types;
    std::vector<float> m_scores;
    std::unordered_map<std::string, std::int64_t> m_ids;
};

Error tooManyTokens(const fs::path& file, std::int64_t id, std::int64_t vocabulary)
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = fmt::format("the token {} has no row in the model's embedding, which "
                                        "has {}",
                                        id, vocabulary),
                 .context = file.string(),
                 .remedy = "the tokenizer and the weights do not belong together"};
}

/// The ways of splitting text before byte pairs are merged that llama.cpp knows by name.
struct PreTokenizer {
    std::string_view name;
    std::string_view pattern; ///< of the Split step in tokenizer.json
};

constexpr std::array<PreTokenizer, 2> kSplits = {{
    {"llama-bpe", R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| )"
                  R"(?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"qwen2", R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| )"
              R"(?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
}};

/// The name of the pre-tokenizer in a tokenizer.json, or nothing.
std::optional<std::string> preTokenizerName(const Json& preTokenizer)
{
    std::vector<Json> steps;
    if (textOf(preTokenizer, "type") == "Sequence")
        for (const Json& step : childOf(preTokenizer, "pretokenizers"))
            steps.push_back(step);
    else
        steps.push_back(preTokenizer);
    if (steps.empty() || steps.size() > 2 || textOf(steps.back(), "type") != "ByteLevel" ||
        flagOf(steps.back(), "add_prefix_space", false))
        return std::nullopt;
    const bool splitsItself = flagOf(steps.back(), "use_regex", true);
    if (steps.size() == 1)
        return splitsItself ? std::optional<std::string>("gpt-2") : std::nullopt;
    const Json& first = steps.front();
    if (textOf(first, "type") == "Digits" && flagOf(first, "individual_digits", false) &&
        splitsItself)
        return "smollm";
    if (textOf(first, "type") != "Split" || textOf(first, "behavior") != "Isolated" ||
        flagOf(first, "invert", false) || splitsItself)
        return std::nullopt;
    for (const PreTokenizer& known : kSplits)
        if (textOf(childOf(first, "pattern"), "Regex") == known.pattern)
            return std::string(known.name);
    return std::nullopt;
}

class Writer {
public:
    Writer(const fs::path& folder, const Json& config, std::int64_t vocabulary,
           GgufMetadata& metadata, std::vector<std::string>& warnings)
        : m_folder(folder), m_config(config), m_size(vocabulary), m_vocabulary(vocabulary),
          m_metadata(metadata), m_warnings(warnings)
    {
    }

    Status write()
    {
        const Result<TokenizerFiles> files = tokenizerFiles(m_folder);
        if (!files)
            return files.error();
        for (const auto& [name, target] : {std::pair("tokenizer_config.json", &m_settings),
                                           std::pair("special_tokens_map.json", &m_map)}) {
            Result<Json> document = optionalJson(m_folder / name);
            if (!document)
                return document.error();
            *target = std::move(document).value();
        }
        // llama.cpp has a kind of vocabulary without tokens, but programs on it end when they meet
        // one (node-llama-cpp 3.22 does).
        if (files->format.empty())
            return Error{.code = ErrorCode::NotFound,
                         .message = "the folder has no tokenizer, without which a GGUF cannot be "
                                    "used",
                         .context = m_folder.string(),
                         .remedy = "copy the tokenizer files of the model into the folder"};
        const Status status = files->format == "sentencepiece"    ? addSentencePiece(files->main)
                              : files->format == "tokenizer-json" ? addTokenizerJson(files->main)
                              : files->format == "byte-bpe"       ? addVocabAndMerges()
                                                                  : unsupported(files->main);
        if (!status)
            return status;
        return addChatTemplate();
    }

private:
    static Status unsupported(const fs::path& file)
    {
        return Error{.code = ErrorCode::Unsupported,
                     .message = "this kind of tokenizer cannot be exported to GGUF",
                     .context = file.string(),
                     .remedy = "add the model's tokenizer.json or sentencepiece tokenizer.model"};
    }

    /// \param preTokenizer  llama.cpp's name of it
    void addVocabulary(const char* model, std::string_view preTokenizer, bool scored)
    {
        m_metadata.addText("tokenizer.ggml.model", model);
        m_metadata.addText("tokenizer.ggml.pre", preTokenizer);
        m_metadata.addTexts("tokenizer.ggml.tokens", m_vocabulary.texts());
        if (scored)
            m_metadata.addF32s("tokenizer.ggml.scores", m_vocabulary.scores());
        m_metadata.addI32s("tokenizer.ggml.token_type", m_vocabulary.types());
    }

    /// The id of a special token: as the tokenizer's files spell it, else as config.json numbers
    /// it.
    std::optional<std::int64_t> specialId(const std::string& name)
    {
        for (const Json* file : {&m_settings, &m_map})
            if (const auto text = tokenText(childOf(*file, (name + "_token").c_str())))
                return m_vocabulary.find(*text);
        const Json& id = childOf(m_config, (name + "_token_id").c_str());
        const Json& first = id.is_array() && !id.empty() ? id.front() : id;
        const std::optional<std::int64_t> number = wholeNumber(first);
        return number && m_vocabulary.has(*number) ? number : std::nullopt;
    }

    void addSpecialIds(std::optional<std::int64_t> unknown)
    {
        const auto add = [&](const char* key, std::optional<std::int64_t> id) {
            if (id && *id >= 0)
                m_metadata.addU32(key, static_cast<std::uint32_t>(*id));
        };
        add("tokenizer.ggml.bos_token_id", specialId("bos"));
        add("tokenizer.ggml.eos_token_id", specialId("eos"));
        add("tokenizer.ggml.unknown_token_id", unknown ? unknown : specialId("unk"));
        add("tokenizer.ggml.padding_token_id", specialId("pad"));
    }

    Status addSentencePiece(const fs::path& file)
    {
        const Result<std::string> bytes = readTextFile(file);
        if (!bytes)
            return bytes.error();
        const Result<SentencePieceModel> model = readSentencePieceModel(*bytes);
        if (!model)
            return model.error().at(file.string());
        if (model->kind != SentencePieceModel::Kind::Bpe)
            return Error{.code = ErrorCode::Unsupported,
                         .message = "the sentencepiece model is not of the kind BPE, the only one "
                                    "that llama.cpp merges as sentencepiece does",
                         .context = file.string(),
                         .remedy = "export as safetensors"};
        const Result<SentencePieceRules> rules = readSentencePieceRules(m_folder, *model);
        if (!rules)
            return rules.error();
        if (model->replacesCharacters)
            m_warnings.emplace_back("the tokenizer replaces characters (a normalisation table) "
                                    "before it splits a text, which llama.cpp does not do");
        for (std::size_t id = 0; id < model->pieces.size(); ++id) {
            const SentencePieceModel::Piece& piece = model->pieces[id];
            if (!m_vocabulary.set(static_cast<std::int64_t>(id), piece.text,
                                  static_cast<TokenType>(piece.type), piece.score))
                return tooManyTokens(file, static_cast<std::int64_t>(id), m_size);
        }
        for (const AddedToken& token : rules->addedTokens) {
            const TokenType type = token.special ? kControl : kUserDefined;
            const bool inModel = token.id < static_cast<std::int64_t>(model->pieces.size());
            if (inModel && model->pieces[static_cast<std::size_t>(token.id)].type !=
                               SentencePieceModel::PieceType::Normal)
                continue; // the unknown token stays one, and control tokens are so already
            if (!m_vocabulary.set(token.id, token.text, type, kAddedScore))
                return tooManyTokens(file, token.id, m_size);
        }
        addVocabulary("llama", "default", true);
        addSpecialIds(m_vocabulary.find(rules->unknownToken));
        m_metadata.addBool("tokenizer.ggml.add_bos_token", rules->addBos);
        m_metadata.addBool("tokenizer.ggml.add_eos_token", rules->addEos);
        m_metadata.addBool("tokenizer.ggml.add_space_prefix",
                           model->addsDummyPrefix && (rules->legacy || rules->addPrefixSpace));
        return {};
    }

    Status addTokenizerJson(const fs::path& file)
    {
        const Result<Json> document = readJsonFile(file);
        if (!document)
            return document.error();
        const Json& model = childOf(*document, "model");
        if (!model.is_object())
            return corrupt(file, "the file has no model");
        if (textOf(model, "type") != "BPE" || flagOf(model, "byte_fallback", false))
            return unsupported(file);
        const std::optional<std::string> split =
            preTokenizerName(childOf(*document, "pre_tokenizer"));
        if (!split)
            return Error{.code = ErrorCode::Unsupported,
                         .message = "the tokenizer splits text in a way that has no name in "
                                    "llama.cpp, or none that Lacuna knows",
                         .context = file.string() + ":pre_tokenizer",
                         .remedy = "gpt-2, llama-bpe, qwen2 and smollm can be exported"};
        if (!childOf(*document, "normalizer").is_null())
            m_warnings.emplace_back("the tokenizer normalises a text before it splits it, which "
                                    "llama.cpp does not do: composed characters may differ");
        if (const Status status = addPieces(file, childOf(model, "vocab")); !status)
            return status;
        for (const Json& token : childOf(*document, "added_tokens"))
            if (const Status status = addAddedToken(file, token); !status)
                return status;
        std::vector<std::string> merges;
        for (const Json& merge : childOf(model, "merges")) {
            const bool pair = merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
                              merge[1].is_string();
            if (!pair && !merge.is_string())
                return corrupt(file, "a merge is neither a text nor a pair of texts");
            merges.push_back(pair ? merge[0].get<std::string>() + " " + merge[1].get<std::string>()
                                  : merge.get<std::string>());
        }
        return addByteBpe(*split, merges, startsWithBos(*document));
    }

    Status addVocabAndMerges()
    {
        const fs::path file = m_folder / "vocab.json";
        const Result<Json> vocabulary = readJsonFile(file);
        if (!vocabulary)
            return vocabulary.error();
        const Result<std::string> text = readTextFile(m_folder / "merges.txt");
        if (!text)
            return text.error();
        if (const Status status = addPieces(file, *vocabulary); !status)
            return status;
        const fs::path addedFile = m_folder / "added_tokens.json";
        const Result<Json> added = optionalJson(addedFile);
        if (!added)
            return added.error();
        for (const auto& [content, id] : added->items())
            if (const Status status = addAddedToken(
                    addedFile, Json{{"content", content}, {"id", id}, {"special", false}});
                !status)
                return status;
        std::vector<std::string> merges;
        for (const std::string& line : split(*text, '\n')) {
            const std::string_view merge = trimmed(line);
            if (!merge.empty() && !merge.starts_with("#version"))
                merges.emplace_back(merge);
        }
        return addByteBpe("gpt-2", merges, false);
    }

    Status addPieces(const fs::path& file, const Json& pieces)
    {
        if (!pieces.is_object() || pieces.empty())
            return corrupt(file, "the file has no vocabulary");
        for (const auto& [text, value] : pieces.items()) {
            const std::optional<std::int64_t> id = wholeNumber(value);
            if (!id)
                return corrupt(file, fmt::format("the token \"{}\" has no id", text));
            if (!m_vocabulary.set(*id, text, kNormal, 0))
                return tooManyTokens(file, *id, m_size);
        }
        return {};
    }

    Status addAddedToken(const fs::path& file, const Json& token)
    {
        const std::optional<std::string> text = tokenText(token);
        const std::optional<std::int64_t> id =
            text ? wholeNumber(childOf(token, "id")) : std::nullopt;
        if (!id)
            return corrupt(file, "an added token has no text or no id");
        const bool special = flagOf(token, "special", false);
        if (!m_vocabulary.set(*id, *text, special ? kControl : kUserDefined, 0))
            return tooManyTokens(file, *id, m_size);
        return {};
    }

    /// Whether the post-processor puts the BOS in front of a single text.
    bool startsWithBos(const Json& document)
    {
        const std::optional<std::int64_t> bos = specialId("bos");
        const Json& processor = childOf(document, "post_processor");
        const Json steps = textOf(processor, "type") == "Sequence"
                               ? childOf(processor, "processors")
                               : Json::array({processor});
        for (const Json& step : steps) {
            const Json& single = childOf(step, "single");
            if (textOf(step, "type") != "TemplateProcessing" || !single.is_array() ||
                single.empty())
                continue;
            const std::string first = textOf(childOf(single.front(), "SpecialToken"), "id");
            return bos && m_vocabulary.find(first) == bos;
        }
        return false;
    }

    Status addByteBpe(std::string_view preTokenizer, const std::vector<std::string>& merges,
                      bool startsWithBos)
    {
        // Special tokens that only the settings name are no plain text either.
        for (const Json* file : {&m_settings, &m_map})
            for (const char* name : {"bos_token", "eos_token", "unk_token", "pad_token"}) {
                const std::optional<std::string> text = tokenText(childOf(*file, name));
                if (const auto id = text ? m_vocabulary.find(*text) : std::nullopt)
                    m_vocabulary.set(*id, *text, kControl, 0);
            }
        addVocabulary("gpt2", preTokenizer, false);
        m_metadata.addTexts("tokenizer.ggml.merges", merges);
        addSpecialIds(std::nullopt);
        m_metadata.addBool("tokenizer.ggml.add_bos_token",
                           flagOf(m_settings, "add_bos_token", startsWithBos));
        m_metadata.addBool("tokenizer.ggml.add_eos_token",
                           flagOf(m_settings, "add_eos_token", false));
        m_metadata.addBool("tokenizer.ggml.add_space_prefix",
                           flagOf(m_settings, "add_prefix_space", false));
        return {};
    }

    Status addChatTemplate()
    {
        std::error_code ignored;
        if (fs::exists(m_folder / "chat_template.jinja", ignored)) {
            const Result<std::string> text = readTextFile(m_folder / "chat_template.jinja");
            if (!text)
                return text.error();
            m_metadata.addText("tokenizer.chat_template", *text);
            return {};
        }
        const Json& templates = childOf(m_settings, "chat_template");
        if (templates.is_string())
            m_metadata.addText("tokenizer.chat_template", templates.get<std::string>());
        if (templates.is_array()) // several with names; a GGUF's one is the default
            for (const Json& one : templates)
                if (textOf(one, "name") == "default") {
                    m_metadata.addText("tokenizer.chat_template", textOf(one, "template"));
                    break;
                }
        return {};
    }

    const fs::path& m_folder;
    const Json& m_config;
    std::int64_t m_size;
    Vocabulary m_vocabulary;
    GgufMetadata& m_metadata;
    std::vector<std::string>& m_warnings;
    Json m_settings = Json::object();
    Json m_map = Json::object();
};

} // namespace

Status addGgufTokenizer(const fs::path& folder, const Json& config, std::int64_t vocabulary,
                        GgufMetadata& metadata, std::vector<std::string>& warnings)
{
    return Writer(folder, config, vocabulary, metadata, warnings).write();
}

} // namespace lacuna
