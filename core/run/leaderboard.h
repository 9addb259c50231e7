#pragma once

#include "core/base/json.h"
#include "core/store/store.h"

#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// One model of a leaderboard.
struct LeaderboardRow {
    enum class Model : std::uint8_t { Original, Reference, Unlearned };

    Model model = Model::Unlearned;
    std::string name;
    std::string run;                ///< uid; empty for the others
    std::vector<Evaluation> values; ///< one a column, without samples; missing ones say why
    /// The highest mean ROUGE-L recall of the forgotten answers that any attack on it reached.
    std::optional<double> stressWorst;
    std::optional<Interval> stressInterval;
    std::optional<double> seconds;      ///< of training
    std::optional<double> retrainRatio; ///< seconds of training by those of the reference's
};

/// What a column shows.
struct LeaderboardColumn {
    const char* title;
    const char* set;
    const char* metric;
    const char* goal; ///< "higher", "lower", "as the reference"
};
[[nodiscard]] std::span<const LeaderboardColumn> leaderboardColumns();

/// What is known of retraining. Where it was not measured it is estimated from the seconds and
/// tokens of other runs, and said to be (unlearning reference 3.19).
struct RetrainingSource {
    std::string run = {}; ///< that made the reference; empty: the one whose folder holds it
    /// Passes over the retain set, at the pace of the middle one of these runs. 0: as the run that
    /// made the original went, if the history knows it.
    std::int64_t passes = 0;
};

struct Leaderboard {
    std::vector<LeaderboardRow> rows; ///< original, reference, then by forget quality, best first
    /// Where the seconds of retraining come from, in a sentence.
    std::string retraining;
    bool estimated = false; ///< they were not measured
};

/// The finished runs of a group side by side, with the original and the reference as they measured
/// them before their first step.
[[nodiscard]] Result<Leaderboard> readLeaderboard(const Store& store, const std::string& group,
                                                  const RetrainingSource& retraining = {});

[[nodiscard]] OrderedJson toJson(const Leaderboard& board);

} // namespace lacuna
