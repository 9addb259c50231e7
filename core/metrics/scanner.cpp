#include "core/metrics/scanner.h"

#include "core/corpora/packer.h"
#include "core/methods/scored_batch.h"
#include "core/metrics/membership.h"
#include "core/models/decoder.h"
#include "core/models/head.h"
#include "core/probe/generation.h"
#include "core/tokens/tokenizer.h"

#include "core/base/text.h"

#include <algorithm>
#include <numeric>

namespace lacuna {
namespace {

constexpr std::size_t kGenerationBatch = 32;

std::vector<std::vector<std::int64_t>> batches(const std::vector<const ScoredSample*>& samples,
                                               std::int64_t budget)
{
    std::vector<std::int64_t> order(samples.size());
    std::iota(order.begin(), order.end(), 0);
    std::vector<std::int64_t> lengths;
    for (const ScoredSample* sample : samples)
        lengths.push_back(static_cast<std::int64_t>(sample->ids.size()));
    return packMicroBatches(order, lengths, budget);
}

std::vector<const ScoredSample*> chosenOf(const std::vector<const ScoredSample*>& samples,
                                          const std::vector<std::int64_t>& batch)
{
    std::vector<const ScoredSample*> chosen;
    for (const std::int64_t i : batch)
        chosen.push_back(samples[static_cast<std::size_t>(i)]);
    return chosen;
}

/// (log p(target) - mean) / deviation of each row, mean and deviation of log p over the vocabulary
/// under p itself; the variance is at least 1e-6.
at::Tensor standardised(const at::Tensor& logits, const at::Tensor& logProb)
{
    const at::Tensor all = at::log_softmax(logits, 1);
    const at::Tensor p = all.exp();
    // A probability of 0 has nothing to add, whatever its logarithm.
    const at::Tensor weighted = at::where(p > 0, p * all, at::zeros({}, p.options()));
    const at::Tensor mean = weighted.sum(1);
    const at::Tensor square = at::where(p > 0, weighted * all, at::zeros({}, p.options())).sum(1);
    return (logProb - mean) / (square - mean * mean).clamp_min(1e-6).sqrt();
}

/// Adds log-probabilities and matches of one packed batch to \p scans.
void scoreBatch(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                const std::vector<std::int64_t>& batch, bool membership,
                std::vector<SampleScan>& scans)
{
    const ScoredBatch scored(decoder, chosenOf(samples, batch));
    const std::int64_t* owner = scored.owners().data_ptr<std::int64_t>();
    visitLogits(
        scored.scoredHidden(), decoder.head(), [&](const at::Tensor& logits, std::int64_t first) {
            const at::Tensor wanted = scored.targets().narrow(0, first, logits.size(0));
            const at::Tensor exact =
                logits.gather(1, wanted.unsqueeze(1)).squeeze(1) - at::logsumexp(logits, {1});
            const at::Tensor logProb = exact.to(at::kCPU, at::kFloat);
            const at::Tensor relative =
                membership ? standardised(logits, exact).to(at::kCPU, at::kFloat) : at::Tensor();
            const at::Tensor match = (logits.argmax(1) == wanted).to(at::kCPU);
            for (std::int64_t row = 0; row < logProb.size(0); ++row) {
                SampleScan& scan = scans[static_cast<std::size_t>(
                    batch[static_cast<std::size_t>(owner[first + row])])];
                scan.logProbs.push_back(logProb.data_ptr<float>()[row]);
                scan.matches.push_back(match.data_ptr<bool>()[row]);
                if (membership)
                    scan.standardised.push_back(relative.data_ptr<float>()[row]);
            }
        });
}

/// Of the scored tokens' text.
std::int64_t compressedBytes(const ScoredSample& sample, const Tokenizer& tokenizer)
{
    std::vector<std::int64_t> ids;
    for (std::size_t t = 0; t < sample.ids.size(); ++t)
        if (sample.scored[t] && !(sample.endsWithEos && t + 1 == sample.ids.size()))
            ids.push_back(sample.ids[t]);
    return static_cast<std::int64_t>(zlibLength(tokenizer.decode(ids)));
}

/// Greedy answers of the samples \p group.
void answerGroup(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                 const std::vector<std::size_t>& group, const ScanOptions& options,
                 std::vector<SampleScan>& scans)
{
    GenerationOptions generation;
    std::vector<std::vector<std::int64_t>> prompts;
    for (const std::size_t i : group) {
        const ScoredSample& sample = *samples[i];
        if (options.interposed) {
            AskedPrompt asked = options.interposed->ask(sample);
            prompts.push_back(std::move(asked.ids));
            generation.changes.push_back(std::move(asked.change));
        } else {
            prompts.emplace_back(sample.ids.begin(), sample.ids.begin() + sample.promptLength);
        }
    }
    generation.maxNewTokens = options.maxNewTokens;
    generation.stopIds = options.stopIds;
    const auto results =
        generate(decoder, prompts, generation, [&](std::size_t, const GeneratedToken&) {
            return !options.proceed || options.proceed();
        });
    for (std::size_t k = 0; k < group.size(); ++k) {
        const ScoredSample& sample = *samples[group[k]];
        // Of a conversation the first answer: that is what the prompt asks for.
        const auto end = std::find(sample.scored.begin() + sample.promptLength, sample.scored.end(),
                                   std::uint8_t{0});
        std::vector<std::int64_t> answer(sample.ids.begin() + sample.promptLength,
                                         sample.ids.begin() + (end - sample.scored.begin()));
        if (sample.endsWithEos && end == sample.scored.end())
            answer.pop_back();
        const auto limit = static_cast<std::size_t>(options.maxReferenceTokens);
        if (limit > 0 && answer.size() > limit)
            answer.resize(limit);
        SampleScan& scan = scans[group[k]];
        scan.hasAnswer = true;
        scan.generated = trimmed(validUtf8(options.tokenizer->decode(results[k].ids())));
        if (options.interposed)
            scan.generated = options.interposed->seen(std::move(scan.generated));
        scan.reference = trimmed(validUtf8(options.tokenizer->decode(answer)));
    }
}

/// The text of \p prompt and one continuation, which alone is scored.
ScoredSample continued(const std::vector<std::int64_t>& prompt,
                       const std::vector<std::int64_t>& continuation)
{
    ScoredSample sample{.ids = prompt, .promptLength = static_cast<std::int64_t>(prompt.size())};
    sample.ids.insert(sample.ids.end(), continuation.begin(), continuation.end());
    sample.scored.assign(prompt.size(), 0);
    sample.scored.resize(sample.ids.size(), 1);
    sample.scored.front() = 0;
    return sample;
}

/// Every letter of every question is one token: one row of logits a question has them all.
bool scoreNextTokens(Decoder& decoder, const std::vector<LetterQuestion>& questions,
                     const ScanOptions& options, std::vector<SampleScan>& scans)
{
    const at::NoGradGuard noGrad;
    std::vector<ScoredSample> texts;
    std::vector<const ScoredSample*> samples;
    texts.reserve(questions.size());
    for (const LetterQuestion& question : questions)
        samples.push_back(&texts.emplace_back(continued(question.prompt, question.letters[0])));
    for (const auto& batch : batches(samples, options.tokenBudget)) {
        const ScoredBatch scored(decoder, chosenOf(samples, batch));
        const std::int64_t* owner = scored.owners().data_ptr<std::int64_t>();
        visitLogits(scored.scoredHidden(), decoder.head(),
                    [&](const at::Tensor& logits, std::int64_t first) {
                        const at::Tensor all = at::log_softmax(logits, 1);
                        for (std::int64_t row = 0; row < all.size(0); ++row) {
                            const LetterQuestion& question = questions[static_cast<std::size_t>(
                                batch[static_cast<std::size_t>(owner[first + row])])];
                            LetterScores letters{.correct = question.correct};
                            for (const auto& tokens : question.letters)
                                letters.logProbs.push_back(all[row][tokens[0]].item<double>());
                            scans[question.sample].letters = std::move(letters);
                        }
                    });
        if (options.proceed && !options.proceed())
            return false;
    }
    return true;
}

bool scoreContinuations(Decoder& decoder, const std::vector<LetterQuestion>& questions,
                        const ScanOptions& options, std::vector<SampleScan>& scans)
{
    std::vector<ScoredSample> texts;
    for (const LetterQuestion& question : questions)
        for (const auto& tokens : question.letters)
            texts.push_back(continued(question.prompt, tokens));
    std::vector<const ScoredSample*> samples;
    for (const ScoredSample& text : texts)
        samples.push_back(&text);
    const std::vector<SampleScan> scored = scanSamples(
        decoder, samples, {.tokenBudget = options.tokenBudget, .proceed = options.proceed});
    auto next = scored.begin();
    for (const LetterQuestion& question : questions) {
        LetterScores letters{.correct = question.correct};
        for (std::size_t i = 0; i < question.letters.size() && next != scored.end(); ++i, ++next)
            letters.logProbs.push_back(
                std::accumulate(next->logProbs.begin(), next->logProbs.end(), 0.0));
        scans[question.sample].letters = std::move(letters);
    }
    return scored.size() == samples.size();
}

} // namespace

std::vector<SampleScan> scanSamples(Decoder& decoder,
                                    const std::vector<const ScoredSample*>& samples,
                                    const ScanOptions& options)
{
    const at::NoGradGuard noGrad;
    const auto proceed = [&] { return !options.proceed || options.proceed(); };
    std::vector<SampleScan> scans(samples.size());
    std::vector<std::size_t> withPrompt;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        scans[i].index = samples[i]->index;
        scans[i].endsWithEos = samples[i]->endsWithEos;
        if (samples[i]->promptLength > 1)
            withPrompt.push_back(i);
    }
    if (!options.interposed)
        for (const auto& batch : batches(samples, options.tokenBudget)) {
            scoreBatch(decoder, samples, batch, options.membership != nullptr, scans);
            if (!proceed())
                return {};
        }
    if (options.membership && !options.interposed)
        for (std::size_t i = 0; i < samples.size(); ++i)
            scans[i].compressedBytes = compressedBytes(*samples[i], *options.membership);
    if (options.tokenizer)
        for (std::size_t first = 0; first < withPrompt.size(); first += kGenerationBatch) {
            const auto begin = withPrompt.begin() + static_cast<std::ptrdiff_t>(first);
            const auto count = std::min(kGenerationBatch, withPrompt.size() - first);
            answerGroup(decoder, samples, {begin, begin + static_cast<std::ptrdiff_t>(count)},
                        options, scans);
            if (!proceed())
                return {};
        }
    return scans;
}

bool scoreOthers(Decoder& decoder, const std::vector<OtherAnswer>& answers,
                 const ScanOptions& options, std::vector<SampleScan>& scans)
{
    std::vector<const ScoredSample*> texts;
    for (const OtherAnswer& answer : answers)
        texts.push_back(&answer.tokens);
    const std::vector<SampleScan> scored = scanSamples(
        decoder, texts, {.tokenBudget = options.tokenBudget, .proceed = options.proceed});
    for (std::size_t i = 0; i < scored.size(); ++i) {
        const std::vector<float>& logProbs = scored[i].logProbs;
        scans[answers[i].sample].others.push_back(
            {.kind = answers[i].kind,
             .logProb = std::accumulate(logProbs.begin(), logProbs.end(), 0.0),
             .tokens = static_cast<std::int64_t>(logProbs.size())});
    }
    return scored.size() == answers.size();
}

bool scoreLetters(Decoder& decoder, const std::vector<LetterQuestion>& questions,
                  const ScanOptions& options, std::vector<SampleScan>& scans)
{
    const bool single = std::ranges::all_of(questions, [](const LetterQuestion& question) {
        return std::ranges::all_of(question.letters,
                                   [](const auto& tokens) { return tokens.size() == 1; });
    });
    return single ? scoreNextTokens(decoder, questions, options, scans)
                  : scoreContinuations(decoder, questions, options, scans);
}

bool measureGradientNorms(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                          const ScanOptions& options, std::vector<SampleScan>& scans)
{
    const at::AutoGradMode withGradient(true);
    std::vector<std::string> all;
    std::vector<std::string> trained;
    for (const Parameter& parameter : decoder.parameters()) {
        if (!parameter.ofAdapter)
            all.push_back(parameter.name);
        if (parameter.trained)
            trained.push_back(parameter.name);
    }
    decoder.setTrained(all);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (samples[i]->scoredCount() == 0)
            continue;
        decoder.clearGradients();
        ScoredBatch batch(decoder, {samples[i]});
        batch.meanNll().sum().backward();
        double sum = 0;
        std::int64_t tensors = 0;
        for (const Parameter& parameter : decoder.parameters())
            if (parameter.trained && parameter.gradient.defined()) {
                sum += parameter.gradient.norm().item<double>();
                ++tensors;
            }
        scans[i].gradientNorm = sum / static_cast<double>(std::max<std::int64_t>(tensors, 1));
        if (options.proceed && !options.proceed())
            break;
    }
    decoder.clearGradients();
    decoder.setTrained(trained);
    return !options.proceed || options.proceed();
}

} // namespace lacuna
