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

struct Leaderboard {
    std::vector<LeaderboardRow> rows; ///< original, reference, then by forget quality, best first
    /// Where the seconds of retraining come from, in a sentence.
    std::string retraining;
};

/// The finished runs of a group side by side, with the original and the reference as they measured
/// them before their first step.
/// \param retraining  the run that made the reference; empty: the one whose folder holds it, if the
///                    history knows it
[[nodiscard]] Result<Leaderboard> readLeaderboard(const Store& store, const std::string& group,
                                                  const std::string& retraining = {});

[[nodiscard]] OrderedJson toJson(const Leaderboard& board);

} // namespace lacuna
