#include "core/exchange/gguf_export.h"
#include "core/exchange/gguf_family.h"
#include "tests/core/base/std_text.h"
#include "tests/core/exchange/model_folder.h"

#include <QtTest>

#include <algorithm>

using namespace lacuna;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

const fs::path kStories = TEST_DATA_DIR "/models/stories260K";

Result<GgufExportReport> exported(const fs::path& source, const fs::path& target,
                                  std::optional<GgufType> type = std::nullopt)
{
    Progress progress;
    return exportGguf({.source = source, .target = target, .type = type}, progress);
}

std::vector<float> numbersOf(const GgufContent& content, std::string_view name)
{
    const GgufTensor* tensor = content.tensor(name);
    if (!tensor)
        return {};
    std::vector<float> values(static_cast<std::size_t>(tensor->elementCount()));
    decodeGguf(tensor->type, tensor->bytes, values);
    return values;
}

std::vector<float> numbersOf(const WeightFiles& weights, const std::string& name)
{
    const TensorEntry* entry = weights.find(name);
    std::vector<float> values(static_cast<std::size_t>(entry->elementCount()));
    readFloats(entry->type, entry->bytes, values);
    return values;
}

/// The rows of a matrix in another order.
std::vector<float> rowsOf(const std::vector<float>& matrix, std::size_t columns,
                          const std::vector<std::size_t>& order)
{
    std::vector<float> out;
    for (const std::size_t row : order)
        out.insert(out.end(), matrix.begin() + static_cast<std::ptrdiff_t>(row * columns),
                   matrix.begin() + static_cast<std::ptrdiff_t>((row + 1) * columns));
    return out;
}

} // namespace

class TestGgufExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void storiesAreWhatLlamaCppReads();
    void storiesKeepTheirType();
    void everyTypeIsReadBack_data();
    void everyTypeIsReadBack();
    void vectorsStayFloat32();
    void rowsThatAreNoWholeBlocksBecomeHalves();
    void headsOfQueriesAndKeysAreInterleaved();
    void biasesFollowTheirRows();
    void aTiedModelHasNoHeadOfItsOwn();
    void aSecondCopyOfATiedTableIsLeftOut();
    void llama3RopeBecomesDivisors();
    void aWindowThatLlamaCppIgnoresIsSaid();
    void namesAndLicenceComeFromTheReadme();
    void theSameFolderGivesTheSameBytes();

    void everyFamilyOfTheFixturesIsExported_data();
    void everyFamilyOfTheFixturesIsExported();
    void gpt2MatricesAreTransposed();
    void neoXHeadsAreTakenApart();
    void gemmaNormsGainOne();
    void everyFamilyNamesItsTensors();

    void whatCannotBeExportedIsNamed_data();
    void whatCannotBeExportedIsNamed();
    void aFailedExportLeavesNothing();
    void aCancelledExportLeavesNothing_data();
    void aCancelledExportLeavesNothing();
};

/// The file in shared was written by another program and is read by llama.cpp with the expected
/// greedy ids and losses.
void TestGgufExport::storiesAreWhatLlamaCppReads()
{
    const fs::path reference = SHARED_DIR "/data/models/stories260K-gguf/stories260K-f32.gguf";
    if (!fs::exists(reference))
        QSKIP("needs the shared models beside the project");
    const TemporaryFolder folder;
    const GgufExportReport report =
        exported(kStories, folder.file("m.gguf"), GgufType::F32).value();
    QCOMPARE(shown(report.architecture), u"llama"_s);
    QVERIFY(report.warnings.empty());

    const GgufFile ours = GgufFile::open(folder.file("m.gguf")).value();
    const GgufFile theirs = GgufFile::open(reference).value();
    QCOMPARE(ours.content().tensors.size(), theirs.content().tensors.size());
    for (std::size_t i = 0; i < theirs.content().tensors.size(); ++i) {
        const GgufTensor& tensor = theirs.content().tensors[i];
        const GgufTensor& own = ours.content().tensors[i];
        QCOMPARE(shown(own.name), shown(tensor.name));
        QCOMPARE(own.dims, tensor.dims);
        QCOMPARE(own.type, tensor.type);
        QVERIFY2(std::ranges::equal(own.bytes, tensor.bytes), std::string(tensor.name).c_str());
    }
    for (const GgufEntry& entry : theirs.content().entries) {
        const GgufValue* own = ours.content().value(entry.key);
        QVERIFY2(own, std::string(entry.key).c_str());
        QCOMPARE(own->kind, entry.value.kind);
        QVERIFY2(std::ranges::equal(own->bytes, entry.value.bytes), std::string(entry.key).c_str());
    }
}

void TestGgufExport::storiesKeepTheirType()
{
    const TemporaryFolder folder;
    QCOMPARE(exported(kStories, folder.file("a.gguf")).value().type, GgufType::F32);
    QCOMPARE(exported(TEST_DATA_DIR "/models/stories260K-bf16-sharded", folder.file("b.gguf"))
                 .value()
                 .type,
             GgufType::BF16);
}

void TestGgufExport::everyTypeIsReadBack_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("fileType");
    QTest::newRow("F32") << static_cast<int>(GgufType::F32) << 0;
    QTest::newRow("F16") << static_cast<int>(GgufType::F16) << 1;
    QTest::newRow("BF16") << static_cast<int>(GgufType::BF16) << 32;
    QTest::newRow("Q8_0") << static_cast<int>(GgufType::Q8_0) << 7;
}

void TestGgufExport::everyTypeIsReadBack()
{
    QFETCH(int, type);
    QFETCH(int, fileType);
    const TemporaryFolder folder;
    for (const char* source : {"/models/stories260K", "/models/stories260K-bf16-sharded"}) {
        const GgufExportReport report = exported(std::string(TEST_DATA_DIR) + source,
                                                 folder.file("m.gguf"), static_cast<GgufType>(type))
                                            .value();
        QCOMPARE(report.ending, Ending::Complete);
        QCOMPARE(report.tensors, std::uint64_t{47});
        QCOMPARE(report.bytes, fs::file_size(folder.file("m.gguf")));
        const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
        QCOMPARE(*file.content().value("general.file_type")->whole(), std::int64_t{fileType});
        QCOMPARE(static_cast<int>(file.content().tensor("blk.0.attn_q.weight")->type), type);
    }
}

void TestGgufExport::vectorsStayFloat32()
{
    const TemporaryFolder folder;
    exported(kStories, folder.file("m.gguf"), GgufType::Q8_0).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    for (const GgufTensor& tensor : file.content().tensors)
        QCOMPARE(tensor.type == GgufType::F32, tensor.dims.size() == 1);
}

void TestGgufExport::rowsThatAreNoWholeBlocksBecomeHalves()
{
    const TemporaryFolder folder;
    ModelFolder().write(folder.file("m"));
    exported(folder.file("m"), folder.file("m.gguf"), GgufType::Q8_0).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    QCOMPARE(file.content().tensor("token_embd.weight")->type, GgufType::F16);
}

void TestGgufExport::headsOfQueriesAndKeysAreInterleaved()
{
    const TemporaryFolder folder;
    ModelFolder().write(folder.file("m"));
    exported(folder.file("m"), folder.file("m.gguf")).value();
    const WeightFiles source = WeightFiles::open(folder.file("m")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    const std::string block = "model.layers.0.self_attn.";

    QCOMPARE(numbersOf(file.content(), "blk.0.attn_q.weight"),
             rowsOf(numbersOf(source, block + "q_proj.weight"), 8, {0, 2, 1, 3, 4, 6, 5, 7}));
    QCOMPARE(numbersOf(file.content(), "blk.0.attn_k.weight"),
             rowsOf(numbersOf(source, block + "k_proj.weight"), 8, {0, 2, 1, 3}));
    QCOMPARE(numbersOf(file.content(), "blk.0.attn_v.weight"),
             numbersOf(source, block + "v_proj.weight"));
    QCOMPARE(file.content().tensor("blk.0.ffn_down.weight")->dims,
             (std::vector<std::int64_t>{6, 8}));
}

void TestGgufExport::biasesFollowTheirRows()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.tensors.push_back({"model.layers.0.self_attn.q_proj.bias", ElementType::F32, {8}});
    model.tensors.push_back({"model.layers.0.mlp.up_proj.bias", ElementType::F32, {6}});
    model.write(folder.file("m"));
    exported(folder.file("m"), folder.file("m.gguf")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    QCOMPARE(numbersOf(file.content(), "blk.0.attn_q.bias"),
             (std::vector<float>{1200, 1202, 1201, 1203, 1204, 1206, 1205, 1207}));
    QCOMPARE(numbersOf(file.content(), "blk.0.ffn_up.bias").front(), 1300.0F);
    QVERIFY(!file.content().tensor("blk.0.attn_k.bias"));
}

void TestGgufExport::aTiedModelHasNoHeadOfItsOwn()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.config["tie_word_embeddings"] = true;
    model.tensors.pop_back();
    model.write(folder.file("m"));
    exported(folder.file("m"), folder.file("m.gguf")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    QVERIFY(!file.content().tensor("output.weight"));
}

void TestGgufExport::aSecondCopyOfATiedTableIsLeftOut()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.config["tie_word_embeddings"] = true;
    model.write(folder.file("m"));
    const Result<GgufExportReport> different = exported(folder.file("m"), folder.file("m.gguf"));
    QVERIFY(shown(different.error().message).contains(u"differs from the embedding"));

    // The head becomes the first tensor's equal when it starts to count where that does.
    std::string bytes = fileBytes(folder.file("m") / "model.safetensors");
    const WeightFiles weights = WeightFiles::open(folder.file("m")).value();
    const auto table = weights.find("model.embed_tokens.weight")->bytes;
    bytes.replace(bytes.size() - table.size(), table.size(),
                  reinterpret_cast<const char*>(table.data()), table.size());
    writeBytes(folder.file("m") / "model.safetensors", bytes);
    exported(folder.file("m"), folder.file("m.gguf")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    QVERIFY(!file.content().tensor("output.weight"));
}

/// By the formula of the Llama 3.1 model card, for waves that are kept, blended and stretched.
void TestGgufExport::llama3RopeBecomesDivisors()
{
    const TemporaryFolder folder;
    const fs::path model = copied(TEST_DATA_DIR "/golden/hf-parity/llama3-rope", folder.file("m"));
    ModelFolder::writeTokenizer(model, 97);
    exported(model, folder.file("m.gguf")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    const std::vector<float> divisors = numbersOf(file.content(), "rope_freqs.weight");
    QCOMPARE(divisors.size(), std::size_t{8});
    for (std::size_t i = 0; i < divisors.size(); ++i) {
        const double wave = 2 * M_PI * std::pow(10000.0, 2.0 * static_cast<double>(i) / 16);
        const double turns = 64 / wave;
        const double blend = (turns - 1) / (4 - 1);
        const double expected = turns > 4 ? 1 : (turns < 1 ? 8 : 1 / ((1 - blend) / 8 + blend));
        QVERIFY(std::fabs(divisors[i] - expected) < 1e-6 * expected);
    }
    QVERIFY(!file.content().value("llama.rope.scaling.type"));
}

void TestGgufExport::aWindowThatLlamaCppIgnoresIsSaid()
{
    const TemporaryFolder folder;
    const fs::path model =
        copied(TEST_DATA_DIR "/golden/hf-parity/mistral-window", folder.file("m"));
    ModelFolder::writeTokenizer(model, 101);
    const GgufExportReport report = exported(model, folder.file("m.gguf")).value();
    QCOMPARE(report.warnings.size(), std::size_t{1});
    QVERIFY(shown(report.warnings[0]).contains(u"window of 7 tokens"));
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    QCOMPARE(*file.content().value("llama.attention.sliding_window")->whole(), std::int64_t{7});
}

void TestGgufExport::namesAndLicenceComeFromTheReadme()
{
    const TemporaryFolder folder;
    const fs::path model = copied(kStories, folder.file("tiny stories"));
    writeBytes(model / "README.md",
               "---\r\nlicense: \"mit\"\r\nbase_model:\r\n- karpathy/tinyllamas"
               "\r\ntags: [a]\r\n---\r\n# A card\r\nlicense: none\r\n");
    exported(model, folder.file("m.gguf")).value();
    GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    const auto text = [&](const char* key) {
        const GgufValue* value = file.content().value(key);
        return value ? shown(*value->text()) : QString();
    };
    QCOMPARE(text("general.name"), u"tiny stories"_s);
    QCOMPARE(text("general.license"), u"mit"_s);
    QCOMPARE(text("general.base_model.0.name"), u"tinyllamas"_s);
    QCOMPARE(text("general.base_model.0.organization"), u"karpathy"_s);

    Progress progress;
    exportGguf({.source = model,
                .target = folder.file("m.gguf"),
                .name = "forgot it",
                .baseModel = "another"},
               progress)
        .value();
    file = GgufFile::open(folder.file("m.gguf")).value();
    QCOMPARE(text("general.name"), u"forgot it"_s);
    QCOMPARE(text("general.base_model.0.name"), u"another"_s);
}

void TestGgufExport::theSameFolderGivesTheSameBytes()
{
    const TemporaryFolder folder;
    exported(kStories, folder.file("a.gguf"), GgufType::Q8_0).value();
    exported(kStories, folder.file("b.gguf"), GgufType::Q8_0).value();
    QVERIFY(fileBytes(folder.file("a.gguf")) == fileBytes(folder.file("b.gguf")));
}

void TestGgufExport::everyFamilyOfTheFixturesIsExported_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("architecture"); // empty: refused
    const std::array<std::pair<const char*, const char*>, 15> rows = {
        {{"gpt2", "gpt2"},
         {"gpt_neox", "gptneox"},
         {"gpt_neox-sequential", "gptneox"},
         {"llama-bf16-sharded", "llama"},
         {"llama-gqa-tied", "llama"},
         {"llama-linear-bias", "llama"},
         {"llama-mha", "llama"},
         {"llama3-rope", "llama"},
         {"mistral-full", "llama"},
         {"mistral-window", "llama"},
         {"opt-post-proj", ""},
         {"opt-pre", ""},
         {"phi", "phi2"},
         {"qwen2", "qwen2"},
         {"qwen2-tied", "qwen2"}}};
    for (const auto& [name, architecture] : rows)
        QTest::newRow(name) << name << architecture;
}

/// The comparison with the source is a part of the export; here: that it is passed.
void TestGgufExport::everyFamilyOfTheFixturesIsExported()
{
    QFETCH(QString, name);
    QFETCH(QString, architecture);
    const fs::path source = fs::path(SHARED_DIR "/fixtures/hf-parity") / name.toStdString();
    if (!fs::exists(source))
        QSKIP("needs the shared fixtures beside the project");
    const TemporaryFolder folder;
    const fs::path model = copied(source, folder.file("m"));
    ModelFolder::writeTokenizer(model,
                                readJsonFile(model / "config.json").value().value("vocab_size", 0));

    for (const GgufType type : {GgufType::F32, GgufType::F16, GgufType::BF16, GgufType::Q8_0}) {
        const Result<GgufExportReport> report = exported(model, folder.file("m.gguf"), type);
        if (architecture.isEmpty()) {
            QCOMPARE(report.error().code, ErrorCode::Unsupported);
            QVERIFY(shown(report.error().message).contains(u"\"opt\""));
            continue;
        }
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        QCOMPARE(shown(report->architecture), architecture);
    }
}

void TestGgufExport::gpt2MatricesAreTransposed()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.config = {{"model_type", "gpt2"}, {"vocab_size", 5},  {"n_embd", 4},       {"n_layer", 1},
                    {"n_head", 2},          {"n_positions", 3}, {"n_inner", nullptr}};
    // Some files leave out "transformer.".
    model.tensors = {{"wte.weight", ElementType::F32, {5, 4}},
                     {"wpe.weight", ElementType::F32, {3, 4}},
                     {"h.0.ln_1.weight", ElementType::F32, {4}},
                     {"h.0.ln_1.bias", ElementType::F32, {4}},
                     {"h.0.attn.bias", ElementType::U8, {1, 1, 3, 3}},
                     {"h.0.attn.c_attn.weight", ElementType::F32, {4, 12}},
                     {"h.0.attn.c_attn.bias", ElementType::F32, {12}},
                     {"h.0.attn.c_proj.weight", ElementType::F32, {4, 4}},
                     {"h.0.attn.c_proj.bias", ElementType::F32, {4}},
                     {"h.0.ln_2.weight", ElementType::F32, {4}},
                     {"h.0.ln_2.bias", ElementType::F32, {4}},
                     {"h.0.mlp.c_fc.weight", ElementType::F32, {4, 16}},
                     {"h.0.mlp.c_fc.bias", ElementType::F32, {16}},
                     {"h.0.mlp.c_proj.weight", ElementType::F32, {16, 4}},
                     {"h.0.mlp.c_proj.bias", ElementType::F32, {4}},
                     {"ln_f.weight", ElementType::F32, {4}},
                     {"ln_f.bias", ElementType::F32, {4}}};
    model.write(folder.file("m"));
    exported(folder.file("m"), folder.file("m.gguf")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();

    const std::vector<float> qkv = numbersOf(file.content(), "blk.0.attn_qkv.weight");
    QCOMPARE(file.content().tensor("blk.0.attn_qkv.weight")->dims,
             (std::vector<std::int64_t>{4, 12}));
    for (std::size_t row = 0; row < 12; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            QCOMPARE(qkv[row * 4 + column], 500.0F + static_cast<float>(column * 12 + row));
    QCOMPARE(numbersOf(file.content(), "blk.0.attn_qkv.bias").back(), 611.0F);
    QCOMPARE(*file.content().value("gpt2.feed_forward_length")->whole(), std::int64_t{16});
    QVERIFY(!file.content().value("gpt2.rope.freq_base"));
    QVERIFY(!file.content().tensor("output.weight")); // tied unless the config says otherwise
}

void TestGgufExport::neoXHeadsAreTakenApart()
{
    const fs::path source = SHARED_DIR "/fixtures/hf-parity/gpt_neox";
    if (!fs::exists(source))
        QSKIP("needs the shared fixtures beside the project");
    const TemporaryFolder folder;
    const fs::path model = copied(source, folder.file("m"));
    ModelFolder::writeTokenizer(model, 112);
    exported(model, folder.file("m.gguf")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    const WeightFiles weights = WeightFiles::open(model).value();
    const auto stored = numbersOf(weights, "gpt_neox.layers.0.attention.query_key_value.bias");
    const auto out = numbersOf(file.content(), "blk.0.attn_qkv.bias");
    for (std::size_t part = 0; part < 3; ++part)
        for (std::size_t head = 0; head < 2; ++head)
            for (std::size_t i = 0; i < 16; ++i)
                QCOMPARE(out[(part * 2 + head) * 16 + i], stored[(head * 3 + part) * 16 + i]);
    QCOMPARE(*file.content().value("gptneox.rope.dimension_count")->whole(), std::int64_t{4});
    QCOMPARE(*file.content().value("gptneox.use_parallel_residual")->flag(), true);
}

void TestGgufExport::gemmaNormsGainOne()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.config["model_type"] = "gemma";
    model.config["head_dim"] = 4;
    model.config.erase("hidden_act");
    model.tensors.pop_back();
    model.write(folder.file("m"));
    exported(folder.file("m"), folder.file("m.gguf")).value();
    const GgufFile file = GgufFile::open(folder.file("m.gguf")).value();
    QCOMPARE(numbersOf(file.content(), "blk.0.attn_norm.weight").front(), 101.0F);
    QCOMPARE(numbersOf(file.content(), "blk.0.attn_q.weight").front(), 200.0F);
    QCOMPARE(numbersOf(file.content(), "output_norm.weight").front(), 1001.0F);
}

void TestGgufExport::everyFamilyNamesItsTensors()
{
    for (const GgufFamily& family : ggufFamilies()) {
        std::vector<std::string_view> targets;
        for (const GgufTensorRule& rule : family.tensors) {
            targets.push_back(rule.target);
            QCOMPARE(rule.source.find("{}") == std::string_view::npos,
                     rule.target.find("{}") == std::string_view::npos);
        }
        std::ranges::sort(targets);
        QVERIFY(std::ranges::adjacent_find(targets) == targets.end());
        QVERIFY(!family.activations.empty());
        QCOMPARE(shown(family.tensors.front().target), u"token_embd"_s);
    }
}

void TestGgufExport::whatCannotBeExportedIsNamed_data()
{
    QTest::addColumn<QByteArray>("change"); // of the config, a JSON merge patch
    QTest::addColumn<QString>("tensor");    // to drop, or to add when there is none
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* change, const char* tensor, ErrorCode code,
                        const char* text) {
        QTest::newRow(name) << QByteArray(change) << tensor << static_cast<int>(code) << text;
    };
    row("a family that llama.cpp does not know", R"({"model_type": "gpt_neo"})", "",
        ErrorCode::Unsupported, "\"gpt_neo\"");
    row("no family", R"({"model_type": null})", "", ErrorCode::Unsupported, "does not say");
    row("a family that is a number", R"({"model_type": 7})", "", ErrorCode::Corrupt, "model_type");
    row("a missing tensor", "{}", "model.norm.weight", ErrorCode::Corrupt,
        "model.norm.weight [8] is missing");
    row("a missing head", "{}", "lm_head.weight", ErrorCode::Corrupt, "lm_head.weight");
    row("a tensor too many", "{}", "model.layers.0.extra.weight", ErrorCode::Unsupported,
        "model.layers.0.extra.weight");
    row("a layer too many", "{}", "model.layers.1.mlp.up_proj.weight", ErrorCode::Unsupported,
        "model.layers.1");
    row("a config of another width", R"({"intermediate_size": 7})", "", ErrorCode::Corrupt,
        "gate_proj.weight has the shape [6, 8], but config.json asks for [7, 8]");
    row("a layer that is not there", R"({"num_hidden_layers": 2})", "", ErrorCode::Corrupt,
        "model.layers.1.input_layernorm.weight [8] is missing");
    row("no width", R"({"hidden_size": null})", "", ErrorCode::Corrupt, "hidden_size");
    row("a head of odd width", R"({"head_dim": 3})", "", ErrorCode::Corrupt, "in pairs");
    row("heads that do not share", R"({"num_key_value_heads": 3})", "", ErrorCode::Corrupt,
        "not a multiple");
    row("an activation that is not Llama's", R"({"hidden_act": "relu"})", "",
        ErrorCode::Unsupported, "relu");
    row("a rope scaling that llama.cpp does not have",
        R"({"rope_scaling": {"type": "dynamic", "factor": 2}})", "", ErrorCode::Unsupported,
        "dynamic");
    row("a rope scaling without a factor", R"({"rope_scaling": {"type": "linear"}})", "",
        ErrorCode::Corrupt, "factor");
    row("a rope scaling that is a text", R"({"rope_scaling": "linear"})", "", ErrorCode::Corrupt,
        "rope_scaling");
    row("Phi's rope scaling in Llama",
        R"({"rope_scaling": {"type": "longrope", "long_factor": [1, 1]}})", "",
        ErrorCode::Unsupported, "phi3 only");
    row("integers as weights", "{}", "I64", ErrorCode::Unsupported, "I64");
}

void TestGgufExport::whatCannotBeExportedIsNamed()
{
    QFETCH(QByteArray, change);
    QFETCH(QString, tensor);
    QFETCH(int, code);
    QFETCH(QString, text);
    const TemporaryFolder folder;
    ModelFolder model;
    model.config.merge_patch(Json::parse(change.toStdString()));
    if (tensor == u"I64")
        model.tensor("model.norm.weight").type = ElementType::I64;
    else if (!tensor.isEmpty() && std::erase_if(model.tensors, [&](const TensorPlace& place) {
                                      return place.name == tensor.toStdString();
                                  }) == 0)
        model.tensors.push_back({tensor.toStdString(), ElementType::F32, {8}});
    model.write(folder.file("m"));

    const Result<GgufExportReport> report = exported(folder.file("m"), folder.file("m.gguf"));

    QVERIFY(!report);
    QVERIFY2(shown(report.error().text()).contains(text), report.error().text().c_str());
    QCOMPARE(static_cast<int>(report.error().code), code);
    QVERIFY(shown(report.error().context).contains(shown(folder.file("m").string())));
    QVERIFY(!fs::exists(folder.file("m.gguf")));
}

void TestGgufExport::aFailedExportLeavesNothing()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.tensors[5].type = ElementType::F16;
    model.write(folder.file("m"));
    std::string bytes = fileBytes(folder.file("m") / "model.safetensors");
    bytes[bytes.size() - 1] = '\x7F'; // the last number becomes NaN
    bytes[bytes.size() - 2] = '\xFF';
    writeBytes(folder.file("m") / "model.safetensors", bytes);

    const Result<GgufExportReport> report = exported(folder.file("m"), folder.file("m.gguf"));

    QCOMPARE(report.error().code, ErrorCode::InvalidArgument);
    QVERIFY(shown(report.error().message).contains(u"output.weight"));
    QVERIFY(!fs::exists(folder.file("m.gguf")));
    QVERIFY(!fs::exists(folder.file("m.gguf.partial")));
}

void TestGgufExport::aCancelledExportLeavesNothing_data()
{
    QTest::addColumn<QString>("during");
    QTest::newRow("while it writes") << "writing";
    QTest::newRow("while it compares") << "comparing";
}

void TestGgufExport::aCancelledExportLeavesNothing()
{
    QFETCH(QString, during);
    const TemporaryFolder folder;
    std::stop_source stop;
    Progress progress(stop.get_token(),
                      [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
                          if (shown(what) == during && done > total / 2)
                              stop.request_stop();
                      });
    const GgufExportReport report =
        exportGguf({.source = kStories, .target = folder.file("m.gguf")}, progress).value();
    QCOMPARE(report.ending, Ending::Cancelled);
    QVERIFY(!fs::exists(folder.file("m.gguf")));
    QVERIFY(!fs::exists(folder.file("m.gguf.partial")));
}

QTEST_GUILESS_MAIN(TestGgufExport)
#include "tst_gguf_export.moc"
