#pragma once

#include "core/base/catalog.h"
#include "core/base/named_params.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The catalogue of update masks (unlearning reference 2.16 and 2.17). Free of torch.
namespace lacuna {

class UpdateMask;

struct MaskInfo {
    std::string id;
    std::string title;
    std::string source;
    std::string explanation;
    std::vector<ParamSpec> params;
    bool needsStartGradient = false; ///< one more pass over the forget corpus before the first step
    std::function<std::unique_ptr<UpdateMask>(const ParamSet&)> make;
};

const Catalog<MaskInfo>& masks();

/// The recipe's "scope.mask", checked.
using MaskSpec = NamedParams;

/// \param object  null: no mask
[[nodiscard]] Result<MaskSpec> readMaskSpec(const Json& object, const std::string& place);

} // namespace lacuna
