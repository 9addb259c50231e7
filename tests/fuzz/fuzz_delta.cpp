#include "core/exchange/delta.h"
#include "core/exchange/delta_chunks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

using namespace lacuna;

namespace {

// A chunk of zeros takes four bytes, so that a small file may claim tensors of gigabytes; a real
// original of that size would have to be there for them to be restored.
constexpr std::uint64_t kMostExpanded = std::uint64_t{8} << 20;

void expand(const std::optional<DeltaRange>& range)
{
    if (!range || range->bytes > kMostExpanded)
        return;
    std::uint64_t seen = 0;
    const Status status =
        expandChunks(*range, [&](std::uint64_t at, std::span<const std::byte> bytes) {
            if (at + bytes.size() > range->bytes)
                std::abort();
            for (const std::byte byte : bytes)
                seen += static_cast<std::uint64_t>(byte);
            return Status();
        });
    if (!status && status.error().message.empty())
        std::abort();
}

} // namespace

/// The input is how many of its bytes are chunks (two bytes), chunks, and a description. What
/// stands around them is made here: no input would hit upon the hash of its description.
///
/// Whatever the bytes are, readDelta() refuses them or gives names and places that can be trusted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t chunks = std::min<std::size_t>(data[0] + 256U * data[1], input.size());
    const std::string_view description = input.substr(chunks);
    std::string file = std::string(kDeltaMagic) + std::string("\1\0\0\0", 4);
    file += input;
    file += deltaTail(description);
    const Result<DeltaContent> content = readDelta(std::as_bytes(std::span(file)));
    if (!content) {
        if (content.error().message.empty() || content.error().context.empty())
            std::abort();
        return 0;
    }
    for (const DeltaTensor& tensor : content->tensors)
        expand(tensor.change);
    for (const DeltaPart& part : content->parts) {
        if (part.name.empty() || part.name.find('/') != std::string::npos || part.name[0] == '.')
            std::abort();
        for (const std::size_t index : part.tensors)
            if (index >= content->tensors.size())
                std::abort();
        expand(part.content);
    }
    return 0;
}
