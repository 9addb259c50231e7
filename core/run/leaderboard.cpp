#include "core/run/leaderboard.h"

#include "core/base/set_names.h"
#include "core/metrics/evaluation_log.h"
#include "core/metrics/statistics.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>

namespace lacuna {
namespace {

constexpr std::array<LeaderboardColumn, 11> kColumns = {{
    {"forget quality", "", "forget-quality", "higher"},
    {"utility", "", "model-utility", "higher"},
    {"retain probability", "retain", "probability", "higher"},
    {"retain ROUGE-L", "retain", "rouge-l", "higher"},
    {"ES", "forget", "extraction-strength", "as the reference"},
    {"EM", "forget", "exact-memorization", "as the reference"},
    {"probability", "forget", "probability", "as the reference"},
    {"ROUGE-L", "forget", "rouge-l", "as the reference"},
    {"truth ratio", "forget", "truth-ratio", "as the reference"},
    {"Min-K AUC", "forget", "mia-min-k", "as the reference"},
    {"PrivLeak", "", "privleak", "zero"},
}};

/// What every attack measures.
constexpr const char* kStressMetric = "rouge-l";

LeaderboardRow rowOf(LeaderboardRow::Model model, std::string name,
                     std::span<const Evaluation> evaluations, const std::string& prefix)
{
    LeaderboardRow row{.model = model, .name = std::move(name)};
    for (const LeaderboardColumn& column : kColumns) {
        const Evaluation* found = findEvaluation(evaluations, prefix + column.set, column.metric);
        if (found) {
            row.values.push_back(*found);
            continue;
        }
        row.values.push_back({.set = column.set,
                              .metric = column.metric,
                              .value = std::numeric_limits<double>::quiet_NaN(),
                              .missing = "it was not measured: run with a suite that has it"});
    }
    return row;
}

std::vector<Evaluation> ofPhase(const std::vector<Evaluation>& all, EvaluationPhase phase)
{
    std::vector<Evaluation> found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [&](const Evaluation& one) { return one.phase == phase; });
    return found;
}

/// A number of the run's summary, if it is there and above 0.
std::optional<double> numberOf(const Run& run, const char* key)
{
    const Json summary = Json::parse(run.summary, nullptr, false);
    if (!summary.is_object() || !summary.contains(key) || !summary[key].is_number() ||
        summary[key].get<double>() <= 0)
        return std::nullopt;
    return summary[key].get<double>();
}

std::optional<double> trainingSeconds(const Run& run)
{
    return numberOf(run, "training_seconds");
}

std::string modelNamedBy(const Run& run, const char* key)
{
    const Json recipe = Json::parse(run.recipe, nullptr, false);
    return recipe.is_object() && recipe.contains(key) && recipe[key].is_string()
               ? recipe[key].get<std::string>()
               : std::string();
}

/// The run that made the model in \p folder, if the history knows it.
std::optional<Run> makerOf(const Store& store, const std::filesystem::path& folder)
{
    const Result<std::vector<Run>> runs = store.runs();
    if (!runs || folder.empty())
        return std::nullopt;
    // Either may be reached through a link.
    const auto resolved = [](const std::filesystem::path& path) {
        std::error_code ignored;
        const std::filesystem::path found = std::filesystem::weakly_canonical(path, ignored);
        return found.empty() ? path.lexically_normal() : found;
    };
    const std::filesystem::path wanted = resolved(folder);
    for (const Run& run : *runs)
        if (!run.folder.empty() && resolved(std::filesystem::path(run.folder) / "model") == wanted)
            return run;
    return std::nullopt;
}

struct Retraining {
    std::optional<double> seconds = {};
    bool estimated = false;
    std::string explanation; ///< where they come from
};

/// \p passes over the retain set at the pace of the middle one of \p runs: some methods leave out
/// half of the model's work, others do it twice.
std::optional<Retraining> atThePaceOf(const std::vector<Run>& runs, std::int64_t passes)
{
    const auto retain = numberOf(runs.front(), "retain_tokens");
    std::vector<double> paces;
    for (const Run& run : runs)
        if (const auto tokens = numberOf(run, "trained_tokens"), time = trainingSeconds(run);
            tokens && time)
            paces.push_back(*tokens / *time);
    if (!retain || paces.empty())
        return std::nullopt;
    const double pace = quantile(paces, 0.5);
    return Retraining{static_cast<double>(passes) * *retain / pace, true,
                      fmt::format("retraining is estimated: {} passes over the {:.0f} tokens of "
                                  "the retain set at {:.0f} tokens a second, the middle of these "
                                  "runs",
                                  passes, *retain, pace)};
}

/// As long as the original took, but for the tokens that are left out. An original that a run has
/// unlearned from another one tells nothing of training.
std::optional<Retraining> likeTheOriginal(const Store& store, const Run& run)
{
    const auto maker = makerOf(store, modelNamedBy(run, "model"));
    if (!maker || maker->method != "finetune")
        return std::nullopt;
    const auto time = trainingSeconds(*maker);
    const auto all = numberOf(*maker, "forget_tokens"); // what it was trained on
    const auto retain = numberOf(run, "retain_tokens");
    if (!time || !all || !retain)
        return std::nullopt;
    return Retraining{*time * *retain / *all, true,
                      fmt::format("retraining is estimated: run {} made the original in {:.0f} s "
                                  "from {:.0f} tokens, and the retain set has {:.0f}",
                                  maker->uid, *time, *all, *retain)};
}

/// \p runs of a group, one at least.
Result<Retraining> retrainingOf(const Store& store, const std::vector<Run>& runs,
                                const RetrainingSource& source)
{
    std::optional<Run> maker;
    if (source.run.empty()) {
        maker = makerOf(store, modelNamedBy(runs.front(), "reference"));
    } else {
        Result<Run> named = store.findRun(source.run);
        if (!named)
            return named.error();
        maker = std::move(named).value();
    }
    if (const auto seconds = maker ? trainingSeconds(*maker) : std::nullopt)
        return Retraining{seconds, false, "retraining was measured: run " + maker->uid};
    if (source.passes > 0)
        return atThePaceOf(runs, source.passes)
            .value_or(Retraining{.explanation = "the seconds of retraining are not known: these "
                                                "runs have recorded no tokens to estimate them "
                                                "from"});
    return likeTheOriginal(store, runs.front())
        .value_or(Retraining{
            .explanation =
                "the seconds of retraining are not known: name the run that made the "
                "reference (--retraining), or how many passes over the retain set it would "
                "take (--passes)"});
}

/// Takes in the highest value that any attack brought out of a model; models are told by their
/// role.
void takeWorst(const std::vector<StressResult>& results, ModelRole role, LeaderboardRow& row)
{
    for (const StressResult& result : results)
        if (result.role == role && result.metric == kStressMetric && std::isfinite(result.value) &&
            !(row.stressWorst >= result.value)) {
            row.stressWorst = result.value;
            row.stressInterval = result.interval;
        }
}

/// Runs of a sweep are called after it.
std::string nameInGroup(const Run& run)
{
    const std::string prefix = run.group + ": ";
    return run.name.starts_with(prefix) ? run.name.substr(prefix.size()) : run.name;
}

double orderOf(const LeaderboardRow& row)
{
    const double quality = row.values.front().value;
    return std::isfinite(quality) ? -quality : std::numeric_limits<double>::infinity();
}

OrderedJson finite(std::optional<double> value)
{
    return value && std::isfinite(*value) ? OrderedJson(*value) : OrderedJson(nullptr);
}

} // namespace

std::span<const LeaderboardColumn> leaderboardColumns()
{
    return kColumns;
}

Result<Leaderboard> readLeaderboard(const Store& store, const std::string& group,
                                    const RetrainingSource& source)
{
    const Result<std::vector<Run>> listed = store.runs({.group = group, .descending = false});
    if (!listed)
        return listed.error();
    Leaderboard board;
    std::vector<Run> runs;
    for (const Run& entry : *listed) {
        if (entry.state != RunState::Done && entry.state != RunState::Stopped)
            continue;
        const Result<Run> run = store.run(entry.id);
        const Result<std::vector<Evaluation>> all = store.readEvaluations(entry.id, false);
        if (!run || !all)
            return run ? all.error() : run.error();
        const Result<std::vector<StressResult>> stress = store.readStressResults(entry.id);
        if (!stress)
            return stress.error();
        if (board.rows.empty()) {
            const std::vector<Evaluation> before = ofPhase(*all, EvaluationPhase::Before);
            board.rows.push_back(rowOf(LeaderboardRow::Model::Original, "original", before, ""));
            board.rows.push_back(rowOf(LeaderboardRow::Model::Reference, "reference, retrained",
                                       before, std::string(kReferencePrefix)));
        }
        LeaderboardRow row = rowOf(LeaderboardRow::Model::Unlearned, nameInGroup(*run),
                                   ofPhase(*all, EvaluationPhase::After), "");
        row.run = run->uid;
        takeWorst(*stress, ModelRole::Current, row);
        takeWorst(*stress, ModelRole::Original, board.rows[0]);
        takeWorst(*stress, ModelRole::Reference, board.rows[1]);
        row.seconds = trainingSeconds(*run);
        board.rows.push_back(std::move(row));
        runs.push_back(*run);
    }
    if (board.rows.empty())
        return Error{.code = ErrorCode::NotFound,
                     .message = "the group \"" + group + "\" has no finished run",
                     .context = store.path().string(),
                     .remedy = "lacuna-cli history list shows the groups"};
    std::stable_sort(board.rows.begin() + 2, board.rows.end(),
                     [](const auto& a, const auto& b) { return orderOf(a) < orderOf(b); });
    const Result<Retraining> retraining = retrainingOf(store, runs, source);
    if (!retraining)
        return retraining.error();
    board.rows[1].seconds = retraining->seconds;
    board.retraining = retraining->explanation;
    board.estimated = retraining->estimated;
    for (LeaderboardRow& row : board.rows)
        if (retraining->seconds && row.seconds)
            row.retrainRatio = *row.seconds / *retraining->seconds;
    return board;
}

OrderedJson toJson(const Leaderboard& board)
{
    constexpr std::array kModels = {"original", "reference", "unlearned"};
    OrderedJson json = {{"retraining", board.retraining},
                        {"retraining_is_estimated", board.estimated},
                        {"rows", OrderedJson::array()}};
    for (const LeaderboardRow& row : board.rows) {
        OrderedJson values = OrderedJson::array();
        for (const Evaluation& value : row.values) {
            OrderedJson one = {{"set", value.set},
                               {"metric", value.metric},
                               {"variant", value.variant},
                               {"value", finite(value.value)}};
            if (value.interval)
                one["interval"] = {finite(value.interval->low), finite(value.interval->high)};
            if (!value.missing.empty())
                one["missing"] = value.missing;
            values.push_back(std::move(one));
        }
        OrderedJson line = {{"model", kModels[static_cast<std::size_t>(row.model)]},
                            {"name", row.name},
                            {"run", row.run},
                            {"values", std::move(values)},
                            {"stress_worst", finite(row.stressWorst)}};
        if (row.stressInterval)
            line["stress_worst_interval"] = {finite(row.stressInterval->low),
                                             finite(row.stressInterval->high)};
        line["seconds"] = finite(row.seconds);
        line["retrain_ratio"] = finite(row.retrainRatio);
        json["rows"].push_back(std::move(line));
    }
    return json;
}

} // namespace lacuna
