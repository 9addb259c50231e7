#include "core/probe/answer.h"

#include "core/base/text.h"
#include "core/corpora/qa_template.h"
#include "core/models/decoder.h"
#include "core/probe/continuation.h"
#include "core/tokens/prompt_style.h"
#include "core/tokens/tokenizer.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {

std::string ProbeAnswer::tokensJson() const
{
    nlohmann::json list = nlohmann::json::array();
    for (const Token& token : tokens) {
        nlohmann::json alternatives = nlohmann::json::array();
        for (const Alternative& other : token.alternatives)
            alternatives.push_back(
                {{"piece", other.piece}, {"text", other.text}, {"log_prob", other.logProb}});
        list.push_back({{"id", token.id},
                        {"piece", token.piece},
                        {"text", token.text},
                        {"log_prob", token.logProb},
                        {"alternatives", alternatives}});
    }
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ProbeAnswer answerPrompt(Decoder& decoder, const Tokenizer& tokenizer, const ProbePrompt& prompt,
                         GenerationOptions options, const OnAnswerToken& onToken)
{
    RenderedPrompt asked{.text = prompt.raw ? prompt.text : QaTemplate{}.openPrompt(prompt.text)};
    if (prompt.style && !prompt.raw) {
        Result<RenderedPrompt> rendered = prompt.style->prompt({{"user", prompt.text}});
        if (!rendered)
            return {.text = rendered.error().text()};
        asked = std::move(rendered).value();
    }
    const std::vector<std::int64_t> ids = tokenizer.encode(asked.text, {.addBos = asked.addBos});
    const auto room = decoder.config().context - static_cast<std::int64_t>(ids.size());
    options.maxNewTokens =
        std::clamp<std::int64_t>(options.maxNewTokens, 0, std::max<std::int64_t>(0, room));
    ProbeAnswer answer;
    if (ids.empty() || options.maxNewTokens == 0)
        return answer;
    Continuation continuation(tokenizer, ids);
    const auto shown = [&](std::string text) {
        return prompt.raw ? text : std::string(trimmed(text));
    };
    const auto take = [&](std::size_t, const GeneratedToken& token) {
        ProbeAnswer::Token out{.id = token.id,
                               .piece = tokenizer.piece(token.id),
                               .text = visibleBytes(tokenizer.pieceText(token.id)),
                               .logProb = token.logProb};
        for (const auto& [id, logProb] : token.alternatives)
            out.alternatives.push_back({.piece = tokenizer.piece(id),
                                        .text = visibleBytes(tokenizer.pieceText(id)),
                                        .logProb = logProb});
        answer.tokens.push_back(std::move(out));
        continuation.add(token.id);
        return !onToken || onToken(answer.tokens.back(), shown(continuation.soFar()));
    };
    answer.stopped = generate(decoder, {ids}, options, take).front().stopped;
    answer.text = shown(continuation.text());
    return answer;
}

} // namespace lacuna
