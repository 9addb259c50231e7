#include "core/report/run_content.h"

#include "core/base/set_names.h"
#include "core/metrics/evaluation_interval.h"
#include "core/run/stress_results.h"
#include "core/store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace lacuna {
namespace {

/// Rows of a table that is still read.
constexpr std::size_t kMostOnTheWay = 400;

std::size_t rank(const std::string& set)
{
    constexpr std::array<std::string_view, 3> kFirst = {"forget", "retain", "holdout"};
    return static_cast<std::size_t>(std::find(kFirst.begin(), kFirst.end(), set) - kFirst.begin());
}

/// The evaluations that a quantity is made of, with their samples.
struct Sources {
    const Evaluation* before = nullptr;
    const Evaluation* after = nullptr;
    const Evaluation* reference = nullptr;
};

void take(Sources& sources, const Evaluation& evaluation, bool ofReference)
{
    const bool during = evaluation.phase == EvaluationPhase::During;
    if (ofReference)
        sources.reference = &evaluation;
    else if (evaluation.phase == EvaluationPhase::Before)
        sources.before = &evaluation;
    else if (!during || (evaluation.step > 0 &&
                         (!sources.after || sources.after->phase == EvaluationPhase::During)))
        sources.after = &evaluation;
}

std::vector<MeasuredQuantity> quantitiesOf(const std::vector<Evaluation>& evaluations)
{
    std::vector<MeasuredQuantity> quantities;
    std::vector<Sources> sources;
    for (const Evaluation& evaluation : evaluations) {
        if (evaluation.phase == EvaluationPhase::Standalone)
            continue;
        const bool ofReference = evaluation.set.starts_with(kReferencePrefix);
        const std::string set =
            ofReference ? evaluation.set.substr(kReferencePrefix.size()) : evaluation.set;
        const auto found =
            std::find_if(quantities.begin(), quantities.end(), [&](const MeasuredQuantity& one) {
                return one.set == set && one.metric == evaluation.metric &&
                       one.variant == evaluation.variant;
            });
        const auto at = static_cast<std::size_t>(found - quantities.begin());
        if (found == quantities.end()) {
            quantities.push_back(
                {.set = set, .metric = evaluation.metric, .variant = evaluation.variant});
            sources.emplace_back();
        }
        take(sources[at], evaluation, ofReference);
    }
    for (std::size_t i = 0; i < quantities.size(); ++i) {
        const auto put = [](std::optional<MeasuredValue>& target, const Evaluation* source) {
            if (source)
                target = withInterval(*source);
        };
        put(quantities[i].before, sources[i].before);
        put(quantities[i].after, sources[i].after);
        put(quantities[i].reference, sources[i].reference);
        if (sources[i].before && sources[i].after)
            if (const auto change = pairedChange(*sources[i].before, *sources[i].after))
                quantities[i].change = change->interval;
    }
    std::stable_sort(quantities.begin(), quantities.end(),
                     [](const MeasuredQuantity& a, const MeasuredQuantity& b) {
                         return rank(a.set) < rank(b.set);
                     });
    return quantities;
}

/// The steps of evaluations on the way that a table has room for: every n-th, and the last.
std::vector<std::int64_t> listedSteps(const std::vector<Evaluation>& evaluations)
{
    std::vector<std::int64_t> steps;
    std::size_t count = 0;
    for (const Evaluation& evaluation : evaluations)
        if (evaluation.phase == EvaluationPhase::During) {
            ++count;
            if (steps.empty() || steps.back() != evaluation.step)
                steps.push_back(evaluation.step);
        }
    const std::size_t every = std::max<std::size_t>(1, (count + kMostOnTheWay - 1) / kMostOnTheWay);
    std::vector<std::int64_t> listed;
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (i % every == 0 || i + 1 == steps.size())
            listed.push_back(steps[i]);
    return listed;
}

} // namespace

MeasuredValue withInterval(Evaluation evaluation)
{
    const std::vector<double> samples = sampleValues(evaluation);
    evaluation.samples.clear();
    MeasuredValue measured{.evaluation = std::move(evaluation)};
    const Evaluation& one = measured.evaluation;
    if (one.interval) {
        measured.interval = one.interval;
    } else if (!one.missing.empty()) {
        measured.noInterval = one.missing;
    } else if (!std::isfinite(one.value)) {
        measured.noInterval = "the value is not a finite number";
    } else if (samples.empty()) {
        measured.noInterval = "no values of single texts are on record";
    } else if (samples.size() < 2) {
        measured.noInterval = "one text gives no interval";
    } else if (!isMeanOf(one.value, samples)) {
        measured.noInterval = "not the mean of its texts' values, so these cannot be resampled";
    } else {
        measured.interval = resampledMean(samples);
        measured.resampled = true;
    }
    return measured;
}

const MeasuredQuantity* RunContent::find(const std::string& set, const std::string& metric) const
{
    for (const MeasuredQuantity& quantity : quantities)
        if (quantity.set == set && quantity.metric == metric)
            return &quantity;
    return nullptr;
}

bool RunContent::hasSet(const std::string& set) const
{
    return std::any_of(quantities.begin(), quantities.end(),
                       [&](const MeasuredQuantity& one) { return one.set == set; });
}

bool RunContent::hasReference() const
{
    return std::any_of(quantities.begin(), quantities.end(), [](const MeasuredQuantity& one) {
        return one.reference && one.reference->evaluation.missing.empty();
    });
}

Result<RunContent> readRunContent(const Store& store, RunId id)
{
    RunContent content;
    Result<Run> run = store.run(id);
    if (!run)
        return run.error();
    content.run = std::move(run).value();
    Result<SeriesByKey> series = store.readSeries(id);
    if (!series)
        return series.error();
    content.series = std::move(series).value();
    Result<std::vector<Answer>> answers = store.readAnswers(id);
    if (!answers)
        return answers.error();
    content.answers = std::move(answers).value();
    Result<std::vector<Interruption>> interruptions = store.readInterruptions(id);
    if (!interruptions)
        return interruptions.error();
    content.interruptions = std::move(interruptions).value();
    Result<std::vector<Artefact>> artefacts = store.readArtefacts(id);
    if (!artefacts)
        return artefacts.error();
    content.artefacts = std::move(artefacts).value();
    const Result<std::vector<StressResult>> stress = store.readStressResults(id);
    if (!stress)
        return stress.error();
    content.stress = latestOf(*stress);

    const Result<std::vector<Evaluation>> evaluations = store.readEvaluations(id, true);
    if (!evaluations)
        return evaluations.error();
    content.quantities = quantitiesOf(*evaluations);
    const std::vector<std::int64_t> steps = listedSteps(*evaluations);
    for (const Evaluation& evaluation : *evaluations) {
        if (evaluation.phase != EvaluationPhase::During ||
            std::binary_search(steps.begin(), steps.end(), evaluation.step))
            content.measured.push_back(withInterval(evaluation));
        else
            ++content.leftOut;
    }
    return content;
}

} // namespace lacuna
