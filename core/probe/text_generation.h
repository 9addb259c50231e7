#pragma once

#include "core/base/result.h"
#include "core/guardrails/catalog.h"
#include "core/probe/generation.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Text in, text out, from a model folder: what one continuation needs, in plain values.
namespace lacuna {

struct TextRequest {
    std::filesystem::path model;
    std::string prompt; ///< encoded with BOS in front where the tokenizer adds one
    /// Prompt format or kModelTemplate that `prompt` is put into as a question; empty: none.
    std::string promptTemplate = {};
    std::string system = {}; ///< message that goes before a question
    std::string device = "auto";
    std::string precision = "auto";
    /// `stopIds` are added to those of the model's config and of its tokenizer.
    GenerationOptions options = {};
    /// What stands before the model. Behind one that watches answers the text comes at its end.
    GuardrailRequest guardrail = {};
};

enum class TextEnding : std::uint8_t {
    Stopped,     ///< the model said that it is done
    Length,      ///< maxNewTokens
    Context,     ///< the positions that the model was made for
    Interrupted, ///< the caller wanted no more
    Refused,     ///< by the guardrail, whose refusal is the text; there are no tokens
};
[[nodiscard]] std::string_view idOf(TextEnding ending);

struct GeneratedText {
    struct Alternative {
        std::int64_t id = 0;
        std::string piece;
        std::string text;
        float logProb = 0;
    };
    struct Token {
        std::int64_t id = 0;
        std::string piece; ///< as the tokenizer's file spells it: "▁the"
        std::string text;  ///< as a person reads it, see ProbeAnswer::Token
        float logProb = 0; ///< nats, before temperature and nucleus
        std::vector<Alternative> alternatives;
    };

    std::string prompt; ///< that was continued, its template filled in
    std::vector<std::int64_t> promptIds;
    std::vector<Token> tokens;
    std::string text; ///< the continuation alone; valid UTF-8
    TextEnding ending = TextEnding::Length;
    std::string guardrail = {}; ///< what one did about the prompt, in a sentence; empty: none
    bool bypassed = false;      ///< the guardrail acts on questions, and the prompt is a raw one
    std::string device;
    std::string precision;    ///< that the model computed in
    double promptSeconds = 0; ///< up to the first token, loading apart
    double totalSeconds = 0;  ///< loading apart
};

/// Loads model and tokenizer, and continues the prompt.
/// \param onText  gets the text as it comes, whole characters only; false ends it
/// \param cancelled  asked while the model loads
/// \return NotFound naming the files when the folder has no tokenizer; InvalidArgument for a prompt
///         that is empty or fills the context, or that the template refuses; whatever keeps
///         template or model from being loaded
[[nodiscard]] Result<GeneratedText>
generateText(const TextRequest& request,
             const std::function<bool(std::string_view newText)>& onText = {},
             const std::function<bool()>& cancelled = {});

} // namespace lacuna
