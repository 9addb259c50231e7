#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace lacuna {

/// A folder that appears whole or not at all: files are written into "PATH.partial" beside it, and
/// commit() renames. Destroyed without commit(), nothing of it stays.
class StagedFolder {
public:
    /// InvalidArgument when \p path is a file, or a folder that is not empty.
    [[nodiscard]] static Result<StagedFolder> create(const std::filesystem::path& path);

    StagedFolder(StagedFolder&& other) noexcept;
    StagedFolder& operator=(StagedFolder&&) = delete;
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;
    ~StagedFolder();

    /// Where the files go until then.
    [[nodiscard]] const std::filesystem::path& path() const { return m_staging; }
    [[nodiscard]] Status commit();

private:
    explicit StagedFolder(const std::filesystem::path& path);

    std::filesystem::path m_path;
    std::filesystem::path m_staging; // empty: committed or moved from
};

} // namespace lacuna
