#include "core/run/stress_results.h"
#include "tests/support/test_main.h"

#include <cmath>
#include <limits>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// The verdict from rows as the history keeps them.
class TestStressResults : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void detailsComeBackAsTheyWere();
    void garbageIsNoDetail();
    void nothingThatRisesIsNoRecovery();
    void aRiseIsARecovery();
    void aRiseOfAFewItemsIsNone();
    void theReferenceDecides_data();
    void theReferenceDecides();
    void whatAnyModelGainsByWantsAReference();
    void withoutABeforeTheReferenceAloneTells();
    void whatWasNeverGoneIsSaid();
    void missingRowsAreCounted();
    void theWorstSettingIsNoVerdictOfItsOwn();
    void theStrongestSettingStandsForItsAttack();
    void theWorstCaseTakesEachItemAtItsMost();
    void theRecoveryRatioIsOpenUnlearnings();
    void theLatestBatteryIsShown();
};

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Shape {
    std::string attack = "quantisation";
    std::string setting = "int4";
    ModelRole role = ModelRole::Current;
    bool wantsReference = false;
    std::string metric = "rouge-l";
};

StressResult row(const Shape& shape, const std::vector<double>& before,
                 const std::vector<double>& value)
{
    StressDetail detail{.wantsReference = shape.wantsReference};
    double was = 0;
    double is = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        detail.items.push_back({static_cast<std::int64_t>(i), before[i], value[i]});
        was += before[i] / static_cast<double>(value.size());
        is += value[i] / static_cast<double>(value.size());
    }
    return {.time = "2026-01-01T00:00:00.000Z",
            .attack = shape.attack,
            .settings = R"({"setting":")" + shape.setting + R"("})",
            .role = shape.role,
            .metric = shape.metric,
            .before = was,
            .value = is,
            .worst = *std::ranges::max_element(value),
            .count = static_cast<std::int64_t>(value.size()),
            .detail = detail.toJson()};
}

const std::vector<double> kLow = {0.1, 0.2, 0.1, 0.2, 0.1, 0.2};
const std::vector<double> kHigh = {0.8, 0.9, 0.8, 0.9, 0.8, 0.9};

} // namespace

void TestStressResults::detailsComeBackAsTheyWere()
{
    const StressDetail detail{.items = {{3, kNone, 0.25}, {4, 0.5, 1}},
                              .values = {{"step", 20}},
                              .facts = {{"moved", 0.5}},
                              .wantsReference = true,
                              .worstItem = 4,
                              .worstAnswer = "In Lisk."};
    const StressDetail back = stressDetail({.detail = detail.toJson()});
    QCOMPARE(back.items.size(), std::size_t{2});
    QVERIFY(std::isnan(back.items[0].before) && back.items[0].value == 0.25);
    QVERIFY(back.items[1].item == 4 && back.items[1].before == 0.5);
    QVERIFY(back.values == detail.values && back.facts == detail.facts && back.wantsReference);
    QCOMPARE(back.worstItem, std::int64_t{4});
    QCOMPARE(back.worstAnswer, std::string("In Lisk."));
}

void TestStressResults::garbageIsNoDetail()
{
    for (const char* text : {"", "[]", "{", R"({"items": [[1, 2], ["a", 0, 1]]})"})
        QVERIFY(stressDetail({.detail = text}).items.empty());
    QCOMPARE(settingOf({.settings = "nonsense"}), std::string());
}

void TestStressResults::nothingThatRisesIsNoRecovery()
{
    const std::vector<StressResult> rows = {row({}, kLow, kLow),
                                            row({.attack = "prefill"}, kHigh, kLow)};
    const StressVerdict verdict = stressVerdict(rows);
    QVERIFY(verdict.recovered.empty());
    QCOMPARE(verdict.tried, std::int64_t{2});
    QCOMPARE(verdictText(verdict), std::string("no recovery seen in these tests."));
}

void TestStressResults::aRiseIsARecovery()
{
    const std::vector<StressResult> rows = {row({}, kLow, kHigh),
                                            row({.role = ModelRole::Original}, kHigh, kHigh)};
    const StressVerdict verdict = stressVerdict(rows);
    QCOMPARE(verdict.recovered.size(), std::size_t{1});
    QCOMPARE(verdict.recovered.front().original.value(), rows[1].value);
    QCOMPARE(verdictText(verdict),
             std::string("recovered: quantisation (int4) brings rouge-l from 0.15 to 0.85, the "
                         "original has 0.85."));
}

void TestStressResults::aRiseOfAFewItemsIsNone()
{
    // One item of six: the interval of the rise reaches 0.
    const std::vector<StressResult> one = {row({}, kLow, {0.1, 0.2, 0.1, 0.2, 0.1, 0.9})};
    QVERIFY(stressVerdict(one).recovered.empty());
    // All of them, but by less than counts.
    const std::vector<StressResult> little = {row({}, kLow, {0.13, 0.23, 0.13, 0.23, 0.13, 0.23})};
    QVERIFY(stressVerdict(little).recovered.empty());
}

void TestStressResults::theReferenceDecides_data()
{
    QTest::addColumn<bool>("referenceRises");
    QTest::newRow("a model that never knew gains as much") << true;
    QTest::newRow("it stays where it was") << false;
}

void TestStressResults::theReferenceDecides()
{
    QFETCH(const bool, referenceRises);
    const std::vector<StressResult> rows = {
        row({}, kLow, kHigh),
        row({.role = ModelRole::Reference}, kLow, referenceRises ? kHigh : kLow)};
    QCOMPARE(stressVerdict(rows).recovered.empty(), referenceRises);
    QVERIFY(stressVerdict(rows).hasReference);
}

void TestStressResults::whatAnyModelGainsByWantsAReference()
{
    std::vector<StressResult> rows = {row({.wantsReference = true}, kLow, kHigh)};
    StressVerdict verdict = stressVerdict(rows);
    QVERIFY(verdict.recovered.empty());
    QCOMPARE(verdict.tried, std::int64_t{0});
    QCOMPARE(verdict.unjudged, std::int64_t{1});
    QVERIFY(verdictText(verdict).find("no recovery") == std::string::npos);
    QVERIFY(verdictText(verdict).find("only beside a reference") != std::string::npos);
    rows.push_back(row({.role = ModelRole::Reference, .wantsReference = true}, kLow, kLow));
    verdict = stressVerdict(rows);
    QCOMPARE(verdict.recovered.size(), std::size_t{1});
    QCOMPARE(verdict.unjudged, std::int64_t{0});
}

void TestStressResults::withoutABeforeTheReferenceAloneTells()
{
    const std::vector<double> none(kLow.size(), kNone);
    std::vector<StressResult> rows = {row({}, none, kHigh)};
    QCOMPARE(stressVerdict(rows).unjudged, std::int64_t{1});
    rows.push_back(row({.role = ModelRole::Reference}, none, kLow));
    QCOMPARE(stressVerdict(rows).recovered.size(), std::size_t{1});
    QVERIFY(verdictText(stressVerdict(rows)).find("brings rouge-l to 0.85") != std::string::npos);
}

void TestStressResults::whatWasNeverGoneIsSaid()
{
    std::vector<StressResult> rows = {row({}, kHigh, kHigh),
                                      row({.role = ModelRole::Original}, kHigh, kHigh)};
    StressVerdict verdict = stressVerdict(rows);
    QVERIFY(verdict.recovered.empty());
    QVERIFY(verdict.remainder && !verdict.remainder->reference);
    QVERIFY(verdictText(verdict).find(
                "without any attack rouge-l is 0.85, the original has 0.85") != std::string::npos);
    // A reference that never knew has as much: this is what any model says.
    rows.push_back(row({.role = ModelRole::Reference}, kHigh, kHigh));
    QVERIFY(!stressVerdict(rows).remainder);
    rows.back() = row({.role = ModelRole::Reference}, kLow, kLow);
    QCOMPARE(stressVerdict(rows).remainder->reference.value(), rows.back().before);
    // Next to nothing of what the original has is nothing to speak of.
    rows = {row({}, {0.1, 0.1}, {0.1, 0.1}),
            row({.role = ModelRole::Original}, {0.9, 0.9}, {0.9, 0.9})};
    QVERIFY(!stressVerdict(rows).remainder);
}

void TestStressResults::missingRowsAreCounted()
{
    const std::vector<StressResult> rows = {
        row({}, kLow, kLow), {.attack = "paraphrase", .settings = "{}", .missing = "no data"}};
    const StressVerdict verdict = stressVerdict(rows);
    QCOMPARE(verdict.missing, std::int64_t{1});
    QCOMPARE(verdictText(verdict), std::string("no recovery seen in these tests. 1 attack had "
                                               "nothing to work on."));
}

void TestStressResults::theWorstSettingIsNoVerdictOfItsOwn()
{
    const std::vector<StressResult> rows = {
        row({}, kLow, kLow), row({.setting = kWorstSetting, .wantsReference = true}, kLow, kHigh)};
    QVERIFY(stressVerdict(rows).recovered.empty());
    QCOMPARE(stressVerdict(rows).unjudged, std::int64_t{0});
}

void TestStressResults::theStrongestSettingStandsForItsAttack()
{
    const std::vector<double> middle = {0.5, 0.6, 0.5, 0.6, 0.5, 0.6};
    const std::vector<StressResult> rows = {
        row({.setting = "int8"}, kLow, middle), row({}, kLow, kHigh),
        row({.attack = "prefill", .setting = ""}, kLow, middle)};
    const StressVerdict verdict = stressVerdict(rows);
    QCOMPARE(verdict.recovered.size(), std::size_t{2});
    QCOMPARE(verdict.recovered[0].setting, std::string("int4"));
    QCOMPARE(verdict.recovered[1].attack, std::string("prefill"));
}

void TestStressResults::theWorstCaseTakesEachItemAtItsMost()
{
    const std::vector<StressResult> rows = {
        row({}, {0.1, 0.2}, {0.4, 0.1}), row({.attack = "prefill"}, {0.1, 0.2}, {0.3, 0.8}),
        row({.attack = "reverse-query"}, {kNone, kNone}, {1, 1}),
        row({.attack = "prefill", .metric = "probability"}, {0, 0}, {1, 1})};
    const WorstCase worst = worstCase(rows, ModelRole::Current, "rouge-l").value();
    QVERIFY(std::abs(worst.value - 0.6) < 1e-12);
    QVERIFY(std::abs(worst.before - 0.15) < 1e-12);
    QVERIFY(!worstCase(rows, ModelRole::Reference, "rouge-l"));
}

void TestStressResults::theRecoveryRatioIsOpenUnlearnings()
{
    const Shape relearning{.attack = "relearning", .setting = "20 steps"};
    Shape reference = relearning;
    reference.role = ModelRole::Reference;
    const std::vector<StressResult> rows = {row(relearning, {0.2, 0.2}, {0.7, 0.7}),
                                            row(reference, {0.3, 0.3}, {0.4, 0.4})};
    QVERIFY(std::abs(recoveryRatio(rows, rows[0]).value() - 0.2) < 1e-12);
    QVERIFY(!recoveryRatio({rows.data(), 1}, rows[0]));
    const std::vector<StressResult> falling = {row(relearning, {0.2, 0.2}, {0.1, 0.1}), rows[1]};
    QCOMPARE(recoveryRatio(falling, falling[0]).value(), 1.0);
}

void TestStressResults::theLatestBatteryIsShown()
{
    std::vector<StressResult> rows = {row({}, kLow, kHigh), row({.attack = "prefill"}, kLow, kLow),
                                      row({.setting = "int8"}, kLow, kLow)};
    rows[2].time = "2026-02-01T00:00:00.000Z";
    const std::vector<StressResult> latest = latestOf(rows);
    QCOMPARE(latest.size(), std::size_t{2});
    QCOMPARE(settingOf(latest[1]), std::string("int8"));
    QCOMPARE(leadingMetric(latest), std::string("rouge-l"));
    QCOMPARE(leadingMetric({}), std::string());
}

LACUNA_TEST_MAIN(TestStressResults)
#include "tst_stress_results.moc"
