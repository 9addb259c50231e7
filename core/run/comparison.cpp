#include "core/run/comparison.h"

#include "core/base/set_names.h"
#include "core/metrics/direction.h"
#include "core/metrics/evaluation_interval.h"
#include "core/run/sweep.h"
#include "core/run/sweep_runs.h"
#include "core/store/store.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace lacuna {
namespace {

/// What stands behind \p prefix, the name of a model with a hyphen; of all sets together the
/// model's name may stand alone. Nothing where \p set is not one of that model's.
std::optional<std::string> behind(std::string_view prefix, const std::string& set)
{
    if (set.starts_with(prefix))
        return set.substr(prefix.size());
    if (set == prefix.substr(0, prefix.size() - 1))
        return std::string();
    return std::nullopt;
}

Measurement& rowOf(std::vector<Measurement>& rows, const Quantity& quantity)
{
    const auto found = std::ranges::find(rows, quantity, &Measurement::of);
    if (found != rows.end())
        return *found;
    rows.push_back({.of = quantity});
    return rows.back();
}

void takeLatest(Measurement& row, const Evaluation& evaluation)
{
    row.latest = evaluation.value;
    row.count = evaluation.count;
    row.interval = evaluation.interval;
    row.missing = evaluation.missing;
    row.during =
        evaluation.phase == EvaluationPhase::During ? std::optional(evaluation.step) : std::nullopt;
    row.samples.clear();
    row.values.clear();
    for (const SampleValue& sample : evaluation.samples) {
        row.samples.push_back(sample.sample);
        row.values.push_back(sample.value);
    }
}

void addUtility(std::vector<Measurement>& rows, const std::vector<Evaluation>& evaluations)
{
    std::vector<Evaluation> ofReference;
    for (const Evaluation& one : evaluations)
        if (const std::optional<std::string> set = behind(kReferencePrefix, one.set))
            ofReference.push_back(
                {.phase = one.phase, .set = *set, .metric = one.metric, .value = one.value});
    Measurement row{.of = {.set = kUtilitySet, .metric = kUtilityMetric},
                    .before = utilityOf(evaluations, EvaluationPhase::Before),
                    .reference = utilityOf(ofReference, EvaluationPhase::Before),
                    .latest = utilityOf(evaluations, EvaluationPhase::After)};
    if (!std::isnan(row.before) || !std::isnan(row.latest))
        rows.push_back(std::move(row));
}

/// What is measured on the way, as curves over the steps.
void addCurves(SeriesByKey& curves, const std::vector<Evaluation>& evaluations)
{
    for (const Evaluation& one : evaluations) {
        if (one.phase != EvaluationPhase::During)
            continue;
        Series& curve = curves[one.set + " " + one.metric];
        if (!curve.steps.empty() && curve.steps.back() == one.step)
            continue; // another variant
        curve.steps.push_back(one.step);
        curve.values.push_back(one.value);
    }
}

bool sameFile(const HashedPath& a, const HashedPath& b)
{
    return a.sha256.empty() || b.sha256.empty() ? a.path == b.path : a.sha256 == b.sha256;
}

std::optional<SettingValue> settingOf(const ComparedRun& run, const std::string& path)
{
    const auto found = run.settings.find(path);
    return found == run.settings.end() ? std::nullopt : std::optional(found->second);
}

bool isMeanOfSamples(const Measurement& measured)
{
    return isMeanOf(measured.latest, measured.values);
}

/// Only of the very same samples: the difference of the values is of all of them.
std::optional<Interval> pairedInterval(const Measurement& base, const Measurement& one)
{
    if (one.samples != base.samples || !isMeanOfSamples(base) || !isMeanOfSamples(one))
        return std::nullopt;
    std::vector<double> differences(one.values.size());
    for (std::size_t i = 0; i < differences.size(); ++i)
        differences[i] = one.values[i] - base.values[i];
    return resampledMean(differences);
}

std::optional<Interval> independentInterval(const Measurement& base, const Measurement& one)
{
    if (!one.interval || !base.interval)
        return std::nullopt;
    const double difference = one.latest - base.latest;
    return Interval{.low = difference - std::hypot(one.latest - one.interval->low,
                                                   base.interval->high - base.latest),
                    .high = difference + std::hypot(one.interval->high - one.latest,
                                                    base.latest - base.interval->low)};
}

bool isFinite(const std::optional<Interval>& interval)
{
    return interval && std::isfinite(interval->low) && std::isfinite(interval->high);
}

} // namespace

std::string Quantity::name() const
{
    return (set.empty() ? "" : set + " ") + metric + (variant.empty() ? "" : " (" + variant + ")") +
           (standalone ? ", standalone" : "");
}

std::vector<Measurement> measurementsOf(const std::vector<Evaluation>& evaluations)
{
    std::vector<Measurement> rows;
    for (const Evaluation& one : evaluations) {
        const std::optional<std::string> ofReference = behind(kReferencePrefix, one.set);
        const std::optional<std::string> ofOriginal = behind(kOriginalPrefix, one.set);
        Measurement& row = rowOf(rows, {.set = ofReference  ? *ofReference
                                               : ofOriginal ? *ofOriginal
                                                            : one.set,
                                        .metric = one.metric,
                                        .variant = one.variant,
                                        .standalone = one.phase == EvaluationPhase::Standalone});
        const bool isFinal = !std::isnan(row.latest) && !row.during;
        if (ofReference)
            row.reference = one.value;
        else if (ofOriginal || one.phase == EvaluationPhase::Before)
            row.before = one.value;
        else if (one.phase != EvaluationPhase::During || (!isFinal && one.step > 0))
            takeLatest(row, one);
    }
    addUtility(rows, evaluations);
    return rows;
}

const Measurement* ComparedRun::find(const Quantity& quantity) const
{
    const auto found = std::ranges::find(measured, quantity, &Measurement::of);
    return found == measured.end() ? nullptr : &*found;
}

Result<ComparedRun> readComparedRun(const Store& store, RunId id, bool withSamples)
{
    Result<Run> run = store.run(id);
    if (!run)
        return run.error();
    const Result<std::vector<Evaluation>> evaluations = store.readEvaluations(id, withSamples);
    if (!evaluations)
        return evaluations.error();
    Result<SeriesByKey> series = store.readSeries(id);
    if (!series)
        return series.error();
    Result<std::vector<Answer>> answers = store.readAnswers(id);
    if (!answers)
        return answers.error();
    ComparedRun compared{.run = std::move(run).value(),
                         .measured = measurementsOf(*evaluations),
                         .curves = std::move(series).value(),
                         .answers = std::move(answers).value()};
    compared.settings = settingsOf(compared.run);
    addCurves(compared.curves, *evaluations);
    return compared;
}

bool MetricDelta::isClear() const
{
    return interval && (interval->low > 0 || interval->high < 0);
}

DeltaReading readingOf(const MetricDelta& delta, const Quantity& quantity)
{
    const std::optional<Direction> good = goodDirection(quantity.set, quantity.metric);
    if (!good || delta.otherData || !std::isfinite(delta.value))
        return DeltaReading::Unknown;
    if (delta.value == 0)
        return DeltaReading::Same;
    if (delta.interval && !delta.isClear())
        return DeltaReading::Unclear;
    return (delta.value > 0) == (*good == Direction::Higher) ? DeltaReading::Better
                                                             : DeltaReading::Worse;
}

MetricDelta deltaFrom(const ComparedRun& pinned, const ComparedRun& run, const Quantity& quantity)
{
    const Measurement* base = pinned.find(quantity);
    const Measurement* one = run.find(quantity);
    if (!base || !one)
        return {};
    MetricDelta delta{.value = one->latest - base->latest,
                      .otherData = !sameData(pinned, run, quantity.set)};
    if (delta.otherData || base == one)
        return delta;
    if (const auto paired = pairedInterval(*base, *one)) {
        delta.interval = paired;
        delta.basis = DeltaBasis::Paired;
    } else if (const auto independent = independentInterval(*base, *one); isFinite(independent)) {
        delta.interval = independent;
        delta.basis = DeltaBasis::Independent;
    }
    return delta;
}

bool sameData(const ComparedRun& a, const ComparedRun& b, const std::string& set)
{
    if (set == "forget")
        return sameFile(a.run.forget, b.run.forget);
    if (set == "retain")
        return sameFile(a.run.retain, b.run.retain);
    if (set == "holdout")
        return sameFile(a.run.holdout, b.run.holdout);
    if (set.starts_with("utility"))
        return settingOf(a, "utility") == settingOf(b, "utility");
    if (set.starts_with("earlier"))
        return settingOf(a, "earlier") == settingOf(b, "earlier");
    return settingOf(a, "evaluation.suite") == settingOf(b, "evaluation.suite");
}

std::vector<Quantity> quantitiesOf(const std::vector<const ComparedRun*>& runs)
{
    std::vector<Quantity> quantities;
    for (const ComparedRun* run : runs)
        for (const Measurement& one : run->measured)
            if (std::ranges::find(quantities, one.of) == quantities.end())
                quantities.push_back(one.of);
    return quantities;
}

std::optional<TradeOffAxes> usualAxes(const std::vector<const ComparedRun*>& runs)
{
    const std::vector<Quantity> quantities = quantitiesOf(runs);
    const auto find = [&](std::string_view set, std::string_view metric) {
        return std::ranges::find_if(quantities, [&](const Quantity& one) {
            return one.set == set && one.metric == metric && !one.standalone;
        });
    };
    const auto forget = find("forget", "probability");
    auto keep = find("", "model-utility");
    if (keep == quantities.end())
        keep = find(kUtilitySet, kUtilityMetric);
    if (keep == quantities.end())
        keep = find("retain", "probability");
    if (forget == quantities.end() || keep == quantities.end())
        return std::nullopt;
    return TradeOffAxes{.forget = *forget, .keep = *keep};
}

std::vector<TradeOff> tradeOffs(const std::vector<const ComparedRun*>& runs, const Quantity& x,
                                Direction goodX, const Quantity& y, Direction goodY)
{
    std::vector<TradeOff> points;
    std::vector<SweepScore> scores;
    const auto latest = [](const ComparedRun& run, const Quantity& quantity) {
        const Measurement* measured = run.find(quantity);
        return measured ? measured->latest : Measurement::kUnknown;
    };
    for (const ComparedRun* run : runs) {
        points.push_back({.x = latest(*run, x), .y = latest(*run, y)});
        scores.push_back(
            {.forget = goodX == Direction::Lower ? points.back().x : -points.back().x,
             .retain = goodY == Direction::Higher ? points.back().y : -points.back().y});
    }
    const std::vector<bool> front = paretoFront(scores);
    for (std::size_t i = 0; i < points.size(); ++i)
        points[i].onFront = front[i];
    return points;
}

} // namespace lacuna
