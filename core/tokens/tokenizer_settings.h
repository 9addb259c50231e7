#pragma once

#include "core/base/result.h"
#include "core/tokens/added_tokens.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// What tokenizer_config.json, special_tokens_map.json and added_tokens.json beside a tokenizer
/// say, whatever its kind. Absent and null alike leave a flag unset.
struct TokenizerSettings {
    std::string className; ///< tokenizer_class
    std::optional<bool> addBos;
    std::optional<bool> addEos;
    std::optional<bool> legacy;
    std::optional<bool> addPrefixSpace;
    std::vector<AddedToken> addedTokens; ///< by id, each id once
    /// "bos_token" and its like: the text of the first file that names one, empty where a file
    /// says null and none names one.
    std::map<std::string, std::string, std::less<>> specialTokens;
    std::vector<std::string> moreSpecialTokens;
    std::vector<std::filesystem::path> files; ///< those that were there

    /// The special token of a key, \p fallback where no file has the key.
    [[nodiscard]] std::string special(std::string_view key, const std::string& fallback) const;
};

/// Reads the files of \p folder, each of which may be missing.
/// \param idLimit  an added token's id is below it
/// \return Corrupt with file and key when a value has the wrong type
[[nodiscard]] Result<TokenizerSettings> readTokenizerSettings(const std::filesystem::path& folder,
                                                              std::int64_t idLimit);

/// The added tokens of a tokenizer while its special ones are being found.
class SpecialTokens {
public:
    /// The id of a piece of the vocabulary, or -1.
    using Find = std::function<std::int64_t(std::string_view piece)>;

    SpecialTokens(const std::vector<AddedToken>& tokens, Find vocabulary);

    /// Marks \p text as special, adding it when it is a piece of the vocabulary.
    /// \return its id, -1 when it has none
    std::int64_t add(const std::string& text);
    /// Adds what \p settings name besides "bos_token", "eos_token", "unk_token" and "pad_token".
    void addOthers(const TokenizerSettings& settings);

    [[nodiscard]] std::vector<AddedToken> tokens() const; ///< by id

private:
    Find m_vocabulary;
    std::map<std::int64_t, AddedToken> m_tokens;
    std::map<std::string, std::int64_t, std::less<>> m_ids;
};

/// SHA-256 over \p head and, by name, over the files that were read beside a tokenizer.
[[nodiscard]] Result<std::string> hashWithSettings(std::string head,
                                                   std::vector<std::filesystem::path> files);

} // namespace lacuna
