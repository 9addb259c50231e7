#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"
#include "tests/support/test_main.h"

#include <cmath>

using namespace lacuna;

namespace {

const std::string kRecorded = TEST_DATA_DIR "/metrics/";
const std::string kLlama = SHARED_DIR "/data/open-unlearning-eval/llama-3.2-1b_";

bool contains(const std::string& text, const std::string& words)
{
    return text.find(words) != std::string::npos;
}

/// A log with truth ratios and Min-K scores of \p samples texts.
Json smallLog(int samples, double level)
{
    Json ratios = Json::object();
    Json forget = Json::object();
    Json holdout = Json::object();
    for (int i = 0; i < samples; ++i) {
        const std::string index = std::to_string(i);
        ratios[index]["score"] = level + 0.01 * i;
        forget[index]["score"] = level + 0.01 * i;
        holdout[index]["score"] = 1 + 0.01 * i;
    }
    return {
        {"forget_truth_ratio", {{"value_by_index", ratios}}},
        {"mia_min_k",
         {{"forget", {{"value_by_index", forget}}}, {"holdout", {{"value_by_index", holdout}}}}}};
}

Json summaryOf(const Json& document, const std::string& id)
{
    for (const Json& one : document.at("summaries"))
        if (one.at("id") == id)
            return one;
    return {};
}

} // namespace

/// verify-metrics and aggregate, as a shell runs them.
class TestMetricCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRecordedFilePasses();
    void aWrongNumberFailsTheCheck();
    void aFileOfSomethingElseIsBadInput();
    void aLogIsToldInTablesAndInJson();
    void aReferenceOfAnotherSetIsAReasonAndNoNumber();
    void whatIsNoLogIsBadInput_data();
    void whatIsNoLogIsBadInput();
    void whatEvaluateWritesIsReadAgain();
    void openUnlearningsSummaryComesOut();

private:
    [[nodiscard]] std::string written(const std::string& name, const std::string& text) const
    {
        const std::filesystem::path path = m_cli.home() / name;
        writeFileAtomically(path, text).value();
        return path.string();
    }

    LacunaCli m_cli;
};

void TestMetricCommands::everyRecordedFilePasses()
{
    const Outcome outcome = m_cli.call(
        {"verify-metrics", kRecorded + "ks_two_sample.json", kRecorded + "truth_ratio.json",
         kRecorded + "membership_inference.json", kRecorded + "memorization.json",
         kRecorded + "porter_stems.json", kRecorded + "rouge.json"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QVERIFY(contains(outcome.out, "ks_two_sample.json: KS pvalue (11)"));
    QVERIFY(contains(outcome.out, "porter_stems.json: stem (536)"));
    QVERIFY(!contains(outcome.out, "FAIL"));
    QVERIFY(contains(outcome.err, "all within their tolerances"));
}

void TestMetricCommands::aWrongNumberFailsTheCheck()
{
    Json document = readJsonFile(kRecorded + "truth_ratio.json").value();
    document["truth_ratio"][7] = document["truth_ratio"][7].get<double>() + 1e-6;
    const Outcome outcome =
        m_cli.call({"verify-metrics", "--json", written("wrong.json", document.dump())});
    QCOMPARE(outcome.code, 1);
    int failed = 0;
    for (const Json& line : outcome.lines())
        if (!line.at("passed").get<bool>()) {
            ++failed;
            QVERIFY(contains(line.at("quantity").get<std::string>(), "truth_ratio (40)"));
            QVERIFY(std::abs(line.at("difference").get<double>() - 1e-6) < 1e-12);
        }
    QCOMPARE(failed, 1);
}

void TestMetricCommands::aFileOfSomethingElseIsBadInput()
{
    const std::string other = written("other.json", R"({"model": {"layers": 2}})");
    const Outcome outcome = m_cli.call({"verify-metrics", other, kRecorded + "memorization.json"});
    QCOMPARE(outcome.code, 3);
    QVERIFY(contains(outcome.err, "nothing in this file is a recorded metric"));
    QVERIFY(contains(outcome.out, "memorization.json: extraction_strength")); // the rest is done
    QCOMPARE(m_cli.call({"verify-metrics"}).code, 2);
}

void TestMetricCommands::aLogIsToldInTablesAndInJson()
{
    const std::string log = written("log.json", smallLog(30, 0.9).dump());
    const std::string reference = written("reference.json", smallLog(30, 0.995).dump());
    const Outcome table = m_cli.call({"aggregate", log, "--reference", reference});
    QVERIFY2(table.code == 0, table.err.c_str());
    QVERIFY(contains(table.out, "Forget quality"));
    QVERIFY(contains(table.out, "How to read them"));
    QVERIFY(contains(table.out, "Model utility\n    model utility is made of nine numbers"));

    const Json document = m_cli.call({"aggregate", log, "--reference", reference, "--json"}).line();
    const Json quality = summaryOf(document, "forget-quality");
    // Every value is ten of 30 places behind: D = 1/3, and 2 sum (-1)^(k-1) C(60, 30 - 10 k) by
    // C(60, 30) in whole numbers.
    QVERIFY(std::abs(quality.at("details").at("ks-statistic").get<double>() - 1.0 / 3) < 1e-12);
    QVERIFY(std::abs(quality.at("value").get<double>() - 0.07088798787) < 1e-10);
    QVERIFY(document.at("summary").at("forget_quality") == quality.at("value"));
    const Json area = summaryOf(document, "mia-min-k");
    QVERIFY(area.at("interval")[0].get<double>() < area.at("value").get<double>());
    QCOMPARE(area.at("details").at("reference-auc").get<double>(), 465.0 / 900);
    QVERIFY(summaryOf(document, "model-utility").at("value").is_null());
}

void TestMetricCommands::aReferenceOfAnotherSetIsAReasonAndNoNumber()
{
    const std::string log = written("log.json", smallLog(30, 0.9).dump());
    const std::string reference = written("reference.json", smallLog(20, 1.0).dump());
    const Outcome outcome = m_cli.call({"aggregate", log, "--reference", reference, "--json"});
    QCOMPARE(outcome.code, 0);
    for (const char* id : {"forget-quality", "privleak"}) {
        const Json one = summaryOf(outcome.line(), id);
        QVERIFY(one.at("value").is_null());
        QVERIFY(contains(one.at("missing").get<std::string>(), "another forget set"));
    }
}

void TestMetricCommands::whatIsNoLogIsBadInput_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("a summary") << QByteArray(R"({"forget_quality": 0.5})") << QByteArray("summary");
    QTest::newRow("cut") << QByteArray(R"({"forget_truth_ratio": {"agg_v)")
                         << QByteArray("cut off");
    QTest::newRow("empty") << QByteArray() << QByteArray("middle of a value");
}

void TestMetricCommands::whatIsNoLogIsBadInput()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, says);
    const Outcome outcome = m_cli.call({"aggregate", written("bad.json", text.toStdString())});
    QCOMPARE(outcome.code, 3);
    QVERIFY2(contains(outcome.err, says.toStdString()), outcome.err.c_str());
    QVERIFY(outcome.out.empty());
}

void TestMetricCommands::whatEvaluateWritesIsReadAgain()
{
    const std::string out = (m_cli.home() / "written.json").string();
    const Outcome evaluated =
        m_cli.call({"evaluate", smallModel(), "--forget", runData("forget.json"), "--retain",
                    runData("retain.json"), "--max-samples", "4", "--max-new-tokens", "4",
                    "--device", "cpu", "--out", out});
    QVERIFY2(evaluated.code == 0, evaluated.err.c_str());
    const Json log = readJsonFile(out).value();
    const Json& probability = log.at("forget_Q_A_Prob");
    QCOMPARE(probability.at("value_by_index").size(), std::size_t(4));
    QVERIFY(probability.at("value_by_index").begin()->contains("avg_loss"));
    QVERIFY(log.at("retain_Q_A_ROUGE").at("value_by_index").begin()->contains("rougeL_recall"));

    const Json document = m_cli.call({"aggregate", out, "--json"}).line();
    int found = 0;
    for (const Json& metric : document.at("metrics"))
        if (metric.at("set") == "forget" && metric.at("metric") == "probability") {
            ++found;
            QVERIFY(metric.at("value") == probability.at("agg_value"));
            QVERIFY(metric.at("interval").is_array());
        }
    QCOMPARE(found, 1);
}

void TestMetricCommands::openUnlearningsSummaryComesOut()
{
    if (!std::filesystem::exists(kLlama + "retain90"))
        QSKIP("the shared data is not beside the project");
    const Json document = m_cli
                              .call({"aggregate", kLlama + "full_forget10/TOFU_EVAL.json",
                                     "--reference", kLlama + "retain90/TOFU_EVAL.json", "--json"})
                              .line();
    const Json reported = readJsonFile(kLlama + "full_forget10/TOFU_SUMMARY.json").value();
    for (const auto& [name, value] : reported.items()) {
        const double wanted = value.get<double>();
        QVERIFY2(std::abs(document.at("summary").at(name).get<double>() - wanted) <=
                     1e-9 * std::abs(wanted),
                 name.c_str());
    }
    QCOMPARE(m_cli.call({"verify-metrics", kLlama + "full_forget10/TOFU_EVAL.json"}).code, 0);
}

LACUNA_TEST_MAIN(TestMetricCommands)
#include "tst_metric_commands.moc"
