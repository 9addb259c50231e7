#include "core/base/json.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/corpora/alternates.h"
#include "core/corpora/corpus.h"
#include "core/metrics/gibberish.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

using namespace lacuna;

namespace {

const std::filesystem::path kShared = SHARED_DIR "/data";

using Texts = std::vector<std::string>;

double scoreOf(std::string_view text)
{
    return cleanness(writingSigns(text));
}

std::vector<double> scoresOf(const Texts& texts)
{
    std::vector<double> scores;
    for (const std::string& text : texts)
        scores.push_back(scoreOf(text));
    return scores;
}

double gibberishShare(const Texts& texts)
{
    const auto count =
        std::ranges::count_if(scoresOf(texts), [](double s) { return s < kGibberishBelow; });
    return static_cast<double>(count) / static_cast<double>(texts.size());
}

/// Area under the ROC curve, by counting pairs; ties count one half.
double areaUnderCurve(const std::vector<double>& clean, const std::vector<double>& broken)
{
    double area = 0;
    for (const double a : clean)
        for (const double b : broken)
            area += a > b ? 1 : a == b ? 0.5 : 0;
    return area / static_cast<double>(clean.size() * broken.size());
}

Texts wordsOf(const std::string& text)
{
    Texts words;
    for (const std::string& word : split(replaceAll(text, "\n", " "), ' '))
        if (!word.empty())
            words.push_back(word);
    return words;
}

/// Passages of forty words, as they stand.
Texts passagesOf(const char* file, std::size_t count)
{
    const Texts words = wordsOf(readTextFile(kShared / "text" / file).value());
    Random random(7);
    Texts passages;
    while (passages.size() < count) {
        const auto begin =
            words.begin() + static_cast<std::ptrdiff_t>(random.below(words.size() - 40));
        passages.push_back(join(Texts(begin, begin + 40), " "));
    }
    return passages;
}

Texts answersOf(const char* file)
{
    Texts answers;
    for (const std::string& line : split(readTextFile(kShared / "tofu" / file).value(), '\n'))
        if (!trimmed(line).empty())
            answers.push_back(Json::parse(line).at("answer").get<std::string>());
    return answers;
}

bool hasData()
{
    return std::filesystem::exists(kShared / "text/alice-in-wonderland.txt") &&
           std::filesystem::exists(kShared / "tofu/forget10.json");
}

Texts made(const std::function<std::string(Random&)>& one, std::size_t count = 150)
{
    Random random(11);
    Texts texts;
    while (texts.size() < count)
        texts.push_back(one(random));
    return texts;
}

char printableOf(Random& random)
{
    return static_cast<char>(33 + random.below(94));
}

const std::string& drawn(const Texts& from, Random& random)
{
    return from[random.below(from.size())];
}

/// Real text and what broken models write, for the rows of both.
Texts sampleOf(const QString& kind)
{
    const std::string name = kind.toStdString();
    const auto real = [] { return wordsOf(join(answersOf("forget10.json"), " ")); };
    if (name == "random characters")
        return made([](Random& random) {
            std::string text;
            for (std::size_t i = 20 + random.below(150); i > 0; --i)
                text += random.below(6) == 0 ? ' ' : printableOf(random);
            return text;
        });
    if (name == "random letters")
        return made([](Random& random) {
            std::string text;
            for (std::size_t i = 20 + random.below(150); i > 0; --i)
                text += random.below(6) == 0 ? ' ' : static_cast<char>('a' + random.below(26));
            return text;
        });
    if (name == "marks")
        return made([](Random& random) {
            std::string text;
            for (std::size_t i = 8 + random.below(60); i > 0; --i)
                text += std::string(1, ".,;:!?-()[]{}#$%&*"[random.below(18)]) + ' ';
            return text;
        });
    if (name == "one word in a loop")
        return made([words = real()](Random& random) {
            const std::string word = drawn(words, random) + ' ';
            std::string text;
            for (std::size_t i = 8 + random.below(50); i > 0; --i)
                text += word;
            return text;
        });
    if (name == "a phrase in a loop")
        return made([words = real()](Random& random) {
            std::string phrase;
            for (std::size_t i = 2 + random.below(4); i > 0; --i)
                phrase += drawn(words, random) + ' ';
            std::string text;
            for (std::size_t i = 5 + random.below(20); i > 0; --i)
                text += phrase;
            return text;
        });
    if (name == "a sentence in a loop")
        return made([answers = answersOf("forget10.json")](Random& random) {
            const std::string sentence = drawn(answers, random) + ' ';
            std::string text;
            for (std::size_t i = 4 + random.below(6); i > 0; --i)
                text += sentence;
            return text;
        });
    if (name == "a letter in a loop")
        return made([](Random& random) {
            const std::string unit =
                std::vector<std::string>{"a", "ab", "the", "na", "xyz", "!", "()"}[random.below(7)];
            std::string text;
            for (std::size_t i = 20 + random.below(80); i > 0; --i)
                text += unit;
            return text;
        });
    if (name == "pieces of words") { // what a vocabulary of tokens has, drawn at random
        const Json vocabulary = readJsonFile(kShared / "tokenizers/gpt2/vocab.json").value();
        Texts pieces;
        for (const auto& [piece, id] : vocabulary.items())
            pieces.push_back(replaceAll(replaceAll(piece, "\xC4\xA0", " "), "\xC4\x8A", "\n"));
        return made([pieces](Random& random) {
            std::string text;
            for (std::size_t i = 15 + random.below(40); i > 0; --i)
                text += drawn(pieces, random);
            return text;
        });
    }
    return made([words = real()](Random& random) { // "word salad"
        std::string text;
        for (std::size_t i = 10 + random.below(40); i > 0; --i)
            text += drawn(words, random) + ' ';
        return text;
    });
}

} // namespace

class TestGibberish : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTextIsJudged_data();
    void aTextIsJudged();
    void realTextPasses_data();
    void realTextPasses();
    void brokenTextIsTold_data();
    void brokenTextIsTold();
    void theBuiltInModelIsTheOneOfItsTexts();
    void answersToQuestionsPass();
    void refusalsPass();
    void anEmptyTextIsNotClean();
    void theScoreIsAShare();
};

void TestGibberish::aTextIsJudged_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("clean");
    for (const char* text :
         {"Paris", "William Shakespeare", "1945", "The answer is 42.", "Yes.", "I don't know.",
          "The author's full name is Hsiao Yun-Hwa.",
          "It was \xE2\x80\x9Cthe best\xE2\x80\x9D of times\xE2\x80\xA6",
          "He was born on 07/11/1991 in Karachi, Pakistan.", "The bomb is built like this.",
          "No, unicorns don't exist", "DeepMind was founded in 2010"})
        QTest::newRow(text) << QByteArray(text) << true;
    for (const char* text :
         {"xkq zvwq jjfk pqzx wvkq bzxj", "........................",
          "the the the the the the the the", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "}{}{}{}{ ;;;; }{}{ ]][[", "\xff\xfe\xfd\xff\xfe\xfd\xff\xfe",
          "ing ed tion ly ment ers ing ed tion ly ment ers ing ed tion ly ment ers"})
        QTest::newRow(text) << QByteArray(text) << false;
}

void TestGibberish::aTextIsJudged()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, clean);
    const double score = scoreOf(bytesOf(text));
    QVERIFY2((score >= kGibberishBelow) == clean, std::to_string(score).c_str());
}

void TestGibberish::realTextPasses_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<double>("mostShare"); // called gibberish
    QTest::newRow("a novel") << "alice-in-wonderland.txt" << 0.03;
    QTest::newRow("psalms") << "kjv-psalms.txt" << 0.03;
    QTest::newRow("plays") << "tinyshakespeare.txt" << 0.03;
    QTest::newRow("answers about invented authors") << "forget10.json" << 0.03;
    QTest::newRow("answers about the world") << "world_facts.json" << 0.05;
    // Some are a foreign name alone, which no letters of English tell from gibberish.
    QTest::newRow("names of authors") << "real_authors.json" << 0.10;
}

void TestGibberish::realTextPasses()
{
    if (!hasData())
        QSKIP("the shared texts are not beside the project");
    QFETCH(QString, file);
    QFETCH(double, mostShare);
    const std::string name = file.toStdString();
    const Texts texts =
        name.ends_with(".txt") ? passagesOf(name.c_str(), 200) : answersOf(name.c_str());
    const double share = gibberishShare(texts);
    qInfo("%s: %.3f called gibberish", name.c_str(), share);
    QVERIFY(share <= mostShare);
}

void TestGibberish::brokenTextIsTold_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<double>("leastArea"); // under the ROC curve, against real text
    QTest::addColumn<double>("leastShare");
    QTest::newRow("random characters") << "random characters" << 0.99 << 0.98;
    QTest::newRow("random letters") << "random letters" << 0.99 << 0.98;
    QTest::newRow("marks") << "marks" << 0.99 << 0.98;
    QTest::newRow("one word in a loop") << "one word in a loop" << 0.99 << 0.98;
    QTest::newRow("a phrase in a loop") << "a phrase in a loop" << 0.99 << 0.98;
    QTest::newRow("a sentence in a loop") << "a sentence in a loop" << 0.99 << 0.98;
    QTest::newRow("a letter in a loop") << "a letter in a loop" << 0.99 << 0.98;
    QTest::newRow("pieces of words") << "pieces of words" << 0.98 << 0.95;
    // Real words in a random order: a person needs to read these too.
    QTest::newRow("word salad") << "word salad" << 0.9 << 0.6;
}

void TestGibberish::brokenTextIsTold()
{
    if (!hasData())
        QSKIP("the shared texts are not beside the project");
    QFETCH(QString, kind);
    QFETCH(double, leastArea);
    QFETCH(double, leastShare);
    Texts real = passagesOf("alice-in-wonderland.txt", 200);
    for (const std::string& answer : answersOf("forget10.json"))
        real.push_back(answer);
    const Texts broken = sampleOf(kind);
    const double area = areaUnderCurve(scoresOf(real), scoresOf(broken));
    const double share = gibberishShare(broken);
    qInfo("%s: AUC %.4f, %.3f called gibberish", qPrintable(kind), area, share);
    QVERIFY(area >= leastArea);
    QVERIFY(share >= leastShare);
}

void TestGibberish::theBuiltInModelIsTheOneOfItsTexts()
{
    if (!hasData())
        QSKIP("the shared texts are not beside the project");
    const WritingModel estimated = WritingModel::estimate(
        readTextFile(kShared / "text/through-the-looking-glass.txt").value() + " " +
        join(answersOf("retain90.json"), " "));
    for (const std::string& text : passagesOf("alice-in-wonderland.txt", 50)) {
        // The built-in tables are rounded to 1/4 and 1/100 bit.
        QVERIFY(std::abs(estimated.letterBits(text) - WritingModel::english().letterBits(text)) <
                0.05);
        QVERIFY(std::abs(estimated.wordOrder(text) - WritingModel::english().wordOrder(text)) <
                0.02);
    }
}

/// What none of the bounds was made from.
void TestGibberish::answersToQuestionsPass()
{
    const std::filesystem::path path = kShared / "truthfulqa/TruthfulQA.csv";
    if (!std::filesystem::exists(path))
        QSKIP("TruthfulQA is not beside the project");
    Texts answers;
    const Corpus corpus = loadCorpus(path).value();
    for (const RawSample& sample : corpus.samples)
        answers.push_back(sample.answer);
    QVERIFY(answers.size() >= 800);
    const double share = gibberishShare(answers);
    qInfo("TruthfulQA: %.4f called gibberish", share);
    QVERIFY(share <= 0.01);
}

void TestGibberish::refusalsPass()
{
    for (const std::string& refusal : refusals().shared)
        QVERIFY2(scoreOf(refusal) >= kGibberishBelow, refusal.c_str());
}

void TestGibberish::anEmptyTextIsNotClean()
{
    QVERIFY(writingSigns("").empty);
    QVERIFY(writingSigns(" \n\t").empty);
    QCOMPARE(scoreOf(" \n\t"), 0.0);
}

void TestGibberish::theScoreIsAShare()
{
    Random random(3);
    for (int i = 0; i < 500; ++i) {
        std::string text;
        for (std::size_t k = random.below(60); k > 0; --k)
            text += static_cast<char>(random.below(256));
        const double score = scoreOf(text);
        QVERIFY(score >= 0 && score <= 1);
    }
}

QTEST_GUILESS_MAIN(TestGibberish)
#include "tst_gibberish.moc"
