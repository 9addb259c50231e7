#include "core/base/json.h"
#include "core/base/text.h"
#include "core/report/run_words.h"
#include "core/report/shown_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

/// The sizes that the numbers stand on, smallest first.
std::string samplesText(const RunContent& content)
{
    std::vector<std::pair<std::string, std::int64_t>> sizes;
    for (const MeasuredQuantity& one : content.quantities)
        if (one.after &&
            std::ranges::none_of(sizes, [&](const auto& known) { return known.first == one.set; }))
            sizes.emplace_back(one.set, one.after->evaluation.count);
    std::string text;
    for (const auto& [set, count] : sizes)
        text +=
            fmt::format("{}{} texts of the {}", text.empty() ? "" : ", ", count, titleOfSet(set));
    return text;
}

/// The widest 95 % interval among what is a share, in points of a hundred; nothing without one.
std::optional<double> widestShare(const RunContent& content)
{
    std::optional<double> widest;
    for (const MeasuredQuantity& one : content.quantities) {
        const Result<const MetricInfo*> info = metrics().find(one.metric);
        if (!info || (*info)->range != "0 to 1" || !one.after || !one.after->interval)
            continue;
        const double width = one.after->interval->high - one.after->interval->low;
        widest = std::max(widest.value_or(0), 100 * width);
    }
    return widest;
}

bool hasMetric(const RunContent& content, std::string_view part)
{
    return std::ranges::any_of(content.quantities, [&](const MeasuredQuantity& one) {
        return one.metric.find(part) != std::string::npos;
    });
}

/// Whether a set was measured only as far as the recipe allows.
bool wasCapped(const RunContent& content)
{
    const Json recipe = Json::parse(content.run.recipe, nullptr, false);
    if (!recipe.is_object() || !recipe.contains("evaluation") ||
        !recipe["evaluation"].is_object() || !recipe["evaluation"].contains("max_samples") ||
        !recipe["evaluation"]["max_samples"].is_number_integer())
        return false;
    const auto most = recipe["evaluation"]["max_samples"].get<std::int64_t>();
    return std::ranges::any_of(content.quantities, [&](const MeasuredQuantity& one) {
        return one.after && one.after->evaluation.count == most;
    });
}

void addSampling(std::vector<ReportList::Item>& items, const RunContent& content)
{
    const std::string sizes = samplesText(content);
    if (sizes.empty())
        return;
    std::string text = fmt::format("The numbers stand on {}.", sizes);
    if (wasCapped(content))
        text += " Where a set is larger, the rest of it was not measured.";
    if (const std::optional<double> widest = widestShare(content))
        text += fmt::format(" The widest 95 % interval of a share spans {:.1f} points of a "
                            "hundred. Intervals are over the texts alone: they say nothing about "
                            "another seed or another training.",
                            *widest);
    items.push_back({"How sure the numbers are.", text});
}

} // namespace

std::vector<ReportList::Item> limitsOf(const RunContent& content)
{
    std::vector<ReportList::Item> items = {
        {"Behaviour is not weights.",
         "Everything here says how the model behaves. What it no longer says may still be in its "
         "weights, and a little training, rounding or another wording may bring it back."}};
    if (!content.stress.empty())
        items.push_back({"Only these attempts were made.",
                         fmt::format("What was tried to bring the forgotten back: {}. That nothing "
                                     "came back in one of them does not mean that nothing can.",
                                     join(attacksOf(content), ", "))});
    else
        items.push_back({"Nobody tried to bring it back.",
                         "No attempt to recover the forgotten is on record for this run: no "
                         "relearning, no rounding of weights, no other wording, no prefix."});
    if (content.hasReference())
        items.push_back({"One reference, trained once.",
                         "The reference is one model retrained without the forget set. Another "
                         "retraining would give somewhat other numbers."});
    else
        items.push_back(
            {"No retrained reference.",
             "No model retrained without the forget set was measured. How a model behaves that "
             "never saw these texts is therefore not known, and neither is how far this one is "
             "from it."});
    if (!content.hasSet("holdout"))
        items.push_back({"No unseen texts for comparison.",
                         "No texts that the model never saw were measured, so it is not shown "
                         "that the forget set now looks like unseen text."});
    if (!hasMetric(content, "mia-") && !hasMetric(content, "privleak"))
        items.push_back({"No test of membership.",
                         "Whether somebody could still find out that the model was trained on "
                         "these texts was not tested."});
    if (!hasMetric(content, "paraphrase") && !hasMetric(content, "truth-ratio"))
        items.push_back({"One wording.",
                         "The texts were measured in the wording that they have in the file. "
                         "Other ways of asking were not measured."});
    const bool general = std::ranges::any_of(content.quantities, [](const MeasuredQuantity& one) {
        return one.set.starts_with("utility-") || one.metric == "model-utility" ||
               one.set == "real-authors" || one.set == "world-facts";
    });
    if (!general)
        items.push_back({"General ability was not measured.",
                         content.hasSet("retain")
                             ? "Beside the forget set only the retain set was measured. What else "
                               "the model could do may have suffered."
                             : "What the model could do beside the forget set may have suffered."});
    if (content.answers.empty())
        items.push_back({"No answers to read.",
                         "No questions were put to the models, so there is nothing to read beside "
                         "the numbers."});
    addSampling(items, content);
    items.push_back(
        {"One run.", fmt::format("One run with the seed {}. Another seed, another forget set or "
                                 "another model may behave otherwise.",
                                 content.run.seed)});
    if (!content.interruptions.empty())
        items.push_back(
            {"The run was interrupted.",
             fmt::format("{} on record, listed under \u201cHow it was done\u201d.",
                         content.interruptions.size() == 1
                             ? std::string("One event is")
                             : fmt::format("{} events are", content.interruptions.size()))});
    return items;
}

} // namespace lacuna
