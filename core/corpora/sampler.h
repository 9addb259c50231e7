#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/rng.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lacuna {

/// \p count of \p total items, all of them when there are not so many, drawn by \p seed; ascending.
[[nodiscard]] std::vector<std::size_t> drawnItems(std::size_t total, std::int64_t count,
                                                  std::uint64_t seed);

/// What one optimiser step trains on: indices into the tokenised forget and retain samples.
struct StepBatch {
    std::vector<std::int64_t> forget;
    std::vector<std::int64_t> retain; ///< as many as forget, or none without a retain set
    std::int64_t epoch = 0;           ///< from 0
};

/// The order of training (unlearning reference 0.5): an epoch is one shuffled pass over the forget
/// set, the last batch of which may be smaller, and every forget item is paired with a retain item
/// drawn uniformly with replacement. Without retain samples it is plain shuffled epochs over one
/// corpus.
///
/// The permutation of an epoch depends on the seed and the epoch only, the retain draws on the
/// seed and how many came before; neither depends on anything else of the run.
class PairSampler {
public:
    /// \param forgetCount  > 0
    /// \param retainCount  0: no retain set
    /// \param batchSize    > 0; forget items of a step
    PairSampler(std::int64_t forgetCount, std::int64_t retainCount, std::int64_t batchSize,
                std::uint64_t seed);

    [[nodiscard]] std::int64_t stepsPerEpoch() const;
    /// Everything that the next batches depend on besides the constructor's arguments, which are
    /// in it to be compared.
    [[nodiscard]] Json state() const;

    /// The next batch; a new epoch starts by itself.
    [[nodiscard]] StepBatch next();
    /// Continues exactly where state() was taken. Refused, and nothing changed, when \p state is
    /// malformed or was taken from other counts, another batch size or seed.
    [[nodiscard]] Status restore(const Json& state);

private:
    void shuffle();

    std::int64_t m_forgetCount;
    std::int64_t m_retainCount;
    std::int64_t m_batchSize;
    std::uint64_t m_seed;
    std::int64_t m_epoch = 0;
    std::int64_t m_position = 0; ///< forget items of this epoch already handed out
    Random m_retainDraws;
    std::vector<std::int64_t> m_order; ///< the permutation of m_epoch
};

} // namespace lacuna
