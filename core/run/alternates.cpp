#include "core/run/alternates.h"

#include "core/base/json.h"
#include "core/base/output_file.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/metrics/rouge.h"
#include "core/probe/generation.h"
#include "core/run/session.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace lacuna {
namespace {

constexpr int kRounds = 8;
constexpr std::size_t kTogether = 16; ///< questions answered at once
constexpr std::int64_t kOthers = 5;   ///< likeliest tokens among which one is not the truth's
/// An answer that repeats this share of the truth, and little else, is the truth.
constexpr double kTruth = 0.9;

bool tellsTheTruth(const std::string& answer, const std::string& truth)
{
    return isSameAnswer(answer, truth) ||
           rougeL(rougeTokens(truth, Stemming::On), rougeTokens(answer, Stemming::On)).f1 >= kTruth;
}

/// One question while its alternates are being written.
struct Question {
    const RawSample* raw = nullptr;
    std::vector<std::int64_t> prompt;
    std::vector<std::int64_t> truth; ///< the answer's tokens, without EOS
    std::vector<std::string> answers = {};
};

/// The forget questions as the model is asked them.
Result<std::vector<Question>> questionsOf(const Session& session)
{
    if (const Status status = checkQuestions(session.forget.raw); !status)
        return status.error();
    const std::string& instruction = session.method.params.text("instruction");
    Corpus asked{.path = session.forget.raw.path};
    std::set<std::string_view> known;
    for (const RawSample& raw : session.forget.raw.samples) {
        if (!raw.chosen.empty() || !known.insert(raw.prompt).second)
            continue;
        asked.samples.push_back(raw);
        if (instruction.empty())
            continue;
        RawSample& last = asked.samples.back();
        last = {.kind = SampleKind::QuestionAnswer,
                .prompt = replaceAll(replaceAll(instruction, "{question}", raw.prompt), "{answer}",
                                     raw.answer),
                .answer = raw.answer,
                .row = raw.row};
    }
    const TokenisedCorpus tokens =
        inspectTokens(asked, *session.tokenizer, session.tokeniseOptions());
    if (const Status status = tokens.problems.status(); !status)
        return status.error();
    std::vector<Question> questions;
    for (const ScoredSample& sample : tokens.samples) {
        const std::int64_t row = asked.samples[static_cast<std::size_t>(sample.source)].row;
        questions.push_back(
            {.raw = &*std::ranges::find(session.forget.raw.samples, row, &RawSample::row),
             .prompt = {sample.ids.begin(), sample.ids.begin() + sample.promptLength},
             .truth = {sample.ids.begin() + sample.promptLength,
                       sample.ids.end() - (sample.endsWithEos ? 1 : 0)}});
    }
    return questions;
}

/// The beginning of an answer that leaves the truth at a random token for the likeliest other one:
/// a model that knows the answer by heart says nothing else by itself.
std::vector<std::int64_t> leftTruth(Session& session, const Question& question, int round)
{
    if (question.truth.empty())
        return {};
    Random random(
        derivedSeed(static_cast<std::uint64_t>(session.recipe.seed),
                    "branch:" + std::to_string(round) + ":" + std::to_string(question.raw->row)));
    const std::size_t place = random.below(question.truth.size());
    std::vector<std::int64_t> stem(question.truth.begin(),
                                   question.truth.begin() + static_cast<std::ptrdiff_t>(place));
    std::vector<std::int64_t> asked = question.prompt;
    asked.insert(asked.end(), stem.begin(), stem.end());
    const Generation next =
        generate(*session.decoder, {asked}, {.maxNewTokens = 1, .alternatives = kOthers}).front();
    for (const GeneratedToken& token : next.tokens)
        for (const auto& [id, logProb] : token.alternatives)
            if (id != question.truth[place] && !session.tokenizer->isSpecial(id)) {
                stem.push_back(id);
                return stem;
            }
    return stem;
}

void keepAnswer(Question& question, const std::string& text)
{
    const std::string answer(trimmed(text));
    // A hot enough model writes bytes that are no characters.
    if (answer.empty() || firstInvalidUtf8(answer) || tellsTheTruth(answer, question.raw->answer) ||
        std::ranges::find(question.answers, answer) != question.answers.end())
        return;
    question.answers.push_back(answer);
}

Status writePool(const std::vector<Question>& questions, const std::filesystem::path& file)
{
    Result<OutputFile> out = OutputFile::create(file);
    if (!out)
        return out.error();
    for (const Question& question : questions)
        for (const std::string& answer : question.answers)
            if (const Status status = out->write(
                    OrderedJson{{"question", question.raw->prompt}, {"answer", answer}}.dump() +
                    "\n");
                !status)
                return status;
    return out->commit();
}

} // namespace

Status checkQuestions(const Corpus& forget)
{
    for (const RawSample& raw : forget.samples)
        if (raw.kind == SampleKind::Text || raw.kind == SampleKind::Tokens)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "the forget corpus has texts without a question, to which the "
                                    "model can write no other answer",
                         .context = forget.path.string() + ":" + std::to_string(raw.row),
                         .remedy =
                             "use a forget corpus of questions with answers, or a method that "
                             "reads the text itself, such as npo"};
    return {};
}

Result<std::optional<AnswerPool>> answerPool(const Recipe& recipe, const MethodSpec& method,
                                             const Corpus& forget, const Corpus* retain)
{
    const AnswerSource source = (**methods().find(method.id)).answers;
    if (!recipe.alternates.empty()) {
        if (source == AnswerSource::None)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "the method " + method.id + " reads no alternate answers",
                         .context = "recipe.alternates",
                         .remedy = "leave them out, or use a method that does: idk, dpo or altpo"};
        Result<AnswerPool> pool = readAnswerPool(recipe.alternates);
        if (!pool)
            return pool.error().at("alternates");
        return std::optional(std::move(pool).value());
    }
    if (source == AnswerSource::None || writesAlternates(recipe, method, forget))
        return std::optional<AnswerPool>();
    std::optional<AnswerPool> pool;
    if (source == AnswerSource::Refusals)
        pool = refusals();
    else if (source == AnswerSource::Forget)
        pool = answersOf(forget);
    else if (source == AnswerSource::Retain && retain)
        pool = answersOf(*retain);
    // Answers that are not meant to fit the question stay what they are.
    const bool fits = source == AnswerSource::Refusals || source == AnswerSource::ModelWritten;
    if (fits && pairCount(forget) > 0) {
        if (!pool)
            pool = AnswerPool{.origin = forget.path.string(), .sha256 = forget.sha256};
        pool->preferPairs = true;
    }
    return pool;
}

std::int64_t alternatesPerSample(const MethodSpec& method)
{
    return method.params.integer("alternates");
}

bool writesAlternates(const Recipe& recipe, const MethodSpec& method, const Corpus& forget)
{
    return recipe.alternates.empty() &&
           (**methods().find(method.id)).answers == AnswerSource::ModelWritten &&
           pairCount(forget) < static_cast<std::int64_t>(forget.samples.size());
}

Result<std::optional<AnswerPool>> writtenAlternates(Session& session,
                                                    const std::filesystem::path& file,
                                                    const std::function<bool(double)>& proceed)
{
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        Result<std::vector<Question>> questions = questionsOf(session);
        if (!questions)
            return questions.error();
        const auto wanted = static_cast<std::size_t>(alternatesPerSample(session.method));
        std::vector<Question*> open;
        for (Question& question : *questions)
            open.push_back(&question);
        for (int round = 0; round < kRounds && !open.empty(); ++round) {
            for (std::size_t first = 0; first < open.size(); first += kTogether) {
                const std::size_t count = std::min(kTogether, open.size() - first);
                if (!proceed(
                        (round + static_cast<double>(first) / static_cast<double>(open.size())) /
                        kRounds))
                    return std::optional<AnswerPool>();
                std::vector<std::vector<std::int64_t>> prompts;
                std::vector<std::vector<std::int64_t>> stems;
                GenerationOptions options{
                    .maxNewTokens = 0,
                    .temperature = session.method.params.number("temperature"),
                    .seed = derivedSeed(static_cast<std::uint64_t>(session.recipe.seed),
                                        "alternates:" + std::to_string(round) + ":" +
                                            std::to_string(first)),
                    .stopIds = session.stopIds()};
                for (std::size_t i = first; i < first + count; ++i) {
                    const Question& question = *open[i];
                    stems.push_back(round == 0 ? std::vector<std::int64_t>{}
                                               : leftTruth(session, question, round));
                    prompts.push_back(question.prompt);
                    prompts.back().insert(prompts.back().end(), stems.back().begin(),
                                          stems.back().end());
                    options.maxNewTokens =
                        std::max(options.maxNewTokens,
                                 16 + 2 * static_cast<std::int64_t>(question.truth.size()));
                }
                const std::vector<Generation> written =
                    generate(*session.decoder, prompts, options);
                for (std::size_t i = 0; i < count; ++i) {
                    const std::vector<std::int64_t> ids = written[i].ids();
                    stems[i].insert(stems[i].end(), ids.begin(), ids.end());
                    keepAnswer(*open[first + i], session.tokenizer->decode(stems[i]));
                }
            }
            std::erase_if(open, [&](const Question* q) { return q->answers.size() >= wanted; });
        }
        for (const Question& question : *questions)
            if (question.answers.empty())
                return Error{.code = ErrorCode::InvalidArgument,
                             .message = "the model writes nothing but the truth, or nothing at "
                                        "all, to \"" +
                                        question.raw->prompt + "\"",
                             .context = session.forget.raw.path.string() + ":" +
                                        std::to_string(question.raw->row),
                             .remedy = "raise method.temperature, or give \"alternates\", a file "
                                       "of other answers"};
        if (const Status status = writePool(*questions, file); !status)
            return status.error();
    }
    Result<AnswerPool> pool = readAnswerPool(file);
    if (!pool)
        return pool.error();
    pool->preferPairs = true;
    return std::optional(std::move(pool).value());
}

} // namespace lacuna
