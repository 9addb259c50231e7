#pragma once

#include "core/base/result.h"
#include "core/tokens/added_tokens.h"
#include "core/tokens/sentencepiece_library.h"
#include "core/tokens/sentencepiece_model.h"
#include "core/tokens/sentencepiece_rules.h"
#include "core/tokens/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// A sentencepiece model with the rules of Hugging Face's LlamaTokenizer around it.
///
/// Special and added tokens are taken out of the text first; what lies between goes to the
/// library. Decoding is done here, since the library replaces the bytes of an incomplete
/// character, which a stream of tokens needs to keep: byte pieces give their bytes, "▁" a space,
/// and the prefix space that encoding put in front is dropped.
class SentencePieceTokenizer final : public Tokenizer {
public:
    /// \param modelFile  a .model file of any name; the JSON files beside it are read when there
    ///                   are any (readSentencePieceRules())
    [[nodiscard]] static Result<std::shared_ptr<const SentencePieceTokenizer>>
    load(const std::filesystem::path& modelFile);

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                   EncodeOptions options = {}) const override;
    [[nodiscard]] std::string decode(const std::vector<std::int64_t>& ids) const override;
    [[nodiscard]] std::string piece(std::int64_t id) const override;
    [[nodiscard]] std::string pieceText(std::int64_t id) const override;
    [[nodiscard]] bool isSpecial(std::int64_t id) const override;

    [[nodiscard]] std::int64_t vocabularySize() const override;
    [[nodiscard]] std::int64_t bosId() const override { return m_rules.bosId; }
    [[nodiscard]] std::int64_t eosId() const override { return m_rules.eosId; }
    [[nodiscard]] bool addsBos() const override { return m_rules.addBos && m_rules.bosId >= 0; }
    [[nodiscard]] bool addsEos() const override { return m_rules.addEos && m_rules.eosId >= 0; }
    [[nodiscard]] std::string kind() const override;
    [[nodiscard]] const std::string& hash() const override { return m_hash; }

private:
    /// One id as decode() and piece() see it.
    struct Entry {
        std::string piece;
        std::string text;            ///< what it gives in a decoded text; empty when special
        bool startsWithMark = false; ///< the text's first byte is the space of a "▁"
        bool added = false;
    };

    SentencePieceTokenizer(const SentencePieceModel& model, SentencePieceRules rules,
                           SentencePieceEncoder encoder, std::string hash);

    void encodeLegacy(const std::vector<AddedTokenSplitter::Segment>& segments,
                      std::vector<std::int64_t>& ids) const;
    void encodeSegments(const std::vector<AddedTokenSplitter::Segment>& segments,
                        std::vector<std::int64_t>& ids) const;

    SentencePieceModel::Kind m_kind;
    SentencePieceRules m_rules;
    SentencePieceEncoder m_encoder;
    AddedTokenSplitter m_splitter;
    std::string m_hash;
    std::vector<Entry> m_entries;  // by id
    bool m_dropsPrefix;            // encoding puts a space in front that decoding takes away
    std::int64_t m_markId;         // of the piece "▁", -1: none
    std::size_t m_unknownSize = 0; // ids that the text of the unknown token gives
};

} // namespace lacuna
