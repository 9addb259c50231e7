#include "app/pages/setup/parameter_text.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>

namespace lacuna {

QString countText(std::int64_t count)
{
    const QLocale locale;
    const auto shortened = [&](double unit, const char* text) {
        return QCoreApplication::translate("ParameterText", text)
            .arg(locale.toString(static_cast<double>(count) / unit, 'g', 3));
    };
    if (count >= 999'500'000)
        return shortened(1e9, QT_TRANSLATE_NOOP("ParameterText", "%1 B"));
    if (count >= 999'500)
        return shortened(1e6, QT_TRANSLATE_NOOP("ParameterText", "%1 M"));
    return locale.toString(qint64{count});
}

QString percentText(std::int64_t part, std::int64_t whole)
{
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    // Two digits of what is small, so that an adapter is not "0 %".
    return QCoreApplication::translate("ParameterText", "%1 %")
        .arg(part == whole   ? QLocale().toString(100)
             : percent >= 10 ? QLocale().toString(percent, 'f', 1)
                             : QLocale().toString(percent, 'g', 2));
}

QString ratioText(double ratio)
{
    if (!std::isfinite(ratio))
        return QStringLiteral("\u221E");
    // As many decimals in every row, for numbers that stand below each other.
    return QLocale().toString(ratio, 'f', ratio >= 100 ? 0 : 2);
}

} // namespace lacuna
