#pragma once

#include "core/models/embedding_change.h"

#include <cstdint>
#include <memory>

/// What ECO does to the token embeddings of a prompt: to those of all its tokens but the last, as
/// the authors' code does where no entities are looked for.
/// Source: Liu et al. 2024, arXiv:2406.07933, section 3.3
namespace lacuna {

/// Adds draws of normal(0, sigma) to the first dimensions of each row, the same ones for the same
/// seed.
/// \param sigma  0: what apply() gets stays as it is to the bit
[[nodiscard]] std::shared_ptr<const EmbeddingChange> noiseChange(std::int64_t dimensions,
                                                                 double sigma, std::uint64_t seed);

/// Sets the \p dimensions largest entries, by absolute value, of each row to 0.
[[nodiscard]] std::shared_ptr<const EmbeddingChange> zeroChange(std::int64_t dimensions);

} // namespace lacuna
