#pragma once

#include "core/base/json.h"
#include "core/exchange/elements.h"
#include "core/models/weight_files.h"
#include "tests/core/store/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lacuna {

/// A small model of one layer that a test changes before it writes it: Llama with two heads of
/// width 4, width 8, vocabulary 5. The numbers of each tensor count up from a start of its own.
struct ModelFolder {
    Json config = {{"model_type", "llama"},    {"vocab_size", 5},
                   {"hidden_size", 8},         {"intermediate_size", 6},
                   {"num_hidden_layers", 1},   {"num_attention_heads", 2},
                   {"num_key_value_heads", 1}, {"max_position_embeddings", 16},
                   {"rms_norm_eps", 1e-5},     {"hidden_act", "silu"}};
    std::vector<TensorPlace> tensors = {
        {"model.embed_tokens.weight", ElementType::F32, {5, 8}},
        {"model.layers.0.input_layernorm.weight", ElementType::F32, {8}},
        {"model.layers.0.self_attn.q_proj.weight", ElementType::F32, {8, 8}},
        {"model.layers.0.self_attn.k_proj.weight", ElementType::F32, {4, 8}},
        {"model.layers.0.self_attn.v_proj.weight", ElementType::F32, {4, 8}},
        {"model.layers.0.self_attn.o_proj.weight", ElementType::F32, {8, 8}},
        {"model.layers.0.post_attention_layernorm.weight", ElementType::F32, {8}},
        {"model.layers.0.mlp.gate_proj.weight", ElementType::F32, {6, 8}},
        {"model.layers.0.mlp.up_proj.weight", ElementType::F32, {6, 8}},
        {"model.layers.0.mlp.down_proj.weight", ElementType::F32, {8, 6}},
        {"model.norm.weight", ElementType::F32, {8}},
        {"lm_head.weight", ElementType::F32, {5, 8}},
    };

    TensorPlace& tensor(const std::string& name)
    {
        return *std::ranges::find(tensors, name, &TensorPlace::name);
    }

    /// Writes config.json, the weights, and a byte-level tokenizer of as many tokens.
    void write(const std::filesystem::path& folder) const
    {
        std::filesystem::create_directories(folder);
        writeBytes(folder / "config.json", config.dump());
        std::vector<TensorToWrite> out;
        float start = 0;
        for (const TensorPlace& place : tensors) {
            out.push_back({.name = place.name,
                           .type = place.type,
                           .shape = place.shape,
                           .fill = [type = place.type, start](std::span<std::byte> bytes) {
                               if (!isFloating(type)) {
                                   std::ranges::fill(bytes, std::byte{1});
                                   return;
                               }
                               std::vector<float> values(bytes.size() / elementSize(type));
                               for (std::size_t i = 0; i < values.size(); ++i)
                                   values[i] = start + static_cast<float>(i);
                               writeFloats(type, values, bytes);
                           }});
            start += 100; // half precision still counts exactly
        }
        writeSafetensors(folder / "model.safetensors", out, {{"format", "pt"}}).value();
        writeTokenizer(folder, config.value("vocab_size", 5));
    }

    /// vocab.json and merges.txt of \p size printable characters.
    static void writeTokenizer(const std::filesystem::path& folder, int size)
    {
        Json vocabulary = Json::object();
        for (int id = 0; id < size; ++id) {
            // The line feed, the space, then printable ASCII, then Latin-1, as GPT-2 spells bytes.
            const int code = id == 0 ? 0x10A : id == 1 ? 0x120 : id < 96 ? 31 + id : 78 + id;
            const QString character(QChar(static_cast<char16_t>(code)));
            vocabulary[character.toStdString()] = id;
        }
        writeBytes(folder / "vocab.json", vocabulary.dump());
        writeBytes(folder / "merges.txt", "#version: 0.2\n");
    }
};

/// A copy of \p folder that can be changed, without what its numbers should be.
inline std::filesystem::path copied(const std::filesystem::path& folder,
                                    const std::filesystem::path& target)
{
    std::filesystem::create_directories(target);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("expected"))
            writeBytes(target / name, fileBytes(entry.path()));
    }
    return target;
}

} // namespace lacuna
