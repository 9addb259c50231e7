#include "core/run/suite_scan.h"

#include "core/base/text.h"
#include "core/models/decoder.h"
#include "core/probe/lens.h"
#include "core/probe/residual_walk.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace lacuna {
namespace {

/// Where a short answer of the MUSE form ends.
constexpr std::array<std::string_view, 3> kAnswerEnds = {"\n\n", "\nQuestion", "Question:"};

std::string cutAtEnd(std::string answer)
{
    for (const std::string_view end : kAnswerEnds)
        if (const auto found = answer.find(end); found != std::string::npos)
            answer.resize(found);
    return std::string(trimmed(answer));
}

Error tooLong(const SuiteSet& set, std::int64_t tokens, std::int64_t context,
              const LoadedCorpus& corpus, const ScoredSample& sample)
{
    const RawSample& raw = corpus.raw.samples[static_cast<std::size_t>(sample.source)];
    return {.code = ErrorCode::InvalidArgument,
            .message = "a question of the set " + set.name + " has " + std::to_string(tokens) +
                       " tokens with what stands before it, and the model's context holds " +
                       std::to_string(context),
            .context = corpus.raw.path.string() + ":" + std::to_string(raw.row),
            .remedy = "give the set fewer \"shots\" in a suite of your own"};
}

std::string letterPrompt(const RawSample& raw, const std::string& topic)
{
    std::string text = "The following are multiple choice questions (with answers) about " + topic +
                       ".\n\n" + raw.prompt + "\n";
    for (std::size_t i = 0; i < raw.choices.size(); ++i)
        text += std::string(1, static_cast<char>('A' + i)) + ". " + raw.choices[i] + "\n";
    return text + "Answer:";
}

Result<std::vector<LetterQuestion>>
letterQuestions(const MeasuredSet& set, const Tokenizer& tokenizer, std::int64_t context)
{
    std::vector<LetterQuestion> questions;
    for (std::size_t i = 0; i < set.samples.size(); ++i) {
        const ScoredSample& sample = *set.samples[i];
        const RawSample& raw = set.corpus->raw.samples[static_cast<std::size_t>(sample.source)];
        const std::string prompt = letterPrompt(raw, set.spec.topic);
        LetterQuestion question{
            .sample = i, .prompt = tokenizer.encode(prompt), .correct = raw.correct};
        if (std::cmp_greater_equal(question.prompt.size(), context - 1))
            return tooLong(set.spec, static_cast<std::int64_t>(question.prompt.size()), context,
                           *set.corpus, sample);
        for (std::size_t letter = 0; letter < raw.choices.size(); ++letter) {
            // Tokenised with the prompt, since pieces at a border depend on what stands before.
            const std::vector<std::int64_t> whole =
                tokenizer.encode(prompt + " " + std::string(1, static_cast<char>('A' + letter)));
            const auto border = std::mismatch(question.prompt.begin(), question.prompt.end(),
                                              whole.begin(), whole.end());
            question.letters.emplace_back(border.second, whole.end());
        }
        questions.push_back(std::move(question));
    }
    return questions;
}

/// The prompts with their last space, as the benchmark gives them.
Result<std::vector<SampleScan>> writeKnowledge(Decoder& decoder, const MeasuredSet& set,
                                               const Tokenizer& tokenizer,
                                               const ScanOptions& options)
{
    const auto promptOf = [&](const ScoredSample& sample) {
        return tokenizer.encode(
            set.corpus->raw.samples[static_cast<std::size_t>(sample.source)].prompt);
    };
    const std::int64_t context = decoder.config().context;
    for (const ScoredSample* sample : set.samples)
        if (const auto length = static_cast<std::int64_t>(promptOf(*sample).size());
            length + 1 > context)
            return tooLong(set.spec, length, context, *set.corpus, *sample);
    const Interposed interposed{
        .ask = [&](const ScoredSample& sample) { return AskedPrompt{.ids = promptOf(sample)}; },
        .seen = &cutAtEnd};
    ScanOptions asking = options;
    asking.interposed = &interposed;
    return scanSamples(decoder, set.samples, asking);
}

/// False when cancelled.
bool measureLensDepths(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                       const ScanOptions& options, std::vector<SampleScan>& scans)
{
    const auto readings =
        readLens(decoder, samples, {.tokenBudget = options.tokenBudget, .proceed = [&](double) {
                                        return !options.proceed || options.proceed();
                                    }});
    if (!readings)
        return false;
    for (std::size_t i = 0; i < scans.size(); ++i)
        scans[i].lensDepth = (*readings)[i].meanDepth(1);
    return true;
}

} // namespace

Result<std::vector<SampleScan>> scanSet(Decoder& decoder, const MeasuredSet& set,
                                        const Tokenizer& tokenizer,
                                        const TokeniseOptions& tokenising,
                                        const ScanOptions& options)
{
    if (set.spec.kind == SetKind::Knowledge)
        return writeKnowledge(decoder, set, tokenizer, options);
    std::vector<SampleScan> scans = scanSamples(decoder, set.samples, options);
    if (scans.empty() || options.interposed)
        return scans;
    TokeniseOptions beside = tokenising;
    beside.appendEos = set.spec.kind == SetKind::Answers;
    const Result<std::vector<OtherAnswer>> others =
        otherAnswers(set.corpus->raw, set.samples, tokenizer, beside);
    if (!others)
        return others.error();
    if (!scoreOthers(decoder, *others, options, scans))
        return std::vector<SampleScan>();
    if (set.spec.inside && !measureLensDepths(decoder, set.samples, options, scans))
        return std::vector<SampleScan>();
    if (set.spec.gradientNorm && !measureGradientNorms(decoder, set.samples, options, scans))
        return std::vector<SampleScan>();
    if (set.spec.kind == SetKind::Choices) {
        const Result<std::vector<LetterQuestion>> questions =
            letterQuestions(set, tokenizer, decoder.config().context);
        if (!questions)
            return questions.error();
        if (!scoreLetters(decoder, *questions, options, scans))
            return std::vector<SampleScan>();
    }
    return scans;
}

} // namespace lacuna
