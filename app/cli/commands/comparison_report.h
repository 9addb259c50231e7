#pragma once

#include "app/cli/output.h"
#include "core/base/comparison.h"

namespace lacuna {

/// Prints each comparison of recorded values as it is made, and counts.
class ComparisonReport {
public:
    /// \param json  JSON lines instead of a table
    explicit ComparisonReport(bool json) : m_json(json) {}

    void add(const Comparison& comparison);
    [[nodiscard]] int compared() const { return m_compared; }
    /// Says on stderr how it went. Returns ExitDone, or ExitCheckFailed when one did not hold.
    [[nodiscard]] int finish() const;

private:
    void writeJson(const Comparison& comparison);

    bool m_json;
    JsonLines m_lines;
    int m_compared = 0;
    int m_failed = 0;
};

} // namespace lacuna
