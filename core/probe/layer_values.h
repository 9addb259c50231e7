#pragma once

#include "core/base/enum_ids.h"
#include "core/base/evaluation.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

/// What is measured behind each block of a model, in plain values. Blocks count from 0.
namespace lacuna {

/// What of an answer's residual streams a probe reads.
enum class AnswerState : std::uint8_t {
    LastToken, ///< the row of the answer's last token, which has read all of it
    Mean,      ///< over the rows of the answer's tokens
};

template <> struct EnumIds<AnswerState> {
    static constexpr auto kIds = std::to_array<std::string_view>({"last-token", "mean"});
};

/// How well a linear probe tells true from false answers by the residual stream behind a block.
struct ProbedLayer {
    std::int64_t layer = 0;
    double accuracy = 0; ///< on the answers held out
    Interval interval;   ///< wilsonInterval() of it
    double fitted = 0;   ///< accuracy on the answers that it was fitted to
};

/// Probes of all blocks on the same split.
struct LinearProbe {
    std::vector<ProbedLayer> layers;
    double baseline = 0;      ///< accuracy of always naming the commoner class
    std::int64_t heldOut = 0; ///< answers
    std::int64_t trained = 0; ///< answers
};

/// 95 % score interval of a share: \p hits of \p count, which is > 0. It keeps its width where all
/// or none hit, unlike a bootstrap. Source: Wilson 1927, J. Am. Stat. Assoc. 22
[[nodiscard]] Interval wilsonInterval(std::int64_t hits, std::int64_t count);

/// Residual streams of two models of the same shape behind one block, on the rows of the scored
/// tokens themselves, as RMU reads them (unlearning reference 3.16).
struct LayerSimilarity {
    std::int64_t layer = 0;
    double cosine = 0;    ///< mean over the rows
    double normRatio = 0; ///< mean of |h| / |h of the other model|
    /// Linear centred kernel alignment, 0 to 1: the same up to a rotation and a scale is 1. NaN
    /// where one model's rows are all the same. Source: Kornblith et al. 2019, arXiv:1905.00414
    double cka = 0;
};

struct Similarity {
    std::vector<LayerSimilarity> layers;
    std::int64_t rows = 0;    ///< behind the cosine and the ratio
    std::int64_t ckaRows = 0; ///< of them evenly spread, behind the alignment
    /// Of each sample, the cosine's mean over its rows and the blocks.
    std::vector<double> sampleCosines;
};

} // namespace lacuna
