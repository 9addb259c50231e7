#pragma once

#include "core/base/result.h"
#include "core/exchange/progress.h"
#include "core/models/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What a run changed in a model, without the model: a file that turns the original's folder into
/// the result's, bit for bit.
///
/// Form of the file, all numbers little-endian:
///
///     "LACDELTA", u32 version 1
///     chunks
///     description, JSON
///     SHA-256 of the description, 64 hexadecimal digits; u64 its length; "LACDELTA"
///
/// A tensor or a file is a run of chunks, one for each mebibyte of what it expands to and one for
/// the rest: u32 length, then a zlib stream of so many bytes; length 0 is a chunk of zeros. A chunk
/// of a file expands to its bytes. A chunk of a tensor expands to the difference: for every element
/// the bits of the original, converted to the result's type where that is another one, XOR the bits
/// of the result; first the lowest bytes of all elements of the chunk, then the next ones, since
/// the high bytes differ least and so compress best together. A tensor that is the same has no
/// chunks.
///
/// The description names both sides by a hash over all tensors (weightsHash()), every tensor with
/// type, shape and place, and every file of the result with its SHA-256: weights as the bytes
/// before the first tensor and the tensors that follow, others with their content, or without where
/// the original's folder has the same.
namespace lacuna {

class WeightFiles;

/// SHA-256 over name, type, shape and SHA-256 of every tensor in the order of their names: the same
/// however the tensors are cut into files. Empty when cancelled.
[[nodiscard]] std::string weightsHash(const WeightFiles& weights, Progress& progress);

/// Chunks inside of a delta.
struct DeltaRange {
    std::span<const std::byte> chunks;
    std::uint64_t bytes = 0; ///< that they expand to
};

struct DeltaTensor {
    std::string name;
    ElementType type = ElementType::F32; ///< of the result
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = 0; ///< of the result
    std::optional<DeltaRange> change;
};

struct DeltaPart {
    std::string name; ///< a file name without folders
    std::string sha256;
    std::vector<std::size_t> tensors;  ///< indices, in the file's order; none: no weights
    std::optional<DeltaRange> content; ///< of weights, what comes before the tensors
};

/// What a delta says; views into its bytes.
struct DeltaContent {
    std::string original; ///< weightsHash()
    std::string result;
    std::vector<DeltaTensor> tensors;
    std::vector<DeltaPart> parts;
};

/// Checks every place, size, name and count. The chunks themselves are checked as they expand.
/// \return Corrupt or Unsupported; the context is the field
[[nodiscard]] Result<DeltaContent> readDelta(std::span<const std::byte> file);

/// Calls \p use(offset, bytes) with what each chunk expands to, in order; bytes are empty for a
/// chunk of zeros. Takes memory for one chunk.
/// \return Corrupt for a damaged chunk, or what \p use returns
[[nodiscard]] Status
expandChunks(const DeltaRange& range,
             const std::function<Status(std::uint64_t, std::span<const std::byte>)>& use);

struct DeltaReport {
    Ending ending = Ending::Complete;
    std::uint64_t bytes = 0; ///< of the delta, or of the restored weights
    std::uint64_t tensors = 0;
    std::uint64_t changed = 0; ///< tensors of which the delta holds a difference
};

/// Writes \p target, reads it back and compares what it gives with \p result.
/// \return InvalidArgument when the folders do not have the same tensors
[[nodiscard]] Result<DeltaReport> writeDelta(const std::filesystem::path& original,
                                             const std::filesystem::path& result,
                                             const std::filesystem::path& target,
                                             Progress& progress);

/// What writeDelta() could write at most, or why it cannot, from the headers alone: `bytes` is the
/// size of the result's weights, and nothing is known of `changed`.
[[nodiscard]] Result<DeltaReport> planDelta(const std::filesystem::path& original,
                                            const std::filesystem::path& result);

/// Makes the folder \p target, which is empty or does not exist, with every file as it was. After
/// an Error or a cancel there is none. \return InvalidArgument when \p original is not the model
/// that the delta was made from
[[nodiscard]] Result<DeltaReport> restoreDelta(const std::filesystem::path& delta,
                                               const std::filesystem::path& original,
                                               const std::filesystem::path& target,
                                               Progress& progress);

} // namespace lacuna
