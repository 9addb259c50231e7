#pragma once

#include "core/base/result.h"
#include "core/models/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace lacuna {

/// The safetensors files of a model folder: one, or the shards that an index names.
class WeightFiles {
public:
    /// Opens headers only. A shard that is missing, an index that names a tensor which its shard
    /// lacks, and a tensor that two shards hold are errors.
    static Result<WeightFiles> open(const std::filesystem::path& folder);

    [[nodiscard]] const TensorEntry* find(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> names() const; ///< sorted
    [[nodiscard]] std::vector<std::filesystem::path> paths() const;
    [[nodiscard]] std::uint64_t totalBytes() const;

private:
    Status add(const std::filesystem::path& path);

    std::vector<SafetensorsFile> m_files;
    std::unordered_map<std::string, const TensorEntry*> m_tensors;
};

} // namespace lacuna
