#pragma once

#include "core/corpora/tokenise.h"
#include "core/run/inside.h"
#include "core/run/recipe.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

struct InsideRequest {
    std::string model;
    std::string original = {}; ///< folder of the model to compare with; empty: none
    CorpusSpec forget;
    CorpusSpec retain = {};
    std::string promptTemplate = kDefaultPromptFormat; ///< see Recipe::promptTemplate
    std::int64_t maxSamples = 400;                     ///< of each corpus, drawn by seed
    std::int64_t rank = 1;                             ///< see InsideOptions
    AnswerState probed = AnswerState::LastToken;
    std::int64_t seed = 42;
    std::string device = "auto";
    std::string precision = "float32";
    std::int64_t maxLength = 512;
    std::int64_t microBatchTokens = 2048;
};

/// The linear probe on one set, or why there is none.
struct ProbeReport {
    std::string set;
    std::optional<LinearProbe> probe;
    std::string missing; ///< one sentence with a remedy
};

struct InsideReport {
    std::vector<InsideView> views; ///< forget, then retain
    std::vector<ProbeReport> probes;

    /// Of all views and probes.
    [[nodiscard]] std::vector<Evaluation> evaluations(const InsideOptions& options = {}) const;
};

/// Loads the model, and the original beside it, and looks at the corpora through them. A corpus
/// without false answers has no linear probe, and the report says so.
/// \param proceed  progress in [0, 1]; false cancels, and the result is empty
[[nodiscard]] Result<std::optional<InsideReport>>
inspectInside(const InsideRequest& request, const std::function<bool(double)>& proceed);

} // namespace lacuna
