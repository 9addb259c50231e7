#include "core/probe/answer_lens.h"

#include "core/base/text.h"
#include "core/corpora/tokenise.h"
#include "core/models/adapter_files.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/probe/residual_walk.h"
#include "core/tokens/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lacuna {
namespace {

constexpr double kLoadingShare = 0.5; ///< of the progress

bool isWordByte(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

RawSample rawSample(const AnswerLensRequest& request)
{
    RawSample sample{.kind = SampleKind::QuestionAnswer,
                     .prompt = request.prompt,
                     .answer = request.answer,
                     .row = 1};
    if (!request.promptTemplate.empty())
        return sample;
    sample.kind = SampleKind::Completion;
    const bool joinsWords = !sample.prompt.empty() && !sample.answer.empty() &&
                            isWordByte(sample.prompt.back()) && isWordByte(sample.answer.front());
    if (joinsWords)
        sample.prompt.push_back(' ');
    return sample;
}

Result<ScoredSample> tokenisedAnswer(const AnswerLensRequest& request, const Tokenizer& tokenizer,
                                     const DecoderConfig& config)
{
    TokeniseOptions options{.maxLength = config.context, .appendEos = false};
    if (!request.promptTemplate.empty()) {
        Result<PromptStyle> style =
            PromptStyle::find(request.promptTemplate, tokenizerFolder(request.model));
        if (!style)
            return style.error();
        if (!style->isDefault())
            options.style = std::make_shared<const PromptStyle>(std::move(style).value());
    }
    const auto refuse = [](std::string message, std::string remedy) {
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = std::move(message),
                     .context = "answer",
                     .remedy = std::move(remedy)};
    };
    const Corpus corpus{.path = "answer", .samples = {rawSample(request)}};
    TokenisedCorpus tokens = inspectTokens(corpus, tokenizer, options);
    if (tokens.truncated > 0)
        return refuse(fmt::format("prompt and answer do not fit the model's context of {} tokens",
                                  config.context),
                      "shorten the prompt or the answer");
    if (trimmed(request.answer).empty() || tokens.zeroScored > 0)
        return refuse("the answer has no token to look for", "give the words of the answer");
    if (const Status status = tokens.problems.status(); !status)
        return status.error();
    ScoredSample sample = std::move(tokens.samples.front());
    const std::int64_t largest = *std::ranges::max_element(sample.ids);
    if (largest >= config.vocabulary)
        return Error{.code = ErrorCode::Corrupt,
                     .message = fmt::format("the tokenizer gives the id {}, for which the model "
                                            "has no row",
                                            largest),
                     .context = request.model.string(),
                     .remedy = "use the tokenizer that the model was trained with"};
    return sample;
}

std::vector<AnswerLens::Token> spelt(const std::vector<std::int64_t>& ids,
                                     const Tokenizer& tokenizer)
{
    std::vector<AnswerLens::Token> tokens;
    for (const std::int64_t id : ids)
        tokens.push_back({.id = id,
                          .piece = tokenizer.piece(id),
                          .text = visibleBytes(tokenizer.pieceText(id))});
    return tokens;
}

} // namespace

Result<std::optional<AnswerLens>> lensOfAnswer(const AnswerLensRequest& request,
                                               const std::function<bool(double)>& proceed)
{
    const auto tokenizer = loadTokenizer(tokenizerFolder(request.model));
    if (!tokenizer)
        return tokenizer.error();
    prepareTorch();
    const Result<c10::Device> device = resolveDevice(request.device);
    if (!device)
        return device.error();
    const Result<c10::ScalarType> precision = resolvePrecision(request.precision, *device);
    if (!precision)
        return precision.error();
    const Result<std::unique_ptr<Decoder>> decoder =
        loadDecoder(request.model, *device, *precision, [&] { return !proceed(0); });
    if (!decoder)
        return decoder.error();
    if (!*decoder || !proceed(kLoadingShare))
        return std::optional<AnswerLens>();
    const Result<ScoredSample> sample = tokenisedAnswer(request, **tokenizer, (*decoder)->config());
    if (!sample)
        return sample.error();
    std::optional<std::vector<LensReading>> readings =
        readLens(**decoder, {&*sample}, {.proceed = [&](double share) {
            return proceed(kLoadingShare + (1 - kLoadingShare) * share);
        }});
    if (!readings)
        return std::optional<AnswerLens>();
    AnswerLens lens{.reading = std::move(readings->front())};
    lens.tokens = spelt(lens.reading.tokens, **tokenizer);
    lens.likeliest = spelt(lens.reading.likeliest, **tokenizer);
    return std::optional(std::move(lens));
}

} // namespace lacuna
