#pragma once

#include "core/models/decoder.h"
#include "core/models/weight_files.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

namespace lacuna {

/// A model between two: (1 - a) original + a unlearned, tensor by tensor (UWC: Wang Q. et al. 2024,
/// arXiv:2406.09179; unlearning reference 2.28). An adapter scaled by a is
/// the same as the mixture of the weights that it is merged into.
class Mix {
public:
    /// \param decoder    holds the original's weights; outlives it, and becomes the mixture
    /// \param unlearned  folder of a model of the same shape
    [[nodiscard]] static Result<Mix> open(Decoder& decoder, const std::filesystem::path& unlearned);

    /// \param amount  0: the original to the bit; 1: the unlearned model to the bit; others go
    ///                between and beyond
    void setAmount(double amount);
    [[nodiscard]] double amount() const { return m_amount; }
    /// Share of the model's parameters that differ at all.
    [[nodiscard]] double changedShare() const { return m_changedShare; }

private:
    struct Pair {
        Parameter* parameter;
        at::Tensor original; ///< of the master's type
        const TensorEntry* unlearned;
    };
    explicit Mix(Decoder& decoder, WeightFiles files)
        : m_decoder(&decoder), m_files(std::move(files))
    {
    }

    Decoder* m_decoder;
    WeightFiles m_files;
    std::vector<Pair> m_pairs; ///< of tensors that differ
    double m_amount = 0;
    double m_changedShare = 0;
};

} // namespace lacuna
