#include "core/models/weight_files.h"

#include "core/base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace lacuna {

Result<WeightFiles> WeightFiles::open(const std::filesystem::path& folder)
{
    WeightFiles weights;
    std::error_code ignored;
    const auto single = folder / "model.safetensors";
    const auto index = folder / "model.safetensors.index.json";
    if (std::filesystem::exists(single, ignored)) {
        if (const Status status = weights.add(single); !status)
            return status.error();
        return weights;
    }
    if (!std::filesystem::exists(index, ignored)) {
        const bool pickled =
            std::filesystem::exists(folder / "pytorch_model.bin", ignored) ||
            std::filesystem::exists(folder / "pytorch_model.bin.index.json", ignored);
        return Error{.code = pickled ? ErrorCode::Unsupported : ErrorCode::NotFound,
                     .message = pickled
                                    ? "the weights are a pickle, which can run code when read"
                                    : "the folder has no model.safetensors and no index of shards",
                     .context = folder.string(),
                     .remedy = pickled ? "convert the model to safetensors"
                                       : "choose a folder in the Hugging Face layout"};
    }
    const Result<Json> document = readJsonFile(index);
    if (!document)
        return document.error();
    if (!document->is_object() || !document->contains("weight_map") ||
        !(*document)["weight_map"].is_object())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the index has no weight_map",
                     .context = index.string()};
    std::set<std::string> shards;
    for (const auto& [name, shard] : (*document)["weight_map"].items()) {
        // A shard is a file of this folder: a path in the index must not lead out of it.
        if (!shard.is_string() || shard.get<std::string>().empty() ||
            std::filesystem::path(shard.get<std::string>()).filename() != shard.get<std::string>())
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the shard of " + name + " is not a file name",
                         .context = index.string() + ": weight_map"};
        shards.insert(shard.get<std::string>());
    }
    weights.m_files.reserve(shards.size());
    for (const std::string& shard : shards)
        if (const Status status = weights.add(folder / shard); !status)
            return status.error();
    for (const auto& [name, shard] : (*document)["weight_map"].items()) {
        const auto place = shard.get<std::string>();
        const auto file = std::find_if(
            weights.m_files.begin(), weights.m_files.end(),
            [&](const auto& candidate) { return candidate.path().filename() == place; });
        if (!file->find(name))
            return Error{.code = ErrorCode::Corrupt,
                         .message = fmt::format("the index places {} in {}, which does not hold it",
                                                name, place),
                         .context = index.string(),
                         .remedy = "fetch the shards and their index again"};
    }
    return weights;
}

Status WeightFiles::add(const std::filesystem::path& path)
{
    Result<SafetensorsFile> file = SafetensorsFile::open(path);
    if (!file)
        return file.error();
    m_files.push_back(std::move(file).value());
    // The entries live on the heap of their vector, which moves with the file object.
    for (const TensorEntry& tensor : m_files.back().tensors())
        if (!m_tensors.emplace(tensor.name, &tensor).second)
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the tensor " + tensor.name + " is in two shards",
                         .context = path.string()};
    return {};
}

const TensorEntry* WeightFiles::find(const std::string& name) const
{
    const auto found = m_tensors.find(name);
    return found == m_tensors.end() ? nullptr : found->second;
}

std::vector<std::string> WeightFiles::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, entry] : m_tensors)
        names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::filesystem::path> WeightFiles::paths() const
{
    std::vector<std::filesystem::path> paths;
    for (const SafetensorsFile& file : m_files)
        paths.push_back(file.path());
    return paths;
}

std::uint64_t WeightFiles::totalBytes() const
{
    std::uint64_t bytes = 0;
    for (const auto& [name, entry] : m_tensors)
        bytes += entry->bytes.size();
    return bytes;
}

} // namespace lacuna
