#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// What a sentencepiece .model file holds, read without the library: the vocabulary and the
/// settings that decide how text comes back. The file is a protobuf message (ModelProto in
/// sentencepiece_model.proto of the sentencepiece project).
struct SentencePieceModel {
    enum class Kind : std::uint8_t { Unigram = 1, Bpe = 2, Word = 3, Char = 4 };
    enum class PieceType : std::uint8_t {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    };
    struct Piece {
        std::string text;
        PieceType type = PieceType::Normal;
        float score = 0; ///< finite
    };

    Kind kind = Kind::Unigram;
    std::vector<Piece> pieces; ///< the index is the token id
    bool addsDummyPrefix = true;
    bool removesExtraSpaces = true;
    bool replacesCharacters = false; ///< by its normalisation table, before anything else
    std::string unknownPiece = "<unk>";
    std::string bosPiece = "<s>";
    std::string eosPiece = "</s>";
    std::string padPiece = "<pad>";

    /// The id of the piece spelled \p text, or -1.
    [[nodiscard]] std::int64_t find(std::string_view text) const;
};

/// The byte that a piece like "<0x0A>" stands for.
[[nodiscard]] std::optional<char> byteOfPiece(std::string_view piece);

/// Whether \p file starts as a .model file does; such a file may still be damaged.
[[nodiscard]] bool looksLikeSentencePiece(std::string_view file);

/// Reads \p file and checks all that the library trusts: that the file is whole, scores are
/// finite, and its normalisation table stays inside its bounds. Corrupt otherwise.
[[nodiscard]] Result<SentencePieceModel> readSentencePieceModel(std::string_view file);

/// The same model with its dummy prefix switched off: a later field of a protobuf message
/// overrides an earlier one, so a few bytes at the end do it.
[[nodiscard]] std::string withoutDummyPrefix(std::string_view file);

} // namespace lacuna
