#include "core/metrics/rouge.h"
#include "core/metrics/shared_wording.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <cmath>

using namespace lacuna;

namespace {

std::vector<std::string> words(const QByteArray& text)
{
    return rougeTokens(bytesOf(text), Stemming::Off);
}

/// w1 w2 ... of \p count different words.
std::vector<std::string> numbered(int count, const std::string& prefix = "w")
{
    std::vector<std::string> result;
    for (int i = 0; i < count; ++i)
        result.push_back(prefix + std::to_string(i));
    return result;
}

} // namespace

/// Against counts made by hand.
class TestSharedWording : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void setsOfWordsAreCompared_data();
    void setsOfWordsAreCompared();
    void theLongestStretchIsUnbroken_data();
    void theLongestStretchIsUnbroken();
    void copiedGramsAreCountedByHand_data();
    void copiedGramsAreCountedByHand();
    void longTextsTakeLittleTime();
};

void TestSharedWording::setsOfWordsAreCompared_data()
{
    QTest::addColumn<QByteArray>("a");
    QTest::addColumn<QByteArray>("b");
    QTest::addColumn<double>("index");
    QTest::newRow("two of four") << QByteArray("the red house") << QByteArray("a red house") << 0.5;
    QTest::newRow("repetition does not count")
        << QByteArray("no no no yes") << QByteArray("yes no") << 1.0;
    QTest::newRow("nothing shared") << QByteArray("one two") << QByteArray("three") << 0.0;
    QTest::newRow("nothing at all") << QByteArray() << QByteArray() << 0.0;
    QTest::newRow("one side empty") << QByteArray("one") << QByteArray() << 0.0;
}

void TestSharedWording::setsOfWordsAreCompared()
{
    QFETCH(QByteArray, a);
    QFETCH(QByteArray, b);
    QFETCH(double, index);
    QCOMPARE(wordSetJaccard(words(a), words(b)), index);
    QCOMPARE(wordSetJaccard(words(b), words(a)), index);
}

void TestSharedWording::theLongestStretchIsUnbroken_data()
{
    QTest::addColumn<QByteArray>("a");
    QTest::addColumn<QByteArray>("b");
    QTest::addColumn<int>("length");
    QTest::newRow("in the middle")
        << QByteArray("x one two three y") << QByteArray("one two three four") << 3;
    QTest::newRow("a gap breaks it")
        << QByteArray("one two x three four five") << QByteArray("one two three four five") << 3;
    QTest::newRow("another order has one word") << QByteArray("a b c") << QByteArray("c b a") << 1;
    QTest::newRow("a word and a longer word differ")
        << QByteArray("art") << QByteArray("arts") << 0;
    QTest::newRow("the same") << QByteArray("a b a b") << QByteArray("a b a b") << 4;
    QTest::newRow("nothing") << QByteArray() << QByteArray("a") << 0;
}

void TestSharedWording::theLongestStretchIsUnbroken()
{
    QFETCH(QByteArray, a);
    QFETCH(QByteArray, b);
    QFETCH(int, length);
    QCOMPARE(longestSharedStretch(words(a), words(b)), static_cast<std::size_t>(length));
    QCOMPARE(longestSharedStretch(words(b), words(a)), static_cast<std::size_t>(length));
}

void TestSharedWording::copiedGramsAreCountedByHand_data()
{
    QTest::addColumn<int>("own");
    QTest::addColumn<int>("copied");
    QTest::addColumn<int>("size");
    QTest::addColumn<double>("perThousand");
    // A copied stretch of n words holds n - size + 1 grams.
    QTest::newRow("eight of twenty are one") << 12 << 8 << 8 << 1000.0 / 20;
    QTest::newRow("ten of twenty are three") << 10 << 10 << 8 << 3000.0 / 20;
    QTest::newRow("seven are none") << 13 << 7 << 8 << 0.0;
    QTest::newRow("thirteen of a hundred are one of thirteen") << 87 << 13 << 13 << 10.0;
    QTest::newRow("all of forty") << 0 << 40 << 13 << 28'000.0 / 40;
}

void TestSharedWording::copiedGramsAreCountedByHand()
{
    QFETCH(int, own);
    QFETCH(int, copied);
    QFETCH(int, size);
    QFETCH(double, perThousand);
    const std::vector<std::string> source = numbered(40);
    std::vector<std::string> text = numbered(own, "other");
    text.insert(text.end(), source.end() - copied, source.end());
    QCOMPARE(copiedGramsPerThousand(text, source, static_cast<std::size_t>(size)), perThousand);
    QCOMPARE(copiedGramsPerThousand({}, source, static_cast<std::size_t>(size)), 0.0);
    QCOMPARE(copiedGramsPerThousand(text, {}, static_cast<std::size_t>(size)), 0.0);
}

void TestSharedWording::longTextsTakeLittleTime()
{
    // Two texts of 500 words of a small vocabulary, which share much: the worst case.
    std::vector<std::string> a;
    std::vector<std::string> b;
    for (int i = 0; i < 500; ++i) {
        a.push_back("word" + std::to_string(i * i % 37));
        b.push_back("word" + std::to_string(i * i % 41));
    }
    QElapsedTimer timer;
    timer.start();
    QVERIFY(longestSharedStretch(a, b) > 0);
    QVERIFY(copiedGramsPerThousand(a, b, 8) >= 0);
    QVERIFY(rougeL(a, b).f1 > 0);
    QVERIFY(rouge2(a, b).f1 >= 0);
    // Some milliseconds where they were written; the bound is for a busy machine.
    QVERIFY(timer.elapsed() < 500);
}

QTEST_GUILESS_MAIN(TestSharedWording)
#include "tst_shared_wording.moc"
