#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/corpora/corpus.h"
#include "core/corpora/tokenise.h"
#include "core/guardrails/answer_probability.h"
#include "core/guardrails/catalog.h"
#include "core/guardrails/corruption.h"
#include "core/guardrails/guardrail.h"
#include "core/guardrails/prompt_classifier.h"
#include "core/models/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lacuna {
namespace {

constexpr std::size_t kTuningItems = 32;
constexpr const char* kNoise = "noise";
constexpr double kMostSigma = 1e6;

/// What is done to a prompt that the classifier picks out.
struct Corruption {
    bool isNoise = true;
    std::int64_t dimensions = 1;
    double sigma = 0;
    std::uint64_t seed = 0;

    /// Every question has its noise, and the same each time that it is asked.
    [[nodiscard]] std::shared_ptr<const EmbeddingChange> of(const std::string& question) const
    {
        return isNoise ? noiseChange(dimensions, sigma, derivedSeed(seed, "eco:" + question))
                       : zeroChange(dimensions);
    }
    /// The one number that says how strong it is.
    [[nodiscard]] double strength() const
    {
        return isNoise ? sigma : static_cast<double>(dimensions);
    }
    [[nodiscard]] Corruption with(double strength, std::int64_t width) const
    {
        Corruption other = *this;
        if (isNoise)
            other.sigma = std::min(strength, kMostSigma);
        else
            other.dimensions = std::clamp<std::int64_t>(std::llround(strength), 1, width);
        return other;
    }
    [[nodiscard]] std::string text() const
    {
        return isNoise ? fmt::format("noise of sigma {:.4g} on the first {} dimensions", sigma,
                                     dimensions)
                       : fmt::format("the {} largest dimensions set to 0", dimensions);
    }
};

class Eco final : public Guardrail {
public:
    Eco(PromptClassifier classifier, double threshold, Corruption corruption, std::string summary)
        : m_classifier(std::move(classifier)), m_threshold(threshold), m_corruption(corruption),
          m_summary(std::move(summary))
    {
    }

    std::string note(const std::string& question) const override
    {
        const double p = m_classifier.probability(question);
        return p >= m_threshold
                   ? fmt::format("taken for a forget prompt ({:.4g}): {}", p, m_corruption.text())
                   : fmt::format("not taken for a forget prompt ({:.4g}): read as it is", p);
    }
    std::string summary() const override { return m_summary; }

    std::shared_ptr<const EmbeddingChange> change(const std::string& question) const override
    {
        return m_classifier.probability(question) >= m_threshold ? m_corruption.of(question)
                                                                 : nullptr;
    }

private:
    PromptClassifier m_classifier;
    double m_threshold;
    Corruption m_corruption;
    std::string m_summary;
};

/// Moves the strength, in its logarithm, against the finite difference of the squared distance
/// between the forget answers' probability and the one that is wanted.
class Tuner {
public:
    Tuner(const GuardrailContext& context, std::vector<PromptedAnswer> items,
          std::vector<std::string> questions, double target)
        : m_context(context), m_items(std::move(items)), m_questions(std::move(questions)),
          m_target(target)
    {
    }

    /// Nothing when it was not wanted to its end.
    std::optional<Corruption> tune(const Corruption& start, std::int64_t steps)
    {
        constexpr double kReach = 0.25; // of the difference, in the logarithm
        const std::int64_t width = m_context.decoder.config().embeddedWidth();
        const auto at = [&](double u) { return start.with(std::exp(u), width); };
        double u = std::log(std::max(start.strength(), 1e-6));
        double rate = 1;
        double best = distance(at(u));
        for (std::int64_t i = 0; i < steps; ++i) {
            if (m_context.proceed && !m_context.proceed())
                return std::nullopt;
            const double difference = distance(at(u + kReach)) - distance(at(u - kReach));
            // On a plateau the side of the target decides: stronger means less probable.
            const bool stronger = difference != 0 ? difference < 0 : m_probability > m_target;
            const double next = u + (stronger ? rate : -rate);
            const double there = distance(at(next));
            if (there < best) {
                u = next;
                best = there;
            } else {
                rate /= 2;
            }
        }
        (void)distance(at(u));
        return at(u);
    }
    /// Of the forget answers, at the strength that was looked at last.
    [[nodiscard]] double probability() const { return m_probability; }

private:
    double distance(const Corruption& corruption)
    {
        m_probability = answerProbability(m_context.decoder, m_items, [&](std::size_t i) {
            return corruption.of(m_questions[i]);
        });
        return (m_probability - m_target) * (m_probability - m_target);
    }

    const GuardrailContext& m_context;
    std::vector<PromptedAnswer> m_items;
    std::vector<std::string> m_questions;
    double m_target;
    double m_probability = 0;
};

std::vector<std::string> questionsOf(const Corpus& corpus)
{
    std::vector<std::string> questions;
    for (const RawSample& sample : corpus.samples) {
        const std::string& text = sample.prompt.empty() ? sample.answer : sample.prompt;
        if (!trimmed(text).empty())
            questions.push_back(text);
    }
    return questions;
}

Result<Corruption> tuned(const Corruption& start, const ParamSet& params,
                         const GuardrailContext& context, std::string& told)
{
    const Result<TokenisedCorpus> tokens =
        tokenise(*context.forget, context.tokenizer,
                 {.maxLength = context.decoder.config().context,
                  .style = std::make_shared<const PromptStyle>(context.style)});
    if (!tokens)
        return tokens.error();
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < tokens->samples.size(); ++i)
        if (tokens->samples[i].promptLength > 1)
            order.push_back(i);
    if (order.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the forget corpus has no questions with answers to tune with",
                     .context = context.forget->path.string(),
                     .remedy = "set tune_steps to 0"};
    Random(derivedSeed(start.seed, "eco tuning")).shuffle(order);
    order.resize(std::min(order.size(), kTuningItems));
    std::vector<PromptedAnswer> items;
    std::vector<std::string> questions;
    for (const std::size_t i : order) {
        const ScoredSample& sample = tokens->samples[i];
        const auto border = sample.ids.begin() + sample.promptLength;
        items.push_back({{sample.ids.begin(), border}, {border, sample.ids.end()}});
        questions.push_back(
            context.forget->samples[static_cast<std::size_t>(sample.source)].prompt);
    }
    Tuner tuner(context, std::move(items), std::move(questions),
                params.number("target_probability"));
    const std::optional<Corruption> best = tuner.tune(start, params.integer("tune_steps"));
    if (!best)
        return start;
    told += fmt::format("; tuned to {}, where the forget answers have probability {:.3f}",
                        best->text(), tuner.probability());
    return *best;
}

Result<GuardrailPtr> make(const ParamSet& params, const GuardrailContext& context)
{
    const std::int64_t width = context.decoder.config().embeddedWidth();
    Corruption corruption{.isNoise = params.text("corruption") == kNoise,
                          .dimensions = params.integer("dimensions"),
                          .sigma = params.number("sigma"),
                          .seed = static_cast<std::uint64_t>(params.integer("seed"))};
    if (corruption.dimensions > width)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = fmt::format("dimensions cannot be {}: this model's embeddings have "
                                            "{}",
                                            corruption.dimensions, width),
                     .context = "eco.dimensions",
                     .remedy = fmt::format("choose 1 to {}", width)};
    const std::vector<std::string> forget = questionsOf(*context.forget);
    const std::vector<std::string> retain = questionsOf(*context.retain);
    if (forget.empty() || retain.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the corpus has no text that the classifier could learn from",
                     .context = (forget.empty() ? context.forget : context.retain)->path.string(),
                     .remedy = "use a corpus of questions or texts; token ids alone are none"};
    PromptClassifier classifier(context.decoder, context.tokenizer, forget, retain,
                                params.number("l2"));
    if (context.proceed && !context.proceed())
        return GuardrailPtr();
    const double threshold = params.number("threshold");
    const auto flagged = [&](const std::vector<std::string>& questions) {
        return std::ranges::count_if(questions, [&](const std::string& question) {
            return classifier.probability(question) >= threshold;
        });
    };
    std::string summary =
        fmt::format("the classifier picks out {} of {} forget and {} of {} retain prompts, which "
                    "it was trained on",
                    flagged(forget), forget.size(), flagged(retain), retain.size());
    if (params.integer("tune_steps") > 0) {
        const Result<Corruption> best = tuned(corruption, params, context, summary);
        if (!best)
            return best.error();
        if (context.proceed && !context.proceed())
            return GuardrailPtr();
        corruption = *best;
    }
    return GuardrailPtr(std::make_shared<const Eco>(std::move(classifier), threshold, corruption,
                                                    std::move(summary)));
}

} // namespace

GuardrailInfo embeddingCorruption()
{
    return {
        .id = "eco",
        .title = "Embedding-corrupted prompts",
        .source = "Liu et al. 2024 (ECO), arXiv:2406.07933",
        .explanation =
            "A small classifier, trained on the forget and the retain prompts, looks at every "
            "prompt. Where it sees one about what is to be forgotten, the token embeddings are "
            "corrupted on their way into the model, which then answers a question that it cannot "
            "read. Other prompts are not touched. All depends on the classifier: what it does not "
            "recognise is answered as ever.",
        .place = GuardrailPlace::Embeddings,
        .forget = CorpusNeed::Required,
        .retain = CorpusNeed::Required,
        .params =
            {{.name = "threshold",
              .fallback = 0.9,
              .min = 0,
              .max = 1,
              .help = "of the classifier's probability, from which on a prompt is corrupted",
              .provenance = "this program's, for its linear classifier; the authors' fine-tuned "
                            "one stands at 0.99 to 0.9999"},
             {.name = "corruption",
              .fallback = std::string(kNoise),
              .choices = {kNoise, "zero-top-k"},
              .help = "normal noise on the first dimensions of each token, or its largest "
                      "dimensions set to 0"},
             {.name = "dimensions",
              .fallback = std::int64_t{1},
              .min = 1,
              .max = 1 << 20,
              .help = "that are corrupted",
              .provenance = "the authors' demonstration; their TOFU settings set 507 to 1243 of "
                            "4096 to 0"},
             {.name = "sigma",
              .fallback = 100.0,
              .min = 0,
              .max = kMostSigma,
              .help = "of the noise; of no effect on zero-top-k",
              .provenance = "the authors' demonstration"},
             {.name = "l2",
              .fallback = 1e-3,
              .min = 1e-9,
              .max = 1e3,
              .help = "penalty on the classifier's weights",
              .provenance = "this program's"},
             {.name = "tune_steps",
              .fallback = std::int64_t{0},
              .min = 0,
              .max = 1000,
              .help = "finite-difference steps that search the strength (sigma, or the dimensions "
                      "set to 0); 0: it stays as given"},
             {.name = "target_probability",
              .fallback = 0.1,
              .min = 0,
              .max = 1,
              .help = "of the forget answers, that tuning aims at; what the model gives to texts "
                      "that it never saw is a fair one",
              .provenance = "this program's"},
             {.name = "seed", .fallback = std::int64_t{0}, .min = 0, .help = "of the noise"}},
        .make = &make};
}

} // namespace lacuna
