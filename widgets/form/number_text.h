#pragma once

#include <QLocale>
#include <QString>

#include <optional>

namespace lacuna {

/// The finite number that \p text says: "0.0001", "1e-4", and with the decimal sign of \p locale as
/// well. Group separators are refused, because "1.000" would mean two things.
[[nodiscard]] std::optional<double> parseNumber(const QString& text, const QLocale& locale);

/// The shortest text that parseNumber() reads back as \p value: "0.0001", "1e-5".
[[nodiscard]] QString numberText(double value, const QLocale& locale);

} // namespace lacuna
