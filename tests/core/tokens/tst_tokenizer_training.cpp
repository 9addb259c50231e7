#include "core/tokens/training.h"

#include "core/base/rng.h"
#include "core/tokens/catalog.h"
#include "sentencepiece_fixture.h"

#include <QTemporaryDir>

using namespace lacuna;
using namespace lacuna::test;

namespace fs = std::filesystem;

Q_DECLARE_METATYPE(SentencePieceTraining::Kind)

namespace {

/// Invented sentences from a few words.
std::vector<std::string> stories(int count)
{
    const std::vector<std::string> words = {
        "river", "stone", "lantern", "walks",  "under", "the",   "bridge", "slowly", "a",
        "heron", "waits", "morning", "bright", "cold",  "water", "sings",  "and",    "1984"};
    Random random(3);
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) {
        std::string text;
        for (int word = 0; word < 12; ++word)
            text += words[random.below(words.size())] + (word % 4 == 3 ? ".\n" : " ");
        texts.push_back(text);
    }
    return texts;
}

} // namespace

class TestTokenizerTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { SKIP_WITHOUT_SENTENCEPIECE(); }

    void aTrainedModelIsLoadedAgain_data()
    {
        QTest::addColumn<SentencePieceTraining::Kind>("kind");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("bpe") << SentencePieceTraining::Kind::Bpe << QByteArray("sentencepiece-bpe");
        QTest::newRow("unigram") << SentencePieceTraining::Kind::Unigram
                                 << QByteArray("sentencepiece-unigram");
    }

    void aTrainedModelIsLoadedAgain()
    {
        QFETCH(SentencePieceTraining::Kind, kind);
        QFETCH(QByteArray, name);
        QTemporaryDir temporary;
        const fs::path folder = fs::path(temporary.path().toStdString()) / "new/tokenizer";
        const Status trained = trainSentencePiece(
            stories(200),
            {.kind = kind, .vocabularySize = 300, .userDefined = {"<a,b>", "say \"hi\""}}, folder);
        QVERIFY2(trained, trained ? "" : trained.error().text().c_str());

        const auto tokenizer = loadTokenizer(folder);
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
        const Tokenizer& t = **tokenizer;
        QCOMPARE(t.kind(), name.toStdString());
        QCOMPARE(t.vocabularySize(), std::int64_t(300));
        QCOMPARE(t.piece(0), std::string("<unk>"));
        QCOMPARE(t.bosId(), std::int64_t(1));
        QCOMPARE(t.eosId(), std::int64_t(2));
        QCOMPARE(t.piece(3), std::string("<a,b>"));
        QCOMPARE(t.piece(4), std::string("say \"hi\""));
        QVERIFY(t.addsBos());
        const std::string text = "the heron waits\n  in 1984: \xF0\x9F\x98\x80 <a,b>";
        QCOMPARE(t.decode(t.encode(text)), text);
        QVERIFY(t.encode("the bridge", {.addBos = false}).size() < 10);
        // Digits are pieces of their own.
        QVERIFY(t.encode("1984", {.addBos = false}).size() >= 4);
    }

    void theSameTextsGiveTheSameBytes_data() { aTrainedModelIsLoadedAgain_data(); }

    void theSameTextsGiveTheSameBytes()
    {
        QFETCH(SentencePieceTraining::Kind, kind);
        QTemporaryDir temporary;
        const fs::path folder = temporary.path().toStdString();
        for (const char* name : {"first", "second"})
            QVERIFY(trainSentencePiece(stories(200), {.kind = kind, .vocabularySize = 295},
                                       folder / name));
        for (const char* file :
             {"tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"})
            QVERIFY(fileBytes(folder / "first" / file) == fileBytes(folder / "second" / file));
    }

    void linesOfAnyLengthAreUsed()
    {
        QTemporaryDir temporary;
        const fs::path folder = temporary.path().toStdString();
        std::string text = "q\tz\xE2\x96\x85"; // characters that the trainer keeps for itself
        for (int i = 0; i < 5000; ++i)
            text += "zebra quilt ";
        QVERIFY(trainSentencePiece({text}, {.vocabularySize = 280}, folder));
        const auto tokenizer = loadTokenizer(folder).value();
        QCOMPARE(tokenizer->encode("zebra", {.addBos = false}).size(), std::size_t(1));
    }

    void impossibleWishesAreRefused_data()
    {
        QTest::addColumn<qlonglong>("size");
        QTest::addColumn<bool>("texts");
        QTest::newRow("no text") << 300LL << false;
        QTest::newRow("too many pieces for the text") << 5000LL << true;
        QTest::newRow("too few pieces for the bytes") << 100LL << true;
        QTest::newRow("no pieces") << 0LL << true;
    }

    void impossibleWishesAreRefused()
    {
        QFETCH(qlonglong, size);
        QFETCH(bool, texts);
        QTemporaryDir temporary;
        const fs::path folder = fs::path(temporary.path().toStdString()) / "none";
        const Status trained =
            trainSentencePiece(texts ? stories(20) : std::vector<std::string>{"\n\n"},
                               {.vocabularySize = size}, folder);
        QVERIFY(!trained);
        QVERIFY2(trained.error().code == ErrorCode::InvalidArgument,
                 trained.error().text().c_str());
        QVERIFY(trained.error().message.find(".cc") == std::string::npos);
        QVERIFY(!fs::exists(folder));
    }
};

QTEST_GUILESS_MAIN(TestTokenizerTraining)
#include "tst_tokenizer_training.moc"
