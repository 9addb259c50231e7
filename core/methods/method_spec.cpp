#include "core/methods/method.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

constexpr const char* kForgetWeight = "forget_weight";
constexpr const char* kLayer = "layer";

ParamSpec forgetWeight(const MethodInfo& method)
{
    return {.name = kForgetWeight,
            .fallback = method.defaultForgetWeight,
            .min = 0,
            .max = 1e6,
            .help = "weight of the forget term in the sum"};
}

const ParamSpec kRetainWeight = {.name = "weight",
                                 .fallback = 1.0,
                                 .min = 0,
                                 .max = 1e6,
                                 .help = "weight of the retain term in the sum"};

bool hasParam(const std::vector<ParamSpec>& specs, const std::string& name)
{
    return std::ranges::find(specs, name, &ParamSpec::name) != specs.end();
}

std::vector<ParamSpec> with(std::vector<ParamSpec> specs, const ParamSpec& one)
{
    specs.push_back(one);
    return specs;
}

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
    } else if (!(**methods().find(id)).defaultRetain.empty()) {
        object["retain"] = nullptr;
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

    // The weight is read with the parameters, so that a misspelled one is recognised.
    Result<ParamSet> params =
        readParams(with((*info)->params, forgetWeight(**info)), object, place, {"id", "retain"});
    if (!params)
        return params.error();
    spec.params = std::move(params).value();
    spec.forgetWeight = spec.params.number(kForgetWeight);

    // A retain term that holds a layer holds the one that the method works on.
    const auto follow = [&] {
        for (const ParamSpec& param : (**retainTerms().find(spec.retainId)).params)
            if (param.name == kLayer && hasParam((*info)->params, kLayer) &&
                spec.retainParams.integer(kLayer) < 0)
                spec.retainParams.set(param, spec.params.integer(kLayer), place).value();
    };
    const bool given = object.contains("retain") && !object["retain"].is_null();
    if (given && (*info)->retain == RetainUse::Never)
        return refuse("retain", "the method " + spec.id + " takes no retain term",
                      "leave it out, or use a method that takes one, such as grad-diff or npo");
    // An explicit null is "none", where the method can do without.
    if (object.contains("retain") && !given && (*info)->retain == RetainUse::Optional)
        return spec;
    if (!given) {
        spec.retainId = (*info)->defaultRetain;
        if (!spec.retainId.empty()) {
            spec.retainParams = ParamSet((*retainTerms().find(spec.retainId))->params);
            follow();
        }
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
        readParams(with((*term)->params, kRetainWeight), retain, place + ".retain");
    if (!retainParams)
        return retainParams.error();
    spec.retainParams = std::move(retainParams).value();
    spec.retainWeight = spec.retainParams.number(kRetainWeight.name);
    follow();
    return spec;
}

} // namespace lacuna
