#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <span>

namespace lacuna {

/// A file mapped read-only for as long as the object lives. Pages are read on first touch, so a
/// model opens in the time its header takes, and clean pages cost page cache only.
class MappedFile {
public:
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] std::span<const std::byte> bytes() const { return {m_data, m_size}; }

private:
    MappedFile(const std::byte* data, std::size_t size) : m_data(data), m_size(size) {}
    void release();

    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

/// Takes the pages that lie wholly inside of mapped \p bytes out of this process. They stay valid:
/// the next access reads them again.
void giveBackPages(std::span<const std::byte> bytes);

} // namespace lacuna
