#pragma once

#include "core/methods/method.h"
#include "core/methods/scored_batch.h"
#include "core/methods/term.h"
#include "tests/support/tiny_model.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

/// Every forget and retain term of the catalogues with its default parameters, for data-driven
/// tests: "method npo", "retain kl".
[[nodiscard]] std::vector<std::string> termNames();
[[nodiscard]] std::unique_ptr<Term> makeTerm(const std::string& name);

/// As many alternates for each sample as \p term reads, and one more, so that there is a choice;
/// always the same ones.
[[nodiscard]] AlternateAnswers alternatesFor(const Term& term, const Decoder& decoder,
                                             const std::vector<ScoredSample>& samples);

/// The term with \p decoder as its reference, trained further or not. Passes of at most \p
/// tokenBudget rows.
void prepareTerm(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                 std::int64_t tokenBudget = 1000);

struct Evaluated {
    double loss = 0;
    std::map<std::string, at::Tensor> gradients;
};
/// Loss and gradients of everything trained, see lossAndGradient().
[[nodiscard]] Evaluated evaluated(Term& term, Decoder& decoder,
                                  const std::vector<ScoredSample>& samples,
                                  const std::vector<std::size_t>& cuts = {});

/// Loss of all \p samples in one batch; carries the gradient.
[[nodiscard]] at::Tensor lossOf(Term& term, Decoder& decoder,
                                const std::vector<ScoredSample>& samples);

/// Loss of all \p samples, cut into micro-batches of \p cuts[i] sequences each; adds to the
/// gradients. No cuts: one batch.
[[nodiscard]] double lossAndGradient(Term& term, Decoder& decoder,
                                     const std::vector<ScoredSample>& samples,
                                     const std::vector<std::size_t>& cuts = {});

} // namespace lacuna
