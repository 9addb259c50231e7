#include "core/tokens/sentencepiece_rules.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// Added ids far above the vocabulary would make every table as large; none is published so.
constexpr std::int64_t kMaxAdded = 1'000'000;

/// Classes that move the ids of the .model file to make room for tokens of their own.
constexpr std::array<std::string_view, 10> kOwnNumbering = {
    "XLMRoberta", "MBart", "Camembert", "Barthez", "Pegasus",
    "XGLM",       "Nllb",  "PLBart",    "M2M100",  "Marian"};

/// Gathers the rules; the first failure stays and ends it.
class RulesReader {
public:
    RulesReader(const fs::path& folder, const SentencePieceModel& model)
        : m_folder(folder), m_model(model)
    {
    }

    Result<SentencePieceRules> read()
    {
        const Json config = file("tokenizer_config.json");
        const Json map = file("special_tokens_map.json");
        const Json added = file("added_tokens.json");
        readConfig(config);
        readAddedTokens(config, added);
        readSpecialTokens(config, map);
        if (m_error)
            return *m_error;
        for (auto& [id, token] : m_added)
            m_rules.addedTokens.push_back(std::move(token));
        return std::move(m_rules);
    }

private:
    void fail(const char* name, const std::string& key, std::string message,
              ErrorCode code = ErrorCode::Corrupt)
    {
        if (!m_error)
            m_error = Error{.code = code,
                            .message = std::move(message),
                            .context = (m_folder / name).string() + ": " + key};
    }

    /// The object in a file, empty when there is no such file.
    Json file(const char* name)
    {
        const fs::path path = m_folder / name;
        std::error_code ignored;
        if (!fs::exists(path, ignored))
            return Json::object();
        Result<Json> json = readJsonFile(path);
        if (!json) {
            if (!m_error)
                m_error = json.error();
            return Json::object();
        }
        if (!json->is_object()) {
            fail(name, "the top level", "this must be an object");
            return Json::object();
        }
        m_rules.files.push_back(path);
        return std::move(json).value();
    }

    void flag(const Json& object, const char* place, const char* key, bool& out)
    {
        const auto found = object.find(key);
        if (found == object.end() || found->is_null())
            return;
        if (found->is_boolean())
            out = found->get<bool>();
        else
            fail(place, key, "this must be true or false");
    }

    /// A token as text or as an object with "content"; nothing when it is neither.
    static std::optional<std::string> tokenText(const Json& value)
    {
        if (value.is_string())
            return value.get<std::string>();
        if (value.is_object()) {
            const auto content = value.find("content");
            if (content != value.end() && content->is_string())
                return content->get<std::string>();
        }
        return std::nullopt;
    }

    void readConfig(const Json& config)
    {
        constexpr const char* kFile = "tokenizer_config.json";
        const auto named = config.find("tokenizer_class");
        const std::string className =
            named != config.end() && named->is_string() ? named->get<std::string>() : "";
        for (const std::string_view other : kOwnNumbering)
            if (className.starts_with(other))
                fail(kFile, "tokenizer_class",
                     className + " renumbers its pieces, which is not supported",
                     ErrorCode::Unsupported);
        m_rules.addBos = className.empty() || className.starts_with("PreTrained") ||
                         className.find("Llama") != std::string::npos ||
                         className.find("Gemma") != std::string::npos;
        flag(config, kFile, "add_bos_token", m_rules.addBos);
        flag(config, kFile, "add_eos_token", m_rules.addEos);
        flag(config, kFile, "legacy", m_rules.legacy);
        flag(config, kFile, "add_prefix_space", m_rules.addPrefixSpace);
    }

    void addToken(const char* place, AddedToken token)
    {
        if (token.text.empty())
            fail(place, std::to_string(token.id), "an added token has no text");
        else if (token.id < 0 ||
                 token.id >= static_cast<std::int64_t>(m_model.pieces.size()) + kMaxAdded)
            fail(place, token.text, "the id of an added token is out of range");
        else
            m_added.emplace(token.id, std::move(token));
    }

    void readAddedTokens(const Json& config, const Json& added)
    {
        constexpr const char* kFile = "tokenizer_config.json";
        if (const auto list = config.find("added_tokens_decoder");
            list != config.end() && !list->is_null()) {
            if (!list->is_object())
                return fail(kFile, "added_tokens_decoder", "this must be an object");
            for (const auto& [key, value] : list->items()) {
                AddedToken token;
                const char* end = key.data() + key.size();
                const auto parsed = std::from_chars(key.data(), end, token.id);
                const std::optional<std::string> text = tokenText(value);
                if (parsed.ec != std::errc() || parsed.ptr != end || !text || !value.is_object())
                    return fail(kFile, "added_tokens_decoder/" + key,
                                "this must be an id with an object that has \"content\"");
                token.text = *text;
                flag(value, kFile, "special", token.special);
                flag(value, kFile, "lstrip", token.stripLeft);
                flag(value, kFile, "rstrip", token.stripRight);
                flag(value, kFile, "single_word", token.singleWord);
                addToken(kFile, std::move(token));
            }
        }
        for (const auto& [text, id] : added.items()) {
            if (!id.is_number_integer())
                return fail("added_tokens.json", text, "this must be an id");
            if (!findAdded(text))
                addToken("added_tokens.json", {.text = text, .id = id.get<std::int64_t>()});
        }
    }

    AddedToken* findAdded(const std::string& text)
    {
        for (auto& [id, token] : m_added)
            if (token.text == text)
                return &token;
        return nullptr;
    }

    /// Marks \p text as special and gives its id, -1 when it has none.
    std::int64_t makeSpecial(const std::string& text)
    {
        if (AddedToken* token = findAdded(text)) {
            token->special = true;
            return token->id;
        }
        const std::int64_t id = text.empty() ? -1 : m_model.find(text);
        if (id >= 0)
            m_added.emplace(id, AddedToken{.text = text, .id = id, .special = true});
        return id;
    }

    /// The text of a special token: the first file that names one, else \p fallback unless a
    /// file says null.
    std::string specialText(const Json& config, const Json& map, const char* key,
                            const std::string& fallback)
    {
        bool isNull = false;
        for (const auto& [object, place] : {std::pair(&config, "tokenizer_config.json"),
                                            std::pair(&map, "special_tokens_map.json")}) {
            const auto found = object->find(key);
            if (found == object->end())
                continue;
            if (found->is_null()) {
                isNull = true;
                continue;
            }
            if (const auto text = tokenText(*found))
                return *text;
            fail(place, key, "this must be a text or an object with \"content\"");
        }
        return isNull ? std::string() : fallback;
    }

    void readSpecialTokens(const Json& config, const Json& map)
    {
        m_rules.bosId = makeSpecial(specialText(config, map, "bos_token", m_model.bosPiece));
        m_rules.eosId = makeSpecial(specialText(config, map, "eos_token", m_model.eosPiece));
        m_rules.unknownToken = specialText(config, map, "unk_token", m_model.unknownPiece);
        if (m_rules.unknownToken.empty())
            m_rules.unknownToken = m_model.unknownPiece;
        makeSpecial(m_rules.unknownToken);
        makeSpecial(specialText(config, map, "pad_token", m_model.padPiece));
        for (const char* key : {"cls_token", "sep_token", "mask_token"})
            makeSpecial(specialText(config, map, key, {}));
        for (const auto& [object, place] : {std::pair(&config, "tokenizer_config.json"),
                                            std::pair(&map, "special_tokens_map.json")}) {
            const auto list = object->find("additional_special_tokens");
            if (list == object->end() || list->is_null())
                continue;
            if (!list->is_array())
                return fail(place, "additional_special_tokens", "this must be a list");
            for (const Json& value : *list) {
                const std::optional<std::string> text = tokenText(value);
                if (!text)
                    return fail(place, "additional_special_tokens",
                                "this must be a list of texts or objects with \"content\"");
                makeSpecial(*text);
            }
        }
    }

    const fs::path& m_folder;
    const SentencePieceModel& m_model;
    SentencePieceRules m_rules;
    std::map<std::int64_t, AddedToken> m_added;
    std::optional<Error> m_error;
};

} // namespace

Result<SentencePieceRules> readSentencePieceRules(const fs::path& folder,
                                                  const SentencePieceModel& model)
{
    return RulesReader(folder, model).read();
}

} // namespace lacuna
