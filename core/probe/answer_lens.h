#pragma once

#include "core/base/result.h"
#include "core/probe/lens.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The lens on one answer, from a model folder: texts in, plain values out.
namespace lacuna {

struct AnswerLensRequest {
    std::filesystem::path model;
    std::string prompt;
    std::string answer; ///< what the model is asked about, whether it would say it or not
    /// Prompt format or kModelTemplate that the two are put into as question and answer; empty:
    /// they are one text as they stand, with a space between two words.
    std::string promptTemplate = {};
    std::string device = "auto";
    std::string precision = "float32";
};

struct AnswerLens {
    struct Token {
        std::int64_t id = 0;
        std::string piece; ///< as the tokenizer's file spells it: "▁the"
        std::string text;  ///< as a person reads it, see ProbeAnswer::Token

        bool operator==(const Token&) const = default;
    };
    LensReading reading;
    std::vector<Token> tokens;    ///< of the answer
    std::vector<Token> likeliest; ///< LensReading::likeliest, spelt out
};

/// Loads the model for the call.
/// \param proceed  progress in [0, 1]; false cancels, and the result is empty
/// \return InvalidArgument for an answer without a token or that does not fit the context with its
///         prompt; what keeps template, tokenizer or model from being used
[[nodiscard]] Result<std::optional<AnswerLens>>
lensOfAnswer(const AnswerLensRequest& request, const std::function<bool(double)>& proceed);

} // namespace lacuna
