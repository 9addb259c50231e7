#include "widgets/form/number_text.h"

#include <cmath>

namespace lacuna {

std::optional<double> parseNumber(const QString& text, const QLocale& locale)
{
    for (QLocale reader : {QLocale::c(), locale}) {
        reader.setNumberOptions(QLocale::RejectGroupSeparator);
        bool ok = false;
        const double value = reader.toDouble(text.trimmed(), &ok);
        if (ok && std::isfinite(value))
            return value;
    }
    return std::nullopt;
}

QString numberText(double value, const QLocale& locale)
{
    QLocale writer = locale;
    writer.setNumberOptions(QLocale::OmitGroupSeparator | QLocale::OmitLeadingZeroInExponent);
    const double size = std::abs(value);
    // The shortest form of a round number such as 500000 would be 5e+05.
    const char format = size == 0 || (size >= 1e-4 && size < 1e9) ? 'f' : 'e';
    QString text = writer.toString(value, format, QLocale::FloatingPointShortest);
    text.remove(writer.positiveSign());
    return writer.exponential() == u"E" ? text.replace(u'E', u'e') : text;
}

} // namespace lacuna
