#include "app/cli/commands/part_rows.h"

#include <algorithm>

namespace lacuna {

std::vector<PartRow> partRows(const std::vector<ModelPart>& parts, bool modules)
{
    std::vector<PartRow> rows;
    const auto add = [&](const ModelPart& part) {
        rows.push_back({.part = &part});
        if (modules)
            for (const ModelPart& module : part.parts)
                rows.push_back({.part = &part, .module = &module});
    };
    for (const ModelPart& part : parts)
        if (part.kind == PartKind::Block)
            std::ranges::for_each(part.parts, add);
        else
            add(part);
    return rows;
}

std::string partName(PartKind kind)
{
    switch (kind) {
    case PartKind::Embedding:
        return "embedding";
    case PartKind::Attention:
        return "attention";
    case PartKind::Mlp:
        return "mlp";
    case PartKind::Norms:
        return "norms";
    case PartKind::FinalNorm:
        return "final norm";
    case PartKind::Head:
        return "head";
    case PartKind::Block:
    case PartKind::Module:
        break;
    }
    return {};
}

} // namespace lacuna
