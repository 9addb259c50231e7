#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace lacuna::jinja {

/// How much a template may take. A template comes with a model from a stranger: it must end, and
/// soon, whatever it says. A thousand turns of a thousand characters take at most 86,000 steps and
/// 7.4 MiB of the templates in tests/data/tokens/chat (Mistral's of version 0.3, and ChatML).
struct Limits {
    std::int64_t steps = 1'000'000;  ///< nodes evaluated, items and blocks of bytes looked at
    std::size_t bytes = 64U << 20U;  ///< of all values made, dropped ones included
    std::size_t output = 16U << 20U; ///< bytes of the rendered text
    std::size_t source = 1U << 20U;  ///< bytes of the template
    int depth = 400;                 ///< of evaluation: expressions in macros in loops
    int nesting = 64;                ///< of lists in lists
};

/// Ends the evaluation: travels to Template::render(), which returns it with file and line.
[[noreturn]] void fail(std::string message, std::string remedy = {},
                       ErrorCode code = ErrorCode::Unsupported);

/// What is left of the limits while one template is evaluated. Every function here ends the
/// evaluation when there is nothing left.
class Budget {
public:
    explicit Budget(const Limits& limits) : m_limits(limits) {}

    void step(std::int64_t count = 1);
    /// The work of reading \p bytes.
    void read(std::size_t bytes) { step(static_cast<std::int64_t>(bytes / 128)); }
    void allocate(std::size_t bytes);
    void checkOutput(std::size_t bytes) const;
    void checkNesting(int depth) const;

    /// One level of evaluation, for as long as it lives.
    class Level {
    public:
        explicit Level(Budget& budget);
        ~Level() { --m_budget.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        Budget& m_budget;
    };

private:
    Limits m_limits;
    std::int64_t m_steps = 0;
    std::size_t m_bytes = 0;
    int m_depth = 0;
};

} // namespace lacuna::jinja
