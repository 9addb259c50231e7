#include "core/probe/answer_pairs.h"

#include "core/base/rng.h"
#include "core/corpora/sampler.h"

#include <fmt/format.h>

namespace lacuna {
namespace {

RawSample withAnswer(const RawSample& sample, const std::string& answer)
{
    return {.kind = sample.kind, .prompt = sample.prompt, .answer = answer, .row = sample.row};
}

/// The true answer and then the false one of each question.
Corpus pairedCorpus(const Corpus& corpus, std::int64_t maxQuestions, std::uint64_t seed)
{
    std::vector<const RawSample*> usable;
    for (const RawSample& sample : corpus.samples)
        if (!sample.perturbedAnswers.empty())
            usable.push_back(&sample);
    Corpus paired{.path = corpus.path, .format = corpus.format};
    Random random(derivedSeed(seed, "false answers"));
    for (const std::size_t i :
         drawnItems(usable.size(), maxQuestions, derivedSeed(seed, "probed questions"))) {
        const RawSample& sample = *usable[i];
        paired.samples.push_back(withAnswer(
            sample, sample.paraphrasedAnswer.empty() ? sample.answer : sample.paraphrasedAnswer));
        paired.samples.push_back(withAnswer(
            sample, sample.perturbedAnswers[random.below(sample.perturbedAnswers.size())]));
    }
    return paired;
}

} // namespace

Result<AnswerPairs> answerPairs(const Corpus& corpus, const Tokenizer& tokenizer,
                                TokeniseOptions options, std::int64_t maxQuestions,
                                std::uint64_t seed)
{
    options.appendEos = false;
    std::vector<ScoredSample> samples =
        inspectTokens(pairedCorpus(corpus, maxQuestions, seed), tokenizer, options).samples;
    AnswerPairs pairs;
    for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
        // Either may have been left out, cut before its answer.
        if (samples[i].source % 2 != 0 || samples[i + 1].source != samples[i].source + 1)
            continue;
        for (const std::size_t k : {i, i + 1}) {
            pairs.isTrue.push_back(samples[k].source % 2 == 0);
            pairs.questions.push_back(samples[k].source / 2);
            pairs.samples.push_back(std::move(samples[k]));
        }
        ++i;
    }
    const auto count = static_cast<std::int64_t>(pairs.samples.size() / 2);
    if (count >= kFewestPairs)
        return pairs;
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = fmt::format("a linear probe learns from true and false answers, and {} "
                                        "questions have both",
                                        count),
                 .context = corpus.path.string(),
                 .remedy = fmt::format("give {} rows or more with \"perturbed_answer\", such as "
                                       "TOFU's forget10_perturbed.json",
                                       kFewestPairs)};
}

} // namespace lacuna
