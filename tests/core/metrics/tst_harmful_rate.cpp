#include "core/metrics/harmful_rate.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <cmath>
#include <filesystem>
#include <stdexcept>

using namespace lacuna;

namespace {

bool saysBomb(std::string_view text)
{
    return text.find("bomb") != std::string_view::npos;
}

std::vector<GivenAnswer> answers(const std::vector<std::string>& texts)
{
    std::vector<GivenAnswer> result;
    for (const std::string& text : texts)
        result.push_back({.prompt = "p" + std::to_string(result.size()), .answer = text});
    return result;
}

/// \p harmful of \p count.
HarmfulRate rateOf(int harmful, int count)
{
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i)
        texts.emplace_back(i < harmful ? "You build the bomb like this."
                                       : "You bake it like this.");
    return harmfulRate(answers(texts), saysBomb);
}

GivenAnswers read(const std::string& bytes, const std::string& set = {})
{
    const TemporaryFolder folder;
    writeBytes(folder.file("a"), bytes);
    return readGivenAnswers(folder.file("a"), set).value();
}

} // namespace

class TestHarmfulRate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sharesAreCountedByHand();
    void gibberishIsCountedApart();
    void theReductionIsOfWhatWasHarmful();
    void theIntervalsHoldTheirValues();
    void pairedDrawsAreNarrowerThanIndependentOnes();
    void nothingHarmfulBeforeHasNoReduction();
    void answersArePairedByPrompt();
    void otherPromptsAreRefused();
    void linesAreRead();
    void publishedLogsAreRead_data();
    void publishedLogsAreRead();
    void aFileWithoutAnswersIsRefused_data();
    void aFileWithoutAnswersIsRefused();
};

void TestHarmfulRate::sharesAreCountedByHand()
{
    const HarmfulRate rate = harmfulRate(
        answers({"The bomb is built like this.", "I'm sorry, but I can't help with that.", "",
                 "You bake the cake for an hour."}),
        saysBomb);
    QCOMPARE(rate.answers, std::int64_t{4});
    QCOMPARE(rate.rate, 0.25);
    QCOMPARE(rate.refusals, 0.25);
    QCOMPARE(rate.empty, 0.25);
    QCOMPARE(rate.gibberish, 0.25); // the empty one
    QCOMPARE(*rate.rateOfReadable, 1.0 / 3);
    QCOMPARE(rate.harmful, (std::vector<bool>{true, false, false, false}));
}

void TestHarmfulRate::gibberishIsCountedApart()
{
    const HarmfulRate rate =
        harmfulRate(answers({"zxq wvk jjq zzk qxv wqz", "......................"}), saysBomb);
    QCOMPARE(rate.rate, 0.0);
    QCOMPARE(rate.gibberish, 1.0);
    QVERIFY(!rate.rateOfReadable);
}

void TestHarmfulRate::theReductionIsOfWhatWasHarmful()
{
    const HarmfulReduction reduction = harmfulReduction(rateOf(40, 100), rateOf(10, 100));
    QCOMPARE(*reduction.value, 0.75); // the published figure's arithmetic
    QVERIFY(*harmfulReduction(rateOf(10, 100), rateOf(20, 100)).value == -1.0);
    QCOMPARE(*harmfulReduction(rateOf(10, 100), rateOf(0, 100)).value, 1.0);
    QCOMPARE(*harmfulReduction(rateOf(10, 100), rateOf(10, 100)).value, 0.0);
}

void TestHarmfulRate::theIntervalsHoldTheirValues()
{
    const HarmfulRate rate = rateOf(40, 100);
    // Normal approximation: 0.4 +- 1.96 sqrt(0.24 / 100).
    QVERIFY(std::abs(rate.interval.low - 0.304) < 0.03);
    QVERIFY(std::abs(rate.interval.high - 0.496) < 0.03);
    const HarmfulReduction reduction = harmfulReduction(rate, rateOf(10, 100));
    QVERIFY(reduction.interval.low < 0.75 && reduction.interval.high > 0.75);
    // 30 of the 40 are gone: a share of 40, so 0.75 +- 1.96 sqrt(0.1875 / 40).
    QVERIFY(std::abs(reduction.interval.low - 0.616) < 0.04);
    QVERIFY(std::abs(reduction.interval.high - 0.884) < 0.04);
}

void TestHarmfulRate::pairedDrawsAreNarrowerThanIndependentOnes()
{
    // The same answers before and after: every draw finds no reduction.
    const HarmfulRate rate = rateOf(40, 100);
    const HarmfulReduction reduction = harmfulReduction(rate, rate);
    QCOMPARE(reduction.interval.low, 0.0);
    QCOMPARE(reduction.interval.high, 0.0);
}

void TestHarmfulRate::nothingHarmfulBeforeHasNoReduction()
{
    const HarmfulReduction reduction = harmfulReduction(rateOf(0, 10), rateOf(1, 10));
    QVERIFY(!reduction.value);
    QVERIFY(!reduction.missing.empty());
    QVERIFY_EXCEPTION_THROWN((void)harmfulReduction(rateOf(1, 10), rateOf(1, 9)), std::logic_error);
}

void TestHarmfulRate::answersArePairedByPrompt()
{
    const GivenAnswers before = {.items = {{"a", "1"}, {"b", "2"}, {"a", "3"}}};
    const GivenAnswers after = {.items = {{"b ", "x"}, {"a", "y"}, {"a", "z"}}};
    const Result<std::vector<GivenAnswer>> paired = pairedAnswers(before, after);
    QVERIFY(paired);
    QCOMPARE(shown((*paired)[0].answer + (*paired)[1].answer + (*paired)[2].answer),
             QStringLiteral("yxz"));
    const GivenAnswers bare = {.items = {{"", "1"}, {"", "2"}}};
    QCOMPARE(shown(pairedAnswers(bare, bare).value()[1].answer), QStringLiteral("2"));
}

void TestHarmfulRate::otherPromptsAreRefused()
{
    const GivenAnswers before = {.source = "one", .items = {{"a", "1"}, {"b", "2"}}};
    const GivenAnswers other = {.source = "two", .items = {{"a", "1"}, {"c", "2"}}};
    const GivenAnswers fewer = {.source = "two", .items = {{"a", "1"}}};
    for (const GivenAnswers* after : {&other, &fewer}) {
        const Result<std::vector<GivenAnswer>> paired = pairedAnswers(before, *after);
        QVERIFY(!paired);
        QVERIFY(!paired.error().remedy.empty());
    }
}

void TestHarmfulRate::linesAreRead()
{
    const GivenAnswers two = read("{\"prompt\": \"p\", \"answer\": \"one\"}\n\n"
                                  "{\"question\": \"q\", \"response\": \"two\"}\n");
    QCOMPARE(two.items.size(), std::size_t{2});
    QCOMPARE(shown(two.items[1].prompt + two.items[1].answer), QStringLiteral("qtwo"));
    QCOMPARE(read("{\"answer\": \"alone\"}").items.size(), std::size_t{1});
}

void TestHarmfulRate::publishedLogsAreRead_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("set");
    QTest::addColumn<int>("count");
    QTest::addColumn<QString>("prompt");
    const QString openUnlearning =
        QStringLiteral("open-unlearning-eval/llama-3.2-1b_full_forget10/TOFU_EVAL.json");
    QTest::newRow("the forget set of open-unlearning's")
        << openUnlearning << "" << 400 << "born in Taipei";
    QTest::newRow("another set of it") << openUnlearning << "world-facts" << 117 << "Eiffel Tower";
    QTest::newRow("TOFU's") << "tofu-eval/phi_full/eval_log_aggregated.json"
                            << "" << 300 << "born in Taipei";
}

void TestHarmfulRate::publishedLogsAreRead()
{
    QFETCH(QString, file);
    QFETCH(QString, set);
    QFETCH(int, count);
    QFETCH(QString, prompt);
    const std::filesystem::path path =
        std::filesystem::path(SHARED_DIR "/data") / file.toStdString();
    if (!std::filesystem::exists(path))
        QSKIP("the logs are not beside the project");
    const Result<GivenAnswers> answers = readGivenAnswers(path, set.toStdString());
    QVERIFY2(answers, answers ? "" : answers.error().text().c_str());
    QCOMPARE(answers->items.size(), static_cast<std::size_t>(count));
    QVERIFY(shown(answers->items[0].prompt).contains(prompt));
    QVERIFY(!answers->items[0].answer.empty());
    QVERIFY(!readGivenAnswers(path, "no such set"));
}

void TestHarmfulRate::aFileWithoutAnswersIsRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("hello\n");
    QTest::newRow("a line without an answer") << QByteArray("{\"answer\": \"a\"}\n{\"prompt\": 1}");
    QTest::newRow("a list") << QByteArray("[1, 2]");
    QTest::newRow("a log of numbers") << QByteArray(R"({"forget_quality": {"agg_value": 1}})");
    QTest::newRow("a log of two other sets") << QByteArray(
        R"({"ra_Q_A_ROUGE": {"agg_value": 1, "value_by_index": {"0": {"rougeL_recall": 1, "generation": "x"}}}, "wf_Q_A_ROUGE": {"agg_value": 1, "value_by_index": {"0": {"rougeL_recall": 1, "generation": "y"}}}})");
}

void TestHarmfulRate::aFileWithoutAnswersIsRefused()
{
    QFETCH(QByteArray, bytes);
    const TemporaryFolder folder;
    writeBytes(folder.file("a"), bytes.toStdString());
    const Result<GivenAnswers> answers = readGivenAnswers(folder.file("a"));
    QVERIFY(!answers);
    QVERIFY(!answers.error().message.empty());
    QVERIFY(!answers.error().remedy.empty());
}

QTEST_GUILESS_MAIN(TestHarmfulRate)
#include "tst_harmful_rate.moc"
