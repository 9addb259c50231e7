#pragma once

#include "core/base/json.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

/// What the papers of a model folder say of it. A value that is nowhere is empty.
struct FolderFacts {
    std::string name;      ///< the folder's own
    std::string license;   ///< the identifier in the README's head: "llama3.2"
    std::string baseModel; ///< in the README's head: "meta-llama/Llama-3.2-1B"
};

/// Reads the head of README.md (the lines between two "---", "key: value" in YAML). What cannot be
/// read is left out: no export fails because of a README.
[[nodiscard]] FolderFacts folderFacts(const std::filesystem::path& folder);

/// The files of a model folder beside config.json, README.md and the weights that another program
/// or a reader needs: tokenizer, chat template, generation settings, licence. Sorted.
[[nodiscard]] std::vector<std::filesystem::path>
companionFiles(const std::filesystem::path& folder);

/// Those of them that hold the licence.
[[nodiscard]] std::vector<std::filesystem::path> licenceFiles(const std::filesystem::path& folder);

/// The name of the head's matrix in a model that shares it with the embedding; empty when the model
/// does not, as far as its config.json or the family's default tells.
[[nodiscard]] std::string tiedHead(const Json& config);

} // namespace lacuna
