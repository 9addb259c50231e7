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
    MaskSpec spec;
    if (object.is_null())
        return spec;
    if (!object.is_object() || !object.contains("id") || !object["id"].is_string())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the mask needs an id",
                     .context = place,
                     .remedy = "known ones: " + join(masks().ids(), ", ")};
    spec.id = object["id"].get<std::string>();
    const Result<const MaskInfo*> info = masks().find(spec.id);
    if (!info)
        return info.error().at(place);
    Result<ParamSet> params = readParams((*info)->params, object, place);
    if (!params)
        return params.error();
    spec.params = std::move(params).value();
    return spec;
}

} // namespace lacuna
