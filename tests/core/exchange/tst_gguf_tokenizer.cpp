#include "core/exchange/gguf_tokenizer.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lacuna;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

constexpr const char* kQwenSplit =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| )"
    R"(?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kLlama3Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| )"
    R"(?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

Json split(const char* regex)
{
    return {{"type", "Sequence"},
            {"pretokenizers",
             {{{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", "Isolated"}},
              {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
}

Json byteBpe()
{
    return {{"model",
             {{"type", "BPE"},
              {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"Ġ", 3}}},
              {"merges", {"a b"}}}},
            {"added_tokens",
             {{{"id", 4}, {"content", "<s>"}, {"special", true}},
              {{"id", 5}, {"content", "   "}, {"special", false}}}},
            {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}}};
}

/// The keys that a folder's tokenizer gives.
class Exported {
public:
    explicit Exported(const fs::path& folder, std::int64_t vocabulary = 8,
                      const Json& config = Json::object())
        : status(addGgufTokenizer(folder, config, vocabulary, m_metadata, warnings))
    {
        m_file = "GGUF" + std::string("\3\0\0\0\0\0\0\0\0\0\0\0", 12);
        m_file += static_cast<char>(m_metadata.count());
        m_file += std::string(7, '\0') + m_metadata.bytes();
        content = readGguf(std::as_bytes(std::span(m_file))).value();
    }

    [[nodiscard]] QString text(const std::string& key) const
    {
        const GgufValue* value = content.value("tokenizer." + key);
        return value ? shown(value->text().value_or("")) : QString();
    }
    /// -1: no such key.
    [[nodiscard]] std::int64_t whole(const std::string& key) const
    {
        const GgufValue* value = content.value("tokenizer.ggml." + key);
        return !value ? -1 : value->flag() ? *value->flag() : value->whole().value_or(-1);
    }

private:
    GgufMetadata m_metadata;
    std::string m_file;

public:
    std::vector<std::string> warnings;
    Status status;
    GgufContent content;
};

} // namespace

class TestGgufTokenizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sentencePieceGivesPiecesScoresAndTypes();
    void addedTokensFollowThePieces();
    void idsWithoutATokenAreUnused();
    void tokenizerJsonGivesTokensAndMerges();
    void mergesAsPairsAreTheSame();
    void vocabAndMergesGiveTheSame();
    void theSplitGetsItsName_data();
    void theSplitGetsItsName();
    void aTemplateThatStartsWithBosAddsIt();
    void specialIdsComeFromTheConfigAtLast();
    void theChatTemplateIsTaken_data();
    void theChatTemplateIsTaken();
    void aNormalizerIsSaid();
    void publishedTokenizersAreExported_data();
    void publishedTokenizersAreExported();
    void whatCannotBeExportedIsNamed_data();
    void whatCannotBeExportedIsNamed();
};

void TestGgufTokenizer::sentencePieceGivesPiecesScoresAndTypes()
{
    const Exported out(TEST_DATA_DIR "/models/stories260K", 512);
    QVERIFY(out.status);
    QVERIFY(out.warnings.empty());
    QCOMPARE(out.text("ggml.model"), u"llama"_s);
    QCOMPARE(out.text("ggml.pre"), u"default"_s);
    const auto tokens = out.content.value("tokenizer.ggml.tokens")->texts();
    const auto types = out.content.value("tokenizer.ggml.token_type")->wholes();
    const auto scores = out.content.value("tokenizer.ggml.scores")->numbers();
    QCOMPARE(tokens.size(), std::size_t{512});
    QCOMPARE(shown(tokens[1]), u"<s>"_s);
    QCOMPARE(std::vector(types.begin(), types.begin() + 4),
             (std::vector<std::int64_t>{2, 3, 3, 6}));
    QCOMPARE(scores[259], 0.0);
    QCOMPARE(scores[511], -252.0); // pieces count down in the order of their merges
    QCOMPARE(out.whole("bos_token_id"), std::int64_t{1});
    QCOMPARE(out.whole("eos_token_id"), std::int64_t{2});
    QCOMPARE(out.whole("unknown_token_id"), std::int64_t{0});
    QCOMPARE(out.whole("padding_token_id"), std::int64_t{-1});
    QCOMPARE(out.whole("add_bos_token"), std::int64_t{1});
    QCOMPARE(out.whole("add_eos_token"), std::int64_t{0});
    QCOMPARE(out.whole("add_space_prefix"), std::int64_t{1});
}

void TestGgufTokenizer::addedTokensFollowThePieces()
{
    const TemporaryFolder folder;
    for (const char* name : {"tokenizer.model", "special_tokens_map.json"})
        fs::copy_file(fs::path(TEST_DATA_DIR "/models/stories260K") / name, folder.file(name));
    writeBytes(folder.file("tokenizer_config.json"),
               R"({"legacy": false, "add_prefix_space": false, "pad_token": "<pad>",
                   "added_tokens_decoder": {
                     "512": {"content": "<pad>", "special": true},
                     "513": {"content": "<extra>", "special": false}}})");
    const Exported out(folder.file(""), 515);
    QVERIFY2(out.status, out.status ? "" : out.status.error().text().c_str());
    const auto tokens = out.content.value("tokenizer.ggml.tokens")->texts();
    const auto types = out.content.value("tokenizer.ggml.token_type")->wholes();
    QCOMPARE(shown(tokens[512]), u"<pad>"_s);
    QCOMPARE(shown(tokens[513]), u"<extra>"_s);
    QCOMPARE(std::vector(types.end() - 3, types.end()), (std::vector<std::int64_t>{3, 4, 5}));
    QCOMPARE(types[0], std::int64_t{2}); // the unknown token stays one
    QCOMPARE(out.whole("padding_token_id"), std::int64_t{512});
    QCOMPARE(out.whole("add_space_prefix"), std::int64_t{0});
}

void TestGgufTokenizer::idsWithoutATokenAreUnused()
{
    const Exported out(TEST_DATA_DIR "/models/stories260K", 520);
    QVERIFY(out.status);
    QCOMPARE(shown(out.content.value("tokenizer.ggml.tokens")->texts()[519]), u"[PAD519]"_s);
    QCOMPARE(out.content.value("tokenizer.ggml.token_type")->wholes()[519], std::int64_t{5});
}

void TestGgufTokenizer::tokenizerJsonGivesTokensAndMerges()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("tokenizer.json"), byteBpe().dump());
    writeBytes(folder.file("tokenizer_config.json"), R"({"bos_token": {"content": "<s>"}})");
    const Exported out(folder.file(""), 7);
    QVERIFY2(out.status, out.status ? "" : out.status.error().text().c_str());
    QCOMPARE(out.text("ggml.model"), u"gpt2"_s);
    QCOMPARE(out.text("ggml.pre"), u"gpt-2"_s);
    QCOMPARE(out.content.value("tokenizer.ggml.tokens")->texts(),
             (std::vector<std::string_view>{"a", "b", "ab", "Ġ", "<s>", "   ", "[PAD6]"}));
    QCOMPARE(out.content.value("tokenizer.ggml.token_type")->wholes(),
             (std::vector<std::int64_t>{1, 1, 1, 1, 3, 4, 5}));
    QCOMPARE(out.content.value("tokenizer.ggml.merges")->texts(),
             (std::vector<std::string_view>{"a b"}));
    QVERIFY(!out.content.value("tokenizer.ggml.scores"));
    QCOMPARE(out.whole("bos_token_id"), std::int64_t{4});
    QCOMPARE(out.whole("eos_token_id"), std::int64_t{-1});
    QCOMPARE(out.whole("add_bos_token"), std::int64_t{0});
    QVERIFY(out.warnings.empty());
}

void TestGgufTokenizer::mergesAsPairsAreTheSame()
{
    const TemporaryFolder folder;
    Json tokenizer = byteBpe();
    tokenizer["model"]["merges"] = Json::array({Json::array({"a", "b"})});
    writeBytes(folder.file("tokenizer.json"), tokenizer.dump());
    const Exported out(folder.file(""));
    QCOMPARE(out.content.value("tokenizer.ggml.merges")->texts(),
             (std::vector<std::string_view>{"a b"}));
}

void TestGgufTokenizer::vocabAndMergesGiveTheSame()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("vocab.json"), byteBpe()["model"]["vocab"].dump());
    writeBytes(folder.file("merges.txt"), "#version: 0.2\r\na b\r\n\r\n");
    writeBytes(folder.file("added_tokens.json"), R"({"<s>": 4, "   ": 5})");
    writeBytes(folder.file("special_tokens_map.json"), R"({"bos_token": "<s>"})");
    const Exported out(folder.file(""), 7);
    QVERIFY2(out.status, out.status ? "" : out.status.error().text().c_str());
    QCOMPARE(out.text("ggml.pre"), u"gpt-2"_s);
    QCOMPARE(out.content.value("tokenizer.ggml.tokens")->texts(),
             (std::vector<std::string_view>{"a", "b", "ab", "Ġ", "<s>", "   ", "[PAD6]"}));
    QCOMPARE(out.content.value("tokenizer.ggml.token_type")->wholes(),
             (std::vector<std::int64_t>{1, 1, 1, 1, 3, 4, 5}));
    QCOMPARE(out.content.value("tokenizer.ggml.merges")->texts(),
             (std::vector<std::string_view>{"a b"}));
}

void TestGgufTokenizer::theSplitGetsItsName_data()
{
    QTest::addColumn<QByteArray>("preTokenizer");
    QTest::addColumn<QString>("name"); // empty: refused
    const auto row = [](const char* title, const Json& preTokenizer, const char* name) {
        QTest::newRow(title) << QByteArray::fromStdString(preTokenizer.dump()) << name;
    };
    row("GPT-2", {{"type", "ByteLevel"}, {"add_prefix_space", false}}, "gpt-2");
    row("Llama 3", split(kLlama3Split), "llama-bpe");
    row("Qwen 2", split(kQwenSplit), "qwen2");
    row("SmolLM",
        {{"type", "Sequence"},
         {"pretokenizers",
          {{{"type", "Digits"}, {"individual_digits", true}}, {{"type", "ByteLevel"}}}}},
        "smollm");
    row("a pattern that nobody knows", split("[a-z]+"), "");
    row("a prefix space", {{"type", "ByteLevel"}, {"add_prefix_space", true}}, "");
    row("no regular expression at all", {{"type", "ByteLevel"}, {"use_regex", false}}, "");
    row("Metaspace", {{"type", "Metaspace"}}, "");
    row("nothing", nullptr, "");
    row("an empty list", {{"type", "Sequence"}, {"pretokenizers", Json::array()}}, "");
    row("a list of numbers", {{"type", "Sequence"}, {"pretokenizers", {1, 2}}}, "");
    row("a list that is a number", {{"type", "Sequence"}, {"pretokenizers", 3}}, "");
    Json strange = split(kQwenSplit);
    strange["pretokenizers"][0]["pattern"] = 7;
    row("a pattern that is a number", strange, "");
    strange = split(kQwenSplit);
    strange["pretokenizers"][0]["invert"] = true;
    row("an inverted pattern", strange, "");
}

void TestGgufTokenizer::theSplitGetsItsName()
{
    QFETCH(QByteArray, preTokenizer);
    QFETCH(QString, name);
    const TemporaryFolder folder;
    Json tokenizer = byteBpe();
    tokenizer["pre_tokenizer"] = Json::parse(preTokenizer.toStdString());
    writeBytes(folder.file("tokenizer.json"), tokenizer.dump());
    const Exported out(folder.file(""));
    QCOMPARE(static_cast<bool>(out.status), !name.isEmpty());
    if (out.status) {
        QCOMPARE(out.text("ggml.pre"), name);
    } else {
        QCOMPARE(out.status.error().code, ErrorCode::Unsupported);
        QVERIFY(shown(out.status.error().context).endsWith(u"tokenizer.json:pre_tokenizer"));
    }
}

void TestGgufTokenizer::aTemplateThatStartsWithBosAddsIt()
{
    const TemporaryFolder folder;
    Json tokenizer = byteBpe();
    tokenizer["post_processor"] = {
        {"type", "Sequence"},
        {"processors",
         {{{"type", "ByteLevel"}},
          {{"type", "TemplateProcessing"},
           {"single", {{{"SpecialToken", {{"id", "<s>"}}}}, {{"Sequence", {{"id", "A"}}}}}}}}}};
    writeBytes(folder.file("tokenizer.json"), tokenizer.dump());
    writeBytes(folder.file("tokenizer_config.json"), R"({"bos_token": "<s>"})");
    QCOMPARE(Exported(folder.file("")).whole("add_bos_token"), std::int64_t{1});

    writeBytes(folder.file("tokenizer_config.json"),
               R"({"bos_token": "<s>", "add_bos_token": false})");
    QCOMPARE(Exported(folder.file("")).whole("add_bos_token"), std::int64_t{0});
}

void TestGgufTokenizer::specialIdsComeFromTheConfigAtLast()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("tokenizer.json"), byteBpe().dump());
    const Json config = {{"bos_token_id", 4}, {"eos_token_id", {5, 4}}, {"pad_token_id", 700}};
    const Exported out(folder.file(""), 8, config);
    QCOMPARE(out.whole("bos_token_id"), std::int64_t{4});
    QCOMPARE(out.whole("eos_token_id"), std::int64_t{5});
    QCOMPARE(out.whole("padding_token_id"), std::int64_t{-1}); // no such token
}

void TestGgufTokenizer::theChatTemplateIsTaken_data()
{
    QTest::addColumn<QByteArray>("settings");
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("expected");
    QTest::newRow("none") << QByteArray("{}") << QByteArray() << "";
    QTest::newRow("a text") << QByteArray(R"({"chat_template": "{{a}}"})") << QByteArray()
                            << "{{a}}";
    QTest::newRow("several with names")
        << QByteArray(R"({"chat_template": [{"name": "tools", "template": "t"},
                                            {"name": "default", "template": "d"}]})")
        << QByteArray() << "d";
    QTest::newRow("a file, which goes first")
        << QByteArray(R"({"chat_template": "old"})") << QByteArray("new") << "new";
    QTest::newRow("a number") << QByteArray(R"({"chat_template": 7})") << QByteArray() << "";
}

void TestGgufTokenizer::theChatTemplateIsTaken()
{
    QFETCH(QByteArray, settings);
    QFETCH(QByteArray, file);
    QFETCH(QString, expected);
    const TemporaryFolder folder;
    writeBytes(folder.file("tokenizer.json"), byteBpe().dump());
    writeBytes(folder.file("tokenizer_config.json"), settings.toStdString());
    if (!file.isEmpty())
        writeBytes(folder.file("chat_template.jinja"), file.toStdString());
    const Exported out(folder.file(""));
    QVERIFY(out.status);
    QCOMPARE(out.text("chat_template"), expected);
}

void TestGgufTokenizer::aNormalizerIsSaid()
{
    const TemporaryFolder folder;
    Json tokenizer = byteBpe();
    tokenizer["normalizer"] = {{"type", "NFC"}};
    writeBytes(folder.file("tokenizer.json"), tokenizer.dump());
    const Exported out(folder.file(""));
    QCOMPARE(out.warnings.size(), std::size_t{1});
    QVERIFY(shown(out.warnings[0]).contains(u"normalises"));
}

void TestGgufTokenizer::publishedTokenizersAreExported_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("size");
    QTest::addColumn<QString>("model"); // empty: refused
    QTest::addColumn<QString>("pre");
    QTest::newRow("GPT-2") << "gpt2" << 50257 << "gpt2"
                           << "gpt-2";
    QTest::newRow("GPT-NeoX") << "gpt-neox-20b" << 50432 << "gpt2"
                              << "gpt-2";
    QTest::newRow("Qwen 3") << "qwen3" << 151936 << "gpt2"
                            << "qwen2";
    QTest::newRow("Mistral") << "mistral-v1" << 32000 << "llama"
                             << "default";
    QTest::newRow("a unigram model") << "albert-unigram-30k" << 30000 << ""
                                     << "";
}

void TestGgufTokenizer::publishedTokenizersAreExported()
{
    QFETCH(QString, folder);
    QFETCH(int, size);
    QFETCH(QString, model);
    QFETCH(QString, pre);
    const fs::path path = fs::path(SHARED_DIR "/data/tokenizers") / folder.toStdString();
    if (!fs::exists(path))
        QSKIP("needs the shared tokenizers beside the project");
    const Exported out(path, size);
    QCOMPARE(static_cast<bool>(out.status), !model.isEmpty());
    if (!out.status) {
        QCOMPARE(out.status.error().code, ErrorCode::Unsupported);
        return;
    }
    QCOMPARE(out.text("ggml.model"), model);
    QCOMPARE(out.text("ggml.pre"), pre);
    QCOMPARE(out.content.value("tokenizer.ggml.tokens")->count, static_cast<std::uint64_t>(size));
}

void TestGgufTokenizer::whatCannotBeExportedIsNamed_data()
{
    QTest::addColumn<QByteArray>("patch"); // of tokenizer.json
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* patch, const char* text) {
        QTest::newRow(name) << QByteArray(patch) << text;
    };
    row("no model", R"({"model": null})", "has no model");
    row("a model of words", R"({"model": {"type": "WordLevel"}})", "cannot be exported");
    row("byte fallback", R"({"model": {"byte_fallback": true}})", "cannot be exported");
    row("no vocabulary", R"({"model": {"vocab": null}})", "no vocabulary");
    row("a token without an id", R"({"model": {"vocab": {"a": "x"}}})", "\"a\" has no id");
    row("a token beyond the embedding", R"({"model": {"vocab": {"a": 8}}})",
        "token 8 has no row in the model's embedding, which has 8");
    row("a negative id", R"({"model": {"vocab": {"a": -1}}})", "token -1");
    row("a merge that is a number", R"({"model": {"merges": [1]}})", "a merge is");
    row("a merge of three", R"({"model": {"merges": [["a", "b", "c"]]}})", "a merge is");
    row("an added token without an id", R"({"added_tokens": [{"content": "x"}]})",
        "an added token");
    row("an added token beyond the embedding", R"({"added_tokens": [{"content": "x", "id": 99}]})",
        "token 99");
    row("added tokens that are a number", R"({"added_tokens": 5})", "an added token");
}

void TestGgufTokenizer::whatCannotBeExportedIsNamed()
{
    QFETCH(QByteArray, patch);
    QFETCH(QString, text);
    const TemporaryFolder folder;
    QCOMPARE(Exported(folder.file("")).status.error().code, ErrorCode::NotFound);
    Json tokenizer = byteBpe();
    tokenizer.merge_patch(Json::parse(patch.toStdString()));
    writeBytes(folder.file("tokenizer.json"), tokenizer.dump());
    const Exported out(folder.file(""));
    QVERIFY(!out.status);
    QVERIFY2(shown(out.status.error().text()).contains(text), out.status.error().text().c_str());
    QVERIFY(shown(out.status.error().context).contains(u"tokenizer.json"));
}

QTEST_GUILESS_MAIN(TestGgufTokenizer)
#include "tst_gguf_tokenizer.moc"
