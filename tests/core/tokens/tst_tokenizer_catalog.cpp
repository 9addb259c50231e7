#include "core/tokens/catalog.h"

#include "sentencepiece_fixture.h"

#include <QTemporaryDir>

using namespace lacuna;
using namespace lacuna::test;

namespace fs = std::filesystem;

class TestTokenizerCatalog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void loadsTheTokenizerOfAFolder()
    {
        SKIP_WITHOUT_SENTENCEPIECE();
        const auto tokenizer = loadTokenizer(tokensFolder() / "stories260K");
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
        QCOMPARE((*tokenizer)->kind(), std::string("sentencepiece-bpe"));
        QVERIFY((*tokenizer)->addsBos());
    }

    void loadsAModelOfAnyName()
    {
        SKIP_WITHOUT_SENTENCEPIECE();
        QVERIFY(loadTokenizer(tokensFolder() / "sp-unigram-1k"));
        QVERIFY(loadTokenizer(tokensFolder() / "sp-unigram-1k/test_model.model"));
    }

    void listsTheFilesOfAFolder()
    {
        const auto files = tokenizerFiles(tokensFolder() / "stories260K");
        QVERIFY(files);
        QCOMPARE(files->format, std::string("sentencepiece"));
        QCOMPARE(files->main.filename().string(), std::string("tokenizer.model"));
        QCOMPARE(files->files.size(), std::size_t(3));
    }

    void aMissingTokenizerNamesWhatWasLookedFor()
    {
        QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        const auto files = tokenizerFiles(path);
        QVERIFY(files);
        QVERIFY(files->format.empty());
        const auto tokenizer = loadTokenizer(path);
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().code == ErrorCode::NotFound);
        QCOMPARE(tokenizer.error().context, path.string());
        QVERIFY(tokenizer.error().message.find("tokenizer.model") != std::string::npos);
        QVERIFY(!tokenizer.error().remedy.empty());
        QVERIFY(loadTokenizer(path / "none").error().code == ErrorCode::NotFound);
    }

    void otherFormatsAreNamed_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("format");
        QTest::newRow("ranks under the name of a model")
            << QByteArray("tokenizer.model") << QByteArray("IQ== 0\nIg== 1\nIw== 2\n")
            << QByteArray("tiktoken");
    }

    void otherFormatsAreNamed()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, format);
        QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        writeBytes(path / name.toStdString(), content.toStdString());
        QCOMPARE(tokenizerFiles(path).value().format, format.toStdString());
        const auto tokenizer = loadTokenizer(path);
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().code == ErrorCode::Unsupported);
        const std::string title = tokenizerFormats().find(format.toStdString()).value()->title;
        QVERIFY(tokenizer.error().message.find(title) != std::string::npos);
        QVERIFY(!tokenizer.error().remedy.empty());
    }

    void filesDecideTheFormat_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("format");
        QTest::newRow("tokenizer.json alone")
            << QByteArray("tokenizer.json") << QByteArray("tokenizer-json");
        QTest::newRow("merges") << QByteArray("merges.txt") << QByteArray("byte-bpe");
        QTest::newRow("a vocabulary") << QByteArray("vocab.json") << QByteArray("byte-bpe");
    }

    void filesDecideTheFormat()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, format);
        QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        writeBytes(path / name.toStdString(), "{}");
        QCOMPARE(tokenizerFiles(path).value().format, format.toStdString());
        QVERIFY(!loadTokenizer(path));
    }

    void aModelGoesBeforeTokenizerJson()
    {
        QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        writeBytes(path / "tokenizer.json", "{}");
        writeBytes(path / "tokenizer.model",
                   fileBytes(tokensFolder() / "stories260K/tokenizer.model"));
        const auto files = tokenizerFiles(path);
        QCOMPARE(files->format, std::string("sentencepiece"));
        QCOMPARE(files->files.size(), std::size_t(2));
    }

    void theTextsOfTokensJoinToTheWhole_data()
    {
        QTest::addColumn<QString>("folder");
        const auto add = [](const fs::path& parent) {
            std::error_code absent;
            for (const fs::directory_entry& entry : fs::directory_iterator(parent, absent))
                if (const auto files = tokenizerFiles(entry.path());
                    files && !files->format.empty())
                    QTest::newRow(
                        (parent.parent_path().filename() / entry.path().filename()).c_str())
                        << QString::fromStdString(entry.path().string());
        };
        add(tokensFolder());
        add(fs::path(SHARED_DIR) / "data/tokenizers");
    }

    void theTextsOfTokensJoinToTheWhole()
    {
        QFETCH(QString, folder);
        SKIP_WITHOUT_SENTENCEPIECE();
        const auto tokenizer = loadTokenizer(folder.toStdString());
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
        const Tokenizer& t = **tokenizer;
        for (const char* text : {"The cat sat on the mat.", " two  spaces\nand\ta tab",
                                 "na\u00EFve caf\u00E9 \u6F22\u5B57 \U0001F600!"}) {
            const std::vector<std::int64_t> ids = t.encode(text, {.addBos = false});
            std::string joined;
            for (const std::int64_t id : ids)
                joined += t.isSpecial(id) ? "" : t.pieceText(id);
            // A space that encoding put in front belongs to the first token.
            const std::string whole = t.decode(ids);
            const std::string seen = joined.starts_with(whole) ? joined : joined.substr(1);
            QCOMPARE(QByteArray::fromStdString(seen), QByteArray::fromStdString(whole));
        }
        const std::int64_t last = t.vocabularySize();
        QCOMPARE(t.pieceText(last), std::string());
        QVERIFY(!t.isSpecial(last));
        QCOMPARE(t.pieceText(-1), std::string());
        if (t.eosId() >= 0) {
            QVERIFY(t.isSpecial(t.eosId()));
            QCOMPARE(t.pieceText(t.eosId()), t.piece(t.eosId()));
        }
    }

    void aDamagedModelIsCorruptAndNamed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray whole =
            QByteArray::fromStdString(fileBytes(tokensFolder() / "stories260K/tokenizer.model"));
        QTest::newRow("cut in half") << whole.left(whole.size() / 2);
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("garbage") << QByteArray(500, 'x');
        QTest::newRow("a pointer to the file")
            << QByteArray("version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    }

    void aDamagedModelIsCorruptAndNamed()
    {
        QFETCH(QByteArray, bytes);
        QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        writeBytes(path / "tokenizer.model", bytes.toStdString());
        const auto tokenizer = loadTokenizer(path);
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().code == ErrorCode::Corrupt);
        QVERIFY(tokenizer.error().context.find("tokenizer.model") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTokenizerCatalog)
#include "tst_tokenizer_catalog.moc"
