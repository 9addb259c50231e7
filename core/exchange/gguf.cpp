#include "core/exchange/gguf.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <unordered_set>

namespace lacuna {
namespace {

constexpr int kDeepestArray = 4; // of arrays in arrays; published files have none at all
constexpr std::uint64_t kLargestAlignment = std::uint64_t{1} << 20;
constexpr std::uint32_t kMostDims = 4;

/// The fewest bytes that describe a tensor, and a key with its value.
constexpr std::uint64_t kLeastEntry = 8 + 4 + 1;
constexpr std::uint64_t kLeastTensor = 8 + 4 + 8 + 4 + 8;

struct TypeRow {
    GgufType type;
    std::string_view name;
    std::size_t block;
    std::size_t blockBytes;
};

constexpr std::array<TypeRow, 4> kTypes = {{{GgufType::F32, "F32", 1, 4},
                                            {GgufType::F16, "F16", 1, 2},
                                            {GgufType::Q8_0, "Q8_0", kQ8Block, kQ8BlockBytes},
                                            {GgufType::BF16, "BF16", 1, 2}}};

const TypeRow* findType(std::uint32_t number)
{
    const auto* row = std::ranges::find(kTypes, static_cast<GgufType>(number), &TypeRow::type);
    return row == kTypes.end() ? nullptr : row;
}

const TypeRow& rowOf(GgufType type)
{
    return *findType(static_cast<std::uint32_t>(type));
}

/// Bytes of one value; 0 for strings and arrays, which have no fixed size.
std::size_t sizeOf(GgufKind kind)
{
    switch (kind) {
    case GgufKind::U8:
    case GgufKind::I8:
    case GgufKind::Bool:
        return 1;
    case GgufKind::U16:
    case GgufKind::I16:
        return 2;
    case GgufKind::U32:
    case GgufKind::I32:
    case GgufKind::F32:
        return 4;
    case GgufKind::U64:
    case GgufKind::I64:
    case GgufKind::F64:
        return 8;
    case GgufKind::String:
    case GgufKind::Array:
        break;
    }
    return 0;
}

template <class Number> Number numberAt(std::span<const std::byte> bytes, std::size_t at = 0)
{
    Number value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

std::string_view textOf(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::int64_t> wholeAt(GgufKind kind, std::span<const std::byte> bytes)
{
    switch (kind) {
    case GgufKind::U8:
        return numberAt<std::uint8_t>(bytes);
    case GgufKind::I8:
        return numberAt<std::int8_t>(bytes);
    case GgufKind::U16:
        return numberAt<std::uint16_t>(bytes);
    case GgufKind::I16:
        return numberAt<std::int16_t>(bytes);
    case GgufKind::U32:
        return numberAt<std::uint32_t>(bytes);
    case GgufKind::I32:
        return numberAt<std::int32_t>(bytes);
    case GgufKind::I64:
        return numberAt<std::int64_t>(bytes);
    case GgufKind::U64: {
        const auto value = numberAt<std::uint64_t>(bytes);
        if (std::in_range<std::int64_t>(value))
            return static_cast<std::int64_t>(value);
        return std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

std::optional<double> realAt(GgufKind kind, std::span<const std::byte> bytes)
{
    if (kind == GgufKind::F32)
        return numberAt<float>(bytes);
    if (kind == GgufKind::F64)
        return numberAt<double>(bytes);
    if (const auto whole = wholeAt(kind, bytes))
        return static_cast<double>(*whole);
    return std::nullopt;
}

template <class Value, class Read>
std::vector<Value> elements(const GgufValue& value, const Read& read)
{
    std::vector<Value> out;
    if (value.kind != GgufKind::Array || sizeOf(value.element) == 0)
        return out;
    const std::size_t size = sizeOf(value.element);
    for (std::size_t i = 0; i < value.count; ++i) {
        const std::optional<Value> one = read(value.element, value.bytes.subspan(i * size, size));
        if (!one)
            return {};
        out.push_back(*one);
    }
    return out;
}

Error corrupt(std::string message, std::string field)
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = std::move(message),
                 .context = std::move(field),
                 .remedy = "the file is damaged or cut off: fetch or export it again"};
}

/// Walks over a file front to back.
class Reader {
public:
    explicit Reader(std::span<const std::byte> file) : m_file(file) {}

    Result<GgufContent> read()
    {
        GgufContent content;
        std::uint64_t tensors = 0;
        std::uint64_t entries = 0;
        if (const Status status = readHead(tensors, entries); !status)
            return status.error();
        if (const Status status = readEntries(entries, content); !status)
            return status.error();
        if (const Status status = readAlignment(content); !status)
            return status.error();
        if (const Status status = readTensors(tensors, content); !status)
            return status.error();
        if (const Status status = placeTensors(content); !status)
            return status.error();
        return content;
    }

private:
    [[nodiscard]] std::size_t rest() const { return m_file.size() - m_at; }

    /// False when fewer than \p size bytes are left.
    bool take(std::uint64_t size, std::span<const std::byte>& out)
    {
        if (size > rest())
            return false;
        out = m_file.subspan(m_at, static_cast<std::size_t>(size));
        m_at += out.size();
        return true;
    }

    template <class Number> bool take(Number& out)
    {
        std::span<const std::byte> bytes;
        if (!take(sizeof out, bytes))
            return false;
        out = numberAt<Number>(bytes);
        return true;
    }

    static Error cutAt(const std::string& field)
    {
        return corrupt("the file ends in the middle of this field", field);
    }

    Status readHead(std::uint64_t& tensors, std::uint64_t& entries)
    {
        std::span<const std::byte> magic;
        if (!take(4, magic) || textOf(magic) != "GGUF")
            return corrupt("the file does not start with GGUF", "magic");
        std::uint32_t version = 0;
        if (!take(version))
            return cutAt("version");
        if (version == 0x03000000)
            return Error{.code = ErrorCode::Unsupported,
                         .message = "the file is of the big-endian kind",
                         .context = "version",
                         .remedy = "convert it to little-endian"};
        if (version != 3)
            return Error{
                .code = ErrorCode::Unsupported,
                .message = fmt::format("version {} of the format is not supported, 3 is", version),
                .context = "version",
                .remedy = "convert the file with a newer llama.cpp"};
        if (!take(tensors))
            return cutAt("tensor_count");
        if (!take(entries))
            return cutAt("metadata_kv_count");
        if (tensors > rest() / kLeastTensor)
            return corrupt(fmt::format("{} tensors cannot be in so short a file", tensors),
                           "tensor_count");
        if (entries > rest() / kLeastEntry)
            return corrupt(fmt::format("{} keys cannot be in so short a file", entries),
                           "metadata_kv_count");
        return {};
    }

    /// A length and as many bytes; \p field names it until it is known.
    Result<std::string_view> readName(const std::string& field)
    {
        std::uint64_t size = 0;
        std::span<const std::byte> bytes;
        if (!take(size))
            return cutAt(field);
        if (!take(size, bytes))
            return corrupt(
                fmt::format("a text of {} bytes reaches beyond the end of the file", size), field);
        const std::string_view name = textOf(bytes);
        if (name.empty() || firstInvalidUtf8(name) || name.find('\0') != std::string_view::npos)
            return corrupt("this is no name", field);
        return name;
    }

    Status readEntries(std::uint64_t count, GgufContent& content)
    {
        std::unordered_set<std::string_view> seen;
        content.entries.reserve(static_cast<std::size_t>(count));
        for (std::uint64_t i = 0; i < count; ++i) {
            const Result<std::string_view> key = readName(fmt::format("metadata_kv[{}].key", i));
            if (!key)
                return key.error();
            GgufEntry entry{.key = *key};
            std::uint32_t kind = 0;
            if (!take(kind))
                return cutAt(std::string(*key));
            if (const Status status = readValue(kind, *key, 0, entry.value); !status)
                return status;
            if (!seen.insert(*key).second)
                return corrupt("the key occurs twice", std::string(*key));
            content.entries.push_back(entry);
        }
        return {};
    }

    Status readValue(std::uint32_t kind, std::string_view field, int depth, GgufValue& out)
    {
        if (kind > static_cast<std::uint32_t>(GgufKind::F64))
            return corrupt(fmt::format("{} is no type of a value", kind), std::string(field));
        out.kind = static_cast<GgufKind>(kind);
        if (out.kind == GgufKind::Array)
            return readArray(field, depth, out);
        std::uint64_t size = sizeOf(out.kind);
        if (out.kind == GgufKind::String && !take(size))
            return cutAt(std::string(field));
        if (!take(size, out.bytes))
            return corrupt(
                fmt::format("a value of {} bytes reaches beyond the end of the file", size),
                std::string(field));
        if (out.kind == GgufKind::Bool && numberAt<std::uint8_t>(out.bytes) > 1)
            return corrupt("a truth value is neither 0 nor 1", std::string(field));
        return {};
    }

    Status readArray(std::string_view field, int depth, GgufValue& out)
    {
        if (depth == kDeepestArray)
            return corrupt(fmt::format("arrays nest deeper than {} levels", kDeepestArray),
                           std::string(field));
        std::uint32_t element = 0;
        if (!take(element) || !take(out.count))
            return cutAt(std::string(field));
        if (element > static_cast<std::uint32_t>(GgufKind::F64))
            return corrupt(fmt::format("{} is no type of an element", element), std::string(field));
        out.element = static_cast<GgufKind>(element);
        const std::size_t begin = m_at;
        const std::uint64_t size = sizeOf(out.element);
        // An element takes a byte at least, a string its length, an array its head.
        const std::uint64_t least = size > 0 ? size : (out.element == GgufKind::String ? 8 : 12);
        if (out.count > rest() / least)
            return corrupt(fmt::format("{} elements reach beyond the end of the file", out.count),
                           std::string(field));
        if (size > 0 && out.element != GgufKind::Bool) {
            m_at += static_cast<std::size_t>(out.count * size);
        } else {
            for (std::uint64_t i = 0; i < out.count; ++i) {
                GgufValue one;
                if (const Status status = readValue(element, field, depth + 1, one); !status)
                    return status.error().context == field
                               ? Error{.code = status.error().code,
                                       .message = status.error().message,
                                       .context = fmt::format("{}[{}]", field, i),
                                       .remedy = status.error().remedy}
                               : status.error();
            }
        }
        out.bytes = m_file.subspan(begin, m_at - begin);
        return {};
    }

    static Status readAlignment(GgufContent& content)
    {
        const GgufValue* value = content.value("general.alignment");
        if (!value)
            return {};
        const std::optional<std::int64_t> alignment =
            value->kind == GgufKind::U32 ? value->whole() : std::nullopt;
        if (!alignment || !std::has_single_bit(static_cast<std::uint64_t>(*alignment)) ||
            static_cast<std::uint64_t>(*alignment) > kLargestAlignment)
            return corrupt("the alignment is not a power of two", "general.alignment");
        content.alignment = static_cast<std::uint64_t>(*alignment);
        return {};
    }

    Status readTensors(std::uint64_t count, GgufContent& content)
    {
        std::unordered_set<std::string_view> seen;
        content.tensors.reserve(static_cast<std::size_t>(count));
        for (std::uint64_t i = 0; i < count; ++i) {
            const Result<std::string_view> name = readName(fmt::format("tensor_infos[{}].name", i));
            if (!name)
                return name.error();
            const std::string field(*name);
            GgufTensor tensor{.name = *name};
            if (const Status status = readShape(field, tensor); !status)
                return status;
            if (!take(tensor.offset))
                return cutAt(field);
            if (!seen.insert(*name).second)
                return corrupt("the tensor is described twice", field);
            content.tensors.push_back(std::move(tensor));
        }
        return {};
    }

    Status readShape(const std::string& field, GgufTensor& tensor)
    {
        std::uint32_t dims = 0;
        if (!take(dims))
            return cutAt(field);
        if (dims < 1 || dims > kMostDims)
            return corrupt(fmt::format("a tensor of {} dimensions", dims), field);
        std::uint64_t count = 1;
        for (std::uint32_t d = 0; d < dims; ++d) {
            std::uint64_t extent = 0;
            if (!take(extent))
                return cutAt(field);
            // Eight times the elements still fit: no type needs more than 8 bytes for one.
            constexpr auto kMost =
                static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 8);
            if (extent > kMost || (extent != 0 && count > kMost / extent))
                return corrupt("the product of the dimensions overflows", field);
            count *= extent;
            tensor.dims.push_back(static_cast<std::int64_t>(extent));
        }
        std::uint32_t type = 0;
        if (!take(type))
            return cutAt(field);
        const TypeRow* row = findType(type);
        if (!row)
            return Error{.code = ErrorCode::Unsupported,
                         .message =
                             fmt::format("elements of ggml's type {} are not supported", type),
                         .context = field,
                         .remedy = "F32, F16, BF16 and Q8_0 are"};
        tensor.type = row->type;
        if (static_cast<std::uint64_t>(tensor.dims[0]) % row->block != 0)
            return corrupt(fmt::format("a row of {} numbers is no whole number of {} blocks",
                                       tensor.dims[0], row->name),
                           field);
        return {};
    }

    /// \param at  a place in the file
    static std::uint64_t aligned(std::uint64_t at, std::uint64_t alignment)
    {
        return (at + alignment - 1) & ~(alignment - 1);
    }

    Status placeTensors(GgufContent& content)
    {
        const std::uint64_t start = aligned(m_at, content.alignment);
        if (content.tensors.empty())
            return {};
        if (start > m_file.size())
            return corrupt("the file ends before the first tensor", "tensor_data");
        const std::span<const std::byte> data = m_file.subspan(static_cast<std::size_t>(start));
        std::vector<GgufTensor*> order;
        for (GgufTensor& tensor : content.tensors)
            order.push_back(&tensor);
        std::ranges::stable_sort(order, {},
                                 [](const GgufTensor* tensor) { return tensor->offset; });
        std::uint64_t end = 0;
        for (GgufTensor* tensor : order) {
            const std::string field(tensor->name);
            const std::uint64_t bytes = ggufBytes(tensor->type, tensor->elementCount());
            if (tensor->offset % content.alignment != 0)
                return corrupt(fmt::format("the offset {} is not a multiple of the alignment {}",
                                           tensor->offset, content.alignment),
                               field);
            if (tensor->offset > data.size() || bytes > data.size() - tensor->offset)
                return corrupt(fmt::format("the tensor needs {} bytes from offset {}, but the data "
                                           "has only {}",
                                           bytes, tensor->offset, data.size()),
                               field);
            if (tensor->offset < end)
                return corrupt("the tensor overlaps the one before it", field);
            if (tensor->offset != aligned(end, content.alignment))
                return corrupt("there is a hole before the tensor", field);
            tensor->bytes = data.subspan(static_cast<std::size_t>(tensor->offset),
                                         static_cast<std::size_t>(bytes));
            end = tensor->offset + bytes;
        }
        if (data.size() > aligned(end, content.alignment))
            return corrupt(fmt::format("{} bytes follow the last tensor", data.size() - end),
                           "tensor_data");
        return {};
    }

    std::span<const std::byte> m_file;
    std::size_t m_at = 0;
};

} // namespace

std::string_view ggufTypeName(GgufType type)
{
    return rowOf(type).name;
}

std::size_t ggufBlock(GgufType type)
{
    return rowOf(type).block;
}

std::uint64_t ggufBytes(GgufType type, std::uint64_t count)
{
    return count / rowOf(type).block * rowOf(type).blockBytes;
}

void decodeGguf(GgufType type, std::span<const std::byte> bytes, std::span<float> out)
{
    switch (type) {
    case GgufType::F32:
        return readFloats(ElementType::F32, bytes, out);
    case GgufType::F16:
        return readFloats(ElementType::F16, bytes, out);
    case GgufType::BF16:
        return readFloats(ElementType::BF16, bytes, out);
    case GgufType::Q8_0:
        return decodeQ8(bytes, out);
    }
}

void encodeGguf(GgufType type, std::span<const float> values, std::span<std::byte> out)
{
    switch (type) {
    case GgufType::F32:
        return writeFloats(ElementType::F32, values, out);
    case GgufType::F16:
        return writeFloats(ElementType::F16, values, out);
    case GgufType::BF16:
        return writeFloats(ElementType::BF16, values, out);
    case GgufType::Q8_0:
        return encodeQ8(values, out);
    }
}

std::optional<std::int64_t> GgufValue::whole() const
{
    return wholeAt(kind, bytes);
}

std::optional<double> GgufValue::number() const
{
    return realAt(kind, bytes);
}

std::optional<bool> GgufValue::flag() const
{
    if (kind != GgufKind::Bool)
        return std::nullopt;
    return bytes[0] != std::byte{0};
}

std::optional<std::string_view> GgufValue::text() const
{
    if (kind != GgufKind::String)
        return std::nullopt;
    return textOf(bytes);
}

std::vector<std::string_view> GgufValue::texts() const
{
    std::vector<std::string_view> out;
    if (kind != GgufKind::Array || element != GgufKind::String)
        return out;
    out.reserve(static_cast<std::size_t>(count));
    for (std::size_t at = 0; out.size() < count;) {
        const auto size = static_cast<std::size_t>(numberAt<std::uint64_t>(bytes, at));
        out.push_back(textOf(bytes.subspan(at + 8, size)));
        at += 8 + size;
    }
    return out;
}

std::vector<std::int64_t> GgufValue::wholes() const
{
    return elements<std::int64_t>(*this, wholeAt);
}

std::vector<double> GgufValue::numbers() const
{
    return elements<double>(*this, realAt);
}

std::uint64_t GgufTensor::elementCount() const
{
    std::uint64_t count = 1;
    for (const std::int64_t extent : dims)
        count *= static_cast<std::uint64_t>(extent);
    return count;
}

const GgufValue* GgufContent::value(std::string_view key) const
{
    const auto found = std::ranges::find(entries, key, &GgufEntry::key);
    return found == entries.end() ? nullptr : &found->value;
}

const GgufTensor* GgufContent::tensor(std::string_view name) const
{
    const auto found = std::ranges::find(tensors, name, &GgufTensor::name);
    return found == tensors.end() ? nullptr : &*found;
}

Result<GgufContent> readGguf(std::span<const std::byte> file)
{
    return Reader(file).read();
}

Result<GgufFile> GgufFile::open(const std::filesystem::path& path)
{
    Result<MappedFile> file = MappedFile::open(path);
    if (!file)
        return file.error();
    Result<GgufContent> content = readGguf(file->bytes());
    if (!content)
        return content.error().at(path.string());
    return GgufFile(std::move(file).value(), std::move(content).value());
}

} // namespace lacuna
