#include "tests/support/objective.h"

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

void prepareTerm(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                 std::int64_t tokenBudget)
{
    if (!term.prepare({decoder, samples, tokenBudget, [](double) { return true; }}))
        throw std::logic_error("the preparation was cancelled by nobody");
}

double lossAndGradient(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                       const std::vector<std::size_t>& cuts)
{
    const std::vector<const ScoredSample*> pointers = pointersTo(samples);
    const Normaliser normaliser = normaliserOf(samples);
    double loss = 0;
    std::size_t first = 0;
    for (const std::size_t count : cuts.empty() ? std::vector{samples.size()} : cuts) {
        ScoredBatch batch(decoder, {pointers.begin() + static_cast<std::ptrdiff_t>(first),
                                    pointers.begin() + static_cast<std::ptrdiff_t>(first + count)});
        const at::Tensor share = term.contribution(batch, normaliser);
        loss += share.item<double>();
        share.backward();
        first += count;
    }
    return loss;
}

} // namespace lacuna
