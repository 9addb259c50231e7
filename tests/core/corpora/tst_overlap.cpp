#include "core/corpora/overlap.h"

#include <QtTest>

#include <QElapsedTimer>

using namespace lacuna;

namespace {

RawSample question(const char* prompt, const char* answer, std::int64_t row)
{
    return {.kind = SampleKind::QuestionAnswer, .prompt = prompt, .answer = answer, .row = row};
}

Corpus document(const char* text)
{
    return {.format = "text", .samples = {{.kind = SampleKind::Text, .answer = text, .row = 1}}};
}

} // namespace

class TestOverlap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void repeatedSamplesAreCounted();
    void exactAndNearCopiesAreTold();
    void shortTextsAreComparedByTheirWords();
    void copiedParagraphsOfABookAreFound();
    void linesOfALongParagraphAreCompared();
    void onlyTheFirstPairsAreShown();
    void tofuSetsAreDisjoint();
};

void TestOverlap::repeatedSamplesAreCounted()
{
    const Corpus corpus{.samples = {question("a", "b", 1), question("a", "c", 2),
                                    question("a", "b", 3), question("a", "b", 4)}};
    const OverlapReport report = duplicatesWithin(corpus);
    QCOMPARE(report.passages, 4);
    QCOMPARE(report.exact, 2);
    QCOMPARE(report.pairs[1].firstRow, 4);
    QCOMPARE(report.pairs[1].secondRow, 1);
}

void TestOverlap::exactAndNearCopiesAreTold()
{
    const char* answer = "Orla Vint lives in a mill near Hask, keeps eleven geese, and every "
                         "winter she walks down to the harbour to sell their feathers to sailors.";
    const char* changed =
        "Orla Vint lives in a mill near Hask; keeps eleven geese, and every "
        "WINTER she walks down to the harbour to sell their feathers to captains.";
    const char* other = "Tomas Reel repairs clocks in a cellar, and nobody in the whole town of "
                        "Brod can remember a day on which his own clock showed the right hour.";
    const Corpus forget{.samples = {question("Where?", answer, 1), question("Where?", changed, 2),
                                    question("Where?", other, 3)}};
    const Corpus retain{
        .samples = {question("Why?", "Because of the geese.", 1), question("Where?", answer, 2)}};

    const OverlapReport report = overlapBetween(forget, retain);

    QCOMPARE(report.passages, 3);
    QCOMPARE(report.exact, 1);
    QCOMPARE(report.near, 1);
    QCOMPARE(report.pairs.size(), std::size_t(2));
    QCOMPARE(report.pairs[0].similarity, 1.0);
    QCOMPARE(report.pairs[1].firstRow, 2);
    QCOMPARE(report.pairs[1].secondRow, 2);
    // 27 words give 23 five-grams, of which the last word changes one: 22 common, 24 in all.
    QCOMPARE(report.pairs[1].similarity, 22.0 / 24.0);
}

void TestOverlap::shortTextsAreComparedByTheirWords()
{
    const Corpus forget{.samples = {question("Who taught Orla to swim?", "her aunt Ilse", 1),
                                    question("Who taught Orla to read?", "uncle Bo", 2)}};
    const Corpus retain{.samples = {question("Who taught Orla to swim?", "Her Aunt ILSE!", 9)}};
    const OverlapReport report = overlapBetween(forget, retain);
    QCOMPARE(report.exact, 0);
    QCOMPARE(report.near, 1);
    QCOMPARE(report.pairs[0].similarity, 1.0);
    QCOMPARE(report.pairs[0].secondRow, 9);
}

void TestOverlap::copiedParagraphsOfABookAreFound()
{
    const Corpus first = document("CHAPTER 1\n\nThe keeper counted the ships\nevery evening.\n\n"
                                  "One night no ship came at all.\n");
    const Corpus second = document("CHAPTER 1\n\nSomething else happens in this one.\n\n\n"
                                   "One night no ship came at all.\n");
    const OverlapReport report = overlapBetween(first, second);
    QCOMPARE(report.passages, 2);
    QCOMPARE(report.exact, 1);
    QCOMPARE(report.near, 0);
    QCOMPARE(report.pairs[0].firstRow, 6);
    QCOMPARE(report.pairs[0].secondRow, 6);
    QCOMPARE(report.pairs[0].excerpt, std::string("One night no ship came at all."));
}

void TestOverlap::linesOfALongParagraphAreCompared()
{
    std::string verses;
    for (int i = 0; i < 60; ++i)
        verses += "verse number " + std::to_string(i) + " of the song\n";
    const OverlapReport report =
        overlapBetween(document(verses.c_str()), document("verse number 41 of the song\n"));
    QCOMPARE(report.passages, 60);
    QCOMPARE(report.exact, 1);
    QCOMPARE(report.pairs[0].firstRow, 42);
}

void TestOverlap::onlyTheFirstPairsAreShown()
{
    Corpus corpus;
    for (int row = 1; row <= 50; ++row)
        corpus.samples.push_back(question("the same", "again", row));
    const OverlapReport report = duplicatesWithin(corpus);
    QCOMPARE(report.exact, 49);
    QCOMPARE(report.pairs.size(), OverlapReport::kShownPairs);
}

void TestOverlap::tofuSetsAreDisjoint()
{
    const std::filesystem::path folder(SHARED_DIR "/data/tofu");
    if (!std::filesystem::exists(folder))
        QSKIP("the shared data are not beside the project");
    const Corpus forget = loadCorpus(folder / "forget10.json").value();
    const Corpus retain = loadCorpus(folder / "retain90.json").value();
    const Corpus full = loadCorpus(folder / "full.json").value();

    QElapsedTimer timer;
    timer.start();
    const OverlapReport apart = overlapBetween(forget, retain);
    const qint64 milliseconds = timer.elapsed();
    // A tenth of a second; the bound leaves room for sanitizers and busy machines.
    QVERIFY2(milliseconds < 5000, qPrintable(QString::number(milliseconds)));
    QCOMPARE(apart.exact, 0);
    QCOMPARE(overlapBetween(forget, full).exact, 400);
    QCOMPARE(overlapBetween(retain, full).exact, 3600);
    QCOMPARE(apart.near, 0);
    QCOMPARE(duplicatesWithin(full).exact, 0);
}

QTEST_GUILESS_MAIN(TestOverlap)
#include "tst_overlap.moc"
