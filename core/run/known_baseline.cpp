#include "core/run/known_baseline.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace lacuna {
namespace {

/// What the numbers of a baseline depend on; null when the run has left no manifest.
Json dependencies(const Run& run)
{
    const Result<Json> manifest = readJsonFile(std::filesystem::path(run.folder) / "manifest.json");
    const auto has = [&](const char* key) {
        return manifest && manifest->is_object() && manifest->contains(key) &&
               (*manifest)[key].is_object();
    };
    if (!has("recipe") || !has("sha256"))
        return {};
    Json found = {{"device", run.device}, {"precision", run.precision}, {"threads", run.threads}};
    for (const char* key : {"program_version", "sha256", "machine", "template"})
        found[key] = manifest->value(key, Json());
    found["sha256"].erase("alternates"); // only trained on
    const Json& recipe = (*manifest)["recipe"];
    // Beside the hashes the corpora's specs: how rows become samples, and in which order.
    for (const char* key :
         {"seed", "evaluation", "forget", "retain", "holdout", "utility", "earlier"})
        found[key] = recipe.value(key, Json());
    if (recipe.contains("training") && recipe["training"].is_object())
        for (const char* key : {"max_length", "micro_batch_tokens"})
            found[key] = recipe["training"].value(key, Json());
    return found;
}

} // namespace

std::vector<Evaluation> knownBaseline(const Store& store, const Run& run)
{
    if (run.group.empty())
        return {};
    const Result<Run> own = store.run(run.id); // with the device and precision that were chosen
    const Json wanted = own ? dependencies(*own) : Json();
    const Result<std::vector<Run>> runs = store.runs({.group = run.group});
    if (!runs || wanted.is_null())
        return {};
    for (const Run& listed : *runs) {
        // One that has trained has measured everything there was.
        if (listed.id == run.id || listed.step < 1)
            continue;
        const Result<Run> other = store.run(listed.id);
        if (!other || dependencies(*other) != wanted)
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
