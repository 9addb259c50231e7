#pragma once

#include "core/models/config.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

enum class PartKind : std::uint8_t {
    Embedding, ///< with learned positions and the projection to the model's width
    Block,
    Attention,
    Mlp,
    Norms,
    FinalNorm,
    Head,
    Module, ///< a matrix or norm with its bias
};

/// A part of a model as people speak of it, and the weights that belong to it.
struct ModelPart {
    PartKind kind = PartKind::Module;
    std::int64_t layer = -1;        ///< of a block and what is in it
    std::string name = {};          ///< of a module: in its block, else whole
    std::vector<std::size_t> slots; ///< indices into weightSlots(), those of inner parts included
    std::vector<ModelPart> parts = {};
};

/// The parts in the order of the forward pass: embedding, blocks, final norm, head. Kinds that a
/// model does not have are left out; every slot of weightSlots() is in exactly one module.
[[nodiscard]] std::vector<ModelPart> modelParts(const DecoderConfig& config);

} // namespace lacuna
