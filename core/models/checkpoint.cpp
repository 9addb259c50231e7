#include "core/models/checkpoint.h"

#include "core/base/json.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstring>

namespace lacuna {
namespace {

struct TypePair {
    ElementType file;
    at::ScalarType torch;
};

constexpr std::array<TypePair, 10> kTypes = {{{ElementType::F64, at::kDouble},
                                              {ElementType::F32, at::kFloat},
                                              {ElementType::F16, at::kHalf},
                                              {ElementType::BF16, at::kBFloat16},
                                              {ElementType::I64, at::kLong},
                                              {ElementType::I32, at::kInt},
                                              {ElementType::I16, at::kShort},
                                              {ElementType::I8, at::kChar},
                                              {ElementType::U8, at::kByte},
                                              {ElementType::Bool, at::kBool}}};

std::string configTypeName(at::ScalarType type)
{
    return type == at::kBFloat16 ? "bfloat16" : type == at::kHalf ? "float16" : "float32";
}

} // namespace

at::ScalarType torchType(ElementType type)
{
    return kTypes[static_cast<std::size_t>(type)].torch;
}

ElementType elementType(at::ScalarType type)
{
    for (const TypePair& pair : kTypes)
        if (pair.torch == type)
            return pair.file;
    throw std::logic_error("this tensor type has no place in a safetensors file");
}

at::Tensor mappedTensor(const TensorEntry& entry)
{
    return at::from_blob(const_cast<std::byte*>(entry.bytes.data()), entry.shape,
                         at::TensorOptions().dtype(torchType(entry.type)));
}

TensorToWrite tensorToWrite(std::string name, const at::Tensor& tensor, at::ScalarType type)
{
    return {.name = std::move(name),
            .type = elementType(type),
            .shape = tensor.sizes().vec(),
            .fill = [tensor, type](std::span<std::byte> out) {
                const at::Tensor plain = tensor.detach().to(at::kCPU, type).contiguous();
                std::memcpy(out.data(), plain.data_ptr(), out.size());
            }};
}

Status checkWeights(const DecoderConfig& config, const WeightFiles& weights,
                    const std::filesystem::path& folder)
{
    for (const WeightSlot& slot : weightSlots(config)) {
        const TensorEntry* entry = weights.find(slot.name);
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

Result<std::unique_ptr<Decoder>> loadDecoder(const std::filesystem::path& folder, at::Device device,
                                             at::ScalarType computeType,
                                             const std::function<bool()>& cancelled)
{
    const Result<Json> document = readJsonFile(folder / "config.json");
    if (!document)
        return document.error();
    const Result<DecoderConfig> config =
        readDecoderConfig(*document, (folder / "config.json").string());
    if (!config)
        return config.error();
    const Result<WeightFiles> weights = WeightFiles::open(folder);
    if (!weights)
        return weights.error();
    if (const Status status = checkWeights(*config, *weights, folder); !status)
        return status.error();
    const at::NoGradGuard noGrad;
    auto decoder = std::make_unique<Decoder>(*config, device, computeType);
    for (Parameter& parameter : decoder->parameters()) {
        if (cancelled && cancelled())
            return std::unique_ptr<Decoder>();
        parameter.master.copy_(mappedTensor(*weights->find(parameter.name)));
        if (!at::isfinite(parameter.master.sum()).item<bool>() &&
            !at::isfinite(parameter.master).all().item<bool>())
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
        if (!at::isfinite(parameter.master.detach().to(type)).all().item<bool>())
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "the tensor " + parameter.name +
                                    " holds values that are not finite in " + configTypeName(type),
                         .context = folder.string(),
                         .remedy = "if the run diverged, save an earlier step; if it did not, "
                                   "choose a type of wider range"};
        tensors.push_back(tensorToWrite(parameter.name, parameter.master, type));
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
        if (!at::equal(mappedTensor(*written->find(parameter.name)),
                       parameter.master.detach().to(at::kCPU, type)))
            return Error{.code = ErrorCode::Io,
                         .message = "the tensor " + parameter.name +
                                    " reads back differently from what was written",
                         .context = path.string(),
                         .remedy = "the disk may be failing: write to another one"};
    return {};
}

} // namespace lacuna
