#include "core/base/text.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

using namespace lacuna;

class TestText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNearestNameIsAPlausibleOne_data();
    void theNearestNameIsAPlausibleOne();
    void splitAndJoinUndoEachOther_data();
    void splitAndJoinUndoEachOther();
    void spaceIsTrimmedAtBothEnds_data();
    void spaceIsTrimmedAtBothEnds();
    void malformedBytesAreFound_data();
    void malformedBytesAreFound();
    void everyCutOfATextIsShortenedToItsLastCharacter();
    void aPrefixWithoutAnOpenCharacterIsComplete_data();
    void aPrefixWithoutAnOpenCharacterIsComplete();
    void whatNoOneWouldSeeIsShown_data();
    void whatNoOneWouldSeeIsShown();
    void bytesAreWrittenForPeople_data();
    void bytesAreWrittenForPeople();
};

void TestText::theNearestNameIsAPlausibleOne_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("nearest");
    const auto row = [](const char* title, const char* name, const char* nearest) {
        QTest::newRow(title) << QByteArray(name) << QByteArray(nearest);
    };
    row("the name itself", "rank", "rank");
    row("a letter missing", "rnk", "rank");
    row("a letter too many", "rankk", "rank");
    row("two letters swapped", "learnign_rate", "learning_rate");
    row("a third of a long name wrong", "lexxxxng_rate", "learning_rate");
    row("more than a third wrong", "lexxxxxx_rate", "");
    row("nothing like it", "optimizer", "");
    row("the nearer of two", "beta2", "beta2_");
}

void TestText::theNearestNameIsAPlausibleOne()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, nearest);
    const auto found = nearestName(bytesOf(name), {"beta1_", "beta2_", "learning_rate", "rank"});
    QCOMPARE(shown(found.value_or("")), shown(bytesOf(nearest)));
    QVERIFY(!nearestName(bytesOf(name), {}));
}

void TestText::splitAndJoinUndoEachOther_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("parts");
    QTest::newRow("nothing is one empty part") << QByteArray() << 1;
    QTest::newRow("no separator") << QByteArray("word") << 1;
    QTest::newRow("three parts") << QByteArray("a,b,c") << 3;
    QTest::newRow("empty parts at the ends and inside") << QByteArray(",a,,b,") << 5;
}

void TestText::splitAndJoinUndoEachOther()
{
    QFETCH(QByteArray, text);
    QFETCH(int, parts);
    const auto list = split(bytesOf(text), ',');
    QCOMPARE(static_cast<int>(list.size()), parts);
    QCOMPARE(shown(join(list, ",")), shown(bytesOf(text)));
}

void TestText::spaceIsTrimmedAtBothEnds_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("kept");
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("only space") << QByteArray(" \t\r\n\f\v") << QByteArray();
    QTest::newRow("space inside stays") << QByteArray("\n a b\t ") << QByteArray("a b");
    QTest::newRow("no space") << QByteArray("ab") << QByteArray("ab");
}

void TestText::spaceIsTrimmedAtBothEnds()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, kept);
    QCOMPARE(shown(trimmed(bytesOf(text))), shown(bytesOf(kept)));
}

void TestText::malformedBytesAreFound_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("offset"); // -1: well formed
    QTest::addColumn<QByteArray>("repaired");
    const QByteArray mark("\xEF\xBF\xBD");
    const auto good = [](const char* name, const QByteArray& text) {
        QTest::newRow(name) << text << -1 << text;
    };
    const auto bad = [](const char* name, const QByteArray& text, int offset,
                        const QByteArray& repaired) {
        QTest::newRow(name) << text << offset << repaired;
    };
    good("nothing", {});
    good("a zero byte", QByteArray("a\0b", 3));
    good("the first and last of two bytes", "\xC2\x80\xDF\xBF");
    good("the first and last of three bytes", "\xE0\xA0\x80\xEF\xBF\xBF");
    good("around the surrogates", "\xED\x9F\xBF\xEE\x80\x80");
    good("the first and last of four bytes", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    bad("a continuation alone", "a\x80z", 1, "a" + mark + "z");
    bad("two bytes for an ASCII character", "\xC0\xAF", 0, mark + mark);
    bad("two bytes for the last ASCII character", "\xC1\xBF", 0, mark + mark);
    bad("three bytes where two do", "\xE0\x9F\xBF", 0, mark + mark + mark);
    bad("four bytes where three do", "\xF0\x8F\xBF\xBF", 0, mark + mark + mark + mark);
    bad("the first surrogate", "\xED\xA0\x80", 0, mark + mark + mark);
    bad("the last surrogate", "\xED\xBF\xBF", 0, mark + mark + mark);
    bad("past the last character", "\xF4\x90\x80\x80", 0, mark + mark + mark + mark);
    bad("a byte that starts nothing", "\xC3\xA9\xFF", 2, "\xC3\xA9" + mark);
    bad("a cut character", "ab\xE2\x82", 2, "ab" + mark + mark);
    bad("a character cut by another", "\xE2\x82z", 0, mark + mark + "z");
}

void TestText::malformedBytesAreFound()
{
    QFETCH(QByteArray, text);
    QFETCH(int, offset);
    QFETCH(QByteArray, repaired);
    const auto found = firstInvalidUtf8(bytesOf(text));
    QCOMPARE(found ? static_cast<int>(*found) : -1, offset);
    QCOMPARE(QByteArray::fromStdString(validUtf8(bytesOf(text))), repaired);
    QVERIFY(!firstInvalidUtf8(bytesOf(repaired)));
}

void TestText::everyCutOfATextIsShortenedToItsLastCharacter()
{
    const std::string text = "a\xC3\xA9"          // 2 bytes
                             "\xE2\x82\xAC"       // 3 bytes
                             "\xF0\x9F\x98\x80"   // 4 bytes
                             "z\xF4\x8F\xBF\xBF"; // 1, then 4 bytes
    const std::vector<std::size_t> ends = {0, 1, 3, 6, 10, 11, 15};
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const std::size_t kept = completeUtf8Prefix(std::string_view(text).substr(0, size));
        const auto next = std::upper_bound(ends.begin(), ends.end(), size);
        QCOMPARE(kept, *std::prev(next));
    }
}

void TestText::aPrefixWithoutAnOpenCharacterIsComplete_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("continuations alone") << QByteArray("\x80\x80\x80\x80");
    QTest::newRow("a continuation too many") << QByteArray("\xC3\xA9\xA9");
    QTest::newRow("bytes that start nothing") << QByteArray("\xC0\xFF");
    QTest::newRow("a byte past the last start") << QByteArray("a\xF5\x80");
}

void TestText::aPrefixWithoutAnOpenCharacterIsComplete()
{
    QFETCH(QByteArray, text);
    QCOMPARE(completeUtf8Prefix(bytesOf(text)), bytesOf(text).size());
}

void TestText::whatNoOneWouldSeeIsShown_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("space");
    const auto row = [](const char* title, const char* text, const char* bytes, const char* space) {
        QTest::newRow(title) << QByteArray(text) << QByteArray(bytes) << QByteArray(space);
    };
    row("nothing", "", "", "");
    row("a word", " caf\xC3\xA9", " caf\xC3\xA9", "·caf\xC3\xA9");
    row("the first half of a letter", "caf\xC3", "caf‹C3›", "caf\xC3");
    row("the second half", "\xA9s", "‹A9›s", "\xA9s");
    row("two of three bytes", "\xE2\x80", "‹E2›‹80›", "\xE2\x80");
    row("lines and tabs", "a\n\tb", "a\n\tb", "a⏎→b");
}

void TestText::whatNoOneWouldSeeIsShown()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, space);
    QCOMPARE(shown(visibleBytes(bytesOf(text))), shown(bytesOf(bytes)));
    QCOMPARE(shown(visibleSpace(bytesOf(text))), shown(bytesOf(space)));
}

void TestText::bytesAreWrittenForPeople_data()
{
    QTest::addColumn<double>("bytes");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("none") << 0.0 << QByteArray("0 B");
    QTest::newRow("fewer than a unit") << 1023.0 << QByteArray("1023 B");
    QTest::newRow("exactly a unit") << 1024.0 << QByteArray("1.0 KiB");
    QTest::newRow("one and a half") << 1.5 * 1024 * 1024 * 1024 << QByteArray("1.5 GiB");
    QTest::newRow("just below the next unit") << 1024.0 * 1024 - 1 << QByteArray("1.0 MiB");
    QTest::newRow("past the last unit")
        << 2048.0 * 1024 * 1024 * 1024 * 1024 << QByteArray("2048.0 TiB");
}

void TestText::bytesAreWrittenForPeople()
{
    QFETCH(double, bytes);
    QFETCH(QByteArray, text);
    QCOMPARE(shown(bytesText(bytes)), shown(bytesOf(text)));
}

QTEST_GUILESS_MAIN(TestText)
#include "tst_text.moc"
