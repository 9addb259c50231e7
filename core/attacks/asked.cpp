#include "core/attacks/asked.h"

#include "core/corpora/qa_template.h"
#include "core/models/decoder.h"
#include "core/tokens/prompt_style.h"
#include "core/tokens/tokenizer.h"

#include <algorithm>

namespace lacuna {
namespace {

Error noRoom(const AttackTarget& target, const ScoredSample& of, std::size_t tokens)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = "put like this the question has " + std::to_string(tokens) +
                       " tokens, and a sample may have " + std::to_string(target.maxLength),
            .context = target.forget.path.string() + ":" + std::to_string(rawOf(target, of).row),
            .remedy = "raise the longest sample, or use fewer examples or a shorter wording"};
}

} // namespace

std::optional<AskedQuestion> questionOf(const RawSample& raw)
{
    if (raw.kind == SampleKind::QuestionAnswer)
        return AskedQuestion{.messages = {{"user", raw.prompt}}, .answer = raw.answer};
    if (raw.kind != SampleKind::Chat)
        return std::nullopt;
    return AskedQuestion{
        .messages = {raw.messages.begin(),
                     std::ranges::find(raw.messages, "assistant", &ChatMessage::role)},
        .answer = raw.answer};
}

Result<ScoredSample> askedSample(const AttackTarget& target, const AskedQuestion& asked,
                                 const ScoredSample& of)
{
    const Tokenizer& tokenizer = target.tokenizer;
    const std::int64_t eos = tokenizer.eosId();
    ChatMessages messages = asked.messages;
    messages.push_back({"assistant", asked.opening + asked.answer});
    // Earlier turns end as prompts write them: without EOS where the format has no end of its own.
    const Result<RenderedChat> chat = target.style.render(messages, {});
    if (!chat)
        return chat.error().at(target.forget.path.string() + ":" +
                               std::to_string(rawOf(target, of).row));
    const std::string_view text = chat->text;
    const EncodeOptions encoding{.addBos = chat->addBos};
    ScoredSample sample{
        .ids = tokenizer.encode(text, encoding), .index = of.index, .source = of.source};
    // As tokenise() does: the prompt ends where its own tokens and those of the whole part.
    const std::vector<std::int64_t> before = tokenizer.encode(
        withoutTrailingSpaces(text.substr(0, chat->answers.back().begin + asked.opening.size())),
        encoding);
    sample.promptLength =
        std::mismatch(before.begin(), before.end(), sample.ids.begin(), sample.ids.end()).first -
        before.begin();
    if (chat->appendEos && eos >= 0) {
        sample.ids.push_back(eos);
        sample.endsWithEos = true;
    }
    const auto longest = static_cast<std::size_t>(target.maxLength);
    if (static_cast<std::size_t>(sample.promptLength) >= longest)
        return noRoom(target, of, static_cast<std::size_t>(sample.promptLength));
    if (sample.ids.size() > longest) {
        sample.ids.resize(longest);
        sample.endsWithEos = false;
        sample.truncated = true;
    }
    sample.scored.assign(sample.ids.size(), 1);
    std::fill_n(sample.scored.begin(), std::max<std::int64_t>(sample.promptLength, 1),
                std::uint8_t{0});
    return sample;
}

Result<AttackedSetting> askAll(const AttackTarget& target, std::string label, Json values,
                               const Putting& put, const std::string& nothing, double share)
{
    std::vector<ScoredSample> samples;
    for (const ScoredSample* sample : target.samples) {
        const std::optional<AskedQuestion> plain = questionOf(rawOf(target, *sample));
        if (!plain)
            continue;
        const Result<std::optional<AskedQuestion>> asked = put(*sample, *plain);
        if (!asked)
            return asked.error();
        if (!*asked)
            continue;
        Result<ScoredSample> one = askedSample(target, **asked, *sample);
        if (!one)
            return one.error();
        samples.push_back(std::move(one).value());
    }
    if (samples.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = nothing,
                     .context = target.forget.path.string()};
    std::vector<const ScoredSample*> pointers;
    for (const ScoredSample& sample : samples)
        pointers.push_back(&sample);
    return settingOf(std::move(label), std::move(values),
                     scanTarget(target, target.decoder, pointers, share));
}

} // namespace lacuna
