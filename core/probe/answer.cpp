#include "core/probe/answer.h"

#include "core/base/text.h"
#include "core/corpora/qa_template.h"
#include "core/guardrails/guardrail.h"
#include "core/models/decoder.h"
#include "core/probe/continuation.h"
#include "core/tokens/prompt_style.h"
#include "core/tokens/tokenizer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

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

namespace {

Result<RenderedPrompt> rendered(const ProbePrompt& prompt)
{
    if (prompt.raw)
        return RenderedPrompt{.text = prompt.text};
    const ChatMessages messages = {{"user", prompt.text}};
    if (prompt.guardrail)
        return prompt.guardrail->prompt(prompt.style ? *prompt.style : PromptStyle(), messages);
    if (prompt.style)
        return prompt.style->prompt(messages);
    return RenderedPrompt{.text = QaTemplate{}.openPrompt(prompt.text)};
}

ProbeAnswer::Token describe(const GeneratedToken& token, const Tokenizer& tokenizer)
{
    ProbeAnswer::Token out{.id = token.id,
                           .piece = tokenizer.piece(token.id),
                           .text = visibleBytes(tokenizer.pieceText(token.id)),
                           .logProb = token.logProb};
    for (const auto& [id, logProb] : token.alternatives)
        out.alternatives.push_back({.piece = tokenizer.piece(id),
                                    .text = visibleBytes(tokenizer.pieceText(id)),
                                    .logProb = logProb});
    return out;
}

/// An answer on its way through a guardrail that watches it.
class WatchedAnswer {
public:
    explicit WatchedAnswer(const Guardrail& guardrail) : m_guardrail(guardrail) {}

    /// Holds \p token back, with which the answer reads \p text.
    /// \return false when the answer is refused
    bool add(ProbeAnswer::Token token, const std::string& text)
    {
        token.alternatives.clear(); // they may spell what the text must not
        m_held.push_back({std::move(token), text.size()});
        m_sight = m_guardrail.look(text, false);
        return !m_sight.refused;
    }
    /// The next token that may be seen.
    std::optional<ProbeAnswer::Token> release()
    {
        if (m_held.empty() || m_held.front().end > m_sight.bytes)
            return std::nullopt;
        ProbeAnswer::Token token = std::move(m_held.front().token);
        m_held.pop_front();
        return token;
    }
    /// Bytes of the answer that may be seen.
    [[nodiscard]] std::size_t bytes() const { return m_sight.bytes; }
    /// Of the whole answer: false when it is refused.
    bool finish(const std::string& text)
    {
        if (!m_sight.refused)
            m_sight = m_guardrail.look(text, true);
        return !m_sight.refused;
    }

private:
    struct Held {
        ProbeAnswer::Token token;
        std::size_t end; ///< of the text with it
    };
    const Guardrail& m_guardrail;
    std::deque<Held> m_held;
    Guardrail::Sight m_sight;
};

} // namespace

ProbeAnswer answerPrompt(Decoder& decoder, const Tokenizer& tokenizer, const ProbePrompt& prompt,
                         GenerationOptions options, const OnAnswerToken& onToken,
                         const std::function<bool()>& proceed)
{
    const Result<RenderedPrompt> asked = rendered(prompt);
    if (!asked)
        return {.text = asked.error().text()};
    const std::vector<std::int64_t> ids = tokenizer.encode(asked->text, {.addBos = asked->addBos});
    const auto room = decoder.config().context - static_cast<std::int64_t>(ids.size());
    options.maxNewTokens =
        std::clamp<std::int64_t>(options.maxNewTokens, 0, std::max<std::int64_t>(0, room));
    ProbeAnswer answer;
    if (ids.empty() || options.maxNewTokens == 0)
        return answer;
    std::optional<WatchedAnswer> watched;
    if (prompt.guardrail) {
        options.changes = {prompt.guardrail->change(prompt.text)};
        if (prompt.guardrail->watchesAnswers())
            watched.emplace(*prompt.guardrail);
    }
    Continuation continuation(tokenizer, ids);
    const auto shown = [&](std::string text) {
        return prompt.raw ? text : std::string(trimmed(text));
    };
    const auto give = [&](ProbeAnswer::Token token, const std::string& text) {
        answer.tokens.push_back(std::move(token));
        return !onToken || onToken(answer.tokens.back(), shown(text));
    };
    const auto take = [&](std::size_t, const GeneratedToken& token) {
        ProbeAnswer::Token out = describe(token, tokenizer);
        continuation.add(token.id);
        const std::string text = continuation.soFar();
        bool wanted = true;
        if (!watched)
            wanted = give(std::move(out), text);
        else if (!watched->add(std::move(out), text))
            return false;
        while (std::optional<ProbeAnswer::Token> free = watched ? watched->release() : std::nullopt)
            wanted = give(std::move(*free), text.substr(0, watched->bytes())) && wanted;
        return (!proceed || proceed()) && wanted;
    };
    answer.stopped = generate(decoder, {ids}, options, take).front().stopped;
    const std::string text = continuation.text();
    if (watched && !watched->finish(text))
        return {.text = prompt.guardrail->refusal(), .stopped = true, .refused = true};
    while (std::optional<ProbeAnswer::Token> rest = watched ? watched->release() : std::nullopt)
        answer.tokens.push_back(std::move(*rest));
    answer.text = shown(text);
    return answer;
}

} // namespace lacuna
