#include "core/exchange/deflate.h"

#include <zlib.h>

#include <new>

namespace lacuna {

std::vector<std::byte> deflated(std::span<const std::byte> bytes)
{
    uLongf size = ::compressBound(bytes.size());
    std::vector<std::byte> out(size);
    if (::compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                    reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
                    Z_DEFAULT_COMPRESSION) != Z_OK)
        throw std::bad_alloc(); // all that can go wrong with so much room
    out.resize(size);
    return out;
}

bool inflateInto(std::span<const std::byte> stream, std::span<std::byte> out)
{
    uLongf size = out.size();
    uLong used = stream.size();
    const int state = ::uncompress2(reinterpret_cast<Bytef*>(out.data()), &size,
                                    reinterpret_cast<const Bytef*>(stream.data()), &used);
    return state == Z_OK && size == out.size() && used == stream.size();
}

} // namespace lacuna
