#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>
#include <utility>

namespace lacuna {

/// How a long piece of work ended, short of an Error.
enum class Ending : std::uint8_t { Complete, Cancelled };

/// How far a long piece of work is, and whether it should go on. One thread; `report` is called on
/// it, a few times for every hundred megabytes.
class Progress {
public:
    using Report =
        std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

    Progress() = default;
    explicit Progress(std::stop_token stop, Report report = {})
        : m_stop(std::move(stop)), m_report(std::move(report))
    {
    }

    /// Starts a stretch of work of \p total bytes, named in a word or two: "writing".
    void begin(std::string_view what, std::uint64_t total)
    {
        m_what = what;
        m_done = 0;
        m_total = total;
        advance(0);
    }
    void advance(std::uint64_t bytes)
    {
        m_done += bytes;
        if (m_report)
            m_report(m_what, m_done, m_total);
    }
    [[nodiscard]] bool cancelled() const { return m_stop.stop_requested(); }

private:
    std::stop_token m_stop;
    Report m_report;
    std::string_view m_what; // a literal
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
};

} // namespace lacuna
