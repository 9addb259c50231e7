#include "core/exchange/folder_export.h"

#include "core/base/json.h"
#include "core/base/output_file.h"
#include "core/exchange/elements.h"
#include "core/exchange/folder_facts.h"
#include "core/exchange/staged_folder.h"
#include "core/models/weight_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStretch = std::size_t{1} << 20; // elements at a time

std::string_view configTypeName(ElementType type)
{
    return type == ElementType::BF16  ? "bfloat16"
           : type == ElementType::F16 ? "float16"
                                      : "float32";
}

/// A tensor on its way: what it was, and what it becomes.
struct Planned {
    const TensorEntry* source;
    ElementType type;

    [[nodiscard]] std::uint64_t bytes() const
    {
        return static_cast<std::uint64_t>(source->elementCount()) * elementSize(type);
    }
};

/// Calls \p use(bytes, offset) with a tensor's bytes in its new type, a stretch at a time.
/// \param use  returns a Status
template <class Use>
Result<Ending> forEachStretch(const Planned& tensor, Progress& progress, const Use& use)
{
    const TensorEntry& source = *tensor.source;
    const auto count = static_cast<std::size_t>(source.elementCount());
    std::vector<float> values;
    std::vector<std::byte> converted;
    for (std::size_t first = 0; first < count; first += kStretch) {
        if (progress.cancelled())
            return Ending::Cancelled;
        const std::size_t some = std::min(kStretch, count - first);
        const std::size_t stored = elementSize(source.type);
        std::span<const std::byte> bytes = source.bytes.subspan(first * stored, some * stored);
        if (source.type != tensor.type) {
            values.resize(some);
            readFloats(source.type, bytes, values);
            converted.resize(some * elementSize(tensor.type));
            writeFloats(tensor.type, values, converted);
            std::vector<float> back(some);
            readFloats(tensor.type, converted, back);
            for (std::size_t i = 0; i < some; ++i)
                if (std::isfinite(values[i]) && !std::isfinite(back[i]))
                    return Error{.code = ErrorCode::InvalidArgument,
                                 .message = fmt::format("the tensor {} holds values that are too "
                                                        "large for {}",
                                                        source.name, elementTypeName(tensor.type)),
                                 .remedy = "choose float32 or bfloat16, which have a wider range"};
            bytes = converted;
        }
        if (const Status status = use(bytes, first * elementSize(tensor.type)); !status)
            return status.error();
        progress.advance(bytes.size());
    }
    return Ending::Complete;
}

class Exporter {
public:
    Exporter(const FolderExport& what, const Json& config, const WeightFiles& weights,
             fs::path folder, Progress& progress)
        : m_what(what), m_config(config), m_weights(weights), m_folder(std::move(folder)),
          m_progress(progress)
    {
    }

    const FolderExportReport& plan()
    {
        choose();
        cut();
        return m_report;
    }

    Result<FolderExportReport> run()
    {
        plan();
        Result<Ending> ending = writeWeights();
        if (!ending)
            return ending.error();
        if (*ending == Ending::Complete)
            ending = compareWeights();
        if (!ending)
            return ending.error();
        m_report.ending = *ending;
        if (*ending == Ending::Complete)
            if (const Status status = writePapers(); !status)
                return status.error();
        return m_report;
    }

private:
    void choose()
    {
        const std::string head = tiedHead(m_config);
        for (const std::string& name : m_weights.names()) {
            const TensorEntry* entry = m_weights.find(name);
            if (name == head && isCopy(*entry))
                continue;
            const bool converted = m_what.type && isFloating(entry->type);
            m_tensors.push_back({entry, converted ? *m_what.type : entry->type});
            m_report.bytes += m_tensors.back().bytes();
        }
        m_report.tensors = m_tensors.size();
        // Larger elements first, so that every tensor starts at a multiple of its element's size.
        std::ranges::stable_sort(m_tensors, std::greater<>(),
                                 [](const Planned& tensor) { return elementSize(tensor.type); });
    }

    [[nodiscard]] bool isCopy(const TensorEntry& head) const
    {
        return std::ranges::any_of(m_weights.names(), [&](const std::string& name) {
            const TensorEntry* other = m_weights.find(name);
            return other != &head && other->type == head.type && other->shape == head.shape &&
                   std::ranges::equal(other->bytes, head.bytes);
        });
    }

    /// Fills one file after the other, as Hugging Face does.
    void cut()
    {
        std::uint64_t size = 0;
        m_shards.emplace_back();
        for (const Planned& tensor : m_tensors) {
            if (!m_shards.back().empty() && size + tensor.bytes() > m_what.shardBytes) {
                m_shards.emplace_back();
                size = 0;
            }
            m_shards.back().push_back(tensor);
            size += tensor.bytes();
        }
        m_report.files = m_shards.size();
    }

    [[nodiscard]] std::string shardName(std::size_t shard) const
    {
        return m_shards.size() == 1
                   ? "model.safetensors"
                   : fmt::format("model-{:05}-of-{:05}.safetensors", shard + 1, m_shards.size());
    }

    Result<Ending> writeWeights()
    {
        m_progress.begin("writing", m_report.bytes);
        std::map<std::string, std::string> places;
        for (std::size_t shard = 0; shard < m_shards.size(); ++shard) {
            const Result<Ending> ending = writeShard(shard);
            if (!ending || *ending == Ending::Cancelled)
                return ending;
            for (const Planned& tensor : m_shards[shard])
                places[tensor.source->name] = shardName(shard);
        }
        if (m_shards.size() > 1) {
            const OrderedJson index = {{"metadata", {{"total_size", m_report.bytes}}},
                                       {"weight_map", places}};
            const Status status = writeJsonFile(m_folder / "model.safetensors.index.json", index);
            if (!status)
                return status.error();
        }
        return Ending::Complete;
    }

    Result<Ending> writeShard(std::size_t shard)
    {
        std::vector<TensorPlace> places;
        for (const Planned& tensor : m_shards[shard])
            places.push_back(
                {.name = tensor.source->name, .type = tensor.type, .shape = tensor.source->shape});
        Result<OutputFile> file = OutputFile::create(m_folder / shardName(shard));
        if (!file)
            return file.error();
        if (const Status status = file->write(safetensorsHeader(places, {{"format", "pt"}}));
            !status)
            return status.error();
        for (const Planned& tensor : m_shards[shard]) {
            const Result<Ending> ending = forEachStretch(
                tensor, m_progress,
                [&](std::span<const std::byte> bytes, std::size_t) { return file->write(bytes); });
            if (!ending || *ending == Ending::Cancelled)
                return ending;
        }
        if (const Status status = file->commit(); !status)
            return status.error();
        return Ending::Complete;
    }

    Result<Ending> compareWeights()
    {
        const Result<WeightFiles> written = WeightFiles::open(m_folder);
        if (!written)
            return written.error();
        m_progress.begin("comparing", m_report.bytes);
        for (const Planned& tensor : m_tensors) {
            const TensorEntry* entry = written->find(tensor.source->name);
            const auto compare = [&](std::span<const std::byte> bytes, std::size_t at) -> Status {
                if (entry && entry->type == tensor.type && entry->shape == tensor.source->shape &&
                    std::ranges::equal(entry->bytes.subspan(at, bytes.size()), bytes))
                    return {};
                return Error{.code = ErrorCode::Io,
                             .message = fmt::format("the tensor {} reads back differently from "
                                                    "what was written",
                                                    tensor.source->name),
                             .context = m_what.target.string(),
                             .remedy = "the disk may be failing: write to another one"};
            };
            const Result<Ending> ending = forEachStretch(tensor, m_progress, compare);
            if (!ending || *ending == Ending::Cancelled)
                return ending;
        }
        return Ending::Complete;
    }

    Status copy(const fs::path& file)
    {
        const Result<std::string> text = readTextFile(file);
        if (!text)
            return text.error();
        return writeFileAtomically(m_folder / file.filename(), *text);
    }

    /// Everything but the weights.
    Status writePapers()
    {
        if (const Status status = writeConfig(); !status)
            return status;
        for (const fs::path& file : companionFiles(m_what.source))
            if (const Status status = copy(file); !status)
                return status;
        std::error_code ignored;
        if (!m_what.licences.empty())
            for (const fs::path& file : licenceFiles(m_what.licences))
                if (!fs::exists(m_folder / file.filename(), ignored))
                    if (const Status status = copy(file); !status)
                        return status;
        if (m_what.card)
            return writeFileAtomically(m_folder / "README.md", modelCardText(*m_what.card));
        if (fs::is_regular_file(m_what.source / "README.md", ignored))
            return copy(m_what.source / "README.md");
        return {};
    }

    /// As it was read, unless it names another type.
    Status writeConfig()
    {
        Json config = m_config;
        const std::string name(configTypeName(m_what.type.value_or(ElementType::F32)));
        // transformers 5 calls the key "dtype".
        for (const char* key : {"torch_dtype", "dtype"})
            if (m_what.type && (config.contains(key) || key == std::string_view("torch_dtype")))
                config[key] = name;
        if (config == m_config)
            return copy(m_what.source / "config.json");
        return writeFileAtomically(m_folder / "config.json", config.dump(2) + "\n");
    }

    const FolderExport& m_what;
    const Json& m_config;
    const WeightFiles& m_weights;
    fs::path m_folder;
    Progress& m_progress;
    std::vector<Planned> m_tensors;
    std::vector<std::vector<Planned>> m_shards;
    FolderExportReport m_report;
};

struct Opened {
    Json config;
    WeightFiles weights;
};

Result<Opened> open(const FolderExport& what)
{
    if (what.type && !isFloating(*what.type))
        throw std::logic_error("weights cannot be exported as integers");
    Result<Json> config = readJsonFile(what.source / "config.json");
    if (!config)
        return config.error();
    if (!config->is_object())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "an object in braces is needed here",
                     .context = (what.source / "config.json").string()};
    Result<WeightFiles> weights = WeightFiles::open(what.source);
    if (!weights)
        return weights.error();
    return Opened{std::move(config).value(), std::move(weights).value()};
}

} // namespace

Result<FolderExportReport> planFolderExport(const FolderExport& what)
{
    const Result<Opened> source = open(what);
    if (!source)
        return source.error();
    Progress none;
    return Exporter(what, source->config, source->weights, {}, none).plan();
}

Result<FolderExportReport> exportFolder(const FolderExport& what, Progress& progress)
{
    const Result<Opened> source = open(what);
    if (!source)
        return source.error();
    Result<StagedFolder> folder = StagedFolder::create(what.target);
    if (!folder)
        return folder.error();
    Result<FolderExportReport> report =
        Exporter(what, source->config, source->weights, folder->path(), progress).run();
    if (!report || report->ending == Ending::Cancelled)
        return report;
    if (const Status status = folder->commit(); !status)
        return status.error();
    return report;
}

} // namespace lacuna
