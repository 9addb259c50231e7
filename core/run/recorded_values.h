#pragma once

#include "core/corpora/sample.h"
#include "core/methods/term.h"
#include "core/run/verify.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lacuna {

/// What verifyModel() and verifyTrajectory() share: reading what another program recorded, and
/// comparing with it. Recorded values that cannot be this model's (another shape, token ids that it
/// does not have) throw an ErrorException that names the quantity; readRecorded() returns it.

using IdRows = std::vector<std::vector<std::int64_t>>;

struct Tolerance {
    double absolute;
    double relative;
};

/// Rounding of float32 in another summation order stays an order of magnitude below.
constexpr Tolerance kValueTolerance{1e-4, 1e-4};

/// Throws unless the two shapes are equal.
void requireShape(const std::string& quantity, at::IntArrayRef computed, at::IntArrayRef recorded);
/// Throws unless \p rows has as many entries in each row as \p ids.
void requireRowsLike(const std::string& quantity, const IdRows& rows, const IdRows& ids);
/// Throws when \p ids is empty or holds an id outside [0, \p vocabulary).
void requireIds(const std::string& quantity, const std::vector<std::int64_t>& ids,
                std::int64_t vocabulary);

/// Throws when the shapes differ or there is nothing to compare.
[[nodiscard]] Comparison compare(std::string quantity, const at::Tensor& computed,
                                 const at::Tensor& recorded, Tolerance tolerance);
[[nodiscard]] Comparison compare(std::string quantity, const std::vector<double>& computed,
                                 const std::vector<double>& recorded, Tolerance tolerance);
/// As a whole: the Euclidean norm of the difference against \p relative times that of \p recorded.
[[nodiscard]] Comparison compareNorms(std::string quantity, const at::Tensor& computed,
                                      const at::Tensor& recorded, double relative);
/// Token by token; a token that only one side has differs.
[[nodiscard]] Comparison compareIds(std::string quantity, const IdRows& computed,
                                    const IdRows& recorded);

/// Padding of recorded rows: dropped, or kept as rows that see only real keys.
enum class Padding : std::uint8_t { Drop, Keep };

struct RecordedBatch {
    std::vector<ScoredSample> samples;

    [[nodiscard]] std::vector<const ScoredSample*> pointers() const;
    [[nodiscard]] std::vector<std::int64_t> items() const; ///< positions of all samples
    [[nodiscard]] Normaliser normaliser() const;
};

/// \param quantity  what the rows are called when they are refused
/// \param mask      1 for real tokens; empty: all are
/// \param labels    -100 where a token is not scored
[[nodiscard]] RecordedBatch recordedBatch(const std::string& quantity, const IdRows& ids,
                                          const IdRows& mask, const IdRows& labels, Padding padding,
                                          std::int64_t vocabulary);

/// Runs \p body for what \p file records: values that it lacks or that are another model's become
/// an error with its name.
[[nodiscard]] Status readRecorded(const std::filesystem::path& file,
                                  const std::function<Status()>& body);

} // namespace lacuna
