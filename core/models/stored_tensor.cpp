#include "core/models/stored_tensor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

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

/// Whether \p holds is true of every slice of about a million elements; temporaries of an embedding
/// would otherwise count in hundreds of megabytes.
template <class Holds> bool ofEverySlice(const at::Tensor& tensor, Holds holds)
{
    constexpr std::int64_t kElements = std::int64_t{1} << 20;
    if (tensor.dim() == 0)
        return holds(tensor, 0);
    const std::int64_t rows = tensor.size(0);
    const std::int64_t step =
        std::max<std::int64_t>(1, kElements * rows / std::max<std::int64_t>(1, tensor.numel()));
    for (std::int64_t first = 0; first < rows; first += step)
        if (!holds(tensor.narrow(0, first, std::min(step, rows - first)), first))
            return false;
    return true;
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

bool isFinite(const at::Tensor& tensor, at::ScalarType type)
{
    return ofEverySlice(tensor.detach(), [&](const at::Tensor& slice, std::int64_t) {
        const at::Tensor values = slice.to(type);
        // A sum is quicker, and tells nothing only where it overflows.
        return at::isfinite(values.sum(at::kFloat)).item<bool>() ||
               at::isfinite(values).all().item<bool>();
    });
}

Status checkReadBack(const TensorEntry& entry, const at::Tensor& values,
                     const std::filesystem::path& path)
{
    const at::Tensor written = mappedTensor(entry);
    const bool same =
        ofEverySlice(values.detach(), [&](const at::Tensor& slice, std::int64_t first) {
            return at::equal(slice.dim() == 0 ? written : written.narrow(0, first, slice.size(0)),
                             slice.to(at::kCPU, torchType(entry.type)));
        });
    giveBackPages(entry.bytes);
    if (same)
        return {};
    return Error{.code = ErrorCode::Io,
                 .message =
                     "the tensor " + entry.name + " reads back differently from what was written",
                 .context = path.string(),
                 .remedy = "the disk may be failing: write to another one"};
}

} // namespace lacuna
