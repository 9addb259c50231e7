#include "core/models/safetensors.h"

#include "core/base/json.h"
#include "core/base/output_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

namespace lacuna {
namespace {

struct TypeRow {
    ElementType type;
    std::string_view name;
    std::size_t size;
};

constexpr std::array<TypeRow, 10> kTypes = {{{ElementType::F64, "F64", 8},
                                             {ElementType::F32, "F32", 4},
                                             {ElementType::F16, "F16", 2},
                                             {ElementType::BF16, "BF16", 2},
                                             {ElementType::I64, "I64", 8},
                                             {ElementType::I32, "I32", 4},
                                             {ElementType::I16, "I16", 2},
                                             {ElementType::I8, "I8", 1},
                                             {ElementType::U8, "U8", 1},
                                             {ElementType::Bool, "BOOL", 1}}};
constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeader = 100'000'000; // the format's own limit

std::optional<ElementType> typeNamed(std::string_view name)
{
    for (const TypeRow& row : kTypes)
        if (row.name == name)
            return row.type;
    return std::nullopt;
}

/// Product of \p shape times the element's size, or nothing when it overflows.
std::optional<std::uint64_t> bytesOf(const std::vector<std::int64_t>& shape, ElementType type)
{
    std::uint64_t bytes = elementSize(type);
    for (const std::int64_t extent : shape) {
        const auto count = static_cast<std::uint64_t>(extent);
        if (count != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / count)
            return std::nullopt;
        bytes *= count;
    }
    return bytes;
}

Error corrupt(std::string message, std::string field = {})
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = std::move(message),
                 .context = std::move(field),
                 .remedy = "the file is damaged or cut off: fetch it again"};
}

struct Placed {
    TensorEntry entry;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

Result<Placed> readEntry(const std::string& name, const Json& value)
{
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
        !value.contains("shape") || !value["shape"].is_array() || !value.contains("data_offsets"))
        return corrupt("the entry lacks dtype, shape or data_offsets", name);
    Placed placed;
    placed.entry.name = name;
    const auto typeName = value["dtype"].get<std::string>();
    const auto type = typeNamed(typeName);
    if (!type)
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the element type " + typeName + " is not supported",
                     .context = name,
                     .remedy = "convert the model to F32, F16 or BF16"};
    placed.entry.type = *type;
    for (const Json& extent : value["shape"]) {
        if (!extent.is_number_unsigned() ||
            extent.get<std::uint64_t>() >
                static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return corrupt("the shape is not a list of sizes", name);
        placed.entry.shape.push_back(extent.get<std::int64_t>());
    }
    const Json& offsets = value["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
        return corrupt("data_offsets are not two positions", name);
    placed.begin = offsets[0].get<std::uint64_t>();
    placed.end = offsets[1].get<std::uint64_t>();
    const auto bytes = bytesOf(placed.entry.shape, *type);
    if (placed.begin > placed.end || !bytes || *bytes != placed.end - placed.begin)
        return corrupt("data_offsets do not match the shape " + shapeText(placed.entry.shape),
                       name);
    return placed;
}

} // namespace

std::string_view elementTypeName(ElementType type)
{
    return kTypes[static_cast<std::size_t>(type)].name;
}

std::size_t elementSize(ElementType type)
{
    return kTypes[static_cast<std::size_t>(type)].size;
}

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

std::int64_t TensorEntry::elementCount() const
{
    return static_cast<std::int64_t>(bytes.size() / elementSize(type));
}

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path)
{
    Result<MappedFile> mapped = MappedFile::open(path);
    if (!mapped)
        return mapped.error();
    SafetensorsFile file(path, std::move(mapped).value());
    if (const Status status = file.readHeader(); !status)
        return status.error().at(path.string());
    return file;
}

Status SafetensorsFile::readHeader()
{
    const std::span<const std::byte> bytes = m_file.bytes();
    if (bytes.size() < kLengthBytes)
        return corrupt("the file is too short for a safetensors header");
    std::uint64_t headerSize = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        headerSize |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    if (headerSize > kMaxHeader || headerSize > bytes.size() - kLengthBytes)
        return corrupt("the header claims more bytes than the file has");
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes,
                                static_cast<std::size_t>(headerSize));
    const Result<Json> header = parseJson(text, "header");
    if (!header)
        return header.error();
    if (!header->is_object())
        return corrupt("the header is not a JSON object");

    const std::span<const std::byte> data = bytes.subspan(kLengthBytes + text.size());
    std::vector<Placed> placed;
    for (const auto& [name, value] : header->items()) {
        if (name == "__metadata__") {
            if (value.is_object())
                for (const auto& [key, item] : value.items())
                    if (item.is_string())
                        m_metadata[key] = item.get<std::string>();
            continue;
        }
        Result<Placed> entry = readEntry(name, value);
        if (!entry)
            return entry.error();
        if (entry->end > data.size())
            return corrupt("the tensor ends at byte " + std::to_string(entry->end) +
                               " of the data, but the file has only " + std::to_string(data.size()),
                           name);
        placed.push_back(std::move(entry).value());
    }
    std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
        return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    std::uint64_t expected = 0;
    for (Placed& item : placed) {
        if (item.begin != expected)
            return corrupt(item.begin < expected ? "the tensor overlaps the one before it"
                                                 : "there is a hole before the tensor",
                           item.entry.name);
        expected = item.end;
        item.entry.bytes = data.subspan(static_cast<std::size_t>(item.begin),
                                        static_cast<std::size_t>(item.end - item.begin));
        m_tensors.push_back(std::move(item.entry));
    }
    if (expected != data.size())
        return corrupt(std::to_string(data.size() - expected) +
                       " bytes follow the last tensor that the header names");
    return {};
}

std::uint64_t TensorPlace::byteCount() const
{
    return bytesOf(shape, type).value();
}

const TensorEntry* SafetensorsFile::find(std::string_view name) const
{
    for (const TensorEntry& tensor : m_tensors)
        if (tensor.name == name)
            return &tensor;
    return nullptr;
}

std::string safetensorsHeader(const std::vector<TensorPlace>& tensors,
                              const std::map<std::string, std::string>& metadata)
{
    OrderedJson header = OrderedJson::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const TensorPlace& tensor : tensors) {
        const std::uint64_t bytes = tensor.byteCount();
        header[tensor.name] = {{"dtype", elementTypeName(tensor.type)},
                               {"shape", tensor.shape},
                               {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    // Data aligned to 8 bytes, as the format's own writer does.
    text.append((8 - text.size() % 8) % 8, ' ');
    std::string length;
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        length += static_cast<char>((text.size() >> (8 * i)) & 0xFF);
    return length + text;
}

Status writeSafetensors(const std::filesystem::path& path,
                        const std::vector<TensorToWrite>& tensors,
                        const std::map<std::string, std::string>& metadata)
{
    std::vector<TensorPlace> places;
    for (const TensorToWrite& tensor : tensors)
        places.push_back({.name = tensor.name, .type = tensor.type, .shape = tensor.shape});
    Result<OutputFile> file = OutputFile::create(path);
    if (!file)
        return file.error();
    if (const Status status = file->write(safetensorsHeader(places, metadata)); !status)
        return status;
    std::vector<std::byte> buffer;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        buffer.resize(static_cast<std::size_t>(places[i].byteCount()));
        tensors[i].fill(buffer);
        if (const Status status = file->write(buffer); !status)
            return status;
    }
    return file->commit();
}

} // namespace lacuna
