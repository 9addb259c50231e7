#include "widgets/form/number_text.h"

#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestNumberText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreReadAsPeopleWriteThem_data();
    void numbersAreReadAsPeopleWriteThem();
    void whatIsNoNumberIsRefused_data();
    void whatIsNoNumberIsRefused();
    void everyNumberReadsBack_data();
    void everyNumberReadsBack();
};

void TestNumberText::numbersAreReadAsPeopleWriteThem_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QLocale>("locale");
    QTest::addColumn<double>("value");
    const QLocale english(QLocale::English);
    const QLocale german(QLocale::German);
    QTest::newRow("plain") << u"12"_s << english << 12.0;
    QTest::newRow("fraction") << u"0.25"_s << english << 0.25;
    QTest::newRow("scientific") << u"1e-4"_s << english << 1e-4;
    QTest::newRow("capital exponent") << u"2.5E+3"_s << english << 2500.0;
    QTest::newRow("with spaces around") << u" 7 "_s << english << 7.0;
    QTest::newRow("German decimal comma") << u"0,25"_s << german << 0.25;
    QTest::newRow("a point works in German too") << u"0.25"_s << german << 0.25;
    QTest::newRow("scientific in German") << u"2,5e-3"_s << german << 2.5e-3;
}

void TestNumberText::numbersAreReadAsPeopleWriteThem()
{
    QFETCH(const QString, text);
    QFETCH(const QLocale, locale);
    QFETCH(const double, value);
    const auto read = parseNumber(text, locale);
    QVERIFY(read.has_value());
    QCOMPARE(*read, value);
}

void TestNumberText::whatIsNoNumberIsRefused_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << u""_s;
    QTest::newRow("a word") << u"fast"_s;
    QTest::newRow("half a number") << u"1e-"_s;
    QTest::newRow("infinity") << u"inf"_s;
    QTest::newRow("no number") << u"nan"_s;
    QTest::newRow("a group separator") << u"1,000"_s;
    QTest::newRow("two numbers") << u"1 2"_s;
}

void TestNumberText::whatIsNoNumberIsRefused()
{
    QFETCH(const QString, text);
    QVERIFY(!parseNumber(text, QLocale(QLocale::English)));
}

void TestNumberText::everyNumberReadsBack_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("english");
    QTest::newRow("zero") << 0.0 << u"0"_s;
    QTest::newRow("small") << 1e-5 << u"1e-5"_s;
    QTest::newRow("a tenth") << 0.1 << u"0.1"_s;
    QTest::newRow("a third") << 1.0 / 3 << u"0.3333333333333333"_s;
    QTest::newRow("large and whole") << 500000.0 << u"500000"_s;
    QTest::newRow("very large") << 2.5e12 << u"2.5e12"_s;
    QTest::newRow("negative") << -0.02 << u"-0.02"_s;
}

void TestNumberText::everyNumberReadsBack()
{
    QFETCH(const double, value);
    QFETCH(const QString, english);
    QCOMPARE(numberText(value, QLocale(QLocale::English)), english);
    for (const auto language : {QLocale::English, QLocale::German, QLocale::French}) {
        const QLocale locale(language);
        const auto read = parseNumber(numberText(value, locale), locale);
        QVERIFY(read.has_value());
        QCOMPARE(*read, value);
    }
}

QTEST_GUILESS_MAIN(TestNumberText)
#include "tst_number_text.moc"
