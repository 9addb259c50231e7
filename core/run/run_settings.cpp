#include "core/run/run_settings.h"

#include "core/base/json.h"
#include "core/run/recipe.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace lacuna {
namespace {

SettingValue valueOf(const Json& json)
{
    if (json.is_string())
        return {.text = json.get<std::string>(), .number = {}};
    SettingValue value{.text = json.dump(-1, ' ', false, Json::error_handler_t::replace),
                       .number = {}};
    if (json.is_number())
        value.number = json.get<double>();
    return value;
}

bool isNamedThing(const Json& json)
{
    return json.is_object() && json.contains("id") && json["id"].is_string();
}

std::string joined(const std::string& path, const std::string& key)
{
    return path.empty() ? key : path + "." + key;
}

void flatten(const Json& json, const std::string& path, RunSettings& into);

/// Named things by their names; the second of a name is "name-2".
void flattenNamed(const Json& list, const std::string& path, RunSettings& into)
{
    std::map<std::string, int> seen;
    for (const Json& one : list) {
        const std::string id = one["id"].get<std::string>();
        const int number = ++seen[id];
        const std::string own = joined(path, number == 1 ? id : id + "-" + std::to_string(number));
        Json rest = one;
        rest.erase("id");
        if (rest.empty())
            into[own] = {.text = "yes", .number = {}};
        else
            flatten(rest, own, into);
    }
}

void flatten(const Json& json, const std::string& path, RunSettings& into)
{
    if (json.is_object() && !json.empty()) {
        for (const auto& [key, value] : json.items())
            flatten(value, joined(path, key), into);
    } else if (json.is_array() && !json.empty() && std::ranges::all_of(json, isNamedThing)) {
        flattenNamed(json, path, into);
    } else if (!json.is_null()) {
        into[path] = valueOf(json);
    }
}

void addText(RunSettings& settings, const char* path, const std::string& text)
{
    if (!text.empty())
        settings[path] = {.text = text, .number = {}};
}

} // namespace

RunSettings settingsOf(const Run& run)
{
    RunSettings settings;
    const Result<Json> document = parseJson(run.recipe, "recipe");
    if (document) {
        const Result<Recipe> recipe = parseRecipe(*document, {});
        flatten(recipe ? Json(recipe->toJson()) : *document, {}, settings);
    }
    addText(settings, "made.device", run.device);
    addText(settings, "made.precision", run.precision);
    addText(settings, "made.program_version", run.programVersion);
    addText(settings, "made.model_sha256", run.model.sha256);
    addText(settings, "made.forget_sha256", run.forget.sha256);
    addText(settings, "made.retain_sha256", run.retain.sha256);
    addText(settings, "made.holdout_sha256", run.holdout.sha256);
    if (run.threads > 0)
        settings["made.threads"] = {.text = std::to_string(run.threads),
                                    .number = static_cast<double>(run.threads)};
    return settings;
}

std::optional<double> SettingRow::delta(std::size_t run, std::size_t pinned) const
{
    const auto& one = values.at(run);
    const auto& base = values.at(pinned);
    if (!one || !base || !one->number || !base->number)
        return std::nullopt;
    return *one->number - *base->number;
}

bool isBelow(std::string_view path, std::string_view prefix)
{
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '.');
}

std::vector<SettingRow> compareSettings(const std::vector<const RunSettings*>& runs,
                                        const SettingFilter& filter)
{
    std::set<std::string_view> paths;
    for (const RunSettings* settings : runs)
        for (const auto& [path, value] : *settings)
            if (std::ranges::none_of(filter.ignored, [&path = path](const std::string& ignored) {
                    return isBelow(path, ignored);
                }))
                paths.insert(path);
    std::vector<SettingRow> rows;
    for (const std::string_view path : paths) {
        SettingRow row{.path = std::string(path)};
        row.values.reserve(runs.size());
        for (const RunSettings* settings : runs) {
            const auto found = settings->find(path);
            row.values.push_back(found == settings->end() ? std::nullopt
                                                          : std::optional(found->second));
        }
        row.differs = std::ranges::any_of(
            row.values, [&](const auto& value) { return value != row.values.front(); });
        if (row.differs || !filter.onlyDifferences)
            rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace lacuna
