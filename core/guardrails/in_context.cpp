#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/corpora/alternates.h"
#include "core/corpora/corpus.h"
#include "core/corpora/likeness.h"
#include "core/guardrails/catalog.h"
#include "core/guardrails/guardrail.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace lacuna {
namespace {

struct Item {
    std::string question;
    std::string answer;
};

class InContext final : public Guardrail {
public:
    InContext(std::vector<Item> wrong, std::vector<Item> right, std::size_t shown, bool nearest)
        : m_wrong(std::move(wrong)), m_right(std::move(right)),
          m_shown(std::min(shown, m_wrong.size())), m_nearest(nearest)
    {
        for (const Item& item : m_wrong)
            m_words.push_back(wordsOf(item.question));
    }

    std::string note(const std::string&) const override
    {
        return std::to_string(m_shown) + " wrong and " + std::to_string(m_right.size()) +
               " right answers stand before the question";
    }

    Result<RenderedPrompt> prompt(const PromptStyle& style,
                                  const ChatMessages& messages) const override
    {
        const auto own = messages.begin() + (messages.front().role == "system" ? 1 : 0);
        ChatMessages shown(messages.begin(), own);
        const auto add = [&shown](const Item& item) {
            shown.push_back({"user", item.question});
            shown.push_back({"assistant", item.answer});
        };
        for (const std::size_t i : chosen(messages.back().content))
            add(m_wrong[i]);
        for (const Item& item : m_right)
            add(item);
        shown.insert(shown.end(), own, messages.end());
        return style.prompt(shown);
    }
    bool actsOnQuestionsOnly() const override { return true; }

private:
    /// Of the items with wrong answers those that are most like \p question, or the first.
    std::vector<std::size_t> chosen(const std::string& question) const
    {
        std::vector<std::size_t> order(m_wrong.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (m_nearest) {
            const WordSet asked = wordsOf(question);
            std::vector<double> likenesses;
            for (const WordSet& words : m_words)
                likenesses.push_back(likeness(words, asked));
            std::ranges::stable_sort(order, std::greater(),
                                     [&](std::size_t i) { return likenesses[i]; });
        }
        order.resize(m_shown);
        return order;
    }

    std::vector<Item> m_wrong;
    std::vector<Item> m_right;
    std::vector<WordSet> m_words; ///< of m_wrong
    std::size_t m_shown;
    bool m_nearest;
};

bool isAsked(const RawSample& sample)
{
    return sample.kind != SampleKind::Text && sample.kind != SampleKind::Tokens &&
           !trimmed(sample.prompt).empty();
}

/// An answer other than the sample's own.
Result<std::string> wrongAnswer(const RawSample& sample, const std::string& kind,
                                const std::vector<std::string>& answers, std::uint64_t seed,
                                const Corpus& corpus)
{
    Random random(derivedSeed(seed, "icul:" + std::to_string(sample.row)));
    std::vector<std::string> pool = kind == "perturbed" ? sample.perturbedAnswers : answers;
    std::erase_if(pool,
                  [&](const std::string& answer) { return isSameAnswer(answer, sample.answer); });
    if (pool.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "this item of the forget corpus has no other answer to stand in "
                                "place of its own",
                     .context = corpus.path.string() + ":" + std::to_string(sample.row),
                     .remedy = "choose wrong_answer swapped or refusal"};
    return std::string(trimmed(pool[random.below(pool.size())]));
}

Result<GuardrailPtr> make(const ParamSet& params, const GuardrailContext& context)
{
    const auto seed = static_cast<std::uint64_t>(params.integer("seed"));
    const std::string& kind = params.text("wrong_answer");
    const std::vector<std::string> answers =
        kind == "refusal" ? refusals().shared : answersOf(*context.forget).shared;
    std::vector<Item> wrong;
    for (const RawSample& sample : context.forget->samples) {
        if (!isAsked(sample))
            continue;
        const Result<std::string> answer =
            wrongAnswer(sample, kind, answers, seed, *context.forget);
        if (!answer)
            return answer.error();
        wrong.push_back({sample.prompt, *answer});
    }
    std::vector<Item> right;
    for (const RawSample& sample : context.retain->samples)
        if (isAsked(sample))
            right.push_back({sample.prompt, std::string(trimmed(sample.answer))});
    const auto examples = static_cast<std::size_t>(params.integer("examples"));
    if (wrong.empty() || (right.empty() && examples > 0))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "there are no questions with answers to show",
                     .context = (wrong.empty() ? context.forget : context.retain)->path.string(),
                     .remedy = "use a corpus of questions and answers, or another guardrail"};
    Random(derivedSeed(seed, "icul forget")).shuffle(wrong);
    Random(derivedSeed(seed, "icul retain")).shuffle(right);
    right.resize(std::min(right.size(), examples));
    return GuardrailPtr(
        std::make_shared<const InContext>(std::move(wrong), std::move(right),
                                          static_cast<std::size_t>(params.integer("forget_items")),
                                          params.text("choice") == "nearest"));
}

} // namespace

GuardrailInfo inContextUnlearning()
{
    return {
        .id = "icul",
        .title = "In-context unlearning",
        .source = "Pawelczyk et al. 2023, arXiv:2310.07579",
        .explanation =
            "Before every question the model is shown items of the forget corpus with wrong "
            "answers, then some of the retain corpus with their right ones, as if that was what it "
            "had learned. Costs context at every question, and a raw prompt gets around it: what "
            "the model knows is all there.",
        .place = GuardrailPlace::Question,
        .forget = CorpusNeed::Required,
        .retain = CorpusNeed::Required,
        .params =
            {{.name = "forget_items",
              .fallback = std::int64_t{1},
              .min = 1,
              .max = 64,
              .help = "items with a wrong answer, shown first",
              .provenance = "the paper's single point"},
             {.name = "examples",
              .fallback = std::int64_t{4},
              .min = 0,
              .max = 64,
              .help = "retain items with their own answer, shown after them",
              .provenance = "the paper has 2, 4 and 6"},
             {.name = "wrong_answer",
              .fallback = std::string("swapped"),
              .choices = {"swapped", "perturbed", "refusal"},
              .help = "the answer of another forget item, one of the item's perturbed_answer, or a "
                      "refusal",
              .provenance = "the paper flips a class; another item's answer is this program's "
                            "counterpart"},
             {.name = "choice",
              .fallback = std::string("nearest"),
              .choices = {"nearest", "drawn"},
              .help = "which forget items: those that share most words with the question, or the "
                      "same few for every question",
              .provenance = "the paper asks about the very point that it shows"},
             {.name = "seed",
              .fallback = std::int64_t{0},
              .min = 0,
              .help = "of the answers and examples that are drawn"}},
        .make = &make};
}

} // namespace lacuna
