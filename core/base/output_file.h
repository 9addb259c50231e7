#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace lacuna {

/// A file that appears whole or not at all. Bytes go to "PATH.partial"; commit() flushes them to
/// the disk and renames, so that a reader sees the old content or the new one. Destroyed without
/// commit(), nothing of it stays.
class OutputFile {
public:
    [[nodiscard]] static Result<OutputFile> create(const std::filesystem::path& path);

    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile();

    [[nodiscard]] Status write(std::span<const std::byte> bytes);
    [[nodiscard]] Status write(std::string_view bytes);
    /// No write may follow.
    [[nodiscard]] Status commit();

private:
    OutputFile(std::filesystem::path path, int file);
    [[nodiscard]] std::string temporary() const;

    std::filesystem::path m_path;
    int m_file; // -1: committed, failed or moved from
};

} // namespace lacuna
