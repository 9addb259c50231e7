#include "core/controls/control.h"

#include <nlohmann/json.hpp>

namespace lacuna {

ControlInfo divergenceGuard();
ControlInfo fluencyGuard();
ControlInfo gradientGuard();
ControlInfo nllCeiling();
ControlInfo retainBudget();
ControlInfo retainConstraint();
ControlInfo targetLevel();

const Catalog<ControlInfo>& controls()
{
    static const Catalog<ControlInfo> catalog(
        "control", {divergenceGuard(), retainBudget(), targetLevel(), nllCeiling(), gradientGuard(),
                    fluencyGuard(), retainConstraint()});
    return catalog;
}

Result<std::vector<NamedControl>> readControls(const Json& list, bool hasRetain,
                                               const std::string& place)
{
    std::vector<NamedControl> result;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string here = place + "[" + std::to_string(i) + "]";
        const Json& item = list[i];
        if (!item.is_object() || !item.contains("id") || !item["id"].is_string())
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "a control needs an id",
                         .context = here,
                         .remedy = "known ones: " + join(controls().ids(), ", ")};
        const Result<const ControlInfo*> info = controls().find(item["id"].get<std::string>());
        if (!info)
            return info.error().at(here);
        const Result<ParamSet> params = readParams((*info)->params, item, here);
        if (!params)
            return params.error();
        if ((*info)->needsRetain && !hasRetain)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = (*info)->id + " needs a retain corpus",
                         .context = here,
                         .remedy = "add \"retain\" to the recipe or leave this control out"};
        result.push_back({(*info)->id, (*info)->make(*params)});
    }
    return result;
}

} // namespace lacuna
