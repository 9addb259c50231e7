#pragma once

#include "core/base/json.h"
#include "core/models/adapter_files.h"
#include "core/models/safetensors.h"

#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

/// Folders of the small model with something to it, made without torch.
namespace lacuna {

inline constexpr const char* kUsableTemplate =
    "{% for message in messages %}<{{ message.role }}> {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}";
/// Cannot be parsed.
inline constexpr const char* kBrokenTemplate = "{% frobnicate %}";

/// The small model with \p chatTemplate, in \p folder, which is made.
inline std::filesystem::path modelWithTemplate(const std::filesystem::path& folder,
                                               const std::string& chatTemplate)
{
    std::filesystem::copy(std::filesystem::path(TEST_DATA_DIR) / "models/stories260K-bf16-sharded",
                          folder);
    writeFileAtomically(folder / "chat_template.jinja", chatTemplate).value();
    return folder;
}

/// An adapter on the small model that changes what it says, in \p folder, which is made.
inline std::filesystem::path smallAdapter(const std::filesystem::path& folder,
                                          std::int64_t rank = 1)
{
    constexpr std::int64_t kWidth = 64;
    const std::string module = "model.layers.0.mlp.gate_proj";
    constexpr std::int64_t kGates = 172;
    std::filesystem::create_directories(folder);
    writeLoraConfig({.rank = rank,
                     .alpha = 1,
                     .baseModel = std::filesystem::path(TEST_DATA_DIR) / "models/stories260K",
                     .modules = {"gate_proj"}},
                    folder)
        .value();
    const auto matrix = [](std::string name, std::vector<std::int64_t> shape) {
        return TensorToWrite{.name = std::move(name),
                             .type = ElementType::F32,
                             .shape = std::move(shape),
                             .fill = [](std::span<std::byte> out) {
                                 for (std::size_t i = 0; i < out.size() / sizeof(float); ++i) {
                                     const float value = i % 3 == 0 ? 0.7F : -0.4F;
                                     std::memcpy(out.data() + i * sizeof(float), &value,
                                                 sizeof(float));
                                 }
                             }};
    };
    writeSafetensors(folder / kAdapterWeights, {matrix(loraName(module, 'A'), {rank, kWidth}),
                                                matrix(loraName(module, 'B'), {kGates, rank})})
        .value();
    return folder;
}

} // namespace lacuna
