#pragma once

#include "core/base/catalog.h"
#include "core/base/params.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Early stops and guards (unlearning reference 2.30). They see numbers and decide; the trainer
/// acts.
namespace lacuna {

enum class ControlAction : std::uint8_t {
    Continue,
    StopHere,       ///< end and keep the weights as they are
    RestoreAndStop, ///< go back to the last good weights, then end and keep
    RollBack,       ///< go back to the last good weights, halve the learning rate, continue
};

struct Verdict {
    ControlAction action = ControlAction::Continue;
    std::string reason = {};
};

struct ControlStep {
    std::int64_t number = 0;
    std::int64_t epoch = 0;
    bool finite = true; ///< loss and gradient norm are
    bool clipped = false;
    std::optional<double> retainNll = {}; ///< token mean of the step's batch
    std::optional<double> retainNllAtStart = {};
};

/// Token-mean NLLs on the fixed subsets, in nats, now and before the first step.
struct ControlEvaluation {
    std::int64_t step = 0;
    double forgetNll = 0;
    std::optional<double> retainNll;
    double forgetNllAtStart = 0;
    std::optional<double> retainNllAtStart;
    /// How much of a few answers is repetition, in [0, 1]; there where a control readsAnswers().
    std::optional<double> repetition = {};
    std::optional<double> repetitionAtStart = {};
};

class Control {
public:
    virtual ~Control() = default;
    [[nodiscard]] virtual Verdict afterStep(const ControlStep& /*step*/) { return {}; }
    [[nodiscard]] virtual Verdict afterEvaluation(const ControlEvaluation& /*evaluation*/)
    {
        return {};
    }
    /// Whether it wants the model to answer a few prompts at each evaluation.
    [[nodiscard]] virtual bool readsAnswers() const { return false; }
    /// What the next step weighs the retain term with, in place of the recipe's weight.
    [[nodiscard]] virtual std::optional<double> retainWeight() const { return {}; }
    /// What must survive an interruption.
    [[nodiscard]] virtual double state() const { return 0; }
    virtual void restore(double /*state*/) {}
};

struct ControlInfo {
    std::string id;
    std::string title;
    std::string source;
    std::string explanation;
    std::vector<ParamSpec> params;
    bool needsRetain = false;
    std::function<std::unique_ptr<Control>(const ParamSet&)> make;
};

const Catalog<ControlInfo>& controls();

struct NamedControl {
    std::string id;
    std::unique_ptr<Control> control;
};

/// The recipe's "controls" list: ids known, parameters in range, retain data where it is needed.
[[nodiscard]] Result<std::vector<NamedControl>> readControls(const Json& list, bool hasRetain,
                                                             const std::string& place);

} // namespace lacuna
