#include "core/models/family.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <numbers>
#include <set>

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

const std::vector<const char*> kLlamaLike = {
    "llama-mha",          "llama-gqa-tied", "llama3-rope",   "llama-linear-bias",
    "llama-bf16-sharded", "mistral-full",   "mistral-window"};
const std::vector<const char*> kOthers = {"qwen2", "qwen2-tied", "opt-pre", "opt-post-proj",
                                          "gpt2",  "gpt_neox",   "phi",     "gpt_neox-sequential"};

void addFolders(const std::vector<const char*>& folders)
{
    for (const char* folder : folders)
        QTest::newRow(folder) << folder;
}

/// The smallest config of each family, with every key that is no other family's.
const std::map<std::string, const char*> kConfigs = {
    {"llama", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 5, "attention_bias": true})"},
    {"mistral", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 5, "sliding_window": 3})"},
    {"qwen2", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 3,
        "num_attention_heads": 2, "intermediate_size": 5, "use_sliding_window": true,
        "sliding_window": 4, "max_window_layers": 1})"},
    {"qwen3", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 5})"},
    {"opt", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2, "ffn_dim": 5,
        "num_attention_heads": 2, "word_embed_proj_dim": 4, "do_layer_norm_before": false,
        "enable_bias": false, "activation_function": "gelu"})"},
    {"gpt2", R"({"vocab_size": 9, "n_embd": 8, "n_layer": 2, "n_head": 2, "n_inner": 5,
        "n_positions": 16, "scale_attn_weights": false, "activation_function": "relu"})"},
    {"gpt_neo", R"({"vocab_size": 9, "hidden_size": 8, "num_layers": 3, "num_heads": 2,
        "window_size": 4, "attention_types": [[["global"], 1], [["local"], 2]]})"},
    {"gpt_neox", R"({"vocab_size": 9, "hidden_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 5, "use_parallel_residual": false,
        "attention_bias": false, "rotary_emb_base": 500, "rotary_pct": 0.5})"},
    {"phi", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 5, "num_key_value_heads": 1})"},
    {"phi3", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 5, "sliding_window": 6,
        "max_position_embeddings": 64, "original_max_position_embeddings": 8,
        "rope_scaling": {"type": "su", "short_factor": [1, 2], "long_factor": [3, 4]}})"},
    {"gemma", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 5, "head_dim": 6})"},
    {"gemma2", R"({"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 3,
        "num_attention_heads": 2, "intermediate_size": 5, "query_pre_attn_scalar": 144,
        "attn_logit_softcapping": null, "final_logit_softcapping": 20, "sliding_window": 4})"}};

Json configOf(const FamilyInfo& family)
{
    Json config = Json::parse(kConfigs.at(family.id));
    config["architectures"] = {family.architectures.front()};
    return config;
}

void addFamilies()
{
    QTest::addColumn<QString>("id");
    for (const FamilyInfo& family : families().entries())
        QTest::newRow(family.id.c_str()) << shown(family.id);
}

} // namespace

class TestFamilies : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sizesAreThoseOfTheConfig_data();
    void sizesAreThoseOfTheConfig();
    void whatIsWrittenReadsTheSame_data();
    void whatIsWrittenReadsTheSame();
    void parametersAreCountedAsRecorded_data();
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
    void everyFamilyWritesWhatItReads_data() { addFamilies(); }
    void everyFamilyWritesWhatItReads();
    void everyFamilyNamesEachWeightOnce_data() { addFamilies(); }
    void everyFamilyNamesEachWeightOnce();
    void aBareDecodersNamesAreKnown();
    void windowsHoldInTheLayersThatTheConfigNames_data();
    void windowsHoldInTheLayersThatTheConfigNames();
};

void TestFamilies::sizesAreThoseOfTheConfig_data()
{
    QTest::addColumn<QString>("folder");
    addFolders(kLlamaLike);
}

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

void TestFamilies::whatIsWrittenReadsTheSame_data()
{
    QTest::addColumn<QString>("folder");
    addFolders(kLlamaLike);
    addFolders(kOthers);
}

void TestFamilies::whatIsWrittenReadsTheSame()
{
    QFETCH(QString, folder);
    DecoderConfig config = described(folder.toStdString());
    QVERIFY(readBack(config) == config);
    config.bosId = 1;
    config.padId = 0;
    config.eosIds = {2, 3};
    if (config.family != "opt") // whose config has no key for it
        config.normEps = 0.1;
    QVERIFY(readBack(config) == config);
}

void TestFamilies::parametersAreCountedAsRecorded_data()
{
    whatIsWrittenReadsTheSame_data();
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
    row(R"({"rope_scaling": {"type": "longrope", "short_factor": [1]}})",
        "rope_scaling: config.long_factor");
    row(R"({"partial_rotary_factor": 1.5})", "partial_rotary_factor");
    row(R"({"partial_rotary_factor": 1e27})", "partial_rotary_factor"); // no integer
    row(R"({"rope_scaling": {"type": "default", "partial_rotary_factor": 1e27}})",
        "rope_scaling: config.partial_rotary_factor");
    row(R"({"architectures": ["GPTNeoXForCausalLM"], "rotary_pct": 0.05})", "head_dim");
    row(R"({"architectures": ["GPT2LMHeadModel"]})", "n_embd");
    row(R"({"architectures": ["GPTNeoForCausalLM"], "num_layers": 2, "num_heads": 2,
            "attention_types": [[["global"], 3]]})",
        "attention_types");
    row(R"({"architectures": ["Qwen2ForCausalLM"], "use_sliding_window": true,
            "layer_types": ["full_attention"]})",
        "layer_types");
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
    row(R"({"hidden_act": "quick_gelu"})", "quick_gelu");
    row(R"({"architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_layer": 1, "n_head": 2,
            "scale_attn_by_inverse_layer_idx": true})",
        "scaled by the layer");
    row(R"({"architectures": ["PhiForCausalLM"], "qk_layernorm": true})", "norms of queries");
    row(R"({"architectures": ["OPTForCausalLM"], "ffn_dim": 3,
            "layer_norm_elementwise_affine": false})",
        "norms without weights");
    row(R"({"quantization_config": {"bits": 4}})", "quantised");
    for (const char* kind : {"dynamic", "yarn"})
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
    QFETCH(QString, id);
    const FamilyInfo& family = *families().find(id.toStdString()).value();
    QVERIFY(!family.title.empty() && !family.source.empty());
    const DecoderConfig config = readDecoderConfig(configOf(family), "config.json").value();
    QCOMPARE(shown(config.family), id);
    const DecoderConfig again = readBack(config);
    QVERIFY(again.rope == config.rope);
    QVERIFY(again == config);
}

void TestFamilies::everyFamilyNamesEachWeightOnce()
{
    QFETCH(QString, id);
    const FamilyInfo& family = *families().find(id.toStdString()).value();
    const DecoderConfig config = readDecoderConfig(configOf(family), "config.json").value();
    std::set<std::string> names;
    for (const WeightSlot& slot : weightSlots(config)) {
        QVERIFY2(names.insert(slot.name).second, slot.name.c_str());
        QVERIFY2(slot.name.find("..") == std::string::npos && slot.name.front() != '.',
                 slot.name.c_str());
        for (const std::int64_t extent : slot.shape)
            QVERIFY(extent > 0);
    }
}

void TestFamilies::aBareDecodersNamesAreKnown()
{
    const DecoderConfig config = described("gpt2");
    QCOMPARE(storedNames(config, {.name = "transformer.h.0.ln_1.bias", .shape = {}}),
             (std::vector<std::string>{"transformer.h.0.ln_1.bias", "h.0.ln_1.bias"}));
    QCOMPARE(storedNames(described("phi"), {.name = "lm_head.weight", .shape = {}}),
             (std::vector<std::string>{"lm_head.weight"}));
}

void TestFamilies::windowsHoldInTheLayersThatTheConfigNames_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QByteArray>("patch");
    QTest::addColumn<QString>("windows"); // one a layer, 0 for none
    QTest::newRow("mistral") << "mistral" << QByteArray("{}") << "3 3";
    QTest::newRow("qwen2, from a layer on") << "qwen2" << QByteArray("{}") << "0 4 4";
    QTest::newRow("qwen2, switched off")
        << "qwen2" << QByteArray(R"({"use_sliding_window": false})") << "0 0 0";
    QTest::newRow("qwen2, by name")
        << "qwen2" << QByteArray(R"({"layer_types": ["sliding_attention", "full_attention",
                                          "sliding_attention"]})")
        << "4 0 4";
    QTest::newRow("gpt_neo") << "gpt_neo" << QByteArray("{}") << "0 4 4";
    QTest::newRow("gpt_neo, usual")
        << "gpt_neo" << QByteArray(R"({"num_layers": 4, "attention_types": null})") << "0 4 0 4";
    QTest::newRow("gemma2") << "gemma2" << QByteArray("{}") << "4 0 4";
    QTest::newRow("gemma2, without")
        << "gemma2" << QByteArray(R"({"sliding_window": null})") << "0 0 0";
}

void TestFamilies::windowsHoldInTheLayersThatTheConfigNames()
{
    QFETCH(QString, id);
    QFETCH(QByteArray, patch);
    QFETCH(QString, windows);
    Json json = configOf(*families().find(id.toStdString()).value());
    const Json change = Json::parse(patch.toStdString());
    json.merge_patch(change);
    if (change.contains("sliding_window"))
        json["sliding_window"] = change["sliding_window"]; // a patch's null takes the key away
    const DecoderConfig config = readDecoderConfig(json, "config.json").value();
    QStringList found;
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        found << QString::number(config.windowOf(layer).value_or(0));
    QCOMPARE(found.join(u' '), windows);
}

QTEST_GUILESS_MAIN(TestFamilies)
#include "tst_families.moc"
