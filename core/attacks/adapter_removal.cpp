#include "core/attacks/attack.h"
#include "core/models/checkpoint.h"
#include "core/models/decoder.h"

namespace lacuna {
namespace {

Result<std::vector<AttackedSetting>> run(const ParamSet&, const AttackTarget& target)
{
    if (target.base.empty())
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the model is no adapter over another one, so there is none to "
                                "take off"};
    const auto cancelled = [&] { return !target.proceed(0); };
    const Result<std::unique_ptr<Decoder>> bare =
        loadDecoder(target.base, target.decoder.device(), target.decoder.computeType(), cancelled);
    if (!bare)
        return bare.error();
    if (!*bare)
        return std::vector<AttackedSetting>();
    const std::vector<SampleScan> scans = scanTarget(target, **bare, target.samples, 0.2);
    if (scans.empty())
        return std::vector<AttackedSetting>();
    return std::vector{settingOf({}, Json::object(), scans)};
}

} // namespace

AttackInfo adapterRemoval()
{
    return {.id = "adapter-removal",
            .title = "Adapter taken off",
            .source = "unlearning reference 2.25",
            .explanation =
                "A model that forgets by an adapter is its base and a small file beside it. Who "
                "has both can leave the file away, and then the base knows all that it knew.",
            .reach = AttackReach::Weights,
            .needs = "a model that is an adapter over another one",
            .needsAdapter = true,
            .cost = [](const ParamSet&) { return AttackCost{.scores = 1, .answers = 1}; },
            .run = &run};
}

} // namespace lacuna
