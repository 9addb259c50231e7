#include "core/base/text.h"
#include "core/metrics/roc.h"
#include "core/metrics/statistics.h"
#include "core/metrics/summary_parts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

struct UtilityPart {
    const char* set;
    const char* metric;
};
/// \p ratio  truth-ratio or truth-ratio-arithmetic
std::vector<UtilityPart> utilityParts(const char* ratio)
{
    return {{"retain", "probability"},
            {"retain", "rouge-l"},
            {"retain", ratio},
            {"real-authors", "option-probability"},
            {"real-authors", "rouge-l"},
            {"real-authors", ratio},
            {"world-facts", "option-probability"},
            {"world-facts", "rouge-l"},
            {"world-facts", ratio}};
}

/// How many recorded answers of the evaluation are empty.
std::size_t emptyAnswers(const Evaluation& rouge)
{
    std::size_t count = 0;
    for (const SampleValue& sample : rouge.samples) {
        const Json extra = Json::parse(sample.extra, nullptr, false);
        for (const char* key : {"generation", "generated"})
            if (extra.is_object() && extra.contains(key) && extra[key].is_string() &&
                trimmed(extra[key].get<std::string>()).empty())
                ++count;
    }
    return count;
}

void warnOfEmptyAnswers(const Evaluation& rouge, std::vector<std::string>& warnings)
{
    const std::size_t count = emptyAnswers(rouge);
    if (2 * count >= rouge.samples.size() && count > 0)
        warnings.push_back(fmt::format("{} of {} answers to {} are empty: ROUGE says that the "
                                       "model is silent, not what it knows; look at the "
                                       "probabilities",
                                       count, rouge.samples.size(), rouge.set));
}

/// Means of the parts with each set's samples drawn anew, the same draw for all metrics of a set
/// that have as many samples.
class ResampledParts {
public:
    ResampledParts(const std::vector<const Evaluation*>& parts, Random random) : m_random(random)
    {
        for (const Evaluation* part : parts)
            m_parts.push_back({part->set, averaged(*part), part->value});
    }

    [[nodiscard]] std::vector<double> draw()
    {
        std::vector<double> means;
        std::string set;
        DrawCounts counts;
        for (const Part& part : m_parts) {
            if (part.set != set || part.values.size() != counts.size())
                counts = drawCounts(part.values.size(), m_random);
            set = part.set;
            double sum = 0;
            for (std::size_t i = 0; i < counts.size(); ++i)
                sum += part.values[i] * static_cast<double>(counts[i]);
            const double drawn =
                counts.empty() ? part.value : sum / static_cast<double>(counts.size());
            means.push_back(std::max(0.0, drawn)); // a foreign log may hold negative values
        }
        return means;
    }

private:
    struct Part {
        std::string set;
        std::vector<double> values;
        double value; // where there are no samples
    };
    std::vector<Part> m_parts;
    Random m_random;
};

double valueOf(const Evaluation& part)
{
    const std::vector<double> values = averaged(part);
    return values.empty() ? part.value : mean(values);
}

SummaryValue utilityOf(const SummaryInput& input, const char* ratio)
{
    std::vector<const Evaluation*> parts;
    std::vector<std::string> lacking;
    for (const UtilityPart& part : utilityParts(ratio)) {
        const Evaluation* found = findEvaluation(input.model, part.set, part.metric);
        // No probability and no share of words is negative: such a value is none.
        if (!found || !std::isfinite(valueOf(*found)) || valueOf(*found) < 0)
            lacking.push_back(fmt::format("{} of {}", part.metric, part.set));
        else
            parts.push_back(found);
    }
    if (!lacking.empty())
        return missingValue(fmt::format(
            "model utility is made of nine numbers and the log lacks {}; evaluate on the retain, "
            "real-authors and world-facts \"perturbed\" files with answers generated",
            join(lacking, ", ")));
    SummaryValue result;
    std::vector<double> means;
    for (const Evaluation* part : parts) {
        means.push_back(valueOf(*part));
        result.details.push_back({part->set + "/" + part->metric, means.back()});
        if (part->metric == std::string_view("rouge-l")) {
            result.count += part->count;
            warnOfEmptyAnswers(*part, result.warnings);
        }
    }
    result.value = harmonicMean(means);
    ResampledParts resampled(parts, randomOf(input, "model-utility"));
    result.interval = bootstrapInterval(input.confidence, input.resamples,
                                        [&] { return harmonicMean(resampled.draw()); });
    return result;
}

SummaryInfo utilityInfo()
{
    return {.source = "Maini et al. 2024, arXiv:2401.06121; unlearning reference 3.1",
            .reading = "How much the model still knows of everything that it should keep. The "
                       "harmonic mean of nine numbers: one bad one pulls it down, and a zero makes "
                       "it zero. Compare with the original's and the reference's value.",
            .goal = SummaryGoal::Higher,
            .range = "0 to 1",
            .needs =
                "probability, ROUGE-L and truth ratio of retain, real authors and world facts"};
}

} // namespace

SummaryInfo modelUtility()
{
    SummaryInfo info = utilityInfo();
    info.id = "model-utility";
    info.title = "Model utility";
    info.variant = "geometric truth ratio, as open-unlearning";
    info.compute = [](const SummaryInput& input) { return utilityOf(input, "truth-ratio"); };
    return info;
}

SummaryInfo modelUtilityArithmetic()
{
    SummaryInfo info = utilityInfo();
    info.id = "model-utility-arithmetic";
    info.title = "Model utility, arithmetic";
    info.variant = "arithmetic truth ratio, as TOFU's own model utility";
    info.compute = [](const SummaryInput& input) {
        return utilityOf(input, "truth-ratio-arithmetic");
    };
    return info;
}

} // namespace lacuna
