#pragma once

#include "core/models/checkpoint.h"

#include <filesystem>
#include <map>
#include <string>

namespace lacuna {

/// The weights of a model folder by name, in float32, an adapter merged into them.
inline std::map<std::string, at::Tensor> weightsIn(const std::filesystem::path& folder)
{
    std::map<std::string, at::Tensor> weights;
    const auto decoder = loadDecoder(folder, c10::Device(c10::kCPU), c10::kFloat).value();
    decoder->mergeAdapters();
    for (const Parameter& parameter : decoder->parameters())
        weights[parameter.name] = parameter.master.to(at::kFloat).clone();
    return weights;
}

} // namespace lacuna
