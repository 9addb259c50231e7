#pragma once

#include "core/tokens/added_tokens.h"
#include "core/tokens/bpe_model.h"
#include "core/tokens/pre_tokenizer.h"
#include "core/tokens/text_normalizer.h"
#include "core/tokens/token_decoder.h"
#include "core/tokens/tokenizer.h"
#include "core/tokens/word_cache.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// A byte-pair encoding in the pipeline of Hugging Face's tokenizers library: added tokens are
/// taken out, the rest is normalised, cut into words, and each word merged.
///
/// encode() throws an ErrorException (Unsupported) when a regular expression of the file needs
/// too many steps on a text, or its normaliser makes the text many times longer. Text that is not
/// well-formed UTF-8 is encoded with U+FFFD in its place.
class BpeTokenizer final : public Tokenizer {
public:
    /// What a reader of files hands over.
    struct Parts {
        BpeModel model;
        TextNormalizer normalizer;
        PreTokenizer preTokenizer;
        TokenDecoder decoder;
        std::vector<AddedToken> addedTokens; ///< special tokens of the vocabulary included
        std::int64_t bosId = -1;
        std::int64_t eosId = -1;
        bool addBos = false;
        bool addEos = false;
        std::string hash;
    };
    /// Ids above the number of pieces and added tokens that are still taken. Published files
    /// leave gaps of some tens; every id costs a few bytes.
    static constexpr std::int64_t kIdGap = 65'536;

    /// \return Unsupported when an added token cannot be normalised
    [[nodiscard]] static Result<std::shared_ptr<const BpeTokenizer>> make(Parts parts);

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                   EncodeOptions options = {}) const override;
    [[nodiscard]] std::string decode(const std::vector<std::int64_t>& ids) const override;
    [[nodiscard]] std::string piece(std::int64_t id) const override;
    [[nodiscard]] std::string pieceText(std::int64_t id) const override;
    [[nodiscard]] bool isSpecial(std::int64_t id) const override;

    [[nodiscard]] std::int64_t vocabularySize() const override;
    [[nodiscard]] std::int64_t bosId() const override { return m_parts.bosId; }
    [[nodiscard]] std::int64_t eosId() const override { return m_parts.eosId; }
    [[nodiscard]] bool addsBos() const override { return m_parts.addBos && m_parts.bosId >= 0; }
    [[nodiscard]] bool addsEos() const override { return m_parts.addEos && m_parts.eosId >= 0; }
    [[nodiscard]] std::string kind() const override;
    [[nodiscard]] const std::string& hash() const override { return m_parts.hash; }

private:
    /// What encoding reuses from text to text.
    struct Workspace {
        WordCache cache;
        BpeModel::Workspace model;
        PreTokenizer::Words words;
        std::string spelled;
    };
    class Loan;

    explicit BpeTokenizer(Parts parts);
    [[nodiscard]] Result<AddedTokenSplitter>
    normalisedSplitter(std::vector<AddedToken> tokens) const;

    void encodePlain(std::string_view text, bool atStart, MatchBudget& budget, Workspace& workspace,
                     std::vector<std::int64_t>& ids) const;
    [[nodiscard]] const AddedToken* added(std::int64_t id) const;
    [[nodiscard]] std::string_view vocabularyPiece(std::int64_t id) const;

    Parts m_parts;
    AddedTokenSplitter m_exact;           // the tokens looked for in the text as it comes
    AddedTokenSplitter m_normalized;      // those looked for in normalised text
    AddedTokenSplitter m_normalizedPlain; // of these, the ones that are not special
    std::vector<std::int32_t> m_pieceOf;  // by id, index into the vocabulary, -1: none
    std::vector<std::int32_t> m_addedOf;  // by id, index into the added tokens, -1: none

    mutable std::mutex m_mutex;
    mutable std::vector<std::unique_ptr<Workspace>> m_idle; // guarded by m_mutex
};

} // namespace lacuna
