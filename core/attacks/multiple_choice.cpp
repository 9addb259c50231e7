#include "core/attacks/asked.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/corpora/alternates.h"
#include "core/metrics/scanner.h"
#include "core/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna {
namespace {

constexpr std::size_t kMostOptions = 26;

/// The true answer among others, in an order that tells nothing.
struct Choice {
    const ScoredSample* sample;
    AskedQuestion plain;
    std::vector<std::string> options;
    std::size_t truth = 0;
};

std::vector<Choice> choicesOf(const ParamSet& params, const AttackTarget& target)
{
    std::vector<Choice> choices;
    for (const ScoredSample* sample : target.samples) {
        const RawSample& raw = rawOf(target, *sample);
        const std::optional<AskedQuestion> plain = questionOf(raw);
        std::vector<std::string> others;
        for (const std::string& other : raw.perturbedAnswers)
            if (!isSameAnswer(other, raw.answer))
                others.push_back(other);
        others.resize(std::min({others.size(), kMostOptions - 1,
                                static_cast<std::size_t>(params.integer("options") - 1)}));
        if (!plain || others.empty())
            continue;
        Choice choice{.sample = sample, .plain = *plain, .options = std::move(others)};
        choice.options.push_back(raw.answer);
        Random random(derivedSeed(static_cast<std::uint64_t>(params.integer("seed")),
                                  "choice " + std::to_string(sample->index)));
        random.shuffle(choice.options);
        choice.truth = static_cast<std::size_t>(std::ranges::find(choice.options, raw.answer) -
                                                choice.options.begin());
        choices.push_back(std::move(choice));
    }
    return choices;
}

/// The question with its options, answered by a letter.
AskedQuestion byLetter(const Choice& choice, std::size_t option)
{
    AskedQuestion asked = choice.plain;
    std::string& question = asked.messages.back().content;
    for (std::size_t i = 0; i < choice.options.size(); ++i)
        question += "\n" + std::string(1, static_cast<char>('A' + i)) + ". " +
                    std::string(trimmed(choice.options[i]));
    question += "\nWhich letter is right?";
    asked.answer = std::string(1, static_cast<char>('A' + option));
    return asked;
}

AskedQuestion byText(const Choice& choice, std::size_t option)
{
    AskedQuestion asked = choice.plain;
    asked.answer = choice.options[option];
    return asked;
}

/// Share of the true option in the probability of all, each the geometric mean of its tokens. Empty
/// when cancelled.
Result<std::vector<MetricResult::Item>> sharesOf(const std::vector<Choice>& choices,
                                                 const AttackTarget& target,
                                                 AskedQuestion (*asked)(const Choice&, std::size_t),
                                                 double done)
{
    std::vector<ScoredSample> samples;
    for (const Choice& choice : choices)
        for (std::size_t option = 0; option < choice.options.size(); ++option) {
            Result<ScoredSample> one = askedSample(target, asked(choice, option), *choice.sample);
            if (!one)
                return one.error();
            samples.push_back(std::move(one).value());
        }
    std::vector<const ScoredSample*> pointers;
    for (const ScoredSample& sample : samples)
        pointers.push_back(&sample);
    const std::vector<SampleScan> scans = scanSamples(
        target.decoder, pointers,
        {.tokenBudget = target.tokenBudget, .proceed = [&] { return target.proceed(done); }});
    std::vector<MetricResult::Item> shares;
    std::size_t next = 0;
    for (const Choice& choice : choices) {
        if (scans.empty())
            break;
        double all = 0;
        double truth = 0;
        for (std::size_t option = 0; option < choice.options.size(); ++option) {
            const std::vector<float>& logProbs = scans[next++].logProbs;
            const double p =
                std::exp(std::accumulate(logProbs.begin(), logProbs.end(), 0.0) /
                         static_cast<double>(std::max<std::size_t>(logProbs.size(), 1)));
            all += p;
            truth += option == choice.truth ? p : 0;
        }
        shares.push_back({choice.sample->index, all > 0 ? truth / all : 0});
    }
    return shares;
}

Result<std::vector<AttackedSetting>> run(const ParamSet& params, const AttackTarget& target)
{
    const std::vector<Choice> choices = choicesOf(params, target);
    if (choices.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "no question of the forget set has wrong answers to choose among",
                     .context = target.forget.path.string(),
                     .remedy = "use data with perturbed_answer, such as TOFU's perturbed files"};
    const auto before = sharesOf(choices, target, &byText, 0);
    if (!before)
        return before.error();
    const auto after = sharesOf(choices, target, &byLetter, 0.5);
    if (!after)
        return after.error();
    if (before->empty() || after->empty())
        return std::vector<AttackedSetting>();
    std::vector<double> chances;
    for (const Choice& choice : choices)
        chances.push_back(1.0 / static_cast<double>(choice.options.size()));
    return std::vector<AttackedSetting>{
        {.measured = {measureOf("option-probability", "of the true option's letter among letters",
                                *after)},
         .before = std::vector{measureOf(
             "option-probability", "of the true answer's text among the options' texts", *before)},
         .facts = {{"chance", mean(chances)}}}};
}

} // namespace

AttackInfo multipleChoice()
{
    return {.id = "multiple-choice",
            .title = "Multiple choice",
            .source = "Jin et al. 2024 (RWKU), arXiv:2406.10890; unlearning reference 3.12",
            .explanation =
                "The true answer stands among wrong ones, and the model names a letter. It catches "
                "a model that declines to say what it can still tell apart. Before it stands how "
                "likely the true answer's text is among the same texts; who knows nothing is at "
                "chance.",
            .needs = "wrong answers in the data (perturbed_answer)",
            .params = {{.name = "options",
                        .fallback = std::int64_t{4},
                        .min = 2,
                        .max = 26,
                        .help = "to choose from, the true one among them; fewer where the data has "
                                "fewer"},
                       {.name = "seed",
                        .fallback = std::int64_t{0},
                        .min = 0,
                        .help = "of the order of the options"}},
            .cost =
                [](const ParamSet& params) {
                    return AttackCost{.scores = 2 * static_cast<double>(params.integer("options"))};
                },
            .run = &run};
}

} // namespace lacuna
