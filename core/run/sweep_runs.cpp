#include "core/run/sweep_runs.h"

#include "core/base/text.h"
#include "core/metrics/statistics.h"
#include "core/store/store.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double valueOf(const std::vector<Evaluation>& evaluations, EvaluationPhase phase,
               const std::string& set, const std::string& metric)
{
    double value = kNone;
    for (const Evaluation& one : evaluations)
        if (one.phase == phase && one.set == set && one.metric == metric)
            value = one.value;
    return value;
}

std::vector<Evaluation> evaluationsOf(const Store& store, RunId id)
{
    Result<std::vector<Evaluation>> evaluations = store.readEvaluations(id, false);
    return evaluations ? std::move(evaluations).value() : std::vector<Evaluation>();
}

/// The name without the group's in front.
std::string labelOf(const Run& run)
{
    const std::string prefix = run.group + ": ";
    return run.name.starts_with(prefix) ? run.name.substr(prefix.size()) : run.name;
}

constexpr std::size_t kUtility = 4; ///< in kSweepMeasures
static_assert(std::string_view(kSweepMeasures[kUtility].set) == "utility");

/// A run's recipe without what differs between runs that are the same but for their seed.
std::string withoutSeed(const std::string& recipe)
{
    Json document = Json::parse(recipe, nullptr, false);
    if (!document.is_object())
        return recipe;
    document.erase("seed");
    document.erase("name");
    return document.dump();
}

/// The parts that all labels have in common; the group's name where there are none.
std::string commonLabel(const std::vector<const SweepOutcome*>& outcomes)
{
    std::vector<std::string> common;
    for (const std::string_view part : split(outcomes.front()->of.label, ','))
        common.emplace_back(trimmed(part));
    for (const SweepOutcome* outcome : outcomes) {
        std::set<std::string> parts;
        for (const std::string_view part : split(outcome->of.label, ','))
            parts.emplace(trimmed(part));
        std::erase_if(common, [&](const std::string& part) { return !parts.contains(part); });
    }
    return common.empty() ? outcomes.front()->of.run.group : join(common, ", ");
}

} // namespace

Result<std::vector<Run>> readGroup(const Store& store, const std::string& group)
{
    const Result<std::vector<Run>> listed = store.runs({.group = group});
    if (!listed)
        return listed.error();
    std::vector<Run> runs;
    for (const Run& one : *listed)
        if (Result<Run> whole = store.run(one.id)) // gone since: as if it had never been
            runs.push_back(std::move(whole).value());
    return runs;
}

std::optional<Run> recordOf(const std::vector<Run>& runs, const Recipe& recipe)
{
    const auto found = std::ranges::find(runs, recipe.toJson().dump(), &Run::recipe);
    return found == runs.end() ? std::nullopt : std::optional(*found);
}

bool hasResult(const Run& run)
{
    return run.state == RunState::Done || run.state == RunState::Stopped;
}

bool SweepPass::Step::continues() const
{
    return record && (record->state == RunState::Interrupted || !isEnded(record->state));
}

SweepPass::SweepPass(Sweep sweep, std::vector<Run> runs)
    : m_sweep(std::move(sweep)), m_runs(std::move(runs))
{
}

SweepPass::Step SweepPass::step() const
{
    const SweepPoint& point = m_sweep.points.at(m_number);
    Step step{.number = m_number, .label = point.label};
    step.recipe =
        m_sweep.sequence
            ? requestRecipe(m_sweep, m_number,
                            m_previous ? std::filesystem::path(m_previous->folder) / "model"
                                       : std::filesystem::path())
            : point.recipe;
    if (m_previous)
        step.parent = m_previous->id;
    step.record = recordOf(m_runs, step.recipe);
    return step;
}

void SweepPass::advance(const std::optional<Run>& record)
{
    if (record)
        m_recorded.push_back({m_sweep.points.at(m_number).label, *record});
    ++m_number;
    if (!m_sweep.sequence)
        return;
    m_broken = !record || !hasResult(*record);
    m_previous = record;
}

std::vector<SweepOutcome> readOutcomes(const Store& store, const std::vector<LabelledRun>& runs)
{
    std::vector<SweepOutcome> outcomes;
    std::vector<SweepScore> scores;
    for (const LabelledRun& one : runs) {
        SweepOutcome outcome{.of = one};
        const std::vector<Evaluation> evaluations = evaluationsOf(store, one.run.id);
        for (std::size_t i = 0; i < kSweepMeasures.size(); ++i)
            outcome.values[i] = valueOf(evaluations, EvaluationPhase::After, kSweepMeasures[i].set,
                                        kSweepMeasures[i].metric);
        outcome.values[kUtility] = utilityOf(evaluations, EvaluationPhase::After);
        const Json summary = Json::parse(one.run.summary, nullptr, false);
        if (summary.is_object())
            outcome.seconds = summary.value("training_seconds", kNone);
        scores.push_back({.forget = outcome.values[0], .retain = outcome.values[2]});
        outcomes.push_back(std::move(outcome));
    }
    const std::vector<bool> best = paretoFront(scores);
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        outcomes[i].best = best[i];
    return outcomes;
}

double utilityOf(const std::vector<Evaluation>& evaluations, EvaluationPhase phase)
{
    std::vector<double> values;
    for (const Evaluation& one : evaluations)
        if (one.phase == phase && one.set.starts_with("utility-") &&
            (one.metric == "probability" || one.metric == "rouge-l"))
            values.push_back(one.value);
    return values.empty() ? kNone : harmonicMean(values);
}

std::vector<SeedSpread> spreadOverSeeds(const std::vector<SweepOutcome>& outcomes)
{
    struct Family {
        std::string recipe;
        std::vector<const SweepOutcome*> members;
    };
    std::vector<Family> families;
    for (const SweepOutcome& outcome : outcomes) {
        if (!hasResult(outcome.of.run))
            continue; // what failed or goes on says nothing about the others
        const std::string recipe = withoutSeed(outcome.of.run.recipe);
        auto family = std::ranges::find(families, recipe, &Family::recipe);
        if (family == families.end())
            family = families.insert(family, {recipe, {}});
        family->members.push_back(&outcome);
    }
    std::vector<SeedSpread> spreads;
    for (const Family& family : families) {
        if (family.members.size() < 2)
            continue;
        SeedSpread spread{.label = commonLabel(family.members), .runs = family.members.size()};
        for (std::size_t i = 0; i < kSweepMeasures.size(); ++i) {
            std::vector<double> values;
            values.reserve(family.members.size());
            for (const SweepOutcome* member : family.members)
                values.push_back(member->values[i]);
            spread.means[i] = mean(values);
            spread.deviations[i] = sampleStandardDeviation(values);
        }
        spreads.push_back(std::move(spread));
    }
    return spreads;
}

Timeline readTimeline(const Store& store, const std::vector<LabelledRun>& requests)
{
    const std::size_t count = requests.size();
    Timeline timeline;
    timeline.retain.known.assign(count + 1, kNone);
    for (const LabelledRun& request : requests)
        timeline.targets.push_back({request.label, std::vector<double>(count + 1, kNone)});
    for (std::size_t i = 0; i < count; ++i) {
        const std::vector<Evaluation> evaluations = evaluationsOf(store, requests[i].run.id);
        const auto probability = [&](EvaluationPhase phase, const std::string& set) {
            return valueOf(evaluations, phase, set, "probability");
        };
        timeline.targets[i].known[i] = probability(EvaluationPhase::Before, "forget");
        timeline.targets[i].known[i + 1] = probability(EvaluationPhase::After, "forget");
        for (std::size_t earlier = 0; earlier < i; ++earlier)
            timeline.targets[earlier].known[i + 1] =
                probability(EvaluationPhase::After, "earlier-" + std::to_string(earlier + 1));
        if (i == 0)
            timeline.retain.known[0] = probability(EvaluationPhase::Before, "retain");
        timeline.retain.known[i + 1] = probability(EvaluationPhase::After, "retain");
    }
    return timeline;
}

std::vector<LabelledRun> labelledRuns(const std::vector<Run>& runs)
{
    std::vector<LabelledRun> labelled;
    std::set<std::string> seen;
    for (const Run& run : runs)
        if (seen.insert(run.recipe).second)
            labelled.push_back({labelOf(run), run});
    std::ranges::reverse(labelled);
    return labelled;
}

std::vector<LabelledRun> requestLine(const std::vector<LabelledRun>& runs, RunId id)
{
    const auto find = [&](RunId wanted) {
        return std::ranges::find(runs, wanted, [](const LabelledRun& one) { return one.run.id; });
    };
    std::vector<LabelledRun> line;
    const auto own = find(id);
    if (own == runs.end())
        return line;
    line.push_back(*own);
    // A parent is older than what started from it, so neither loop goes round.
    while (line.front().run.parent) {
        const auto parent = find(*line.front().run.parent);
        if (parent == runs.end() || parent->run.id >= line.front().run.id)
            break;
        line.insert(line.begin(), *parent);
    }
    for (auto next = runs.end();; line.push_back(*next)) {
        const RunId last = line.back().run.id;
        next = runs.end();
        for (auto one = runs.begin(); one != runs.end(); ++one)
            if (one->run.parent == last && one->run.id > last)
                next = one;
        if (next == runs.end())
            break;
    }
    if (line.size() < 2)
        line.clear();
    return line;
}

} // namespace lacuna
