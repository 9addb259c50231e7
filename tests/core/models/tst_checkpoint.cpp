#include "core/base/json.h"
#include "core/models/checkpoint.h"
#include "core/models/stored_tensor.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/safetensors_bytes.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <limits>

using namespace lacuna;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

const std::string kGate = "model.layers.1.mlp.gate_proj.weight"; // [12, 8]

std::unique_ptr<Decoder> savedModel(const std::filesystem::path& folder,
                                    at::ScalarType type = at::kFloat)
{
    auto decoder = tinyModel(tinyConfig(), at::kFloat);
    saveDecoder(*decoder, folder, type).value();
    return decoder;
}

Result<std::unique_ptr<Decoder>> loaded(const std::filesystem::path& folder,
                                        at::ScalarType type = at::kFloat)
{
    return loadDecoder(folder, at::kCPU, type);
}

/// Writes \p folder's weights again without the tensor kGate, or with \p other in its place.
void replaceGate(const std::filesystem::path& folder, const TensorToWrite* other)
{
    const auto path = folder / "model.safetensors";
    const SafetensorsFile file = SafetensorsFile::open(path).value();
    std::vector<TensorToWrite> tensors;
    for (const TensorEntry& entry : file.tensors())
        if (entry.name != kGate)
            tensors.push_back(copyOf(entry));
        else if (other)
            tensors.push_back(*other);
    writeSafetensors(path, tensors).value();
}

/// Round to nearest, ties to even, by the bits.
float roundedToBfloat16(float value)
{
    auto bits = std::bit_cast<std::uint32_t>(value);
    bits += 0x7FFF + ((bits >> 16) & 1);
    return std::bit_cast<float>(bits & 0xFFFF0000);
}

} // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void float32ComesBackBitForBit();
    void bfloat16IsRoundedToTheNearest();
    void theConfigSaysWhatIsStored();
    void aTiedModelHasNoHeadInItsFile();
    void aFloat64ModelLoadsTheSameNumbers();

    void aMissingTensorIsNamedWithItsShape();
    void anIllShapedTensorIsNamedWithBothShapes();
    void aTensorOfWholeNumbersIsRefused();
    void aConfigThatContradictsTheWeightsIsNamed();
    void moreTensorsThanAskedForAreNoHarm();
    void valuesThatAreNotFiniteAreRefused_data();
    void valuesThatAreNotFiniteAreRefused();
    void aFolderWithoutConfigIsRefused();
    void aCancelledLoadGivesNothing();

    void aDivergedModelIsNotSaved();
    void valuesTooLargeForTheTypeAreNotSaved();
    void aPlaceThatIsAFileIsRefused();
    void whatCannotBeWrittenLeavesTheOldModel();
};

void TestCheckpoint::float32ComesBackBitForBit()
{
    const TemporaryFolder folder;
    const auto decoder = savedModel(folder.file("model"));
    const auto again = std::move(loaded(folder.file("model"))).value();
    QCOMPARE(again->parameters().size(), decoder->parameters().size());
    for (const Parameter& parameter : decoder->parameters())
        QVERIFY2(parameter.master.equal(parameterNamed(*again, parameter.name).master),
                 parameter.name.c_str());
    const std::vector<std::int64_t> ids = randomIds(9, 5);
    QVERIFY(hiddenRows(*decoder, {ids}).equal(hiddenRows(*again, {ids})));
    // A second save of what was loaded is the same file.
    saveDecoder(*again, folder.file("again"), at::kFloat).value();
    for (const char* name : {"model.safetensors", "config.json"})
        QVERIFY(fileBytes(folder.file("again") / name) == fileBytes(folder.file("model") / name));
}

void TestCheckpoint::bfloat16IsRoundedToTheNearest()
{
    const TemporaryFolder folder;
    const auto decoder = savedModel(folder.file("model"), at::kBFloat16);
    const auto again = std::move(loaded(folder.file("model"))).value();
    for (const Parameter& parameter : decoder->parameters()) {
        const at::Tensor& stored = parameterNamed(*again, parameter.name).master;
        QCOMPARE(stored.scalar_type(), at::kFloat);
        for (std::int64_t i = 0; i < stored.numel(); ++i)
            QCOMPARE(stored.data_ptr<float>()[i],
                     roundedToBfloat16(parameter.master.data_ptr<float>()[i]));
    }
}

void TestCheckpoint::theConfigSaysWhatIsStored()
{
    const TemporaryFolder folder;
    for (const auto& [type, name] :
         {std::pair{at::kFloat, "float32"}, {at::kHalf, "float16"}, {at::kBFloat16, "bfloat16"}}) {
        savedModel(folder.file("model"), type);
        QCOMPARE(readJsonFile(folder.file("model") / "config.json").value()["torch_dtype"],
                 std::string(name));
        const WeightFiles weights = WeightFiles::open(folder.file("model")).value();
        QCOMPARE(weights.find(kGate)->type, elementType(type));
        QCOMPARE(weights.find(kGate)->bytes.size(), elementSize(elementType(type)) * 12 * 8);
    }
}

void TestCheckpoint::aTiedModelHasNoHeadInItsFile()
{
    const TemporaryFolder folder;
    DecoderConfig config = tinyConfig();
    config.tiedHead = true;
    saveDecoder(*tinyModel(config, at::kFloat), folder.file("model"), at::kFloat).value();
    QVERIFY(!WeightFiles::open(folder.file("model")).value().find("lm_head.weight"));
    const auto again = std::move(loaded(folder.file("model"))).value();
    QVERIFY(again->config().tiedHead);
    QCOMPARE(again->head().weight->name, std::string("model.embed_tokens.weight"));
}

void TestCheckpoint::aFloat64ModelLoadsTheSameNumbers()
{
    const TemporaryFolder folder;
    const auto decoder = savedModel(folder.file("model"));
    const auto wide = std::move(loaded(folder.file("model"), at::kDouble)).value();
    QCOMPARE(parameterNamed(*wide, kGate).master.scalar_type(), at::kDouble);
    QCOMPARE(largestDifference(parameterNamed(*wide, kGate).master,
                               parameterNamed(*decoder, kGate).master),
             0.0);
}

void TestCheckpoint::aMissingTensorIsNamedWithItsShape()
{
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    replaceGate(folder.file("model"), nullptr);
    const auto model = loaded(folder.file("model"));
    QVERIFY(!model);
    QCOMPARE(model.error().code, ErrorCode::Corrupt);
    QCOMPARE(shown(model.error().message), shown("the tensor " + kGate + " [12, 8] is missing"));
    QVERIFY(shown(model.error().context).endsWith(u"model"));
}

void TestCheckpoint::anIllShapedTensorIsNamedWithBothShapes()
{
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    const TensorToWrite turned = zeros(kGate, {8, 12});
    replaceGate(folder.file("model"), &turned);
    const auto model = loaded(folder.file("model"));
    QVERIFY(!model);
    const QString message = shown(model.error().message);
    QVERIFY2(message.contains(shown(kGate)) && message.contains(u"[8, 12]") &&
                 message.contains(u"[12, 8]"),
             model.error().message.c_str());
}

void TestCheckpoint::aTensorOfWholeNumbersIsRefused()
{
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    const TensorToWrite whole = zeros(kGate, {12, 8}, ElementType::I8);
    replaceGate(folder.file("model"), &whole);
    const auto model = loaded(folder.file("model"));
    QVERIFY(!model);
    QCOMPARE(model.error().code, ErrorCode::Unsupported);
    QVERIFY(shown(model.error().message).contains(u"I8"));
}

void TestCheckpoint::aConfigThatContradictsTheWeightsIsNamed()
{
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    const auto path = folder.file("model") / "config.json";
    Json config = readJsonFile(path).value();
    config["intermediate_size"] = 13;
    writeBytes(path, config.dump());
    const auto model = loaded(folder.file("model"));
    QVERIFY(!model);
    const QString message = shown(model.error().message);
    QVERIFY2(message.contains(u"mlp.gate_proj.weight") && message.contains(u"[12, 8]") &&
                 message.contains(u"[13, 8]"),
             model.error().message.c_str());
}

void TestCheckpoint::moreTensorsThanAskedForAreNoHarm()
{
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    const auto path = folder.file("model") / "config.json";
    Json config = readJsonFile(path).value();
    config["num_hidden_layers"] = 1;
    writeBytes(path, config.dump());
    QVERIFY(loaded(folder.file("model")));
}

void TestCheckpoint::valuesThatAreNotFiniteAreRefused_data()
{
    QTest::addColumn<double>("value");
    QTest::newRow("NaN") << kNan;
    QTest::newRow("infinity") << kInfinity;
    QTest::newRow("minus infinity") << -kInfinity;
}

void TestCheckpoint::valuesThatAreNotFiniteAreRefused()
{
    QFETCH(double, value);
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    TensorToWrite broken = zeros(kGate, {12, 8});
    broken.fill = [value](std::span<std::byte> out) {
        std::ranges::fill(out, std::byte{0});
        const auto single = static_cast<float>(value);
        std::memcpy(out.data() + 4 * 50, &single, sizeof single);
    };
    replaceGate(folder.file("model"), &broken);
    const auto model = loaded(folder.file("model"));
    QVERIFY(!model);
    QCOMPARE(model.error().code, ErrorCode::Corrupt);
    QVERIFY(shown(model.error().message).contains(shown(kGate)));
}

void TestCheckpoint::aFolderWithoutConfigIsRefused()
{
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    std::filesystem::remove(folder.file("model") / "config.json");
    const auto model = loaded(folder.file("model"));
    QVERIFY(!model);
    QCOMPARE(model.error().code, ErrorCode::NotFound);
    QVERIFY(shown(model.error().context).endsWith(u"config.json"));
}

void TestCheckpoint::aCancelledLoadGivesNothing()
{
    const TemporaryFolder folder;
    savedModel(folder.file("model"));
    int asked = 0;
    const auto model =
        loadDecoder(folder.file("model"), at::kCPU, at::kFloat, [&] { return ++asked == 3; });
    QVERIFY(model);
    QVERIFY(!*model);
    QCOMPARE(asked, 3);
}

void TestCheckpoint::aDivergedModelIsNotSaved()
{
    const TemporaryFolder folder;
    const auto decoder = tinyModel(tinyConfig(), at::kFloat);
    parameterNamed(*decoder, kGate).master.fill_(kNan);
    const Status status = saveDecoder(*decoder, folder.file("model"), at::kFloat);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
    QVERIFY(shown(status.error().message).contains(shown(kGate)));
    QVERIFY(!std::filesystem::exists(folder.file("model") / "model.safetensors"));
}

void TestCheckpoint::valuesTooLargeForTheTypeAreNotSaved()
{
    const TemporaryFolder folder;
    const auto decoder = tinyModel(tinyConfig(), at::kFloat);
    parameterNamed(*decoder, kGate).master.fill_(1e5);
    const Status status = saveDecoder(*decoder, folder.file("model"), at::kHalf);
    QVERIFY(!status);
    QVERIFY2(shown(status.error().message).contains(u"float16"), status.error().message.c_str());
    QVERIFY(saveDecoder(*decoder, folder.file("model"), at::kBFloat16));
}

void TestCheckpoint::aPlaceThatIsAFileIsRefused()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("file"), "x");
    const auto decoder = tinyModel(tinyConfig(), at::kFloat);
    const Status status = saveDecoder(*decoder, folder.file("file"), at::kFloat);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    QCOMPARE(fileBytes(folder.file("file")), std::string("x"));
}

void TestCheckpoint::whatCannotBeWrittenLeavesTheOldModel()
{
    const TemporaryFolder folder;
    const auto decoder = savedModel(folder.file("model"));
    // The name of the temporary file is taken by a folder.
    std::filesystem::create_directories(folder.file("model") / "model.safetensors.partial" / "x");
    const Status status = saveDecoder(*decoder, folder.file("model"), at::kBFloat16);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    QVERIFY(loaded(folder.file("model")));
}

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
