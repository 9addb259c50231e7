#pragma once

#include "core/base/result.h"
#include "core/tokens/bpe_tokenizer.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace lacuna {

/// Loads a tokenizer.json, the file of Hugging Face's tokenizers library, with a model of the type
/// BPE: byte-level (GPT-2, Llama 3, Qwen) or in sentencepiece's manner. The settings beside it are
/// read when there are any (readTokenizerSettings()).
/// \return Corrupt or Unsupported, naming file and key; an option that would change ids and is
///         not implemented is Unsupported, never ignored
[[nodiscard]] Result<std::shared_ptr<const BpeTokenizer>>
loadTokenizerJson(const std::filesystem::path& file);

/// The same from the content of \p file, which need not be there.
[[nodiscard]] Result<std::shared_ptr<const BpeTokenizer>>
readTokenizerJson(std::string_view text, const std::filesystem::path& file);

} // namespace lacuna
