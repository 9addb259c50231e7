#include "core/run/scope.h"

#include "core/models/adapter_files.h"
#include "core/models/family.h"
#include "core/models/model_parts.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <algorithm>
#include <numeric>
#include <random>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// The families with their own way to name and to fuse matrices.
DecoderConfig model(const std::string& name, std::int64_t layers = 0)
{
    Json document;
    if (name == "phi3" || name == "gemma2") { // of which there is no recorded model
        document = {{"model_type", name},       {"vocab_size", 64},
                    {"hidden_size", 16},        {"intermediate_size", 24},
                    {"num_hidden_layers", 3},   {"num_attention_heads", 4},
                    {"num_key_value_heads", 2}, {"max_position_embeddings", 32},
                    {"rms_norm_eps", 1e-6},     {"head_dim", 4},
                    {"pad_token_id", 0},        {"query_pre_attn_scalar", 4},
                    {"sliding_window", 16},     {"hidden_activation", "gelu_pytorch_tanh"}};
    } else {
        document =
            readJsonFile(std::string(TEST_DATA_DIR "/golden/hf-parity/") + name + "/config.json")
                .value();
    }
    DecoderConfig config = readDecoderConfig(document, name).value();
    if (layers > 0)
        config.layers = layers;
    return config;
}

/// Chosen by a function of the name.
template <class Choose>
std::vector<bool> chosenWhere(const std::vector<WeightSlot>& slots, const Choose& choose)
{
    std::vector<bool> chosen;
    for (const WeightSlot& slot : slots)
        chosen.push_back(choose(slot.name));
    return chosen;
}

QString textOf(const ScopeText& scope)
{
    QString text = shown(scope.layers) + u" |"_s;
    for (const std::string& module : scope.modules)
        text += u' ' + shown(module);
    return text;
}

std::vector<bool> readBack(const ScopeText& scope, const DecoderConfig& config,
                           const std::vector<WeightSlot>& slots)
{
    return chosenSlots({.layers = scope.layers, .modules = scope.modules}, config, slots).value();
}

void addFamilies()
{
    QTest::addColumn<QString>("family");
    for (const char* family : {"llama-gqa-tied", "llama-linear-bias", "gpt2", "gpt_neox", "opt-pre",
                               "opt-post-proj", "phi", "phi3", "qwen2", "gemma2"})
        QTest::newRow(family) << family;
}

} // namespace

class TestScope : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySlotIsInOneModule_data();
    void everySlotIsInOneModule();
    void aChoiceIsSaidSimply_data();
    void aChoiceIsSaidSimply();
    void everyChoiceIsReadBackAsItWas_data();
    void everyChoiceIsReadBackAsItWas();
    void oneModuleAtATimeIsReadBack_data();
    void oneModuleAtATimeIsReadBack();
    void adaptersNameTheirMatrices_data();
    void adaptersNameTheirMatrices();
    void aDisorderOfEightyBlocksReadsBack();
    void layersThatAreNotThereAreRefused();
    void aNewModelIsDescribedByItsRecipe();
};

void TestScope::everySlotIsInOneModule_data()
{
    addFamilies();
}

void TestScope::everySlotIsInOneModule()
{
    QFETCH(QString, family);
    const DecoderConfig config = model(family.toStdString());
    const std::vector<ModelPart> parts = modelParts(config);
    std::vector<std::size_t> inModules;
    std::int64_t blocks = 0;
    const auto walk = [&](const auto& self, const ModelPart& part) -> void {
        blocks += part.kind == PartKind::Block ? 1 : 0;
        std::vector<std::size_t> inner;
        for (const ModelPart& child : part.parts) {
            self(self, child);
            inner.insert(inner.end(), child.slots.begin(), child.slots.end());
        }
        std::ranges::sort(inner);
        if (part.kind == PartKind::Module)
            inModules.insert(inModules.end(), part.slots.begin(), part.slots.end());
        else
            QVERIFY2(inner == part.slots, part.name.c_str());
    };
    for (const ModelPart& part : parts)
        walk(walk, part);
    std::ranges::sort(inModules);
    std::vector<std::size_t> all(weightSlots(config).size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    QCOMPARE(inModules, all);
    QCOMPARE(blocks, config.layers);
    QCOMPARE(parts.front().kind, PartKind::Embedding);
    QCOMPARE(parts.back().kind == PartKind::Head,
             !config.tiedHead || config.embeddedWidth() != config.width);
    // Every block has an attention and an MLP, which are what they are called.
    for (const ModelPart& part : parts)
        if (part.kind == PartKind::Block) {
            QCOMPARE(part.parts[0].kind, PartKind::Attention);
            QCOMPARE(part.parts[1].kind, PartKind::Mlp);
            QVERIFY(part.parts[0].parts.size() >= 2);
            QVERIFY(part.parts[1].parts.size() >= 2);
        }
}

void TestScope::aChoiceIsSaidSimply_data()
{
    QTest::addColumn<QString>("family");
    QTest::addColumn<QStringList>("chosen"); ///< regular expressions of names
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* family, const QStringList& chosen,
                        const char* text) {
        QTest::newRow(name) << QString::fromLatin1(family) << chosen << QString::fromLatin1(text);
    };
    row("everything", "llama-mha", {u"."_s}, "all |");
    row("one matrix of every block", "llama-mha", {u"q_proj"_s}, "all | q_proj");
    row("the attention", "llama-mha", {u"self_attn"_s}, "all | self_attn");
    row("the MLP of one block", "llama-mha", {u"layers\\.1\\.mlp"_s}, "1 | mlp");
    row("whole blocks", "llama-mha", {u"layers\\.[01]\\."_s}, "0-1 |");
    row("two matrices", "llama-mha", {u"q_proj"_s, u"v_proj"_s}, "all | q_proj v_proj");
    row("the head alone", "llama-mha", {u"lm_head"_s}, "all | lm_head");
    row("the final norm alone", "llama-mha", {u"^model\\.norm"_s}, "all | model.norm");
    row("all blocks but nothing else", "llama-mha", {u"layers"_s}, "0-2 |");
    row("all but the embedding", "llama-mha", {u"layers"_s, u"^model\\.norm"_s, u"lm_head"_s},
        "all | lm_head model.norm model.layers.*");
    row("no product", "llama-mha", {u"layers\\.0\\.mlp\\.up"_s, u"layers\\.1\\.mlp\\.down"_s},
        "all | model.layers.0.mlp.up_proj.weight model.layers.1.mlp.down_proj.weight");
    row("other parts of each block", "llama-mha",
        {u"layers\\.0\\.self_attn"_s, u"layers\\.2\\.mlp"_s},
        "all | model.layers.0.*self_attn* model.layers.2.*mlp*");
    row("the attention everywhere and one block whole", "llama-mha",
        {u"self_attn"_s, u"layers\\.1\\."_s}, "all | self_attn model.layers.1.*");
    row("gpt2: fused queries, keys and values", "gpt2", {u"c_attn"_s}, "all | c_attn");
    row("gpt2: one of two that are called the same", "gpt2", {u"mlp\\.c_proj"_s},
        "all | mlp.c_proj");
    row("gpt2: the attention, not its norm", "gpt2", {u"\\.attn\\."_s}, "all | attn");
    row("gpt2: weights without their biases", "gpt2", {u"c_fc\\.weight"_s}, "all | c_fc.weight");
    row("gpt2: positions", "gpt2", {u"wpe"_s}, "all | wpe");
    row("gpt_neox: the attention, which a norm is called after", "gpt_neox", {u"\\.attention\\."_s},
        "all | attention.");
    row("gpt_neox: fused", "gpt_neox", {u"query_key_value"_s}, "all | query_key_value");
    row("phi3: fused", "phi3", {u"layers\\.[02]\\..*gate_up"_s}, "0,2 | gate_up_proj");
    row("phi3: fused attention", "phi3", {u"qkv_proj"_s}, "all | qkv_proj");
    row("opt: the attention, which a norm is called after", "opt-pre", {u"self_attn\\."_s},
        "all | self_attn.");
}

void TestScope::aChoiceIsSaidSimply()
{
    QFETCH(QString, family);
    QFETCH(QStringList, chosen);
    QFETCH(QString, text);
    const DecoderConfig config = model(family.toStdString());
    const std::vector<WeightSlot> slots = weightSlots(config);
    const std::vector<bool> wanted = chosenWhere(slots, [&](const std::string& name) {
        return std::ranges::any_of(chosen, [&](const QString& expression) {
            return shown(name).contains(QRegularExpression(expression));
        });
    });
    const ScopeText said = scopeText(wanted, config, slots);
    QCOMPARE(textOf(said), text);
    QCOMPARE(readBack(said, config, slots), wanted);
}

void TestScope::everyChoiceIsReadBackAsItWas_data()
{
    addFamilies();
}

void TestScope::everyChoiceIsReadBackAsItWas()
{
    QFETCH(QString, family);
    const DecoderConfig config = model(family.toStdString(), 12);
    std::mt19937 random(7);
    for (const std::vector<WeightSlot>& slots : {weightSlots(config), adaptableSlots(config)})
        for (int i = 0; i < 60; ++i) {
            // From hardly anything to nearly everything.
            std::bernoulli_distribution coin(0.02 + 0.96 * i / 60);
            std::vector<bool> wanted =
                chosenWhere(slots, [&](const auto&) { return coin(random); });
            wanted[random() % wanted.size()] = true;
            const ScopeText said = scopeText(wanted, config, slots);
            QVERIFY2(readBack(said, config, slots) == wanted, qPrintable(textOf(said)));
        }
}

void TestScope::oneModuleAtATimeIsReadBack_data()
{
    addFamilies();
}

void TestScope::oneModuleAtATimeIsReadBack()
{
    QFETCH(QString, family);
    const DecoderConfig config = model(family.toStdString(), 12); // 1 is the beginning of 10 and 11
    const std::vector<WeightSlot> slots = weightSlots(config);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        std::vector<bool> wanted(slots.size(), false);
        wanted[i] = true;
        const ScopeText said = scopeText(wanted, config, slots);
        QVERIFY2(readBack(said, config, slots) == wanted, qPrintable(textOf(said)));
        QCOMPARE(said.modules.size(), std::size_t{1});
        wanted.flip();
        const ScopeText rest = scopeText(wanted, config, slots);
        QVERIFY2(readBack(rest, config, slots) == wanted, qPrintable(textOf(rest)));
    }
}

void TestScope::adaptersNameTheirMatrices_data()
{
    QTest::addColumn<QString>("family");
    QTest::addColumn<QString>("chosen");
    QTest::addColumn<QString>("text");
    QTest::newRow("everything") << "llama-mha"
                                << "."
                                << "all |";
    QTest::newRow("all of a block") << "llama-mha"
                                    << "layers\\.1\\."
                                    << "1 |";
    QTest::newRow("gpt2") << "gpt2"
                          << "attn\\.c_proj"
                          << "all | attn.c_proj";
    QTest::newRow("gpt_neox") << "gpt_neox"
                              << "mlp"
                              << "all | mlp";
    QTest::newRow("phi3") << "phi3"
                          << "qkv_proj"
                          << "all | qkv_proj";
}

void TestScope::adaptersNameTheirMatrices()
{
    QFETCH(QString, family);
    QFETCH(QString, chosen);
    QFETCH(QString, text);
    const DecoderConfig config = model(family.toStdString());
    const std::vector<WeightSlot> slots = adaptableSlots(config);
    const std::vector<bool> wanted = chosenWhere(slots, [&](const std::string& name) {
        return shown(name).contains(QRegularExpression(chosen));
    });
    const ScopeText said = scopeText(wanted, config, slots);
    QCOMPARE(textOf(said), text);
    QCOMPARE(readBack(said, config, slots), wanted);
}

void TestScope::aDisorderOfEightyBlocksReadsBack()
{
    const DecoderConfig config = model("llama-mha", 80);
    const std::vector<WeightSlot> slots = weightSlots(config);
    std::mt19937 random(3);
    std::vector<bool> wanted = chosenWhere(slots, [&](const auto&) { return random() % 2 == 0; });
    const ScopeText said = scopeText(wanted, config, slots); // some 360 full names
    QCOMPARE(readBack(said, config, slots), wanted);
}

void TestScope::layersThatAreNotThereAreRefused()
{
    const DecoderConfig config = model("gpt2");
    const auto chosen = chosenSlots({.layers = "0-99"}, config, weightSlots(config));
    QVERIFY(!chosen);
    QCOMPARE(chosen.error().code, ErrorCode::InvalidArgument);
}

void TestScope::aNewModelIsDescribedByItsRecipe()
{
    Recipe recipe;
    Json document =
        readJsonFile(std::string(TEST_DATA_DIR "/golden/hf-parity/gpt2/config.json")).value();
    document.erase("vocab_size");
    recipe.newModel = NewModelSpec{.config = document, .tokenizer = "", .vocabularySize = 321};
    QCOMPARE(modelOf(recipe).value().vocabulary, std::int64_t{321});
    recipe.newModel.reset();
    recipe.model = TEST_DATA_DIR "/golden/hf-parity/gpt2";
    QCOMPARE(modelOf(recipe).value().layers, model("gpt2").layers);
    recipe.model = "nowhere";
    QVERIFY(!modelOf(recipe));
}

QTEST_GUILESS_MAIN(TestScope)
#include "tst_scope.moc"
