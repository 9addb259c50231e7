#include "tests/fuzz/targets.h"

#include <cstddef>
#include <cstdint>

/// libFuzzer's entry; FUZZ_TARGET is the function of targets.h that this program runs.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    lacuna::fuzz::FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
