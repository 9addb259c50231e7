#pragma once

#include "core/methods/reference_rows.h"
#include "core/methods/term.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Terms that read the residual stream behind one block and need nothing above it. D: its width.
namespace lacuna {

/// What a squared distance of residual streams is averaged over, after the mean over D.
enum class ResidualMean : std::uint8_t {
    Sequences, ///< scored tokens of each sequence, then sequences (unlearning reference 2.14)
    /// Sums of all sequences over every count, as a published implementation does; the same as
    /// Sequences where all counts agree.
    Crossed,
    AllRows, ///< every row, prompt included
};
[[nodiscard]] ResidualMean residualMeanOf(const std::string& id);
/// Choices of a parameter that residualMeanOf() reads, the default first.
[[nodiscard]] const std::vector<std::string>& residualMeanIds();

/// \p layer, or for -1 the last block of the model's first quarter.
[[nodiscard]] std::int64_t chosenBlock(std::int64_t layer, const DecoderConfig& config);

/// \param difference  [M, D], of the rows that \p mean is over; carries the gradient
/// \param owners      which sequence each row is of, [M] int64 on the CPU; not read by AllRows
/// \return scalar
[[nodiscard]] at::Tensor residualDistance(const at::Tensor& difference, const at::Tensor& owners,
                                          ResidualMean mean, const Normaliser& normaliser);

/// Distance of the residual stream from a fixed random direction: mean over D of (h - c u)^2, u
/// uniform in [0, 1)^D and then of length 1 (RMU: Li N. et al. 2024, arXiv:2403.03218).
class MisdirectionTerm final : public Term {
public:
    struct Settings {
        std::int64_t layer = -1; ///< as chosenBlock() takes it
        double coefficient = 1;  ///< c
        ResidualMean mean = ResidualMean::Sequences;
        std::uint64_t seed = 0;    ///< of u
        at::Tensor direction = {}; ///< [D]; u itself, where it is known
    };
    explicit MisdirectionTerm(Settings settings) : m_settings(std::move(settings)) {}
    [[nodiscard]] TermInput input(const DecoderConfig& config) const override
    {
        return {.block = chosenBlock(m_settings.layer, config)};
    }
    bool prepare(const PrepareContext& context) override;
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    Settings m_settings;
};

/// Distance of the residual stream from what it was at the start; exactly 0 there.
class ResidualDriftTerm final : public Term {
public:
    ResidualDriftTerm(std::int64_t layer, ResidualMean mean) : m_layer(layer), m_mean(mean) {}
    [[nodiscard]] TermInput input(const DecoderConfig& config) const override
    {
        return {.block = chosenBlock(m_layer, config)};
    }
    bool prepare(const PrepareContext& context) override;
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch,
                                          const Normaliser& normaliser) override;

private:
    std::int64_t m_layer;
    ResidualMean m_mean;
    std::optional<ReferenceResiduals> m_reference;
};

} // namespace lacuna
