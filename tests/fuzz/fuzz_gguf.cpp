#include "core/exchange/gguf.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

using namespace lacuna;

/// Whatever the bytes are, readGguf() refuses them or gives views that can be read to their ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::span<const std::byte> file = std::as_bytes(std::span(data, size));
    const Result<GgufContent> content = readGguf(file);
    if (!content) {
        if (content.error().message.empty() || content.error().context.empty())
            std::abort();
        return 0;
    }
    std::size_t seen = 0;
    for (const GgufEntry& entry : content->entries) {
        const GgufValue& value = entry.value;
        seen += entry.key.size() + value.text().value_or("").size() + value.wholes().size() +
                value.numbers().size() + static_cast<std::size_t>(value.flag().value_or(false));
        for (const std::string_view text : value.texts())
            for (const char c : text)
                seen += static_cast<unsigned char>(c);
        if (content->value(entry.key) != &value)
            std::abort();
    }
    for (const GgufTensor& tensor : content->tensors) {
        std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
        if (tensor.bytes.size() > size || values.size() > size)
            std::abort();
        decodeGguf(tensor.type, tensor.bytes, values);
        seen += values.size();
    }
    return seen == SIZE_MAX ? 1 : 0;
}
