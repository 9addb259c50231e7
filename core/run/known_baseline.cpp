#include "core/run/known_baseline.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace lacuna {
namespace {

/// What the numbers of a baseline depend on; null when the run has left no manifest.
Json dependencies(const std::string& folder)
{
    const Result<Json> manifest = readJsonFile(std::filesystem::path(folder) / "manifest.json");
    if (!manifest || !manifest->is_object() || !manifest->contains("recipe"))
        return {};
    Json found;
    for (const char* key : {"program_version", "sha256", "machine", "template"})
        found[key] = manifest->value(key, Json());
    if (found["sha256"].is_object())
        found["sha256"].erase("alternates"); // only trained on
    const Json& recipe = (*manifest)["recipe"];
    for (const char* key : {"seed", "device", "threads", "evaluation"})
        found[key] = recipe.value(key, Json());
    for (const char* key : {"max_length", "precision", "micro_batch_tokens"})
        found[key] = recipe.value("training", Json::object()).value(key, Json());
    return found;
}

} // namespace

std::vector<Evaluation> knownBaseline(const Store& store, const Run& run)
{
    if (run.group.empty())
        return {};
    const Json wanted = dependencies(run.folder);
    const Result<std::vector<Run>> runs = store.runs({.group = run.group});
    if (!runs || wanted.is_null())
        return {};
    for (const Run& listed : *runs) {
        // One that has trained has measured everything there was.
        if (listed.id == run.id || listed.step < 1)
            continue;
        const Result<Run> other = store.run(listed.id);
        if (!other || dependencies(other->folder) != wanted)
            continue;
        Result<std::vector<Evaluation>> all = store.readEvaluations(listed.id, true);
        if (!all)
            continue;
        std::erase_if(*all,
                      [](const Evaluation& one) { return one.phase != EvaluationPhase::Before; });
        return std::move(all).value();
    }
    return {};
}

} // namespace lacuna
