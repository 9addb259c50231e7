#pragma once

#include "core/base/result.h"
#include "core/models/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// Element types of the safetensors format that Lacuna reads or writes.
enum class ElementType : std::uint8_t { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };

[[nodiscard]] std::string_view elementTypeName(ElementType type); ///< "F32"
[[nodiscard]] std::size_t elementSize(ElementType type);          ///< bytes

[[nodiscard]] std::string shapeText(const std::vector<std::int64_t>& shape); ///< "[32, 64]"

/// One tensor as a header names it. `bytes` points into the mapped file.
struct TensorEntry {
    std::string name;
    ElementType type = ElementType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;

    [[nodiscard]] std::int64_t elementCount() const;
};

/// A safetensors file, mapped. Every offset is validated on opening: in range, equal to the
/// tensor's size, not overlapping another's, and without gaps, so that nothing later can read
/// outside the file.
/// Format: 8 bytes little-endian header length, JSON header, data.
class SafetensorsFile {
public:
    static Result<SafetensorsFile> open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    /// In order of their place in the file.
    [[nodiscard]] const std::vector<TensorEntry>& tensors() const { return m_tensors; }
    [[nodiscard]] const TensorEntry* find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return m_metadata; }

private:
    SafetensorsFile(std::filesystem::path path, MappedFile file)
        : m_path(std::move(path)), m_file(std::move(file))
    {
    }
    Status readHeader();

    std::filesystem::path m_path;
    MappedFile m_file;
    std::vector<TensorEntry> m_tensors;
    std::map<std::string, std::string> m_metadata;
};

/// What a header says of a tensor, but for its offsets, which follow from the order.
struct TensorPlace {
    std::string name;
    ElementType type = ElementType::F32;
    std::vector<std::int64_t> shape;

    [[nodiscard]] std::uint64_t byteCount() const;
};

/// The start of a file with \p tensors in this order, up to the first element: for whoever writes
/// the elements by itself.
[[nodiscard]] std::string safetensorsHeader(const std::vector<TensorPlace>& tensors,
                                            const std::map<std::string, std::string>& metadata);

/// A tensor to write; `fill` writes its elements into the buffer that it is given, in the type and
/// of the size that the other members say. Called once, when the tensor's turn comes, so that a
/// large model need not exist twice.
struct TensorToWrite {
    std::string name;
    ElementType type = ElementType::F32;
    std::vector<std::int64_t> shape;
    std::function<void(std::span<std::byte>)> fill;
};

/// Writes beside \p path, flushes to the disk and renames: a reader sees the old file or the whole
/// new one. On failure (full disk, permissions) nothing of the new one stays.
[[nodiscard]] Status writeSafetensors(const std::filesystem::path& path,
                                      const std::vector<TensorToWrite>& tensors,
                                      const std::map<std::string, std::string>& metadata = {});

} // namespace lacuna
