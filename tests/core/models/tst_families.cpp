#include "core/models/family.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <numbers>

using namespace lacuna;

namespace {

const std::filesystem::path kParity = std::filesystem::path(TEST_DATA_DIR) / "golden/hf-parity";

Json recorded(const std::string& folder, const char* file)
{
    return readJsonFile(kParity / folder / file).value();
}

DecoderConfig described(const std::string& folder)
{
    return readDecoderConfig(recorded(folder, "config.json"), "config.json").value();
}

/// Every member, for comparison.
QString allOf(const DecoderConfig& c)
{
    const auto text = [](const auto& value) { return shown(Json(value).dump()); };
    return QStringList{shown(c.family),
                       shown(c.architecture),
                       text(std::vector{c.vocabulary, c.width, c.layers, c.heads, c.kvHeads,
                                        c.headDim, c.mlpWidth, c.context, c.bosId, c.padId}),
                       text(c.eosIds),
                       text(std::vector{c.normEps, c.initializerRange, c.rope.theta, c.rope.factor,
                                        c.rope.lowFrequencyFactor, c.rope.highFrequencyFactor,
                                        c.rope.originalContext}),
                       text(static_cast<int>(c.rope.scaling)),
                       text(std::vector{c.tiedHead, c.attentionBias, c.mlpBias}),
                       text(c.slidingWindow.value_or(0)),
                       shown(c.storedType)}
        .join(u'\n');
}

DecoderConfig readBack(const DecoderConfig& config)
{
    const FamilyInfo* family = families().find(config.family).value();
    return readDecoderConfig(Json::parse(family->write(config).dump()), "config.json").value();
}

/// llama-mha's config with \p patch (RFC 7396) applied: null takes a key away.
Json patched(const QByteArray& patch)
{
    Json config = recorded("llama-mha", "config.json");
    config.merge_patch(Json::parse(patch.toStdString()));
    return config;
}

void addFolders()
{
    QTest::addColumn<QString>("folder");
    for (const char* folder : {"llama-mha", "llama-gqa-tied", "llama3-rope", "llama-linear-bias",
                               "llama-bf16-sharded", "mistral-full", "mistral-window"})
        QTest::newRow(folder) << folder;
}

} // namespace

class TestFamilies : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sizesAreThoseOfTheConfig_data() { addFolders(); }
    void sizesAreThoseOfTheConfig();
    void whatIsWrittenReadsTheSame_data() { addFolders(); }
    void whatIsWrittenReadsTheSame();
    void parametersAreCountedAsRecorded_data() { addFolders(); }
    void parametersAreCountedAsRecorded();

    void ropeScalingIsRead();
    void aSlidingWindowIsRead();
    void absentKeysTakeTheUsualValues();
    void endOfTextMayBeSeveralTokens();
    void theTypeOfModelStandsInForTheArchitecture();

    void aWrongValueIsNamed_data();
    void aWrongValueIsNamed();
    void whatIsNotImplementedIsNamed_data();
    void whatIsNotImplementedIsNamed();
    void theLargestSizesCanStillBeCounted();

    void linearScalingStretchesEveryWave();
    void llama3ScalingKeepsShortWaves();
    void everyFamilyWritesWhatItReads();
};

void TestFamilies::sizesAreThoseOfTheConfig()
{
    QFETCH(QString, folder);
    const Json json = recorded(folder.toStdString(), "config.json");
    const DecoderConfig config = described(folder.toStdString());
    QCOMPARE(config.vocabulary, json["vocab_size"].get<std::int64_t>());
    QCOMPARE(config.width, json["hidden_size"].get<std::int64_t>());
    QCOMPARE(config.layers, json["num_hidden_layers"].get<std::int64_t>());
    QCOMPARE(config.heads, json["num_attention_heads"].get<std::int64_t>());
    QCOMPARE(config.kvHeads, json["num_key_value_heads"].get<std::int64_t>());
    QCOMPARE(config.headDim, json["head_dim"].get<std::int64_t>());
    QCOMPARE(config.mlpWidth, json["intermediate_size"].get<std::int64_t>());
    QCOMPARE(config.context, json["max_position_embeddings"].get<std::int64_t>());
    QCOMPARE(config.normEps, json["rms_norm_eps"].get<double>());
    QCOMPARE(config.rope.theta, json["rope_theta"].get<double>());
    QCOMPARE(config.tiedHead, json["tie_word_embeddings"].get<bool>());
    QCOMPARE(config.attentionBias, json.value("attention_bias", false));
    QCOMPARE(config.mlpBias, json.value("mlp_bias", false));
    QCOMPARE(config.storedType, json["torch_dtype"].get<std::string>());
    QCOMPARE(config.architecture, json["architectures"][0].get<std::string>());
    QCOMPARE(config.family, json["model_type"].get<std::string>());
    QCOMPARE(config.bosId, std::int64_t{-1});
    QVERIFY(config.eosIds.empty());
}

void TestFamilies::whatIsWrittenReadsTheSame()
{
    QFETCH(QString, folder);
    DecoderConfig config = described(folder.toStdString());
    QCOMPARE(allOf(readBack(config)), allOf(config));
    config.bosId = 1;
    config.padId = 0;
    config.eosIds = {2, 3};
    config.normEps = 0.1;
    QCOMPARE(allOf(readBack(config)), allOf(config));
}

void TestFamilies::parametersAreCountedAsRecorded()
{
    QFETCH(QString, folder);
    const Json expected = recorded(folder.toStdString(), "expected.json");
    QCOMPARE(described(folder.toStdString()).parameterCount(),
             expected["n_parameters"].get<std::int64_t>());
}

void TestFamilies::ropeScalingIsRead()
{
    const RopeConfig linear = described("llama-linear-bias").rope;
    QCOMPARE(linear.scaling, RopeScaling::Linear);
    QCOMPARE(linear.factor, 4.0);
    const RopeConfig llama3 = described("llama3-rope").rope;
    QCOMPARE(llama3.scaling, RopeScaling::Llama3);
    QCOMPARE(llama3.factor, 8.0);
    QCOMPARE(llama3.lowFrequencyFactor, 1.0);
    QCOMPARE(llama3.highFrequencyFactor, 4.0);
    QCOMPARE(llama3.originalContext, 64.0);
    const RopeConfig newer = readDecoderConfig(patched(R"({"rope_theta": null, "rope_parameters":
        {"rope_type": "linear", "factor": 2.0, "rope_theta": 5000.0}})"),
                                               "")
                                 .value()
                                 .rope;
    QCOMPARE(newer.scaling, RopeScaling::Linear);
    QCOMPARE(newer.factor, 2.0);
    QCOMPARE(newer.theta, 5000.0);
    QCOMPARE(described("llama-mha").rope.scaling, RopeScaling::None);
}

void TestFamilies::aSlidingWindowIsRead()
{
    QCOMPARE(described("mistral-window").slidingWindow, std::optional<std::int64_t>(7));
    QVERIFY(!described("mistral-full").slidingWindow);
    QVERIFY(!described("llama-mha").slidingWindow);
    Json config = recorded("mistral-full", "config.json");
    config.erase("sliding_window");
    QCOMPARE(readDecoderConfig(config, "").value().slidingWindow,
             std::optional<std::int64_t>(4096));
}

void TestFamilies::absentKeysTakeTheUsualValues()
{
    const DecoderConfig config = readDecoderConfig(Json{{"architectures", {"LlamaForCausalLM"}},
                                                        {"vocab_size", 10},
                                                        {"hidden_size", 12},
                                                        {"num_hidden_layers", 1},
                                                        {"num_attention_heads", 3},
                                                        {"intermediate_size", 5},
                                                        {"head_dim", nullptr}},
                                                   "")
                                     .value();
    QCOMPARE(config.kvHeads, std::int64_t{3});
    QCOMPARE(config.headDim, std::int64_t{4});
    QCOMPARE(config.context, std::int64_t{2048});
    QCOMPARE(config.normEps, 1e-6);
    QCOMPARE(config.rope.theta, 10000.0);
    QVERIFY(!config.tiedHead);
    QCOMPARE(config.padId, std::int64_t{-1});
    QVERIFY(config.storedType.empty());
}

void TestFamilies::endOfTextMayBeSeveralTokens()
{
    const auto ids = [](const QByteArray& patch) {
        return readDecoderConfig(patched(patch), "").value().eosIds;
    };
    QCOMPARE(ids(R"({"eos_token_id": 2})"), std::vector<std::int64_t>{2});
    QCOMPARE(ids(R"({"eos_token_id": [5, 7]})"), (std::vector<std::int64_t>{5, 7}));
    QCOMPARE(ids(R"({"eos_token_id": null})"), std::vector<std::int64_t>{});
}

void TestFamilies::theTypeOfModelStandsInForTheArchitecture()
{
    const DecoderConfig config =
        readDecoderConfig(patched(R"({"architectures": null})"), "").value();
    QCOMPARE(config.family, std::string("llama"));
    QCOMPARE(config.architecture, std::string("LlamaForCausalLM"));
}

void TestFamilies::aWrongValueIsNamed_data()
{
    QTest::addColumn<QByteArray>("patch");
    QTest::addColumn<QString>("key");
    const auto row = [](const char* patch, const char* key) {
        QTest::newRow(patch) << QByteArray(patch) << QString::fromLatin1(key);
    };
    for (const char* key : {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
                            "intermediate_size"})
        for (const char* value :
             {"null", "0", "-3", "1.5", "\"32\"", "[]", "1e18", "18446744073709551615", "4194305"})
            row(qPrintable(
                    QStringLiteral("{\"%1\": %2}").arg(QLatin1String(key), QLatin1String(value))),
                key);
    row(R"({"num_hidden_layers": 4097})", "num_hidden_layers");
    row(R"({"num_key_value_heads": 0})", "num_key_value_heads");
    row(R"({"num_key_value_heads": 3})", "num_key_value_heads");
    row(R"({"max_position_embeddings": -1})", "max_position_embeddings");
    row(R"({"head_dim": 7})", "head_dim");
    row(R"({"head_dim": 0})", "head_dim");
    row(R"({"head_dim": 4194304})", "head_dim");
    row(R"({"head_dim": null, "hidden_size": 33})", "hidden_size");
    row(R"({"rms_norm_eps": 0})", "rms_norm_eps");
    row(R"({"rms_norm_eps": "small"})", "rms_norm_eps");
    row(R"({"rope_theta": -1})", "rope_theta");
    row(R"({"rope_theta": true})", "rope_theta");
    row(R"({"initializer_range": 0})", "initializer_range");
    row(R"({"tie_word_embeddings": 1})", "tie_word_embeddings");
    row(R"({"attention_bias": "no"})", "attention_bias");
    row(R"({"mlp_bias": 0})", "mlp_bias");
    row(R"({"rope_scaling": 2})", "rope_scaling");
    row(R"({"rope_scaling": {"rope_type": "linear"}})", "rope_scaling");
    row(R"({"rope_scaling": {"type": "linear", "factor": 0}})", "rope_scaling: config.factor");
    row(R"({"rope_scaling": {"type": "llama3", "factor": 8, "low_freq_factor": "x"}})",
        "rope_scaling: config.low_freq_factor");
    row(R"({"eos_token_id": "</s>"})", "eos_token_id");
    row(R"({"bos_token_id": [1, null]})", "bos_token_id");
    row(R"({"architectures": ["MistralForCausalLM"], "sliding_window": 0})", "sliding_window");
    row(R"({"architectures": ["MistralForCausalLM"], "sliding_window": 2.5})", "sliding_window");
}

void TestFamilies::aWrongValueIsNamed()
{
    QFETCH(QByteArray, patch);
    QFETCH(QString, key);
    const Result<DecoderConfig> config = readDecoderConfig(patched(patch), "config.json");
    QVERIFY(!config);
    QCOMPARE(config.error().code, ErrorCode::Corrupt);
    QVERIFY2(shown(config.error().context).startsWith(u"config.json"),
             config.error().context.c_str());
    QVERIFY2(shown(config.error().context).contains(key), config.error().context.c_str());
}

void TestFamilies::whatIsNotImplementedIsNamed_data()
{
    QTest::addColumn<QByteArray>("patch");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* patch, const char* text) {
        QTest::newRow(patch) << QByteArray(patch) << QString::fromLatin1(text);
    };
    row(R"({"architectures": ["NovelForCausalLM"]})", "NovelForCausalLM");
    row(R"({"architectures": null, "model_type": "novel"})", "novel");
    row(R"({"architectures": [], "model_type": null})", "names no architecture");
    row(R"({"architectures": [3], "model_type": 4})", "names no architecture");
    row(R"({"hidden_act": "gelu"})", "gelu");
    row(R"({"quantization_config": {"bits": 4}})", "quantised");
    for (const char* kind : {"dynamic", "yarn", "longrope", "su"})
        row(qPrintable(QStringLiteral(R"({"rope_scaling": {"rope_type": "%1", "factor": 2}})")
                           .arg(QLatin1String(kind))),
            kind);
    row(R"({"rope_scaling": {"type": "yarn", "factor": 2}})", "yarn");
    row(R"({"rope_scaling": {"factor": 2}})", "rope scaling");
}

void TestFamilies::whatIsNotImplementedIsNamed()
{
    QFETCH(QByteArray, patch);
    QFETCH(QString, text);
    const Result<DecoderConfig> config = readDecoderConfig(patched(patch), "config.json");
    QVERIFY(!config);
    QCOMPARE(config.error().code, ErrorCode::Unsupported);
    QVERIFY2(shown(config.error().message).contains(text), config.error().message.c_str());
    QVERIFY(!config.error().remedy.empty());
}

void TestFamilies::theLargestSizesCanStillBeCounted()
{
    const auto config = readDecoderConfig(
        patched(R"({"vocab_size": 4194304, "hidden_size": 4194304, "num_hidden_layers": 4096,
                    "num_attention_heads": 2097152, "num_key_value_heads": 2097152, "head_dim": 2,
                    "intermediate_size": 4194304})"),
        "");
    // Seven square matrices a layer, two norms; embedding, head and the last norm.
    const double side = 4194304;
    const double wanted = 4096 * (7 * side * side + 2 * side) + 2 * side * side + side;
    QVERIFY(wanted < 0x1p63);
    QCOMPARE(static_cast<double>(config.value().parameterCount()), wanted);
}

void TestFamilies::linearScalingStretchesEveryWave()
{
    RopeConfig rope;
    const std::vector<double> plain = rope.frequencies(8);
    QCOMPARE(plain.size(), std::size_t{4});
    QCOMPARE(plain[0], 1.0);
    QCOMPARE(plain[2], 0.01);
    rope.scaling = RopeScaling::Linear;
    rope.factor = 4;
    for (std::size_t i = 0; i < plain.size(); ++i)
        QCOMPARE(rope.frequencies(8)[i], plain[i] / 4);
}

void TestFamilies::llama3ScalingKeepsShortWaves()
{
    RopeConfig rope{.scaling = RopeScaling::Llama3, .factor = 8, .originalContext = 64};
    const std::vector<double> plain = RopeConfig{}.frequencies(16);
    const std::vector<double> scaled = rope.frequencies(16);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const double turns = 64 * plain[i] / (2 * std::numbers::pi);
        if (turns > 4)
            QCOMPARE(scaled[i], plain[i]);
        else if (turns < 1)
            QCOMPARE(scaled[i], plain[i] / 8);
        else
            QVERIFY(scaled[i] > plain[i] / 8 && scaled[i] < plain[i]);
    }
}

void TestFamilies::everyFamilyWritesWhatItReads()
{
    for (const FamilyInfo& family : families().entries()) {
        QVERIFY2(!family.title.empty() && !family.source.empty() && !family.architectures.empty(),
                 family.id.c_str());
        DecoderConfig config = described("llama-mha");
        config.family = family.id;
        config.architecture = family.architectures.front();
        QCOMPARE(allOf(readBack(config)), allOf(config));
    }
}

QTEST_GUILESS_MAIN(TestFamilies)
#include "tst_families.moc"
