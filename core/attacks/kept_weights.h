#pragma once

#include "core/models/decoder.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace lacuna {

/// Keeps copies of some weights and puts them back, to the bit, when it goes away: an attack may do
/// with the model what it likes and end wherever it must.
class KeptWeights {
public:
    KeptWeights(Decoder& decoder, const std::vector<std::string>& names);
    ~KeptWeights();
    KeptWeights(const KeptWeights&) = delete;
    KeptWeights& operator=(const KeptWeights&) = delete;

    struct Kept {
        Parameter* parameter;
        at::Tensor values; ///< of the master
    };
    [[nodiscard]] const std::vector<Kept>& weights() const { return m_kept; }

    /// Puts the weights back now.
    void restore();

private:
    Decoder& m_decoder;
    std::vector<Kept> m_kept;
};

/// The matrices of the blocks: no embeddings, norms, biases, nor the head.
[[nodiscard]] std::vector<std::string> blockMatrices(const Decoder& decoder);
[[nodiscard]] std::vector<std::string> everyWeight(const Decoder& decoder);

} // namespace lacuna
