#include "core/models/checkpoint.h"

#include "core/base/json.h"
#include "core/models/family.h"
#include "core/models/lora.h"
#include "core/models/stored_tensor.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

std::string configTypeName(at::ScalarType type)
{
    return type == at::kBFloat16 ? "bfloat16" : type == at::kHalf ? "float16" : "float32";
}

} // namespace

const TensorEntry* findTensor(const DecoderConfig& config, const WeightFiles& weights,
                              const WeightSlot& slot)
{
    for (const std::string& name : storedNames(config, slot))
        if (const TensorEntry* entry = weights.find(name))
            return entry;
    return nullptr;
}

bool isMappable(const WeightSlot& slot, at::ScalarType stored, at::Device device,
                at::ScalarType computeType)
{
    return slot.shape.size() == 2 && device.is_cpu() && stored == computeType;
}

Status checkWeights(const DecoderConfig& config, const WeightFiles& weights,
                    const std::filesystem::path& folder)
{
    for (const WeightSlot& slot : weightSlots(config)) {
        const TensorEntry* entry = findTensor(config, weights, slot);
        if (!entry)
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the tensor " + slot.name + " " + shapeText(slot.shape) +
                                    " is missing",
                         .context = folder.string(),
                         .remedy = "the config and the weights do not belong together, or a shard "
                                   "is missing: fetch the model again"};
        if (entry->shape != slot.shape)
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the tensor " + slot.name + " has the shape " +
                                    shapeText(entry->shape) + ", but config.json asks for " +
                                    shapeText(slot.shape),
                         .context = folder.string(),
                         .remedy = "the config and the weights do not belong together: fetch both "
                                   "again"};
        if (!at::isFloatingType(torchType(entry->type)))
            return Error{.code = ErrorCode::Unsupported,
                         .message = "the tensor " + slot.name + " holds " +
                                    std::string(elementTypeName(entry->type)) + " elements",
                         .context = folder.string(),
                         .remedy = "convert the model to F32, F16 or BF16"};
    }
    return {};
}

namespace {

/// The base model of an adapter with the adapter on it.
Result<std::unique_ptr<Decoder>> loadAdapted(const std::filesystem::path& folder, at::Device device,
                                             at::ScalarType computeType,
                                             const std::function<bool()>& cancelled)
{
    const Result<LoraConfig> config = readLoraConfig(folder);
    if (!config)
        return config.error();
    if (isAdapterFolder(config->baseModel))
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the adapter belongs to another adapter",
                     .context = folder.string(),
                     .remedy = "merge the other one into its model first"};
    Result<std::unique_ptr<Decoder>> decoder =
        loadDecoder(config->baseModel, device, computeType, cancelled);
    if (!decoder || !*decoder)
        return decoder;
    if (const Status status = loadAdapter(**decoder, *config, folder); !status)
        return status.error();
    return decoder;
}

} // namespace

Result<std::unique_ptr<Decoder>> loadDecoder(const std::filesystem::path& folder, at::Device device,
                                             at::ScalarType computeType,
                                             const std::function<bool()>& cancelled)
{
    if (isAdapterFolder(folder))
        return loadAdapted(folder, device, computeType, cancelled);
    const Result<Json> document = readJsonFile(folder / "config.json");
    if (!document)
        return document.error();
    const Result<DecoderConfig> config =
        readDecoderConfig(*document, (folder / "config.json").string());
    if (!config)
        return config.error();
    Result<WeightFiles> opened = WeightFiles::open(folder);
    if (!opened)
        return opened.error();
    const auto weights = std::make_shared<const WeightFiles>(std::move(opened).value());
    if (const Status status = checkWeights(*config, *weights, folder); !status)
        return status.error();
    const at::NoGradGuard noGrad;
    auto decoder = std::make_unique<Decoder>(*config, device, computeType);
    const std::vector<WeightSlot> slots = weightSlots(*config);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (cancelled && cancelled())
            return std::unique_ptr<Decoder>();
        Parameter& parameter = decoder->parameters()[i];
        const TensorEntry& entry = *findTensor(*config, *weights, slots[i]);
        const at::Tensor stored = mappedTensor(entry);
        if (isMappable(slots[i], stored.scalar_type(), device, computeType)) {
            decoder->map(parameter, stored, weights);
        } else {
            parameter.master.copy_(stored);
            giveBackPages(entry.bytes);
        }
        if (!isFinite(parameter.master, parameter.master.scalar_type()))
            return Error{.code = ErrorCode::Corrupt,
                         .message =
                             "the tensor " + parameter.name + " holds values that are not finite",
                         .context = folder.string(),
                         .remedy = "the model was saved after it diverged or the file is damaged"};
    }
    decoder->refresh();
    return decoder;
}

Status saveDecoder(const Decoder& decoder, const std::filesystem::path& folder, at::ScalarType type)
{
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure)
        return Error{.code = ErrorCode::Io,
                     .message = "cannot make the folder: " + failure.message(),
                     .context = folder.string()};
    std::vector<TensorToWrite> tensors;
    for (const Parameter& parameter : decoder.parameters()) {
        if (parameter.ofAdapter)
            continue;
        if (!isFinite(decoder.merged(parameter), type))
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "the tensor " + parameter.name +
                                    " holds values that are not finite in " + configTypeName(type),
                         .context = folder.string(),
                         .remedy = "if the run diverged, save an earlier step; if it did not, "
                                   "choose a type of wider range"};
        tensors.push_back(
            {.name = parameter.name,
             .type = elementType(type),
             .shape = parameter.master.sizes().vec(),
             .fill = [&decoder, &parameter, type](std::span<std::byte> out) {
                 tensorToWrite(parameter.name, decoder.merged(parameter), type).fill(out);
             }});
    }
    const auto path = folder / "model.safetensors";
    if (const Status status = writeSafetensors(path, tensors, {{"format", "pt"}}); !status)
        return status;
    const Result<const FamilyInfo*> family = families().find(decoder.config().family);
    if (!family)
        return family.error();
    DecoderConfig config = decoder.config();
    config.storedType = configTypeName(type);
    if (const Status status = writeJsonFile(folder / "config.json", (*family)->write(config));
        !status)
        return status;

    const Result<WeightFiles> written = WeightFiles::open(folder);
    if (!written)
        return written.error();
    if (const Status status = checkWeights(config, *written, folder); !status)
        return status;
    for (const Parameter& parameter : decoder.parameters())
        if (!parameter.ofAdapter) {
            const Status same =
                checkReadBack(*written->find(parameter.name), decoder.merged(parameter), path);
            if (!same)
                return same;
        }
    return {};
}

} // namespace lacuna
