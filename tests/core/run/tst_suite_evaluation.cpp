#include "core/metrics/evaluation_log.h"
#include "core/run/inside_report.h"
#include "core/run/model_evaluation.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::filesystem::path kStories = std::filesystem::path(TEST_DATA_DIR) / "models/stories260K";

void write(const std::filesystem::path& path, const std::vector<Json>& rows)
{
    std::ofstream out(path);
    for (const Json& row : rows)
        out << row.dump() << "\n";
}

std::vector<Json> questions(int count)
{
    std::vector<Json> rows;
    for (int i = 0; i < count; ++i)
        rows.push_back({{"question", "Who met the cat number " + std::to_string(i) + "?"},
                        {"answer", "Lily met it in the park."},
                        {"paraphrased_answer", "It was Lily, in the park."},
                        {"perturbed_answer", {"Tom met it at home.", "Ben met it in the car."}}});
    return rows;
}

/// One set of the given kind, its rows in set.jsonl.
EvaluationRequest requestFor(const TemporaryFolder& folder, Json set)
{
    set["name"] = set.value("name", "forget");
    set["file"] = "set.jsonl";
    const Json suite = {
        {"lacuna_suite", 1}, {"id", "own"}, {"title", "Own"}, {"sets", Json::array({set})}};
    std::ofstream(folder.file("own.json")) << suite.dump();
    EvaluationRequest request{.model = kStories.string()};
    request.spec.suite = folder.file("own.json").string();
    request.spec.data = folder.file(".").string();
    request.spec.maxNewTokens = 24;
    return request;
}

std::vector<Evaluation> measured(const EvaluationRequest& request)
{
    return std::move(evaluateModel(request, [](double) { return true; })).value().evaluations;
}

const Evaluation& valueOf(const std::vector<Evaluation>& evaluations, const char* set,
                          const char* metric)
{
    const Evaluation* found = findEvaluation(evaluations, set, metric);
    if (!found)
        throw std::logic_error(std::string("no value for ") + metric);
    return *found;
}

// It would point into what is gone.
const Evaluation& valueOf(std::vector<Evaluation>&& evaluations, const char* set,
                          const char* metric) = delete;

} // namespace

class TestSuiteEvaluation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void otherAnswersGiveRatiosWithIntervals();
    void answersLieAsDeepAsTheInspectionSays();
    void choicesAreAnsweredByLetterAndByText();
    void severalTruthsAreSummed();
    void shortAnswersEndWhereTheNextQuestionBegins();
    void aQuestionThatDoesNotFitIsToldOrRefused();
    void aMissingSetSaysWhy();
    void rowsWithoutWhatTheKindNeedsAreRefused();
    void aReferencesLogStandsForItsModel();
};

void TestSuiteEvaluation::otherAnswersGiveRatiosWithIntervals()
{
    const TemporaryFolder folder;
    write(folder.file("set.jsonl"), questions(6));
    const auto evaluations = measured(
        requestFor(folder, {{"membership", true}, {"gradient_norm", true}, {"generate", false}}));
    const Evaluation& ratio = valueOf(evaluations, "forget", "truth-ratio");
    QCOMPARE(ratio.count, 6);
    QVERIFY(ratio.interval && ratio.interval->low <= ratio.value &&
            ratio.value <= ratio.interval->high);
    double mean = 0;
    for (const SampleValue& sample : ratio.samples)
        mean += std::min(sample.value, 1 / sample.value) / 6;
    QVERIFY(std::abs(ratio.value - mean) <= 1e-12);
    for (const char* metric : {"min-k", "min-k-plus-plus", "zlib", "loss", "gradnorm"})
        QCOMPARE(valueOf(evaluations, "forget", metric).count, 6);
    QVERIFY(!findEvaluation(evaluations, "forget", "rouge-l"));
}

void TestSuiteEvaluation::answersLieAsDeepAsTheInspectionSays()
{
    const TemporaryFolder folder;
    write(folder.file("set.jsonl"), questions(6));
    const auto evaluations = measured(requestFor(folder, {{"inside", true}, {"generate", false}}));
    const Evaluation& depth = valueOf(evaluations, "forget", "lens-depth");
    const InsideRequest request{.model = kStories.string(),
                                .forget = {folder.file("set.jsonl").string()}};
    const InsideReport report = inspectInside(request, [](double) { return true; }).value().value();
    const std::vector<Evaluation> inspected = report.evaluations();
    const Evaluation& seen = valueOf(inspected, "forget", "lens-depth");
    QCOMPARE(depth.value, seen.value);
    QCOMPARE(depth.count, seen.count);
    QCOMPARE(shown(depth.variant), shown(seen.variant));
    QVERIFY(depth.value > 0 && depth.value < 1);
    const auto without = measured(requestFor(folder, {{"generate", false}}));
    QVERIFY(!findEvaluation(without, "forget", "lens-depth"));
}

void TestSuiteEvaluation::choicesAreAnsweredByLetterAndByText()
{
    const TemporaryFolder folder;
    write(folder.file("set.jsonl"),
          {{{"question", "What says meow?"},
            {"choices", {"a cat", "a car", "a tree", "a cup"}},
            {"answer", 0}},
           {{"question", "What do birds do?"}, {"choices", {"bark", "fly"}}, {"answer", "B"}}});
    const auto evaluations =
        measured(requestFor(folder, {{"kind", "choices"}, {"topic", "animals"}}));
    const Evaluation& accuracy = valueOf(evaluations, "forget", "choice-accuracy");
    QCOMPARE(accuracy.count, 2);
    for (const SampleValue& sample : accuracy.samples)
        QVERIFY(sample.value == 0 || sample.value == 1);
    const double mass = valueOf(evaluations, "forget", "letter-mass").value;
    QVERIFY(mass > 0 && mass < 1);
    QCOMPARE(valueOf(evaluations, "forget", "cloze-accuracy").count, 2);
}

void TestSuiteEvaluation::severalTruthsAreSummed()
{
    const TemporaryFolder folder;
    // The right answer is what the model was raised on, the wrong one is noise.
    write(folder.file("set.jsonl"), {{{"question", "What did the little girl like?"},
                                      {"best_answer", "She liked to play in the park."},
                                      {"correct_answers", {"She liked to play in the park."}},
                                      {"incorrect_answers", {"Zq xv kjw pfb qqz xxvj."}}}});
    const auto evaluations = measured(requestFor(folder, {{"kind", "truthful"}}));
    QCOMPARE(valueOf(evaluations, "forget", "mc1").value, 1.0);
    QVERIFY(valueOf(evaluations, "forget", "mc2").value > 0.99);
}

void TestSuiteEvaluation::shortAnswersEndWhereTheNextQuestionBegins()
{
    const TemporaryFolder folder;
    const std::vector<Json> rows = {{{"question", "Who is the cat?"}, {"answer", "Tom"}}};
    write(folder.file("set.jsonl"), rows);
    write(folder.file("shots.jsonl"), {{{"question", "Who is the dog?"}, {"answer", "Max"}},
                                       {{"question", "Who is the bird?"}, {"answer", "Bip"}}});
    const auto evaluations = measured(
        requestFor(folder, {{"kind", "knowledge"}, {"examples", "shots.jsonl"}, {"shots", 1}}));
    const Json texts = Json::parse(valueOf(evaluations, "forget", "rouge-l").samples[0].extra);
    const auto generated = texts["generated"].get<std::string>();
    QVERIFY2(generated.find("Question:") == std::string::npos &&
                 generated.find("\n\n") == std::string::npos,
             generated.c_str());
    QCOMPARE(shown(texts["reference"].get<std::string>()), u"Tom"_s);
    QVERIFY(!findEvaluation(evaluations, "forget", "nll"));
}

void TestSuiteEvaluation::aQuestionThatDoesNotFitIsToldOrRefused()
{
    const TemporaryFolder folder;
    write(folder.file("set.jsonl"), {{{"question", "Who?"}, {"answer", "Tom"}}});
    const std::string most(900, 'x');
    write(folder.file("shots.jsonl"), {{{"question", most}, {"answer", "Max"}}});
    EvaluationRequest request =
        requestFor(folder, {{"kind", "knowledge"}, {"examples", "shots.jsonl"}});
    const Evaluation told = measured(request).front();
    QVERIFY(std::isnan(told.value));
    QVERIFY2(shown(told.missing).contains(u"context holds 512"_s), told.missing.c_str());
    request = requestFor(folder,
                         {{"kind", "knowledge"}, {"examples", "shots.jsonl"}, {"required", true}});
    const auto refused = evaluateModel(request, [](double) { return true; });
    QVERIFY(!refused);
    QVERIFY(shown(refused.error().remedy).contains(u"shots"_s));
}

void TestSuiteEvaluation::aMissingSetSaysWhy()
{
    const TemporaryFolder folder;
    const auto evaluations = measured(requestFor(folder, {{"name", "birds"}}));
    QCOMPARE(evaluations.size(), std::size_t{1});
    QCOMPARE(shown(evaluations[0].set), u"birds"_s);
    QVERIFY(shown(evaluations[0].missing).contains(u"set.jsonl is not in"_s));
}

void TestSuiteEvaluation::rowsWithoutWhatTheKindNeedsAreRefused()
{
    const TemporaryFolder folder;
    write(folder.file("set.jsonl"), questions(1));
    for (const char* kind : {"choices", "truthful"}) {
        const auto refused =
            evaluateModel(requestFor(folder, {{"kind", kind}}), [](double) { return true; });
        QVERIFY(!refused);
        QVERIFY2(!refused.error().remedy.empty(), kind);
    }
}

void TestSuiteEvaluation::aReferencesLogStandsForItsModel()
{
    const TemporaryFolder folder;
    write(folder.file("set.jsonl"), questions(8));
    EvaluationRequest request = requestFor(folder, {{"membership", true}, {"generate", false}});
    const auto own = measured(request);
    std::ofstream(folder.file("log.json")) << evaluationsToLog(own).dump();
    request.reference = folder.file("log.json").string();
    const auto beside = measured(request);
    // The same model: nothing tells them apart.
    QCOMPARE(valueOf(beside, "", "forget-quality").value, 1.0);
    QVERIFY(std::abs(valueOf(beside, "forget", "reference-loss").value) <= 1e-6);
    QCOMPARE(valueOf(beside, "reference-forget", "truth-ratio").value,
             valueOf(own, "forget", "truth-ratio").value);
}

QTEST_GUILESS_MAIN(TestSuiteEvaluation)
#include "tst_suite_evaluation.moc"
