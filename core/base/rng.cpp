#include "core/base/rng.h"

#include "core/base/hash.h"

#include <cmath>
#include <numbers>
#include <sstream>

namespace lacuna {

std::uint64_t Random::below(std::uint64_t count)
{
    const std::uint64_t limit = std::mt19937_64::max() - std::mt19937_64::max() % count;
    std::uint64_t draw = m_engine();
    while (draw >= limit)
        draw = m_engine();
    return draw % count;
}

double Random::uniform()
{
    return static_cast<double>(m_engine() >> 11) * 0x1.0p-53;
}

double Random::normal()
{
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::string Random::state() const
{
    std::ostringstream out;
    out << m_engine;
    return out.str();
}

bool Random::restore(const std::string& state)
{
    std::istringstream in(state);
    std::mt19937_64 engine;
    in >> engine;
    if (!in)
        return false;
    // The stream operator takes a state with anything after it; only a round trip proves it.
    std::ostringstream again;
    again << engine;
    if (again.str() != state)
        return false;
    m_engine = engine;
    return true;
}

std::uint64_t derivedSeed(std::uint64_t seed, const std::string& purpose)
{
    return std::stoull(sha256(std::to_string(seed) + ":" + purpose).substr(0, 16), nullptr, 16);
}

} // namespace lacuna
