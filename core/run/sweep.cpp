#include "core/run/sweep.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace lacuna {
namespace {

constexpr std::size_t kMostPoints = 10'000;
constexpr const char* kCases = "cases";
constexpr const char* kLabel = "label";
constexpr const char* kRequests = "requests";

/// A value as a person would write it beside its key.
std::string shown(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_object() && value.contains("id") && value["id"].is_string()) {
        std::vector<std::string> parts = {value["id"].get<std::string>()};
        for (const auto& [key, inner] : value.items())
            if (key != "id")
                parts.push_back(key + " " + shown(inner));
        return join(parts, " ");
    }
    return value.dump();
}

/// The last part of a path that says enough: "training.learning_rate" is "learning_rate", but
/// "method.id" stays.
std::string shortKey(const std::string& path)
{
    const std::size_t dot = path.rfind('.');
    const std::string last = dot == std::string::npos ? path : path.substr(dot + 1);
    return last == "id" || last == "path" ? path : last;
}

Result<std::string> applyValue(Json& point, const std::string& key, const Json& value)
{
    if (const Status status = setValue(point, key, value); !status)
        return status.error();
    return shortKey(key) + " " + shown(value);
}

Error badSweep(std::string message)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = std::move(message),
            .context = "recipe.sweep",
            .remedy = "write it as {\"training.learning_rate\": [1e-5, 2e-5]}"};
}

/// Several values that go together, under the name that they give or that of their method.
Result<std::string> applyCase(Json& point, const Json& values)
{
    if (!values.is_object() || values.empty())
        return badSweep("each of the \"cases\" is an object of keys and values");
    for (const auto& [key, value] : values.items())
        if (key != kLabel)
            if (const Status status = setValue(point, key, value); !status)
                return status.error();
    if (values.contains(kLabel))
        return shown(values[kLabel]);
    return values.contains("method") ? shown(values["method"]) : values.dump();
}

} // namespace

Result<Sweep> readSweep(const std::filesystem::path& file,
                        const std::vector<std::string>& assignments)
{
    Result<Json> read = readRecipeDocument(file, assignments);
    if (!read)
        return read.error();
    Json document = std::move(read).value();
    const auto folder = std::filesystem::absolute(file).parent_path();
    const auto recipeOf = [&](const Json& point) -> Result<Recipe> {
        Result<Recipe> recipe = parseRecipe(point, folder);
        if (!recipe)
            return recipe.error().at(file.string());
        if (recipe->name.empty())
            recipe->name = file.stem().string();
        return recipe;
    };
    Sweep sweep;
    if (document.is_object() && document.contains(kRequests)) {
        const Json requests = document[kRequests];
        document.erase(kRequests);
        if (document.contains("sweep") || !requests.is_array() || requests.empty())
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "requests are a list of cases, and no sweep stands beside them",
                         .context = "recipe.requests",
                         .remedy = R"(write it as [{"label": "first", "forget": "a.jsonl"}, ...])"};
        sweep.sequence = true;
        for (const Json& request : requests) {
            Json point = document;
            const Result<std::string> label = applyCase(point, request);
            if (!label)
                return label.error().at("recipe.requests");
            Result<Recipe> recipe = recipeOf(point);
            if (!recipe)
                return recipe.error();
            sweep.group = recipe->name;
            recipe->name += fmt::format(": request {}, {}", sweep.points.size() + 1, *label);
            for (const SweepPoint& before : sweep.points)
                recipe->earlier.push_back(before.recipe.forget.path);
            sweep.points.push_back({std::move(recipe).value(), *label});
        }
        return sweep;
    }
    if (!document.is_object() || !document.contains("sweep")) {
        const Result<Recipe> recipe = recipeOf(document);
        if (!recipe)
            return recipe.error();
        sweep.points.push_back({*recipe, ""});
        return sweep;
    }
    const Json grid = document["sweep"];
    document.erase("sweep");
    if (!grid.is_object() || grid.empty())
        return badSweep("a sweep names the values of at least one key");
    std::size_t count = 1;
    for (const auto& [key, values] : grid.items()) {
        if (!values.is_array() || values.empty())
            return badSweep("\"" + key + "\" needs a list of values");
        count *= values.size();
        if (count > kMostPoints)
            return badSweep("the sweep has more than " + std::to_string(kMostPoints) + " runs");
    }
    for (std::size_t i = 0; i < count; ++i) {
        Json point = document;
        std::vector<std::string> parts;
        std::size_t block = count;
        for (const auto& [key, values] : grid.items()) {
            block /= values.size();
            const Json& value = values[i / block % values.size()];
            const Result<std::string> label =
                key == kCases ? applyCase(point, value) : applyValue(point, key, value);
            if (!label)
                return label.error();
            parts.push_back(*label);
        }
        Result<Recipe> recipe = recipeOf(point);
        if (!recipe)
            return recipe.error();
        sweep.group = recipe->name;
        const std::string label = join(parts, ", ");
        recipe->name += ": " + label;
        sweep.points.push_back({std::move(recipe).value(), label});
    }
    return sweep;
}

Recipe requestRecipe(const Sweep& sequence, std::size_t number,
                     const std::filesystem::path& previous)
{
    Recipe recipe = sequence.points.at(number).recipe;
    if (number == 0)
        return recipe;
    recipe.origin = sequence.points.front().recipe.model;
    recipe.model = previous.string();
    recipe.newModel.reset();
    return recipe;
}

std::vector<bool> paretoFront(const std::vector<SweepScore>& scores)
{
    std::vector<bool> front;
    front.reserve(scores.size());
    for (const SweepScore& one : scores)
        front.push_back(std::isfinite(one.forget) && std::isfinite(one.retain) &&
                        std::ranges::none_of(scores, [&](const SweepScore& other) {
                            return other.forget <= one.forget && other.retain >= one.retain &&
                                   (other.forget < one.forget || other.retain > one.retain);
                        }));
    return front;
}

} // namespace lacuna
