#pragma once

#include "core/base/result.h"
#include "core/exchange/gguf.h"
#include "core/exchange/progress.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

struct GgufExport {
    std::filesystem::path source; ///< a model folder as Hugging Face lays it out
    std::filesystem::path target; ///< the file
    /// Of matrices. Vectors stay F32 as llama.cpp wants them, and matrices whose rows are no whole
    /// number of blocks become F16 instead of Q8_0. Nothing: the type of the source's embedding.
    std::optional<GgufType> type = {};
    std::string name = {};      ///< general.name; empty: the source folder's
    std::string baseModel = {}; ///< general.base_model.0.name; empty: from the source's README
};

struct GgufExportReport {
    Ending ending = Ending::Complete;
    std::string architecture;
    GgufType type = GgufType::F32;
    std::uint64_t bytes = 0;
    std::uint64_t tensors = 0;
    std::vector<std::string> warnings; ///< sentences: what llama.cpp does in another way
};

/// Writes a folder as one GGUF, reads it back and compares every tensor with the source. Takes
/// memory for a few million numbers, whatever the size of the model. A tensor of the source that
/// the family has no use for, and one that is missing or ill-shaped, ends the export with its name.
/// After an Error or a cancel there is no new file.
[[nodiscard]] Result<GgufExportReport> exportGguf(const GgufExport& what, Progress& progress);
/// What exportGguf() would write, or why it cannot, from the headers and the tokenizer alone.
[[nodiscard]] Result<GgufExportReport> planGgufExport(const GgufExport& what);

} // namespace lacuna
