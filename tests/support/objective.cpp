#include "tests/support/objective.h"

#include <numeric>
#include <stdexcept>

namespace lacuna {

std::vector<std::string> termNames()
{
    std::vector<std::string> names;
    for (const std::string& id : methods().ids())
        names.push_back("method " + id);
    for (const std::string& id : retainTerms().ids())
        names.push_back("retain " + id);
    return names;
}

std::unique_ptr<Term> makeTerm(const std::string& name)
{
    const std::string id = name.substr(name.find(' ') + 1);
    if (name.starts_with("method ")) {
        const MethodInfo* method = methods().find(id).value();
        return method->make(ParamSet(method->params));
    }
    const RetainTermInfo* term = retainTerms().find(id).value();
    return term->make(ParamSet(term->params));
}

AlternateAnswers alternatesFor(const Term& term, const Decoder& decoder,
                               const std::vector<ScoredSample>& samples)
{
    return tinyAlternates(samples, term.input(decoder.config()).alternates + 1);
}

void prepareTerm(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                 std::int64_t tokenBudget)
{
    const AlternateAnswers alternates = alternatesFor(term, decoder, samples);
    const PrepareContext context{
        decoder, {samples, &alternates}, tokenBudget, [](double) { return true; }};
    if (!term.prepare(context) || !term.prepareReinforced(context))
        throw std::logic_error("the preparation was cancelled by nobody");
}

namespace {

/// What \p items give to the loss of all \p samples.
at::Tensor shareOf(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                   const std::vector<std::int64_t>& items)
{
    const AlternateAnswers alternates = alternatesFor(term, decoder, samples);
    const TermCorpus corpus{samples, &alternates};
    const TermInput input = term.input(decoder.config());
    ScoredBatch batch(decoder, sequencesOf(input, corpus, items, 0), input.block);
    return term.contribution(batch, normaliserOf(input, corpus, everyItem(samples), 0));
}

} // namespace

at::Tensor lossOf(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples)
{
    return shareOf(term, decoder, samples, everyItem(samples));
}

double lossAndGradient(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                       const std::vector<std::size_t>& cuts)
{
    double loss = 0;
    std::int64_t next = 0;
    for (const std::size_t count : cuts.empty() ? std::vector{samples.size()} : cuts) {
        std::vector<std::int64_t> items(count);
        std::iota(items.begin(), items.end(), next);
        next += static_cast<std::int64_t>(count);
        const at::Tensor share = shareOf(term, decoder, samples, items);
        loss += share.item<double>();
        share.backward();
    }
    return loss;
}

Evaluated evaluated(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                    const std::vector<std::size_t>& cuts)
{
    decoder.trainAll();
    Evaluated result{.loss = lossAndGradient(term, decoder, samples, cuts)};
    result.gradients = gradientsOf(decoder);
    return result;
}

} // namespace lacuna
