#pragma once

#include <string_view>

/// The parsers of what a stranger may have made, each as a function of the bytes of its file. A
/// target fails by crashing, by a sanitizer's finding, or by taking too long or too much memory.
/// One more is a declaration here, its function in targets.cpp, and a line in CMakeLists.txt.
namespace lacuna::fuzz {

void tokenizerJson(std::string_view bytes);      ///< a tokenizer.json, or its keys but "model"
void tokenizerText(std::string_view bytes);      ///< a byte that picks the tokenizer, and a text
void sentencePieceModel(std::string_view bytes); ///< a .model file
void safetensors(std::string_view bytes);        ///< a weights file
void modelConfig(std::string_view bytes);        ///< a config.json, of any family
void evaluationLog(std::string_view bytes);      ///< of any project
void recordedMetrics(std::string_view bytes);    ///< reference values of metrics

} // namespace lacuna::fuzz
