#include "tests/core/attacks/attack_bench.h"
#include "tests/support/test_main.h"

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// What holds of every attack.
class TestAttackCatalog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEntryIsExplained_data() { rows(); }
    void everyEntryIsExplained();
    void everyAttackLeavesTheModelAlone_data() { rows(); }
    void everyAttackLeavesTheModelAlone();
    void everyAttackCanBeCancelled_data() { rows(); }
    void everyAttackCanBeCancelled();
    void specsAreRead();
    void badSpecsAreNamed_data();
    void badSpecsAreNamed();
    void countsAreSortedAndChecked();

private:
    static void rows()
    {
        QTest::addColumn<QString>("id");
        for (const std::string& id : attacks().ids())
            QTest::newRow(id.c_str()) << QString::fromStdString(id);
    }
    /// With all that attacks ask of the data, and little to do.
    [[nodiscard]] static AttackBench& bench()
    {
        static AttackBench bench = [] {
            AttackBench made;
            for (RawSample& sample : made.forget.samples) {
                sample.subject = "Somebody";
                sample.paraphrasedQuestion = "Tell me: " + sample.prompt;
                sample.perturbedAnswers = {"It was never so.", "Nobody did that."};
            }
            return made;
        }();
        return bench;
    }
    [[nodiscard]] static AttackTarget target()
    {
        AttackTarget target = bench().target();
        target.maxNewTokens = 8;
        target.base = bench().folder;
        target.learner = [](double rate) {
            bench().decoder->trainAll();
            // A stand-in for training: every weight moves.
            return LearnStep([rate](const auto&, const auto&) {
                disturb(*bench().decoder, static_cast<std::uint64_t>(1 + 1e6 * rate));
            });
        };
        return target;
    }
    [[nodiscard]] static Json spec(const QString& id)
    {
        Json spec = {{"id", id.toStdString()}};
        if ((**attacks().find(id.toStdString())).needsFile)
            spec["file"] = alignedFile();
        if (id == u"relearning")
            spec.update({{"steps", 2}, {"every", 1}});
        if (id == u"sampling")
            spec["samples"] = 2;
        if (id == u"prefix")
            spec["tokens"] = "2";
        if (id == u"weight-noise")
            spec["seeds"] = 2;
        return spec;
    }
    [[nodiscard]] static std::string alignedFile()
    {
        static const QTemporaryDir folder;
        const std::string path = folder.filePath(u"aligned.jsonl"_s).toStdString();
        std::string text;
        for (std::size_t i = 0; i < bench().forget.samples.size(); ++i)
            text +=
                Json{{"question", "Otherwise?"}, {"answer", "Thus and so it was."}}.dump() + "\n";
        writeFileAtomically(path, text).value();
        return path;
    }
};

void TestAttackCatalog::everyEntryIsExplained()
{
    QFETCH(const QString, id);
    const AttackInfo& info = **attacks().find(id.toStdString());
    QVERIFY(!info.title.empty() && !info.source.empty() && info.explanation.size() > 40);
    QVERIFY(info.explanation.ends_with('.'));
    const ParamSet usual(info.params);
    QVERIFY(!info.check || info.check(usual));
    const AttackCost cost = info.cost(usual);
    QVERIFY(cost.scores + cost.answers + cost.learned > 0);
    QCOMPARE(info.needsFile && info.needs.empty(), false);
    for (const ParamSpec& param : info.params)
        QVERIFY2(!param.help.empty(), param.name.c_str());
}

void TestAttackCatalog::everyAttackLeavesTheModelAlone()
{
    QFETCH(const QString, id);
    const auto before = bench().weights();
    const auto settings = AttackBench::attack(spec(id), target());
    QVERIFY2(settings, settings ? "" : settings.error().text().c_str());
    QVERIFY(!settings->empty());
    for (const AttackedSetting& setting : *settings) {
        QVERIFY(settings->size() == 1 || !setting.label.empty());
        QVERIFY(!setting.measured.empty());
        for (const MetricResult& measured : setting.measured)
            for (const MetricResult::Item& item : measured.samples)
                QVERIFY(item.value >= 0 && item.value <= 1);
    }
    QVERIFY(sameBits(before, bench().weights()));
    for (const Parameter& parameter : bench().decoder->parameters())
        QVERIFY2(!parameter.trained && !parameter.gradient.defined(), parameter.name.c_str());
    // Products see them too.
    const auto again = scanTarget(target(), *bench().decoder, bench().samples, 0);
    for (std::size_t i = 0; i < again.size(); ++i)
        QVERIFY(again[i].logProbs == bench().plain[i].logProbs);
}

void TestAttackCatalog::everyAttackCanBeCancelled()
{
    QFETCH(const QString, id);
    const auto before = bench().weights();
    AttackTarget cancelled = target();
    cancelled.proceed = [](double) { return false; };
    const auto settings = AttackBench::attack(spec(id), cancelled);
    QVERIFY(settings && settings->empty());
    QVERIFY(sameBits(before, bench().weights()));
}

void TestAttackCatalog::specsAreRead()
{
    const auto two = parseAttackSpecs("prefill, quantisation", "--attack").value();
    QCOMPARE(two.size(), std::size_t{2});
    QCOMPARE(two[1].id, std::string("quantisation"));
    QCOMPARE(two[1].params.integer("group"), std::int64_t{128});
    const auto one = parseAttackSpecs(R"({"id": "relearning", "steps": 3})", "--attack").value();
    QCOMPARE(one.front().params.integer("steps"), std::int64_t{3});
    QCOMPARE(parseAttackSpecs(R"([{"id": "prefill"}, {"id": "prefix"}])", "x").value().size(),
             std::size_t{2});
    for (const AttackSpec& usual : usualAttacks())
        QVERIFY(usual.id != "cross-lingual");
}

void TestAttackCatalog::badSpecsAreNamed_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("said");
    QTest::newRow("an unknown id") << u"quantization"_s << u"did you mean \"quantisation\"?"_s;
    QTest::newRow("no id") << u"{\"steps\": 3}"_s << u"id"_s;
    QTest::newRow("out of range") << u"{\"id\": \"relearning\", \"share\": 2}"_s << u"share"_s;
    QTest::newRow("a format that there is not")
        << u"{\"id\": \"quantisation\", \"formats\": \"int3\"}"_s << u"int8, int4, nf4"_s;
    QTest::newRow("no number") << u"{\"id\": \"prefix\", \"tokens\": \"5,x\"}"_s
                               << u"\"x\" is no whole number"_s;
    QTest::newRow("a form without the question")
        << u"{\"id\": \"role-playing\", \"form\": \"Speak.\"}"_s << u"{question}"_s;
    QTest::newRow("a file that is not there")
        << u"{\"id\": \"cross-lingual\", \"file\": \"nowhere.jsonl\"}"_s
        << u"names a file that is not there"_s;
}

void TestAttackCatalog::badSpecsAreNamed()
{
    QFETCH(const QString, text);
    QFETCH(const QString, said);
    const auto specs = parseAttackSpecs(text.toStdString(), "--attack");
    QVERIFY(!specs);
    QVERIFY2(specs.error().text().find(said.toStdString()) != std::string::npos,
             specs.error().text().c_str());
    QVERIFY(specs.error().text().find("--attack") != std::string::npos ||
            !specs.error().remedy.empty());
}

void TestAttackCatalog::countsAreSortedAndChecked()
{
    QCOMPARE(readCounts("25, 5,5", "x").value(), (std::vector<std::int64_t>{5, 25}));
    QVERIFY(!readCounts("0", "x"));
    QVERIFY(!readCounts("", "x"));
    QVERIFY(!readCounts("3 4", "x"));
}

LACUNA_TEST_MAIN(TestAttackCatalog)
#include "tst_attack_catalog.moc"
