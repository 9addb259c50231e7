#include "core/probe/phrasing.h"

#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/model_folders.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace lacuna;

/// How a question is put to a model outside of a run.
class TestPhrasing : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aQuestionIsPutIntoItsTemplate_data();
    void aQuestionIsPutIntoItsTemplate();
    void aTemplateThatCannotBeUsedLeavesARawPromptAndAReason_data();
    void aTemplateThatCannotBeUsedLeavesARawPromptAndAReason();
    void theRunThatLeftAModelSaysHowToAskIt_data();
    void theRunThatLeftAModelSaysHowToAskIt();
    void aFolderTellsHowItCanBeAsked();
};

void TestPhrasing::aQuestionIsPutIntoItsTemplate_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("text");
    QTest::newRow("the default") << QStringLiteral("question-answer")
                                 << QStringLiteral("Question: Who?\nAnswer:");
    QTest::newRow("a format") << QStringLiteral("chatml")
                              << QStringLiteral("<|im_start|>user\nWho?<|im_end|>\n"
                                                "<|im_start|>assistant\n");
    QTest::newRow("the model's") << QStringLiteral("model")
                                 << QStringLiteral("<user> Who?\n<assistant>");
}

void TestPhrasing::aQuestionIsPutIntoItsTemplate()
{
    QFETCH(const QString, id);
    QFETCH(const QString, text);
    const TemporaryFolder folder;
    const auto model = modelWithTemplate(folder.file("m"), kUsableTemplate);
    const Phrasing phrasing = phrase("Who?", id.toStdString(), model);
    QCOMPARE(shown(phrasing.sent.text), text);
    QCOMPARE(shown(phrasing.sent.promptTemplate), id);
    QVERIFY(!phrasing.sent.problem);
    QVERIFY(!phrasing.prompt.raw);
    QVERIFY(phrasing.prompt.style);
}

void TestPhrasing::aTemplateThatCannotBeUsedLeavesARawPromptAndAReason_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QByteArray>("source"); // null: no template
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("not to be evaluated")
        << QStringLiteral("model") << QByteArray(kBrokenTemplate) << ErrorCode::Unsupported;
    QTest::newRow("none") << QStringLiteral("model") << QByteArray() << ErrorCode::NotFound;
    QTest::newRow("refuses this question")
        << QStringLiteral("model")
        << QByteArray("{% if messages[0].content == 'Who?' %}{{ raise_exception('no') }}"
                      "{% endif %}x")
        << ErrorCode::InvalidArgument;
    QTest::newRow("no such format")
        << QStringLiteral("chatlm") << QByteArray() << ErrorCode::NotFound;
}

void TestPhrasing::aTemplateThatCannotBeUsedLeavesARawPromptAndAReason()
{
    QFETCH(const QString, id);
    QFETCH(const QByteArray, source);
    QFETCH(const ErrorCode, code);
    const TemporaryFolder folder;
    const auto model = source.isEmpty() ? folder.file("none")
                                        : modelWithTemplate(folder.file("m"), source.toStdString());
    const Phrasing phrasing = phrase("Who?", id.toStdString(), model);
    QCOMPARE(shown(phrasing.sent.text), shown("Who?"));
    QVERIFY(phrasing.sent.promptTemplate.empty());
    QVERIFY(phrasing.sent.problem);
    QCOMPARE(phrasing.sent.problem->code, code);
    QVERIFY(phrasing.prompt.raw);
}

void TestPhrasing::theRunThatLeftAModelSaysHowToAskIt_data()
{
    QTest::addColumn<QByteArray>("manifest"); // empty: none
    QTest::addColumn<QString>("id");
    QTest::newRow("a run in a format")
        << QByteArray(R"({"recipe": {"template": "llmu"}})") << QStringLiteral("llmu");
    QTest::newRow("a run of the first release")
        << QByteArray(R"({"recipe": {"name": "x"}})") << QStringLiteral("question-answer");
    QTest::newRow("another program's file")
        << QByteArray(R"(["recipe"])") << QStringLiteral("question-answer");
    QTest::newRow("no run") << QByteArray() << QStringLiteral("question-answer");
}

void TestPhrasing::theRunThatLeftAModelSaysHowToAskIt()
{
    QFETCH(const QByteArray, manifest);
    QFETCH(const QString, id);
    const TemporaryFolder folder;
    if (!manifest.isEmpty())
        writeBytes(folder.file("manifest.json"), manifest.toStdString());
    for (const char* model : {"model", "adapter/"}) {
        const Phrasing phrasing = phrase("Who?", {}, folder.file(model));
        QCOMPARE(shown(phrasing.sent.promptTemplate), id);
        QVERIFY(!phrasing.sent.problem);
    }
    // What is asked for goes first.
    QCOMPARE(shown(phrase("Who?", "phi", folder.file("model")).sent.promptTemplate), shown("phi"));
}

void TestPhrasing::aFolderTellsHowItCanBeAsked()
{
    const TemporaryFolder folder;
    const AskedFolder nothing = askedFolder(folder.file("none"));
    QVERIFY(!nothing.trained && !nothing.isAdapter);
    QVERIFY(nothing.own.state() == ChatTemplate::State::None);
    const AskedFolder broken = askedFolder(modelWithTemplate(folder.file("m"), kBrokenTemplate));
    QVERIFY(broken.own.state() == ChatTemplate::State::Unusable);
    writeBytes(folder.file("manifest.json"), R"({"recipe": {"template": "model"}})");
    const AskedFolder adapter = askedFolder(smallAdapter(folder.file("adapter")));
    QVERIFY(adapter.isAdapter);
    QCOMPARE(adapter.trained, std::optional<std::string>("model"));
}

QTEST_GUILESS_MAIN(TestPhrasing)
#include "tst_phrasing.moc"
