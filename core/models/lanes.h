#pragma once

#include <cstdint>
#include <cstring>

/// Vectors of 16 numbers in the compiler's own notation, which lowers them to what a processor has;
/// for kernels.cpp alone. A function marked LACUNA_CLONES is compiled several times over, with
/// everything inlined into it.

// Sanitizers cannot start with functions that are chosen by the loader.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) &&                        \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LACUNA_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LACUNA_CLONES
#endif
#define LACUNA_INLINE __attribute__((always_inline)) inline
// Vectors never cross a call that is not inlined, so their calling convention does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

// Plain arrays: a std::array's members need not be inlined into a clone, and then run without its
// instructions.
// NOLINTBEGIN(modernize-avoid-c-arrays)
namespace lacuna::kernels {

constexpr std::int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(64)));
using Bits = std::uint32_t __attribute__((vector_size(64)));
using Ints = std::int32_t __attribute__((vector_size(64)));
using Halves = std::uint16_t __attribute__((vector_size(32)));

struct Bfloat16 {
    std::uint16_t bits;
};

LACUNA_INLINE Floats widened(Halves halves)
{
    return reinterpret_cast<Floats>(__builtin_convertvector(halves, Bits) << 16);
}

LACUNA_INLINE Halves narrowed(Floats values)
{
    const Bits bits = reinterpret_cast<Bits>(values);
    // To nearest, ties to even.
    return __builtin_convertvector((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16, Halves);
}

LACUNA_INLINE Floats load(const float* from)
{
    Floats values;
    std::memcpy(&values, from, sizeof values);
    return values;
}

LACUNA_INLINE Floats load(const Bfloat16* from)
{
    Halves halves;
    std::memcpy(&halves, from, sizeof halves);
    return widened(halves);
}

LACUNA_INLINE void store(float* to, Floats values)
{
    std::memcpy(to, &values, sizeof values);
}

LACUNA_INLINE void store(Bfloat16* to, Floats values)
{
    const Halves halves = narrowed(values);
    std::memcpy(to, &halves, sizeof halves);
}

/// The first \p count lanes; the others are 0.
template <class T> LACUNA_INLINE Floats loadPart(const T* from, std::int64_t count)
{
    if (count >= kLanes)
        return load(from);
    T part[kLanes] = {};
    std::memcpy(part, from, sizeof(T) * static_cast<std::size_t>(count));
    return load(part);
}

template <class T> LACUNA_INLINE void storePart(T* to, Floats values, std::int64_t count)
{
    if (count >= kLanes) {
        store(to, values);
        return;
    }
    T part[kLanes];
    store(part, values);
    std::memcpy(to, part, sizeof(T) * static_cast<std::size_t>(count));
}

LACUNA_INLINE Floats all(float value)
{
    return Floats{} + value;
}

template <class Half, class Whole> LACUNA_INLINE Half foldedOf(const Whole& values)
{
    Half low;
    Half high;
    std::memcpy(&low, &values, sizeof low);
    std::memcpy(&high, reinterpret_cast<const char*>(&values) + sizeof low, sizeof high);
    return low + high;
}

LACUNA_INLINE float sumOf(Floats values)
{
    using Eight = float __attribute__((vector_size(32)));
    using Four = float __attribute__((vector_size(16)));
    const auto four = foldedOf<Four>(foldedOf<Eight>(values));
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/// e^x to about two units in the last place; smallest normal number below -87.3.
LACUNA_INLINE Floats expOf(Floats x)
{
    x = x < -87.3F ? all(-87.3F) : x;
    x = x > 88.3F ? all(88.3F) : x;
    constexpr float kRound = 12582912.0F; // 1.5 * 2^23: adding it rounds to a whole number
    const Floats shifted = x * 1.44269504F + kRound;
    const Floats whole = shifted - kRound;
    const Floats r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;
    Floats p = r * (1.0F / 5040.0F) + 1.0F / 720.0F;
    p = p * r + 1.0F / 120.0F;
    p = p * r + 1.0F / 24.0F;
    p = p * r + 1.0F / 6.0F;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    const Ints exponent = reinterpret_cast<Ints>(shifted) << 23;
    return reinterpret_cast<Floats>(reinterpret_cast<Ints>(p) + exponent);
}

/// Two sums in turn hide the latency of the additions.
template <class T> LACUNA_INLINE float dot(const float* a, const T* b, std::int64_t count)
{
    Floats even{};
    Floats odd{};
    std::int64_t i = 0;
    for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
        even += load(a + i) * load(b + i);
        odd += load(a + i + kLanes) * load(b + i + kLanes);
    }
    for (; i < count; i += kLanes)
        even += loadPart(a + i, count - i) * loadPart(b + i, count - i);
    return sumOf(even + odd);
}

} // namespace lacuna::kernels
// NOLINTEND(modernize-avoid-c-arrays)
