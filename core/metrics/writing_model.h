#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace lacuna {

/// What a language's writing looks like, in two small tables: which character follows which, and in
/// which order its small words (articles, prepositions, pronouns, auxiliaries, conjunctions and the
/// like) come. Neither knows what a text says. Immutable.
///
/// Characters are the letters a to z without regard to case, the digits as one, white space as one,
/// and everything else as one. The small words are English ones.
class WritingModel {
public:
    /// From at least some 100 KB of fluent text; what it lacks counts as rare.
    [[nodiscard]] static WritingModel estimate(std::string_view text);
    /// Estimated from Carroll's "Through the Looking-Glass" (1871) and TOFU's retain90 answers
    /// (2024), kept in steps of 1/4 bit.
    [[nodiscard]] static const WritingModel& english();

    /// Bits a character, given the one before: about 3.4 in English, 4 and more in pieces of words,
    /// 6 and more in random letters. Short texts are drawn towards 3.4, as if 20 characters more
    /// had been seen.
    [[nodiscard]] double letterBits(std::string_view text) const;

    /// Bits a word by which the order of the text's small words is likelier than their mere number
    /// makes it: about 0.2 in English, below 0 in shuffled words. Short texts are drawn towards 0,
    /// as if 12 words more had been seen.
    [[nodiscard]] double wordOrder(std::string_view text) const;

private:
    static constexpr std::size_t kSymbols = 29;
    static constexpr std::size_t kClasses = 8;

    std::array<std::array<double, kSymbols>, kSymbols> m_bits = {};  // -log2 p(column | row)
    std::array<std::array<double, kClasses>, kClasses> m_order = {}; // log2 p(column | row) / p
};

/// Share of small words among the words of \p text, drawn towards 0.4 as if 5 words more had been
/// seen: 0.3 to 0.6 in English, below 0.15 where words are random.
[[nodiscard]] double smallWordShare(std::string_view text);

} // namespace lacuna
