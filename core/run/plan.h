#pragma once

#include "core/base/result.h"
#include "core/corpora/overlap.h"
#include "core/corpora/problem.h"
#include "core/run/memory_plan.h"
#include "core/run/recipe.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

struct CorpusPlan {
    std::string role; ///< forget, retain, holdout
    std::string path;
    std::int64_t samples = 0;
    std::int64_t tokens = 0;
    std::int64_t scoredTokens = 0;
    std::int64_t longest = 0;
    std::int64_t truncated = 0;
};

/// What a recipe will do, worked out before any weight is read.
struct Plan {
    std::string family;
    std::int64_t parameters = 0;
    std::int64_t trainedParameters = 0;
    std::string device;
    std::string precision;
    std::vector<CorpusPlan> corpora;
    std::int64_t stepsPerEpoch = 0;
    std::int64_t totalSteps = 0;
    double trainingTokens = 0; ///< forward and backward, over the whole run
    double flops = 0;          ///< 6 a parameter and token
    std::vector<MemoryItem> memory;
    std::optional<Error> shortage; ///< why this machine cannot hold it; the run must not start
    OverlapReport overlap;         ///< forget passages that are in retain too
    std::vector<std::string> warnings;

    [[nodiscard]] OrderedJson toJson() const;
};

/// Reads config, headers, tokenizer and corpora; checks method, controls and scope. Everything that
/// would stop the run is an error here, but for too little memory, which is a part of the plan.
[[nodiscard]] Result<Plan> planRun(const Recipe& recipe);

} // namespace lacuna
