#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// The steps that matching may still take on one text. A pattern from a hostile file can need
/// time exponential in the text; running out ends it, after a time proportional to the text.
class MatchBudget {
public:
    explicit MatchBudget(std::size_t textBytes);

    /// \return false when fewer than \p steps are left
    [[nodiscard]] bool spend(std::uint32_t steps);

private:
    std::uint64_t m_left;
};

/// A regular expression of a tokenizer's file. Those files are written for the Oniguruma library;
/// what it and PCRE2, which matches here, understand differently is translated (`\s` is Unicode's
/// White_Space, `\w` letters, marks, digits and connectors, `\p{Han}` the script) or refused.
/// Characters are what the PCRE2 library's Unicode knows, version 14 in its release 10.42.
/// Immutable; any thread may match.
class Regex {
public:
    struct Span {
        std::size_t begin = 0; ///< bytes
        std::size_t end = 0;
    };

    /// \return Unsupported with the construct or with PCRE2's words, without a place
    [[nodiscard]] static Result<Regex> compile(std::string_view pattern);
    /// Matches \p text itself.
    [[nodiscard]] static Result<Regex> literal(std::string_view text);

    /// Where a text that may go on stands with the pattern.
    struct Sight {
        std::size_t begin = 0; ///< of the first match, or of what may become one; bytes
        bool isMatch = false;  ///< whatever follows
    };
    /// The first match that is one whatever follows \p text, or the first place where one may have
    /// begun; nothing when no match begins in \p text.
    /// \param text  well-formed UTF-8
    /// \return Unsupported when the budget does not suffice
    [[nodiscard]] Result<std::optional<Sight>> sight(std::string_view text,
                                                     MatchBudget& budget) const;

    /// The matches from left to right, none overlapping and none empty.
    /// \param text  well-formed UTF-8
    /// \return Unsupported when the budget does not suffice
    [[nodiscard]] Result<std::vector<Span>> matches(std::string_view text,
                                                    MatchBudget& budget) const;

private:
    struct Code;
    explicit Regex(std::shared_ptr<const Code> code) : m_code(std::move(code)) {}

    std::shared_ptr<const Code> m_code;
};

} // namespace lacuna
