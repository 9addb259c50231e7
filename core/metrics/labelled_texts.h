#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

struct LabelledText {
    std::string text;
    bool positive = false; ///< of the kind that is looked for: harmful
    std::string group;     ///< those of one group belong on the same side of a split
};

/// A file of texts of two kinds.
struct LabelledTexts {
    std::vector<LabelledText> items; ///< no text twice
    std::string sha256;              ///< of the file's bytes
    std::int64_t repeated = 0;       ///< rows left out because their text came before
};

/// JSON lines, in one of three shapes:
/// - {text, label}: the label is true, 1, "harmful", "unsafe" or "toxic" for one kind and false, 0,
///   "harmless" or "safe" for the other; each text is a group
/// - PKU-SafeRLHF's {prompt, response_0, response_1, is_response_0_safe, is_response_1_safe}: two
///   texts, grouped by prompt
/// - BeaverTails' {prompt, response, is_safe}: one text, grouped by prompt
///
/// \return Corrupt, with file and row, for another shape or a text that is not UTF-8;
///         InvalidArgument when there is not at least one text of each kind
[[nodiscard]] Result<LabelledTexts> readLabelledTexts(const std::filesystem::path& path);

} // namespace lacuna
