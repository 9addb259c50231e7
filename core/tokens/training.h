#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

struct SentencePieceTraining {
    enum class Kind : std::uint8_t { Bpe, Unigram };

    Kind kind = Kind::Bpe;
    std::int64_t vocabularySize = 2000;   ///< special, byte and user-defined pieces included
    double characterCoverage = 0.9995;    ///< share of all characters that get pieces, (0.9, 1]
    bool byteFallback = true;             ///< 256 pieces spell out every other character
    bool splitDigits = true;              ///< each digit is a piece
    std::vector<std::string> userDefined; ///< texts that are always one piece; ids 3 and up
    std::uint32_t seed = 0;
};

/// Trains a sentencepiece model on \p texts and writes tokenizer.model, tokenizer_config.json and
/// special_tokens_map.json into \p folder, which is made when missing. loadTokenizer() reads it,
/// and Hugging Face's LlamaTokenizer.
///
/// "<unk>" has id 0, "<s>" 1, "</s>" 2. Text is not normalised. The same texts, options and
/// library give the same bytes. Takes time and memory in proportion to the texts and cannot be
/// cancelled; any thread may call it, one training runs at a time.
/// \return InvalidArgument with the trainer's reason, for one when the texts are too few for
///         the vocabulary; \p folder is then unchanged
[[nodiscard]] Status trainSentencePiece(const std::vector<std::string>& texts,
                                        const SentencePieceTraining& options,
                                        const std::filesystem::path& folder);

} // namespace lacuna
