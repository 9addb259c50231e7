#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

struct EncodeOptions {
    /// Put the tokenizer's BOS in front, if its configuration adds one. Never adds EOS: whether a
    /// text ends is the corpus's knowledge.
    bool addBos = true;
    /// Find special and added tokens spelled out in the text ("</s>"). Off, they are plain text,
    /// which is what text from a stranger should be. Added tokens that stand for nothing but their
    /// own text, such as GPT-NeoX's runs of spaces, are found in either case.
    bool parseSpecial = true;
};

/// Text to token ids and back. Immutable after loading; any thread may call it.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view text,
                                                           EncodeOptions options = {}) const = 0;
    /// Special tokens are left out, as are ids without a piece. May end in an incomplete UTF-8
    /// character when \p ids do.
    [[nodiscard]] virtual std::string decode(const std::vector<std::int64_t>& ids) const = 0;
    /// The piece as the model file spells it ("▁the", "Ġthe", "<0x0A>", "</s>"); empty for an id
    /// without.
    [[nodiscard]] virtual std::string piece(std::int64_t id) const = 0;
    /// The bytes that the id stands for within a text (" the", "\n", the first half of a letter);
    /// of a special token its spelling. Empty for an id without. For a person to read it, with
    /// visibleBytes(), since it may be no whole character.
    [[nodiscard]] virtual std::string pieceText(std::int64_t id) const = 0;
    /// Whether decode() leaves the id out although it has a piece.
    [[nodiscard]] virtual bool isSpecial(std::int64_t id) const = 0;

    [[nodiscard]] virtual std::int64_t vocabularySize() const = 0; ///< added tokens included
    [[nodiscard]] virtual std::int64_t bosId() const = 0;          ///< -1: none
    [[nodiscard]] virtual std::int64_t eosId() const = 0;          ///< -1: none
    /// Whether encode() puts BOS in front when asked.
    [[nodiscard]] virtual bool addsBos() const = 0;
    /// Whether its configuration ends every text with EOS, for a corpus to follow.
    [[nodiscard]] virtual bool addsEos() const { return false; }
    /// "sentencepiece-bpe", "sentencepiece-unigram", "byte-bpe", "bpe".
    [[nodiscard]] virtual std::string kind() const = 0;
    /// SHA-256 over the files that define it.
    [[nodiscard]] virtual const std::string& hash() const = 0;
};

} // namespace lacuna
