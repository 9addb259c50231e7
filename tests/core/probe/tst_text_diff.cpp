#include "core/probe/text_diff.h"

#include "core/base/rng.h"
#include "core/probe/text_pieces.h"
#include "tests/core/base/std_text.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <array>

using namespace lacuna;

namespace {

using Pieces = std::vector<std::string_view>;

std::string joined(const Pieces& pieces)
{
    std::string text;
    for (const std::string_view piece : pieces)
        text += piece;
    return text;
}

std::string side(const TextDiff& diff, DiffKind other)
{
    std::string text;
    for (const TextDiff::Run& run : diff.runs)
        if (run.kind != other)
            text += run.text;
    return text;
}

/// "=the -cat +dog", pieces without their spaces.
QString story(const TextDiff& diff)
{
    QStringList parts;
    for (const TextDiff::Run& run : diff.runs)
        parts << QString::fromLatin1(&"=-+"[static_cast<std::size_t>(run.kind)], 1) +
                     shown(run.text);
    return parts.join(QLatin1Char('|'));
}

std::size_t equalCount(const std::vector<DiffRun>& runs)
{
    std::size_t count = 0;
    for (const DiffRun& run : runs)
        count += run.kind == DiffKind::Equal ? run.count : 0;
    return count;
}

/// Straight from the definition.
std::size_t longestCommon(const Pieces& a, const Pieces& b)
{
    std::vector<std::vector<std::size_t>> table(a.size() + 1,
                                                std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j)
            table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                               : std::max(table[i - 1][j], table[i][j - 1]);
    return table[a.size()][b.size()];
}

Pieces randomPieces(Random& random, std::size_t most, std::size_t letters)
{
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
    Pieces pieces(random.below(most + 1));
    for (std::string_view& piece : pieces)
        piece = kLetters.substr(random.below(letters), 1);
    return pieces;
}

std::string manyWords(std::size_t count, std::size_t vocabulary, std::uint64_t seed)
{
    Random random(seed);
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "w" + std::to_string(random.below(vocabulary)) + " ";
    return text;
}

} // namespace

class TestTextDiff : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wordsAreSplit_data();
    void wordsAreSplit();
    void charactersKeepTheirMarks();
    void differencesReadAsAPersonWouldSay_data();
    void differencesReadAsAPersonWouldSay();
    void theFirstDivergenceIsFound_data();
    void theFirstDivergenceIsFound();
    void aTextWithItselfIsEqual();
    void runsAreALongestCommonSubsequence_data();
    void runsAreALongestCommonSubsequence();
    void swappingTheTextsMirrorsTheRuns();
    void anyBytesJoinBackToBothTexts();
    void whileWritingAsMuchIsComparedAsBothHave();
    void longTextsTakeNoTime_data();
    void longTextsTakeNoTime();
};

void TestTextDiff::wordsAreSplit_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("pieces");
    using S = QStringList;
    const auto u = [](const char* text) { return QString::fromUtf8(text); };
    QTest::newRow("nothing") << QString() << S();
    QTest::newRow("words and spaces")
        << u("The cat,  sat.") << S{u("The"), u(" "), u("cat"), u(","), u("  "), u("sat"), u(".")};
    QTest::newRow("an apostrophe inside")
        << u("don't 'so'") << S{u("don't"), u(" "), u("'"), u("so"), u("'")};
    QTest::newRow("digits apart from letters")
        << u("in 1985th") << S{u("in"), u(" "), u("1985"), u("th")};
    QTest::newRow("accents and other alphabets")
        << u("déjà Ёлка") << S{u("déjà"), u(" "), u("Ёлка")};
    QTest::newRow("a combining accent stays") << u("cafe\u0301!") << S{u("cafe\u0301"), u("!")};
    QTest::newRow("Chinese by character") << u("我爱你a") << S{u("我"), u("爱"), u("你"), u("a")};
    QTest::newRow("quotes and dashes alone")
        << u("“a”—b") << S{u("“"), u("a"), u("”"), u("—"), u("b")};
    QTest::newRow("emoji alone") << u("hi🙂🙂") << S{u("hi"), u("🙂"), u("🙂")};
    QTest::newRow("no-break space") << u("a\u00A0b") << S{u("a"), u("\u00A0"), u("b")};
}

void TestTextDiff::wordsAreSplit()
{
    QFETCH(const QString, text);
    QFETCH(const QStringList, pieces);
    const std::string bytes = text.toStdString();
    QStringList split;
    for (const std::string_view piece : splitWords(bytes))
        split << shown(piece);
    QCOMPARE(split, pieces);
}

void TestTextDiff::charactersKeepTheirMarks()
{
    const std::string text = "e\xCC\x81xé";
    const auto pieces = splitCharacters(text);
    QCOMPARE(pieces.size(), std::size_t{3});
    QCOMPARE(shown(pieces.front()), shown("e\xCC\x81"));
}

void TestTextDiff::differencesReadAsAPersonWouldSay_data()
{
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<DiffUnit>("unit");
    QTest::addColumn<QString>("expected");
    const auto u = [](const char* text) { return QString::fromUtf8(text); };
    QTest::newRow("one word for another")
        << u("the cat sat") << u("the dog sat") << DiffUnit::Word << u("=the |-cat|+dog|= sat");
    QTest::newRow("spaces do not hold changes together")
        << u("He won a prize") << u("She lost two prize") << DiffUnit::Word
        << u("-He won a|+She lost two|= prize");
    QTest::newRow("longer") << u("a b") << u("a b c") << DiffUnit::Word << u("=a b|+ c");
    QTest::newRow("empty against something") << u("") << u("a b") << DiffUnit::Word << u("+a b");
    QTest::newRow("another space") << u("a b") << u("a\nb") << DiffUnit::Word << u("=a|- |+\n|=b");
    QTest::newRow("characters") << u("colour") << u("color") << DiffUnit::Character
                                << u("=colo|-u|=r");
}

void TestTextDiff::differencesReadAsAPersonWouldSay()
{
    QFETCH(const QString, first);
    QFETCH(const QString, second);
    QFETCH(const DiffUnit, unit);
    QFETCH(const QString, expected);
    QCOMPARE(story(diffTexts(first.toStdString(), second.toStdString(), unit)), expected);
}

void TestTextDiff::theFirstDivergenceIsFound_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<QByteArray>("second");
    QTest::addColumn<int>("at");
    QTest::newRow("equal") << QByteArray("a b") << QByteArray("a b") << -1;
    QTest::newRow("both empty") << QByteArray() << QByteArray() << -1;
    QTest::newRow("at once") << QByteArray("a b") << QByteArray("x b") << 0;
    QTest::newRow("in the middle") << QByteArray("one two three") << QByteArray("one 2 three") << 4;
    QTest::newRow("one stops earlier") << QByteArray("one two") << QByteArray("one") << 3;
}

void TestTextDiff::theFirstDivergenceIsFound()
{
    QFETCH(const QByteArray, first);
    QFETCH(const QByteArray, second);
    QFETCH(const int, at);
    const TextDiff diff = diffTexts(bytesOf(first), bytesOf(second), DiffUnit::Word);
    QCOMPARE(diff.divergence.has_value(), at >= 0);
    if (at >= 0)
        QCOMPARE(*diff.divergence, static_cast<std::size_t>(at));
}

void TestTextDiff::aTextWithItselfIsEqual()
{
    const std::string text = "The river is the Lisk.";
    for (const DiffUnit unit : {DiffUnit::Word, DiffUnit::Character}) {
        const TextDiff diff = diffTexts(text, text, unit);
        QCOMPARE(diff.runs.size(), std::size_t{1});
        QCOMPARE(shown(diff.runs.front().text), shown(text));
        QVERIFY(!diff.divergence);
        QVERIFY(diffTexts("", "", unit).runs.empty());
    }
}

void TestTextDiff::runsAreALongestCommonSubsequence_data()
{
    QTest::addColumn<int>("length");
    QTest::addColumn<int>("letters");
    QTest::addColumn<int>("trials");
    QTest::newRow("short, two letters") << 8 << 2 << 3000;
    QTest::newRow("short, four letters") << 12 << 4 << 2000;
    QTest::newRow("around one machine word") << 66 << 3 << 300;
    QTest::newRow("several machine words") << 300 << 20 << 40;
}

void TestTextDiff::runsAreALongestCommonSubsequence()
{
    QFETCH(const int, length);
    QFETCH(const int, letters);
    QFETCH(const int, trials);
    Random random(7);
    for (int i = 0; i < trials; ++i) {
        const Pieces a = randomPieces(random, static_cast<std::size_t>(length),
                                      static_cast<std::size_t>(letters));
        const Pieces b = randomPieces(random, static_cast<std::size_t>(length),
                                      static_cast<std::size_t>(letters));
        const auto runs = diffPieces(a, b);
        QCOMPARE(equalCount(runs), longestCommon(a, b));
        std::size_t first = 0;
        std::size_t second = 0;
        for (const DiffRun& run : runs) {
            QCOMPARE(run.first, first);
            QCOMPARE(run.second, second);
            QVERIFY(run.count > 0);
            for (std::size_t k = 0; run.kind == DiffKind::Equal && k < run.count; ++k)
                QVERIFY(a[first + k] == b[second + k]);
            first += run.kind != DiffKind::OnlySecond ? run.count : 0;
            second += run.kind != DiffKind::OnlyFirst ? run.count : 0;
        }
        QCOMPARE(first, a.size());
        QCOMPARE(second, b.size());
    }
}

void TestTextDiff::swappingTheTextsMirrorsTheRuns()
{
    Random random(11);
    for (int i = 0; i < 500; ++i) {
        std::string a;
        std::string b;
        for (std::string* text : {&a, &b})
            for (const std::string_view piece : randomPieces(random, 14, 3)) {
                *text += piece;
                *text += random.uniform() < 0.5 ? " " : "";
            }
        for (const DiffUnit unit : {DiffUnit::Word, DiffUnit::Character}) {
            const TextDiff there = diffTexts(a, b, unit);
            const TextDiff back = diffTexts(b, a, unit);
            const auto texts = [](const TextDiff& diff, DiffKind kind) {
                std::vector<std::string> list;
                for (const TextDiff::Run& run : diff.runs)
                    if (run.kind == kind)
                        list.push_back(run.text);
                return list;
            };
            QVERIFY(texts(there, DiffKind::Equal) == texts(back, DiffKind::Equal));
            QVERIFY(texts(there, DiffKind::OnlyFirst) == texts(back, DiffKind::OnlySecond));
            QVERIFY(texts(there, DiffKind::OnlySecond) == texts(back, DiffKind::OnlyFirst));
            QCOMPARE(there.divergence, back.divergence);
        }
    }
}

void TestTextDiff::anyBytesJoinBackToBothTexts()
{
    Random random(13);
    const auto bytes = [&random] {
        // Mostly characters, some of them cut.
        constexpr std::array<std::string_view, 9> kBits = {
            "a", " ", "\n", "é", "我", "🙂", "\xE2\x96", "\xFF", "\xCC\x81"};
        std::string text;
        for (auto n = random.below(30); n > 0; --n)
            text += kBits.at(random.below(kBits.size()));
        return text;
    };
    for (int i = 0; i < 500; ++i) {
        const std::string a = bytes();
        const std::string b = bytes();
        QCOMPARE(joined(splitWords(a)), a);
        QCOMPARE(joined(splitCharacters(a)), a);
        for (const DiffUnit unit : {DiffUnit::Word, DiffUnit::Character}) {
            const TextDiff diff = diffTexts(a, b, unit);
            QCOMPARE(side(diff, DiffKind::OnlySecond), a);
            QCOMPARE(side(diff, DiffKind::OnlyFirst), b);
        }
    }
}

void TestTextDiff::whileWritingAsMuchIsComparedAsBothHave()
{
    const ComparableParts parts = comparableParts("The cat sat on", "The dog sa", DiffUnit::Word);
    QCOMPARE(parts.first, std::string_view("The cat ").size());
    QCOMPARE(parts.second, std::string_view("The dog ").size());
    QCOMPARE(comparableParts("The", "", DiffUnit::Word).first, std::size_t{0});
    QCOMPARE(comparableParts("The", "", DiffUnit::Word).second, std::size_t{0});
}

void TestTextDiff::longTextsTakeNoTime_data()
{
    QTest::addColumn<int>("words");
    QTest::addColumn<DiffUnit>("unit");
    QTest::newRow("4 000 words") << 4000 << DiffUnit::Word;
    QTest::newRow("4 000 words by character") << 4000 << DiffUnit::Character;
    QTest::newRow("150 000 words, past the bound") << 150000 << DiffUnit::Word;
}

void TestTextDiff::longTextsTakeNoTime()
{
    QFETCH(const int, words);
    QFETCH(const DiffUnit, unit);
    const std::string a = manyWords(static_cast<std::size_t>(words), 900, 1);
    const std::string b = manyWords(static_cast<std::size_t>(words), 900, 2);
    QElapsedTimer timer;
    timer.start();
    const TextDiff diff = diffTexts(a, b, unit);
    // Each takes less than 100 ms; the limit leaves room for a sanitizer on a busy machine.
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
    QVERIFY(side(diff, DiffKind::OnlySecond) == a);
    QVERIFY(side(diff, DiffKind::OnlyFirst) == b);
}

QTEST_GUILESS_MAIN(TestTextDiff)
#include "tst_text_diff.moc"
