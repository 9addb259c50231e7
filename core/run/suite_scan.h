#pragma once

#include "core/metrics/scanner.h"
#include "core/run/suite_corpora.h"

#include <vector>

namespace lacuna {

/// Samples of a set, ready to be put to a model.
struct MeasuredSet {
    SuiteSet spec;
    std::vector<const ScoredSample*> samples;
    const LoadedCorpus* corpus = nullptr;
};

/// Puts \p set to the model as its kind says: one forward pass over its samples and their other
/// answers, and one generation where \p options has a tokenizer for it.
/// \return empty when cancelled; the problem where a prompt cannot be put
[[nodiscard]] Result<std::vector<SampleScan>> scanSet(Decoder& decoder, const MeasuredSet& set,
                                                      const Tokenizer& tokenizer,
                                                      const TokeniseOptions& tokenising,
                                                      const ScanOptions& options);

} // namespace lacuna
