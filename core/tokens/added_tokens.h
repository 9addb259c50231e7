#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// A token that is found in the text itself, before the model splits what lies between.
struct AddedToken {
    std::string text; ///< not empty
    std::int64_t id = -1;
    bool special = false;   ///< decoding leaves it out
    bool stripLeft = false; ///< white space before it belongs to it
    bool stripRight = false;
    bool singleWord = false; ///< only where a word ends on either side, see WordEdge
    bool normalized = false; ///< looked for in the text as the normaliser leaves it
};

/// What may stand beside an added token that is a single word. The end of the text always may.
enum class WordEdge : std::uint8_t {
    Space,        ///< U+0020 only, as in Hugging Face's tokenizers written in Python
    NonCharacter, ///< what is no character of a word, as in its tokenizers library
};

/// Splits text at added tokens: the leftmost one first, of those the longest.
class AddedTokenSplitter {
public:
    struct Segment {
        std::string_view text;             ///< into the split text; empty for a token
        const AddedToken* token = nullptr; ///< null: plain text. Owned by the splitter
    };

    AddedTokenSplitter() = default;
    explicit AddedTokenSplitter(std::vector<AddedToken> tokens, WordEdge edge = WordEdge::Space);

    /// The segments of \p text in order; none is empty text.
    [[nodiscard]] std::vector<Segment> split(std::string_view text) const;

private:
    [[nodiscard]] const AddedToken* matchAt(std::string_view text, std::size_t& at) const;
    [[nodiscard]] bool standsAlone(std::string_view text, std::size_t begin, std::size_t end) const;

    std::vector<AddedToken> m_tokens; // sorted by their bytes
    WordEdge m_edge = WordEdge::Space;
    std::vector<std::size_t> m_firstByte; // [257] where the tokens of a first byte start
};

} // namespace lacuna
