#include "core/base/json.h"
#include "core/metrics/recorded_metrics.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <filesystem>

using namespace lacuna;

namespace {

struct Verdict {
    std::vector<Comparison> comparisons;
    std::vector<std::string> leftOut;
};

Result<Verdict> verify(const Json& document)
{
    Verdict verdict;
    auto leftOut = verifyRecordedMetrics(document, "file.json", [&](const Comparison& comparison) {
        verdict.comparisons.push_back(comparison);
    });
    if (!leftOut)
        return leftOut.error();
    verdict.leftOut = std::move(leftOut).value();
    return verdict;
}

Json recorded(const std::string& name)
{
    return readJsonFile(std::filesystem::path(TEST_DATA_DIR "/metrics") / name).value();
}

} // namespace

class TestRecordedMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRecordedQuantityIsReproduced_data();
    void everyRecordedQuantityIsReproduced();
    void aChangedNumberIsBeyondItsTolerance_data();
    void aChangedNumberIsBeyondItsTolerance();
    void aKeyThatIsNotKnownIsNamed();
    void whatCannotBeReadIsOneSentence_data();
    void whatCannotBeReadIsOneSentence();
};

void TestRecordedMetrics::everyRecordedQuantityIsReproduced_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("quantities");
    QTest::newRow("ks") << "ks_two_sample.json" << 5;
    QTest::newRow("truth ratio") << "truth_ratio.json" << 15;
    QTest::newRow("membership") << "membership_inference.json" << 13;
    QTest::newRow("memorization") << "memorization.json" << 3;
    QTest::newRow("stems") << "porter_stems.json" << 1;
    QTest::newRow("rouge") << "rouge.json" << 16;
}

void TestRecordedMetrics::everyRecordedQuantityIsReproduced()
{
    QFETCH(QString, file);
    QFETCH(int, quantities);
    const Verdict verdict = verify(recorded(file.toStdString())).value();
    for (const Comparison& comparison : verdict.comparisons)
        QVERIFY2(comparison.passed, (comparison.quantity + " differs by " +
                                     std::to_string(comparison.worst) + " of what is allowed")
                                        .c_str());
    QCOMPARE(int(verdict.comparisons.size()), quantities);
    QVERIFY(verdict.leftOut.empty());
}

void TestRecordedMetrics::aChangedNumberIsBeyondItsTolerance_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<double>("factor");
    QTest::newRow("p-value") << "ks_two_sample.json"
                             << "/cases/2/pvalue" << 1.00001;
    QTest::newRow("ratio") << "truth_ratio.json"
                           << "/truth_ratio/3" << 1.00000001;
    QTest::newRow("area") << "membership_inference.json"
                          << "/auc/1/auc" << 1.00000001;
    QTest::newRow("share") << "membership_inference.json"
                           << "/sequences/4/min_k/0.29" << 1.001;
    QTest::newRow("recall") << "rouge.json"
                            << "/pairs/0/with_stemmer/rougeL/recall" << 1.1;
}

void TestRecordedMetrics::aChangedNumberIsBeyondItsTolerance()
{
    QFETCH(QString, file);
    QFETCH(QString, pointer);
    QFETCH(double, factor);
    Json document = recorded(file.toStdString());
    Json& value = document.at(Json::json_pointer(pointer.toStdString()));
    value = value.get<double>() * factor;
    const Verdict verdict = verify(document).value();
    QCOMPARE(std::count_if(verdict.comparisons.begin(), verdict.comparisons.end(),
                           [](const Comparison& comparison) { return !comparison.passed; }),
             1);
}

void TestRecordedMetrics::aKeyThatIsNotKnownIsNamed()
{
    Json document = recorded("truth_ratio.json");
    document["truth_in_a_new_way"] = 0.5;
    const Verdict verdict = verify(document).value();
    QCOMPARE(verdict.leftOut.size(), std::size_t(1));
    QVERIFY(verdict.leftOut.front().find("truth_in_a_new_way") != std::string::npos);
}

void TestRecordedMetrics::whatCannotBeReadIsOneSentence_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("another file") << QByteArray(R"({"model": 1})") << ErrorCode::Unsupported;
    QTest::newRow("an empty object") << QByteArray("{}") << ErrorCode::Unsupported;
    QTest::newRow("a list") << QByteArray("[1, 2]") << ErrorCode::Unsupported;
    QTest::newRow("no cases") << QByteArray(R"({"cases": []})") << ErrorCode::Unsupported;
    QTest::newRow("text for numbers")
        << QByteArray(R"({"cases": [{"a": ["x"], "b": [1], "pvalue": 1}]})") << ErrorCode::Corrupt;
    QTest::newRow("lists of different length")
        << QByteArray(R"({"items": [{"predictions": [1], "labels": [1, 2]}]})")
        << ErrorCode::Corrupt;
    QTest::newRow("a share that is none")
        << QByteArray(R"({"sequences": [{"token_logprobs": [-1], "min_k": {"all": 1}}]})")
        << ErrorCode::Corrupt;
    QTest::newRow("losses missing")
        << QByteArray(R"({"paraphrased_avg_loss": [1, 2], "perturbed_avg_loss": [[1]]})")
        << ErrorCode::Corrupt;
}

void TestRecordedMetrics::whatCannotBeReadIsOneSentence()
{
    QFETCH(QByteArray, text);
    QFETCH(ErrorCode, code);
    const auto verdict = verify(Json::parse(text.toStdString()));
    QVERIFY(!verdict);
    QCOMPARE(verdict.error().code, code);
    QVERIFY(!verdict.error().remedy.empty());
    QCOMPARE(shown(verdict.error().context), shown("file.json"));
}

QTEST_GUILESS_MAIN(TestRecordedMetrics)
#include "tst_recorded_metrics.moc"
