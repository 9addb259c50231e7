#include "core/models/lora.h"

#include "core/base/rng.h"
#include "core/models/stored_tensor.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

struct Extent {
    std::int64_t in;
    std::int64_t out;
};

Extent extentOf(const WeightSlot& slot)
{
    return slot.transposed ? Extent{slot.shape[0], slot.shape[1]}
                           : Extent{slot.shape[1], slot.shape[0]};
}

/// "q_proj" of "model.layers.0.self_attn.q_proj".
std::string lastPart(const std::string& module)
{
    return module.substr(module.rfind('.') + 1);
}

} // namespace

std::vector<std::string> addAdapter(Decoder& decoder, const LoraConfig& config,
                                    const std::vector<std::string>& modules, std::uint64_t seed)
{
    Random random(seed);
    std::vector<std::string> names;
    for (const WeightSlot& slot : adaptableSlots(decoder.config())) {
        if (std::find(modules.begin(), modules.end(), slot.name) == modules.end())
            continue;
        const auto [in, out] = extentOf(slot);
        at::Tensor a = at::empty({config.rank, in}, at::kFloat);
        const double bound = 1.0 / std::sqrt(static_cast<double>(in));
        float* values = a.data_ptr<float>();
        for (std::int64_t i = 0; i < a.numel(); ++i)
            values[i] = static_cast<float>((2.0 * random.uniform() - 1.0) * bound);
        decoder.attach({.module = slot.name,
                        .a = a,
                        .b = at::zeros({out, config.rank}, at::kFloat),
                        .scale = config.scale(config.rank)});
        names.insert(names.end(), {loraName(slot.name, 'A'), loraName(slot.name, 'B')});
    }
    decoder.refresh();
    return names;
}

Status loadAdapter(Decoder& decoder, const LoraConfig& config, const std::filesystem::path& folder)
{
    const auto path = folder / kAdapterWeights;
    const Result<SafetensorsFile> file = SafetensorsFile::open(path);
    if (!file)
        return file.error();
    const auto corrupt = [&](std::string message) {
        return Error{.code = ErrorCode::Corrupt,
                     .message = std::move(message),
                     .context = path.string(),
                     .remedy = "use the adapter with the model that it was made for"};
    };
    std::size_t used = 0;
    for (const WeightSlot& slot : adaptableSlots(decoder.config())) {
        const TensorEntry* a = file->find(loraName(slot.name, 'A'));
        const TensorEntry* b = file->find(loraName(slot.name, 'B'));
        if (!a && !b)
            continue;
        if (!a || !b)
            return corrupt("the adapter has only one of its two matrices for " + slot.name);
        const auto [in, out] = extentOf(slot);
        const std::int64_t rank = a->shape.empty() ? 0 : a->shape.front();
        if (rank < 1 || a->shape != std::vector{rank, in} || b->shape != std::vector{out, rank})
            return corrupt("the adapter's matrices for " + slot.name + " have the shapes " +
                           shapeText(a->shape) + " and " + shapeText(b->shape) +
                           ", the model asks for [r, " + std::to_string(in) + "] and [" +
                           std::to_string(out) + ", r]");
        if (!at::isFloatingType(torchType(a->type)) || !at::isFloatingType(torchType(b->type)))
            return corrupt("the adapter's matrices for " + slot.name + " hold no real numbers");
        decoder.attach({.module = slot.name,
                        .a = mappedTensor(*a),
                        .b = mappedTensor(*b),
                        .scale = config.scale(rank)});
        used += 2;
    }
    for (const TensorEntry& tensor : file->tensors()) {
        const bool known = std::any_of(decoder.parameters().begin(), decoder.parameters().end(),
                                       [&](const Parameter& p) { return p.name == tensor.name; });
        if (!known)
            return corrupt("the adapter changes " + tensor.name +
                           ", which this model does not have or an adapter cannot change here");
    }
    if (used == 0)
        return corrupt("the adapter changes nothing of this model");
    decoder.refresh();
    return {};
}

Status saveAdapter(const Decoder& decoder, const LoraConfig& config,
                   const std::filesystem::path& folder)
{
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure)
        return Error{.code = ErrorCode::Io,
                     .message = "cannot make the folder: " + failure.message(),
                     .context = folder.string()};
    std::vector<TensorToWrite> tensors;
    LoraConfig written = config;
    written.modules.clear();
    written.transposed = decoder.config().transposed;
    for (const Parameter& parameter : decoder.parameters()) {
        if (!parameter.ofAdapter)
            continue;
        if (!isFinite(parameter.master, at::kFloat))
            return Error{.code = ErrorCode::InvalidArgument,
                         .message =
                             "the tensor " + parameter.name + " holds values that are not finite",
                         .context = folder.string(),
                         .remedy = "the run diverged: save an earlier step"};
        tensors.push_back(tensorToWrite(parameter.name, parameter.master, at::kFloat));
    }
    for (const WeightSlot& slot : adaptableSlots(decoder.config())) {
        const std::string part = lastPart(slot.name);
        const bool changed =
            std::any_of(tensors.begin(), tensors.end(), [&](const TensorToWrite& tensor) {
                return tensor.name == loraName(slot.name, 'A');
            });
        if (changed && std::find(written.modules.begin(), written.modules.end(), part) ==
                           written.modules.end())
            written.modules.push_back(part);
    }
    if (const Status status = writeLoraConfig(written, folder); !status)
        return status;
    const auto path = folder / kAdapterWeights;
    if (const Status status = writeSafetensors(path, tensors, {{"format", "pt"}}); !status)
        return status;
    const Result<SafetensorsFile> again = SafetensorsFile::open(path);
    if (!again)
        return again.error();
    for (const Parameter& parameter : decoder.parameters())
        if (parameter.ofAdapter) {
            const Status same = checkReadBack(*again->find(parameter.name), parameter.master, path);
            if (!same)
                return same;
        }
    return {};
}

} // namespace lacuna
