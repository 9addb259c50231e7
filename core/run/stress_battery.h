#pragma once

#include "core/attacks/catalog.h"
#include "core/base/result.h"
#include "core/run/recipe.h"
#include "core/store/records.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

class Store;

/// Which models are attacked, on what and how.
struct StressRequest {
    std::string unlearned; ///< folder
    std::string adapterBase =
        {};                     ///< of an unlearned model that is an adapter: its base; else empty
    std::string original = {};  ///< folder; empty: there is none
    std::string reference = {}; ///< folder; empty: there is none
    CorpusSpec forget = {};
    CorpusSpec retain = {};
    std::string promptTemplate = kDefaultPromptFormat;
    std::string device = "auto";
    std::string precision = "float32";
    std::int64_t maxLength = 512;
    std::int64_t microBatchTokens = 2048;
    std::int64_t maxSamples = 100; ///< of the forget set, drawn by seed
    std::int64_t maxNewTokens = 64;
    double learningRate = 2e-5; ///< for attacks that train, where they name none
    std::int64_t seed = 0;
    std::vector<AttackSpec> attacks = usualAttacks();
};

/// The battery for what \p run has left: its model, original, reference, corpora and template.
/// \return NotFound when it has left no model, InvalidArgument when its recipe cannot be read
[[nodiscard]] Result<StressRequest> stressOf(const Store& store, const Run& run);
/// The same with the recipe as it is meant, its paths resolved.
[[nodiscard]] Result<StressRequest> stressOf(const Store& store, const Run& run,
                                             const Recipe& recipe);

/// Where a battery is.
struct StressProgress {
    ModelRole role = ModelRole::Current;
    std::string attack = {};                ///< empty: loading, or the first pass without an attack
    std::int64_t position = 0;              ///< of the attack in the request
    double share = 0;                       ///< of the whole battery, by what the first pass took
    std::optional<double> secondsLeft = {}; ///< nothing before the first pass
};

/// What a first pass over the measured items took on this machine, so that it is known what attacks
/// are going to take.
struct StressSpeed {
    double scores = 0;  ///< seconds to score all true answers
    double answers = 0; ///< seconds in which the model answers all questions
    double items = 1;

    /// Of one model.
    [[nodiscard]] double secondsOf(const AttackSpec& spec) const;
    /// For another number of items.
    [[nodiscard]] StressSpeed scaledTo(double count) const;
};

/// Called on the thread of runStress().
struct StressWatch {
    /// False cancels: what was found so far is kept.
    std::function<bool(const StressProgress&)> proceed = [](const StressProgress&) { return true; };
    /// After the first pass over each model.
    std::function<void(const StressSpeed&)> measured = {};
    /// The rows of one attack on one model, as they come.
    std::function<void(const std::vector<StressResult>&)> found = {};
};

struct StressReport {
    std::vector<StressResult> results;
    bool cancelled = false;
    double seconds = 0;
};

/// Attacks the unlearned model, then the original, then the reference, each loaded for the purpose
/// and left alone on the disk. An attack that the data or the model is nothing for gives one row
/// that says why.
[[nodiscard]] Result<StressReport> runStress(const StressRequest& request,
                                             const StressWatch& watch);

/// A first pass over a few items of the unlearned model, scaled to `maxSamples`.
/// \param proceed  false cancels, and there is no speed
[[nodiscard]] Result<std::optional<StressSpeed>>
measureStress(const StressRequest& request, const std::function<bool()>& proceed);

} // namespace lacuna
