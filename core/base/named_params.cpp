#include "core/base/named_params.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

namespace lacuna {

Json NamedParams::toJson() const
{
    if (id.empty())
        return nullptr;
    Json object = params.toJson();
    object["id"] = id;
    return object;
}

Result<NamedParams>
readNamedParams(const Json& object, const std::string& what, const std::string& place,
                const std::vector<std::string>& ids,
                const std::function<Result<std::vector<ParamSpec>>(const std::string&)>& specs)
{
    if (!object.is_object() || !object.contains("id") || !object["id"].is_string())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = what + " needs an id",
                     .context = place,
                     .remedy = "known ones: " + join(ids, ", ")};
    const auto id = object["id"].get<std::string>();
    const Result<std::vector<ParamSpec>> known = specs(id);
    if (!known)
        return known.error().at(place);
    Result<ParamSet> params = readParams(*known, object, place);
    if (!params)
        return params.error();
    return NamedParams{id, std::move(params).value()};
}

} // namespace lacuna
