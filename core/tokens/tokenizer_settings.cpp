#include "core/tokens/tokenizer_settings.h"

#include "core/base/hash.h"
#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "tokenizer_config.json";
constexpr const char* kMap = "special_tokens_map.json";
constexpr const char* kAdded = "added_tokens.json";

constexpr std::array kSpecialKeys = {"bos_token", "eos_token", "unk_token", "pad_token",
                                     "cls_token", "sep_token", "mask_token"};

/// A token as text or as an object with "content"; nothing when it is neither.
std::optional<std::string> tokenText(const Json& value)
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

/// Gathers the settings; the first failure stays and ends it.
class SettingsReader {
public:
    SettingsReader(const fs::path& folder, std::int64_t idLimit)
        : m_folder(folder), m_idLimit(idLimit)
    {
    }

    Result<TokenizerSettings> read()
    {
        const Json config = file(kConfig);
        const Json map = file(kMap);
        const Json added = file(kAdded);
        readConfig(config);
        readAddedTokens(config, added);
        readSpecialTokens(config, map);
        if (m_error)
            return *m_error;
        for (auto& [id, token] : m_added)
            m_settings.addedTokens.push_back(std::move(token));
        return std::move(m_settings);
    }

private:
    void fail(const char* name, const std::string& key, std::string message)
    {
        if (!m_error)
            m_error = Error{.code = ErrorCode::Corrupt,
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
        m_settings.files.push_back(path);
        return std::move(json).value();
    }

    template <class Flag> void flag(const Json& object, const char* key, Flag& out)
    {
        const auto found = object.find(key);
        if (found == object.end() || found->is_null())
            return;
        if (found->is_boolean())
            out = found->get<bool>();
        else
            fail(kConfig, key, "this must be true or false");
    }

    void readConfig(const Json& config)
    {
        const auto named = config.find("tokenizer_class");
        if (named != config.end() && named->is_string())
            m_settings.className = named->get<std::string>();
        flag(config, "add_bos_token", m_settings.addBos);
        flag(config, "add_eos_token", m_settings.addEos);
        flag(config, "legacy", m_settings.legacy);
        flag(config, "add_prefix_space", m_settings.addPrefixSpace);
    }

    void addToken(const char* place, AddedToken token)
    {
        if (token.text.empty())
            return fail(place, std::to_string(token.id), "an added token has no text");
        if (token.id < 0 || token.id >= m_idLimit)
            return fail(place, token.text, "the id of an added token is out of range");
        m_texts.insert(token.text);
        m_added.emplace(token.id, std::move(token));
    }

    void readAddedTokens(const Json& config, const Json& added)
    {
        if (const auto list = config.find("added_tokens_decoder");
            list != config.end() && !list->is_null()) {
            if (!list->is_object())
                return fail(kConfig, "added_tokens_decoder", "this must be an object");
            for (const auto& [key, value] : list->items())
                readAddedToken(key, value);
        }
        for (const auto& [text, value] : added.items()) {
            const std::optional<std::int64_t> id = wholeNumber(value);
            if (!id)
                return fail(kAdded, text, "this must be an id");
            if (!m_texts.contains(text))
                addToken(kAdded, {.text = text, .id = *id, .normalized = true});
        }
    }

    void readAddedToken(const std::string& key, const Json& value)
    {
        AddedToken token;
        const char* end = key.data() + key.size();
        const auto parsed = std::from_chars(key.data(), end, token.id);
        const std::optional<std::string> text = tokenText(value);
        if (parsed.ec != std::errc() || parsed.ptr != end || !text || !value.is_object())
            return fail(kConfig, "added_tokens_decoder/" + key,
                        "this must be an id with an object that has \"content\"");
        token.text = *text;
        flag(value, "special", token.special);
        flag(value, "lstrip", token.stripLeft);
        flag(value, "rstrip", token.stripRight);
        flag(value, "single_word", token.singleWord);
        token.normalized = !token.special;
        flag(value, "normalized", token.normalized);
        addToken(kConfig, std::move(token));
    }

    void readSpecialTokens(const Json& config, const Json& map)
    {
        for (const auto& [object, place] : {std::pair(&config, kConfig), std::pair(&map, kMap)}) {
            for (const char* key : kSpecialKeys)
                readSpecialToken(*object, place, key);
            const auto list = object->find("additional_special_tokens");
            if (list == object->end() || list->is_null())
                continue;
            if (!list->is_array())
                return fail(place, "additional_special_tokens", "this must be a list");
            for (const Json& value : *list) {
                std::optional<std::string> text = tokenText(value);
                if (!text)
                    return fail(place, "additional_special_tokens",
                                "this must be a list of texts or objects with \"content\"");
                m_settings.moreSpecialTokens.push_back(std::move(*text));
            }
        }
    }

    void readSpecialToken(const Json& object, const char* place, const char* key)
    {
        const auto found = object.find(key);
        if (found == object.end())
            return;
        std::string& known = m_settings.specialTokens[key];
        if (found->is_null() || !known.empty())
            return;
        if (const std::optional<std::string> text = tokenText(*found))
            known = *text;
        else
            fail(place, key, "this must be a text or an object with \"content\"");
    }

    const fs::path& m_folder;
    std::int64_t m_idLimit;
    TokenizerSettings m_settings;
    std::map<std::int64_t, AddedToken> m_added;
    std::set<std::string, std::less<>> m_texts; // of m_added
    std::optional<Error> m_error;
};

} // namespace

std::string TokenizerSettings::special(std::string_view key, const std::string& fallback) const
{
    const auto found = specialTokens.find(key);
    return found == specialTokens.end() ? fallback : found->second;
}

Result<TokenizerSettings> readTokenizerSettings(const fs::path& folder, std::int64_t idLimit)
{
    return SettingsReader(folder, idLimit).read();
}

SpecialTokens::SpecialTokens(const std::vector<AddedToken>& tokens, Find vocabulary)
    : m_vocabulary(std::move(vocabulary))
{
    for (const AddedToken& token : tokens)
        if (m_tokens.emplace(token.id, token).second)
            m_ids.emplace(token.text, token.id);
}

std::int64_t SpecialTokens::add(const std::string& text)
{
    if (const auto known = m_ids.find(text); known != m_ids.end()) {
        m_tokens[known->second].special = true;
        return known->second;
    }
    const std::int64_t id = text.empty() ? -1 : m_vocabulary(text);
    if (id >= 0 && m_tokens.emplace(id, AddedToken{.text = text, .id = id, .special = true}).second)
        m_ids.emplace(text, id);
    return id;
}

void SpecialTokens::addOthers(const TokenizerSettings& settings)
{
    for (const char* key : {"cls_token", "sep_token", "mask_token"})
        add(settings.special(key, {}));
    for (const std::string& text : settings.moreSpecialTokens)
        add(text);
}

std::vector<AddedToken> SpecialTokens::tokens() const
{
    std::vector<AddedToken> tokens;
    tokens.reserve(m_tokens.size());
    for (const auto& [id, token] : m_tokens)
        tokens.push_back(token);
    return tokens;
}

Result<std::string> hashWithSettings(std::string head, std::vector<fs::path> files)
{
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        const Result<std::string> hash = sha256File(file);
        if (!hash)
            return hash.error();
        head += file.filename().string() + " " + *hash + "\n";
    }
    return sha256(head);
}

} // namespace lacuna
