#include "core/exchange/delta.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/output_file.h"
#include "core/exchange/deflate.h"
#include "core/exchange/delta_chunks.h"
#include "core/exchange/folder_facts.h"
#include "core/exchange/staged_folder.h"
#include "core/models/weight_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

std::string_view textOf(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The original's tensor in the result's type, or why there is none.
Result<const TensorEntry*> originalOf(const WeightFiles& original, const std::string& name,
                                      ElementType type, const std::vector<std::int64_t>& shape)
{
    const TensorEntry* entry = original.find(name);
    if (entry && entry->shape == shape && convertible(entry->type, type))
        return entry;
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = fmt::format("the original has no tensor {} {} of {}", name,
                                        shapeText(shape), elementTypeName(type)),
                 .remedy = "a delta needs two models with the same tensors"};
}

/// Every file of \p folder that a delta carries beside the weights.
std::vector<fs::path> otherFiles(const fs::path& folder)
{
    std::vector<fs::path> files = companionFiles(folder);
    std::error_code ignored;
    for (const char* name : {"config.json", "README.md", "model.safetensors.index.json"})
        if (fs::is_regular_file(folder / name, ignored))
            files.push_back(folder / name);
    std::ranges::sort(files);
    return files;
}

class Writer {
public:
    Writer(const fs::path& original, const fs::path& result, OutputFile& file, Progress& progress)
        : m_original(original), m_result(result), m_file(file), m_progress(progress)
    {
    }

    Result<DeltaReport> write(const WeightFiles& original, const WeightFiles& result)
    {
        const std::string originalHash = weightsHash(original, m_progress);
        const std::string resultHash = weightsHash(result, m_progress);
        m_description = {{"original", originalHash},
                         {"result", resultHash},
                         {"tensors", OrderedJson::array()},
                         {"files", OrderedJson::array()}};
        std::string head(kDeltaMagic);
        const std::uint32_t version = kDeltaVersion;
        head.append(reinterpret_cast<const char*>(&version), sizeof version);
        if (const Status status = put(std::as_bytes(std::span(head))); !status)
            return status.error();
        m_progress.begin("writing", result.totalBytes());
        for (const std::string& name : result.names()) {
            if (const Status status = addTensor(original, *result.find(name)); !status)
                return status.error();
            if (m_progress.cancelled())
                break;
        }
        if (m_progress.cancelled()) {
            m_report.ending = Ending::Cancelled;
            return m_report;
        }
        if (const Status status = addFiles(result); !status)
            return status.error();
        if (const Status status = finish(); !status)
            return status.error();
        m_report.bytes = m_at;
        return m_report;
    }

private:
    Status put(std::span<const std::byte> bytes)
    {
        m_at += bytes.size();
        return m_file.write(bytes);
    }

    /// \param bytes  what the chunk expands to; empty: zeros
    Status putChunk(std::span<const std::byte> bytes)
    {
        const std::vector<std::byte> stream =
            bytes.empty() ? std::vector<std::byte>() : deflated(bytes);
        const auto length = static_cast<std::uint32_t>(stream.size());
        if (const Status status = put(std::as_bytes(std::span(&length, 1))); !status)
            return status;
        return put(stream);
    }

    Status addTensor(const WeightFiles& originals, const TensorEntry& entry)
    {
        const Result<const TensorEntry*> original =
            originalOf(originals, entry.name, entry.type, entry.shape);
        if (!original)
            return original.error().at(m_original.string());
        OrderedJson description = {
            {"name", entry.name}, {"dtype", elementTypeName(entry.type)}, {"shape", entry.shape}};
        ++m_report.tensors;
        if (!same(**original, entry)) {
            const std::uint64_t begin = m_at;
            std::vector<std::byte> before;
            std::vector<std::byte> planes;
            for (std::size_t at = 0; at < entry.bytes.size() && !m_progress.cancelled();
                 at += kDeltaChunk) {
                const std::size_t size = std::min(kDeltaChunk, entry.bytes.size() - at);
                const std::span<const std::byte> after = entry.bytes.subspan(at, size);
                before.resize(size);
                tensorBytes(**original, entry.type, at, before);
                const bool zero = std::ranges::equal(before, after);
                for (std::size_t i = 0; i < size; ++i)
                    before[i] ^= after[i];
                planes.resize(size);
                splitPlanes(before, elementSize(entry.type), planes);
                if (const Status status =
                        putChunk(zero ? std::span<const std::byte>() : std::span(planes));
                    !status)
                    return status;
                m_progress.advance(size);
            }
            description["data"] = {begin, m_at};
            ++m_report.changed;
        } else {
            m_progress.advance(entry.bytes.size());
        }
        m_description["tensors"].push_back(std::move(description));
        return {};
    }

    static bool same(const TensorEntry& original, const TensorEntry& result)
    {
        std::vector<std::byte> before;
        for (std::size_t at = 0; at < result.bytes.size(); at += kDeltaChunk) {
            before.resize(std::min(kDeltaChunk, result.bytes.size() - at));
            tensorBytes(original, result.type, at, before);
            if (!std::ranges::equal(before, result.bytes.subspan(at, before.size())))
                return false;
        }
        return true;
    }

    Status addContent(OrderedJson& description, std::string_view content)
    {
        const std::uint64_t begin = m_at;
        description["bytes"] = content.size();
        for (std::size_t at = 0; at < content.size(); at += kDeltaChunk)
            if (const Status status =
                    putChunk(std::as_bytes(std::span(content.substr(at, kDeltaChunk))));
                !status)
                return status;
        description["data"] = {begin, m_at};
        return {};
    }

    Status addFiles(const WeightFiles& weights)
    {
        for (const fs::path& path : weights.paths()) {
            const Result<std::string> hash = sha256File(path);
            const Result<SafetensorsFile> file = SafetensorsFile::open(path);
            const Result<MappedFile> bytes = MappedFile::open(path);
            if (!hash || !file || !bytes)
                return !hash ? hash.error() : !file ? file.error() : bytes.error();
            OrderedJson names = OrderedJson::array();
            std::size_t data = 0;
            for (const TensorEntry& tensor : file->tensors()) {
                names.push_back(tensor.name);
                data += tensor.bytes.size();
            }
            OrderedJson description = {{"name", path.filename().string()}, {"sha256", *hash}};
            const std::string_view head =
                textOf(bytes->bytes().first(bytes->bytes().size() - data));
            if (const Status status = addContent(description, head); !status)
                return status;
            description["tensors"] = std::move(names);
            m_description["files"].push_back(std::move(description));
        }
        for (const fs::path& path : otherFiles(m_result)) {
            const Result<std::string> content = readTextFile(path);
            if (!content)
                return content.error();
            OrderedJson description = {{"name", path.filename().string()},
                                       {"sha256", sha256(*content)},
                                       {"bytes", content->size()}};
            const Result<std::string> before = readTextFile(m_original / path.filename());
            if (!before || *before != *content)
                if (const Status status = addContent(description, *content); !status)
                    return status;
            m_description["files"].push_back(std::move(description));
        }
        return {};
    }

    Status finish()
    {
        std::string tail =
            m_description.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
        tail += deltaTail(tail);
        return put(std::as_bytes(std::span(tail)));
    }

    const fs::path& m_original;
    const fs::path& m_result;
    OutputFile& m_file;
    Progress& m_progress;
    std::uint64_t m_at = 0;
    OrderedJson m_description;
    DeltaReport m_report;
};

/// Calls \p use(bytes) with a tensor as the delta makes it from the original.
/// \param use  returns a Status
template <class Use> Result<Ending> restoreTensor(const DeltaTensor& tensor,
                                                  const WeightFiles& originals, Progress& progress,
                                                  const Use& use)
{
    const Result<const TensorEntry*> original =
        originalOf(originals, tensor.name, tensor.type, tensor.shape);
    if (!original)
        return original.error();
    std::vector<std::byte> bytes;
    std::vector<std::byte> difference;
    const auto chunk = [&](std::uint64_t at, std::span<const std::byte> planes) -> Status {
        if (progress.cancelled())
            return {};
        bytes.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(kDeltaChunk, tensor.bytes - at)));
        tensorBytes(**original, tensor.type, at, bytes);
        difference.resize(planes.size());
        joinPlanes(planes, elementSize(tensor.type), difference);
        for (std::size_t i = 0; i < difference.size(); ++i)
            bytes[i] ^= difference[i];
        progress.advance(bytes.size());
        return use(std::span<const std::byte>(bytes));
    };
    if (tensor.change) {
        if (const Status status = expandChunks(*tensor.change, chunk); !status)
            return status.error().at(tensor.name);
    } else {
        for (std::uint64_t at = 0; at < tensor.bytes; at += kDeltaChunk)
            if (const Status status = chunk(at, {}); !status)
                return status.error();
    }
    return progress.cancelled() ? Ending::Cancelled : Ending::Complete;
}

std::uint64_t totalBytes(const DeltaContent& content)
{
    std::uint64_t total = 0;
    for (const DeltaTensor& tensor : content.tensors)
        total += tensor.bytes;
    return total;
}

Result<Ending> compareDelta(const fs::path& path, const WeightFiles& original,
                            const WeightFiles& result, Progress& progress)
{
    const Result<MappedFile> file = MappedFile::open(path);
    if (!file)
        return file.error();
    const Result<DeltaContent> content = readDelta(file->bytes());
    if (!content)
        return content.error().at(path.string());
    progress.begin("comparing", totalBytes(*content));
    for (const DeltaTensor& tensor : content->tensors) {
        std::span<const std::byte> rest = result.find(tensor.name)->bytes;
        const auto compare = [&](std::span<const std::byte> bytes) -> Status {
            if (!std::ranges::equal(rest.first(bytes.size()), bytes))
                return Error{.code = ErrorCode::Io,
                             .message = fmt::format("the tensor {} reads back differently from "
                                                    "what was written",
                                                    tensor.name),
                             .context = path.string(),
                             .remedy = "the disk may be failing: write to another one"};
            rest = rest.subspan(bytes.size());
            return {};
        };
        const Result<Ending> ending = restoreTensor(tensor, original, progress, compare);
        if (!ending || *ending == Ending::Cancelled)
            return ending;
    }
    return Ending::Complete;
}

class Restorer {
public:
    Restorer(const DeltaContent& content, const fs::path& originalFolder,
             const WeightFiles& original, const fs::path& folder, Progress& progress)
        : m_content(content), m_originalFolder(originalFolder), m_original(original),
          m_folder(folder), m_progress(progress)
    {
    }

    Result<Ending> restore()
    {
        m_progress.begin("restoring", totalBytes(m_content));
        for (const DeltaPart& part : m_content.parts) {
            const Result<Ending> ending = restorePart(part);
            if (!ending || *ending == Ending::Cancelled)
                return ending;
        }
        return Ending::Complete;
    }

private:
    Result<Ending> restorePart(const DeltaPart& part)
    {
        const fs::path path = m_folder / part.name;
        Result<OutputFile> file = OutputFile::create(path);
        if (!file)
            return file.error();
        if (const Status status = part.content ? writeContent(part, *file) : copy(part, *file);
            !status)
            return status.error();
        for (const std::size_t index : part.tensors) {
            const Result<Ending> ending =
                restoreTensor(m_content.tensors[index], m_original, m_progress,
                              [&](std::span<const std::byte> bytes) { return file->write(bytes); });
            if (!ending || *ending == Ending::Cancelled)
                return ending;
        }
        if (const Status status = file->commit(); !status)
            return status.error();
        const Result<std::string> hash = sha256File(path);
        if (!hash)
            return hash.error();
        if (*hash != part.sha256)
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the restored file is not the one that the delta was made of",
                         .context = part.name,
                         .remedy = "the delta is damaged: fetch or write it again"};
        return Ending::Complete;
    }

    static Status writeContent(const DeltaPart& part, OutputFile& file)
    {
        const Status status =
            expandChunks(*part.content, [&](std::uint64_t, std::span<const std::byte> bytes) {
                return bytes.empty() ? Status(Error{.code = ErrorCode::Corrupt,
                                                    .message = "a chunk of the file is empty"})
                                     : file.write(bytes);
            });
        return status ? status : Status(status.error().at(part.name));
    }

    Status copy(const DeltaPart& part, OutputFile& file) const
    {
        const Result<std::string> content = readTextFile(m_originalFolder / part.name);
        if (!content)
            return content.error();
        return file.write(*content);
    }

    const DeltaContent& m_content;
    const fs::path& m_originalFolder;
    const WeightFiles& m_original;
    const fs::path& m_folder;
    Progress& m_progress;
};

/// Whether both have the same tensors.
Status checkTensors(const fs::path& original, const WeightFiles& before, const fs::path& result,
                    const WeightFiles& after)
{
    for (const std::string& name : before.names())
        if (!after.find(name))
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = fmt::format("the model has no tensor {}, which the original "
                                                "has",
                                                name),
                         .context = result.string(),
                         .remedy = "a delta needs two models with the same tensors"};
    for (const std::string& name : after.names()) {
        const TensorEntry& entry = *after.find(name);
        if (const auto found = originalOf(before, name, entry.type, entry.shape); !found)
            return found.error().at(original.string());
    }
    return {};
}

} // namespace

std::string weightsHash(const WeightFiles& weights, Progress& progress)
{
    progress.begin("hashing", weights.totalBytes());
    std::string lines;
    for (const std::string& name : weights.names()) {
        if (progress.cancelled())
            return {};
        const TensorEntry& entry = *weights.find(name);
        lines += fmt::format("{}\t{}\t{}\t{}\n", name, elementTypeName(entry.type),
                             shapeText(entry.shape), sha256(textOf(entry.bytes)));
        progress.advance(entry.bytes.size());
    }
    return sha256(lines);
}

namespace {

struct Sides {
    WeightFiles before;
    WeightFiles after;
};

/// Both folders' weights, which a delta can stand between.
Result<Sides> openSides(const fs::path& original, const fs::path& result)
{
    Result<WeightFiles> before = WeightFiles::open(original);
    if (!before)
        return before.error();
    Result<WeightFiles> after = WeightFiles::open(result);
    if (!after)
        return after.error();
    if (const Status status = checkTensors(original, *before, result, *after); !status)
        return status.error();
    return Sides{std::move(before).value(), std::move(after).value()};
}

} // namespace

Result<DeltaReport> writeDelta(const fs::path& original, const fs::path& result,
                               const fs::path& target, Progress& progress)
{
    const Result<Sides> sides = openSides(original, result);
    if (!sides)
        return sides.error();
    Result<OutputFile> file = OutputFile::create(target);
    if (!file)
        return file.error();
    Result<DeltaReport> report =
        Writer(original, result, *file, progress).write(sides->before, sides->after);
    if (!report || report->ending == Ending::Cancelled)
        return report;
    if (const Status status = file->commit(); !status)
        return status.error();
    const Result<Ending> compared = compareDelta(target, sides->before, sides->after, progress);
    if (!compared || *compared == Ending::Cancelled) {
        std::error_code ignored;
        fs::remove(target, ignored);
        if (!compared)
            return compared.error();
        report->ending = Ending::Cancelled;
    }
    return report;
}

Result<DeltaReport> planDelta(const fs::path& original, const fs::path& result)
{
    const Result<Sides> sides = openSides(original, result);
    if (!sides)
        return sides.error();
    return DeltaReport{.bytes = sides->after.totalBytes(), .tensors = sides->after.names().size()};
}

Result<DeltaReport> restoreDelta(const fs::path& delta, const fs::path& original,
                                 const fs::path& target, Progress& progress)
{
    const Result<MappedFile> file = MappedFile::open(delta);
    if (!file)
        return file.error();
    const Result<DeltaContent> content = readDelta(file->bytes());
    if (!content)
        return content.error().at(delta.string());
    const Result<WeightFiles> weights = WeightFiles::open(original);
    if (!weights)
        return weights.error();
    const std::string hash = weightsHash(*weights, progress);
    if (progress.cancelled())
        return DeltaReport{.ending = Ending::Cancelled};
    if (hash != content->original)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the delta was made from another original",
                     .context = original.string(),
                     .remedy = fmt::format("it needs the model whose weights hash to {}, not {}",
                                           content->original.substr(0, 12), hash.substr(0, 12))};
    Result<StagedFolder> folder = StagedFolder::create(target);
    if (!folder)
        return folder.error();
    const Result<Ending> ending =
        Restorer(*content, original, *weights, folder->path(), progress).restore();
    if (!ending)
        return ending.error().at(delta.string());
    DeltaReport report{
        .ending = *ending, .bytes = totalBytes(*content), .tensors = content->tensors.size()};
    report.changed = static_cast<std::uint64_t>(std::ranges::count_if(
        content->tensors, [](const DeltaTensor& tensor) { return tensor.change.has_value(); }));
    if (*ending == Ending::Complete)
        if (const Status status = folder->commit(); !status)
            return status.error();
    return report;
}

} // namespace lacuna
