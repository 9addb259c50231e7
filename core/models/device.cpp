#include "core/models/device.h"

#include <malloc.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

/// tcmalloc's, in programs that are linked with it.
extern "C" void MallocExtension_ReleaseFreeMemory() __attribute__((weak));

namespace lacuna {
namespace {

/// Physical cores of this machine's processors; hyper-threads slow dense products down.
int physicalCores()
{
    std::ifstream in("/proc/cpuinfo");
    std::set<std::pair<std::string, std::string>> cores;
    std::string package = "0";
    for (std::string line; std::getline(in, line);) {
        const auto value =
            line.find(": ") == std::string::npos ? "" : line.substr(line.find(": ") + 2);
        if (line.starts_with("physical id"))
            package = value;
        if (line.starts_with("core id"))
            cores.emplace(package, value);
    }
    const int allowed = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return cores.empty() ? allowed : std::min(allowed, static_cast<int>(cores.size()));
}

} // namespace

bool cpuMultipliesBfloat16()
{
#if defined(__x86_64__)
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("flags"))
            return line.find("avx512_bf16") != std::string::npos ||
                   line.find("amx_bf16") != std::string::npos;
#endif
    return false;
}

Result<c10::Device> resolveDevice(const std::string& name)
{
    const bool cuda = torch::cuda::is_available();
    if (name == "cpu" || (name == "auto" && !cuda))
        return c10::Device(c10::kCPU);
    if (name == "auto" || name == "cuda" || name.starts_with("cuda:")) {
        if (!cuda)
            return Error{.code = ErrorCode::NotFound,
                         .message = "there is no device " + name +
                                    ": this machine or this build of "
                                    "LibTorch has no CUDA",
                         .context = "device",
                         .remedy = "use \"cpu\" or \"auto\""};
        const std::string number = name.starts_with("cuda:") ? name.substr(5) : "0";
        if (number.empty() || number.size() > 3 ||
            number.find_first_not_of("0123456789") != std::string::npos ||
            std::stoul(number) >= torch::cuda::device_count())
            return Error{.code = ErrorCode::NotFound,
                         .message = "there is no device " + name,
                         .context = "device",
                         .remedy = "this machine has " +
                                   std::to_string(torch::cuda::device_count()) +
                                   " CUDA devices, counted from 0"};
        return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(std::stoi(number)));
    }
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "there is no device \"" + name + "\"",
                 .context = "device",
                 .remedy = "use auto, cpu or cuda:N"};
}

Result<c10::ScalarType> resolvePrecision(const std::string& name, c10::Device device)
{
    if (name == "float32")
        return c10::kFloat;
    if (name == "bfloat16")
        return c10::kBFloat16;
    if (name == "float64")
        return c10::kDouble;
    if (name == "auto")
        return device.is_cuda() || cpuMultipliesBfloat16() ? c10::kBFloat16 : c10::kFloat;
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "there is no precision \"" + name + "\"",
                 .context = "training.precision",
                 .remedy = "use auto, float32 or bfloat16"};
}

std::string precisionName(c10::ScalarType type)
{
    return type == c10::kBFloat16 ? "bfloat16" : type == c10::kDouble ? "float64" : "float32";
}

void prepareTorch(int threads)
{
    // glibc returns large blocks to the kernel at every free; each step would then fault all of its
    // temporaries in again.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 << 20);
    // Each thread would otherwise keep freed blocks to itself, hundreds of megabytes of them.
    mallopt(M_ARENA_MAX, 1);
    if (threads <= 0) {
        const char* asked = std::getenv("OMP_NUM_THREADS");
        threads = asked && std::atoi(asked) > 0 ? std::atoi(asked) : physicalCores();
    }
    at::set_num_threads(threads);
}

void giveBackFreeMemory()
{
    if (MallocExtension_ReleaseFreeMemory)
        MallocExtension_ReleaseFreeMemory();
    else
        malloc_trim(0);
}

int threadCount()
{
    return at::get_num_threads();
}

} // namespace lacuna
