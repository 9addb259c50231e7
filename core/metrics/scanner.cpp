#include "core/metrics/scanner.h"

#include "core/corpora/packer.h"
#include "core/methods/scored_batch.h"
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

/// Adds log-probabilities and matches of one packed batch to \p scans.
void scoreBatch(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
                const std::vector<std::int64_t>& batch, std::vector<SampleScan>& scans)
{
    std::vector<const ScoredSample*> chosen;
    for (const std::int64_t i : batch)
        chosen.push_back(samples[static_cast<std::size_t>(i)]);
    const ScoredBatch scored(decoder, chosen);
    const std::int64_t* owner = scored.owners().data_ptr<std::int64_t>();
    visitLogits(
        scored.scoredHidden(), decoder.head(), [&](const at::Tensor& logits, std::int64_t first) {
            const at::Tensor wanted = scored.targets().narrow(0, first, logits.size(0));
            const at::Tensor logProb =
                (logits.gather(1, wanted.unsqueeze(1)).squeeze(1) - at::logsumexp(logits, {1}))
                    .to(at::kCPU, at::kFloat);
            const at::Tensor match = (logits.argmax(1) == wanted).to(at::kCPU);
            for (std::int64_t row = 0; row < logProb.size(0); ++row) {
                SampleScan& scan = scans[static_cast<std::size_t>(
                    batch[static_cast<std::size_t>(owner[first + row])])];
                scan.logProbs.push_back(logProb.data_ptr<float>()[row]);
                scan.matches.push_back(match.data_ptr<bool>()[row]);
            }
        });
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
        SampleScan& scan = scans[group[k]];
        scan.hasAnswer = true;
        scan.generated = trimmed(validUtf8(options.tokenizer->decode(results[k].ids())));
        if (options.interposed)
            scan.generated = options.interposed->seen(std::move(scan.generated));
        scan.reference = trimmed(validUtf8(options.tokenizer->decode(answer)));
    }
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
            scoreBatch(decoder, samples, batch, scans);
            if (!proceed())
                return {};
        }
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

} // namespace lacuna
