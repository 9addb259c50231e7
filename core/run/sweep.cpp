#include "core/run/sweep.h"

#include "core/base/text.h"
#include "core/run/recipe_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace lacuna {
namespace {

constexpr const char* kSweep = "sweep";
constexpr const char* kCases = "cases";
constexpr const char* kLabel = "label";
constexpr const char* kRequests = "requests";

/// What a document asks to be done several times.
struct Grid {
    struct Axis {
        std::string key;
        Json values; ///< a list that is not empty
        /// Cases and requests: each value is an object of keys and values.
        [[nodiscard]] bool isOfCases() const { return key == kCases || key == kRequests; }
    };
    std::vector<Axis> axes; ///< none: one run
    std::size_t count = 1;
    bool sequence = false;
};

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

Error badSweep(std::string message)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = std::move(message),
            .context = "recipe.sweep",
            .remedy = "write it as {\"training.learning_rate\": [1e-5, 2e-5]}"};
}

/// What a case is called: the name that it gives, or that of its method.
Result<std::string> labelOf(const Json& values)
{
    if (!values.is_object() || values.empty())
        return badSweep("each of the \"cases\" is an object of keys and values");
    if (values.contains(kLabel))
        return shown(values[kLabel]);
    return values.contains("method") ? shown(values["method"]) : values.dump();
}

/// Puts \p value of \p axis into \p point.
/// \return what sets it apart
Result<std::string> apply(const Grid::Axis& axis, const Json& value, Json& point)
{
    if (!axis.isOfCases()) {
        if (const Status status = setValue(point, axis.key, value); !status)
            return status.error();
        return shortKey(axis.key) + " " + shown(value);
    }
    Result<std::string> label = labelOf(value);
    if (label)
        for (const auto& [key, inner] : value.items())
            if (key != kLabel)
                if (const Status status = setValue(point, key, inner); !status)
                    return status.error();
    return label;
}

/// Takes what makes several runs of it out of \p document.
Result<Grid> takeGrid(Json& document)
{
    Grid grid;
    if (!document.is_object())
        return grid;
    if (document.contains(kRequests)) {
        grid.axes.push_back({kRequests, document[kRequests]});
        document.erase(kRequests);
        const Json& requests = grid.axes.front().values;
        if (document.contains(kSweep) || !requests.is_array() || requests.empty())
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "requests are a list of cases, and no sweep stands beside them",
                         .context = "recipe.requests",
                         .remedy = R"(write it as [{"label": "first", "forget": "a.jsonl"}, ...])"};
        grid.count = requests.size();
        grid.sequence = true;
        return grid;
    }
    if (!document.contains(kSweep))
        return grid;
    const Json sweep = document[kSweep];
    document.erase(kSweep);
    if (!sweep.is_object() || sweep.empty())
        return badSweep("a sweep names the values of at least one key");
    for (const auto& [key, values] : sweep.items()) {
        if (!values.is_array() || values.empty())
            return badSweep("\"" + key + "\" needs a list of values");
        grid.axes.push_back({key, values});
        grid.count *= values.size();
        if (grid.count > kMostPoints)
            return badSweep("the sweep has more than " + std::to_string(kMostPoints) + " runs");
    }
    return grid;
}

/// The document of point \p number, and its label.
Result<std::string> makePoint(const Grid& grid, std::size_t number, Json& document)
{
    std::vector<std::string> parts;
    std::size_t block = grid.count;
    for (const Grid::Axis& axis : grid.axes) {
        block /= axis.values.size();
        const Result<std::string> label =
            apply(axis, axis.values[number / block % axis.values.size()], document);
        if (!label)
            return grid.sequence ? label.error().at("recipe.requests") : label.error();
        parts.push_back(*label);
    }
    return join(parts, ", ");
}

/// \p value of \p key, with the path in it made absolute where the key is one of a path.
Json withAbsolutePath(const std::string& key, Json value, const std::filesystem::path& folder)
{
    static const std::set<std::string> paths = {
        "model",           "reference", "alternates",  "origin",      "forget",
        "retain",          "holdout",   "forget.path", "retain.path", "holdout.path",
        "model.tokenizer", "utility",   "earlier"};
    if (!paths.contains(key))
        return value;
    if (value.is_array()) {
        for (Json& one : value)
            one = withAbsolutePath("forget", std::move(one), folder);
        return value;
    }
    const auto mend = [&](Json& path) {
        if (path.is_string())
            path = absolutePath(path.get<std::string>(), folder);
    };
    if (!value.is_object())
        mend(value);
    else
        for (const char* inner : {"path", "tokenizer"})
            if (value.contains(inner))
                mend(value[inner]);
    return value;
}

/// Makes what \p axis says independent of where the document lies, under the same labels.
Status settle(Grid::Axis& axis, const std::filesystem::path& folder)
{
    for (Json& value : axis.values) {
        if (!axis.isOfCases()) {
            value = withAbsolutePath(axis.key, std::move(value), folder);
            continue;
        }
        Result<std::string> label = labelOf(value);
        if (!label)
            return label.error();
        for (const auto& [key, inner] : value.items())
            inner = withAbsolutePath(key, inner, folder);
        value[kLabel] = std::move(label).value();
    }
    return {};
}

/// What every point sets, at the first one's values.
std::map<std::string, Json> setByAll(const Grid& grid)
{
    std::map<std::string, Json> common;
    for (const Grid::Axis& axis : grid.axes) {
        if (!axis.isOfCases()) {
            common[axis.key] = axis.values.front();
            continue;
        }
        for (const auto& [key, value] : axis.values.front().items())
            if (key != kLabel && std::ranges::all_of(axis.values, [&](const Json& one) {
                    return one.contains(key);
                }))
                common[key] = value;
    }
    return common;
}

} // namespace

Result<Sweep> parseSweep(Json document, const std::filesystem::path& folder,
                         const std::string& name)
{
    const Result<Grid> grid = takeGrid(document);
    if (!grid)
        return grid.error();
    Sweep sweep{.sequence = grid->sequence};
    for (std::size_t i = 0; i < grid->count; ++i) {
        Json point = document;
        const Result<std::string> label = makePoint(*grid, i, point);
        if (!label)
            return label.error();
        Result<Recipe> recipe = parseRecipe(point, folder);
        if (!recipe)
            return recipe.error();
        if (recipe->name.empty())
            recipe->name = name;
        if (!grid->axes.empty()) {
            sweep.group = recipe->name;
            recipe->name +=
                grid->sequence ? fmt::format(": request {}, {}", i + 1, *label) : ": " + *label;
        }
        if (grid->sequence)
            for (const SweepPoint& before : sweep.points)
                recipe->earlier.push_back(before.recipe.forget);
        sweep.points.push_back({std::move(recipe).value(), *label});
    }
    return sweep;
}

Result<Sweep> readSweep(const std::filesystem::path& file,
                        const std::vector<std::string>& assignments)
{
    Result<Json> document = readRecipeDocument(file, assignments);
    if (!document)
        return document.error();
    Result<Sweep> sweep =
        parseSweep(std::move(document).value(), std::filesystem::absolute(file).parent_path(),
                   file.stem().string());
    return sweep ? std::move(sweep) : sweep.error().at(file.string());
}

OrderedJson RecipeDraft::toJson() const
{
    OrderedJson document = recipe.toJson();
    document.update(OrderedJson(several));
    return document;
}

Result<RecipeDraft> parseDraft(Json document, const std::filesystem::path& folder)
{
    Result<Grid> grid = takeGrid(document);
    if (!grid)
        return grid.error();
    RecipeDraft draft;
    for (Grid::Axis& axis : grid->axes) {
        if (const Status status = settle(axis, folder); !status)
            return status.error();
        (grid->sequence ? draft.several : draft.several[kSweep])[axis.key] = axis.values;
    }
    for (const auto& [key, value] : setByAll(*grid))
        if (const Status status = setValue(document, key, value); !status)
            return status.error();
    Result<Recipe> recipe = parseRecipe(document, folder);
    if (!recipe)
        return recipe.error();
    draft.recipe = std::move(recipe).value();
    return draft;
}

Result<RecipeDraft> readDraft(const std::filesystem::path& file)
{
    Result<Json> document = readRecipeDocument(file);
    if (!document)
        return document.error();
    Result<RecipeDraft> draft =
        parseDraft(std::move(document).value(), std::filesystem::absolute(file).parent_path());
    if (!draft)
        return draft.error().at(file.string());
    if (draft->recipe.name.empty())
        draft->recipe.name = file.stem().string();
    return draft;
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
