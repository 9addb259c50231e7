#pragma once

#include "core/base/json.h"
#include "core/store/store.h"
#include "tests/core/store/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

/// A run that takes a fraction of a second, and what it leaves behind.
namespace lacuna {

inline std::string runData(const std::string& name)
{
    return (std::filesystem::path(TEST_DATA_DIR) / "run" / name).string();
}

inline std::string smallModel()
{
    return (std::filesystem::path(TEST_DATA_DIR) / "models/stories260K-bf16-sharded").string();
}

constexpr std::int64_t kSmallSteps = 8;

/// Eight steps of three an epoch, several micro-batches a step, evaluations at 3, 6 and 8, and a
/// learning rate at which every step moves every weight.
inline Json smallRecipe()
{
    return {{"lacuna", 1},
            {"name", "small"},
            {"model", smallModel()},
            {"device", "cpu"},
            {"threads", 1},
            {"forget", runData("forget.json")},
            {"retain", runData("retain.json")},
            {"holdout", runData("holdout.json")},
            {"method", {{"id", "npo"}, {"beta", 0.1}, {"retain", {{"id", "nll"}}}}},
            {"training",
             {{"learning_rate", 1e-3},
              {"schedule", "cosine"},
              {"warmup_epochs", 1},
              {"steps", kSmallSteps},
              {"batch_size", 5},
              {"micro_batch_tokens", 96},
              {"precision", "float32"},
              {"max_length", 64}}},
            {"evaluation",
             {{"every_steps", 3}, {"subset", 6}, {"max_new_tokens", 4}, {"generate", false}}},
            {"checkpoint", {{"every_seconds", 1e6}}}};
}

/// Every curve but the one that no two runs share.
inline SeriesByKey curvesOf(const Store& store, RunId id)
{
    SeriesByKey series = store.readSeries(id).value();
    series.erase("seconds");
    return series;
}

/// Equal, or both no numbers.
inline bool same(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

inline bool operator==(const Series& a, const Series& b)
{
    return a.steps == b.steps && std::ranges::equal(a.values, b.values, same);
}

inline bool operator==(const SampleValue& a, const SampleValue& b)
{
    return a.sample == b.sample && same(a.value, b.value) && a.extra == b.extra;
}

inline bool operator==(const Evaluation& a, const Evaluation& b)
{
    return a.step == b.step && a.phase == b.phase && a.set == b.set && a.metric == b.metric &&
           a.variant == b.variant && same(a.value, b.value) && a.count == b.count &&
           a.samples == b.samples;
}

/// What must not depend on how a run was disturbed.
struct RunOutcome {
    Run run;
    SeriesByKey curves;
    std::vector<Evaluation> evaluations;
    std::string weights; ///< bytes of the resulting model's file; empty: there is none

    [[nodiscard]] bool sameNumbers(const RunOutcome& other) const
    {
        return curves == other.curves && evaluations == other.evaluations;
    }
    [[nodiscard]] bool sameWeights(const RunOutcome& other) const
    {
        return !weights.empty() && weights == other.weights;
    }
};

/// The record of the only run of a history.
inline RunOutcome onlyRecord(const std::filesystem::path& file)
{
    const Store store = Store::open(file, OpenMode::ReadOnly).value();
    const std::vector<Run> runs = store.runs().value();
    if (runs.size() != 1)
        throw std::logic_error("the history holds " + std::to_string(runs.size()) + " runs");
    const Run run = store.run(runs.front().id).value();
    return {.run = run,
            .curves = curvesOf(store, run.id),
            .evaluations = store.readEvaluations(run.id, true).value(),
            .weights = fileBytes(std::filesystem::path(run.folder) / "model/model.safetensors")};
}

} // namespace lacuna
