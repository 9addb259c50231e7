#pragma once

#include "core/base/result.h"
#include "core/tokens/bpe_tokenizer.h"

#include <filesystem>
#include <memory>

namespace lacuna {

/// Loads a byte-level BPE tokenizer of vocab.json and merges.txt, as GPT-2, OPT and Phi have them,
/// with the settings beside them (readTokenizerSettings()): the tokenizer_class there decides how
/// text is cut into words, without one it is GPT-2's.
/// \param file  either of the two files; both are read
/// \return NotFound, Corrupt or Unsupported, naming file and key
[[nodiscard]] Result<std::shared_ptr<const BpeTokenizer>>
loadVocabMerges(const std::filesystem::path& file);

} // namespace lacuna
