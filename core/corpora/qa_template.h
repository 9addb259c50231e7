#pragma once

#include <string>
#include <string_view>

namespace lacuna {

/// How a question and its answer become one text (unlearning reference 4.7):
/// before + question + between + answer + after, then EOS.
struct QaTemplate {
    std::string before = "Question: ";
    std::string between = "\nAnswer: ";
    std::string after = {}; ///< scored like the answer

    [[nodiscard]] std::string prompt(std::string_view question) const
    {
        return before + std::string(question) + between;
    }
    /// The prompt without trailing spaces, which belong to the first word of the answer: where
    /// scoring starts (see tokenise()) and what generation is to continue.
    [[nodiscard]] std::string openPrompt(std::string_view question) const;
};

/// \p prompt without the spaces at its end.
[[nodiscard]] std::string_view withoutTrailingSpaces(std::string_view prompt);

} // namespace lacuna
