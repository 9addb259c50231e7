#pragma once

#include "core/guardrails/logistic_regression.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

class Decoder;
class Tokenizer;

/// Tells questions about what is to be forgotten from others: logistic regression on the mean of
/// the token embeddings. The embeddings are the model's own table, without positions; the question
/// is taken without its template.
class PromptClassifier {
public:
    /// \param decoder, tokenizer  outlive it
    /// \param l2  see fitLogisticRegression(), over features with mean 0 and deviation 1
    PromptClassifier(const Decoder& decoder, const Tokenizer& tokenizer,
                     const std::vector<std::string>& forget, const std::vector<std::string>& retain,
                     double l2);

    /// That \p question is of the forget kind, in [0, 1]; 0 for an empty one.
    [[nodiscard]] double probability(const std::string& question) const;

private:
    /// [D] float64 on the processor.
    [[nodiscard]] at::Tensor pooled(const std::string& question) const;

    const Tokenizer& m_tokenizer;
    at::Tensor m_table; // [V, D], the model's
    at::Tensor m_mean;  // [D] of the features
    at::Tensor m_scale; // [D]
    LogisticRegression m_model;
};

} // namespace lacuna
