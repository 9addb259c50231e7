#include "widgets/table/column_filter.h"

#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestColumnFilter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreCompared_data();
    void numbersAreCompared();
    void textsAreCompared_data();
    void textsAreCompared();
    void datesAreCompared_data();
    void datesAreCompared();
    void whatIsUndefinedFitsNoComparison();
    void anyNameOfACellCounts();
    void whatIsOnlyBegunFitsEverything_data();
    void whatIsOnlyBegunFitsEverything();
    void whatCannotBeReadSaysWhy_data();
    void whatCannotBeReadSaysWhy();
    void aCommaIsReadWhereTheLanguageHasOne();
};

void TestColumnFilter::numbersAreCompared_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<ColumnKind>("kind");
    QTest::addColumn<double>("value");
    QTest::addColumn<bool>("fits");
    const auto row = [](const QString& expression, double value, bool fits,
                        ColumnKind kind = ColumnKind::Number) {
        QTest::addRow("%s and %g", qPrintable(expression), value)
            << expression << kind << value << fits;
    };
    row(u">0.5"_s, 0.51, true);
    row(u"> 0.5"_s, 0.5, false);
    row(u">=0.5"_s, 0.5, true);
    row(u"<0.5"_s, 0.49, true);
    row(u"<0.5"_s, 0.5, false);
    row(u"<=0.5"_s, 0.5, true);
    row(u"<=0.5"_s, 0.6, false);
    // What a cell shows is rounded; it must fit its own row.
    row(u"=0.9824"_s, 0.98236027, true);
    row(u"=0.9824"_s, 0.98246, false);
    row(u">=0.9824"_s, 0.98236027, true);
    row(u">=0.5"_s, 0.46, false);
    row(u"<=0.9824"_s, 0.98244, true);
    row(u"!=0.9824"_s, 0.98236027, false);
    row(u"<>0.9824"_s, 0.5, true);
    row(u"=8.564e+04"_s, 85637.4, true);
    row(u"=8.564e+04"_s, 85700, false);
    row(u"0.2~0.5"_s, 0.2, true);
    row(u"0.2 ~ 0.5"_s, 0.5, true);
    row(u"0.2~0.5"_s, 0.51, false);
    row(u"-2~-1"_s, -1.5, true);
    row(u">1e-3"_s, 0.01, true);
    row(u">2 min"_s, 125, true, ColumnKind::Duration);
    row(u"=2 min 5 s"_s, 125.4, true, ColumnKind::Duration);
    row(u"=2 min 5 s"_s, 126, false, ColumnKind::Duration);
    row(u"=14.6 s"_s, 14.578, true, ColumnKind::Duration);
    row(u">1.5h"_s, 5000, false, ColumnKind::Duration);
    row(u">=2 min 5 s"_s, 124.6, true, ColumnKind::Duration);
    row(u"90~2m"_s, 100, true, ColumnKind::Duration);
}

void TestColumnFilter::numbersAreCompared()
{
    QFETCH(QString, expression);
    QFETCH(ColumnKind, kind);
    QFETCH(double, value);
    const ColumnFilter filter = ColumnFilter::parse(expression, kind, QLocale::c());
    QCOMPARE(filter.problem(), QString());
    QTEST(filter.fits({.texts = {u"shown"_s}, .number = value}), "fits");
}

void TestColumnFilter::textsAreCompared_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<bool>("fits");
    const auto row = [](const char* title, const QString& expression, bool fits) {
        QTest::newRow(title) << expression << fits;
    };
    row("text inside, in either case", u"FORGET"_s, true);
    row("spaces around do not count", u"  two "_s, true);
    row("other text", u"retain"_s, false);
    row("equal, in either case", u"=forget two people"_s, true);
    row("equal to a part only", u"=forget"_s, false);
    row("not equal", u"!=forget two people"_s, false);
    row("after in the alphabet", u">forge"_s, true);
    row("before in the alphabet", u"<forge"_s, false);
    row("a pattern", u"/^forget \\w+ people$/"_s, true);
    row("a pattern that does not fit", u"/^two/"_s, false);
    row("a tilde is a letter", u"forget~two"_s, false);
}

void TestColumnFilter::textsAreCompared()
{
    QFETCH(QString, expression);
    const ColumnFilter filter = ColumnFilter::parse(expression, ColumnKind::Text, QLocale::c());
    QCOMPARE(filter.problem(), QString());
    QTEST(filter.fits({.texts = {u"Forget two people"_s}}), "fits");
}

void TestColumnFilter::datesAreCompared_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<bool>("fits");
    const auto row = [](const QString& expression, bool fits) {
        QTest::newRow(qPrintable(expression)) << expression << fits;
    };
    row(u"=2026-03-05"_s, true);
    row(u"=2026-03"_s, true);
    row(u"=2026-04"_s, false);
    row(u">2026-03-04"_s, true);
    row(u">2026-03-05"_s, false);
    row(u">=2026-03-05"_s, true);
    row(u"<2026-03-05 14:06"_s, true);
    row(u"2026-01~2026-03"_s, true);
    row(u"2026-01~2026-02"_s, false);
    row(u"yesterday"_s, true);
}

void TestColumnFilter::datesAreCompared()
{
    QFETCH(QString, expression);
    const ColumnFilter filter = ColumnFilter::parse(expression, ColumnKind::Time, QLocale::c());
    QCOMPARE(filter.problem(), QString());
    QTEST(filter.fits({.texts = {u"2026-03-05 14:05"_s, u"yesterday"_s}}), "fits");
}

void TestColumnFilter::whatIsUndefinedFitsNoComparison()
{
    const FilterCell nothing{.texts = {u"\u2013"_s}};
    for (const QString& expression : {u"<1"_s, u">0"_s, u"=0"_s, u"0~1"_s})
        QVERIFY(!ColumnFilter::parse(expression, ColumnKind::Number).fits(nothing));
    QVERIFY(ColumnFilter::parse(u"!=0"_s, ColumnKind::Number).fits(nothing));
    QVERIFY(!ColumnFilter::parse(u"<z"_s, ColumnKind::Text).fits({.texts = {QString()}}));
}

void TestColumnFilter::anyNameOfACellCounts()
{
    const FilterCell method{.texts = {u"Negative preference optimisation"_s, u"npo"_s}};
    QVERIFY(ColumnFilter::parse(u"=NPO"_s, ColumnKind::Text).fits(method));
    QVERIFY(!ColumnFilter::parse(u"!=NPO"_s, ColumnKind::Text).fits(method));
    QVERIFY(ColumnFilter::parse(u"preference"_s, ColumnKind::Text).fits(method));
}

void TestColumnFilter::whatIsOnlyBegunFitsEverything_data()
{
    QTest::addColumn<QString>("expression");
    for (const QString& expression :
         {u""_s, u"  "_s, u">"_s, u">= "_s, u"!="_s, u"0.2~"_s, u"~3"_s})
        QTest::newRow(qPrintable(u'[' + expression + u']')) << expression;
}

void TestColumnFilter::whatIsOnlyBegunFitsEverything()
{
    QFETCH(QString, expression);
    const ColumnFilter filter = ColumnFilter::parse(expression, ColumnKind::Number);
    QVERIFY(filter.isEmpty());
    QCOMPARE(filter.problem(), QString());
    QVERIFY(filter.fits({.texts = {u"7"_s}, .number = 7}));
}

void TestColumnFilter::whatCannotBeReadSaysWhy_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<ColumnKind>("kind");
    QTest::newRow("no number") << u">many"_s << ColumnKind::Number;
    QTest::newRow("half a number") << u">0.5x"_s << ColumnKind::Number;
    QTest::newRow("no number in a range") << u"a~2"_s << ColumnKind::Number;
    QTest::newRow("no duration") << u">2 parsec"_s << ColumnKind::Duration;
    QTest::newRow("no date") << u">last week"_s << ColumnKind::Time;
    QTest::newRow("a broken pattern") << u"/(/"_s << ColumnKind::Text;
}

void TestColumnFilter::whatCannotBeReadSaysWhy()
{
    QFETCH(QString, expression);
    QFETCH(ColumnKind, kind);
    const ColumnFilter filter = ColumnFilter::parse(expression, kind);
    QVERIFY(!filter.problem().isEmpty());
    QVERIFY2(filter.isEmpty(), "a filter that cannot be used must hide nothing");
}

void TestColumnFilter::aCommaIsReadWhereTheLanguageHasOne()
{
    const QLocale german(QLocale::German);
    const FilterCell cell{.texts = {u"0,5"_s}, .number = 0.5};
    QVERIFY(ColumnFilter::parse(u"=0,5"_s, ColumnKind::Number, german).fits(cell));
    QVERIFY2(ColumnFilter::parse(u"=0.5"_s, ColumnKind::Number, german).fits(cell),
             "a point is understood everywhere");
}

QTEST_GUILESS_MAIN(TestColumnFilter)
#include "tst_column_filter.moc"
