#include "core/attacks/attack.h"
#include "core/attacks/kept_weights.h"
#include "core/base/rng.h"
#include "core/corpora/sampler.h"
#include "core/corpora/tokenise.h"
#include "core/tokens/prompt_style.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lacuna {
namespace {

AttackCost cost(const ParamSet& params)
{
    const double passes = std::ceil(static_cast<double>(params.integer("steps")) /
                                    static_cast<double>(params.integer("every")));
    return {.scores = passes,
            .answers = passes,
            .learned = static_cast<double>(params.integer("steps") * params.integer("batch"))};
}

/// What is learned from, and what shows whether more than that came back.
struct Lesson {
    std::vector<ScoredSample> shown;
    std::vector<const ScoredSample*> measured;
    std::string about; ///< what is measured, in words
};

/// The first part of the forget set in an order drawn by seed.
Lesson partOfForgetSet(const ParamSet& params, const AttackTarget& target)
{
    const auto total = static_cast<double>(target.all.size());
    const auto count = std::max<std::int64_t>(1, std::llround(params.number("share") * total));
    const auto seed = static_cast<std::uint64_t>(params.integer("seed"));
    Lesson lesson;
    std::set<std::int64_t> shown;
    for (const std::size_t i :
         drawnItems(target.all.size(), count, derivedSeed(seed, "relearning"))) {
        lesson.shown.push_back(target.all[i]);
        shown.insert(target.all[i].index);
    }
    for (const ScoredSample* sample : target.samples)
        if (!shown.contains(sample->index))
            lesson.measured.push_back(sample);
    lesson.about = "items that it was not shown again";
    if (lesson.measured.empty()) {
        lesson.measured = target.samples;
        lesson.about = "all items, each of which it was shown again";
    }
    return lesson;
}

Result<Lesson> fromFile(const std::string& file, const AttackTarget& target)
{
    const Result<Corpus> corpus = loadCorpus(file);
    if (!corpus)
        return corpus.error();
    Result<TokenisedCorpus> tokens = tokenise(
        *corpus, target.tokenizer,
        {.maxLength = target.maxLength,
         .style = target.style.isDefault() ? nullptr
                                           : std::make_shared<const PromptStyle>(target.style)});
    if (!tokens)
        return tokens.error();
    return Lesson{.shown = std::move(tokens->samples),
                  .measured = target.samples,
                  .about = "the forget set, after learning from another file"};
}

/// Takes training off the model again: its marks and gradients.
class TrainingEnd {
public:
    explicit TrainingEnd(Decoder& decoder) : m_decoder(decoder) {}
    ~TrainingEnd() { m_decoder.setTrained({}); }
    TrainingEnd(const TrainingEnd&) = delete;
    TrainingEnd& operator=(const TrainingEnd&) = delete;

private:
    Decoder& m_decoder;
};

Result<std::vector<AttackedSetting>> run(const ParamSet& params, const AttackTarget& target)
{
    const std::string& file = params.text("file");
    const Result<Lesson> lesson =
        file.empty() ? partOfForgetSet(params, target) : fromFile(file, target);
    if (!lesson)
        return lesson.error();
    const double rate =
        params.number("learning_rate") > 0 ? params.number("learning_rate") : target.learningRate;
    const std::int64_t steps = params.integer("steps");
    const std::int64_t every = params.integer("every");
    PairSampler sampler({.forgetCount = static_cast<std::int64_t>(lesson->shown.size()),
                         .batchSize = params.integer("batch"),
                         .seed = derivedSeed(static_cast<std::uint64_t>(params.integer("seed")),
                                             "relearning order")});
    const KeptWeights kept(target.decoder, everyWeight(target.decoder));
    const TrainingEnd end(target.decoder);
    const LearnStep learn = target.learner(rate);
    std::vector<AttackedSetting> settings;
    for (std::int64_t step = 1; step <= steps; ++step) {
        const double share = static_cast<double>(step - 1) / static_cast<double>(steps);
        if (!target.proceed(share))
            return std::vector<AttackedSetting>();
        learn(lesson->shown, sampler.next().forget);
        if (step % every != 0 && step != steps)
            continue;
        const std::vector<SampleScan> scans =
            scanTarget(target, target.decoder, lesson->measured, share);
        if (scans.empty())
            return std::vector<AttackedSetting>();
        settings.push_back(settingOf(fmt::format("{} steps", step), {{"step", step}}, scans));
        settings.back().facts = {{"shown", lesson->shown.size()},
                                 {"measured_on", lesson->about},
                                 {"learning_rate", rate}};
    }
    return settings;
}

} // namespace

AttackInfo relearning()
{
    return {
        .id = "relearning",
        .title = "Relearning",
        .source = "Hu et al. 2024, arXiv:2406.13356; open-unlearning's protocol is share 1, "
                  "learning rate 2e-5; unlearning reference 3.10",
        .explanation =
            "A copy of the model is trained for a few steps on part of the forget set, or on a "
            "file of yours, and asked about the rest. What was only covered up comes back within "
            "a few steps, also where it was not shown; what is gone has to be learned anew, as a "
            "model that never knew it does. The curve over the steps tells them apart.",
        .reach = AttackReach::Weights,
        .params =
            {{.name = "share",
              .fallback = 0.25,
              .min = 0.001,
              .max = 1,
              .help = "of the forget set that is shown again; the scores are of the rest, at 1 of "
                      "all of it"},
             {.name = "steps",
              .fallback = std::int64_t{20},
              .min = 1,
              .max = 10000,
              .help = "of training"},
             {.name = "every",
              .fallback = std::int64_t{5},
              .min = 1,
              .max = 10000,
              .unit = "steps",
              .help = "between two points of the curve"},
             {.name = "batch",
              .fallback = std::int64_t{4},
              .min = 1,
              .max = 512,
              .unit = "items",
              .help = "of a step"},
             {.name = "learning_rate",
              .fallback = 0.0,
              .min = 0,
              .max = 1,
              .help = "of AdamW without decay; 0: what the run unlearned at, or 2e-5"},
             {.name = "file",
              .fallback = std::string(),
              .help = "a corpus to learn from in place of the forget set: something related, or "
                      "something altogether harmless"},
             {.name = "seed",
              .fallback = std::int64_t{0},
              .min = 0,
              .help = "of what is shown and in which order"}},
        .cost = &cost,
        .run = &run};
}

} // namespace lacuna
