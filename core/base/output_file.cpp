#include "core/base/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace lacuna {
namespace {

std::string temporaryName(const std::filesystem::path& path)
{
    return path.string() + ".partial";
}

Error writeError(const std::filesystem::path& path)
{
    return Error{.code = ErrorCode::Io,
                 .message = std::string("cannot write the file: ") + std::strerror(errno),
                 .context = path.string(),
                 .remedy = "check the free space and the permissions of the folder"};
}

} // namespace

Result<OutputFile> OutputFile::create(const std::filesystem::path& path)
{
    const int file =
        ::open(temporaryName(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        return writeError(path);
    return OutputFile(path, file);
}

OutputFile::OutputFile(std::filesystem::path path, int file) : m_path(std::move(path)), m_file(file)
{
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_file(std::exchange(other.m_file, -1))
{
}

OutputFile::~OutputFile()
{
    if (m_file < 0)
        return;
    ::close(m_file);
    ::unlink(temporary().c_str());
}

std::string OutputFile::temporary() const
{
    return temporaryName(m_path);
}

Status OutputFile::write(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_file, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return writeError(m_path);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status OutputFile::write(std::string_view bytes)
{
    return write(std::as_bytes(std::span(bytes)));
}

Status OutputFile::commit()
{
    if (::fsync(m_file) != 0)
        return writeError(m_path);
    if (::close(std::exchange(m_file, -1)) != 0 ||
        ::rename(temporary().c_str(), m_path.c_str()) != 0) {
        Error error = writeError(m_path);
        ::unlink(temporary().c_str());
        return error;
    }
    return {};
}

} // namespace lacuna
