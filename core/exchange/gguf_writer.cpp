#include "core/base/output_file.h"
#include "core/exchange/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace lacuna {
namespace {

constexpr std::uint64_t kAlignment = 32;
constexpr std::size_t kLongestName = 63; // llama.cpp's GGML_MAX_NAME, less the final zero
constexpr std::size_t kStretch = std::size_t{1} << 20; // numbers at a time

template <class Number> void appendNumber(std::string& out, Number value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

void appendText(std::string& out, std::string_view text)
{
    appendNumber(out, static_cast<std::uint64_t>(text.size()));
    out += text;
}

std::uint64_t padding(std::uint64_t size)
{
    return (kAlignment - size % kAlignment) % kAlignment;
}

std::uint64_t tensorBytes(const GgufTensorToWrite& tensor)
{
    return ggufBytes(tensor.type,
                     tensor.rowCount() * static_cast<std::uint64_t>(tensor.dims.front()));
}

/// The file up to the first tensor's data.
std::string head(const GgufMetadata& metadata, const std::vector<GgufTensorToWrite>& tensors)
{
    std::string out = "GGUF";
    appendNumber(out, std::uint32_t{3});
    appendNumber(out, static_cast<std::uint64_t>(tensors.size()));
    appendNumber(out, metadata.count());
    out += metadata.bytes();
    std::uint64_t offset = 0;
    for (const GgufTensorToWrite& tensor : tensors) {
        if (tensor.name.size() > kLongestName)
            throw std::logic_error("a tensor's name is too long for llama.cpp: " + tensor.name);
        if (static_cast<std::size_t>(tensor.dims.front()) % ggufBlock(tensor.type) != 0)
            throw std::logic_error("a row of " + tensor.name + " is no whole number of blocks");
        appendText(out, tensor.name);
        appendNumber(out, static_cast<std::uint32_t>(tensor.dims.size()));
        for (const std::int64_t extent : tensor.dims)
            appendNumber(out, static_cast<std::uint64_t>(extent));
        appendNumber(out, static_cast<std::uint32_t>(tensor.type));
        appendNumber(out, offset);
        const std::uint64_t bytes = tensorBytes(tensor);
        offset += bytes + padding(bytes);
    }
    out.append(static_cast<std::size_t>(padding(out.size())), '\0');
    return out;
}

std::uint64_t totalBytes(const std::vector<GgufTensorToWrite>& tensors)
{
    std::uint64_t total = 0;
    for (const GgufTensorToWrite& tensor : tensors)
        total += tensorBytes(tensor);
    return total;
}

/// Calls \p use(values, offset in bytes) for one stretch of rows after the other.
/// \param use  returns a Status
template <class Use>
Result<Ending> forEachStretch(const GgufTensorToWrite& tensor, Progress& progress, const Use& use)
{
    const auto width = static_cast<std::size_t>(tensor.dims.front());
    const std::uint64_t rows = tensor.rowCount();
    const std::uint64_t most =
        std::max<std::uint64_t>(1, kStretch / std::max<std::size_t>(width, 1));
    std::vector<float> values;
    std::uint64_t offset = 0;
    for (std::uint64_t first = 0; first < rows; first += most) {
        if (progress.cancelled())
            return Ending::Cancelled;
        values.resize(static_cast<std::size_t>(std::min(most, rows - first)) * width);
        tensor.rows(first, values);
        if (const Status status = use(std::span<const float>(values), offset); !status)
            return status.error();
        const std::uint64_t bytes = ggufBytes(tensor.type, values.size());
        offset += bytes;
        progress.advance(bytes);
    }
    return Ending::Complete;
}

Error tooLarge(const GgufTensorToWrite& tensor, bool finite, const std::filesystem::path& path)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message =
                     fmt::format("the tensor {} holds values that are {}", tensor.name,
                                 finite ? fmt::format("too large for {}", ggufTypeName(tensor.type))
                                        : std::string("not finite")),
                 .context = path.string(),
                 .remedy = finite ? "choose F32 or BF16, which have a wider range"
                                  : "if the run diverged, export an earlier step"};
}

/// The largest number that rounds to a finite one of \p type.
float largest(GgufType type)
{
    switch (type) {
    case GgufType::F16:
        return 0x1.ffdffep15F; // the one before 65520, half-way to where the next would be
    case GgufType::BF16:
        return 0x1.fefffep127F;
    case GgufType::Q8_0:
        return 65504.0F * 127.0F;
    case GgufType::F32:
        break;
    }
    return std::numeric_limits<float>::max();
}

/// How far a number may be from the one it was encoded from: a share of itself, and as much in any
/// case.
struct Tolerance {
    float relative = 0;
    float absolute = 0;
};

/// \param largest  of the numbers that were encoded together
Tolerance toleranceOf(GgufType type, float largest)
{
    // Half a step relative to the number, and half of the smallest step near 0.
    switch (type) {
    case GgufType::F32:
        return {};
    case GgufType::F16:
        return {.relative = 0x1p-11F, .absolute = 0x1p-25F};
    case GgufType::BF16:
        return {.relative = 0x1p-8F, .absolute = 0x1p-134F};
    case GgufType::Q8_0:
        break;
    }
    // Half a step of the scale, and what rounding the scale to half precision adds: 2^-11 of the
    // number, or 2^-25 a step below the normal numbers. A hundredth more for float32's own
    // rounding.
    return {.relative = 1.01F * 0x1p-11F,
            .absolute = 1.01F * (largest / 254.0F + 127.0F * 0x1p-25F)};
}

Status compareStretch(const GgufTensorToWrite& tensor, std::span<const float> expected,
                      std::span<const std::byte> bytes, std::vector<float>& buffer)
{
    buffer.resize(expected.size());
    decodeGguf(tensor.type, bytes, buffer);
    const std::size_t block = ggufBlock(tensor.type);
    for (std::size_t first = 0; first < expected.size(); first += block) {
        float most = 0;
        for (const float value : expected.subspan(first, block))
            most = std::max(most, std::fabs(value));
        const Tolerance tolerance = toleranceOf(tensor.type, most);
        for (std::size_t i = first; i < first + block; ++i) {
            const float allowed = std::fabs(expected[i]) * tolerance.relative + tolerance.absolute;
            if (!(std::fabs(buffer[i] - expected[i]) <= allowed))
                return Error{.code = ErrorCode::Io,
                             .message = fmt::format("the tensor {} reads back differently from "
                                                    "what was written",
                                                    tensor.name),
                             .remedy = "the disk may be failing: write to another one"};
        }
    }
    return {};
}

} // namespace

void GgufMetadata::start(std::string_view key, GgufKind kind)
{
    appendText(m_bytes, key);
    appendNumber(m_bytes, static_cast<std::uint32_t>(kind));
    ++m_count;
}

void GgufMetadata::startArray(std::string_view key, GgufKind element, std::size_t count)
{
    start(key, GgufKind::Array);
    appendNumber(m_bytes, static_cast<std::uint32_t>(element));
    appendNumber(m_bytes, static_cast<std::uint64_t>(count));
}

void GgufMetadata::addU32(std::string_view key, std::uint32_t value)
{
    start(key, GgufKind::U32);
    appendNumber(m_bytes, value);
}

void GgufMetadata::addF32(std::string_view key, float value)
{
    start(key, GgufKind::F32);
    appendNumber(m_bytes, value);
}

void GgufMetadata::addBool(std::string_view key, bool value)
{
    start(key, GgufKind::Bool);
    appendNumber(m_bytes, static_cast<std::uint8_t>(value ? 1 : 0));
}

void GgufMetadata::addText(std::string_view key, std::string_view value)
{
    start(key, GgufKind::String);
    appendText(m_bytes, value);
}

void GgufMetadata::addTexts(std::string_view key, const std::vector<std::string>& values)
{
    startArray(key, GgufKind::String, values.size());
    for (const std::string& value : values)
        appendText(m_bytes, value);
}

void GgufMetadata::addF32s(std::string_view key, const std::vector<float>& values)
{
    startArray(key, GgufKind::F32, values.size());
    for (const float value : values)
        appendNumber(m_bytes, value);
}

void GgufMetadata::addI32s(std::string_view key, const std::vector<std::int32_t>& values)
{
    startArray(key, GgufKind::I32, values.size());
    for (const std::int32_t value : values)
        appendNumber(m_bytes, value);
}

void GgufMetadata::append(const GgufMetadata& other)
{
    m_bytes += other.m_bytes;
    m_count += other.m_count;
}

std::uint64_t GgufTensorToWrite::rowCount() const
{
    std::uint64_t count = 1;
    for (std::size_t i = 1; i < dims.size(); ++i)
        count *= static_cast<std::uint64_t>(dims[i]);
    return count;
}

Result<Ending> writeGguf(const std::filesystem::path& path, const GgufMetadata& metadata,
                         const std::vector<GgufTensorToWrite>& tensors, Progress& progress)
{
    Result<OutputFile> file = OutputFile::create(path);
    if (!file)
        return file.error();
    if (const Status status = file->write(head(metadata, tensors)); !status)
        return status.error();
    progress.begin("writing", totalBytes(tensors));
    std::vector<std::byte> buffer;
    for (const GgufTensorToWrite& tensor : tensors) {
        const float most = largest(tensor.type);
        const auto put = [&](std::span<const float> values, std::uint64_t) -> Status {
            for (const float value : values)
                if (!(std::fabs(value) <= most))
                    return tooLarge(tensor, std::isfinite(value), path);
            buffer.resize(static_cast<std::size_t>(ggufBytes(tensor.type, values.size())));
            encodeGguf(tensor.type, values, buffer);
            return file->write(buffer);
        };
        const Result<Ending> ending = forEachStretch(tensor, progress, put);
        if (!ending || *ending == Ending::Cancelled)
            return ending;
        const std::string zeros(static_cast<std::size_t>(padding(tensorBytes(tensor))), '\0');
        if (const Status status = file->write(zeros); !status)
            return status.error();
    }
    if (const Status status = file->commit(); !status)
        return status.error();
    return Ending::Complete;
}

Result<Ending> compareGguf(const std::filesystem::path& path, const GgufMetadata& metadata,
                           const std::vector<GgufTensorToWrite>& tensors, Progress& progress)
{
    const Result<MappedFile> mapped = MappedFile::open(path);
    if (!mapped)
        return mapped.error();
    const Result<GgufContent> content = readGguf(mapped->bytes());
    if (!content)
        return content.error().at(path.string());
    const auto differs = [&](const std::string& what) {
        return Error{.code = ErrorCode::Io,
                     .message = what + " reads back differently from what was written",
                     .context = path.string(),
                     .remedy = "the disk may be failing: write to another one"};
    };
    const std::string expected = head(metadata, tensors);
    if (mapped->bytes().size() < expected.size() ||
        std::memcmp(mapped->bytes().data(), expected.data(), expected.size()) != 0)
        return differs("the metadata");
    progress.begin("comparing", totalBytes(tensors));
    std::vector<float> buffer;
    for (const GgufTensorToWrite& tensor : tensors) {
        const GgufTensor* written = content->tensor(tensor.name);
        if (!written || written->dims != tensor.dims || written->type != tensor.type)
            return differs("the tensor " + tensor.name);
        const auto compare = [&](std::span<const float> values, std::uint64_t offset) -> Status {
            const std::span<const std::byte> bytes = written->bytes.subspan(
                static_cast<std::size_t>(offset),
                static_cast<std::size_t>(ggufBytes(tensor.type, values.size())));
            if (const Status status = compareStretch(tensor, values, bytes, buffer); !status)
                return status.error().at(path.string());
            return {};
        };
        const Result<Ending> ending = forEachStretch(tensor, progress, compare);
        if (!ending || *ending == Ending::Cancelled)
            return ending;
    }
    return Ending::Complete;
}

} // namespace lacuna
