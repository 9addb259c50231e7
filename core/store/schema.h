#pragma once

#include "core/base/result.h"
#include "core/store/sqlite.h"

#include <span>

namespace lacuna {

/// "LCNA" in the file's header tells an experiment history from any other SQLite file.
constexpr std::int64_t kStoreApplicationId = 0x4c434e41;

/// One step of the schema. Released ones are never edited: a change is another step.
struct Migration {
    int version; ///< 1, 2, 3, ... in order; the file's user_version afterwards
    const char* title;
    const char* sql;
};

/// The steps that lead to the schema of this program.
[[nodiscard]] std::span<const Migration> storeMigrations();

/// Brings \p database from its user_version to the last of \p migrations.
///
/// Each step runs in a transaction of its own that also writes the version, so that a failing step
/// leaves the file as the step before it did. Before the first step a file that already holds a
/// schema is copied to "<file>.v<version>.bak". A file of a newer version is refused with
/// Unsupported and not touched, and so is an older one that is open for reading only. Foreign keys
/// are off on return: a step may have to rebuild a table that others refer to.
/// \throws std::logic_error when the versions are not 1, 2, 3, ...
[[nodiscard]] Status migrate(const Database& database, std::span<const Migration> migrations);

} // namespace lacuna
