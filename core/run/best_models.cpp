#include "core/run/best_models.h"

#include "core/base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lacuna {
namespace {

constexpr const char* kScore = "score.json";

bool beats(const BestModel& a, const BestModel& b)
{
    return a.forgetNll >= b.forgetNll && a.retainNll <= b.retainNll &&
           (a.forgetNll > b.forgetNll || a.retainNll < b.retainNll);
}

std::optional<BestModel> readScore(const std::filesystem::path& folder)
{
    const Result<Json> json = readJsonFile(folder / kScore);
    if (!json)
        return std::nullopt;
    BestModel model;
    JsonReader reader(*json, "score");
    for (const char* key : {"step", "forget_nll", "retain_nll"})
        reader.require(key);
    reader.integer("step", model.step);
    reader.number("forget_nll", model.forgetNll);
    reader.number("retain_nll", model.retainNll);
    return reader.finish() ? std::optional(model) : std::nullopt;
}

} // namespace

std::size_t mostCrowded(const std::vector<BestModel>& front)
{
    // Where forgetting rises along the front, so does what it costs.
    const double forgetRange = front.back().forgetNll - front.front().forgetNll;
    const double retainRange = front.back().retainNll - front.front().retainNll;
    const auto gap = [&](std::size_t i) {
        return (front[i + 1].forgetNll - front[i - 1].forgetNll) / forgetRange +
               (front[i + 1].retainNll - front[i - 1].retainNll) / retainRange;
    };
    std::size_t least = 1;
    for (std::size_t i = 2; i + 1 < front.size(); ++i)
        if (gap(i) < gap(least))
            least = i;
    return least;
}

BestModels::BestModels(std::filesystem::path folder, std::int64_t keep)
    : m_folder(std::move(folder)), m_keep(static_cast<std::size_t>(keep))
{
    std::error_code ignored;
    std::vector<std::filesystem::path> unfinished;
    for (const auto& entry : std::filesystem::directory_iterator(m_folder, ignored))
        if (const std::optional<BestModel> model = readScore(entry.path()))
            m_models.push_back(*model);
        else
            unfinished.push_back(entry.path());
    for (const std::filesystem::path& one : unfinished)
        std::filesystem::remove_all(one, ignored);
    std::ranges::sort(m_models, {}, &BestModel::forgetNll);
}

std::filesystem::path BestModels::folderOf(std::int64_t step) const
{
    return m_folder / fmt::format("step-{:06}", step);
}

Result<std::vector<std::filesystem::path>>
BestModels::offer(const BestModel& model,
                  const std::function<Status(const std::filesystem::path&)>& save)
{
    std::vector<std::filesystem::path> removed;
    const bool judged = std::isfinite(model.forgetNll) && std::isfinite(model.retainNll);
    const auto equals = [&](const BestModel& other) {
        return other.forgetNll == model.forgetNll && other.retainNll == model.retainNll;
    };
    if (!judged || std::ranges::any_of(m_models, [&](const BestModel& other) {
            return equals(other) || beats(other, model);
        }))
        return removed;
    std::vector<BestModel> front = m_models;
    std::erase_if(front, [&](const BestModel& other) { return beats(model, other); });
    front.insert(std::ranges::lower_bound(front, model.forgetNll, {}, &BestModel::forgetNll),
                 model);
    while (front.size() > m_keep)
        front.erase(front.begin() + static_cast<std::ptrdiff_t>(mostCrowded(front)));
    const auto contains = [](const std::vector<BestModel>& models, std::int64_t step) {
        return std::ranges::find(models, step, &BestModel::step) != models.end();
    };
    if (contains(front, model.step)) {
        const std::filesystem::path folder = folderOf(model.step);
        std::error_code ignored;
        if (const Status status = save(folder); !status) {
            std::filesystem::remove_all(folder, ignored);
            return status.error();
        }
        // Only with its score does a folder count.
        if (const Status status = writeJsonFile(folder / kScore, {{"step", model.step},
                                                                  {"forget_nll", model.forgetNll},
                                                                  {"retain_nll", model.retainNll}});
            !status)
            return status.error();
    }
    for (const BestModel& old : m_models)
        if (!contains(front, old.step))
            removed.push_back(folderOf(old.step));
    m_models = std::move(front);
    std::error_code ignored;
    for (const std::filesystem::path& folder : removed)
        std::filesystem::remove_all(folder, ignored);
    return removed;
}

std::vector<std::filesystem::path> BestModels::truncateAfter(std::int64_t step)
{
    std::vector<std::filesystem::path> removed;
    std::error_code ignored;
    for (const BestModel& model : m_models)
        if (model.step > step) {
            removed.push_back(folderOf(model.step));
            std::filesystem::remove_all(removed.back(), ignored);
        }
    std::erase_if(m_models, [&](const BestModel& model) { return model.step > step; });
    return removed;
}

} // namespace lacuna
