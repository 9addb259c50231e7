#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace lacuna {

/// A seeded generator whose state can be saved and whose draws do not depend on the standard
/// library's distributions, so that a recorded seed means the same numbers everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_engine(seed) {}

    /// Uniform integer in [0, count); \p count > 0. Unbiased (rejection).
    [[nodiscard]] std::uint64_t below(std::uint64_t count);
    /// Uniform in [0, 1), 53 bits.
    [[nodiscard]] double uniform();
    /// Standard normal (Box and Muller, one of the pair).
    [[nodiscard]] double normal();

    template <class T> void shuffle(std::vector<T>& items)
    {
        for (std::size_t i = items.size(); i > 1; --i)
            std::swap(items[i - 1], items[below(i)]);
    }

    [[nodiscard]] std::string state() const;
    /// False, and nothing changed, when \p state was not made by state().
    [[nodiscard]] bool restore(const std::string& state);

private:
    std::mt19937_64 m_engine;
};

/// A seed for one named purpose of a run, so that adding a consumer moves no other's draws.
[[nodiscard]] std::uint64_t derivedSeed(std::uint64_t seed, const std::string& purpose);

} // namespace lacuna
