#include "core/run/saliency_map.h"

#include "core/models/adapter_files.h"
#include "core/models/family.h"
#include "core/run/scope.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

DecoderConfig model(const QString& name)
{
    const std::string folder = TEST_DATA_DIR "/golden/hf-parity/" + name.toStdString();
    return readDecoderConfig(readJsonFile(folder + "/config.json").value(), folder).value();
}

/// Forget and retain saliency of each unit: attention and MLP of block 0, of block 1, ...
using Numbers = QList<std::pair<double, double>>;

/// All of a unit's saliency is in its first weight, one in any other part must not count.
SaliencyMap mapOf(const DecoderConfig& config, const Numbers& numbers)
{
    SaliencyMap map{.config = config, .samples = 1};
    for (const WeightSlot& slot : weightSlots(config))
        map.slots.push_back(
            {.forget = 100, .retain = 1, .weights = static_cast<std::int64_t>(slot.shape[0])});
    const std::vector<SaliencyUnit> units = saliencyUnits(map);
    for (qsizetype i = 0; i < numbers.size(); ++i) {
        const auto& slots = units.at(static_cast<std::size_t>(i)).slots;
        for (const std::size_t slot : slots)
            map.slots[slot].forget = map.slots[slot].retain = 0;
        map.slots[slots.front()].forget = numbers[i].first;
        map.slots[slots.front()].retain = numbers[i].second;
    }
    return map;
}

QString namesOf(const std::vector<SaliencyUnit>& units)
{
    QStringList names;
    for (const SaliencyUnit& unit : units)
        names << QString::number(unit.layer) +
                     (unit.kind == PartKind::Attention ? u" attention"_s : u" mlp"_s);
    return names.join(u", "_s);
}

} // namespace

class TestSaliencyMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRatioOfNothingIsStillANumber_data();
    void aRatioOfNothingIsStillANumber();
    void unitsAreTheAttentionsAndMlpsOfBlocks();
    void theGreatestRatiosThatHoldTheShareAreSuggested_data();
    void theGreatestRatiosThatHoldTheShareAreSuggested();
    void aScopeSaysTheSuggestion_data();
    void aScopeSaysTheSuggestion();
    void aMapIsEvenWhereNothingStandsOut_data();
    void aMapIsEvenWhereNothingStandsOut();
    void theScaleKeepsAFlatMapInTheMiddle();
    void theScaleReachesItsEnds();
};

void TestSaliencyMap::aRatioOfNothingIsStillANumber_data()
{
    QTest::addColumn<double>("forget");
    QTest::addColumn<double>("retain");
    QTest::addColumn<double>("ratio");
    QTest::newRow("both") << 3.0 << 2.0 << 1.5;
    QTest::newRow("forget only") << 3.0 << 0.0 << std::numeric_limits<double>::infinity();
    QTest::newRow("retain only") << 0.0 << 2.0 << 0.0;
    QTest::newRow("neither") << 0.0 << 0.0 << 0.0;
}

void TestSaliencyMap::aRatioOfNothingIsStillANumber()
{
    QFETCH(double, forget);
    QFETCH(double, retain);
    QFETCH(double, ratio);
    const Saliency saliency{.forget = forget, .retain = retain, .weights = 4};
    QCOMPARE(saliency.ratio(), ratio);
    QCOMPARE(saliency.forgetMean(), forget / 4);
    QCOMPARE(Saliency().forgetMean(), 0.0);
}

void TestSaliencyMap::unitsAreTheAttentionsAndMlpsOfBlocks()
{
    const SaliencyMap map = mapOf(model(u"llama-mha"_s), {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}});
    const std::vector<SaliencyUnit> units = saliencyUnits(map);
    QCOMPARE(namesOf(units), u"0 attention, 0 mlp, 1 attention, 1 mlp, 2 attention, 2 mlp"_s);
    QCOMPARE(units[1].saliency.forget, 3.0);
    QCOMPARE(units[1].saliency.retain, 4.0);
    QCOMPARE(units[1].slots.size(), std::size_t{3});            // gate, up, down
    QCOMPARE(wholeOf(units).forget, 1.0 + 3 + 5 + 7 + 9 + 300); // the last MLP was left as it is
}

void TestSaliencyMap::theGreatestRatiosThatHoldTheShareAreSuggested_data()
{
    QTest::addColumn<Numbers>("numbers"); ///< of three blocks
    QTest::addColumn<double>("share");
    QTest::addColumn<QString>("units");
    QTest::addColumn<double>("covered");
    const Numbers plain = {{10, 10}, {20, 20}, {10, 5}, {30, 10}, {10, 20}, {20, 10}};
    QTest::newRow("one is enough") << plain << 0.3 << u"1 mlp"_s << 0.3;
    QTest::newRow("a little more takes one more")
        << plain << 0.31 << u"1 mlp, 1 attention"_s << 0.4;
    QTest::newRow("equal ratios in the order of the forward pass")
        << plain << 0.5 << u"1 mlp, 1 attention, 2 mlp"_s << 0.6;
    QTest::newRow("all") << plain << 1.0
                         << u"1 mlp, 1 attention, 2 mlp, 0 attention, 0 mlp, 2 attention"_s << 1.0;
    QTest::newRow("the ratio counts, not the size")
        << Numbers{{90, 90}, {5, 1}, {0, 0}, {5, 5}, {0, 1}, {0, 0}} << 0.05 << u"0 mlp"_s << 0.05;
    QTest::newRow("where only the forget set holds on")
        << Numbers{{1, 1}, {1, 1}, {1, 1}, {0, 0}, {97, 0}, {0, 0}} << 0.25 << u"2 attention"_s
        << 0.97;
}

void TestSaliencyMap::theGreatestRatiosThatHoldTheShareAreSuggested()
{
    QFETCH(Numbers, numbers);
    QFETCH(double, share);
    QFETCH(QString, units);
    QFETCH(double, covered);
    const ScopeSuggestion suggestion = suggestScope(mapOf(model(u"llama-mha"_s), numbers), share);
    QCOMPARE(namesOf(suggestion.units), units);
    QCOMPARE(suggestion.covered, covered);
}

void TestSaliencyMap::aScopeSaysTheSuggestion_data()
{
    QTest::addColumn<QString>("family");
    QTest::addColumn<bool>("adapter");
    for (const char* family :
         {"llama-mha", "llama-linear-bias", "gpt2", "gpt_neox", "opt-pre", "phi"})
        for (const bool adapter : {false, true})
            QTest::addRow("%s%s", family, adapter ? ", adapter" : "")
                << QString::fromLatin1(family) << adapter;
}

void TestSaliencyMap::aScopeSaysTheSuggestion()
{
    QFETCH(QString, family);
    QFETCH(bool, adapter);
    const DecoderConfig config = model(family);
    const SaliencyMap map = mapOf(config, {{1, 1}, {1, 1}, {1, 1}, {90, 1}});
    ScopeSuggestion suggestion = suggestScope(map, 0.01);
    suggestion.units.resize(1);
    suggestion.units.front() = saliencyUnits(map)[3];
    const std::vector<WeightSlot> slots = adapter ? adaptableSlots(config) : weightSlots(config);
    const std::vector<bool> chosen = suggestedSlots(map, suggestion, slots);
    const ScopeText text = scopeText(chosen, config, slots);
    QCOMPARE(shown(text.layers), u"1"_s);
    QCOMPARE(chosenSlots({.layers = text.layers, .modules = text.modules}, config, slots).value(),
             chosen);
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (chosen[i])
            QVERIFY2(slots[i].name.starts_with(config.inBlock(1, "")), slots[i].name.c_str());
    // The MLP's matrices: two or, with a gate, three.
    QVERIFY(std::ranges::count(chosen, true) >= 2);
}

void TestSaliencyMap::aMapIsEvenWhereNothingStandsOut_data()
{
    QTest::addColumn<double>("first"); ///< ratio of one unit, the others have 5
    QTest::addColumn<bool>("even");
    QTest::newRow("as the others") << 5.0 << true;
    QTest::newRow("a little above") << 5.4 << true;
    QTest::newRow("above") << 6.0 << false;
    QTest::newRow("below") << 1.0 << false; // and so all the others are above
}

void TestSaliencyMap::aMapIsEvenWhereNothingStandsOut()
{
    QFETCH(double, first);
    QTEST(isEven(saliencyUnits(
              mapOf(model(u"llama-mha"_s), {{first, 1}, {5, 1}, {5, 1}, {5, 1}, {5, 1}, {5, 1}}))),
          "even");
}

void TestSaliencyMap::theScaleKeepsAFlatMapInTheMiddle()
{
    const auto units = saliencyUnits(
        mapOf(model(u"llama-mha"_s), {{5, 1}, {5, 1}, {5, 1}, {5.1, 1}, {5, 1}, {4.9, 1}}));
    const RatioScale scale(units);
    QCOMPARE(scale.middle(), 5.0);
    QCOMPARE(scale.place(5), 0.5);
    QCOMPARE(scale.place(10), 1.0); // twice as much is an end
    QCOMPARE(scale.place(2.5), 0.0);
    QVERIFY(std::abs(scale.place(5.1) - 0.5) < 0.02);
}

void TestSaliencyMap::theScaleReachesItsEnds()
{
    const auto units = saliencyUnits(
        mapOf(model(u"llama-mha"_s), {{8, 1}, {1, 1}, {1, 8}, {1, 1}, {0, 1}, {1, 0}}));
    const RatioScale scale(units);
    QCOMPARE(scale.middle(), 1.0);
    QCOMPARE(scale.place(8), 1.0);
    QCOMPARE(scale.place(std::sqrt(8)), 0.75);
    QCOMPARE(scale.place(0.125), 0.0);
    QCOMPARE(scale.place(0), 0.0);
    QCOMPARE(scale.place(std::numeric_limits<double>::infinity()), 1.0);
}

QTEST_GUILESS_MAIN(TestSaliencyMap)
#include "tst_saliency_map.moc"
