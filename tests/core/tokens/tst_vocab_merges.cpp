#include "core/tokens/vocab_merges.h"

#include "bpe_fixture.h"
#include "core/tokens/catalog.h"

using namespace lacuna;
using namespace lacuna::test;

namespace {

/// A folder with the byte-level vocabulary of the rules in the older form, and more pieces.
class VocabFolder : public TokenizerFolder {
public:
    explicit VocabFolder(std::initializer_list<const char*> more = {})
    {
        Json model = baseTokenizer("byte").at("model");
        Json& vocab = model.at("vocab");
        for (const char* piece : more)
            vocab[piece] = vocab.size();
        write("vocab.json", vocab.dump());
        std::string merges = "#version: 0.2\n";
        for (const Json& merge : model.at("merges"))
            merges += merge.get<std::string>() + "\n";
        write("merges.txt", merges);
    }
};

std::shared_ptr<const Tokenizer> loaded(const TokenizerFolder& folder)
{
    auto tokenizer = loadTokenizer(folder.path());
    if (!tokenizer)
        qWarning("%s", tokenizer.error().text().c_str());
    return tokenizer.value();
}

} // namespace

class TestVocabMerges : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bothFormsOfATokenizerGiveTheSameIds()
    {
        const auto older = loaded(VocabFolder());
        const auto newer = read(baseTokenizer("byte")).value();
        for (const char* text : {"Hello, world's 123  words\n", "caf\xC3\xA9 \xE6\x97\xA5", ""}) {
            QCOMPARE(shown(older->encode(text)), shown(newer->encode(text)));
            QCOMPARE(older->decode(older->encode(text)), std::string(text));
        }
        QCOMPARE(older->kind(), std::string("byte-bpe"));
    }

    void gpt2AddsNoBos()
    {
        const auto tokenizer = loaded(VocabFolder({"<|endoftext|>"}));
        QCOMPARE(tokenizer->piece(tokenizer->bosId()), std::string("<|endoftext|>"));
        QCOMPARE(tokenizer->bosId(), tokenizer->eosId());
        QVERIFY(!tokenizer->addsBos());
        const Ids ids = tokenizer->encode("a<|endoftext|>");
        QCOMPARE(ids.size(), std::size_t(2));
        QCOMPARE(ids.back(), tokenizer->eosId());
        QCOMPARE(tokenizer->decode(ids), std::string("a"));
    }

    void optPutsItsEndTokenInFront()
    {
        const VocabFolder folder({"<pad>", "</s>"});
        folder.write("tokenizer_config.json",
                     R"({"add_bos_token": true, "add_prefix_space": false,
                         "bos_token": {"__type": "AddedToken", "content": "</s>", "lstrip": false},
                         "eos_token": {"__type": "AddedToken", "content": "</s>"},
                         "pad_token": {"__type": "AddedToken", "content": "<pad>"},
                         "unk_token": {"__type": "AddedToken", "content": "</s>"},
                         "tokenizer_class": "GPT2Tokenizer"})");
        const auto tokenizer = loaded(folder);
        QVERIFY(tokenizer->addsBos());
        QVERIFY(!tokenizer->addsEos());
        QCOMPARE(tokenizer->piece(tokenizer->bosId()), std::string("</s>"));
        QCOMPARE(shown(tokenizer->encode("a")),
                 shown({tokenizer->bosId(), tokenizer->encode("a", kBare).at(0)}));
        QCOMPARE(tokenizer->decode(tokenizer->encode("a<pad>")), std::string("a"));
    }

    void phiHasItsSpacesInAnotherFile()
    {
        const VocabFolder folder({"<|endoftext|>"});
        const auto base = loaded(folder)->vocabularySize();
        folder.write("added_tokens.json",
                     (Json{{"    ", base}, {"\t\t", base + 1}, {"[PAD]", base + 2}}).dump());
        folder.write("tokenizer_config.json",
                     R"({"tokenizer_class": "CodeGenTokenizer", "pad_token": "[PAD]"})");
        const auto tokenizer = loaded(folder);
        QCOMPARE(tokenizer->vocabularySize(), base + 3);
        const Ids ids = tokenizer->encode("a    b\t\t[PAD]");
        QCOMPARE(shown(ids), shown({ids.at(0), base, ids.at(2), base + 1, base + 2}));
        QCOMPARE(tokenizer->decode(ids), std::string("a    b\t\t"));
    }

    void aPrefixSpaceIsASetting()
    {
        const VocabFolder folder;
        folder.write("tokenizer_config.json", R"({"add_prefix_space": true})");
        const auto tokenizer = loaded(folder);
        QCOMPARE(tokenizer->decode(tokenizer->encode("the")), std::string(" the"));
    }

    void qwenCutsDigitsApart()
    {
        const VocabFolder folder;
        folder.write("tokenizer_config.json", R"({"tokenizer_class": "Qwen2Tokenizer"})");
        const auto tokenizer = loaded(folder);
        QCOMPARE(tokenizer->encode("1234").size(), std::size_t(4));
        QCOMPARE(shown(tokenizer->encode("e\xCC\x81")), shown(tokenizer->encode("\xC3\xA9")));
    }

    void aClassWithRulesOfItsOwnIsRefused()
    {
        const VocabFolder folder;
        folder.write("tokenizer_config.json", R"({"tokenizer_class": "CLIPTokenizer"})");
        const auto tokenizer = loadTokenizer(folder.path());
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().code == ErrorCode::Unsupported);
        QVERIFY(tokenizer.error().context.find("tokenizer_config.json: tokenizer_class") !=
                std::string::npos);
        QVERIFY(tokenizer.error().message.find("CLIPTokenizer") != std::string::npos);
    }

    void damagedFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("place");
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char* name, const char* file, const char* content,
                            const char* place, const char* message) {
            QTest::newRow(name) << QByteArray(file) << QByteArray(content) << QByteArray(place)
                                << QByteArray(message);
        };
        row("cut vocabulary", "vocab.json", R"({"a": 1)", "vocab.json:1", "ends in the middle");
        row("a list", "vocab.json", "[]", "vocab.json: the top level", "object");
        row("an id that is a text", "vocab.json", R"({"a": "1"})", "vocab.json: a", "id");
        row("a huge id", "vocab.json", R"({"a": 4000000000})", "vocab.json: vocab.a",
            "out of range");
        row("a line of one piece", "merges.txt", "#version: 0.2\na b\nab\n", "merges.txt:3",
            "two pieces");
        row("a line of three pieces", "merges.txt", "a b c\n", "merges.txt:1", "two pieces");
        row("an empty line", "merges.txt", "a b\n\na b\n", "merges.txt:2", "two pieces");
        row("bytes that are no text", "merges.txt", "a \xFF\n", "merges.txt:1", "two pieces");
        row("an unknown piece", "merges.txt", "Q Q\n", "merges.txt: merges[0]",
            "\"QQ\" is not in the vocabulary");
    }

    void damagedFilesAreRefused()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, place);
        QFETCH(QByteArray, message);
        const VocabFolder folder;
        folder.write(name.constData(), content.toStdString());
        const auto tokenizer = loadTokenizer(folder.path());
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().code == ErrorCode::Corrupt);
        QVERIFY2(tokenizer.error().context.ends_with(place.toStdString()),
                 tokenizer.error().text().c_str());
        QVERIFY2(tokenizer.error().message.find(message.toStdString()) != std::string::npos,
                 tokenizer.error().text().c_str());
    }

    void oneFileWithoutTheOtherIsNamed()
    {
        for (const char* missing : {"vocab.json", "merges.txt"}) {
            const VocabFolder folder;
            std::filesystem::remove(folder.path() / missing);
            const auto tokenizer = loadTokenizer(folder.path());
            QVERIFY(!tokenizer);
            QVERIFY(tokenizer.error().code == ErrorCode::NotFound);
            QVERIFY(tokenizer.error().context.ends_with(missing));
        }
    }
};

QTEST_GUILESS_MAIN(TestVocabMerges)
#include "tst_vocab_merges.moc"
