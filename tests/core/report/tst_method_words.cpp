#include "core/report/run_words.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

using namespace lacuna;

class TestMethodWords : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyWhatLeavesKnowledgeInIsTraining_data();
    void onlyWhatLeavesKnowledgeInIsTraining();
    void anUnknownMethodHasNoWords();
};

void TestMethodWords::onlyWhatLeavesKnowledgeInIsTraining_data()
{
    QTest::addColumn<bool>("training");
    QTest::newRow("finetune") << true;
    QTest::newRow("npo") << false;
    // These learn first, and subtract what was learned.
    QTest::newRow("task-vector") << false;
    QTest::newRow("ssu") << false;
}

void TestMethodWords::onlyWhatLeavesKnowledgeInIsTraining()
{
    QFETCH(bool, training);
    const MethodWords words = methodWords(QTest::currentDataTag());
    QCOMPARE(words.learns, training);
    QVERIFY(!words.title.empty() && !words.source.empty() && !words.explanation.empty());
}

void TestMethodWords::anUnknownMethodHasNoWords()
{
    QVERIFY(methodWords("of the day after tomorrow").title.empty());
}

QTEST_GUILESS_MAIN(TestMethodWords)
#include "tst_method_words.moc"
