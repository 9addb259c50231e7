#include "core/base/json.h"
#include "core/exchange/deflate.h"
#include "core/exchange/delta.h"
#include "core/exchange/delta_chunks.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <unordered_map>

namespace lacuna {
namespace {

constexpr std::size_t kHead = kDeltaMagic.size() + 4;
constexpr std::size_t kLengthBytes = 4;

std::string_view textOf(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Number> Number numberAt(std::span<const std::byte> bytes, std::size_t at)
{
    Number value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

Error corrupt(std::string message, std::string field)
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = std::move(message),
                 .context = std::move(field),
                 .remedy = "the delta is damaged or cut off: fetch or write it again"};
}

std::optional<ElementType> typeNamed(const std::string& name)
{
    for (int type = 0; type <= static_cast<int>(ElementType::Bool); ++type)
        if (elementTypeName(static_cast<ElementType>(type)) == name)
            return static_cast<ElementType>(type);
    return std::nullopt;
}

bool isHash(const std::string& text)
{
    return text.size() == 64 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// A name in the folder itself: nothing that a path could mean otherwise.
bool isPlainName(const std::string& name)
{
    return !name.empty() && name.size() <= 255 && name.front() != '.' &&
           std::ranges::none_of(name, [](char c) {
               return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
           });
}

/// Gathers the description; the first failure ends it.
class Reader {
public:
    explicit Reader(std::span<const std::byte> file) : m_file(file) {}

    Result<DeltaContent> read()
    {
        if (const Status status = readEnds(); !status)
            return status.error();
        Result<Json> parsed = parseJson(textOf(m_description), "description");
        if (!parsed)
            return parsed.error();
        const Json& json = *parsed;
        if (!text(json, "original", m_content.original) || !isHash(m_content.original))
            return corrupt("this is no hash", "original");
        if (!text(json, "result", m_content.result) || !isHash(m_content.result))
            return corrupt("this is no hash", "result");
        for (const auto& [key, one] :
             {std::pair("tensors", &Reader::readTensor), std::pair("files", &Reader::readPart)}) {
            if (!json.contains(key) || !json[key].is_array())
                return corrupt("the list is missing", key);
            for (std::size_t i = 0; i < json[key].size(); ++i)
                if (const Status status = (this->*one)(json[key][i], fmt::format("{}[{}]", key, i));
                    !status)
                    return status.error();
        }
        return std::move(m_content);
    }

private:
    Status readEnds()
    {
        if (m_file.size() < kHead || textOf(m_file.first(kDeltaMagic.size())) != kDeltaMagic)
            return corrupt("the file does not start as a delta does", "magic");
        const auto version = numberAt<std::uint32_t>(m_file, kDeltaMagic.size());
        if (version != kDeltaVersion)
            return Error{.code = ErrorCode::Unsupported,
                         .message =
                             fmt::format("version {} of the format is not supported", version),
                         .context = "version",
                         .remedy = "use a newer Lacuna"};
        if (m_file.size() < kHead + kDeltaTail ||
            textOf(m_file.last(kDeltaMagic.size())) != kDeltaMagic)
            return corrupt("the file does not end as a delta does", "end");
        const auto length = numberAt<std::uint64_t>(m_file, m_file.size() - kDeltaMagic.size() - 8);
        if (length > m_file.size() - kHead - kDeltaTail)
            return corrupt("the description is longer than the file", "description");
        m_description =
            m_file.subspan(m_file.size() - kDeltaTail - static_cast<std::size_t>(length),
                           static_cast<std::size_t>(length));
        if (textOf(m_file.last(kDeltaTail)) != deltaTail(textOf(m_description)))
            return corrupt("the description is not the one that was written", "description");
        m_end = m_file.size() - kDeltaTail - m_description.size();
        return {};
    }

    static bool text(const Json& object, const char* key, std::string& out)
    {
        if (!object.is_object() || !object.contains(key) || !object[key].is_string())
            return false;
        out = object[key].get<std::string>();
        return true;
    }

    static bool size(const Json& value, std::uint64_t& out)
    {
        if (!value.is_number_unsigned())
            return false;
        out = value.get<std::uint64_t>();
        return out <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    }

    /// "data": [begin, end], from the start of the file; nothing where there is no such key.
    Status readRange(const Json& object, const std::string& field, std::uint64_t bytes,
                     std::optional<DeltaRange>& out) const
    {
        if (!object.contains("data"))
            return {};
        const Json& data = object["data"];
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        if (!data.is_array() || data.size() != 2 || !size(data[0], begin) || !size(data[1], end) ||
            begin < kHead || begin > end || end > m_end)
            return corrupt("the place of the data is outside of the file", field + ".data");
        out = DeltaRange{.chunks = m_file.subspan(static_cast<std::size_t>(begin),
                                                  static_cast<std::size_t>(end - begin)),
                         .bytes = bytes};
        // One length each; so the size that is claimed is bounded by the file's.
        if (bytes / kDeltaChunk > out->chunks.size() / kLengthBytes)
            return corrupt("the data is too short for what it should expand to", field + ".data");
        return {};
    }

    Status readTensor(const Json& json, const std::string& field)
    {
        DeltaTensor tensor;
        std::string typeName;
        if (!text(json, "name", tensor.name) || !text(json, "dtype", typeName) ||
            !json.contains("shape") || !json["shape"].is_array())
            return corrupt("the entry lacks name, dtype or shape", field);
        const auto type = typeNamed(typeName);
        if (!type)
            return corrupt("\"" + typeName + "\" is no element type", field + ".dtype");
        tensor.type = *type;
        tensor.bytes = elementSize(*type);
        for (const Json& extent : json["shape"]) {
            std::uint64_t count = 0;
            constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
            if (!size(extent, count) || (count != 0 && tensor.bytes > kMost / count))
                return corrupt("the shape is not a list of sizes", field + ".shape");
            tensor.bytes *= count;
            tensor.shape.push_back(static_cast<std::int64_t>(count));
        }
        if (const Status status = readRange(json, field, tensor.bytes, tensor.change); !status)
            return status;
        if (!m_tensors.emplace(tensor.name, m_content.tensors.size()).second)
            return corrupt("the tensor is named twice", field);
        m_content.tensors.push_back(std::move(tensor));
        return {};
    }

    Status readPart(const Json& json, const std::string& field)
    {
        DeltaPart part;
        std::uint64_t bytes = 0;
        if (!text(json, "name", part.name) || !text(json, "sha256", part.sha256) ||
            !json.contains("bytes") || !size(json["bytes"], bytes))
            return corrupt("the entry lacks name, sha256 or bytes", field);
        if (!isPlainName(part.name) || !m_names.insert(part.name).second)
            return corrupt("this is no name of a file, or one that is taken", field + ".name");
        if (!isHash(part.sha256))
            return corrupt("this is no hash", field + ".sha256");
        if (const Status status = readRange(json, field, bytes, part.content); !status)
            return status;
        if (!json.contains("tensors"))
            return take(std::move(part));
        if (!json["tensors"].is_array() || !part.content)
            return corrupt("a file of weights lacks its head or its tensors", field);
        for (const Json& name : json["tensors"]) {
            const auto found =
                m_tensors.find(name.is_string() ? name.get<std::string>() : std::string());
            if (found == m_tensors.end() || !m_placed.insert(found->second).second)
                return corrupt("a tensor is not described, or in two files", field + ".tensors");
            part.tensors.push_back(found->second);
        }
        return take(std::move(part));
    }

    Status take(DeltaPart part)
    {
        m_content.parts.push_back(std::move(part));
        return {};
    }

    std::span<const std::byte> m_file;
    std::span<const std::byte> m_description;
    std::size_t m_end = 0; ///< of the chunks
    DeltaContent m_content;
    std::unordered_map<std::string, std::size_t> m_tensors;
    std::set<std::size_t> m_placed;
    std::set<std::string> m_names;
};

} // namespace

Result<DeltaContent> readDelta(std::span<const std::byte> file)
{
    return Reader(file).read();
}

Status expandChunks(const DeltaRange& range,
                    const std::function<Status(std::uint64_t, std::span<const std::byte>)>& use)
{
    std::vector<std::byte> buffer;
    std::span<const std::byte> rest = range.chunks;
    const Error damaged = corrupt("a chunk of the data is damaged", {});
    for (std::uint64_t at = 0; at < range.bytes; at += kDeltaChunk) {
        if (rest.size() < kLengthBytes)
            return damaged;
        const auto length = numberAt<std::uint32_t>(rest, 0);
        rest = rest.subspan(kLengthBytes);
        if (length > rest.size())
            return damaged;
        buffer.resize(length == 0 ? 0
                                  : static_cast<std::size_t>(
                                        std::min<std::uint64_t>(kDeltaChunk, range.bytes - at)));
        if (length > 0 && !inflateInto(rest.first(length), buffer))
            return damaged;
        rest = rest.subspan(length);
        if (const Status status = use(at, buffer); !status)
            return status;
    }
    if (!rest.empty())
        return damaged;
    return {};
}

} // namespace lacuna
