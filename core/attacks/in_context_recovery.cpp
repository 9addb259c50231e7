#include "core/attacks/asked.h"
#include "core/corpora/alternates.h"
#include "core/corpora/likeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace lacuna {
namespace {

Status check(const ParamSet& params)
{
    const auto counts = readCounts(params.text("examples"), "in-context.examples");
    return counts ? Status() : counts.error();
}

AttackCost cost(const ParamSet& params)
{
    const auto counts = readCounts(params.text("examples"), "in-context.examples");
    const double passes = counts ? static_cast<double>(counts->size()) : 0;
    return {.scores = passes, .answers = passes};
}

struct Neighbour {
    const RawSample* raw;
    WordSet words;
};

/// Questions with answers from which examples are taken.
std::vector<Neighbour> neighboursIn(const Corpus& corpus)
{
    std::vector<Neighbour> all;
    for (const RawSample& raw : corpus.samples)
        if (raw.kind == SampleKind::QuestionAnswer)
            all.push_back({&raw, wordsOf(raw.subject + " " + raw.prompt)});
    return all;
}

/// Those that are most about the same as \p raw, the nearest last, next to the question; none asks
/// the same or gives the answer away.
std::vector<const RawSample*> nearest(const std::vector<Neighbour>& all, const RawSample& raw,
                                      std::size_t count)
{
    const WordSet words = wordsOf(raw.subject + " " + raw.prompt);
    std::vector<std::pair<double, const RawSample*>> ranked;
    for (const Neighbour& one : all)
        if (one.raw != &raw && one.raw->prompt != raw.prompt &&
            !isSameAnswer(one.raw->answer, raw.answer))
            ranked.emplace_back(likeness(one.words, words), one.raw);
    std::ranges::stable_sort(ranked,
                             [](const auto& a, const auto& b) { return a.first > b.first; });
    ranked.resize(std::min(ranked.size(), count));
    std::vector<const RawSample*> chosen;
    for (auto one = ranked.rbegin(); one != ranked.rend(); ++one)
        chosen.push_back(one->second);
    return chosen;
}

AskedQuestion behind(const AskedQuestion& plain, const std::vector<const RawSample*>& examples)
{
    AskedQuestion asked = plain;
    ChatMessages shown;
    for (const RawSample* example : examples) {
        shown.push_back({"user", example->prompt});
        shown.push_back({"assistant", example->answer});
    }
    // A system message stays in front.
    const auto at = asked.messages.begin() + (asked.messages.front().role == "system" ? 1 : 0);
    asked.messages.insert(at, shown.begin(), shown.end());
    return asked;
}

Result<std::vector<AttackedSetting>> run(const ParamSet& params, const AttackTarget& target)
{
    const bool ofForget = params.text("from") == "forget";
    if (!ofForget && !target.retain)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "there is no retain set to take examples from",
                     .context = "in-context.from",
                     .remedy = "give a retain set, or take them from the forget set"};
    const std::vector<Neighbour> all = neighboursIn(ofForget ? target.forget : *target.retain);
    const std::vector<std::int64_t> counts =
        readCounts(params.text("examples"), "in-context.examples").value();
    std::vector<AttackedSetting> settings;
    for (const std::int64_t count : counts) {
        std::int64_t fewer = 0;
        const auto put = [&](const ScoredSample& sample,
                             const AskedQuestion& plain) -> Result<std::optional<AskedQuestion>> {
            std::vector<const RawSample*> examples =
                nearest(all, rawOf(target, sample), static_cast<std::size_t>(count));
            if (examples.empty())
                return std::optional<AskedQuestion>();
            // A short context takes fewer, the farthest left out first, and the whole answer.
            AskedQuestion asked = behind(plain, examples);
            const auto wanted = examples.size();
            for (;;) {
                const Result<ScoredSample> fits = askedSample(target, asked, sample);
                if ((fits && !fits->truncated) || examples.empty())
                    break;
                examples.erase(examples.begin());
                asked = behind(plain, examples);
            }
            fewer += examples.size() < wanted ? 1 : 0;
            return std::optional(std::move(asked));
        };
        Result<AttackedSetting> setting = askAll(
            target, fmt::format("{} examples", count), {{"examples", count}}, put,
            all.empty() ? "there are no questions with answers to show as examples" : kNoQuestions,
            static_cast<double>(settings.size()) / static_cast<double>(counts.size()));
        if (!setting)
            return setting.error();
        if (setting->measured.empty())
            return std::vector<AttackedSetting>();
        if (fewer > 0)
            setting->facts["items_with_fewer"] = fewer;
        settings.push_back(std::move(setting).value());
    }
    return settings;
}

} // namespace

AttackInfo inContextRecovery()
{
    return {.id = "in-context",
            .title = "Neighbouring facts beforehand",
            .source = "Jin et al. 2024 (RWKU), arXiv:2406.10890; unlearning reference 3.12",
            .explanation =
                "Before the question stand others about the same, with their answers: those that "
                "share most words with it and have another answer. They put the model on the "
                "track, as a person would who knows part of it.",
            .params = {{.name = "examples",
                        .fallback = std::string("3,8"),
                        .help = "before the question, with commas between them",
                        .provenance = "3 to 10 are usual"},
                       {.name = "from",
                        .fallback = std::string("forget"),
                        .choices = {"forget", "retain"},
                        .help = "the set that they are taken from"}},
            .check = &check,
            .cost = &cost,
            .run = &run};
}

} // namespace lacuna
