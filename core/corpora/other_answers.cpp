#include "core/corpora/other_answers.h"

#include <utility>

namespace lacuna {

Result<std::vector<OtherAnswer>> otherAnswers(const Corpus& corpus,
                                              const std::vector<const ScoredSample*>& samples,
                                              const Tokenizer& tokenizer,
                                              const TokeniseOptions& options)
{
    Corpus texts{.path = corpus.path};
    std::vector<OtherAnswer> places; // one a text of `texts`
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const RawSample& raw = corpus.samples[static_cast<std::size_t>(samples[i]->source)];
        const auto add = [&](const std::string& answer, OtherAnswerKind kind) {
            if (answer.empty())
                return;
            texts.samples.push_back(
                {.kind = raw.kind, .prompt = raw.prompt, .answer = answer, .row = raw.row});
            places.push_back({.sample = i, .kind = kind, .tokens = {}});
        };
        add(raw.paraphrasedAnswer, OtherAnswerKind::Paraphrase);
        for (const std::string& answer : raw.perturbedAnswers)
            add(answer, OtherAnswerKind::Perturbed);
        for (const std::string& answer : raw.correctAnswers)
            add(answer, OtherAnswerKind::Correct);
        for (const std::string& answer : raw.incorrectAnswers)
            add(answer, OtherAnswerKind::Incorrect);
    }
    if (texts.samples.empty())
        return std::vector<OtherAnswer>();
    Result<TokenisedCorpus> tokens = tokenise(texts, tokenizer, options, InvalidRows::LeaveOut);
    if (!tokens)
        return tokens.error();
    std::vector<OtherAnswer> found;
    for (ScoredSample& sample : tokens->samples) {
        OtherAnswer& answer = found.emplace_back(places[static_cast<std::size_t>(sample.source)]);
        answer.tokens = std::move(sample);
    }
    return found;
}

} // namespace lacuna
