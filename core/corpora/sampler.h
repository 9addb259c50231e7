#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/rng.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// \p count of \p total items, all of them when there are not so many, drawn by \p seed; ascending.
[[nodiscard]] std::vector<std::size_t> drawnItems(std::size_t total, std::int64_t count,
                                                  std::uint64_t seed);

/// What one optimiser step trains on: indices into the tokenised forget and retain samples.
struct StepBatch {
    std::vector<std::int64_t> forget;
    /// `retainPerForget` for each of forget, or none without a retain set.
    std::vector<std::int64_t> retain;
    std::int64_t epoch = 0; ///< from 0
};

/// Which retain items go with a forget item (unlearning reference 0.5).
enum class Pairing : std::uint8_t {
    Drawn,   ///< drawn uniformly, with replacement, as TOFU and open-unlearning do
    Indexed, ///< forget item i with retain item i mod their number, as MUSE does
    /// Both files in the order in which they were written, retain items following each forget item,
    /// as Yao J. et al. 2024 (arXiv:2402.15159) read their interleaved list.
    Interleaved,
};
/// Those names as recipes write them: "drawn", "muse", "yao".
[[nodiscard]] std::vector<std::string> pairingNames();
/// \param name  one of pairingNames()
[[nodiscard]] Pairing pairingOf(const std::string& name);

/// What an order of training is made from.
struct SamplerOptions {
    std::int64_t forgetCount = 1; ///< > 0
    std::int64_t retainCount = 0; ///< 0: no retain set
    std::int64_t batchSize = 1;   ///< > 0; forget items of a step
    std::uint64_t seed = 0;
    Pairing pairing = Pairing::Drawn;
    std::int64_t retainPerForget = 1; ///< > 0

    bool operator==(const SamplerOptions&) const = default;
};

/// The order of training: an epoch is one pass over the forget set, shuffled unless the pairing
/// keeps the files' order, the last batch of which may be smaller; the pairing says which retain
/// items go with it. Without retain samples it is plain epochs over one corpus.
///
/// The permutation of an epoch depends on the seed and the epoch only, the retain draws on the
/// seed and how many came before; neither depends on anything else of the run.
class PairSampler {
public:
    explicit PairSampler(const SamplerOptions& options);

    [[nodiscard]] std::int64_t stepsPerEpoch() const;
    /// Everything that the next batches depend on besides the constructor's arguments, which are
    /// in it to be compared.
    [[nodiscard]] Json state() const;

    /// The next batch; a new epoch starts by itself.
    [[nodiscard]] StepBatch next();
    /// Continues exactly where state() was taken. Refused, and nothing changed, when \p state is
    /// malformed or was taken with other options.
    [[nodiscard]] Status restore(const Json& state);

private:
    void order();
    [[nodiscard]] std::int64_t retainItem(std::int64_t forgetItem, std::int64_t follower);

    SamplerOptions m_options;
    std::int64_t m_epoch = 0;
    std::int64_t m_position = 0; ///< forget items of this epoch already handed out
    Random m_retainDraws;
    std::vector<std::int64_t> m_order; ///< the permutation of m_epoch
};

} // namespace lacuna
