#pragma once

#include <ATen/core/Tensor.h>

namespace lacuna {

/// Changes the token embeddings of a prompt on their way into the first block, before positions are
/// added. Any thread may call it.
class EmbeddingChange {
public:
    virtual ~EmbeddingChange() = default;

    /// \param rows  [T, W] a view of one prompt's embeddings, changed in place
    virtual void apply(const at::Tensor& rows) const = 0;
};

} // namespace lacuna
