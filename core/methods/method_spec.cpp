#include "core/methods/method.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

const ParamSpec kForgetWeight = {.name = "forget_weight",
                                 .fallback = 1.0,
                                 .min = 0,
                                 .max = 1e6,
                                 .help = "weight of the forget term in the sum"};
const ParamSpec kRetainWeight = {.name = "weight",
                                 .fallback = 1.0,
                                 .min = 0,
                                 .max = 1e6,
                                 .help = "weight of the retain term in the sum"};

} // namespace

Json MethodSpec::toJson() const
{
    Json object = params.toJson();
    object["id"] = id;
    object["forget_weight"] = forgetWeight;
    if (!retainId.empty()) {
        object["retain"] = retainParams.toJson();
        object["retain"]["id"] = retainId;
        object["retain"]["weight"] = retainWeight;
    }
    return object;
}

Result<MethodSpec> readMethodSpec(const Json& object, const std::string& place)
{
    const auto refuse = [&](const char* key, std::string message, std::string remedy) {
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = std::move(message),
                     .context = place + "." + key,
                     .remedy = std::move(remedy)};
    };
    if (!object.is_object() || !object.contains("id") || !object["id"].is_string())
        return refuse("id", "the method needs an id", "known ones: " + join(methods().ids(), ", "));
    MethodSpec spec;
    spec.id = object["id"].get<std::string>();
    const Result<const MethodInfo*> info = methods().find(spec.id);
    if (!info)
        return info.error().at(place + ".id");

    Result<ParamSet> params =
        readParams((*info)->params, object, place, {"id", "forget_weight", "retain"});
    if (!params)
        return params.error();
    spec.params = std::move(params).value();
    ParamSet weights({kForgetWeight, kRetainWeight});
    if (object.contains("forget_weight")) {
        if (const Status status = weights.set(kForgetWeight, object["forget_weight"], place);
            !status)
            return status.error();
        spec.forgetWeight = weights.number("forget_weight");
    }

    const bool given = object.contains("retain") && !object["retain"].is_null();
    if (given && (*info)->retain == RetainUse::Never)
        return refuse("retain", "the method " + spec.id + " takes no retain term",
                      "leave it out, or use grad-diff, ga-kl or npo");
    if (!given) {
        spec.retainId = (*info)->defaultRetain;
        if (!spec.retainId.empty())
            spec.retainParams = ParamSet((*retainTerms().find(spec.retainId))->params);
        return spec;
    }
    const Json& retain = object["retain"];
    if (!retain.is_object() || !retain.contains("id") || !retain["id"].is_string())
        return refuse("retain.id", "the retain term needs an id",
                      "known ones: " + join(retainTerms().ids(), ", "));
    spec.retainId = retain["id"].get<std::string>();
    const Result<const RetainTermInfo*> term = retainTerms().find(spec.retainId);
    if (!term)
        return term.error().at(place + ".retain.id");
    Result<ParamSet> retainParams =
        readParams((*term)->params, retain, place + ".retain", {"id", "weight"});
    if (!retainParams)
        return retainParams.error();
    spec.retainParams = std::move(retainParams).value();
    if (retain.contains("weight")) {
        if (const Status status = weights.set(kRetainWeight, retain["weight"], place + ".retain");
            !status)
            return status.error();
        spec.retainWeight = weights.number("weight");
    }
    return spec;
}

} // namespace lacuna
