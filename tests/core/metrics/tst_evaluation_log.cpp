#include "core/metrics/evaluation_log.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <cmath>
#include <filesystem>
#include <limits>

using namespace lacuna;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

EvaluationLog parsed(const std::string& text)
{
    return parseEvaluationLog(Json::parse(text), "log.json").value();
}

const Evaluation& in(const EvaluationLog& log, const char* set, const char* metric)
{
    const Evaluation* found = findEvaluation(log.evaluations, set, metric);
    if (!found)
        throw std::logic_error(std::string("no ") + set + " " + metric);
    return *found;
}

bool sameNumber(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

/// Whether \p back says of the quantity what \p before says.
QString difference(const Evaluation& before, const Evaluation& back)
{
    if (!sameNumber(before.value, back.value))
        return QStringLiteral("value");
    if (before.count != back.count || before.variant != back.variant ||
        before.missing != back.missing)
        return QStringLiteral("count, variant or missing");
    if (before.interval.has_value() != back.interval.has_value() ||
        (before.interval && (before.interval->low != back.interval->low ||
                             before.interval->high != back.interval->high)))
        return QStringLiteral("interval");
    if (before.samples.size() != back.samples.size())
        return QStringLiteral("number of samples");
    for (std::size_t i = 0; i < before.samples.size(); ++i)
        if (before.samples[i].sample != back.samples[i].sample ||
            !sameNumber(before.samples[i].value, back.samples[i].value))
            return QStringLiteral("sample %1").arg(i);
    return {};
}

/// A bit of everything that an evaluation can hold.
std::vector<Evaluation> everyKind()
{
    return {
        {.set = "forget",
         .metric = "probability",
         .variant = "exp(-mean token loss)",
         .value = 0.75,
         .count = 2,
         .interval = Interval{0.5, 1},
         .samples = {{2, 0.1 + 0.2, R"({"avg_loss": 1.2})"}, {10, 0.25}}},
        {.set = "retain", .metric = "nll", .variant = "token mean", .value = 1.0 / 3, .count = 7},
        {.set = "forget", .metric = "rouge-l-f1", .value = 0.5, .count = 1, .samples = {{0, 0.5}}},
        {.set = "forget",
         .metric = "rouge-l",
         .value = 0.75,
         .count = 1,
         .samples = {{0, 0.75, R"({"generated": "a", "reference": "b"})"}}},
        {.set = "forget", .metric = "loss", .value = 2, .count = 2, .samples = {{0, 1}, {1, 3}}},
        {.set = "holdout", .metric = "loss", .value = 4, .count = 1, .samples = {{0, 4}}},
        {.set = "forget", .metric = "mia-loss", .value = 1, .count = 3},
        {.set = "forget",
         .metric = "truth-ratio",
         .value = kNan,
         .missing = "no perturbed answers; give them"},
        {.set = "", .metric = "model-utility", .value = 0.6},
        {.set = "guardrail-forget", .metric = "repetition", .value = 0, .samples = {{3, kNan}}},
        {.set = "forget", .metric = "fluency", .variant = "one", .value = 1},
        {.set = "forget", .metric = "fluency", .variant = "another", .value = 2},
        {.set = "forget",
         .metric = "perturbed-probability",
         .value = 0.375,
         .count = 1,
         .samples = {{0, 0.375, R"({"avg_loss": [1, 2], "prob": [0.25, 0.5]})"}}},
    };
}

} // namespace

class TestEvaluationLog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void openUnlearningsNamesBecomeCanonical();
    void whatIsNotKnownKeepsItsName();
    void aTofuLogGivesTheSameKindsOfNumbers();
    void truthRatiosAreDerivedFromLosses();
    void itsToolsFindTheirNamesInWhatIsWritten();
    void whatWasWrittenReadsBackTheSame();
    void theLaterOfTwoIsKept();
    void writtenTextsThatAreNotUtf8AreMadeSo();
    void numbersThatAreNoneAreLeftOutAndTold();
    void samplesAreBelievedAndNotTheirRecordedMean();
    void whatIsNoLogIsOneSentenceAndARemedy_data();
    void whatIsNoLogIsOneSentenceAndARemedy();
    void hostileTypesNeverThrow_data();
    void hostileTypesNeverThrow();
    void aFileMayHoldPythonsNan();
    void aCutFileSaysThatItIsCut();
    void realLogsReadWhole_data();
    void realLogsReadWhole();
};

void TestEvaluationLog::openUnlearningsNamesBecomeCanonical()
{
    const EvaluationLog log = parsed(R"({
        "forget_Q_A_Prob": {"agg_value": 0.25, "value_by_index":
            {"10": {"prob": 0.5, "avg_loss": 0.69}, "2": {"prob": 0.0, "avg_loss": 9}}},
        "ra_Q_A_Prob_normalised": {"agg_value": 0.5, "value_by_index": {"0": {"prob": 0.5}}},
        "wf_Q_A_ROUGE": {"agg_value": 1, "value_by_index": {"0": {"rouge1_recall": 0.75,
            "rougeL_f1": 0.5, "rougeL_recall": 1.0, "generation": "Paris"}}},
        "forget_truth_ratio": {"agg_value": 0.5, "value_by_index": {"0": {"score": 2.0}}},
        "retain_Truth_Ratio": {"agg_value": 0.25, "value_by_index": {"0": {"score": 0.75}}},
        "exact_memorization": {"agg_value": 0.5, "value_by_index": {"0": {"score": 0.5}}},
        "mia_min_k_plus_plus": {"agg_value": 0.75, "auc": 0.75,
            "forget": {"agg_value": 1, "value_by_index": {"0": {"score": 1}}},
            "holdout": {"agg_value": 2, "value_by_index": {"0": {"score": 2}}}},
        "forget_quality": {"agg_value": null},
        "privleak": {"agg_value": -99.5}})");
    QCOMPARE(log.shape, LogShape::OpenUnlearning);
    const Evaluation& probability = in(log, "forget", "probability");
    QCOMPARE(probability.value, 0.25);
    QCOMPARE(probability.count, 2);
    QCOMPARE(probability.samples[0].sample, 2); // by number, not by letter
    QCOMPARE(probability.samples[1].value, 0.5);
    QCOMPARE(shown(probability.samples[1].extra), shown(R"({"avg_loss":0.69})"));
    QCOMPARE(in(log, "real-authors", "option-probability").value, 0.5);
    QCOMPARE(in(log, "world-facts", "rouge-l").value, 1.0);
    QCOMPARE(in(log, "world-facts", "rouge-1").value, 0.75);
    QCOMPARE(in(log, "world-facts", "rouge-l-f1").value, 0.5);
    QCOMPARE(shown(in(log, "world-facts", "rouge-l").samples[0].extra),
             shown(R"({"generation":"Paris"})"));
    QCOMPARE(in(log, "forget", "truth-ratio").samples[0].value, 2.0); // raw
    QCOMPARE(in(log, "forget", "truth-ratio").value, 0.5);
    QCOMPARE(in(log, "retain", "truth-ratio").value, 0.25);
    QCOMPARE(in(log, "forget", "exact-memorization").value, 0.5);
    QCOMPARE(in(log, "forget", "min-k-plus-plus").samples[0].value, 1.0);
    QCOMPARE(in(log, "holdout", "min-k-plus-plus").samples[0].value, 2.0);
    QCOMPARE(in(log, "forget", "mia-min-k-plus-plus").value, 0.75);
    QVERIFY(std::isnan(in(log, "", "forget-quality").value));
    QVERIFY(!in(log, "", "forget-quality").missing.empty());
    QCOMPARE(in(log, "", "privleak").value, -99.5);
    QVERIFY(log.notes.empty());
}

void TestEvaluationLog::whatIsNotKnownKeepsItsName()
{
    const EvaluationLog log = parsed(R"({
        "forget_Q_A_gibberish": {"agg_value": 0.5, "value_by_index":
            {"0": {"score": 0.25, "text": "a"}, "1": {"score": 0.75}}},
        "wmdp_bio": {"agg_value": 0.31},
        "retain_Q_A_ROUGE": {"value_by_index": {"0": {"rougeL_recall": 0.5}}},
        "note": "made today"})");
    QCOMPARE(in(log, "forget", "gibberish").value, 0.5);
    QCOMPARE(in(log, "forget", "gibberish").samples[1].value, 0.75);
    QCOMPARE(in(log, "", "wmdp-bio").value, 0.31);
    QCOMPARE(in(log, "retain", "rouge-l").value, 0.5);
    QVERIFY(!findEvaluation(log.evaluations, "retain", "rouge-1")); // not there is not a gap
    QCOMPARE(log.notes.size(), std::size_t(1));
}

void TestEvaluationLog::aTofuLogGivesTheSameKindsOfNumbers()
{
    const EvaluationLog log = parsed(R"({
        "eval_log_forget.json": {
            "avg_gt_loss": {"0": 0.5, "1": 1.0}, "avg_paraphrased_loss": {"0": 2.0, "1": 1.0},
            "average_perturb_loss": {"0": [1.0, 2.0], "1": [1.0, 1.0]},
            "rougeL_recall": {"0": 0.5, "1": 1.0}, "rouge1_recall": {"0": 0.5, "1": 1.0},
            "generated_text": {"0": ["Q", "answer", "truth"], "1": ["Q"]}},
        "eval_real_author_wo_options.json": {
            "avg_gt_loss": {"0": 1.0}, "average_perturb_loss": {"0": [1.0, 1.0, 1.0]},
            "avg_paraphrased_loss": {"0": 1.0}}})");
    QCOMPARE(log.shape, LogShape::TofuRelease);
    QCOMPARE(in(log, "forget", "probability").samples[0].value, std::exp(-0.5));
    QCOMPARE(in(log, "forget", "rouge-l").value, 0.75);
    QCOMPARE(shown(in(log, "forget", "rouge-l").samples[0].extra),
             shown(R"({"generation":"answer","ground_truth":"truth","input":"Q"})"));
    QCOMPARE(in(log, "forget", "truth-ratio").samples[0].value, std::exp(0.5));
    QCOMPARE(in(log, "forget", "truth-ratio").samples[1].value, 1.0);
    QCOMPARE(in(log, "real-authors", "option-probability").value, 0.25);
    const Evaluation& rouge = in(log, "real-authors", "rouge-l");
    QVERIFY(std::isnan(rouge.value));
    QVERIFY(rouge.missing.find("rougeL_recall") != std::string::npos);
    QCOMPARE(log.notes.size(), std::size_t(2)); // retain and world facts are not there
}

void TestEvaluationLog::truthRatiosAreDerivedFromLosses()
{
    const EvaluationLog log = parsed(R"({
        "retain_Q_A_PARA_Prob": {"agg_value": 0.1, "value_by_index":
            {"0": {"prob": 0.1, "avg_loss": 2.0}}},
        "retain_Q_A_PERT_Prob": {"agg_value": 0.1, "value_by_index":
            {"0": {"prob": [0.36, 0.05], "avg_loss": [1.0, 3.0]}, "5": {"prob": [1, 1]}}},
        "ra_Q_A_Prob": {"agg_value": 0.5, "value_by_index": {"0": {"prob": 0.5}}},
        "ra_Q_A_PERT_Prob": {"agg_value": 0.25, "value_by_index": {"0": {"prob": [0.25]}}}})");
    QCOMPARE(in(log, "retain", "truth-ratio").samples.size(), std::size_t(1));
    QCOMPARE(in(log, "retain", "truth-ratio").samples[0].value, 1.0);
    QCOMPARE(in(log, "retain", "truth-probability").value, 0.5);
    QVERIFY(qFuzzyCompare(in(log, "retain", "truth-ratio-arithmetic").samples[0].value,
                          (std::exp(1.0) + std::exp(-1.0)) / 2));
    // Without paraphrases the answer itself is the truth, without losses the probabilities serve.
    QVERIFY(qFuzzyCompare(in(log, "real-authors", "truth-ratio").samples[0].value, 0.5));
}

void TestEvaluationLog::itsToolsFindTheirNamesInWhatIsWritten()
{
    const OrderedJson log = evaluationsToLog(everyKind());
    QCOMPARE(log["forget_Q_A_Prob"]["agg_value"].get<double>(), 0.75);
    QCOMPARE(log["forget_Q_A_Prob"]["value_by_index"]["2"]["prob"].get<double>(), 0.1 + 0.2);
    QCOMPARE(log["forget_Q_A_Prob"]["value_by_index"]["2"]["avg_loss"].get<double>(), 1.2);
    QCOMPARE(log["forget_Q_A_Prob"]["value_by_index"]["10"]["avg_loss"].get<double>(),
             -std::log(0.25));
    QCOMPARE(log["forget_Q_A_ROUGE"]["agg_value"].get<double>(),
             0.75); // recall, whatever came first
    QCOMPARE(log["forget_Q_A_ROUGE"]["value_by_index"]["0"]["rougeL_f1"].get<double>(), 0.5);
    QCOMPARE(log["forget_Q_A_ROUGE"]["value_by_index"]["0"]["rougeL_recall"].get<double>(), 0.75);
    QCOMPARE(shown(log["forget_Q_A_ROUGE"]["value_by_index"]["0"]["generation"].get<std::string>()),
             shown("a"));
    QCOMPARE(log["mia_loss"]["auc"].get<double>(), 1.0);
    QCOMPARE(log["mia_loss"]["agg_value"].get<double>(), 1.0);
    QCOMPARE(log["mia_loss"]["forget"]["value_by_index"]["1"]["score"].get<double>(), 3.0);
    QCOMPARE(log["mia_loss"]["holdout"]["agg_value"].get<double>(), 4.0);
    QVERIFY(log["forget_truth_ratio"]["agg_value"].is_null());
    QCOMPARE(log["forget_Q_A_PERT_Prob"]["value_by_index"]["0"]["prob"][1].get<double>(), 0.5);
    QCOMPARE(log["model_utility"]["agg_value"].get<double>(), 0.6);
    QCOMPARE(log["retain_nll"]["agg_value"].get<double>(), 1.0 / 3);
    QCOMPARE(shown(evaluationsToLog({}).dump()), shown("{}"));
}

void TestEvaluationLog::whatWasWrittenReadsBackTheSame()
{
    const std::vector<Evaluation> before = everyKind();
    const Json document = Json::parse(evaluationsToLog(before).dump());
    const EvaluationLog log = parseEvaluationLog(document, "log.json").value();
    for (const Evaluation& evaluation : before) {
        const auto back =
            std::find_if(log.evaluations.begin(), log.evaluations.end(), [&](const Evaluation& e) {
                return e.set == evaluation.set && e.metric == evaluation.metric &&
                       e.variant == evaluation.variant;
            });
        QVERIFY2(back != log.evaluations.end(), evaluation.metric.c_str());
        QVERIFY2(difference(evaluation, *back).isEmpty(),
                 qPrintable(QString::fromStdString(evaluation.metric) + QStringLiteral(": ") +
                            difference(evaluation, *back)));
    }
    QVERIFY(log.notes.empty());
    // Once more, from what was read: the file is the same.
    QCOMPARE(shown(Json::parse(evaluationsToLog(log.evaluations).dump()).dump()),
             shown(Json::parse(evaluationsToLog(
                                   parseEvaluationLog(
                                       Json::parse(evaluationsToLog(log.evaluations).dump()), "")
                                       .value()
                                       .evaluations)
                                   .dump())
                       .dump()));
}

void TestEvaluationLog::theLaterOfTwoIsKept()
{
    const std::vector<Evaluation> twice = {
        {.set = "retain", .metric = "m", .value = 1, .samples = {{0, 1}}},
        {.set = "retain", .metric = "m", .value = kNan}};
    const OrderedJson log = evaluationsToLog(twice);
    QVERIFY(log["retain_m"]["agg_value"].is_null());
    QVERIFY(!log["retain_m"].contains("value_by_index"));
}

void TestEvaluationLog::writtenTextsThatAreNotUtf8AreMadeSo()
{
    const std::vector<Evaluation> evaluations = {
        {.set = "a\xff", .metric = "m", .value = 1, .samples = {{0, 1, "cut \xc3"}}}};
    const std::string text = evaluationsToLog(evaluations).dump();
    QVERIFY(text.find("a\xef\xbf\xbd_m") != std::string::npos);
    QVERIFY(text.find("cut \xef\xbf\xbd") != std::string::npos);
}

void TestEvaluationLog::numbersThatAreNoneAreLeftOutAndTold()
{
    const EvaluationLog log = parsed(R"({"forget_Q_A_Prob": {"value_by_index":
        {"0": {"prob": 0.5}, "1": {"prob": null}, "2": {"prob": "x"}, "3": null, "x": {"prob": 1}}}})");
    const Evaluation& probability = in(log, "forget", "probability");
    QCOMPARE(probability.value, 0.5);
    QCOMPARE(probability.count, 1);
    QCOMPARE(log.notes.size(), std::size_t(2));
    QVERIFY(log.notes[1].find("3 of 4 samples") != std::string::npos);
}

void TestEvaluationLog::samplesAreBelievedAndNotTheirRecordedMean()
{
    const EvaluationLog log = parsed(R"({"forget_Q_A_Prob": {"agg_value": 0.75, "value_by_index":
        {"0": {"prob": 0.5}}}})");
    QCOMPARE(in(log, "forget", "probability").value, 0.5);
    QCOMPARE(log.notes.size(), std::size_t(1));
    QVERIFY(log.notes[0].find("0.75") != std::string::npos);
}

void TestEvaluationLog::whatIsNoLogIsOneSentenceAndARemedy_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("a list") << QByteArray("[1]") << QByteArray("no JSON object");
    QTest::newRow("nothing") << QByteArray("{}") << QByteArray("no entry");
    QTest::newRow("a summary") << QByteArray(R"({"mia_loss": 0.9, "forget_quality": null})")
                               << QByteArray("summary");
    QTest::newRow("a run") << QByteArray(R"({"lacuna_run": 1, "run": {}})")
                           << QByteArray("exported run");
    QTest::newRow("a recipe") << QByteArray(R"({"model": {"path": "x"}})")
                              << QByteArray("no entry");
    QTest::newRow("empty tasks") << QByteArray(R"({"eval_log.json": {}})")
                                 << QByteArray("no entry");
}

void TestEvaluationLog::whatIsNoLogIsOneSentenceAndARemedy()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, says);
    const auto log = parseEvaluationLog(Json::parse(text.toStdString()), "log.json");
    QVERIFY(!log);
    QVERIFY2(log.error().message.find(says.toStdString()) != std::string::npos,
             log.error().message.c_str());
    QCOMPARE(shown(log.error().context), shown("log.json"));
    QVERIFY(!log.error().remedy.empty());
}

void TestEvaluationLog::hostileTypesNeverThrow_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char* text :
         {R"({"forget_Q_A_Prob": {"agg_value": "x", "value_by_index": [1, 2]}})",
          R"({"forget_Q_A_Prob": {"agg_value": {}, "value_by_index": {"0": [1], "1": "a"}}})",
          R"({"forget_Q_A_PERT_Prob": {"agg_value": 1, "value_by_index":
              {"0": {"prob": [null, "a", {}], "avg_loss": [[]]}}}, "forget_Q_A_PARA_Prob":
              {"agg_value": 1, "value_by_index": {"0": {"prob": {}, "avg_loss": "x"}}}})",
          R"({"mia_loss": {"agg_value": 1, "forget": 3, "holdout": [], "auc": "x"}})",
          R"({"mia_loss": {"auc": null, "forget": {"value_by_index": {"0": {"score": true}}}}})",
          R"({"a": {"lacuna": [1, {}, {"metric": 3}, {"metric": "m", "value": "x",
              "count": 1e300, "interval": [1], "part": "no", "key": "k"}]}})",
          R"({"a": {"lacuna": {}, "agg_value": 1}})",
          R"({"eval_log.json": {"avg_gt_loss": [1], "average_perturb_loss": {"0": 3, "x": []},
              "rougeL_recall": {"0": "a", "1": 0.5}, "generated_text": {"1": [1, 2, 3]}}})",
          R"({"forget_Q_A_Prob": {"value_by_index": {"99999999999999999999": {"prob": 1}}}})"})
        QTest::newRow(text) << QByteArray(text);
}

void TestEvaluationLog::hostileTypesNeverThrow()
{
    QFETCH(QByteArray, text);
    const auto log = parseEvaluationLog(Json::parse(text.toStdString()), "log.json");
    if (!log)
        return;
    for (const Evaluation& evaluation : log->evaluations) // a number, or why there is none
        QVERIFY2(std::isfinite(evaluation.value) || !evaluation.missing.empty(),
                 evaluation.metric.c_str());
}

void TestEvaluationLog::aFileMayHoldPythonsNan()
{
    const TemporaryFolder folder;
    const auto path = folder.file("log.json");
    const std::string written = R"({"forget_Q_A_Prob": {"agg_value": NaN, "value_by_index":
        {"0": {"prob": 0.5, "text": "NaN \" Infinity"}, "1": {"prob": -Infinity}}}})";
    const std::string kept = R"({"text":"NaN \" Infinity"})";
    QVERIFY(writeFileAtomically(path, written));
    const EvaluationLog log = readEvaluationLog(path).value();
    QCOMPARE(in(log, "forget", "probability").value, 0.5);
    QCOMPARE(shown(in(log, "forget", "probability").samples[0].extra), shown(kept));
}

void TestEvaluationLog::aCutFileSaysThatItIsCut()
{
    const TemporaryFolder folder;
    const auto path = folder.file("log.json");
    const std::string whole = evaluationsToLog(everyKind()).dump();
    QVERIFY(writeFileAtomically(path, whole.substr(0, whole.size() / 2)));
    const auto log = readEvaluationLog(path);
    QVERIFY(!log);
    QCOMPARE(log.error().code, ErrorCode::Corrupt);
    QVERIFY(!log.error().remedy.empty());
    QCOMPARE(readEvaluationLog(folder.file("none.json")).error().code, ErrorCode::NotFound);
}

void TestEvaluationLog::realLogsReadWhole_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("forget");
    QTest::newRow("open-unlearning")
        << "open-unlearning-eval/llama-3.2-1b_full_forget10/TOFU_EVAL.json" << 400;
    QTest::newRow("TOFU") << "tofu-eval/phi_full/eval_log_aggregated.json" << 300;
    QTest::newRow("TOFU, 40") << "tofu-eval/phi_retain99/eval_log_aggregated.json" << 40;
}

void TestEvaluationLog::realLogsReadWhole()
{
    QFETCH(QString, file);
    QFETCH(int, forget);
    const auto path = std::filesystem::path(SHARED_DIR "/data") / file.toStdString();
    if (!std::filesystem::exists(path))
        QSKIP("the shared data is not beside the project");
    const EvaluationLog log = readEvaluationLog(path).value();
    QVERIFY(log.notes.empty());
    QCOMPARE(in(log, "forget", "truth-ratio").samples.size(), std::size_t(forget));
    QCOMPARE(in(log, "world-facts", "option-probability").count, 117);
    // Written in our hand and read again, every number is the same.
    const EvaluationLog again =
        parseEvaluationLog(Json::parse(evaluationsToLog(log.evaluations).dump()), "").value();
    for (const Evaluation& evaluation : log.evaluations)
        QVERIFY2(
            difference(evaluation, in(again, evaluation.set.c_str(), evaluation.metric.c_str()))
                .isEmpty(),
            evaluation.metric.c_str());
}

QTEST_GUILESS_MAIN(TestEvaluationLog)
#include "tst_evaluation_log.moc"
