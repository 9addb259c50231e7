#include "core/attacks/attack.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/metrics/rouge.h"
#include "core/probe/generation.h"
#include "core/tokens/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

namespace lacuna {
namespace {

constexpr std::size_t kBatch = 32;

/// One item's tries.
struct Tries {
    const ScoredSample* sample;
    const SampleScan* plain;
    double sum = 0;
    double best = 0;
    std::string bestAnswer = {};
};

/// One more answer of each item.
/// \return false when cancelled
bool tryOnce(const AttackTarget& target, const ParamSet& params, std::int64_t round,
             std::vector<Tries>& items, const std::function<bool()>& proceed)
{
    const auto seed = static_cast<std::uint64_t>(params.integer("seed"));
    for (std::size_t first = 0; first < items.size(); first += kBatch) {
        const std::size_t count = std::min(kBatch, items.size() - first);
        std::vector<std::vector<std::int64_t>> prompts;
        for (std::size_t i = first; i < first + count; ++i)
            prompts.emplace_back(items[i].sample->ids.begin(),
                                 items[i].sample->ids.begin() + items[i].sample->promptLength);
        const GenerationOptions options{
            .maxNewTokens = target.maxNewTokens,
            .temperature = params.number("temperature"),
            .seed = derivedSeed(seed, fmt::format("sampling {} {}", round, first)),
            .stopIds = target.stopIds};
        const auto answers =
            generate(target.decoder, prompts, options,
                     [&](std::size_t, const GeneratedToken&) { return proceed(); });
        if (!proceed())
            return false;
        for (std::size_t i = 0; i < count; ++i) {
            Tries& tries = items[first + i];
            const std::string text(trimmed(validUtf8(target.tokenizer.decode(answers[i].ids()))));
            const double recall = rougeL(rougeTokens(tries.plain->reference, Stemming::On),
                                         rougeTokens(text, Stemming::On))
                                      .recall;
            tries.sum += recall;
            if (round == 0 || recall > tries.best) {
                tries.best = recall;
                tries.bestAnswer = text;
            }
        }
    }
    return true;
}

Result<std::vector<AttackedSetting>> run(const ParamSet& params, const AttackTarget& target)
{
    std::vector<Tries> items;
    for (std::size_t i = 0; i < target.samples.size(); ++i)
        if (target.plain[i].hasAnswer)
            items.push_back({target.samples[i], &target.plain[i]});
    if (items.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "nothing of the forget set has a prompt that could be answered "
                                "several times",
                     .context = target.forget.path.string(),
                     .remedy = "use the attack prefix, which gives texts a beginning"};
    const std::int64_t rounds = params.integer("samples");
    for (std::int64_t round = 0; round < rounds; ++round) {
        const auto proceed = [&] {
            return target.proceed(static_cast<double>(round) / static_cast<double>(rounds));
        };
        if (!tryOnce(target, params, round, items, proceed))
            return std::vector<AttackedSetting>();
    }
    std::vector<MetricResult::Item> means;
    std::vector<MetricResult::Item> bests;
    std::map<std::int64_t, std::string> answers;
    for (const Tries& tries : items) {
        means.push_back({tries.sample->index, tries.sum / static_cast<double>(rounds)});
        bests.push_back({tries.sample->index, tries.best});
        answers[tries.sample->index] = tries.bestAnswer;
    }
    const std::string drawn = fmt::format("recall, Porter stemming, drawn at temperature {:g}",
                                          params.number("temperature"));
    return std::vector<AttackedSetting>{
        {.label = fmt::format("mean of {}", rounds),
         .values = {{"taken", "mean"}},
         .measured = {measureOf("rouge-l", drawn, std::move(means))}},
        {.label = fmt::format("best of {}", rounds),
         .values = {{"taken", "best"}},
         .measured = {measureOf("rouge-l", drawn, std::move(bests))},
         .wantsReference = true,
         .answers = std::move(answers)}};
}

} // namespace

AttackInfo samplingAttack()
{
    return {
        .id = "sampling",
        .title = "Many tries",
        .source = "unlearning reference 3.12",
        .explanation =
            "Every question is asked many times with chance at work, and the best answer "
            "counts beside the mean. A model that declines nine times and tells the tenth has "
            "not forgotten. Any model gets better with more tries, so look at what the same "
            "number of tries brings out of the reference.",
        .reach = AttackReach::Answer,
        .hasAlternatives = false,
        .params = {{.name = "samples",
                    .fallback = std::int64_t{10},
                    .min = 2,
                    .max = 200,
                    .help = "answers to each question",
                    .provenance = "10 to 50 are usual"},
                   {.name = "temperature",
                    .fallback = 1.0,
                    .min = 0.05,
                    .max = 5,
                    .help = "1: as the model means it"},
                   {.name = "seed", .fallback = std::int64_t{0}, .min = 0, .help = "of chance"}},
        .cost =
            [](const ParamSet& params) {
                return AttackCost{.answers = static_cast<double>(params.integer("samples"))};
            },
        .run = &run};
}

} // namespace lacuna
