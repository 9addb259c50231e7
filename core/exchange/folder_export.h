#pragma once

#include "core/base/result.h"
#include "core/exchange/model_card.h"
#include "core/exchange/progress.h"
#include "core/models/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace lacuna {

struct FolderExport {
    std::filesystem::path source; ///< a model folder as Hugging Face lays it out, of any family
    std::filesystem::path target; ///< a folder that is empty or does not exist
    /// Of floating tensors: F32, F16 or BF16. Nothing: each keeps its own.
    std::optional<ElementType> type = {};
    /// A file holds tensors of at most so many bytes, or one tensor that is larger.
    std::uint64_t shardBytes = 5'000'000'000;
    std::optional<ModelCardFacts> card = {}; ///< nothing: the source's README.md is copied
    /// The folder of the model that the source was made from: its licence goes along, where the
    /// source has no file of the same name. Empty: none.
    std::filesystem::path licences = {};
};

struct FolderExportReport {
    Ending ending = Ending::Complete;
    std::uint64_t bytes = 0; ///< of the weights
    std::uint64_t tensors = 0;
    std::uint64_t files = 0; ///< of weights
};

/// Copies a model folder: weights in the asked type and sharding, ordered by name so that neither
/// depends on how the source was cut; a tied head is stored once; config.json names the new type;
/// the files of tokenizer and generation, and the licence, are copied as they are. The weights are
/// read back and compared. After an Error or a cancel there is no new folder.
[[nodiscard]] Result<FolderExportReport> exportFolder(const FolderExport& what, Progress& progress);
/// What exportFolder() would write, from the headers alone.
[[nodiscard]] Result<FolderExportReport> planFolderExport(const FolderExport& what);

} // namespace lacuna
