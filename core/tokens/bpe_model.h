#pragma once

#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lacuna {

/// What a file says about a byte-pair encoding.
struct BpeDescription {
    std::vector<std::pair<std::string, std::int64_t>> vocabulary; ///< piece and id, in any order
    std::vector<std::pair<std::string, std::string>> merges;      ///< the first goes first
    std::string unknownPiece;                                     ///< empty: none
    std::string wordPrefix;                                       ///< continuing_subword_prefix
    std::string wordSuffix;                                       ///< end_of_word_suffix
    bool fuseUnknown = false;  ///< neighbours without a piece become one unknown token
    bool byteFallback = false; ///< pieces "<0x00>" to "<0xFF>" spell characters without a piece
    bool ignoreMerges = false; ///< a word that is a piece is that piece, whatever the merges say
};

/// Byte-pair encoding of one word: characters, then the merge of lowest rank first, the leftmost
/// of equals first, as the tokenizers library does (its models/bpe/word.rs). Immutable; any thread
/// may encode.
class BpeModel {
public:
    /// Memory that encoding reuses, one for each thread.
    struct Workspace {
        struct Symbol {
            std::uint32_t id;
            std::int32_t previous; ///< -1: none
            std::int32_t next;     ///< -1: none
            bool removed;
        };
        struct Candidate {
            std::uint32_t rank;
            std::int32_t at;
            std::uint32_t merged; ///< the id that the merge gives
        };
        std::vector<Symbol> symbols;
        std::vector<Candidate> queue;
    };

    /// \param idLimit  every id is below it; larger ones are refused
    /// \return Corrupt without a place, its context the key ("vocab.x", "merges[7]")
    [[nodiscard]] static Result<BpeModel> make(BpeDescription description, std::int64_t idLimit);

    /// Appends the ids of \p word in time n log n of its length. A character that neither the
    /// vocabulary nor the byte pieces nor an unknown piece covers gives nothing.
    void encode(std::string_view word, std::vector<std::int64_t>& ids, Workspace& workspace) const;

    /// The id of the piece spelled \p text, or -1.
    [[nodiscard]] std::int64_t find(std::string_view text) const;
    /// Pieces with their ids, sorted by piece.
    [[nodiscard]] const std::vector<std::pair<std::string, std::int64_t>>& vocabulary() const
    {
        return m_description.vocabulary;
    }

private:
    struct Merge {
        std::uint32_t right;
        std::uint32_t rank;
        std::uint32_t merged;
    };

    explicit BpeModel(BpeDescription description) : m_description(std::move(description)) {}

    Status indexVocabulary(std::int64_t idLimit);
    Status indexMerges();
    [[nodiscard]] const Merge* mergeOf(std::uint32_t left, std::uint32_t right) const;
    void spell(std::string_view word, std::vector<Workspace::Symbol>& symbols) const;
    void merge(Workspace& workspace) const;
    bool addBytes(std::string_view text, std::vector<Workspace::Symbol>& symbols) const;

    BpeDescription m_description;          // its merges are dropped once indexed
    std::vector<std::size_t> m_firstMerge; // [largest left id + 2] where the merges of an id start
    std::vector<Merge> m_merges;           // by left id, then by right id
    std::array<std::int64_t, 0x180> m_characters{}; // ids of the pieces of one character below
    std::array<std::int64_t, 256> m_bytes{};        // ids of "<0x00>" to "<0xFF>", -1: none
    std::int64_t m_unknown = -1;
};

} // namespace lacuna
