#pragma once

#include "core/base/json.h"
#include "core/base/named_params.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

/// The stress battery: what tries to bring the forgotten back (unlearning reference 3.10 to 3.12).
namespace lacuna {

struct AttackedSetting;
struct AttackTarget;

/// What is attacked.
enum class AttackReach : std::uint8_t {
    Weights,  ///< who holds the model changes it
    Question, ///< who asks it words the question otherwise
    Answer,   ///< who asks it has a hand in the answer: its beginning, or many tries
};

/// What an attack takes, measured in what the first pass over the same items took.
struct AttackCost {
    double scores = 0;  ///< passes that score the true answers
    double answers = 0; ///< passes in which the model answers
    double learned = 0; ///< items that are learned from
};

struct AttackInfo {
    std::string id; ///< written into the history: never rename
    std::string title;
    std::string source;
    std::string explanation;
    AttackReach reach = AttackReach::Question;
    std::string needs = {}; ///< beside the forget set, in words; empty: nothing
    bool needsFile = false; ///< which a person gives as the parameter "file"
    bool needsAdapter = false;
    /// Whether its settings are tries of their own, among which the worst can be picked. Otherwise
    /// they sum the same tries up in several ways.
    bool hasAlternatives = true;
    std::vector<ParamSpec> params = {};
    /// Of the parameters together, before a model is loaded; null: nothing more to check.
    Status (*check)(const ParamSet& params) = nullptr;
    AttackCost (*cost)(const ParamSet& params);
    /// Attacks \p target and leaves its model as it was, to the bit. Empty when cancelled.
    /// \return InvalidArgument, NotFound or Unsupported where the data or the model is nothing for
    ///         this attack: a sentence for the place where its numbers would stand
    Result<std::vector<AttackedSetting>> (*run)(const ParamSet& params, const AttackTarget& target);
};

[[nodiscard]] const Catalog<AttackInfo>& attacks();

using AttackSpec = NamedParams;

/// {"id": "relearning", "steps": 40}; relative files are taken from the present folder.
[[nodiscard]] Result<AttackSpec> readAttackSpec(const Json& object, const std::string& place);
/// Ids with commas between them, or the JSON of one attack, or a list of those.
[[nodiscard]] Result<std::vector<AttackSpec>> parseAttackSpecs(const std::string& text,
                                                               const std::string& place);
/// Every attack that needs no file, as it comes.
[[nodiscard]] std::vector<AttackSpec> usualAttacks();

/// "5,10,25" as whole numbers of at least 1, ascending, without repetition.
[[nodiscard]] Result<std::vector<std::int64_t>> readCounts(const std::string& text,
                                                           const std::string& place);

} // namespace lacuna
