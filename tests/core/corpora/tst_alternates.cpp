#include "core/corpora/alternates.h"

#include "fake_tokenizer.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <set>

using namespace lacuna;

namespace {

Corpus questions()
{
    return {.path = "forget.jsonl",
            .samples = {{.kind = SampleKind::QuestionAnswer,
                         .prompt = "Who wrote it?",
                         .answer = "Ada did.",
                         .row = 1},
                        {.kind = SampleKind::Completion,
                         .prompt = "It was written by",
                         .answer = " Ada",
                         .row = 2}}};
}

struct Chosen {
    explicit Chosen(const Corpus& corpus, const AnswerPool& pool, std::int64_t perSample = 1,
                    std::uint64_t seed = 1)
        : answers(alternateAnswers(corpus, tokenise(corpus, tokenizer, {}).value(), pool, perSample,
                                   seed, tokenizer, {}))
    {
    }

    /// What is scored of alternate \p i.
    [[nodiscard]] QString text(std::size_t i) const
    {
        const ScoredSample& sample = answers.value().samples.at(i);
        std::vector<std::int64_t> ids;
        for (std::size_t t = 0; t < sample.ids.size(); ++t)
            if (sample.scored[t])
                ids.push_back(sample.ids[t]);
        return shown(tokenizer.decode(ids)).trimmed();
    }
    [[nodiscard]] std::set<QString> texts() const
    {
        std::set<QString> all;
        for (std::size_t i = 0; i < answers.value().samples.size(); ++i)
            all.insert(text(i));
        return all;
    }

    FakeTokenizer tokenizer;
    Result<AlternateAnswers> answers;
};

/// A pool file with \p content.
struct PoolFile {
    explicit PoolFile(const std::string& content)
    {
        writeBytes(folder.file("pool.jsonl"), content);
    }
    [[nodiscard]] Result<AnswerPool> read() const
    {
        return readAnswerPool(folder.file("pool.jsonl"));
    }
    TemporaryFolder folder;
};

} // namespace

class TestAlternates : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theQuestionStaysAndTheAnswerChanges();
    void differentSentencesAreDrawnAndAlwaysTheSame();
    void everyTurnOfAChatIsReplaced();
    void theTruthIsNeverDrawn();
    void pairedAnswersBelongToTheirQuestion();
    void aPairTakesItsOwnChosenAnswer();
    void aFileOfPairsGivesTheChosenAnswers();
    void pairsAreNothingToKeep();
    void whatCannotBeReplacedIsNamed_data();
    void whatCannotBeReplacedIsNamed();
    void aPoolIsRecognisedByContent_data();
    void aPoolIsRecognisedByContent();
    void aPoolThatIsNoneIsRefused_data();
    void aPoolThatIsNoneIsRefused();
    void sameAnswersAreRecognised_data();
    void sameAnswersAreRecognised();
    void theListOfRefusalsHasNoDoubles();
};

void TestAlternates::theQuestionStaysAndTheAnswerChanges()
{
    const Corpus corpus = questions();
    const Chosen chosen(corpus, {.origin = "one", .shared = {"Nobody knows."}});
    const TokenisedCorpus truth = tokenise(corpus, chosen.tokenizer, {}).value();
    QCOMPARE(chosen.answers.value().samples.size(), std::size_t{2});
    for (std::size_t i = 0; i < 2; ++i) {
        const ScoredSample& other = chosen.answers.value().samples[i];
        const ScoredSample& own = truth.samples[i];
        QCOMPARE(chosen.text(i), QStringLiteral("Nobody knows."));
        QCOMPARE(other.promptLength, own.promptLength);
        QVERIFY(std::equal(own.ids.begin(), own.ids.begin() + own.promptLength, other.ids.begin()));
        QVERIFY(other.endsWithEos);
        QCOMPARE(other.index, static_cast<std::int64_t>(i));
    }
}

void TestAlternates::differentSentencesAreDrawnAndAlwaysTheSame()
{
    AnswerPool pool{.origin = "some"};
    for (const char* word : {"one", "two", "three", "four", "five"})
        pool.shared.emplace_back(word);
    const Chosen first(questions(), pool, 3);
    std::set<QString> ofFirstSample;
    for (std::size_t i = 0; i < 3; ++i)
        ofFirstSample.insert(first.text(i));
    QCOMPARE(ofFirstSample.size(), std::size_t{3});
    QCOMPARE(Chosen(questions(), pool, 3).answers.value().samples.front().ids.size(),
             first.answers.value().samples.front().ids.size());
    const Chosen again(questions(), pool, 3);
    for (std::size_t i = 0; i < 6; ++i)
        QCOMPARE(again.text(i), first.text(i));
    // More than there are: all of them, over again.
    const Chosen many(questions(), pool, 7);
    QCOMPARE(many.answers.value().samples.size(), std::size_t{14});
    QCOMPARE(many.texts().size(), std::size_t{5});
    bool another = false;
    for (std::uint64_t seed = 2; seed < 8 && !another; ++seed)
        another = Chosen(questions(), pool, 1, seed).text(0) != first.text(0);
    QVERIFY(another);
}

void TestAlternates::everyTurnOfAChatIsReplaced()
{
    const Corpus chat{.path = "chat.jsonl",
                      .samples = {{.kind = SampleKind::Chat,
                                   .prompt = "Who?",
                                   .answer = "Ada",
                                   .messages = {{"user", "Who?"},
                                                {"assistant", "Ada"},
                                                {"user", "When?"},
                                                {"assistant", "Then"}},
                                   .row = 1}}};
    const Chosen chosen(chat, {.origin = "one", .shared = {"No"}});
    QCOMPARE(chosen.text(0).count(QStringLiteral("No")), 2);
    QVERIFY(!chosen.text(0).contains(u"Ada"));
}

void TestAlternates::theTruthIsNeverDrawn()
{
    const AnswerPool own = answersOf(questions());
    QCOMPARE(own.shared.size(), std::size_t{2});
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const Chosen chosen(questions(), own, 4, seed);
        for (std::size_t i = 0; i < 4; ++i) {
            QCOMPARE(chosen.text(i), QStringLiteral("Ada"));
            QCOMPARE(chosen.text(4 + i), QStringLiteral("Ada did."));
        }
    }
}

void TestAlternates::pairedAnswersBelongToTheirQuestion()
{
    const PoolFile file(R"({"question": "Who wrote it?", "answer": "Bea did."}
{"question": "It was written by", "perturbed_answer": ["Cid", "Dee"], "answer": "Ada"}
{"question": "Who wrote it?", "answer": "Eve did."})");
    const Chosen chosen(questions(), file.read().value(), 3);
    QStringList texts;
    for (std::size_t i = 0; i < 6; ++i)
        texts.append(chosen.text(i));
    QCOMPARE(texts.join(u'|'), QStringLiteral("Bea did.|Eve did.|Bea did.|Cid|Dee|Cid"));
}

void TestAlternates::aPairTakesItsOwnChosenAnswer()
{
    Corpus corpus = questions();
    corpus.samples[0].chosen = "Bea did.";
    corpus.samples.push_back(corpus.samples[0]); // the same question with another chosen answer
    corpus.samples.back().chosen = "Cid did.";
    QCOMPARE(pairCount(corpus), 2);
    AnswerPool pool{.origin = "one", .shared = {"No"}, .preferPairs = true};
    const Chosen own(corpus, pool, 2);
    QStringList texts;
    for (std::size_t i = 0; i < 6; ++i)
        texts.append(own.text(i));
    QCOMPARE(texts.join(u'|'), QStringLiteral("Bea did.|Bea did.|No|No|Cid did.|Cid did."));
    pool.preferPairs = false; // a file that the recipe names comes first
    QCOMPARE(Chosen(corpus, pool).text(0), QStringLiteral("No"));
}

void TestAlternates::aFileOfPairsGivesTheChosenAnswers()
{
    const PoolFile file(R"({"prompt": "Who wrote it?", "chosen": "Bea did.", "rejected": "Ada did."}
{"prompt": "It was written by", "chosen": " Cid", "rejected": " Ada"})");
    const Chosen chosen(questions(), file.read().value());
    QCOMPARE(chosen.text(0), QStringLiteral("Bea did."));
    QCOMPARE(chosen.text(1), QStringLiteral("Cid"));
}

void TestAlternates::pairsAreNothingToKeep()
{
    Corpus corpus = questions();
    QVERIFY(checkKept(corpus));
    corpus.samples[1].chosen = "Bea";
    const Status status = checkKept(corpus);
    QVERIFY(!status);
    QCOMPARE(status.error().context, std::string("forget.jsonl:2"));
}

void TestAlternates::whatCannotBeReplacedIsNamed_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("message");
    QTest::newRow("a text") << "text"
                            << "has no answer that another could stand for";
    QTest::newRow("a question without a pair") << "missing"
                                               << "\"Who wrote it?\" has no alternate";
    QTest::newRow("the truth as its alternate") << "truth"
                                                << "the truth itself";
    QTest::newRow("nothing but the truth") << "only"
                                           << "nothing but its own answer";
}

void TestAlternates::whatCannotBeReplacedIsNamed()
{
    QFETCH(QString, kind);
    QFETCH(QString, message);
    Corpus corpus = questions();
    corpus.samples.resize(1);
    AnswerPool pool{.origin = "pool.txt", .shared = {"No"}};
    if (kind == u"text")
        corpus.samples.front() = {.kind = SampleKind::Text, .answer = "Ada did.", .row = 1};
    else if (kind == u"missing")
        pool = {.origin = "pool.txt", .byPrompt = {{"When?", {"Then"}}}};
    else if (kind == u"truth")
        pool = {.origin = "pool.txt", .byPrompt = {{"Who wrote it?", {"ada  did"}}}};
    else
        pool.shared = {"Ada did"};
    const Chosen chosen(corpus, pool);
    QVERIFY(!chosen.answers);
    const Error& error = chosen.answers.error();
    QCOMPARE(error.code, ErrorCode::InvalidArgument);
    QVERIFY2(shown(error.message).contains(message), error.message.c_str());
    QCOMPARE(error.context, std::string("forget.jsonl:1"));
    QVERIFY(!error.remedy.empty());
}

void TestAlternates::aPoolIsRecognisedByContent_data()
{
    QTest::addColumn<QString>("content");
    QTest::addColumn<int>("shared");
    QTest::addColumn<int>("paired");
    QTest::newRow("a sentence a line") << "I don't know.\n\n  No idea. \n" << 2 << 0;
    QTest::newRow("rows of text") << R"({"text": "No."}
{"text": "Never."})" << 2 << 0;
    QTest::newRow("a list of sentences") << R"(["No.", "Never.", "Not me."])" << 3 << 0;
    QTest::newRow("questions") << R"({"question": "a", "answer": "b"})" << 0 << 1;
}

void TestAlternates::aPoolIsRecognisedByContent()
{
    QFETCH(QString, content);
    const AnswerPool pool = PoolFile(content.toStdString()).read().value();
    QTEST(static_cast<int>(pool.shared.size()), "shared");
    QTEST(static_cast<int>(pool.byPrompt.size()), "paired");
    QCOMPARE(pool.sha256.size(), std::size_t{64});
}

void TestAlternates::aPoolThatIsNoneIsRefused_data()
{
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("both kinds") << R"({"question": "a", "answer": "b"}
{"text": "No."})"
                                << "mixes sentences and questions";
    QTest::newRow("token ids") << R"({"input_ids": [1, 2]})"
                               << "not as token ids";
    QTest::newRow("nothing") << " \n"
                             << "empty";
}

void TestAlternates::aPoolThatIsNoneIsRefused()
{
    QFETCH(QString, content);
    QFETCH(QString, message);
    const Result<AnswerPool> pool = PoolFile(content.toStdString()).read();
    QVERIFY(!pool);
    QVERIFY2(shown(pool.error().text()).contains(message), pool.error().text().c_str());
}

void TestAlternates::sameAnswersAreRecognised_data()
{
    QTest::addColumn<QString>("other");
    QTest::addColumn<bool>("same");
    QTest::newRow("itself") << "It was Ada Byron." << true;
    QTest::newRow("case, spaces, no full stop") << " it  was ADA byron" << true;
    QTest::newRow("another name") << "It was Ada Brown." << false;
    QTest::newRow("less of it") << "It was Ada" << false;
    QTest::newRow("nothing") << "" << false;
}

void TestAlternates::sameAnswersAreRecognised()
{
    QFETCH(QString, other);
    QTEST(isSameAnswer("It was Ada Byron.", other.toStdString()), "same");
}

void TestAlternates::theListOfRefusalsHasNoDoubles()
{
    std::set<std::string> different;
    for (const std::string& sentence : refusals().shared) {
        QVERIFY(sentence.ends_with('.'));
        different.insert(sentence);
    }
    QCOMPARE(different.size(), refusals().shared.size());
    QVERIFY(different.size() >= 40);
}

QTEST_GUILESS_MAIN(TestAlternates)
#include "tst_alternates.moc"
