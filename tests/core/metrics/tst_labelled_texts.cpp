#include "core/base/hash.h"
#include "core/metrics/labelled_texts.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

using namespace lacuna;

class TestLabelledTexts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void labelsAreReadInEachSpelling();
    void responsesAreReadAsPublished();
    void aRepeatedTextIsLeftOut();
    void aWrongRowIsNamed_data();
    void aWrongRowIsNamed();
};

void TestLabelledTexts::labelsAreReadInEachSpelling()
{
    const TemporaryFolder folder;
    const std::string bytes = R"({"text": "a", "label": true}
{"text": "b", "label": 0}

{"text": "c", "label": "Harmful"}
{"text": "d", "label": "safe"}
{"text": "e", "label": 1.0}
)";
    writeBytes(folder.file("l.jsonl"), bytes);
    const Result<LabelledTexts> texts = readLabelledTexts(folder.file("l.jsonl"));
    QVERIFY(texts);
    QCOMPARE(shown(texts->sha256), shown(sha256(bytes)));
    std::string kinds;
    for (const LabelledText& item : texts->items)
        kinds += item.text + (item.positive ? "+" : "-");
    QCOMPARE(shown(kinds), QStringLiteral("a+b-c+d-e+"));
}

void TestLabelledTexts::responsesAreReadAsPublished()
{
    const TemporaryFolder folder;
    writeBytes(
        folder.file("p.jsonl"),
        R"({"prompt": "how?", "response_0": "x", "response_1": "y", "is_response_0_safe": false, "is_response_1_safe": true, "better_response_id": 1}
{"prompt": "why?", "response": "z", "category": {}, "is_safe": false}
)");
    const Result<LabelledTexts> texts = readLabelledTexts(folder.file("p.jsonl"));
    QVERIFY(texts);
    QCOMPARE(texts->items.size(), std::size_t{3});
    QVERIFY(texts->items[0].text == "x" && texts->items[0].positive);
    QVERIFY(texts->items[1].text == "y" && !texts->items[1].positive);
    QVERIFY(texts->items[2].text == "z" && texts->items[2].positive);
    // Two answers to one prompt must not stand on both sides of a split.
    QCOMPARE(shown(texts->items[0].group), QStringLiteral("how?"));
    QCOMPARE(shown(texts->items[1].group), QStringLiteral("how?"));
}

void TestLabelledTexts::aRepeatedTextIsLeftOut()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("l.jsonl"), R"({"text": "a", "label": 1}
{"text": "b", "label": 0}
{"text": "a", "label": 0}
)");
    const LabelledTexts texts = readLabelledTexts(folder.file("l.jsonl")).value();
    QCOMPARE(texts.items.size(), std::size_t{2});
    QCOMPARE(texts.repeated, std::int64_t{1});
    QVERIFY(texts.items[0].positive);
}

void TestLabelledTexts::aWrongRowIsNamed_data()
{
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<QString>("message");
    QTest::newRow("no JSON") << QByteArray("nonsense") << QString();
    QTest::newRow("a list") << QByteArray("[1]") << "not an object";
    QTest::newRow("no label") << QByteArray(R"({"text": "a"})") << "no label";
    QTest::newRow("no text") << QByteArray(R"({"label": 1})") << "\"text\"";
    QTest::newRow("a label that is none")
        << QByteArray(R"({"text": "a", "label": "perhaps"})") << "known label";
    QTest::newRow("a number that is none")
        << QByteArray(R"({"text": "a", "label": 2})") << "known label";
    QTest::newRow("half a pair") << QByteArray(R"({"response_0": "a", "is_response_0_safe": true})")
                                 << "response_1";
    QTest::newRow("all of one kind") << QByteArray(R"({"text": "b", "label": 1})") << "one kind";
}

void TestLabelledTexts::aWrongRowIsNamed()
{
    QFETCH(QByteArray, row);
    QFETCH(QString, message);
    const TemporaryFolder folder;
    writeBytes(folder.file("l.jsonl"), "{\"text\": \"first\", \"label\": 1}\n" + row.toStdString());
    const Result<LabelledTexts> texts = readLabelledTexts(folder.file("l.jsonl"));
    QVERIFY(!texts);
    QVERIFY2(shown(texts.error().message).contains(message), texts.error().message.c_str());
    QVERIFY(!texts.error().remedy.empty());
    if (texts.error().code == ErrorCode::Corrupt)
        QVERIFY2(texts.error().context.ends_with("l.jsonl:2"), texts.error().context.c_str());
}

QTEST_GUILESS_MAIN(TestLabelledTexts)
#include "tst_labelled_texts.moc"
