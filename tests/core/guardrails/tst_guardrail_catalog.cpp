#include "tests/core/guardrails/guardrail_bench.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

using namespace lacuna;
using namespace Qt::StringLiterals;

/// Every entry, and how a specification is read.
class TestGuardrailCatalog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEntryIsWhole_data() { entries(); }
    void everyEntryIsWhole();
    void everyEntryComesBackFromItsSpec_data() { entries(); }
    void everyEntryComesBackFromItsSpec();
    void everyEntryAnswersAQuestion_data() { entries(); }
    void everyEntryAnswersAQuestion();
    void aMissingCorpusIsNamed_data() { entries(); }
    void aMissingCorpusIsNamed();
    void aSpecIsAnIdAnObjectOrAFile();
    void noneIsNone();
    void whatIsUnknownIsRefused_data();
    void whatIsUnknownIsRefused();

private:
    static void entries()
    {
        QTest::addColumn<QString>("id");
        for (const GuardrailInfo& info : guardrails().entries())
            QTest::newRow(info.id.c_str()) << QString::fromStdString(info.id);
    }
    [[nodiscard]] static Json specOf(const QString& id) { return {{"id", id.toStdString()}}; }
};

void TestGuardrailCatalog::everyEntryIsWhole()
{
    QFETCH(const QString, id);
    const GuardrailInfo& info = **guardrails().find(id.toStdString());
    QVERIFY(!info.title.empty() && !info.source.empty() && info.explanation.size() > 100);
    for (const ParamSpec& param : info.params) {
        QVERIFY2(!param.help.empty(), param.name.c_str());
        ParamSet set;
        const Json fallback =
            std::visit([](const auto& value) { return Json(value); }, param.fallback);
        QVERIFY2(set.set(param, fallback, "test"), param.name.c_str());
    }
}

void TestGuardrailCatalog::everyEntryComesBackFromItsSpec()
{
    QFETCH(const QString, id);
    const GuardrailSpec spec = readGuardrailSpec(specOf(id), "test").value();
    const Json written = spec.toJson();
    QVERIFY(written["id"] == id.toStdString());
    QVERIFY(readGuardrailSpec(written, "test").value().toJson() == written);
}

void TestGuardrailCatalog::everyEntryAnswersAQuestion()
{
    QFETCH(const QString, id);
    const GuardrailBench bench;
    const auto guardrail = bench.make(specOf(id)).value();
    QVERIFY(!guardrail->note("Where was Ada born").empty());
    const auto prompt = guardrail->prompt(bench.style, {{"user", "Where was Ada born"}});
    QVERIFY(prompt.value().text.ends_with("Where was Ada born\nAnswer:"));
    // It acts on what its entry says.
    const GuardrailPlace place = (*guardrails().find(id.toStdString()))->place;
    QCOMPARE(guardrail->actsOnQuestionsOnly(), place == GuardrailPlace::Question);
    QCOMPARE(guardrail->watchesAnswers(), place == GuardrailPlace::Answer);
    QCOMPARE(prompt.value().text !=
                 bench.style.prompt({{"user", "Where was Ada born"}}).value().text,
             place == GuardrailPlace::Question);
    if (place != GuardrailPlace::Embeddings)
        QVERIFY(!guardrail->change("Where was Ada born"));
    QCOMPARE(guardrail->seen("Figs."), std::string("Figs."));
}

void TestGuardrailCatalog::aMissingCorpusIsNamed()
{
    QFETCH(const QString, id);
    const GuardrailInfo& info = **guardrails().find(id.toStdString());
    for (const bool forget : {true, false}) {
        GuardrailBench bench;
        bench.hasForget = !forget;
        bench.hasRetain = forget;
        const auto made = bench.make(specOf(id));
        const CorpusNeed need = forget ? info.forget : info.retain;
        if (need != CorpusNeed::Required)
            continue;
        QVERIFY(!made);
        QVERIFY(made.error().message.find(forget ? "a forget corpus" : "a retain corpus") !=
                std::string::npos);
        QVERIFY(!made.error().remedy.empty());
    }
}

void TestGuardrailCatalog::aSpecIsAnIdAnObjectOrAFile()
{
    const auto parsed = [](const std::string& text) {
        return parseGuardrailSpec(text, "--guardrail").value().toJson();
    };
    QVERIFY(parsed("eco")["threshold"] == 0.9);
    QVERIFY(parsed(R"( {"id": "eco", "threshold": 0.5})")["threshold"] == 0.5);
    const TemporaryFolder folder;
    const auto file = folder.file("wall.json");
    writeBytes(file, R"({"id": "icul", "examples": 2})");
    QVERIFY(parsed(file.string())["examples"] == 2);
    writeBytes(file, R"({"id": "icul", "example": 2})");
    const auto wrong = parseGuardrailSpec(file.string(), "--guardrail");
    QVERIFY(!wrong && wrong.error().text().find(file.string()) != std::string::npos);
}

void TestGuardrailCatalog::noneIsNone()
{
    QVERIFY(readGuardrailSpec(nullptr, "test").value().id.empty());
    QVERIFY(GuardrailSpec{}.toJson().is_null());
    QVERIFY(!GuardrailBench().make(nullptr).value());
}

void TestGuardrailCatalog::whatIsUnknownIsRefused_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const char* spec, const char* words) {
        QTest::newRow(name) << QString::fromLatin1(spec) << QString::fromLatin1(words);
    };
    row("no id", "{}", "known ones: icul, guardrail-prompt, output-filter, eco");
    row("misspelt id", R"({"id": "iculs"})", "did you mean \"icul\"");
    row("misspelt key", R"({"id": "eco", "treshold": 1})", "did you mean \"threshold\"");
    row("out of range", R"({"id": "eco", "threshold": 2})", "between 0 and 1");
    row("no such choice", R"({"id": "eco", "corruption": "flip"})", "noise, zero-top-k");
    row("wrong type", R"({"id": "icul", "examples": "four"})", "examples cannot be \"four\"");
    row("no object", "[1]", "the guardrail needs an id");
}

void TestGuardrailCatalog::whatIsUnknownIsRefused()
{
    QFETCH(const QString, spec);
    QFETCH(const QString, words);
    const auto read = readGuardrailSpec(Json::parse(spec.toStdString()), "here");
    QVERIFY(!read);
    const QString text = QString::fromStdString(read.error().text());
    QVERIFY2(text.contains(words) && text.startsWith(u"here"), qPrintable(text));
}

LACUNA_TEST_MAIN(TestGuardrailCatalog)
#include "tst_guardrail_catalog.moc"
