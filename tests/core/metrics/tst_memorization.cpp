#include "core/base/json.h"
#include "core/metrics/memorization.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>

using namespace lacuna;

namespace {

const Json& referenceItems()
{
    static const Json kItems =
        readJsonFile(TEST_DATA_DIR "/metrics/memorization.json").value().at("items");
    return kItems;
}

bool near(double value, const Json& wanted)
{
    return std::abs(value - wanted.get<double>()) <= 1e-9;
}

} // namespace

class TestMemorization : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aReferenceItemIsReproduced_data();
    void aReferenceItemIsReproduced();
    void anEmptyAnswerScoresZero();
    void whatIsKnownByHeartIsOneAndAWrongEndIsTheFloor();
    void extractionNeverExceedsMemorization();
};

void TestMemorization::aReferenceItemIsReproduced_data()
{
    QTest::addColumn<std::size_t>("index");
    for (std::size_t i = 0; i < referenceItems().size(); ++i)
        QTest::addRow("item %zu", i) << i;
}

void TestMemorization::aReferenceItemIsReproduced()
{
    QFETCH(std::size_t, index);
    const Json& item = referenceItems().at(index);
    const Json& predictions = item.at("predictions");
    const Json& labels = item.at("labels");
    QCOMPARE(predictions.size(), labels.size());
    std::vector<bool> matches;
    for (std::size_t i = 0; i < labels.size(); ++i)
        matches.push_back(predictions.at(i) == labels.at(i));

    QVERIFY(near(exactMemorization(matches), item.at("exact_memorization")));
    QVERIFY(near(extractionStrength(matches), item.at("extraction_strength")));
    QVERIFY(near(extractionStrength(matches, ExtractionFloor::OneOverCount),
                 item.at("extraction_strength_floor_one_over_n")));
}

void TestMemorization::anEmptyAnswerScoresZero()
{
    QCOMPARE(exactMemorization({}), 0.0);
    QCOMPARE(extractionStrength({}), 0.0);
    QCOMPARE(extractionStrength({}, ExtractionFloor::OneOverCount), 0.0);
}

void TestMemorization::whatIsKnownByHeartIsOneAndAWrongEndIsTheFloor()
{
    std::vector<bool> matches(5, true);
    for (const ExtractionFloor floor : {ExtractionFloor::Zero, ExtractionFloor::OneOverCount})
        QCOMPARE(extractionStrength(matches, floor), 1.0);
    QCOMPARE(exactMemorization(matches), 1.0);
    matches.back() = false;
    QCOMPARE(extractionStrength(matches), 0.0);
    QCOMPARE(extractionStrength(matches, ExtractionFloor::OneOverCount), 1.0 / 5);
}

void TestMemorization::extractionNeverExceedsMemorization()
{
    constexpr unsigned kTokens = 8;
    for (unsigned bits = 0; bits < 1U << kTokens; ++bits) {
        std::vector<bool> matches;
        for (unsigned i = 0; i < kTokens; ++i)
            matches.push_back(((bits >> i) & 1U) != 0);
        QVERIFY(extractionStrength(matches) <= exactMemorization(matches));
    }
}

QTEST_GUILESS_MAIN(TestMemorization)
#include "tst_memorization.moc"
