#pragma once

#include "core/corpora/sample.h"
#include "core/methods/term.h"
#include "core/models/decoder.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// A model and a corpus small enough for laws to be checked in float64.
namespace lacuna {

/// Two blocks with every kind of parameter: biases, grouped queries, heads wider than the model.
[[nodiscard]] DecoderConfig tinyConfig();

/// Weights large enough for sharp attention; no norm is 1 and no bias 0.
[[nodiscard]] std::unique_ptr<Decoder> tinyModel(const DecoderConfig& config = tinyConfig(),
                                                 at::ScalarType type = at::kDouble);
/// Moves every parameter a little, as training would.
void disturb(Decoder& decoder, std::uint64_t seed = 7);

/// \p count random samples of different lengths, with prompts, indices from 0.
[[nodiscard]] std::vector<ScoredSample> tinyCorpus(std::size_t count = 4, std::uint64_t seed = 3);
[[nodiscard]] Normaliser normaliserOf(const std::vector<ScoredSample>& samples);
[[nodiscard]] std::vector<std::int64_t> randomIds(std::size_t length, std::uint64_t seed);
[[nodiscard]] std::vector<const ScoredSample*> pointersTo(const std::vector<ScoredSample>& samples);
[[nodiscard]] std::vector<std::int64_t> everyItem(const std::vector<ScoredSample>& samples);
/// Random other answers for \p samples, of other lengths.
[[nodiscard]] AlternateAnswers tinyAlternates(const std::vector<ScoredSample>& samples,
                                              std::int64_t perSample, std::uint64_t seed = 11);

/// Mean loss of a token of all of \p samples; carries the gradient.
[[nodiscard]] at::Tensor tokenMeanLoss(Decoder& decoder, const std::vector<ScoredSample>& samples);
/// Hidden rows of \p sequences in one pack, without gradient.
[[nodiscard]] at::Tensor hiddenRows(Decoder& decoder,
                                    const std::vector<std::vector<std::int64_t>>& sequences);

/// Copies of the gradients of the trained parameters.
[[nodiscard]] std::map<std::string, at::Tensor> gradientsOf(const Decoder& decoder);
/// Largest absolute difference; infinite when names or shapes differ.
[[nodiscard]] double largestDifference(const std::map<std::string, at::Tensor>& a,
                                       const std::map<std::string, at::Tensor>& b);
[[nodiscard]] double largestDifference(const at::Tensor& a, const at::Tensor& b);

[[nodiscard]] Parameter& parameterNamed(Decoder& decoder, const std::string& name);

} // namespace lacuna
