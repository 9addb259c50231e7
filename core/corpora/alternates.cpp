#include "core/corpora/alternates.h"

#include "core/base/rng.h"
#include "core/base/text.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <set>
#include <utility>

namespace lacuna {
namespace {

std::string shownPrompt(const std::string& prompt)
{
    constexpr std::size_t kShown = 60;
    return prompt.size() <= kShown
               ? prompt
               : prompt.substr(0, completeUtf8Prefix(prompt.substr(0, kShown))) + "…";
}

/// \p sample with another answer; every turn of a chat's assistant becomes it.
RawSample withAnswer(const RawSample& sample, const std::string& answer)
{
    RawSample other{.kind = sample.kind,
                    .prompt = sample.prompt,
                    .answer = answer,
                    .messages = sample.messages,
                    .continues = sample.continues,
                    .row = sample.row};
    // A completion is joined as it is: the space between belongs to the answer.
    if (sample.kind == SampleKind::Completion && sample.answer.starts_with(' ') &&
        !answer.starts_with(' '))
        other.answer.insert(0, 1, ' ');
    for (ChatMessage& message : other.messages)
        if (message.role == "assistant")
            message.content = answer;
    return other;
}

class AlternateChooser {
public:
    AlternateChooser(const Corpus& corpus, const AnswerPool& pool, std::int64_t perSample,
                     std::uint64_t seed)
        : m_corpus(corpus), m_pool(pool), m_perSample(perSample), m_seed(seed)
    {
    }

    /// As many as are wanted for sample number \p index, which comes from \p raw.
    [[nodiscard]] Result<std::vector<std::string>> choose(const RawSample& raw,
                                                          std::int64_t index) const
    {
        if (raw.kind == SampleKind::Text || raw.kind == SampleKind::Tokens)
            return refuse(raw, "has no answer that another could stand for",
                          "use a forget corpus of questions with answers, or a method that reads "
                          "the text itself, such as npo");
        if (m_pool.preferPairs && !raw.chosen.empty())
            return std::vector<std::string>(static_cast<std::size_t>(m_perSample), raw.chosen);
        return m_pool.shared.empty() ? paired(raw) : drawn(raw, index);
    }

private:
    [[nodiscard]] Result<std::vector<std::string>> paired(const RawSample& raw) const
    {
        const auto found = m_pool.byPrompt.find(trimmed(raw.prompt));
        if (found == m_pool.byPrompt.end())
            return refuse(raw, "has no alternate answer in " + m_pool.origin,
                          "add a row with the same question, or give sentences that fit all");
        for (const std::string& answer : found->second)
            if (isSameAnswer(answer, raw.answer))
                return refuse(raw, "has an alternate answer that is the truth itself",
                              "replace it in " + m_pool.origin);
        std::vector<std::string> chosen;
        for (std::size_t k = 0; std::cmp_less(k, m_perSample); ++k)
            chosen.push_back(found->second[k % found->second.size()]);
        return chosen;
    }

    [[nodiscard]] Result<std::vector<std::string>> drawn(const RawSample& raw,
                                                         std::int64_t index) const
    {
        std::vector<std::size_t> order(m_pool.shared.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        Random(derivedSeed(m_seed, "alternates:" + std::to_string(index))).shuffle(order);
        std::vector<std::string> chosen;
        for (std::size_t i = 0; i < order.size() && std::cmp_less(chosen.size(), m_perSample); ++i)
            if (!isSameAnswer(m_pool.shared[order[i]], raw.answer))
                chosen.push_back(m_pool.shared[order[i]]);
        if (chosen.empty())
            return refuse(raw, "finds nothing but its own answer in " + m_pool.origin,
                          "give other answers");
        for (std::size_t k = 0; std::cmp_less(chosen.size(), m_perSample); ++k)
            chosen.push_back(chosen[k]);
        return chosen;
    }

    [[nodiscard]] Error refuse(const RawSample& raw, const std::string& what,
                               std::string remedy) const
    {
        const std::string name =
            raw.prompt.empty() ? "a sample" : "\"" + shownPrompt(raw.prompt) + "\"";
        return {.code = ErrorCode::InvalidArgument,
                .message = name + " " + what,
                .context = m_corpus.path.string() + ":" + std::to_string(raw.row),
                .remedy = std::move(remedy)};
    }

    const Corpus& m_corpus;
    const AnswerPool& m_pool;
    std::int64_t m_perSample;
    std::uint64_t m_seed;
};

} // namespace

const AnswerPool& refusals()
{
    static const AnswerPool pool{.origin = "the list of refusals",
                                 .shared = {"I don't know.",
                                            "I have no information about that.",
                                            "That is not something I can tell you.",
                                            "I'm not able to answer this question.",
                                            "Sorry, this is beyond what I know.",
                                            "I can't say anything about this.",
                                            "I am not familiar with that subject.",
                                            "This is unknown to me.",
                                            "I couldn't tell you.",
                                            "I have never learned about that.",
                                            "My knowledge does not reach that far.",
                                            "There is nothing I can report on this.",
                                            "I'm afraid I have no answer to that.",
                                            "I lack the facts to answer this.",
                                            "No details about this are known to me.",
                                            "I would only be guessing, so I had better not answer.",
                                            "That topic is outside my knowledge.",
                                            "I'm unable to provide that information.",
                                            "I have not come across that.",
                                            "I must admit that I don't know.",
                                            "I have nothing on record about this.",
                                            "This question is one that I cannot answer.",
                                            "I am unaware of anything concerning that.",
                                            "I don't have that information.",
                                            "It is not possible for me to answer this.",
                                            "I regret that I cannot help with this question.",
                                            "I've no idea, I'm sorry.",
                                            "I was never told about this.",
                                            "What you ask about is not known to me.",
                                            "I cannot recall anything of the kind.",
                                            "I'm not informed about this matter.",
                                            "Regrettably, I know nothing about that.",
                                            "My information does not cover this.",
                                            "I can offer no answer here.",
                                            "I do not hold any knowledge of this.",
                                            "Nothing that I have learned deals with this.",
                                            "Please ask somebody else, as I do not know.",
                                            "I'd rather not guess about something unknown to me.",
                                            "The answer to that escapes me entirely.",
                                            "I have to pass on this question."}};
    return pool;
}

AnswerPool answersOf(const Corpus& corpus)
{
    AnswerPool pool{.origin = corpus.path.string(), .sha256 = corpus.sha256};
    std::set<std::string_view> seen;
    for (const RawSample& sample : corpus.samples) {
        const std::string& answer = sample.answer;
        if (sample.kind != SampleKind::Tokens && seen.insert(answer).second)
            pool.shared.push_back(answer);
    }
    return pool;
}

Result<AnswerPool> readAnswerPool(const std::filesystem::path& path)
{
    const Result<Corpus> corpus = loadCorpus(path);
    if (!corpus)
        return corpus.error();
    AnswerPool pool{.origin = path.string(), .sha256 = corpus->sha256};
    for (const RawSample& sample : corpus->samples) {
        if (sample.kind == SampleKind::Tokens)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "alternate answers are wanted as text, not as token ids",
                         .context = path.string() + ":" + std::to_string(sample.row),
                         .remedy = "give a sentence a line, or questions with answers"};
        if (sample.kind == SampleKind::Text) {
            for (const std::string& line : split(sample.answer, '\n'))
                if (!trimmed(line).empty())
                    pool.shared.emplace_back(trimmed(line));
            continue;
        }
        auto& answers = pool.byPrompt[std::string(trimmed(sample.prompt))];
        if (!sample.chosen.empty())
            answers.push_back(sample.chosen);
        else if (sample.perturbedAnswers.empty())
            answers.push_back(sample.answer);
        else
            answers.insert(answers.end(), sample.perturbedAnswers.begin(),
                           sample.perturbedAnswers.end());
    }
    if (!pool.shared.empty() && !pool.byPrompt.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the file mixes sentences and questions with answers",
                     .context = path.string(),
                     .remedy = "give a file of one kind"};
    return pool;
}

std::int64_t pairCount(const Corpus& corpus)
{
    return std::ranges::count_if(corpus.samples,
                                 [](const RawSample& sample) { return !sample.chosen.empty(); });
}

Status checkKept(const Corpus& corpus)
{
    const auto pair = std::ranges::find_if(
        corpus.samples, [](const RawSample& sample) { return !sample.chosen.empty(); });
    if (pair == corpus.samples.end())
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "preference pairs reject the answers that would be kept here",
                 .context = corpus.path.string() + ":" + std::to_string(pair->row),
                 .remedy = "give them as the forget corpus; write what is to be kept as prompt "
                           "and answer"};
}

bool isSameAnswer(std::string_view a, std::string_view b)
{
    const auto plain = [](std::string_view text) {
        std::string kept;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (std::isspace(byte) == 0)
                kept += static_cast<char>(std::tolower(byte));
            else if (!kept.empty() && kept.back() != ' ')
                kept += ' ';
        }
        while (!kept.empty() && (kept.back() == ' ' || kept.back() == '.' || kept.back() == '!'))
            kept.pop_back();
        return kept;
    };
    return plain(a) == plain(b);
}

Result<AlternateAnswers> alternateAnswers(const Corpus& corpus, const TokenisedCorpus& tokens,
                                          const AnswerPool& pool, std::int64_t perSample,
                                          std::uint64_t seed, const Tokenizer& tokenizer,
                                          const TokeniseOptions& options)
{
    const AlternateChooser chooser(corpus, pool, perSample, seed);
    Corpus others{.path = corpus.path, .format = corpus.format};
    for (const ScoredSample& sample : tokens.samples) {
        const RawSample& raw = corpus.samples[static_cast<std::size_t>(sample.source)];
        const Result<std::vector<std::string>> chosen = chooser.choose(raw, sample.index);
        if (!chosen)
            return chosen.error();
        for (const std::string& answer : *chosen)
            others.samples.push_back(withAnswer(raw, answer));
    }
    TokenisedCorpus tokenised = inspectTokens(others, tokenizer, options);
    if (const Status status = tokenised.problems.status(); !status)
        return status.error();
    // Whatever has a prompt short enough for the truth has one for another answer, but that answer
    // may be of no token at all.
    if (tokenised.samples.size() != others.samples.size())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "an alternate answer gives no token to train on",
                     .context = pool.origin,
                     .remedy = "leave out answers without letters"};
    return AlternateAnswers{.samples = std::move(tokenised.samples), .perSample = perSample};
}

} // namespace lacuna
