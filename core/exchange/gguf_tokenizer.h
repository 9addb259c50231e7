#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/exchange/gguf.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

/// Adds the keys tokenizer.ggml.* and tokenizer.chat_template for the tokenizer of a model folder:
/// a sentencepiece model ("llama"), or a byte-level BPE of tokenizer.json or of vocab.json and
/// merges.txt ("gpt2").
///
/// \param config      config.json, for the ids of special tokens that the tokenizer's files lack
/// \param vocabulary  rows of the embedding; ids without a token become unused ones
/// \param warnings    gains sentences: what llama.cpp does to a text in another way
/// \return NotFound when there is no tokenizer, Unsupported for a tokenizer that llama.cpp would
/// apply in another way, Corrupt with the
///         file's name for a damaged one
[[nodiscard]] Status addGgufTokenizer(const std::filesystem::path& folder, const Json& config,
                                      std::int64_t vocabulary, GgufMetadata& metadata,
                                      std::vector<std::string>& warnings);

} // namespace lacuna
