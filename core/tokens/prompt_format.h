#pragma once

#include "core/base/catalog.h"

#include <string>

namespace lacuna {

/// A way to write questions and conversations as one text that methods and models are published
/// with (unlearning reference 4.7):
///
///     [systemBefore system systemAfter] userBefore question answerBefore answer end
///     between userBefore question answerBefore answer end ...
struct PromptFormat {
    std::string id; ///< written into recipes and runs: never rename
    std::string title;
    std::string description;       ///< for which models, and what to know
    std::string system = {};       ///< the message used where a conversation brings none
    std::string systemBefore = {}; ///< both empty: there is no place for a system message
    std::string systemAfter = {};
    /// The system message stands inside of the first question, behind userBefore.
    bool systemInQuestion = false;
    std::string userBefore;
    std::string answerBefore;
    std::string end = {}; ///< of an answer, scored with it; empty: the tokenizer's EOS
    std::string between = {};

    [[nodiscard]] bool hasSystem() const { return !systemBefore.empty() || !systemAfter.empty(); }
};

/// What a recipe that names no template uses.
inline constexpr const char* kDefaultPromptFormat = "question-answer";
/// Stands for the chat template in the model's own folder, wherever a format can be named.
inline constexpr const char* kModelTemplate = "model";

[[nodiscard]] const Catalog<PromptFormat>& promptFormats();

} // namespace lacuna
