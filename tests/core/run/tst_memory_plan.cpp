#include "core/methods/method.h"
#include "core/models/adapter_files.h"
#include "core/models/family.h"
#include "core/run/objective.h"
#include "core/run/plan.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <algorithm>

using namespace lacuna;

/// What a run is said to need. How near that comes to what one takes is measured, not tested.
class TestMemoryPlan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void statesAreCountedExactly_data();
    void statesAreCountedExactly();
    void activationsFollowWhatIsKept_data();
    void activationsFollowWhatIsKept();
    void logitsAreChunked();
    void whatIsNotRunKeepsNothing();
    void otherAnswersNeedTheirRoom();
    void tooMuchIsRefusedWithAWayOut_data();
    void tooMuchIsRefusedWithAWayOut();
    void littleRoomIsAWarning_data();
    void littleRoomIsAWarning();
};

namespace {

constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;

/// TinyLlama's shape.
DecoderConfig config()
{
    return readDecoderConfig(Json::parse(R"({"architectures": ["LlamaForCausalLM"],
        "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22,
        "num_attention_heads": 32, "num_key_value_heads": 4, "vocab_size": 32000,
        "max_position_embeddings": 2048, "tie_word_embeddings": false})"),
                             "config.json")
        .value();
}

/// A plan for that model in bfloat16, with a corpus of 100 samples of 64 tokens.
struct Situation {
    Recipe recipe;
    DecoderConfig model = config();
    MethodSpec method = readMethodSpec({{"id", "ga"}}, "method").value();
    std::vector<CorpusPlan> corpora = {
        {.role = "forget", .samples = 100, .tokens = 6400, .scoredTokens = 3200, .longest = 64}};
    std::vector<WeightSlot> slots = weightSlots(model);

    Situation() { recipe.controls = Json::array(); }

    [[nodiscard]] std::vector<MemoryItem> items() const
    {
        double trained = 0;
        for (const WeightSlot& slot : slots)
            trained += slot.shape.size() == 2 ? static_cast<double>(slot.shape[0] * slot.shape[1])
                                              : static_cast<double>(slot.shape[0]);
        const MethodReach reach = reachOf(method, model).value();
        return memoryItems({.recipe = recipe,
                            .config = model,
                            .method = method,
                            .reach = reach,
                            .corpora = corpora,
                            .slots = slots,
                            .weights = {.masters = 4 * trained, .copies = 2 * trained},
                            .trainedParameters = static_cast<std::int64_t>(trained),
                            .computeBytes = 2});
    }
    [[nodiscard]] double bytes(const std::string& what) const
    {
        const std::vector<MemoryItem> all = items();
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const MemoryItem& item) { return item.what == what; });
        return found == all.end() ? 0 : found->bytes;
    }
    void trainOnly(const std::string& part)
    {
        std::erase_if(slots, [&](const WeightSlot& slot) {
            return slot.name.find(part) == std::string::npos;
        });
    }
};

} // namespace

void TestMemoryPlan::statesAreCountedExactly_data()
{
    QTest::addColumn<QString>("optimizer");
    QTest::addColumn<bool>("guarded");
    QTest::addColumn<double>("moments");
    QTest::addColumn<double>("kept");
    constexpr double kParameters = 1'100'048'384;
    QTest::newRow("AdamW with a guard") << "adamw" << true << 8 * kParameters << 4 * kParameters;
    QTest::newRow("AdamW") << "adamw" << false << 8 * kParameters << 0.0;
    QTest::newRow("SGD") << "sgd" << false << 0.0 << 0.0;
}

void TestMemoryPlan::statesAreCountedExactly()
{
    QFETCH(QString, optimizer);
    QFETCH(bool, guarded);
    Situation all;
    all.recipe.training.optimizer = optimizer.toStdString();
    if (guarded)
        all.recipe.controls.push_back({{"id", "divergence-guard"}});
    QTEST(all.bytes("optimiser moments"), "moments");
    QTEST(all.bytes("last good weights"), "kept");
    QCOMPARE(all.bytes("gradients"), 4 * 1'100'048'384.0);
    QCOMPARE(all.bytes("float32 masters"), 4 * 1'100'048'384.0);
}

void TestMemoryPlan::activationsFollowWhatIsKept_data()
{
    QTest::addColumn<QString>("trained");
    QTest::addColumn<bool>("checkpointing");
    QTest::addColumn<double>("rows");
    QTest::addColumn<QString>("item");
    QTest::addColumn<double>("bytes");
    // A row and block: two residuals of 2048 in float32; in bfloat16 two normed rows, q and what
    // is mixed of 2048 each, k and v of 256 each, gate, up and their product of 5632 each.
    constexpr double kBlock = 2 * 4 * 2048 + 2 * (2 * 2048 + 2 * 2048 + 2 * 256 + 3 * 5632);
    const QString whole = QStringLiteral("activations of a micro-batch");
    QTest::newRow("everything") << "" << false << 512.0 << whole << 512 * 22 * kBlock;
    QTest::newRow("a batch that is smaller than a micro-batch")
        << "" << false << 128.0 << whole << 128 * 22 * kBlock;
    QTest::newRow("from the block that is trained first")
        << "layers.20." << false << 512.0 << whole << 512 * 2 * kBlock;
    QTest::newRow("frozen matrices need no input again")
        << "layers.0.self_attn" << false << 512.0 << whole
        << 512 * 22 * (kBlock - 2 * (2048 + 5632));
    QTest::newRow("the head alone") << "lm_head" << false << 512.0 << whole << 0.0;
    QTest::newRow("checkpointing keeps inputs")
        << "" << true << 512.0 << "inputs of the blocks" << 512 * 22 * 4 * 2048.0;
    QTest::newRow("checkpointing has one block at a time")
        << "" << true << 512.0 << "activations of one block" << 512 * kBlock;
    QTest::newRow("or the other") << "" << true << 512.0 << whole << 0.0;
}

void TestMemoryPlan::activationsFollowWhatIsKept()
{
    QFETCH(QString, trained);
    QFETCH(bool, checkpointing);
    QFETCH(double, rows);
    QFETCH(QString, item);
    Situation some;
    some.trainOnly(trained.toStdString());
    some.recipe.training.gradientCheckpointing = checkpointing;
    some.recipe.training.batchSize = static_cast<std::int64_t>(rows) / 64;
    some.recipe.training.microBatchTokens = 512;
    QTEST(some.bytes(item.toStdString()), "bytes");
}

void TestMemoryPlan::logitsAreChunked()
{
    Situation small;
    small.recipe.training.batchSize = 1;
    Situation large;
    large.recipe.training.batchSize = 1000;
    large.recipe.training.microBatchTokens = 64'000;
    const std::string item = "a chunk of logits and its gradient";
    QCOMPARE(small.bytes(item), 64 * 32'000 * 6.0);
    QCOMPARE(large.bytes(item), (8 << 20) * 6.0);
    Situation taught = small;
    taught.method =
        readMethodSpec({{"id", "grad-diff"}, {"retain", {{"id", "kl"}}}}, "method").value();
    QCOMPARE(taught.bytes(item), 64 * 32'000 * 18.0);
}

void TestMemoryPlan::whatIsNotRunKeepsNothing()
{
    const Situation whole;
    Situation early;
    early.method = readMethodSpec({{"id", "rmu"}, {"layer", 10}}, "method").value();
    const std::string item = "activations of a micro-batch";
    QCOMPARE(early.bytes(item), whole.bytes(item) / 2); // 11 of 22 blocks
}

void TestMemoryPlan::otherAnswersNeedTheirRoom()
{
    Situation alone;
    alone.recipe.training.batchSize = 1;
    Situation pairs = alone;
    pairs.method = readMethodSpec({{"id", "dpo"}}, "method").value();
    const std::string item = "activations of a micro-batch";
    QCOMPARE(pairs.bytes(item), 2 * alone.bytes(item));
}

void TestMemoryPlan::tooMuchIsRefusedWithAWayOut_data()
{
    QTest::addColumn<QString>("optimizer");
    QTest::addColumn<bool>("checkpointing");
    QTest::addColumn<bool>("adapter");
    QTest::addColumn<QStringList>("named");
    QTest::addColumn<QStringList>("unnamed");
    QTest::newRow("AdamW") << "adamw" << false << false
                           << QStringList{QStringLiteral("optimiser moments (8.2 GiB)"),
                                          QStringLiteral("scope.adapter"),
                                          QStringLiteral("the optimiser sgd"),
                                          QStringLiteral("gradient_checkpointing")}
                           << QStringList{};
    QTest::newRow("SGD, checkpointing")
        << "sgd" << true << false << QStringList{QStringLiteral("scope.layers")}
        << QStringList{QStringLiteral("the optimiser sgd"),
                       QStringLiteral("gradient_checkpointing")};
    QTest::newRow("an adapter") << "adamw" << false << true
                                << QStringList{QStringLiteral("gradient_checkpointing"),
                                               QStringLiteral("smaller model")}
                                << QStringList{QStringLiteral("scope.adapter"),
                                               QStringLiteral("the optimiser sgd")};
}

void TestMemoryPlan::tooMuchIsRefusedWithAWayOut()
{
    QFETCH(QString, optimizer);
    QFETCH(bool, checkpointing);
    QFETCH(bool, adapter);
    QFETCH(QStringList, named);
    QFETCH(QStringList, unnamed);
    Situation large;
    large.recipe.training.optimizer = optimizer.toStdString();
    large.recipe.training.gradientCheckpointing = checkpointing;
    if (adapter)
        large.recipe.scope.adapter.emplace();
    const std::vector<MemoryItem> items = large.items();
    const auto refusal = memoryShortage(items, large.recipe, {.total = 8 * kGibibyte});
    QVERIFY(refusal);
    QCOMPARE(refusal->code, ErrorCode::OutOfMemory);
    const QString text = shown(refusal->text());
    QVERIFY2(text.contains(QStringLiteral("this machine has 8.0 GiB")), qPrintable(text));
    for (const QString& part : named)
        QVERIFY2(text.contains(part), qPrintable(part + QStringLiteral(": ") + text));
    for (const QString& part : unnamed)
        QVERIFY2(!text.contains(part), qPrintable(part + QStringLiteral(": ") + text));
    QVERIFY(!memoryShortage(items, large.recipe, {.total = 64 * kGibibyte}));
}

void TestMemoryPlan::littleRoomIsAWarning_data()
{
    QTest::addColumn<double>("total");
    QTest::addColumn<double>("available");
    QTest::addColumn<QString>("warning");
    QTest::newRow("enough") << 64.0 << 60.0 << "";
    QTest::newRow("others take the rest") << 64.0 << 5.0 << "close other programs";
    QTest::newRow("the file does not stay in memory") << 64.0 << 12.0 << "read from the disk";
    QTest::newRow("refused anyway") << 8.0 << 5.0 << "";
}

void TestMemoryPlan::littleRoomIsAWarning()
{
    QFETCH(double, total);
    QFETCH(double, available);
    QFETCH(QString, warning);
    const std::vector<MemoryItem> items = {
        {.what = "weights mapped from the model's file", .bytes = 4 * kGibibyte, .pageCache = true},
        {.what = "gradients", .bytes = 10 * kGibibyte}};
    const std::vector<std::string> warnings =
        memoryWarnings(items, {.total = total * kGibibyte, .available = available * kGibibyte});
    QCOMPARE(warnings.empty(), warning.isEmpty());
    if (!warning.isEmpty())
        QVERIFY2(shown(warnings.front()).contains(warning), warnings.front().c_str());
}

QTEST_GUILESS_MAIN(TestMemoryPlan)
#include "tst_memory_plan.moc"
