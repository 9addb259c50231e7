#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/run/recipe.h"
#include "core/store/records.h"

#include <filesystem>
#include <string>
#include <vector>

/// A grid of runs in one recipe: "sweep": {"training.learning_rate": [1e-5, 2e-5], "seed": [1, 2]}.
/// The key "cases" takes values that go together: [{"label": "A", "method": {...}, "seed": 3}, ...].
namespace lacuna {

/// One run of a grid.
struct SweepPoint {
    Recipe recipe;
    std::string label; ///< what sets it apart: "learning_rate 1e-05, seed 1"; empty without a sweep
};

struct Sweep {
    std::string
        group; ///< the recipe's name, which the history files the runs under; empty: one run
    std::vector<SweepPoint> points; ///< the last key of the grid varies fastest
};

/// readRecipe() of each point of the grid that the file's "sweep" spans, or of the file itself.
/// \return InvalidArgument for a sweep that is no object of non-empty lists, or has more than
///         10 000 points
[[nodiscard]] Result<Sweep> readSweep(const std::filesystem::path& file,
                                      const std::vector<std::string>& assignments = {});

/// What a finished point of a sweep is judged by.
struct SweepScore {
    double forget = 0; ///< how much of the forget set is known; the less the better
    double retain = 0; ///< how much of the retain set is known; the more the better
};

/// Whether no other score is at least as good in both and better in one. Scores that are no numbers
/// are never best.
[[nodiscard]] std::vector<bool> paretoFront(const std::vector<SweepScore>& scores);

} // namespace lacuna
