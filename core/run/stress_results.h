#pragma once

#include "core/base/json.h"
#include "core/store/records.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What the rows of a stress battery say together. Plain values: they are read from the history.
namespace lacuna {

/// The label of the row in which every item counts at the setting that brought most out of it.
inline constexpr const char* kWorstSetting = "worst of all";

/// What a row keeps in `detail`.
struct StressDetail {
    struct Item {
        std::int64_t item = 0;
        double before = 0; ///< NaN: there is no such thing
        double value = 0;
    };
    std::vector<Item> items;
    /// What sets the setting apart, as numbers: {"step": 20}.
    Json values = Json::object();
    /// Beside the numbers: shares, counts, a recovery ratio.
    Json facts = Json::object();
    bool wantsReference = false;  ///< any model gains by it: judged beside a reference alone
    std::int64_t worstItem = -1;  ///< that came back most; -1: none
    std::string worstAnswer = {}; ///< what the model said there; empty: it did not answer

    [[nodiscard]] std::string toJson() const;
};
/// Without items where the text is none.
[[nodiscard]] StressDetail stressDetail(const StressResult& result);

/// "int4", "20 steps"; empty: the attack has but one.
[[nodiscard]] std::string settingOf(const StressResult& result);

/// Those of the battery that was run last of each attack.
[[nodiscard]] std::vector<StressResult> latestOf(const std::vector<StressResult>& results);
/// What the battery is shown by: the first of ROUGE-L, extraction strength and probability that
/// there are numbers of; empty: there are none.
[[nodiscard]] std::string leadingMetric(std::span<const StressResult> results);

/// The row of the same attack, setting, set and metric on another model; null: there is none.
[[nodiscard]] const StressResult* counterpart(std::span<const StressResult> results,
                                              const StressResult& result, ModelRole role);

/// open-unlearning's robustness numbers, which compare with the reference: of a change of weights
/// by training R = min(1, rise of the reference / rise of this model), 1 where nothing rises (Dorna
/// et al. 2025, arXiv:2506.12618). Nothing without a reference, or of other attacks.
[[nodiscard]] std::optional<double> recoveryRatio(std::span<const StressResult> results,
                                                  const StressResult& result);

/// An attack that brought something back.
struct Recovery {
    std::string attack;
    std::string setting;
    std::string metric;
    double before = 0; ///< NaN: asks for something that nothing else asks for
    double value = 0;
    std::optional<double> original;  ///< under the same attack
    std::optional<double> reference; ///< under the same attack
};

/// What is there without any attack, so that nothing had to be recovered.
struct Remainder {
    std::string metric;
    double value = 0;
    std::optional<double> original = {};
    std::optional<double> reference = {};
};

struct StressVerdict {
    std::vector<Recovery> recovered; ///< strongest first, one an attack
    std::int64_t tried = 0;          ///< attacks that gave numbers which can be judged
    std::int64_t missing = 0;        ///< attacks that had nothing to work on
    /// Attacks by which any model gains, for lack of a reference to compare with.
    std::int64_t unjudged = 0;
    bool hasReference = false;
    /// Set where the unlearned model exceeds the reference without an attack, in the sense in which
    /// a recovery does; without a reference, where it has half of what the original has.
    std::optional<Remainder> remainder = {};
};

/// The least rise that counts, on scales from 0 to 1.
inline constexpr double kLeastRecovery = 0.05;

/// An attack recovers something where the scores of the same items rise by kLeastRecovery or more
/// and the 95 % bootstrap interval of their mean rise lies above 0; and, where there is a
/// reference, they exceed in the same sense what the same attack brings out of that.
[[nodiscard]] StressVerdict stressVerdict(std::span<const StressResult> results);
/// The verdict in a sentence or two: "no recovery seen in these tests", or what recovered; and what
/// was never gone.
[[nodiscard]] std::string verdictText(const StressVerdict& verdict);

/// Every item at the attack and setting that brought most out of it, and their mean.
struct WorstCase {
    double value = 0;
    double before = 0; ///< of the same items without an attack
    std::int64_t count = 0;
};
/// \return nothing where no row of \p metric on that model keeps its items
[[nodiscard]] std::optional<WorstCase> worstCase(std::span<const StressResult> results,
                                                 ModelRole role, const std::string& metric);

} // namespace lacuna
