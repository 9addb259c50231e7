#pragma once

#include "core/store/records.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What runs were asked to do, setting by setting, side by side.
namespace lacuna {

struct SettingValue {
    std::string text;             ///< as JSON writes it, but words without quotation marks
    std::optional<double> number; ///< of a setting that is one

    friend bool operator==(const SettingValue&, const SettingValue&) = default;
};

/// By dotted path: "training.learning_rate". Of a list of named things, such as the controls, each
/// has a path of its own by its id ("controls.retain-budget.max_increase"), so that their order
/// does not matter; a thing that has only its id is "yes".
using RunSettings = std::map<std::string, SettingValue, std::less<>>;

/// The recipe of \p run as this version reads it, with every default written out, and what loading
/// found out ("made.device", "made.precision", "made.threads", "made.program_version", hashes of
/// model and corpora). A recipe that cannot be read is taken as it stands; text that is no JSON has
/// no settings.
[[nodiscard]] RunSettings settingsOf(const Run& run);

/// One setting over all runs; nothing for a run that does not have it.
struct SettingRow {
    std::string path;
    std::vector<std::optional<SettingValue>> values = {}; ///< in the order of the runs
    bool differs = false;                                 ///< not the same in all of them

    /// The number of run \p run minus that of run \p pinned; nothing unless both are numbers.
    [[nodiscard]] std::optional<double> delta(std::size_t run, std::size_t pinned) const;
};

struct SettingFilter {
    /// Paths, with all that lies below them ("training" leaves out "training.epochs").
    std::vector<std::string> ignored = {"name", "lacuna"};
    bool onlyDifferences = true;
};

/// Every setting that any of \p runs has and the filter leaves, by path.
[[nodiscard]] std::vector<SettingRow> compareSettings(const std::vector<const RunSettings*>& runs,
                                                      const SettingFilter& filter = {});

/// Whether \p path is \p prefix or lies below it.
[[nodiscard]] bool isBelow(std::string_view path, std::string_view prefix);

} // namespace lacuna
