#include "core/run/suite_corpora.h"

#include <algorithm>
#include <utility>

namespace lacuna {
namespace {

constexpr std::int64_t kUncut = 1 << 20;

std::string shotOf(const RawSample& sample)
{
    return "Question: " + sample.prompt + "\nAnswer: " + sample.answer + "\n\n";
}

/// Questions of \p corpus become continuations of the examples' text.
/// \param shots  of the examples; 0: all
Status showExamples(Corpus& corpus, const std::string& file, std::int64_t shots)
{
    const Result<Corpus> examples = loadCorpus(file);
    if (!examples)
        return examples.error();
    std::string before;
    const auto shown =
        std::min(examples->samples.size(),
                 shots > 0 ? static_cast<std::size_t>(shots) : examples->samples.size());
    for (std::size_t i = 0; i < shown; ++i)
        before += shotOf(examples->samples[i]);
    for (RawSample& sample : corpus.samples) {
        sample.prompt = before + "Question: " + sample.prompt + "\nAnswer: ";
        sample.kind = SampleKind::Completion;
    }
    return {};
}

Result<LoadedCorpus> openSet(const SuiteSource& source, const Tokenizer& tokenizer,
                             TokeniseOptions options, std::int64_t context)
{
    Result<Corpus> corpus = readCorpus(source.corpus);
    if (!corpus)
        return corpus.error();
    const SetKind kind = source.set.kind;
    if (kind == SetKind::Knowledge)
        if (const Status status = showExamples(*corpus, source.examples, source.set.shots); !status)
            return status.error();
    if (kind == SetKind::Choices &&
        std::ranges::any_of(corpus->samples,
                            [](const RawSample& sample) { return sample.choices.empty(); }))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the set " + source.set.name +
                                " is multiple choice, and a row has "
                                "no choices",
                     .context = source.corpus.path,
                     .remedy = "give rows of question, choices and answer"};
    if (kind == SetKind::Truthful &&
        std::ranges::any_of(corpus->samples, [](const RawSample& sample) {
            return sample.correctAnswers.empty() || sample.incorrectAnswers.empty();
        }))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the set " + source.set.name +
                                " needs true and false answers, and a row lacks one kind",
                     .context = source.corpus.path,
                     .remedy = "give rows of question, best_answer, correct_answers and "
                               "incorrect_answers"};
    if (kind == SetKind::Choices || kind == SetKind::Truthful)
        options.appendEos = false; // answers are compared as texts that could go on
    // What stands before a question is part of it. Whether it fits is said where it is put.
    if (kind == SetKind::Knowledge)
        options.maxLength = kUncut;
    if (kind == SetKind::Choices)
        options.maxLength = context;
    Result<TokenisedCorpus> tokens =
        tokenise(*corpus, tokenizer, options, source.corpus.invalidRows);
    if (!tokens)
        return tokens.error();
    return LoadedCorpus{std::move(corpus).value(), std::move(tokens).value()};
}

} // namespace

Result<std::vector<SuiteCorpus>> openSuite(const Recipe& recipe, const Tokenizer& tokenizer,
                                           const TokeniseOptions& options, std::int64_t context)
{
    const Result<Suite> suite = findSuite(recipe.evaluation.suite);
    if (!suite)
        return suite.error();
    const Result<std::vector<SuiteSource>> sources = suiteSources(*suite, recipe);
    if (!sources)
        return sources.error();
    std::vector<SuiteCorpus> opened;
    for (const SuiteSource& source : *sources) {
        SuiteCorpus& one = opened.emplace_back();
        one.set = source.set;
        one.missing = source.missing;
        if (!one.missing.empty())
            continue;
        Result<LoadedCorpus> corpus = openSet(source, tokenizer, options, context);
        if (!corpus)
            return corpus.error().at("set " + source.set.name);
        one.corpus = std::move(corpus).value();
    }
    return opened;
}

} // namespace lacuna
