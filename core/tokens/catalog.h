#pragma once

#include "core/base/catalog.h"
#include "core/base/result.h"
#include "core/tokens/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

/// A way to store a tokenizer in a model folder.
struct TokenizerFormat {
    using Load = Result<std::shared_ptr<const Tokenizer>> (*)(const std::filesystem::path& file);

    std::string id; ///< shown by inspect, kept in files
    std::string title;
    std::vector<std::string> files; ///< names it goes by, the first being the usual one
    Load load = nullptr;            ///< null: recognised, and refused with a reason
};

[[nodiscard]] const Catalog<TokenizerFormat>& tokenizerFormats();

/// The tokenizer files of a folder.
struct TokenizerFiles {
    std::string format;                       ///< the id of a format, empty when there is none
    std::filesystem::path main;               ///< the file that decided the format
    std::vector<std::filesystem::path> files; ///< all, the main one first, settings included
};

/// Looks at names and first bytes only. A folder without any is a value with an empty format.
[[nodiscard]] Result<TokenizerFiles> tokenizerFiles(const std::filesystem::path& folder);

/// Loads the tokenizer of a model folder, or of one .model file.
/// \return NotFound naming the files looked for, Unsupported for a format that cannot be read,
///         Corrupt with the file's name for a damaged one
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>>
loadTokenizer(const std::filesystem::path& folder);

} // namespace lacuna
