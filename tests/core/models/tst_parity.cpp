#include "core/base/json.h"
#include "core/models/safetensors.h"
#include "core/run/verify.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/safetensors_bytes.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cstring>
#include <limits>

using namespace lacuna;

namespace {

const std::filesystem::path kData = TEST_DATA_DIR;
const std::filesystem::path kSmall = kData / "golden/hf-parity/llama3-rope";
const std::filesystem::path kReplayed = kData / "golden/hf-parity/llama-mha";
const std::filesystem::path kTrajectory = kData / "golden/trajectories/llama-mha.json";

struct Verdict {
    int compared = 0;
    QStringList failed; ///< "quantity: difference ..."
    QStringList quantities;

    ComparisonSink sink()
    {
        return [this](const Comparison& comparison) {
            ++compared;
            quantities << shown(comparison.quantity);
            if (!comparison.passed)
                failed << QStringLiteral("%1: differs by %2, %3 times what is allowed")
                              .arg(shown(comparison.quantity))
                              .arg(comparison.difference)
                              .arg(comparison.worst);
        };
    }
};

} // namespace

/// Right numbers: what was recorded with another program comes out of this one.
class TestParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyQuantityAgrees_data();
    void everyQuantityAgrees();
    void bfloat16AgreesWithinItsRounding_data() { everyQuantityAgrees_data(); }
    void bfloat16AgreesWithinItsRounding();
    void aTrainedModelAgrees();
    void trainingWithEveryMethodAgrees_data();
    void trainingWithEveryMethodAgrees();

    void aWrongNumberFails_data();
    void aWrongNumberFails();
    void aWrongTensorFails_data();
    void aWrongTensorFails();
    void aWrongStepOfTrainingFails_data();
    void aWrongStepOfTrainingFails();
    void aMissingRecordIsNamed();
    void valuesOfAnotherModelAreRefused_data();
    void valuesOfAnotherModelAreRefused();
    void aTensorOfAnotherShapeIsRefused();
    void aSpoiltRecordIsRefused_data();
    void aSpoiltRecordIsRefused();
};

void TestParity::everyQuantityAgrees_data()
{
    QTest::addColumn<QString>("folder");
    for (const char* folder :
         {"llama-mha", "llama-gqa-tied", "llama3-rope", "llama-linear-bias", "llama-bf16-sharded",
          "mistral-full", "mistral-window", "qwen2", "qwen2-tied", "opt-pre", "opt-post-proj",
          "gpt2", "gpt_neox", "gpt_neox-sequential", "phi"})
        QTest::newRow(folder) << folder;
}

void TestParity::everyQuantityAgrees()
{
    QFETCH(QString, folder);
    const auto path = kData / "golden/hf-parity" / folder.toStdString();
    Verdict verdict;

    verifyModel(path, path, VerifyPrecision::Float32, verdict.sink()).value();

    QVERIFY2(verdict.failed.isEmpty(), qPrintable(verdict.failed.join(u'\n')));
    // Three passes, every block, the gradients of one, two trainings, three continuations.
    QVERIFY2(verdict.compared >= 25, qPrintable(verdict.quantities.join(u'\n')));
    for (const char* quantity :
         {"unpadded logits", "left_padded loss", "right_padded token log-probabilities",
          "gradient norm in all", "SGD losses", "AdamW losses", "greedy text, with_eos"})
        QVERIFY2(verdict.quantities.contains(QLatin1String(quantity)), quantity);
}

void TestParity::bfloat16AgreesWithinItsRounding()
{
    QFETCH(QString, folder);
    const auto path = kData / "golden/hf-parity" / folder.toStdString();
    Verdict verdict;
    verifyModel(path, path, VerifyPrecision::BFloat16, verdict.sink()).value();
    QVERIFY2(verdict.failed.isEmpty(), qPrintable(verdict.failed.join(u'\n')));
    QVERIFY(verdict.quantities.contains(QLatin1String("unpadded logits")));
    QVERIFY(verdict.quantities.contains(QLatin1String("gradient norm in all")));
}

void TestParity::aTrainedModelAgrees()
{
    const auto path = kData / "models/stories260K";
    Verdict verdict;
    verifyModel(path, path, VerifyPrecision::Float32, verdict.sink()).value();
    QVERIFY2(verdict.failed.isEmpty(), qPrintable(verdict.failed.join(u'\n')));
    QCOMPARE(verdict.compared, 4);
}

void TestParity::trainingWithEveryMethodAgrees_data()
{
    QTest::addColumn<QString>("model");
    QTest::newRow("llama") << "llama-mha";
    QTest::newRow("gpt2") << "gpt2";
}

void TestParity::trainingWithEveryMethodAgrees()
{
    QFETCH(QString, model);
    Verdict verdict;
    const auto record = kData / "golden/trajectories" / (model.toStdString() + ".json");
    verifyTrajectory(kData / "golden/hf-parity" / model.toStdString(), record, verdict.sink())
        .value();
    QVERIFY2(verdict.failed.isEmpty(), qPrintable(verdict.failed.join(u'\n')));
    for (const auto& [method, values] : readJsonFile(record).value().at("methods").items())
        for (const char* quantity : {" losses", " gradient norms"})
            QVERIFY2(verdict.quantities.contains(shown(method + quantity)), method.c_str());
}

void TestParity::aWrongNumberFails_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<double>("change");
    QTest::addColumn<QString>("quantity");
    QTest::newRow("loss") << "/unpadded/loss" << 2e-4 << "unpadded loss";
    QTest::newRow("sum") << "/right_padded/sum_logprob/1" << 5e-3
                         << "right_padded sequence log-probabilities";
    QTest::newRow("norm of one gradient")
        << "/grad/model.norm.weight/l2" << 1e-2 << "gradient norm of every parameter";
    QTest::newRow("norm of all") << "/grad_total_l2" << 1e-2 << "gradient norm in all";
    QTest::newRow("sixth loss of SGD") << "/train_sgd/losses/5" << 5e-3 << "SGD losses";
    QTest::newRow("sixth loss of AdamW") << "/train_adamw/losses/5" << 5e-3 << "AdamW losses";
    QTest::newRow("last greedy token")
        << "/generation/left_padded/continuation/1/15" << 1.0 << "greedy text, left_padded";
}

void TestParity::aWrongNumberFails()
{
    QFETCH(QString, pointer);
    QFETCH(double, change);
    QFETCH(QString, quantity);
    const TemporaryFolder folder;
    Json record = readJsonFile(kSmall / "expected.json").value();
    Json& number = record.at(Json::json_pointer(pointer.toStdString()));
    if (number.is_number_integer())
        number = number.get<std::int64_t>() + static_cast<std::int64_t>(change);
    else
        number = number.get<double>() + change;
    writeBytes(folder.file("expected.json"), record.dump());
    std::filesystem::copy_file(kSmall / "expected.safetensors",
                               folder.file("expected.safetensors"));
    Verdict verdict;

    verifyModel(kSmall, folder.file(""), VerifyPrecision::Float32, verdict.sink()).value();

    QCOMPARE(verdict.failed.size(), 1);
    QVERIFY2(verdict.failed.front().startsWith(quantity), qPrintable(verdict.failed.front()));
}

void TestParity::aWrongTensorFails_data()
{
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<float>("value");
    QTest::addColumn<QString>("quantity");
    const float nan = std::numeric_limits<float>::quiet_NaN();
    QTest::newRow("logit") << "logits" << 9.0F << "unpadded logits";
    QTest::newRow("logit that is no number") << "logits" << nan << "unpadded logits";
    QTest::newRow("block") << "block_outputs" << 9.0F << "block output 0";
    QTest::newRow("embedding") << "block_input" << 9.0F << "block input";
    QTest::newRow("last rows") << "head_input" << 9.0F << "head input";
    QTest::newRow("gradient") << "grad.model.layers.0.self_attn.q_proj.weight" << 9.0F
                              << "gradient of model.layers.0.self_attn.q_proj.weight";
}

void TestParity::aWrongTensorFails()
{
    QFETCH(QString, tensor);
    QFETCH(float, value);
    QFETCH(QString, quantity);
    const TemporaryFolder folder;
    const SafetensorsFile file = SafetensorsFile::open(kSmall / "expected.safetensors").value();
    QVERIFY(file.find(tensor.toStdString()));
    std::vector<TensorToWrite> tensors;
    for (const TensorEntry& entry : file.tensors()) {
        tensors.push_back(copyOf(entry));
        if (entry.name == tensor.toStdString())
            tensors.back().fill = [entry, value](std::span<std::byte> out) {
                std::ranges::copy(entry.bytes, out.begin());
                std::memcpy(out.data(), &value, sizeof value);
            };
    }
    writeSafetensors(folder.file("expected.safetensors"), tensors).value();
    std::filesystem::copy_file(kSmall / "expected.json", folder.file("expected.json"));
    Verdict verdict;

    verifyModel(kSmall, folder.file(""), VerifyPrecision::Float32, verdict.sink()).value();

    QCOMPARE(verdict.failed.size(), 1);
    QVERIFY2(verdict.failed.front().startsWith(quantity), qPrintable(verdict.failed.front()));
}

void TestParity::aWrongStepOfTrainingFails_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("list");
    QTest::addColumn<QString>("quantity");
    QTest::newRow("loss") << "ga"
                          << "losses"
                          << "ga losses";
    QTest::newRow("norm") << "npo"
                          << "grad_l2"
                          << "npo gradient norms";
}

void TestParity::aWrongStepOfTrainingFails()
{
    QFETCH(QString, method);
    QFETCH(QString, list);
    QFETCH(QString, quantity);
    const TemporaryFolder folder;
    Json document = readJsonFile(kTrajectory).value();
    const Json only = document["methods"][method.toStdString()];
    document["methods"] = {{method.toStdString(), only}};
    Json& last = document["methods"][method.toStdString()][list.toStdString()].back();
    last = last.get<double>() * 1.01;
    writeBytes(folder.file("t.json"), document.dump());
    Verdict verdict;

    verifyTrajectory(kReplayed, folder.file("t.json"), verdict.sink()).value();

    QCOMPARE(verdict.failed.size(), 1);
    QVERIFY2(verdict.failed.front().startsWith(quantity), qPrintable(verdict.failed.front()));
}

void TestParity::aMissingRecordIsNamed()
{
    const TemporaryFolder folder;
    Verdict verdict;
    QCOMPARE(
        verifyModel(kSmall, folder.file(""), VerifyPrecision::Float32, verdict.sink()).error().code,
        ErrorCode::NotFound);
    writeBytes(folder.file("expected.json"), "{}");
    const Status status =
        verifyModel(kSmall, folder.file(""), VerifyPrecision::Float32, verdict.sink());
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Corrupt);
    QVERIFY(shown(status.error().context).endsWith(u"expected.json"));
}

void TestParity::valuesOfAnotherModelAreRefused_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("recorded");
    QTest::addColumn<QString>("message");
    QTest::newRow("vocabulary") << "llama3-rope"
                                << "llama-bf16-sharded"
                                << "\"logits\" has shape [2, 24, 97] for this model, but "
                                   "[2, 24, 107] was recorded";
    QTest::newRow("as many tokens, other blocks")
        << "mistral-full"
        << "mistral-window"
        << "\"gradient of model.layers.0.mlp.gate_proj.weight\" has shape [64, 32] for this model, "
           "but [80, 32] was recorded";
    QTest::newRow("text of a model with more tokens")
        << "llama3-rope"
        << "../../models/stories260K"
        << "\"prompt_ids\" holds the token id 403, but this model has 97 tokens";
    QTest::newRow("training of a model with more tokens")
        << "llama3-rope"
        << "../trajectories/llama-mha.json"
        << "\"forget input_ids\" holds the token id 111, but this model has 97 tokens";
}

void TestParity::valuesOfAnotherModelAreRefused()
{
    QFETCH(QString, model);
    QFETCH(QString, recorded);
    QFETCH(QString, message);
    const auto folder = kData / "golden/hf-parity";
    const auto path = folder / recorded.toStdString();
    Verdict verdict;

    const Status status = path.extension() == ".json"
                              ? verifyTrajectory(folder / model.toStdString(), path, verdict.sink())
                              : verifyModel(folder / model.toStdString(), path,
                                            VerifyPrecision::Float32, verdict.sink());

    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(shown(status.error().message), message);
    QVERIFY(shown(status.error().context).contains(u".json"));
}

void TestParity::aTensorOfAnotherShapeIsRefused()
{
    const TemporaryFolder folder;
    const SafetensorsFile file = SafetensorsFile::open(kSmall / "expected.safetensors").value();
    std::vector<TensorToWrite> tensors;
    for (const TensorEntry& entry : file.tensors())
        tensors.push_back(entry.name == "labels" ? zeros("labels", {2, 23}, ElementType::I64)
                                                 : copyOf(entry));
    writeSafetensors(folder.file("expected.safetensors"), tensors).value();
    std::filesystem::copy_file(kSmall / "expected.json", folder.file("expected.json"));
    Verdict verdict;

    const Status status =
        verifyModel(kSmall, folder.file(""), VerifyPrecision::Float32, verdict.sink());

    QVERIFY(!status);
    QCOMPARE(shown(status.error().message),
             u"\"labels\" has shape [2, 24] for this model, but [2, 23] was recorded");
}

void TestParity::aSpoiltRecordIsRefused_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("message");
    QTest::newRow("a sum too many")
        << "/unpadded/sum_logprob"
        << "[1, 2, 3]"
        << "\"unpadded sequence log-probabilities\" has shape [2] for this model, but [3] was "
           "recorded";
    QTest::newRow("a prompt without tokens") << "/generation/with_eos/input_ids"
                                             << "[[]]"
                                             << "\"with_eos input_ids\" holds no token";
    QTest::newRow("a mask too short")
        << "/generation/left_padded/attention_mask/0"
        << "[1]"
        << "\"left_padded attention_mask of row 0\" has shape [9] for this model, but [1] was "
           "recorded";
    QTest::newRow("gradients of nothing") << "/grad"
                                          << "{}"
                                          << "nothing was recorded of \"gradient norm of every "
                                             "parameter\" that this model has";
}

void TestParity::aSpoiltRecordIsRefused()
{
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, message);
    const TemporaryFolder folder;
    Json record = readJsonFile(kSmall / "expected.json").value();
    record.at(Json::json_pointer(pointer.toStdString())) = Json::parse(value.toStdString());
    writeBytes(folder.file("expected.json"), record.dump());
    std::filesystem::copy_file(kSmall / "expected.safetensors",
                               folder.file("expected.safetensors"));
    Verdict verdict;

    const Status status =
        verifyModel(kSmall, folder.file(""), VerifyPrecision::Float32, verdict.sink());

    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(shown(status.error().message), message);
}

QTEST_GUILESS_MAIN(TestParity)
#include "tst_parity.moc"
