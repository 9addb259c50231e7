#pragma once

#include "core/base/result.h"
#include "core/exchange/gguf.h"
#include "core/exchange/model_card.h"
#include "core/exchange/progress.h"
#include "core/models/safetensors.h"
#include "core/store/records.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A model, or what a run made, for other programs: the same for the window and the command line.
namespace lacuna {

class Store;

enum class ExportForm : std::uint8_t {
    Folder,  ///< the model as Hugging Face lays it out
    Gguf,    ///< the model for llama.cpp
    Delta,   ///< what changed in the original's weights
    Adapter, ///< the run's adapter as PEFT lays it out
};
inline constexpr std::array kExportForms = {ExportForm::Folder, ExportForm::Gguf, ExportForm::Delta,
                                            ExportForm::Adapter};

/// A number type that can be asked for.
struct ExportType {
    std::string_view id;
    std::optional<ElementType> element; ///< nothing: not in safetensors
    GgufType gguf;
};
inline constexpr std::array<ExportType, 4> kExportTypes = {{
    {"float32", ElementType::F32, GgufType::F32},
    {"float16", ElementType::F16, GgufType::F16},
    {"bfloat16", ElementType::BF16, GgufType::BF16},
    {"q8_0", std::nullopt, GgufType::Q8_0},
}};
/// \return null for an id that there is not
[[nodiscard]] const ExportType* exportType(std::string_view id);
/// Whether numbers can be asked for as \p type: deltas and adapters keep their own.
[[nodiscard]] bool takesType(ExportForm form, const ExportType& type);

inline constexpr std::uint64_t kDefaultShardBytes = 5'000'000'000;
/// "500MB", "5GB", "1GiB", or a number of bytes; nothing for anything else, and below one byte.
[[nodiscard]] std::optional<std::uint64_t> byteCount(const std::string& text);

/// What is to be exported: a model's folder, and the run that made it if one did.
struct ExportSource {
    std::filesystem::path model;
    std::filesystem::path adapter = {}; ///< empty: there is none
    std::optional<Run> run = {};
    std::vector<EvaluationChange> changes = {}; ///< what the run measured
};

/// What \p run has left. \return NotFound when it has left no model, or the model is gone
[[nodiscard]] Result<ExportSource> exportSource(const Store& store, const Run& run);

/// What an exported model says of the run that made it, which must be there.
[[nodiscard]] ModelCardFacts cardOf(const ExportSource& source, ExportForm form);

struct ExportChoice {
    ExportForm form = ExportForm::Folder;
    const ExportType* type = nullptr; ///< null: as stored
    std::uint64_t shardBytes = kDefaultShardBytes;
    std::filesystem::path original = {}; ///< of a delta; empty: the model that the run started from
};

/// A name for files: that of the run or of the model's folder, in letters, digits, "-", "_", ".".
[[nodiscard]] std::string exportName(const ExportSource& source);
/// The file in a delta's folder.
inline constexpr const char* kDeltaFile = "model.lacdelta";
/// What is written when \p folder is asked for: the folder itself, or a file in it.
[[nodiscard]] std::filesystem::path exportTarget(const ExportSource& source,
                                                 const ExportChoice& choice,
                                                 const std::filesystem::path& folder);

struct ExportReport {
    Ending ending = Ending::Complete;
    std::filesystem::path target; ///< exportTarget()
    std::uint64_t bytes = 0;      ///< of the weights or of the file; of a planned delta, at most
    std::uint64_t tensors = 0;
    std::uint64_t files = 1;                ///< of weights
    std::uint64_t changed = 0;              ///< tensors in a delta that differ, once it is written
    std::string type = {};                  ///< GGUF: "Q8_0"
    std::string architecture = {};          ///< GGUF
    std::vector<std::string> warnings = {}; ///< sentences: what llama.cpp does in another way
};

/// What would be written, or why it cannot be, from headers and papers alone. \p folder may be
/// empty: then nothing is said of the place.
[[nodiscard]] Result<ExportReport> planExport(const ExportSource& source,
                                              const ExportChoice& choice,
                                              const std::filesystem::path& folder);
/// Writes, reads back and compares. After an Error or a cancel nothing new stays.
[[nodiscard]] Result<ExportReport> exportModel(const ExportSource& source,
                                               const ExportChoice& choice,
                                               const std::filesystem::path& folder,
                                               Progress& progress);

} // namespace lacuna
