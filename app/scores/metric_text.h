#pragma once

#include <QString>

#include <cstdint>
#include <string>

/// How metrics and sets are spoken of, whichever catalogue they come from.
namespace lacuna {

struct MetricText {
    QString title;   ///< "Probability of the answer"; the id of one that no catalogue has
    QString reading; ///< in plain language; empty: nothing is known about it
    QString range;   ///< "0 to 1"
};
[[nodiscard]] MetricText metricText(const std::string& metric);

/// What metrics of a kind are read from, in the order in which tables show them.
enum class MetricKind : std::uint8_t {
    Summary,
    Likelihood,
    Answers,
    Choice,
    Membership,
    Inside,
    Other
};
[[nodiscard]] MetricKind metricKind(const std::string& set, const std::string& metric);
[[nodiscard]] QString metricKindTitle(MetricKind kind);

/// What is better of \p metric on \p set: "\u2193 lower is better", or nearer to what. Empty:
/// nothing is.
[[nodiscard]] QString goalText(const std::string& set, const std::string& metric);
/// The same as a sign behind a title: an arrow, or empty.
[[nodiscard]] QString goalSign(const std::string& set, const std::string& metric);

/// "Forget set"; the name of one that a suite has brought along. Empty: of all sets together.
[[nodiscard]] QString setTitle(const std::string& set);

} // namespace lacuna
