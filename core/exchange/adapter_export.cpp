#include "core/exchange/adapter_export.h"

#include "core/base/json.h"
#include "core/base/output_file.h"
#include "core/exchange/folder_facts.h"
#include "core/exchange/staged_folder.h"
#include "core/models/adapter_files.h"
#include "core/models/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStretch = std::size_t{4} << 20; // bytes at a time
constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kBase = "base_model_name_or_path";

/// Calls \p use(bytes) for one stretch of \p file after the other, until it fails.
template <class Use>
Result<Ending> forEachStretch(std::span<const std::byte> file, Progress& progress, const Use& use)
{
    for (std::size_t at = 0; at < file.size(); at += kStretch) {
        if (progress.cancelled())
            return Ending::Cancelled;
        const auto bytes = file.subspan(at, std::min(kStretch, file.size() - at));
        if (const Status status = use(bytes, at); !status)
            return status.error();
        progress.advance(bytes.size());
    }
    return Ending::Complete;
}

Result<Ending> copyWeights(std::span<const std::byte> weights, const fs::path& target,
                           Progress& progress)
{
    Result<OutputFile> file = OutputFile::create(target);
    if (!file)
        return file.error();
    progress.begin("writing", weights.size());
    Result<Ending> written =
        forEachStretch(weights, progress, [&](std::span<const std::byte> bytes, std::size_t) {
            return file->write(bytes);
        });
    if (!written || *written == Ending::Cancelled)
        return written;
    if (const Status status = file->commit(); !status)
        return status.error();
    const Result<MappedFile> back = MappedFile::open(target);
    if (!back)
        return back.error();
    progress.begin("comparing", weights.size());
    return forEachStretch(
        weights, progress, [&](std::span<const std::byte> bytes, std::size_t at) -> Status {
            if (back->bytes().size() == weights.size() &&
                std::ranges::equal(back->bytes().subspan(at, bytes.size()), bytes))
                return {};
            return Error{.code = ErrorCode::Io,
                         .message = "the adapter reads back differently from what was written",
                         .context = target.string(),
                         .remedy = "the disk may be failing: write to another one"};
        });
}

Status copyInto(const fs::path& folder, const fs::path& file)
{
    const Result<std::string> text = readTextFile(file);
    if (!text)
        return text.error();
    return writeFileAtomically(folder / file.filename(), *text);
}

/// Everything but the weights.
Status writePapers(const AdapterExport& what, const fs::path& folder)
{
    Result<Json> config = readJsonFile(what.source / kConfigFile);
    if (!config)
        return config.error();
    // A place that is meant from the source's folder would name another one from the new folder.
    const fs::path base = (*config)[kBase].get<std::string>();
    if (std::error_code ignored; base.is_relative())
        (*config)[kBase] = fs::weakly_canonical(what.source / base, ignored).string();
    if (Status status =
            writeFileAtomically(folder / kConfigFile,
                                config->dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
        !status)
        return status;
    for (const fs::path& file : companionFiles(what.source))
        if (Status status = copyInto(folder, file); !status)
            return status;
    std::error_code ignored;
    if (!what.licences.empty())
        for (const fs::path& file : licenceFiles(what.licences))
            if (!fs::exists(folder / file.filename(), ignored))
                if (Status status = copyInto(folder, file); !status)
                    return status;
    return what.card ? writeFileAtomically(folder / "README.md", modelCardText(*what.card))
                     : Status();
}

} // namespace

Result<AdapterExportReport> planAdapterExport(const AdapterExport& what)
{
    if (const Result<LoraConfig> config = readLoraConfig(what.source); !config)
        return config.error();
    const Result<SafetensorsFile> weights = SafetensorsFile::open(what.source / kAdapterWeights);
    if (!weights)
        return weights.error();
    AdapterExportReport report{.tensors = weights->tensors().size()};
    for (const TensorEntry& tensor : weights->tensors())
        report.bytes += tensor.bytes.size();
    return report;
}

Result<AdapterExportReport> exportAdapter(const AdapterExport& what, Progress& progress)
{
    Result<AdapterExportReport> report = planAdapterExport(what);
    if (!report)
        return report.error();
    const Result<MappedFile> weights = MappedFile::open(what.source / kAdapterWeights);
    if (!weights)
        return weights.error();
    Result<StagedFolder> folder = StagedFolder::create(what.target);
    if (!folder)
        return folder.error();
    const Result<Ending> ending =
        copyWeights(weights->bytes(), folder->path() / kAdapterWeights, progress);
    if (!ending)
        return ending.error();
    report->ending = *ending;
    if (*ending == Ending::Cancelled)
        return report;
    if (const Status status = writePapers(what, folder->path()); !status)
        return status.error();
    if (const Status status = folder->commit(); !status)
        return status.error();
    return report;
}

} // namespace lacuna
