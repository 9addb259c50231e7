#pragma once

#include "core/base/result.h"
#include "core/tokens/added_tokens.h"
#include "core/tokens/sentencepiece_model.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

/// What the JSON files beside a .model file decide. The values here are those of a model without
/// such files, and Hugging Face's for a Llama tokenizer whose files leave them out.
struct SentencePieceRules {
    bool addBos = true;
    bool addEos = false;
    /// The older of two behaviours around added tokens: each stretch of text between them gets
    /// the model's prefix space. The newer one gives it to the start of the text only.
    bool legacy = true;
    bool addPrefixSpace = true; ///< only the newer behaviour asks
    std::int64_t bosId = -1;
    std::int64_t eosId = -1;
    std::string unknownToken;                 ///< never empty
    std::vector<AddedToken> addedTokens;      ///< special tokens of the vocabulary included
    std::vector<std::filesystem::path> files; ///< those that were there
};

/// Reads tokenizer_config.json, special_tokens_map.json and added_tokens.json of \p folder, each
/// of which may be missing. A special token that neither they nor \p model give an id is none.
/// \return Corrupt with file and key when a value has the wrong type, Unsupported when the
///         tokenizer class numbers the pieces in its own way
[[nodiscard]] Result<SentencePieceRules> readSentencePieceRules(const std::filesystem::path& folder,
                                                                const SentencePieceModel& model);

} // namespace lacuna
