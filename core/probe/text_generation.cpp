#include "core/probe/text_generation.h"

#include "core/base/text.h"
#include "core/guardrails/guardrail.h"
#include "core/models/adapter_files.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/probe/continuation.h"
#include "core/tokens/catalog.h"
#include "core/tokens/prompt_style.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>

namespace lacuna {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A prompt with its template filled in, and what ends the answer to it.
struct Asked {
    RenderedPrompt prompt;
    std::vector<std::int64_t> stopIds = {};
    PromptStyle style = {};
};

/// \param guardrail  null: none
Result<Asked> ask(const TextRequest& request, const Tokenizer& tokenizer,
                  const Guardrail* guardrail)
{
    if (request.promptTemplate.empty())
        return Asked{.prompt = {.text = request.prompt}};
    const Result<PromptStyle> style = PromptStyle::find(request.promptTemplate, request.model);
    if (!style)
        return style.error();
    ChatMessages messages;
    if (!request.system.empty())
        messages.push_back({"system", request.system});
    messages.push_back({"user", request.prompt});
    Result<RenderedPrompt> prompt =
        guardrail ? guardrail->prompt(*style, messages) : style->prompt(messages);
    if (!prompt)
        return prompt.error();
    return Asked{
        .prompt = std::move(prompt).value(), .stopIds = style->stopIds(tokenizer), .style = *style};
}

Result<std::vector<std::int64_t>>
encodePrompt(const RenderedPrompt& prompt, const Tokenizer& tokenizer, const DecoderConfig& config)
{
    std::vector<std::int64_t> ids = tokenizer.encode(prompt.text, {.addBos = prompt.addBos});
    const auto refuse = [](ErrorCode code, std::string message, std::string remedy) {
        return Error{.code = code,
                     .message = std::move(message),
                     .context = "prompt",
                     .remedy = std::move(remedy)};
    };
    if (ids.empty())
        return refuse(ErrorCode::InvalidArgument, "the prompt is empty",
                      "give the words to continue");
    if (static_cast<std::int64_t>(ids.size()) >= config.context)
        return refuse(ErrorCode::InvalidArgument,
                      "the prompt has " + std::to_string(ids.size()) +
                          " tokens and the model's context holds " + std::to_string(config.context),
                      "shorten the prompt");
    const std::int64_t largest = *std::max_element(ids.begin(), ids.end());
    if (largest >= config.vocabulary)
        return refuse(ErrorCode::Corrupt,
                      "the tokenizer gives the id " + std::to_string(largest) +
                          ", for which the model has no row",
                      "use the tokenizer that the model was trained with");
    return ids;
}

/// Makes the guardrail that is asked for and asks behind it. Null: there is none, or none is wanted
/// any more.
Result<GuardrailPtr> putGuardrail(const TextRequest& request, Decoder& decoder,
                                  const Tokenizer& tokenizer,
                                  const std::function<bool()>& cancelled, Asked& asked,
                                  GeneratedText& result)
{
    Result<GuardrailPtr> made = loadGuardrail(
        request.guardrail,
        {.decoder = decoder, .tokenizer = tokenizer, .style = asked.style, .proceed = [&] {
             return !(cancelled && cancelled());
         }});
    if (!made || !*made)
        return made;
    const Guardrail& guardrail = **made;
    Result<Asked> behind = ask(request, tokenizer, &guardrail);
    if (!behind)
        return behind.error();
    asked = std::move(behind).value();
    result.prompt = asked.prompt.text;
    result.bypassed = request.promptTemplate.empty() && guardrail.actsOnQuestionsOnly();
    if (!result.bypassed)
        result.guardrail = guardrail.note(request.prompt);
    return made;
}

GeneratedText::Token describe(const GeneratedToken& token, const Tokenizer& tokenizer)
{
    GeneratedText::Token out{.id = token.id,
                             .piece = tokenizer.piece(token.id),
                             .text = visibleBytes(tokenizer.pieceText(token.id)),
                             .logProb = token.logProb};
    for (const auto& [id, logProb] : token.alternatives)
        out.alternatives.push_back({.id = id,
                                    .piece = tokenizer.piece(id),
                                    .text = visibleBytes(tokenizer.pieceText(id)),
                                    .logProb = logProb});
    return out;
}

} // namespace

std::string_view idOf(TextEnding ending)
{
    constexpr std::array<std::string_view, 5> kIds = {"stop", "length", "context", "interrupted",
                                                      "refused"};
    return kIds[static_cast<std::size_t>(ending)];
}

Result<GeneratedText> generateText(const TextRequest& request,
                                   const std::function<bool(std::string_view newText)>& onText,
                                   const std::function<bool()>& cancelled)
{
    // The tokenizer first: what is wrong with it shows in a moment, before gigabytes are read.
    const auto tokenizer = loadTokenizer(tokenizerFolder(request.model));
    if (!tokenizer)
        return tokenizer.error();
    Result<Asked> asked = ask(request, **tokenizer, nullptr);
    if (!asked)
        return asked.error();
    if (const Status status = checkCorpora(request.guardrail); !status)
        return status.error();
    prepareTorch();
    const Result<c10::Device> device = resolveDevice(request.device);
    if (!device)
        return device.error();
    const Result<c10::ScalarType> precision = resolvePrecision(request.precision, *device);
    if (!precision)
        return precision.error();
    Result<std::unique_ptr<Decoder>> loaded =
        loadDecoder(request.model, *device, *precision, cancelled);
    if (!loaded)
        return loaded.error();

    GeneratedText result{.prompt = asked->prompt.text,
                         .device = device->str(),
                         .precision = precisionName(*precision)};
    if (!*loaded) {
        result.ending = TextEnding::Interrupted;
        return result;
    }
    Decoder& decoder = **loaded;
    const DecoderConfig& config = decoder.config();
    const Result<GuardrailPtr> made =
        putGuardrail(request, decoder, **tokenizer, cancelled, *asked, result);
    if (!made)
        return made.error();
    const GuardrailPtr guardrail = *made;
    if (!guardrail && !request.guardrail.spec.id.empty()) {
        result.ending = TextEnding::Interrupted;
        return result;
    }
    const bool watched = guardrail && guardrail->watchesAnswers();
    Result<std::vector<std::int64_t>> prompt = encodePrompt(asked->prompt, **tokenizer, config);
    if (!prompt)
        return prompt.error();
    result.promptIds = std::move(prompt).value();

    GenerationOptions options = request.options;
    options.stopIds.insert(options.stopIds.end(), asked->stopIds.begin(), asked->stopIds.end());
    options.stopIds.insert(options.stopIds.end(), config.eosIds.begin(), config.eosIds.end());
    if ((*tokenizer)->eosId() >= 0)
        options.stopIds.push_back((*tokenizer)->eosId());
    const std::int64_t room = config.context - static_cast<std::int64_t>(result.promptIds.size());
    options.maxNewTokens = std::min(options.maxNewTokens, room);

    if (guardrail)
        options.changes = {guardrail->change(request.prompt)};

    Continuation continuation(**tokenizer, result.promptIds);
    const auto start = Clock::now();
    bool wanted = true;
    bool refused = false;
    const auto onToken = [&](std::size_t, const GeneratedToken& token) {
        if (result.tokens.empty())
            result.promptSeconds = secondsSince(start);
        result.tokens.push_back(describe(token, **tokenizer));
        const std::string part = continuation.add(token.id);
        if (watched) {
            result.tokens.back().alternatives.clear(); // they may spell what the text must not
            refused = guardrail->look(continuation.soFar(), false).refused;
        } else if (onText && !part.empty()) {
            wanted = onText(part);
        }
        // Tokens without a whole character of their own must not keep an interruption waiting.
        wanted = wanted && !(cancelled && cancelled());
        return wanted && !refused;
    };
    const Generation generation = generate(decoder, {result.promptIds}, options, onToken).front();
    result.totalSeconds = secondsSince(start);
    if (const std::string rest = continuation.finish();
        onText && wanted && !watched && !rest.empty())
        wanted = onText(rest);
    result.text = continuation.text();
    if (watched) {
        refused = refused || guardrail->look(result.text, true).refused;
        if (refused) {
            result.text = guardrail->refusal();
            result.tokens.clear();
        }
        if (onText)
            wanted = onText(result.text) && wanted;
    }
    if (refused)
        result.ending = TextEnding::Refused;
    else if (generation.stopped)
        result.ending = TextEnding::Stopped;
    else if (!wanted)
        result.ending = TextEnding::Interrupted;
    else if (options.maxNewTokens < request.options.maxNewTokens)
        result.ending = TextEnding::Context;
    return result;
}

} // namespace lacuna
