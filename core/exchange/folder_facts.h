#pragma once

#include <filesystem>
#include <string>

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

} // namespace lacuna
