#include "core/base/json.h"
#include "core/base/rng.h"
#include "core/models/checkpoint.h"
#include "core/models/family.h"
#include "core/models/lora.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/mm.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

using namespace lacuna;

namespace {

const std::vector<std::vector<std::int64_t>> kTexts = {randomIds(9, 1), randomIds(4, 2)};
const LoraConfig kConfig{.rank = 2, .alpha = 6};

/// The tiny Llama, or a model whose matrices lie the other way round and whose q, k, v are one.
DecoderConfig configOf(const QString& family)
{
    if (family == u"llama")
        return tinyConfig();
    const char* text = family == u"gpt2"
                           ? R"({"architectures": ["GPT2LMHeadModel"], "vocab_size": 19,
        "n_embd": 8, "n_layer": 2, "n_head": 2, "n_positions": 64})"
                           : R"({"architectures": ["GPTNeoXForCausalLM"], "vocab_size": 19,
        "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "rotary_pct": 0.5,
        "intermediate_size": 12, "max_position_embeddings": 64})";
    return readDecoderConfig(Json::parse(text), "config.json").value();
}

std::vector<std::string> allModules(const DecoderConfig& config)
{
    std::vector<std::string> names;
    for (const WeightSlot& slot : adaptableSlots(config))
        names.push_back(slot.name);
    return names;
}

/// An adapter on every matrix that changes what the model says.
std::unique_ptr<Decoder> adaptedModel(const DecoderConfig& config,
                                      at::ScalarType type = at::kDouble)
{
    auto decoder = tinyModel(config, type);
    addAdapter(*decoder, kConfig, allModules(config), 3);
    const at::NoGradGuard noGrad;
    Random random(4);
    for (Parameter& parameter : decoder->parameters()) {
        const at::Tensor flat = parameter.master.view({-1});
        for (std::int64_t i = 0; parameter.ofAdapter && i < flat.numel(); ++i)
            flat[i].add_(0.2 * random.normal());
    }
    decoder->refresh();
    return decoder;
}

void addFamilies()
{
    QTest::addColumn<QString>("family");
    for (const char* family : {"llama", "gpt2", "gpt_neox"})
        QTest::newRow(family) << family;
}

Json configFile(const std::filesystem::path& folder)
{
    return readJsonFile(folder / "adapter_config.json").value();
}

} // namespace

class TestLora : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aNewAdapterChangesNothing_data() { addFamilies(); }
    void aNewAdapterChangesNothing();
    void anAdaptedModelIsTheModelWithItsWeightsMoved_data() { addFamilies(); }
    void anAdaptedModelIsTheModelWithItsWeightsMoved();
    void withoutItsAdapterItIsTheBaseModel_data() { addFamilies(); }
    void withoutItsAdapterItIsTheBaseModel();
    void gradientsAreTheSlope_data() { addFamilies(); }
    void gradientsAreTheSlope();
    void mergedItSaysTheSame_data() { addFamilies(); }
    void mergedItSaysTheSame();
    void anAdapterIsReadAsItWasWritten_data() { addFamilies(); }
    void anAdapterIsReadAsItWasWritten();
    void theFolderIsWhatPeftReads();
    void theBaseModelIsFoundBesideTheAdapter();
    void aDamagedAdapterIsNamed_data();
    void aDamagedAdapterIsNamed();
    void anAdapterOfAnotherModelIsNamed();
};

void TestLora::aNewAdapterChangesNothing()
{
    QFETCH(QString, family);
    const DecoderConfig config = configOf(family);
    const auto decoder = tinyModel(config);
    const at::Tensor before = hiddenRows(*decoder, kTexts);
    const std::vector<std::string> names = addAdapter(*decoder, kConfig, allModules(config), 3);
    QCOMPARE(names.size(), 2 * adaptableSlots(config).size());
    QVERIFY(hiddenRows(*decoder, kTexts).equal(before));
    // Uniform within 1 / sqrt(in), as PEFT starts it.
    const at::Tensor a = parameterNamed(*decoder, names.front()).master;
    const double bound = 1.0 / std::sqrt(static_cast<double>(a.size(1)));
    QVERIFY(a.abs().max().item<double>() <= bound);
    QVERIFY(a.abs().max().item<double>() > bound / 2);
}

void TestLora::anAdaptedModelIsTheModelWithItsWeightsMoved()
{
    QFETCH(QString, family);
    const DecoderConfig config = configOf(family);
    const auto adapted = adaptedModel(config);
    const auto moved = tinyModel(config);
    {
        // W + alpha / r * B A (Hu et al. 2021, equation 3), worked out here.
        const at::NoGradGuard noGrad;
        for (const WeightSlot& slot : adaptableSlots(config)) {
            const at::Tensor change =
                at::mm(parameterNamed(*adapted, loraName(slot.name, 'B')).master,
                       parameterNamed(*adapted, loraName(slot.name, 'A')).master)
                    .mul(3.0);
            parameterNamed(*moved, slot.name + ".weight")
                .master.add_(slot.transposed ? change.t() : change);
        }
    }
    moved->refresh();
    const at::Tensor wanted = hiddenRows(*moved, kTexts);
    QVERIFY(largestDifference(hiddenRows(*adapted, kTexts), wanted) <= 1e-11);
    QVERIFY(largestDifference(hiddenRows(*tinyModel(config), kTexts), wanted) > 1e-2);
}

void TestLora::withoutItsAdapterItIsTheBaseModel()
{
    QFETCH(QString, family);
    const DecoderConfig config = configOf(family);
    const auto adapted = adaptedModel(config);
    adapted->setAdapterFactor(0);
    const at::Tensor base = hiddenRows(*tinyModel(config), kTexts);
    QVERIFY(hiddenRows(*adapted, kTexts).equal(base));
    QVERIFY(adapted->merged(adapted->parameters().front())
                .equal(tinyModel(config)->parameters().front().master));
    adapted->setAdapterFactor(1);
    QVERIFY(!hiddenRows(*adapted, kTexts).equal(base));
}

void TestLora::gradientsAreTheSlope()
{
    QFETCH(QString, family);
    const auto decoder = adaptedModel(configOf(family));
    std::vector<std::string> names;
    for (const Parameter& parameter : decoder->parameters())
        if (parameter.ofAdapter)
            names.push_back(parameter.name);
    decoder->setTrained(names);
    const std::vector<ScoredSample> samples = tinyCorpus(3);
    tokenMeanLoss(*decoder, samples).backward();
    const auto gradients = gradientsOf(*decoder);
    QCOMPARE(gradients.size(), names.size());
    constexpr double kStep = 1e-5;
    const at::NoGradGuard noGrad;
    for (const std::string& name : names) {
        Parameter& parameter = parameterNamed(*decoder, name);
        const at::Tensor flat = parameter.master.view({-1});
        const std::int64_t element = flat.numel() / 2;
        const auto lossAt = [&](double offset) {
            flat[element].add_(offset);
            decoder->refresh();
            const double loss = tokenMeanLoss(*decoder, samples).item<double>();
            flat[element].sub_(offset);
            decoder->refresh();
            return loss;
        };
        const double slope = (lossAt(kStep) - lossAt(-kStep)) / (2 * kStep);
        const double analytic = gradients.at(name).view({-1})[element].item<double>();
        QVERIFY2(std::abs(slope - analytic) <= 1e-8 + 1e-5 * std::abs(slope), name.c_str());
    }
}

void TestLora::mergedItSaysTheSame()
{
    QFETCH(QString, family);
    const DecoderConfig config = configOf(family);
    const auto decoder = adaptedModel(config);
    for (const double factor : {1.0, 0.5}) {
        decoder->setAdapterFactor(factor);
        const at::Tensor wanted = hiddenRows(*decoder, kTexts);
        const auto merged = adaptedModel(config);
        merged->setAdapterFactor(factor);
        merged->mergeAdapters();
        QCOMPARE(merged->parameters().size(), weightSlots(config).size());
        QVERIFY(largestDifference(hiddenRows(*merged, kTexts), wanted) <= 1e-11);
    }
}

void TestLora::anAdapterIsReadAsItWasWritten()
{
    QFETCH(QString, family);
    const TemporaryFolder folder;
    const DecoderConfig config = configOf(family);
    const auto decoder = adaptedModel(config, at::kFloat);
    LoraConfig lora = kConfig;
    lora.baseModel = folder.file("base");
    saveDecoder(*tinyModel(config, at::kFloat), folder.file("base"), at::kFloat).value();
    saveAdapter(*decoder, lora, folder.file("adapter")).value();
    QVERIFY(isAdapterFolder(folder.file("adapter")));
    QVERIFY(!isAdapterFolder(folder.file("base")));

    const auto again = loadDecoder(folder.file("adapter"), at::kCPU, at::kFloat).value();
    QVERIFY(hiddenRows(*again, kTexts).equal(hiddenRows(*decoder, kTexts)));

    // As a whole model the same within the rounding of the sum.
    saveDecoder(*decoder, folder.file("whole"), at::kFloat).value();
    const auto whole = loadDecoder(folder.file("whole"), at::kCPU, at::kFloat).value();
    QCOMPARE(whole->parameters().size(), weightSlots(config).size());
    QVERIFY(largestDifference(hiddenRows(*whole, kTexts), hiddenRows(*decoder, kTexts)) <= 1e-4);

    saveAdapter(*again, lora, folder.file("second")).value();
    QCOMPARE(readTextFile(folder.file("second") / kAdapterWeights).value(),
             readTextFile(folder.file("adapter") / kAdapterWeights).value());
}

void TestLora::theFolderIsWhatPeftReads()
{
    const TemporaryFolder folder;
    const DecoderConfig config = configOf(QStringLiteral("gpt2"));
    const auto decoder = tinyModel(config, at::kFloat);
    addAdapter(*decoder, {.rank = 3, .alpha = 12},
               {"transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn"}, 1);
    saveAdapter(*decoder, {.rank = 3, .alpha = 12, .baseModel = "/models/gpt2"},
                folder.file("adapter"))
        .value();
    const Json json = configFile(folder.file("adapter"));
    QCOMPARE(json["peft_type"].get<std::string>(), std::string("LORA"));
    QCOMPARE(json["task_type"].get<std::string>(), std::string("CAUSAL_LM"));
    QCOMPARE(json["r"].get<int>(), 3);
    QCOMPARE(json["lora_alpha"].get<double>(), 12.0);
    QCOMPARE(json["fan_in_fan_out"].get<bool>(), true);
    QCOMPARE(json["base_model_name_or_path"].get<std::string>(), std::string("/models/gpt2"));
    QCOMPARE(json["target_modules"].dump(), std::string(R"(["c_attn"])"));
    const SafetensorsFile file =
        SafetensorsFile::open(folder.file("adapter") / kAdapterWeights).value();
    QCOMPARE(file.tensors().size(), std::size_t{4});
    const TensorEntry* a = file.find("base_model.model.transformer.h.1.attn.c_attn.lora_A.weight");
    QVERIFY(a && a->shape == (std::vector<std::int64_t>{3, 8}));
    const TensorEntry* b = file.find("base_model.model.transformer.h.1.attn.c_attn.lora_B.weight");
    QVERIFY(b && b->shape == (std::vector<std::int64_t>{24, 3}));
}

void TestLora::theBaseModelIsFoundBesideTheAdapter()
{
    const TemporaryFolder folder;
    saveDecoder(*tinyModel(tinyConfig(), at::kFloat), folder.file("base"), at::kFloat).value();
    std::filesystem::create_directory(folder.file("adapter"));
    Json json = {{"peft_type", "LORA"},
                 {"r", 2},
                 {"lora_alpha", 8},
                 {"use_rslora", true},
                 {"base_model_name_or_path", "../base"}};
    writeFileAtomically(folder.file("adapter") / "adapter_config.json", json.dump()).value();
    const LoraConfig config = readLoraConfig(folder.file("adapter")).value();
    QCOMPARE(config.scale(4), 4.0);
    QVERIFY(std::filesystem::equivalent(baseFolder(folder.file("adapter")).value(),
                                        folder.file("base")));
    QVERIFY(
        std::filesystem::equivalent(tokenizerFolder(folder.file("adapter")), folder.file("base")));
    json["base_model_name_or_path"] = "someone/something";
    writeFileAtomically(folder.file("adapter") / "adapter_config.json", json.dump()).value();
    const Result<LoraConfig> missing = readLoraConfig(folder.file("adapter"));
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(missing.error().message.find("someone/something") != std::string::npos);
}

void TestLora::aDamagedAdapterIsNamed_data()
{
    QTest::addColumn<QByteArray>("patch");
    QTest::addColumn<QString>("key");
    const auto row = [](const char* patch, const char* key) {
        QTest::newRow(patch) << QByteArray(patch) << QString::fromLatin1(key);
    };
    row(R"({"peft_type": "IA3"})", "peft_type");
    row(R"({"peft_type": 3})", "peft_type");
    row(R"({"r": 0})", "r");
    row(R"({"r": "two"})", "r");
    row(R"({"lora_alpha": null})", "lora_alpha");
    row(R"({"bias": "all"})", "bias");
    row(R"({"use_dora": true})", "use_dora");
    row(R"({"modules_to_save": ["lm_head"]})", "modules_to_save");
    row(R"({"rank_pattern": {"q_proj": 4}})", "rank_pattern");
    row(R"({"base_model_name_or_path": null})", "base_model_name_or_path");
}

void TestLora::aDamagedAdapterIsNamed()
{
    QFETCH(QByteArray, patch);
    QFETCH(QString, key);
    const TemporaryFolder folder;
    saveDecoder(*tinyModel(tinyConfig(), at::kFloat), folder.file("base"), at::kFloat).value();
    LoraConfig lora = kConfig;
    lora.baseModel = folder.file("base");
    saveAdapter(*adaptedModel(tinyConfig(), at::kFloat), lora, folder.file("adapter")).value();
    Json json = configFile(folder.file("adapter"));
    json.merge_patch(Json::parse(patch.toStdString()));
    writeFileAtomically(folder.file("adapter") / "adapter_config.json", json.dump()).value();
    const auto loaded = loadDecoder(folder.file("adapter"), at::kCPU, at::kFloat);
    QVERIFY(!loaded);
    QVERIFY2(shown(loaded.error().context).endsWith(QStringLiteral(": ") + key),
             loaded.error().context.c_str());
}

void TestLora::anAdapterOfAnotherModelIsNamed()
{
    const TemporaryFolder folder;
    LoraConfig lora = kConfig;
    lora.baseModel = folder.file("base");
    saveAdapter(*adaptedModel(tinyConfig(), at::kFloat), lora, folder.file("adapter")).value();
    DecoderConfig other = tinyConfig();
    other.mlpWidth = 10;
    saveDecoder(*tinyModel(other, at::kFloat), folder.file("base"), at::kFloat).value();
    auto loaded = loadDecoder(folder.file("adapter"), at::kCPU, at::kFloat);
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().code, ErrorCode::Corrupt);
    QVERIFY2(loaded.error().message.find("gate_proj") != std::string::npos,
             loaded.error().message.c_str());

    other = tinyConfig();
    other.layers = 1;
    saveDecoder(*tinyModel(other, at::kFloat), folder.file("base"), at::kFloat).value();
    loaded = loadDecoder(folder.file("adapter"), at::kCPU, at::kFloat);
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find("model.layers.1.") != std::string::npos,
             loaded.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestLora)
#include "tst_lora.moc"
