#pragma once

#include "core/base/result.h"
#include "core/probe/generation.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

class Guardrail;
class PromptStyle;
class Tokenizer;

/// The answer to one prompt, with what the model gave to each token.
struct ProbeAnswer {
    /// A token that might have stood there instead.
    struct Alternative {
        std::string piece;
        std::string text; ///< as Token::text
        float logProb = 0;

        bool operator==(const Alternative&) const = default;
    };
    struct Token {
        std::int64_t id = 0;
        std::string piece; ///< as the vocabulary spells it: "▁the", "Ġthe"
        /// As a person reads it: " the". Bytes that are no character as visibleBytes() shows them.
        std::string text;
        float logProb = 0; ///< nats
        std::vector<Alternative> alternatives = {};
    };
    std::string text;
    std::vector<Token> tokens;
    bool stopped = false; ///< by an end token, not by the limit
    bool refused = false; ///< a guardrail's refusal stands in place of what the model said

    [[nodiscard]] std::string tokensJson() const;
};

/// What is asked of a model.
struct ProbePrompt {
    std::string text;
    /// Continue the text as it stands. Otherwise it is a question, and is put into the template
    /// that corpora of questions are trained with.
    bool raw = false;
    /// How the question is put; null: by QaTemplate.
    std::shared_ptr<const PromptStyle> style = {};
    /// What stands before and behind the model; null: nothing.
    std::shared_ptr<const Guardrail> guardrail = {};
};

/// What a model is given to continue.
struct SentPrompt {
    std::string text;
    std::string promptTemplate = {};   ///< id of what the words were put into; empty: a raw prompt
    std::optional<Error> problem = {}; ///< why a template that was asked for is not used
    std::string guardrail = {}; ///< what one did about it, in a sentence; empty: there is none
    bool bypassed = false;      ///< the guardrail acts on questions, and this is a raw prompt
};

/// Called for each token as it is chosen, with the answer's text so far (whole characters only);
/// false ends the answer there.
using OnAnswerToken = std::function<bool(const ProbeAnswer::Token&, const std::string& text)>;

/// Answers \p prompt, at most until the model's context is full; a prompt that fills it gets an
/// empty answer, and one that a chat template refuses gets the refusal as its text.
///
/// Behind a guardrail that watches answers, a token comes once nothing of it can belong to what is
/// refused, without alternatives; of a refused answer no token is kept.
/// \param proceed  asked after every token, one that is held back too; false ends the answer there
[[nodiscard]] ProbeAnswer answerPrompt(Decoder& decoder, const Tokenizer& tokenizer,
                                       const ProbePrompt& prompt, GenerationOptions options,
                                       const OnAnswerToken& onToken = {},
                                       const std::function<bool()>& proceed = {});

} // namespace lacuna
