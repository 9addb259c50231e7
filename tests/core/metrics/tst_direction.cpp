#include "core/metrics/direction.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestDirection : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSetIsToldByItsName_data();
    void aSetIsToldByItsName();
    void whatIsGoodDependsOnTheSet_data();
    void whatIsGoodDependsOnTheSet();
};

void TestDirection::aSetIsToldByItsName_data()
{
    QTest::addColumn<QString>("set");
    QTest::addColumn<bool>("forgotten");
    QTest::newRow("forget") << u"forget"_s << true;
    QTest::newRow("a part of a suite") << u"forget-verbatim"_s << true;
    QTest::newRow("an earlier request") << u"earlier-1"_s << true;
    QTest::newRow("retain") << u"retain"_s << false;
    QTest::newRow("a person's own") << u"birds"_s << false;
    QTest::newRow("all sets") << QString() << false;
}

void TestDirection::aSetIsToldByItsName()
{
    QFETCH(QString, set);
    QFETCH(bool, forgotten);
    QCOMPARE(purposeOf(set.toStdString()) == SetPurpose::Forget, forgotten);
}

void TestDirection::whatIsGoodDependsOnTheSet_data()
{
    QTest::addColumn<QString>("set");
    QTest::addColumn<QString>("metric");
    QTest::addColumn<QString>("good"); // lower, higher, or neither
    QTest::newRow("forgotten") << u"forget"_s << u"probability"_s << u"lower"_s;
    QTest::newRow("kept") << u"retain"_s << u"probability"_s << u"higher"_s;
    QTest::newRow("loss of the kept") << u"world-facts"_s << u"nll"_s << u"lower"_s;
    QTest::newRow("writing of the forgotten") << u"forget"_s << u"repetition"_s << u"lower"_s;
    QTest::newRow("writing of the kept") << u"retain"_s << u"repetition"_s << u"lower"_s;
    QTest::newRow("letters of the forgotten")
        << u"forget-bio"_s << u"choice-accuracy"_s << u"lower"_s;
    QTest::newRow("held out") << u"holdout"_s << u"probability"_s << u""_s;
    QTest::newRow("summary") << u""_s << u"model-utility"_s << u"higher"_s;
    QTest::newRow("good in the middle") << u""_s << u"privleak"_s << u""_s;
    QTest::newRow("unknown") << u"forget"_s << u"beauty"_s << u""_s;
}

void TestDirection::whatIsGoodDependsOnTheSet()
{
    QFETCH(QString, set);
    QFETCH(QString, metric);
    QFETCH(QString, good);
    const auto found = goodDirection(set.toStdString(), metric.toStdString());
    const QString said = !found ? QString() : *found == Direction::Lower ? u"lower"_s : u"higher"_s;
    QCOMPARE(said, good);
}

QTEST_GUILESS_MAIN(TestDirection)
#include "tst_direction.moc"
