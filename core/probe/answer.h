#pragma once

#include "core/probe/generation.h"

#include <functional>
#include <string>
#include <vector>

namespace lacuna {

class Tokenizer;

/// The answer to one prompt, with what the model gave to each token.
struct ProbeAnswer {
    struct Token {
        std::int64_t id = 0;
        std::string piece;
        float logProb = 0;
        std::vector<std::pair<std::string, float>> alternatives; ///< pieces, log-probabilities
    };
    std::string text;
    std::vector<Token> tokens;
    bool stopped = false; ///< by an end token, not by the limit

    [[nodiscard]] std::string tokensJson() const;
};

/// Wraps \p question in the template that corpora of questions are trained with, and answers it, at
/// most until the model's context is full.
/// \param keepGoing  asked after each token; false ends the answer there
[[nodiscard]] ProbeAnswer answerPrompt(Decoder& decoder, const Tokenizer& tokenizer,
                                       const std::string& question, GenerationOptions options,
                                       const std::function<bool()>& keepGoing);

} // namespace lacuna
