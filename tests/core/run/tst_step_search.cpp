#include "core/run/step_search.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <limits>

using namespace lacuna;

class TestStepSearch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLeastPointOfAParabolaIsFound_data();
    void theLeastPointOfAParabolaIsFound();
    void anUpdateIsMadeLongerAndTurnedRound();
};

void TestStepSearch::theLeastPointOfAParabolaIsFound_data()
{
    QTest::addColumn<double>("behind");
    QTest::addColumn<double>("here");
    QTest::addColumn<double>("ahead");
    QTest::addColumn<double>("length");
    const auto parabola = [](double least, double at) { return (at - least) * (at - least); };
    for (const double least : {0.5, 1.0, 1.7})
        QTest::addRow("least at %g", least)
            << parabola(least, -1) << parabola(least, 0) << parabola(least, 1) << least;
    QTest::newRow("far ahead") << parabola(9, -1) << parabola(9, 0) << parabola(9, 1) << 4.0;
    QTest::newRow("here already") << 1.0 << 0.0 << 1.0 << 0.25;
    QTest::newRow("behind") << parabola(-1, -1) << parabola(-1, 0) << parabola(-1, 1) << 0.25;
    QTest::newRow("a line") << 3.0 << 2.0 << 1.0 << 1.0;
    QTest::newRow("a hill") << 1.0 << 2.0 << 1.0 << 1.0;
    QTest::newRow("no number") << 1.0 << 0.0 << std::numeric_limits<double>::quiet_NaN() << 1.0;
}

void TestStepSearch::theLeastPointOfAParabolaIsFound()
{
    QFETCH(double, behind);
    QFETCH(double, here);
    QFETCH(double, ahead);
    QFETCH(double, length);
    QVERIFY(std::abs(bestLength(behind, here, ahead, 0.25, 4) - length) < 1e-12);
}

void TestStepSearch::anUpdateIsMadeLongerAndTurnedRound()
{
    const auto decoder = tinyModel();
    const auto start = tinyModel();
    const auto moved = tinyModel();
    disturb(*moved);
    decoder->trainAll();
    TrialUpdate update(*decoder);
    disturb(*decoder);
    update.capture();
    for (const double length : {1.0, -1.0, 2.5, 0.0}) {
        update.setLength(length);
        for (const Parameter& parameter : decoder->parameters()) {
            const at::Tensor& from = parameterNamed(*start, parameter.name).master;
            const at::Tensor& to = parameterNamed(*moved, parameter.name).master;
            QVERIFY(largestDifference(parameter.master, from.add(to.sub(from), length)) < 1e-12);
        }
    }
}

QTEST_GUILESS_MAIN(TestStepSearch)
#include "tst_step_search.moc"
