#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/run/recipe.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// A grid of runs in one recipe: "sweep": {"training.learning_rate": [1e-5, 2e-5], "seed": [1, 2]}.
/// The key "cases" takes values that go together: [{"label": "A", "method": {...}, "seed": 3},
/// ...]. Or a sequence of requests, each a case: "requests": [{"label": "B", "forget": "b.jsonl"},
/// ...].
namespace lacuna {

/// One run of a grid.
struct SweepPoint {
    Recipe recipe;
    std::string label; ///< what sets it apart: "learning_rate 1e-05, seed 1"; empty without a sweep
};

struct Sweep {
    /// The recipe's name, which the history files the runs under; empty: one run.
    std::string group;
    std::vector<SweepPoint> points; ///< the last key of the grid varies fastest
    /// The points are requests, one after another: each starts from the result of the one before.
    bool sequence = false;
};

constexpr std::size_t kMostPoints = 10'000;

/// The recipe of request \p number (from 0) of a sequence, once the results of those before it are
/// there.
/// \param previous  the model that the request before has left; not read for the first
[[nodiscard]] Recipe requestRecipe(const Sweep& sequence, std::size_t number,
                                   const std::filesystem::path& previous);

/// parseRecipe() of each point of the grid that the document's "sweep" spans, of each of its
/// "requests", or of the document itself.
/// \param name  of the recipe, where the document has none
/// \return InvalidArgument for a sweep that is no object of non-empty lists, or has more than
///         kMostPoints points
[[nodiscard]] Result<Sweep> parseSweep(Json document, const std::filesystem::path& folder,
                                       const std::string& name);
/// parseSweep() of a file, whose own name stands in for the recipe's.
[[nodiscard]] Result<Sweep> readSweep(const std::filesystem::path& file,
                                      const std::vector<std::string>& assignments = {});

/// A recipe document as a form takes it: one recipe, and beside it what makes several runs of it.
struct RecipeDraft {
    Recipe recipe;
    /// The document's "sweep" or "requests", their paths absolute and each case with its label;
    /// without keys: one run.
    Json several = Json::object();

    /// The document again: parseSweep() makes the same points of it.
    [[nodiscard]] OrderedJson toJson() const;
};

/// Takes a document apart without making its points, whose recipes are therefore not checked.
/// Where every point sets a key, the recipe has the first one's value.
[[nodiscard]] Result<RecipeDraft> parseDraft(Json document, const std::filesystem::path& folder);
/// parseDraft() of a file, whose own name stands in for the recipe's.
[[nodiscard]] Result<RecipeDraft> readDraft(const std::filesystem::path& file);

/// What a finished point of a sweep is judged by.
struct SweepScore {
    double forget = 0; ///< how much of the forget set is known; the less the better
    double retain = 0; ///< how much of the retain set is known; the more the better
};

/// Whether no other score is at least as good in both and better in one. Scores that are no numbers
/// are never best.
[[nodiscard]] std::vector<bool> paretoFront(const std::vector<SweepScore>& scores);

} // namespace lacuna
