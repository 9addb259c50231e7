#include "widgets/table/value_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

struct ValueText {
    Q_DECLARE_TR_FUNCTIONS(lacuna::ValueText)
};

constexpr int kDigits = 4;
const QString kUndefined = u"\u2013"_s;

QString finiteOr(double value, const QLocale& locale, int digits)
{
    if (std::isnan(value))
        return kUndefined;
    QLocale plain = locale;
    plain.setNumberOptions(QLocale::OmitGroupSeparator);
    return plain.toString(value, 'g', digits);
}

} // namespace

QString shortNumber(double value, const QLocale& locale)
{
    return finiteOr(value, locale, kDigits);
}

QString fullNumber(double value, const QLocale& locale)
{
    return finiteOr(value, locale, QLocale::FloatingPointShortest);
}

QString durationText(double seconds, const QLocale& locale)
{
    if (std::isnan(seconds))
        return kUndefined;
    if (seconds < 59.95)
        return ValueText::tr("%1 s").arg(locale.toString(seconds, 'f', 1));
    const auto whole = static_cast<qint64>(std::llround(seconds));
    const qint64 minutes = whole / 60;
    if (minutes < 60)
        return ValueText::tr("%1 min %2 s").arg(minutes).arg(whole % 60);
    return ValueText::tr("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
}

QString relativeTime(const QDateTime& time, const QDateTime& now, const QLocale& locale)
{
    if (!time.isValid())
        return kUndefined;
    const qint64 seconds = time.secsTo(now);
    const qint64 days = time.toLocalTime().date().daysTo(now.toLocalTime().date());
    // A clock that was set back makes times of the future; their date says more than a guess.
    if (seconds < -60 || days >= 7)
        return locale.toString(time.toLocalTime().date(), QLocale::ShortFormat);
    if (seconds < 60)
        return ValueText::tr("just now");
    if (seconds < 3600)
        return ValueText::tr("%n minutes ago", nullptr, static_cast<int>(seconds / 60));
    if (days == 0)
        return ValueText::tr("%n hours ago", nullptr, static_cast<int>(seconds / 3600));
    if (days == 1)
        return ValueText::tr("yesterday");
    return ValueText::tr("%n days ago", nullptr, static_cast<int>(days));
}

QDateTime storedTime(const QString& text)
{
    return QDateTime::fromString(text, Qt::ISODateWithMs);
}

} // namespace lacuna
