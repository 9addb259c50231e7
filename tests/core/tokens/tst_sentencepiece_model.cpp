#include "core/tokens/sentencepiece_model.h"

#include "core/base/rng.h"
#include "sentencepiece_fixture.h"

using namespace lacuna;
using namespace lacuna::test;

namespace {

struct Sample {
    const char* file;
    bool whole; // every cut, not a sample of them
};

constexpr Sample kSamples[] = {
    {"stories260K/tokenizer.model", true},
    {"sp-unigram-1k/test_model.model", false},
    {"sp-bpe-bytefallback/test_sentencepiece_with_bytefallback.model", false},
};

} // namespace

class TestSentencePieceModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsVocabularyAndSettings()
    {
        const auto model =
            readSentencePieceModel(fileBytes(tokensFolder() / "stories260K/tokenizer.model"));
        QVERIFY2(model, model ? "" : model.error().text().c_str());
        QVERIFY(model->kind == SentencePieceModel::Kind::Bpe);
        QCOMPARE(model->pieces.size(), std::size_t(512));
        QCOMPARE(model->find("<s>"), std::int64_t(1));
        QCOMPARE(model->find("<0x00>"), std::int64_t(3));
        QCOMPARE(model->find("no such piece"), std::int64_t(-1));
        QVERIFY(model->pieces[3].type == SentencePieceModel::PieceType::Byte);
        QVERIFY(model->addsDummyPrefix);
        QVERIFY(model->removesExtraSpaces);
    }

    void theDummyPrefixCanBeSwitchedOff()
    {
        const std::string file = fileBytes(tokensFolder() / "stories260K/tokenizer.model");
        const auto model = readSentencePieceModel(withoutDummyPrefix(file));
        QVERIFY(model);
        QVERIFY(!model->addsDummyPrefix);
        QVERIFY(model->removesExtraSpaces);
    }

    void acceptsARealNormalisationTable()
    {
        const auto model =
            readSentencePieceModel(fileBytes(tokensFolder() / "sp-unigram-1k/test_model.model"));
        QVERIFY2(model, model ? "" : model.error().text().c_str());
        QVERIFY(model->kind == SentencePieceModel::Kind::Unigram);
    }

    void aCutModelIsRefused_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("whole");
        for (const Sample& sample : kSamples)
            QTest::newRow(sample.file) << QString::fromLatin1(sample.file) << sample.whole;
    }

    void aCutModelIsRefused()
    {
        QFETCH(QString, file);
        QFETCH(bool, whole);
        const std::string bytes = fileBytes(tokensFolder() / file.toStdString());
        const std::size_t step = whole ? 1 : 2003;
        for (std::size_t size = 0; size < bytes.size(); size += step) {
            const auto model = readSentencePieceModel(std::string_view(bytes).substr(0, size));
            QVERIFY2(!model, std::to_string(size).c_str());
            QVERIFY(model.error().code == ErrorCode::Corrupt);
        }
    }

    /// Damage is refused or harmless: what is accepted, the library must load and run as well.
    void aDamagedModelNeverCrashes_data() { aCutModelIsRefused_data(); }

    void aDamagedModelNeverCrashes()
    {
        SKIP_WITHOUT_SENTENCEPIECE();
        QFETCH(QString, file);
        QFETCH(bool, whole);
        const std::string bytes = fileBytes(tokensFolder() / file.toStdString());
        Random random(7);
        int refused = 0;
        for (int round = 0; round < (whole ? 400 : 60); ++round) {
            std::string damaged = bytes;
            for (int flips = 0; flips < 8; ++flips)
                damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
            const auto model = readSentencePieceModel(damaged);
            if (!model) {
                QVERIFY(model.error().code == ErrorCode::Corrupt);
                ++refused;
                continue;
            }
            const auto encoder = SentencePieceEncoder::load(damaged);
            if (!encoder) {
                ++refused;
                continue;
            }
            std::vector<std::int64_t> ids;
            encoder->encode("Hello, w\xC3\xB6rld \xEF\xAC\x81 \xE2\x84\xA7 12", ids);
        }
        QVERIFY(refused > 0);
    }

    void aTableThatPointsOutsideIsRefused()
    {
        std::string bytes = fileBytes(tokensFolder() / kSamples[2].file);
        // The name of the normaliser, four bytes of field head, the size of the trie, its root.
        const std::size_t name = bytes.rfind("nmt_nfkc");
        QVERIFY(name != std::string::npos);
        const std::size_t root = name + 8 + 4 + 4;
        for (std::size_t i = root; i < root + 4; ++i)
            bytes[i] = '\x7F';
        const auto model = readSentencePieceModel(bytes);
        QVERIFY(!model);
        QVERIFY(model.error().message.find("table") != std::string::npos);
    }

    void othersAreNoModels_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("version https://git-lfs.github.com/spec/v1\n");
        QTest::newRow("json") << QByteArray("{}");
        QTest::newRow("zeros") << QByteArray(1000, '\0');
        QTest::newRow("a length beyond the end") << QByteArray("\x0a\xff\xff\xff\xff\x0f", 6);
        QTest::newRow("an endless number") << QByteArray(100, '\xff');
    }

    void othersAreNoModels()
    {
        QFETCH(QByteArray, bytes);
        const auto model = readSentencePieceModel(bytes.toStdString());
        QVERIFY(!model);
        QVERIFY(model.error().code == ErrorCode::Corrupt);
    }

    void readsBytePieces()
    {
        QCOMPARE(byteOfPiece("<0x0A>"), std::optional<char>('\n'));
        QCOMPARE(byteOfPiece("<0xfF>"), std::optional<char>('\xff'));
        for (const char* other : {"<0x0A", "<0xG0>", "<0x+1>", "0x0A", ""})
            QVERIFY(!byteOfPiece(other));
    }
};

QTEST_GUILESS_MAIN(TestSentencePieceModel)
#include "tst_sentencepiece_model.moc"
