#include "core/exchange/staged_folder.h"

#include <utility>

namespace lacuna {

namespace fs = std::filesystem;

namespace {

Error folderError(const fs::path& path, const std::error_code& failure)
{
    return Error{.code = ErrorCode::Io,
                 .message = "cannot make the folder: " + failure.message(),
                 .context = path.string(),
                 .remedy = "check the permissions of the folder around it"};
}

/// "a/b/" names the folder "a/b".
fs::path withoutSlash(const fs::path& path)
{
    return path.has_filename() ? path : path.parent_path();
}

} // namespace

Result<StagedFolder> StagedFolder::create(const fs::path& path)
{
    std::error_code failure;
    if (fs::exists(path, failure) &&
        (!fs::is_directory(path, failure) || !fs::is_empty(path, failure)))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "something is there already",
                     .context = path.string(),
                     .remedy = "name a folder that is empty or does not exist"};
    StagedFolder folder(withoutSlash(path));
    // What is left there is from an export that was killed.
    fs::remove_all(folder.m_staging, failure);
    fs::create_directories(folder.m_staging, failure);
    if (failure)
        return folderError(path, failure);
    return folder;
}

StagedFolder::StagedFolder(const fs::path& path)
    : m_path(path), m_staging(path.string() + ".partial")
{
}

StagedFolder::StagedFolder(StagedFolder&& other) noexcept
    : m_path(std::move(other.m_path)), m_staging(std::exchange(other.m_staging, {}))
{
}

StagedFolder::~StagedFolder()
{
    std::error_code ignored;
    if (!m_staging.empty())
        fs::remove_all(m_staging, ignored);
}

Status StagedFolder::commit()
{
    // Renaming replaces an empty folder.
    std::error_code failure;
    fs::rename(m_staging, m_path, failure);
    if (failure)
        return folderError(m_path, failure);
    m_staging.clear();
    return {};
}

} // namespace lacuna
