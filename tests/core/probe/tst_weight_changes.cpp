#include "core/probe/weight_changes.h"

#include "core/models/family.h"
#include "core/models/model_parts.h"
#include "core/probe/weight_source.h"
#include "tests/core/base/std_text.h"
#include "tests/core/exchange/model_folder.h"
#include "tests/support/model_folders.h"
#include "tests/support/test_main.h"

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

namespace fs = std::filesystem;

Result<std::optional<WeightChangeMap>> find(const fs::path& original, const fs::path& result)
{
    Progress progress;
    return findWeightChanges(original, result, progress);
}

WeightChangeMap found(const fs::path& original, const fs::path& result)
{
    return find(original, result).value().value();
}

/// Every weight of \p folder, by name.
std::map<std::string, std::vector<float>> weightsOf(const fs::path& folder)
{
    std::map<std::string, std::vector<float>> weights;
    const WeightFiles files = WeightFiles::open(folder).value();
    for (const std::string& name : files.names()) {
        const TensorEntry& entry = *files.find(name);
        std::vector<float>& values = weights[name];
        values.resize(static_cast<std::size_t>(entry.elementCount()));
        readFloats(entry.type, entry.bytes, values);
    }
    return weights;
}

/// \p from with every weight as \p change(name, index, value) says, saved as \p type.
template <class Change>
void writeChanged(const fs::path& from, const fs::path& to, ElementType type, const Change& change)
{
    copied(from, to);
    std::vector<TensorToWrite> out;
    const WeightFiles files = WeightFiles::open(from).value();
    const auto weights = weightsOf(from);
    for (const auto& [name, values] : weights)
        out.push_back({.name = name,
                       .type = type,
                       .shape = files.find(name)->shape,
                       .fill = [&, name = name, values = values](std::span<std::byte> bytes) {
                           std::vector<float> changed(values);
                           for (std::size_t i = 0; i < changed.size(); ++i)
                               changed[i] = change(name, i, changed[i]);
                           writeFloats(type, changed, bytes);
                       }});
    writeSafetensors(to / "model.safetensors", out, {{"format", "pt"}}).value();
}

const WeightChange& slotNamed(const WeightChangeMap& map, const std::string& name)
{
    const std::vector<WeightSlot> slots = weightSlots(map.config);
    const auto found = std::ranges::find(slots, name, &WeightSlot::name);
    return map.slots[static_cast<std::size_t>(found - slots.begin())];
}

const fs::path kStories = fs::path(TEST_DATA_DIR) / "models/stories260K";
const fs::path kSharded = fs::path(TEST_DATA_DIR) / "models/stories260K-bf16-sharded";

} // namespace

class TestWeightChanges : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aModelHasNotChangedAgainstItself();
    void aKnownChangeIsFoundWhereItIs();
    void partsAddUpToTheWhole();
    void theNumbersAreThoseOfASecondEvaluation();
    void roundingIsNoChange_data();
    void roundingIsNoChange();
    void shardsAndPrecisionMakeNoDifference();
    void anAdapterCountsAsMerged();
    void aTransposedMatrixTakesItsAdapterTurned();
    void whatDoesNotCompareIsRefused_data();
    void whatDoesNotCompareIsRefused();
    void cancelEnds();
};

void TestWeightChanges::aModelHasNotChangedAgainstItself()
{
    const WeightChangeMap map = found(kStories, kStories);
    QCOMPARE(map.slots.size(), weightSlots(map.config).size());
    QCOMPARE(map.whole().weights, map.config.parameterCount());
    QCOMPARE(map.whole().changed, std::int64_t{0});
    QCOMPARE(map.whole().relative(), 0.0);
    QVERIFY(map.whole().originalSquares > 0);
}

void TestWeightChanges::aKnownChangeIsFoundWhereItIs()
{
    const TemporaryFolder folder;
    const fs::path original = folder.file("original");
    const fs::path result = folder.file("result");
    ModelFolder().write(original);
    const std::string moved = "model.layers.0.mlp.up_proj.weight";
    // Five of its 48 numbers by 3, one of them by -4 more.
    writeChanged(original, result, ElementType::F32,
                 [&](const std::string& name, std::size_t i, float value) {
                     return name == moved && i < 5 ? value + (i == 2 ? -1.0F : 3.0F) : value;
                 });
    const WeightChangeMap map = found(original, result);
    const WeightChange& change = slotNamed(map, moved);
    QCOMPARE(change.weights, std::int64_t{48});
    QCOMPARE(change.changed, std::int64_t{5});
    QCOMPARE(change.changedShare(), 5.0 / 48.0);
    QCOMPARE(change.changeSquares, 4 * 9.0 + 1.0);
    QCOMPARE(change.largest, 3.0);
    double squares = 0;
    const auto before = weightsOf(original);
    for (const float value : before.at(moved))
        squares += static_cast<double>(value) * value;
    QCOMPARE(change.relative(), std::sqrt(37.0 / squares));
    for (const WeightChange& other : map.slots)
        if (&other != &change)
            QCOMPARE(other.changeSquares, 0.0);
}

void TestWeightChanges::partsAddUpToTheWhole()
{
    const TemporaryFolder folder;
    const fs::path result = folder.file("result");
    writeChanged(kStories, result, ElementType::F32,
                 [](const std::string&, std::size_t i, float value) {
                     return i % 3 == 0 ? value * 1.5F : value;
                 });
    const WeightChangeMap map = found(kStories, result);
    WeightChange sum;
    for (const ModelPart& part : modelParts(map.config))
        sum += map.of(part.slots);
    QCOMPARE(sum.weights, map.whole().weights);
    QCOMPARE(sum.changed, map.whole().changed);
    QVERIFY(std::abs(sum.changeSquares / map.whole().changeSquares - 1) < 1e-12);
    QCOMPARE(sum.largest, map.whole().largest);
}

void TestWeightChanges::theNumbersAreThoseOfASecondEvaluation()
{
    const TemporaryFolder folder;
    const fs::path result = folder.file("result");
    writeChanged(kStories, result, ElementType::F32,
                 [](const std::string& name, std::size_t i, float value) {
                     return value +
                            0.01F * static_cast<float>(i % 7) * static_cast<float>(name.size() % 5);
                 });
    const WeightChangeMap map = found(kStories, result);
    const auto before = weightsOf(kStories);
    const auto after = weightsOf(result);
    for (const WeightSlot& slot : weightSlots(map.config)) {
        const std::vector<float>& a = before.at(slot.name);
        const std::vector<float>& b = after.at(slot.name);
        double moved = 0;
        double size = 0;
        std::int64_t changed = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            moved += std::pow(static_cast<double>(b[i]) - a[i], 2);
            size += std::pow(static_cast<double>(a[i]), 2);
            changed += a[i] != b[i] ? 1 : 0;
        }
        const WeightChange& change = slotNamed(map, slot.name);
        QCOMPARE(change.changed, changed);
        QVERIFY(std::abs(change.relative() - std::sqrt(moved / size)) <
                1e-12 * (1 + change.relative()));
    }
}

void TestWeightChanges::roundingIsNoChange_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<float>("factor");
    QTest::addColumn<bool>("changes");
    const int half = static_cast<int>(ElementType::F16);
    const int brain = static_cast<int>(ElementType::BF16);
    const int full = static_cast<int>(ElementType::F32);
    QTest::newRow("saved in bfloat16") << brain << 1.0F << false;
    QTest::newRow("saved in half precision") << half << 1.0F << false;
    QTest::newRow("a step of float32") << full << 1.000001F << true;
    QTest::newRow("a step that bfloat16 does not see") << brain << 1.000001F << false;
    QTest::newRow("a step that bfloat16 sees") << brain << 1.02F << true;
}

void TestWeightChanges::roundingIsNoChange()
{
    QFETCH(int, type);
    QFETCH(float, factor);
    QFETCH(bool, changes);
    const TemporaryFolder folder;
    const fs::path result = folder.file("result");
    writeChanged(kStories, result, static_cast<ElementType>(type),
                 [&](const std::string&, std::size_t, float value) { return value * factor; });
    const WeightChange whole = found(kStories, result).whole();
    QVERIFY(whole.changeSquares > 0); // the numbers themselves differ in every case
    if (changes)
        QVERIFY2(whole.changedShare() > 0.9, qPrintable(QString::number(whole.changedShare())));
    else
        QVERIFY2(whole.changedShare() < 1e-3, qPrintable(QString::number(whole.changedShare())));
    QVERIFY(whole.relative() < 0.025);
}

void TestWeightChanges::shardsAndPrecisionMakeNoDifference()
{
    const WeightChange whole = found(kStories, kSharded).whole();
    QCOMPARE(whole.changed, std::int64_t{0});
    // bfloat16 keeps 8 bits: half a step is 2^-9 of a number at most.
    QVERIFY(whole.relative() > 0 && whole.relative() < 1.0 / 512);
}

void TestWeightChanges::anAdapterCountsAsMerged()
{
    const TemporaryFolder folder;
    const fs::path adapter = smallAdapter(folder.file("adapter"), 2);
    const std::string module = "model.layers.0.mlp.gate_proj";
    const double scale = readLoraConfig(adapter).value().scale(2);
    const SafetensorsFile file = SafetensorsFile::open(adapter / kAdapterWeights).value();
    const auto values = [&](char matrix) {
        const TensorEntry& entry = *file.find(loraName(module, matrix));
        std::vector<float> out(static_cast<std::size_t>(entry.elementCount()));
        readFloats(entry.type, entry.bytes, out);
        return out;
    };
    const std::vector<float> a = values('A'); // [2, 64]
    const std::vector<float> b = values('B'); // [172, 2]
    double squares = 0;
    for (std::size_t i = 0; i < 172; ++i)
        for (std::size_t j = 0; j < 64; ++j)
            squares += std::pow(scale * (static_cast<double>(b[2 * i]) * a[j] +
                                         static_cast<double>(b[2 * i + 1]) * a[64 + j]),
                                2);
    const WeightChangeMap map = found(kStories, adapter);
    const WeightChange& change = slotNamed(map, module + ".weight");
    QVERIFY(squares > 1);
    QVERIFY(std::abs(change.changeSquares / squares - 1) < 1e-5); // summed in float32
    QVERIFY(std::abs(map.whole().changeSquares / squares - 1) < 1e-5);
}

void TestWeightChanges::aTransposedMatrixTakesItsAdapterTurned()
{
    const TemporaryFolder folder;
    const fs::path base = fs::path(TEST_DATA_DIR) / "golden/hf-parity/gpt2";
    const std::string module = "transformer.h.0.attn.c_attn";
    const WeightFiles files = WeightFiles::open(base).value();
    const TensorEntry* weight = files.find(module + ".weight");
    if (!weight)
        weight = files.find("h.0.attn.c_attn.weight");
    const std::int64_t in = weight->shape[0];
    const std::int64_t out = weight->shape[1];
    const fs::path adapter = folder.file("adapter");
    fs::create_directories(adapter);
    writeLoraConfig(
        {.rank = 1, .alpha = 1, .baseModel = base, .modules = {"c_attn"}, .transposed = true},
        adapter)
        .value();
    // B A is 1 at one place, and half precision keeps the base's numbers to the last bit apart.
    const auto unit = [](std::string name, std::vector<std::int64_t> shape, std::size_t place) {
        return TensorToWrite{.name = std::move(name),
                             .type = ElementType::F32,
                             .shape = std::move(shape),
                             .fill = [place](std::span<std::byte> bytes) {
                                 std::vector<float> values(bytes.size() / sizeof(float));
                                 values[place] = 1;
                                 writeFloats(ElementType::F32, values, bytes);
                             }};
    };
    writeSafetensors(adapter / kAdapterWeights, {unit(loraName(module, 'A'), {1, in}, 3),
                                                 unit(loraName(module, 'B'), {out, 1}, 5)})
        .value();
    const WeightChangeMap map = found(base, adapter);
    QCOMPARE(map.whole().changed, std::int64_t{1});
    QVERIFY(std::abs(map.whole().changeSquares - 1) < 1e-5);
    QCOMPARE(slotNamed(map, module + ".weight").changed, std::int64_t{1});
    // Where the matrix as it is stored, [in, out], has it: row 3, column 5.
    const WeightSource source = WeightSource::open(adapter).value();
    const WeightSource original = WeightSource::open(base).value();
    for (const WeightSlot& slot : weightSlots(map.config)) {
        if (slot.name != module + ".weight")
            continue;
        std::vector<float> with(static_cast<std::size_t>(out));
        std::vector<float> without(with.size());
        source.slot(slot).value().read(3, 1, with);
        original.slot(slot).value().read(3, 1, without);
        QVERIFY(std::abs(with[5] - without[5] - 1) < 1e-5F);
    }
}

void TestWeightChanges::whatDoesNotCompareIsRefused_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("says");
    QTest::newRow("another family") << u"family"_s << u"one is llama, the other gpt2"_s;
    QTest::newRow("another shape") << u"shape"_s << u"one has model.embed_tokens.weight"_s;
    QTest::newRow("no folder") << u"nowhere"_s << u"/nowhere"_s;
    QTest::newRow("a weight is missing") << u"missing"_s << u"is not in its weight files"_s;
    QTest::newRow("whole numbers") << u"integers"_s << u"whole numbers"_s;
}

void TestWeightChanges::whatDoesNotCompareIsRefused()
{
    QFETCH(QString, what);
    QFETCH(QString, says);
    const TemporaryFolder folder;
    const fs::path original = folder.file("original");
    ModelFolder model;
    model.write(original);
    fs::path result = folder.file("result");
    if (what == u"missing"_s)
        std::erase_if(model.tensors,
                      [](const TensorPlace& place) { return place.name == "model.norm.weight"; });
    if (what == u"integers"_s)
        model.tensor("model.norm.weight").type = ElementType::I32;
    model.write(result);
    if (what == u"family"_s)
        result = fs::path(TEST_DATA_DIR) / "golden/hf-parity/gpt2";
    if (what == u"shape"_s)
        result = kStories;
    if (what == u"nowhere"_s)
        result = "/nowhere";
    const auto outcome = find(original, result);
    QVERIFY(!outcome);
    QVERIFY2(shown(outcome.error().text()).contains(says), outcome.error().text().c_str());
}

void TestWeightChanges::cancelEnds()
{
    std::stop_source stop;
    std::uint64_t last = 0;
    Progress whole({}, [&](std::string_view, std::uint64_t done, std::uint64_t total) {
        QVERIFY(done <= total);
        last = total - done;
    });
    QVERIFY(findWeightChanges(kStories, kSharded, whole).value());
    QCOMPARE(last, std::uint64_t{0});
    Progress cut(stop.get_token(), [&](std::string_view, std::uint64_t done, std::uint64_t) {
        if (done > 0)
            stop.request_stop();
    });
    QVERIFY(!findWeightChanges(kStories, kSharded, cut).value());
}

LACUNA_TEST_MAIN(TestWeightChanges)
#include "tst_weight_changes.moc"
