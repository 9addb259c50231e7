#include "core/controls/mask.h"
#include "core/controls/update_mask.h"

#include <nlohmann/json.hpp>

namespace lacuna {

MaskInfo gradientThreshold();
MaskInfo salUn();
MaskInfo sure();

const Catalog<MaskInfo>& masks()
{
    static const Catalog<MaskInfo> catalog("mask", {salUn(), sure(), gradientThreshold()});
    return catalog;
}

Result<MaskSpec> readMaskSpec(const Json& object, const std::string& place)
{
    if (object.is_null())
        return MaskSpec();
    return readNamedParams(masks(), object, "the mask", place);
}

} // namespace lacuna
