#pragma once

#include "core/models/config.h"
#include "core/models/model_parts.h"

#include <cstddef>
#include <cstdint>
#include <vector>

/// Where in a model a forget set lies, and the scope that follows from it (unlearning reference
/// 2.29). Free of torch.
namespace lacuna {

/// How strongly two corpora hold on to some weights. Of one weight w it is |g| |w|, with g the
/// gradient of a corpus's mean token loss: to first order, how far the loss would move if the
/// weight were taken away (the first-order importance of Molchanov et al. 2019, arXiv:1906.10771,
/// without its square).
struct Saliency {
    double forget = 0; ///< summed over the weights, nats
    double retain = 0;
    std::int64_t weights = 0;

    [[nodiscard]] double forgetMean() const;
    [[nodiscard]] double retainMean() const;
    /// Forget over retain: the same of sums and of means. Infinite where only the forget set holds
    /// on, 0 where it does not.
    [[nodiscard]] double ratio() const;
    Saliency& operator+=(const Saliency& other);
};

struct SaliencyMap {
    DecoderConfig config;
    std::vector<Saliency> slots = {}; ///< of weightSlots(config)
    std::int64_t samples = 0;         ///< of each corpus

    /// Of some of the slots together, such as a ModelPart's.
    [[nodiscard]] Saliency of(const std::vector<std::size_t>& indices) const;
};

/// The attention or the MLP of one block: what a suggestion is made of.
struct SaliencyUnit {
    std::int64_t layer = 0;
    PartKind kind = PartKind::Attention; ///< or Mlp
    std::vector<std::size_t> slots;
    Saliency saliency;
};

/// Of every block, in order, the attention first.
[[nodiscard]] std::vector<SaliencyUnit> saliencyUnits(const SaliencyMap& map);
/// Of all units together.
[[nodiscard]] Saliency wholeOf(const std::vector<SaliencyUnit>& units);

/// Whether no unit stands out: none has a ratio a tenth above that of all of them. On the bundled
/// sample another draw of 40 samples moves ratios by up to 6 %, so that a suggestion says little.
[[nodiscard]] bool isEven(const std::vector<SaliencyUnit>& units);

struct ScopeSuggestion {
    std::vector<SaliencyUnit> units; ///< the greatest ratio first
    double covered = 0;              ///< their share of the forget saliency of all units
};

/// Between half, the weights that SalUn keeps by the size of the forget gradient
/// (arXiv:2310.12508), and the sixth of the blocks that RWKU's layer ranges train.
inline constexpr double kSuggestedShare = 0.25;

/// The units with the greatest ratio, one after another, until they hold \p share of the forget
/// saliency of all units; without the last one they would not. Units of equal ratio come in order
/// of the forward pass.
/// \param map  one unit at least has a forget saliency above 0, as findSaliency() sees to
/// \param share  in (0, 1]
[[nodiscard]] ScopeSuggestion suggestScope(const SaliencyMap& map, double share = kSuggestedShare);

/// Which of \p slots, weightSlots() or adaptableSlots(), belong to the suggestion: what scopeText()
/// puts into words.
[[nodiscard]] std::vector<bool> suggestedSlots(const SaliencyMap& map,
                                               const ScopeSuggestion& suggestion,
                                               const std::vector<WeightSlot>& slots);

/// Lays ratios on a scale from 0 to 1, by their logarithm. That of all units is in the middle,
/// because the two losses may be of different size; the unit farthest from it is at an end, but
/// a map whose units hardly differ keeps to the middle.
class RatioScale {
public:
    explicit RatioScale(const std::vector<SaliencyUnit>& units);

    [[nodiscard]] double middle() const { return m_middle; } ///< the ratio at 0.5
    [[nodiscard]] double place(double ratio) const;

private:
    double m_middle = 1;
    double m_octaves = 1; ///< from the middle to an end: a factor of 2 at least
};

} // namespace lacuna
