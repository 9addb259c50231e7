#pragma once

#include "core/base/result.h"
#include "core/exchange/model_card.h"
#include "core/exchange/progress.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace lacuna {

struct AdapterExport {
    std::filesystem::path source;            ///< an adapter's folder as PEFT lays it out
    std::filesystem::path target;            ///< a folder that is empty or does not exist
    std::optional<ModelCardFacts> card = {}; ///< nothing: no README.md
    /// The folder of the model that the adapter changes: its licence goes along. Empty: none.
    std::filesystem::path licences = {};
};

struct AdapterExportReport {
    Ending ending = Ending::Complete;
    std::uint64_t bytes = 0; ///< of the weights
    std::uint64_t tensors = 0;
};

/// Copies an adapter's folder: its weights bit for bit, read back and compared; its description,
/// with the place of its model made absolute; the tokenizer's files. After an Error or a cancel
/// there is no new folder. \return NotFound when the folder holds no adapter
[[nodiscard]] Result<AdapterExportReport> exportAdapter(const AdapterExport& what,
                                                        Progress& progress);
/// What exportAdapter() would write, from the headers alone.
[[nodiscard]] Result<AdapterExportReport> planAdapterExport(const AdapterExport& what);

} // namespace lacuna
