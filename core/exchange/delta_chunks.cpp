#include "core/exchange/delta_chunks.h"

#include "core/base/hash.h"
#include "core/exchange/elements.h"

#include <algorithm>

namespace lacuna {

std::string deltaTail(std::string_view description)
{
    std::string tail = sha256(description);
    const std::uint64_t length = description.size();
    tail.append(reinterpret_cast<const char*>(&length), sizeof length);
    return tail.append(kDeltaMagic);
}

void tensorBytes(const TensorEntry& entry, ElementType type, std::uint64_t first,
                 std::span<std::byte> out)
{
    if (entry.type == type) {
        std::ranges::copy(entry.bytes.subspan(static_cast<std::size_t>(first), out.size()),
                          out.begin());
        return;
    }
    const std::size_t size = elementSize(entry.type);
    std::vector<float> values(out.size() / elementSize(type));
    const std::size_t at = static_cast<std::size_t>(first) / elementSize(type) * size;
    readFloats(entry.type, entry.bytes.subspan(at, values.size() * size), values);
    writeFloats(type, values, out);
}

bool convertible(ElementType from, ElementType to)
{
    return from == to || (isFloating(from) && isFloating(to));
}

void splitPlanes(std::span<const std::byte> elements, std::size_t size, std::span<std::byte> out)
{
    const std::size_t count = elements.size() / size;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t plane = 0; plane < size; ++plane)
            out[plane * count + i] = elements[i * size + plane];
}

void joinPlanes(std::span<const std::byte> planes, std::size_t size, std::span<std::byte> out)
{
    const std::size_t count = planes.size() / size;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t plane = 0; plane < size; ++plane)
            out[i * size + plane] = planes[plane * count + i];
}

} // namespace lacuna
