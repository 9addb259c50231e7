#include "widgets/table/value_text.h"

#include <QLocale>
#include <QtTest>

#include <limits>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestValueText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersHaveFourDigits_data();
    void numbersHaveFourDigits();
    void theFullNumberComesBackToTheBit();
    void durationsReadNaturally_data();
    void durationsReadNaturally();
    void timesAreRelative_data();
    void timesAreRelative();
    void storedTimesAreUtc();
};

void TestValueText::numbersHaveFourDigits_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("english");
    QTest::addColumn<QString>("german");
    const auto row = [](const char* title, double value, const QString& english,
                        const QString& german) {
        QTest::newRow(title) << value << english << german;
    };
    row("a probability", 0.98236027, u"0.9824"_s, u"0,9824"_s);
    row("no zeros at the end", 1.0, u"1"_s, u"1"_s);
    row("a large one has no groups", 85637.4, u"8.564e+04"_s, u"8,564e+04"_s);
    row("four digits before the point", 1234.4, u"1234"_s, u"1234"_s);
    row("undefined", std::numeric_limits<double>::quiet_NaN(), u"\u2013"_s, u"\u2013"_s);
}

void TestValueText::numbersHaveFourDigits()
{
    QFETCH(double, value);
    QTEST(shortNumber(value, QLocale(QLocale::English)).toLower(), "english");
    QTEST(shortNumber(value, QLocale(QLocale::German)).toLower(), "german");
}

void TestValueText::theFullNumberComesBackToTheBit()
{
    const double value = 0.1 + 0.2;
    QCOMPARE(fullNumber(value, QLocale::c()).toDouble(), value);
    QCOMPARE(fullNumber(0.5, QLocale::c()), u"0.5"_s);
}

void TestValueText::durationsReadNaturally_data()
{
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("seconds") << 14.578 << u"14.6 s"_s;
    QTest::newRow("not 60.0 s") << 59.97 << u"1 min 0 s"_s;
    QTest::newRow("minutes") << 125.4 << u"2 min 5 s"_s;
    QTest::newRow("hours") << 3780.0 << u"1 h 3 min"_s;
    QTest::newRow("not ended") << std::numeric_limits<double>::quiet_NaN() << u"\u2013"_s;
}

void TestValueText::durationsReadNaturally()
{
    QFETCH(double, seconds);
    QTEST(durationText(seconds, QLocale::c()), "text");
}

void TestValueText::timesAreRelative_data()
{
    QTest::addColumn<QDateTime>("time");
    QTest::addColumn<QString>("text");
    const QDateTime now(QDate(2026, 3, 10), QTime(12, 0));
    QTest::newRow("just now") << now.addSecs(-5) << u"just now"_s;
    QTest::newRow("minutes") << now.addSecs(-5 * 60) << u"5 minutes ago"_s;
    QTest::newRow("hours") << now.addSecs(-3 * 3600) << u"3 hours ago"_s;
    QTest::newRow("the day before, by the calendar") << now.addSecs(-13 * 3600) << u"yesterday"_s;
    QTest::newRow("days") << now.addDays(-6) << u"6 days ago"_s;
    QTest::newRow("a week and more is a date")
        << now.addDays(-7) << QLocale::c().toString(QDate(2026, 3, 3), QLocale::ShortFormat);
    QTest::newRow("a clock that was set back")
        << now.addDays(2) << QLocale::c().toString(QDate(2026, 3, 12), QLocale::ShortFormat);
    QTest::newRow("unknown") << QDateTime() << u"\u2013"_s;
}

void TestValueText::timesAreRelative()
{
    QFETCH(QDateTime, time);
    QTEST(relativeTime(time, QDateTime(QDate(2026, 3, 10), QTime(12, 0)), QLocale::c()), "text");
}

void TestValueText::storedTimesAreUtc()
{
    const QDateTime time = storedTime(u"2026-03-01T14:05:09.250Z"_s);
    QCOMPARE(time.toUTC().time(), QTime(14, 5, 9, 250));
    QVERIFY(!storedTime({}).isValid());
}

QTEST_GUILESS_MAIN(TestValueText)
#include "tst_value_text.moc"
