#pragma once

#include <QString>

class QDateTime;
class QLocale;

/// Quantities as tables show them: short, in the person's own language.
namespace lacuna {

/// Four significant digits; an en dash for what is undefined.
[[nodiscard]] QString shortNumber(double value, const QLocale& locale);
/// Every digit that it takes to tell \p value from its neighbours.
[[nodiscard]] QString fullNumber(double value, const QLocale& locale);
/// "14.6 s", "2 min 5 s", "1 h 3 min"; an en dash for what is undefined.
[[nodiscard]] QString durationText(double seconds, const QLocale& locale);
/// "just now", "5 minutes ago", "yesterday", and the date from a week on.
[[nodiscard]] QString relativeTime(const QDateTime& time, const QDateTime& now,
                                   const QLocale& locale);
/// ISO-8601 in UTC, as the history keeps times; an invalid time for an empty text.
[[nodiscard]] QDateTime storedTime(const QString& text);

} // namespace lacuna
