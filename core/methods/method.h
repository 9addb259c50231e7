#pragma once

#include "core/base/catalog.h"
#include "core/base/params.h"
#include "core/corpora/alternates.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The catalogues of unlearning methods and of the retain terms that they combine with. Free of
/// torch, so that command line, forms and recipe checks read them without it.
namespace lacuna {

class Term;

enum class RetainUse : std::uint8_t {
    Never,    ///< works on the forget corpus alone
    Optional, ///< a retain term may be given
    Required, ///< refused without a retain corpus
};

/// What a term keeps of the start model, for every token that it compares: memory to plan for.
enum class KeptRows : std::uint8_t {
    None,     ///< a number a token or a sequence at most
    Final,    ///< the rows that go into the head, in the compute type
    Residual, ///< the residual stream behind a block, in float32
};

struct MethodInfo {
    std::string id;
    std::string title;
    std::string source;        ///< citation
    std::string explanation;   ///< for a newcomer: what it does and what the curves will show
    std::string normalisation; ///< code of the unlearning reference 0.2
    std::vector<ParamSpec> params;
    RetainUse retain = RetainUse::Never;
    std::string defaultRetain = {};  ///< retain term used when the recipe names none
    KeptRows keeps = KeptRows::None; ///< of the forget corpus
    /// Answers that it reads beside the corpus's own when the recipe names none. The parameter
    /// "alternates" says how many for each sample.
    AnswerSource answers = AnswerSource::None;
    /// Of the forget term in the sum, as published.
    double defaultForgetWeight = 1.0;
    /// Trains knowledge in rather than out; controls against forgetting too much do not apply.
    bool learns = false;
    /// What was trained is subtracted at the end: start - scale * (end - start), where "scale" is a
    /// parameter.
    bool negates = false;
    /// Forget and retain gradients are brought to length 1 before they are added (after weighing).
    bool normalisesGradients = false;
    /// Takes the parameters "step_interval" and "step_range": every so many steps (0: never) the
    /// learning rate becomes what makes the retain loss least along the update, within the recipe's
    /// times and divided by the range.
    bool searchesStep = false;
    /// Takes the flag "joint_mean": forget and retain answers are averaged as one batch.
    bool joinsMeans = false;
    /// Takes the parameters "reinforce_epochs" and "reinforce_learning_rate": before the first step
    /// the model is trained further on the forget corpus, shown to the term, and put back.
    bool reinforces = false;
    /// A "scope.mask" and controls that belong to the method, unless the recipe has its own.
    std::function<Json(const ParamSet&)> mask = {};
    std::function<Json(const ParamSet&)> controls = {};
    std::function<std::unique_ptr<Term>(const ParamSet&)> make;
};

struct RetainTermInfo {
    std::string id;
    std::string title;
    std::string source;
    std::string explanation;
    std::vector<ParamSpec> params;
    KeptRows keeps = KeptRows::None; ///< of the retain corpus
    std::function<std::unique_ptr<Term>(const ParamSet&)> make;
};

const Catalog<MethodInfo>& methods();
const Catalog<RetainTermInfo>& retainTerms();

/// The recipe's "method" object, checked: ids known, parameters in range, a retain term only where
/// the method takes one.
struct MethodSpec {
    std::string id = "grad-diff";
    ParamSet params;
    double forgetWeight = 1.0;
    std::string retainId; ///< empty: no retain term
    ParamSet retainParams;
    double retainWeight = 1.0;

    [[nodiscard]] Json toJson() const;
};

[[nodiscard]] Result<MethodSpec> readMethodSpec(const Json& object, const std::string& place);

} // namespace lacuna
