#include "core/base/json.h"
#include "core/metrics/evaluation_log.h"
#include "core/metrics/summary.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <cmath>
#include <filesystem>
#include <limits>

using namespace lacuna;

namespace {

const std::filesystem::path kData = SHARED_DIR "/data";
const std::filesystem::path kFullLlama = kData / "open-unlearning-eval/llama-3.2-1b_full_forget10";
const std::filesystem::path kRetainLlama = kData / "open-unlearning-eval/llama-3.2-1b_retain90";

bool near(double value, double wanted, double relative = 1e-9)
{
    return std::abs(value - wanted) <= relative * std::abs(wanted);
}

std::vector<Evaluation> logOf(const std::filesystem::path& path)
{
    return readEvaluationLog(path).value().evaluations;
}

std::vector<Evaluation> phi(const char* name)
{
    return logOf(kData / "tofu-eval" / name / "eval_log_aggregated.json");
}

Summary summary(const SummaryInput& input, const std::string& id)
{
    for (Summary& one : summarize(input))
        if (one.info->id == id)
            return one;
    throw std::logic_error("no summary " + id);
}

double detail(const Summary& summary, const std::string& id)
{
    for (const SummaryDetail& one : summary.details)
        if (one.id == id)
            return one.value;
    return std::nan("");
}

bool warns(const Summary& summary, const std::string& words)
{
    return std::any_of(
        summary.warnings.begin(), summary.warnings.end(),
        [&](const std::string& warning) { return warning.find(words) != std::string::npos; });
}

/// A measured metric of \p count samples around \p middle.
Evaluation measured(const char* set, const char* metric, double middle, int count = 20,
                    double spread = 0.1)
{
    Evaluation evaluation{.set = set, .metric = metric, .value = middle, .count = count};
    for (int i = 0; i < count; ++i)
        evaluation.samples.push_back(
            {.sample = i, .value = middle + spread * (2.0 * i / (count - 1) - 1)});
    return evaluation;
}

/// Everything that a summary may need, of a model whose truth ratios and scores lie at \p level.
std::vector<Evaluation> complete(double level)
{
    std::vector<Evaluation> all;
    for (const char* set : {"retain", "real-authors", "world-facts"}) {
        all.push_back(measured(set, "probability", 0.8));
        all.push_back(measured(set, "option-probability", 0.6));
        all.push_back(measured(set, "rouge-l", 0.7));
        all.push_back(measured(set, "truth-ratio", 0.5));
        all.push_back(measured(set, "truth-ratio-arithmetic", 0.6));
    }
    for (const char* metric : {"truth-ratio", "truth-ratio-arithmetic"})
        all.push_back(measured("forget", metric, level));
    for (const char* metric : {"extraction-strength", "exact-memorization",
                               "paraphrase-probability", "truth-probability", "rouge-l"})
        all.push_back(measured("forget", metric, 0.3));
    all.push_back(measured("forget", "fluency", 4));
    all.push_back(measured("forget", "nll", 3));
    all.push_back(measured("holdout", "nll", 2));
    all.push_back(measured("holdout", "exact-memorization", 0.25));
    for (const char* metric :
         {"loss", "zlib", "min-k", "min-k-plus-plus", "reference-loss", "gradnorm"}) {
        all.push_back(measured("forget", metric, level));
        all.push_back(measured("holdout", metric, 0.9));
    }
    return all;
}

void drop(std::vector<Evaluation>& evaluations, const std::string& set, const std::string& metric)
{
    std::erase_if(evaluations, [&](const Evaluation& evaluation) {
        return evaluation.set == set && evaluation.metric == metric;
    });
}

} // namespace

class TestSummary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEntrySaysWhatItIs_data();
    void everyEntrySaysWhatItIs();
    void aCompleteLogGivesEveryNumber_data();
    void aCompleteLogGivesEveryNumber();
    void nothingGivesAReasonForEveryNumber_data();
    void nothingGivesAReasonForEveryNumber();
    void theSameSeedGivesTheSameIntervals();
    void onlyAMeanOfSamplesHasTheirInterval();
    void utilityNamesWhatItLacks();
    void aNegativeShareIsNone();
    void silenceIsNotIgnorance();
    void theApproximateSetIsTheOriginalsUnseenText();
    void qualityNeedsAReference();
    void aLogOfAnotherForgetSetIsRefused();
    void anotherSetOfTheSameSizeIsToldByItsAnswers();
    void theFloorIsWarnedOf();
    void anExplodingLeakageIsWarnedOf();
    void aReferenceBeyondTheModelClosesTheScore();
    void theExpectedNumbersOfTofuLogsComeOut_data();
    void theExpectedNumbersOfTofuLogsComeOut();
    void thePublishedGoldenVectorsComeOut_data();
    void thePublishedGoldenVectorsComeOut();
    void openUnlearningsOwnSummariesComeOut_data();
    void openUnlearningsOwnSummariesComeOut();
    void aTofuLogOfAnotherForgetSetIsRefused();
};

void TestSummary::everyEntrySaysWhatItIs_data()
{
    QTest::addColumn<QString>("id");
    for (const std::string& id : summaries().ids())
        QTest::newRow(id.c_str()) << QString::fromStdString(id);
}

void TestSummary::everyEntrySaysWhatItIs()
{
    QFETCH(QString, id);
    const SummaryInfo& info = **summaries().find(id.toStdString());
    QVERIFY(!info.title.empty() && !info.source.empty() && !info.reading.empty());
    QVERIFY(!info.range.empty() && !info.variant.empty() && !info.needs.empty());
    QVERIFY(info.reading.ends_with('.'));
    QVERIFY(info.compute);
}

void TestSummary::aCompleteLogGivesEveryNumber_data()
{
    everyEntrySaysWhatItIs_data();
}

void TestSummary::aCompleteLogGivesEveryNumber()
{
    QFETCH(QString, id);
    const auto model = complete(0.75);
    const auto reference = complete(0.8);
    const SummaryInput input{.model = model, .reference = reference, .original = reference};
    const Summary result = summary(input, id.toStdString());
    QVERIFY2(result.evaluation.missing.empty(), result.evaluation.missing.c_str());
    QVERIFY(std::isfinite(result.evaluation.value));
    QVERIFY(result.evaluation.count > 0);
    if (result.evaluation.interval) {
        QVERIFY(result.evaluation.interval->low <= result.evaluation.value);
        QVERIFY(result.evaluation.value <= result.evaluation.interval->high);
    }
}

void TestSummary::nothingGivesAReasonForEveryNumber_data()
{
    everyEntrySaysWhatItIs_data();
}

void TestSummary::nothingGivesAReasonForEveryNumber()
{
    QFETCH(QString, id);
    const Summary result = summary({.model = {}}, id.toStdString());
    QVERIFY(std::isnan(result.evaluation.value));
    QVERIFY(result.evaluation.missing.find(';') != std::string::npos); // what, and what to do
}

void TestSummary::theSameSeedGivesTheSameIntervals()
{
    const auto model = complete(0.6);
    const auto once = summary({.model = model, .seed = 3}, "model-utility").evaluation.interval;
    const auto again = summary({.model = model, .seed = 3}, "model-utility").evaluation.interval;
    const auto other = summary({.model = model, .seed = 4}, "model-utility").evaluation.interval;
    QCOMPARE(once->low, again->low);
    QVERIFY(once->low != other->low);
}

void TestSummary::onlyAMeanOfSamplesHasTheirInterval()
{
    const auto model = complete(0.6);
    const SummaryInput input{.model = model};
    const Evaluation average = measured("retain", "probability", 0.8);
    const std::optional<Interval> interval = sampleInterval(average, input);
    QVERIFY(interval && interval->low < 0.8 && 0.8 < interval->high);
    Evaluation perplexity = measured("retain", "perplexity", 3);
    perplexity.value = 2.5; // exp of a mean over tokens
    QVERIFY(!sampleInterval(perplexity, input));
    Evaluation single = average;
    single.samples.resize(1);
    single.value = single.samples[0].value;
    QVERIFY(!sampleInterval(single, input));
}

void TestSummary::utilityNamesWhatItLacks()
{
    auto model = complete(0.6);
    drop(model, "world-facts", "rouge-l");
    drop(model, "real-authors", "truth-ratio");
    const std::string missing = summary({.model = model}, "model-utility").evaluation.missing;
    QVERIFY2(missing.find("lacks truth-ratio of real-authors, rouge-l of world-facts;") !=
                 std::string::npos,
             missing.c_str());
    // The arithmetic variant has its own ratios.
    drop(model, "real-authors", "truth-ratio-arithmetic");
    model.push_back(measured("world-facts", "rouge-l", 0.5));
    QVERIFY(!summary({.model = model}, "model-utility-arithmetic").evaluation.missing.empty());
}

void TestSummary::aNegativeShareIsNone()
{
    auto model = complete(0.6);
    drop(model, "retain", "rouge-l");
    model.push_back(measured("retain", "rouge-l", -0.5));
    QVERIFY(
        summary({.model = model}, "model-utility").evaluation.missing.find("rouge-l of retain") !=
        std::string::npos);
    drop(model, "retain", "rouge-l");
    model.push_back(measured("retain", "rouge-l", 0.1, 20, 0.9)); // some below 0, the mean not
    QVERIFY(std::isfinite(summary({.model = model}, "model-utility").evaluation.value));
}

void TestSummary::silenceIsNotIgnorance()
{
    auto model = complete(0.6);
    for (Evaluation& evaluation : model)
        if (evaluation.set == "world-facts" && evaluation.metric == "rouge-l")
            for (SampleValue& sample : evaluation.samples)
                sample = {sample.sample, 0, R"({"generation": "  \n"})"};
    const Summary result = summary({.model = model}, "model-utility");
    QCOMPARE(result.evaluation.value, 0.0); // the harmonic mean of a zero
    QVERIFY(warns(result, "20 of 20 answers to world-facts are empty"));
}

void TestSummary::theApproximateSetIsTheOriginalsUnseenText()
{
    const auto original = complete(0.6);
    auto model = complete(0.6);
    drop(model, "holdout", "nll"); // what the model itself makes of unseen text is not asked
    const SummaryInput input{.model = model, .original = original};
    const Summary loss = summary(input, "approximate-loss-gap");
    QVERIFY(near(loss.evaluation.value, 1)); // 3 - 2 nats
    QVERIFY(near(detail(loss, "perplexity-ratio"), std::exp(1.0)));
    QVERIFY(loss.evaluation.interval->low > 0.9 && loss.evaluation.interval->high < 1.1);
    QVERIFY(near(summary(input, "approximate-accuracy-gap").evaluation.value, 0.05));
    QVERIFY(
        summary({.model = model}, "approximate-loss-gap").evaluation.missing.find("--original") !=
        std::string::npos);
    QVERIFY(summary({.model = original, .original = model}, "approximate-loss-gap")
                .evaluation.missing.find("holdout") != std::string::npos);
}

void TestSummary::qualityNeedsAReference()
{
    const auto model = complete(0.6);
    const Summary result = summary({.model = model}, "forget-quality");
    QVERIFY(result.evaluation.missing.find("--reference") != std::string::npos);
    auto blind = complete(0.6);
    drop(blind, "forget", "truth-ratio");
    QVERIFY(summary({.model = model, .reference = blind}, "forget-quality")
                .evaluation.missing.starts_with("of the reference: "));
    const Summary same = summary({.model = model, .reference = model}, "forget-quality");
    QCOMPARE(same.evaluation.value, 1.0);
    QCOMPARE(detail(same, "ks-statistic"), 0.0);
    QVERIFY(warns(same, "not the same"));
}

void TestSummary::aLogOfAnotherForgetSetIsRefused()
{
    const auto model = complete(0.6);
    auto reference = complete(0.7);
    for (Evaluation& evaluation : reference)
        evaluation.samples.resize(12);
    for (const char* id : {"forget-quality", "privleak", "privacy-score"}) {
        const std::string missing =
            summary({.model = model, .reference = reference}, id).evaluation.missing;
        QVERIFY2(missing.find("12 samples where this log has 20") != std::string::npos, id);
    }
}

void TestSummary::anotherSetOfTheSameSizeIsToldByItsAnswers()
{
    auto model = complete(0.6);
    auto reference = complete(0.7);
    const auto answer = [](std::vector<Evaluation>& log, const char* text) {
        for (Evaluation& evaluation : log)
            if (evaluation.set == "forget" && evaluation.metric == "rouge-l")
                evaluation.samples[3].extra = text;
    };
    answer(model, R"({"ground_truth": "He was born in Taipei."})");
    answer(reference, R"({"reference": " He was born in Taipei.\n"})");
    QVERIFY(!forgetSetsDiffer(model, reference));
    answer(reference, R"({"ground_truth": "She was born in Kuwait."})");
    QVERIFY(forgetSetsDiffer(model, reference)->find("sample 3") != std::string::npos);
}

void TestSummary::theFloorIsWarnedOf()
{
    const auto model = complete(5);
    const auto reference = complete(0.5);
    const Summary result = summary({.model = model, .reference = reference}, "forget-quality");
    QVERIFY(near(result.evaluation.value, 2 / 137846528820.0)); // C(40, 20)
    QVERIFY(warns(result, "smallest that this many samples can give"));
    QVERIFY(warns(result, "too much"));
    QVERIFY(warns(result, "above the reference's"));
    const Summary other = summary({.model = reference, .reference = model}, "forget-quality");
    QVERIFY(!warns(other, "above the reference's"));
}

void TestSummary::anExplodingLeakageIsWarnedOf()
{
    const auto model = complete(0.9);
    const auto reference = complete(0.75); // nearly all of it below holdout
    const Summary result = summary({.model = model, .reference = reference}, "privleak");
    QVERIFY(result.evaluation.value > 1000);
    QVERIFY(warns(result, "explodes"));
    QCOMPARE(detail(result, "auc"), 0.5);
    const auto blatant = complete(0.1);
    QVERIFY(!summary({.model = model, .reference = blatant}, "privleak-muse")
                 .evaluation.missing.empty());
    const Summary without = summary({.model = model}, "privleak");
    QCOMPARE(without.evaluation.value, 0.0);
    QVERIFY(without.evaluation.variant.find("0.5") != std::string::npos);
}

void TestSummary::aReferenceBeyondTheModelClosesTheScore()
{
    const auto model = complete(0.6);
    QCOMPARE(summary({.model = model, .reference = model}, "privacy-score").evaluation.value, 1.0);
    QVERIFY(near(summary({.model = model}, "memorization-score").evaluation.value, 0.7));
    const Summary same = summary({.model = model, .original = model}, "utility-score");
    QVERIFY(near(same.evaluation.value, 1));
    QCOMPARE(detail(same, "fluency by the original's"), 1.0);
}

void TestSummary::theExpectedNumbersOfTofuLogsComeOut_data()
{
    QTest::addColumn<QString>("model");
    QTest::newRow("full") << "phi_full";
    QTest::newRow("retain90 itself") << "phi_retain90";
}

void TestSummary::theExpectedNumbersOfTofuLogsComeOut()
{
    if (!std::filesystem::exists(kData / "tofu-eval"))
        QSKIP("the shared data is not beside the project");
    QFETCH(QString, model);
    const Json expected = readJsonFile(kData / "tofu-eval/expected.json")
                              .value()
                              .at(model.toStdString() + " against phi_retain90");
    const auto ours = phi(qPrintable(model));
    const auto theirs = phi("phi_retain90");
    const SummaryInput input{.model = ours, .reference = theirs};
    for (const auto& [key, set] :
         {std::pair("retain", "retain"), std::pair("forget", "forget"),
          std::pair("real_authors", "real-authors"), std::pair("world_facts", "world-facts")}) {
        const Json& wanted = expected.at(key);
        const bool hasOptions = std::string_view(set).find('-') != std::string_view::npos;
        const Evaluation* probability =
            findEvaluation(ours, set, hasOptions ? "option-probability" : "probability");
        QCOMPARE(probability->count, wanted.at("items").get<std::int64_t>());
        QVERIFY(near(probability->value, wanted.at("probability").get<double>()));
        QVERIFY(near(findEvaluation(ours, set, "rouge-l")->value,
                     wanted.at("rougeL_recall").get<double>()));
        QVERIFY(near(summary(input, std::string("truth-ratio-") + set).evaluation.value,
                     wanted.at("truth_ratio").get<double>()));
    }
    QVERIFY(near(summary(input, "model-utility").evaluation.value,
                 expected.at("model_utility").get<double>()));
    const Summary quality = summary(input, "forget-quality");
    QVERIFY(near(quality.evaluation.value, expected.at("forget_quality").get<double>()));
    QVERIFY(near(detail(quality, "ks-statistic"), expected.at("ks_statistic").get<double>()));
}

void TestSummary::thePublishedGoldenVectorsComeOut_data()
{
    // Unlearning reference 5.6, four digits; its Llama-2 logs are not among the shared data.
    QTest::addColumn<QString>("model");
    QTest::addColumn<double>("geometric");
    QTest::addColumn<double>("arithmetic");
    QTest::newRow("Phi-1.5 full") << "phi_full" << 0.5221 << 0.5034;
    QTest::newRow("Phi-1.5 retain90") << "phi_retain90" << 0.5320 << 0.5130;
}

void TestSummary::thePublishedGoldenVectorsComeOut()
{
    if (!std::filesystem::exists(kData / "tofu-eval"))
        QSKIP("the shared data is not beside the project");
    QFETCH(QString, model);
    QFETCH(double, geometric);
    QFETCH(double, arithmetic);
    const auto ours = phi(qPrintable(model));
    const auto theirs = phi("phi_retain90");
    const SummaryInput input{.model = ours, .reference = theirs};
    QVERIFY(std::abs(summary(input, "model-utility").evaluation.value - geometric) < 5e-5);
    QVERIFY(std::abs(summary(input, "model-utility-arithmetic").evaluation.value - arithmetic) <
            5e-5);
    if (model == QStringLiteral("phi_retain90"))
        return;
    const Summary quality = summary(input, "forget-quality-arithmetic");
    QVERIFY(near(detail(quality, "ks-statistic"), 0.356667, 1e-6));
    QVERIFY(near(quality.evaluation.value, 2.43e-17, 0.003));
}

void TestSummary::openUnlearningsOwnSummariesComeOut_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<bool>("hasReference");
    QTest::newRow("full") << QString::fromStdString(kFullLlama.string()) << true;
    QTest::newRow("retain90") << QString::fromStdString(kRetainLlama.string()) << false;
}

void TestSummary::openUnlearningsOwnSummariesComeOut()
{
    QFETCH(QString, folder);
    QFETCH(bool, hasReference);
    const std::filesystem::path place = folder.toStdString();
    if (!std::filesystem::exists(place))
        QSKIP("the shared data is not beside the project");
    const Json reported = readJsonFile(place / "TOFU_SUMMARY.json").value();
    const auto ours = logOf(place / "TOFU_EVAL.json");
    const auto theirs =
        hasReference ? logOf(kRetainLlama / "TOFU_EVAL.json") : std::vector<Evaluation>();
    const std::vector<Summary> all = summarize({.model = ours, .reference = theirs});
    const OrderedJson log = [&] {
        std::vector<Evaluation> evaluations = ours;
        for (const Summary& one : all)
            if (one.evaluation.missing.empty()) {
                evaluations.push_back(one.evaluation);
                evaluations.back().variant = "as open-unlearning wrote it";
            }
        return evaluationsToLog(evaluations);
    }();
    for (const auto& [name, value] : reported.items())
        QVERIFY2(near(log.at(name).at("agg_value").get<double>(), value.get<double>()),
                 name.c_str());
    QCOMPARE(reported.size(), std::size_t(hasReference ? 13 : 11));
}

void TestSummary::aTofuLogOfAnotherForgetSetIsRefused()
{
    if (!std::filesystem::exists(kData / "tofu-eval"))
        QSKIP("the shared data is not beside the project");
    const auto ours = phi("phi_full");
    const auto theirs = phi("phi_retain99");
    const Summary result = summary({.model = ours, .reference = theirs}, "forget-quality");
    QVERIFY(result.evaluation.missing.find("another forget set") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestSummary)
#include "tst_summary.moc"
