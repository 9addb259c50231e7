#pragma once

#include "core/models/model_parts.h"

#include <string>
#include <vector>

/// The parts of a model as rows of a table.
namespace lacuna {

struct PartRow {
    const ModelPart* part = nullptr;
    const ModelPart* module = nullptr; ///< in the part; null: the whole part
};

/// In the order of the forward pass; blocks by their parts, each followed by its modules.
/// \param parts  of modelParts(); outlives the rows
[[nodiscard]] std::vector<PartRow> partRows(const std::vector<ModelPart>& parts, bool modules);

[[nodiscard]] std::string partName(PartKind kind); ///< "attention"

} // namespace lacuna
