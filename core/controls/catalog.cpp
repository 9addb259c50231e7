#include "core/controls/control.h"

#include "core/base/named_params.h"

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
        const Result<NamedParams> chosen = readNamedParams(controls(), list[i], "a control", here);
        if (!chosen)
            return chosen.error();
        const ControlInfo& info = **controls().find(chosen->id);
        if (info.needsRetain && !hasRetain)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = info.id + " needs a retain corpus",
                         .context = here,
                         .remedy = "add \"retain\" to the recipe or leave this control out"};
        result.push_back({info.id, info.make(chosen->params)});
    }
    return result;
}

} // namespace lacuna
