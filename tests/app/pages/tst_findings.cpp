#include "app/pages/run/findings.h"

#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestFindings : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theCrossingIsTheFirstStepBelowTheLine_data();
    void theCrossingIsTheFirstStepBelowTheLine();
    void nothingIsSaidBeforeAnythingWasMeasured();
    void forgettingTooHardIsNamedWithItsStep();
    void aGuessIsAnswered();
};

namespace {

std::vector<Evaluation> course(const std::string& set, const std::vector<double>& values)
{
    std::vector<Evaluation> evaluations;
    for (std::size_t i = 0; i < values.size(); ++i)
        evaluations.push_back({.step = static_cast<std::int64_t>(3 * i),
                               .phase = EvaluationPhase::During,
                               .set = set,
                               .metric = "probability",
                               .value = values[i]});
    return evaluations;
}

} // namespace

void TestFindings::theCrossingIsTheFirstStepBelowTheLine_data()
{
    QTest::addColumn<QList<double>>("values");
    QTest::addColumn<qint64>("step");
    QTest::newRow("never") << QList<double>{1, 0.9, 0.6} << qint64{-1};
    QTest::newRow("on the line is not below") << QList<double>{1, 0.5} << qint64{-1};
    QTest::newRow("the second evaluation") << QList<double>{1, 0.9, 0.4, 0.3} << qint64{6};
    QTest::newRow("it came back, but it was crossed") << QList<double>{1, 0.4, 0.9} << qint64{3};
    QTest::newRow("relative to the original") << QList<double>{0.2, 0.15, 0.09} << qint64{6};
}

void TestFindings::theCrossingIsTheFirstStepBelowTheLine()
{
    QFETCH(const QList<double>, values);
    QFETCH(const qint64, step);
    QCOMPARE(firstStepBelow(course("retain", {values.begin(), values.end()}), "retain", 0.5), step);
}

void TestFindings::nothingIsSaidBeforeAnythingWasMeasured()
{
    QVERIFY(findings({}).isEmpty());
    QVERIFY(findings(course("forget", {1.0})).isEmpty());
}

void TestFindings::forgettingTooHardIsNamedWithItsStep()
{
    auto evaluations = course("forget", {1, 0.3, 0.05, 0.0});
    const auto retain = course("retain", {1, 0.9, 0.7, 0.2});
    evaluations.insert(evaluations.end(), retain.begin(), retain.end());
    const QStringList sentences = findings(evaluations);
    QCOMPARE(sentences.size(), 3);
    QVERIFY(sentences[0].contains(u"step 6"_s));
    QVERIFY(sentences[1].contains(u"step 9"_s));
    QVERIFY(sentences[1].contains(u"catastrophic"_s));
}

void TestFindings::aGuessIsAnswered()
{
    auto evaluations = course("forget", {1, 0.05});
    const auto retain = course("retain", {0.8, 0.6});
    evaluations.insert(evaluations.end(), retain.begin(), retain.end());
    const QString answered = findings(evaluations, 0.9).join(u' ');
    QVERIFY2(answered.contains(u"expected it to keep 90.0 % of the rest; it kept 75.0 %"_s),
             qPrintable(answered));
    QVERIFY(!findings(evaluations).join(u' ').contains(u"expected"_s));
}

QTEST_GUILESS_MAIN(TestFindings)
#include "tst_findings.moc"
