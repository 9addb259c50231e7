#pragma once

#include "core/tokens/bpe_tokenizer.h"
#include "core/tokens/tokenizer_settings.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

/// What the files that define a byte-pair encoding say, before the settings beside them.
struct BpeSource {
    std::filesystem::path file; ///< for messages
    BpeModel model;
    TextNormalizer normalizer;
    PreTokenizer preTokenizer;
    TokenDecoder decoder;
    std::vector<AddedToken> addedTokens;
    std::int64_t firstId = -1; ///< what its template puts in front of a text, -1: nothing
    std::int64_t lastId = -1;
    /// BOS, EOS and the unknown token where no settings name them; empty: none.
    std::string commonToken;
    std::string hashHead; ///< of the files, a line each
};

/// Checks that added tokens and vocabulary agree on ids, finds the special tokens, and makes the
/// tokenizer. A flag of the settings goes before the file's template.
/// \return Corrupt naming file and token when two disagree, Unsupported when the template ends
///         texts with another token than the settings' EOS
[[nodiscard]] Result<std::shared_ptr<const BpeTokenizer>>
assembleBpe(BpeSource source, const TokenizerSettings& settings);

} // namespace lacuna
