#pragma once

#include "core/base/result.h"
#include "core/exchange/elements.h"
#include "core/exchange/progress.h"
#include "core/models/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// GGUF version 3, the file format of llama.cpp: magic, version, counts, key-value metadata, tensor
/// descriptions, padding, tensor data; all little-endian.
/// Source: docs/gguf.md of the ggml project.
namespace lacuna {

/// Element types that Lacuna reads and writes; the numbers are those of the file.
enum class GgufType : std::uint32_t { F32 = 0, F16 = 1, Q8_0 = 8, BF16 = 30 };

[[nodiscard]] std::string_view ggufTypeName(GgufType type); ///< "Q8_0"
/// Numbers that are stored together: 32 of Q8_0, else 1. A row is a whole number of them.
[[nodiscard]] std::size_t ggufBlock(GgufType type);
/// Bytes of \p count numbers, a whole number of blocks.
[[nodiscard]] std::uint64_t ggufBytes(GgufType type, std::uint64_t count);
/// Whole blocks of numbers from \p type to float32 and back.
void decodeGguf(GgufType type, std::span<const std::byte> bytes, std::span<float> out);
void encodeGguf(GgufType type, std::span<const float> values, std::span<std::byte> out);

/// Types of metadata; the numbers are those of the file.
enum class GgufKind : std::uint32_t {
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12,
};

/// A metadata value as it stands in the file; valid while its bytes are.
struct GgufValue {
    GgufKind kind = GgufKind::U8;
    std::span<const std::byte> bytes; ///< without the length of a string, the head of an array
    GgufKind element = GgufKind::U8;  ///< of an array
    std::uint64_t count = 0;          ///< of an array

    /// Nothing when the value is of another kind, or out of range.
    [[nodiscard]] std::optional<std::int64_t> whole() const;
    [[nodiscard]] std::optional<double> number() const;
    [[nodiscard]] std::optional<bool> flag() const;
    [[nodiscard]] std::optional<std::string_view> text() const;
    /// Empty when the value is no array of them.
    [[nodiscard]] std::vector<std::string_view> texts() const;
    [[nodiscard]] std::vector<std::int64_t> wholes() const;
    [[nodiscard]] std::vector<double> numbers() const;
};

struct GgufEntry {
    std::string_view key;
    GgufValue value;
};

struct GgufTensor {
    std::string_view name;
    std::vector<std::int64_t> dims; ///< 1 to 4, the fastest one first: the reverse of a shape
    GgufType type = GgufType::F32;
    std::uint64_t offset = 0;
    std::span<const std::byte> bytes;

    [[nodiscard]] std::uint64_t elementCount() const;
};

/// What a GGUF holds: views into the bytes that were read.
struct GgufContent {
    std::vector<GgufEntry> entries;  ///< in the file's order
    std::vector<GgufTensor> tensors; ///< in the file's order
    std::uint64_t alignment = 32;

    [[nodiscard]] const GgufValue* value(std::string_view key) const;
    [[nodiscard]] const GgufTensor* tensor(std::string_view name) const;
};

/// Checks every count, length and offset before it is used: whatever \p file holds, nothing is read
/// outside of it, and the memory taken is a small multiple of its size. Tensors stand one behind
/// the other with nothing but padding between them.
/// \return Corrupt or Unsupported; the context is the field, as "tokenizer.ggml.tokens[7]"
[[nodiscard]] Result<GgufContent> readGguf(std::span<const std::byte> file);

/// A GGUF file, mapped.
class GgufFile {
public:
    /// As readGguf(), with the file's name in front of the context.
    static Result<GgufFile> open(const std::filesystem::path& path);

    [[nodiscard]] const GgufContent& content() const { return m_content; }

private:
    GgufFile(MappedFile file, GgufContent content)
        : m_file(std::move(file)), m_content(std::move(content))
    {
    }

    MappedFile m_file;
    GgufContent m_content;
};

/// The metadata of a file to write, in the order in which it is added.
class GgufMetadata {
public:
    void addU32(std::string_view key, std::uint32_t value);
    void addF32(std::string_view key, float value);
    void addBool(std::string_view key, bool value);
    void addText(std::string_view key, std::string_view value);
    void addTexts(std::string_view key, const std::vector<std::string>& values);
    void addF32s(std::string_view key, const std::vector<float>& values);
    void addI32s(std::string_view key, const std::vector<std::int32_t>& values);

    void append(const GgufMetadata& other);

    [[nodiscard]] std::uint64_t count() const { return m_count; }
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }

private:
    void start(std::string_view key, GgufKind kind);
    void startArray(std::string_view key, GgufKind element, std::size_t count);

    std::string m_bytes;
    std::uint64_t m_count = 0;
};

/// A tensor to write. `rows` gives float32 numbers of rows [first, first + out.size() / dims[0]),
/// a row being one run of the first dimension; it is called in order, a stretch at a time, so that
/// no tensor need be in memory.
struct GgufTensorToWrite {
    std::string name;
    std::vector<std::int64_t> dims; ///< the fastest one first
    GgufType type = GgufType::F32;
    std::function<void(std::uint64_t first, std::span<float> out)> rows;

    [[nodiscard]] std::uint64_t rowCount() const;
};

/// Writes a whole file or none. The same metadata and tensors give the same bytes.
/// A number that is not finite, or is too large for the tensor's type, is InvalidArgument.
[[nodiscard]] Result<Ending> writeGguf(const std::filesystem::path& path,
                                       const GgufMetadata& metadata,
                                       const std::vector<GgufTensorToWrite>& tensors,
                                       Progress& progress);

/// Reads \p path back and compares metadata to the byte and tensors with their rows: each number
/// must be as near as the tensor's type allows, which for F32 is equal.
/// \return Io naming the first that differs
[[nodiscard]] Result<Ending> compareGguf(const std::filesystem::path& path,
                                         const GgufMetadata& metadata,
                                         const std::vector<GgufTensorToWrite>& tensors,
                                         Progress& progress);

} // namespace lacuna
