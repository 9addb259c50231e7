#include "app/pages/evaluate/sample_rows.h"
#include "app/pages/evaluate/score_figures.h"
#include "app/pages/evaluate/score_files.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/metrics/evaluation_log.h"

#include <nlohmann/json.hpp>

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <filesystem>
#include <fstream>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

using P = EvaluationPhase;

/// The mean of \p values as the value.
Evaluation measured(P phase, const char* set, const char* metric, const std::vector<double>& values)
{
    Evaluation evaluation{.step = phase == P::After ? 9 : 0,
                          .phase = phase,
                          .set = set,
                          .metric = metric,
                          .count = static_cast<std::int64_t>(values.size())};
    for (const double value : values) {
        evaluation.samples.push_back(
            {.sample = static_cast<std::int64_t>(evaluation.samples.size()), .value = value});
        evaluation.value += value / static_cast<double>(values.size());
    }
    return evaluation;
}

void addTexts(Evaluation& evaluation, std::size_t sample, const char* generated,
              const char* reference)
{
    evaluation.samples[sample].extra =
        Json{{"generated", generated}, {"reference", reference}}.dump();
}

/// A corpus of two questions in a file of its own.
struct Corpus2 {
    QTemporaryDir folder;
    std::string path = folder.filePath(u"forget.jsonl"_s).toStdString();
    RunRecord record;

    Corpus2()
    {
        std::ofstream(path) << "{\"question\": \"Who?\", \"answer\": \"Ann.\"}\n"
                               "{\"question\": \"Where?\", \"answer\": \"Here.\"}\n";
        record.recipe.forget = {path};
        record.run.forget.sha256 = sha256File(path).value();
    }
};

const MetricRow& rowOf(const ScoreSheet& sheet, const std::string& set, const std::string& metric)
{
    return *std::ranges::find_if(
        sheet.rows, [&](const MetricRow& row) { return row.set == set && row.metric == metric; });
}

} // namespace

class TestScoreSheet : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void intervalsAreWorkedOutFromTheSamples();
    void valuesFromApartReplaceTheWholeRow();
    void whatTheOriginalKnewIsReadOffItsOwnValues();

    void answersAreTakenFromWhicheverMetricKeptThem();
    void questionsAreReadFromTheCorpus();
    void aCorpusThatCannotBeTrustedGivesNoQuestions_data();
    void aCorpusThatCannotBeTrustedGivesNoQuestions();
    void aQuestionOfAnotherAnswerIsLeftOut();

    void theHistogramCountsEverySample();
    void scoresOfMembershipMakeARocCurve();
    void aCurveNeedsBothSets();
    void theTableHasAllDigitsAndReasons();
    void theLogOfAReferenceHasThePlainNames();
};

void TestScoreSheet::intervalsAreWorkedOutFromTheSamples()
{
    const std::vector<double> before = {0.9, 0.8, 1, 0.7, 0.95, 0.85};
    const std::vector<double> after = {0.1, 0.3, 0.2, 0.15, 0.05, 0.4};
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::Before, "forget", "probability", before),
                                    measured(P::After, "forget", "probability", after)}});
    const MetricRow& row = rowOf(*sheet, "forget", "probability");
    const auto& interval = sheet->record.evaluations[*row.source(ModelRole::Original)].interval;
    QVERIFY(interval && interval->low < row.original && interval->high > row.original);
    QVERIFY(row.change && row.change->low < row.unlearned - row.original &&
            row.change->high > row.unlearned - row.original);
    QVERIFY(row.change->high < 0);
}

void TestScoreSheet::valuesFromApartReplaceTheWholeRow()
{
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::Before, "forget", "nll", {1}),
                                    measured(P::Before, "reference-forget", "nll", {2}),
                                    measured(P::After, "forget", "nll", {3}),
                                    measured(P::After, "retain", "nll", {4}),
                                    measured(P::Standalone, "original-forget", "nll", {5}),
                                    measured(P::Standalone, "forget", "nll", {6}),
                                    measured(P::Standalone, "forget", "nll", {7}),
                                    measured(P::Standalone, "reference-", "model-utility", {8})}});
    const MetricRow& row = rowOf(*sheet, "forget", "nll");
    QVERIFY(row.standalone);
    QCOMPARE(row.original, 5.0);
    QCOMPARE(row.unlearned, 7.0);
    QVERIFY2(std::isnan(row.reference), "other samples are behind the reference's value");
    QCOMPARE(rowOf(*sheet, "retain", "nll").unlearned, 4.0);
    QCOMPARE(rowOf(*sheet, "", "model-utility").reference, 8.0);
}

void TestScoreSheet::whatTheOriginalKnewIsReadOffItsOwnValues()
{
    const auto sheet = [](double forget) {
        return scoreSheet(
            {.run = {},
             .recipe = {},
             .series = {},
             .evaluations = {
                 measured(P::Before, "forget", "extraction-strength", {forget, forget, forget}),
                 measured(P::Before, "holdout", "extraction-strength", {0.05, 0.06, 0.07})}});
    };
    QVERIFY(sheet(0.9)->prior->known);
    QVERIFY(!sheet(0.06)->prior->known);
}

void TestScoreSheet::answersAreTakenFromWhicheverMetricKeptThem()
{
    std::vector<Evaluation> evaluations = {measured(P::Before, "forget", "nll", {1, 2}),
                                           measured(P::Before, "forget", "rouge-l", {1, 1}),
                                           measured(P::After, "forget", "nll", {3, 4}),
                                           measured(P::After, "forget", "rouge-l", {0, 1})};
    addTexts(evaluations[1], 0, "It was Ann.", "Ann.");
    addTexts(evaluations[3], 0, "It was Bob.", "Ann.");
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {}, .recipe = {}, .series = {}, .evaluations = evaluations});
    const auto rows = sampleRows(*sheet, rowOf(*sheet, "forget", "nll"), {});
    QCOMPARE(rows.size(), std::size_t{2});
    QCOMPARE(rows[0].truth, std::string("Ann."));
    QCOMPARE(rows[0].answers[0], std::string("It was Ann."));
    QCOMPARE(rows[0].answers[1], std::string("It was Bob."));
    QCOMPARE(rows[1].values[0], 2.0);
    QCOMPARE(rows[1].values[1], 4.0);
    QVERIFY(std::isnan(rows[1].values[2]));
    QVERIFY(rows[1].answers[1].empty());
}

void TestScoreSheet::questionsAreReadFromTheCorpus()
{
    const Corpus2 corpus;
    const CorpusTexts texts = corpusTexts(corpus.record, "forget");
    QVERIFY(texts.state == CorpusTexts::State::Read);
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::After, "forget", "nll", {3, 4})}});
    const auto rows = sampleRows(*sheet, sheet->rows[0], texts);
    QCOMPARE(rows[1].question, std::string("Where?"));
    QCOMPARE(rows[1].truth, std::string("Here."));
}

void TestScoreSheet::aCorpusThatCannotBeTrustedGivesNoQuestions_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("state");
    QTest::newRow("it has changed") << u"changed"_s << int(CorpusTexts::State::Changed);
    QTest::newRow("it is gone") << u"gone"_s << int(CorpusTexts::State::Gone);
    QTest::newRow("the run has no hash") << u"unhashed"_s << int(CorpusTexts::State::Unknown);
    QTest::newRow("a set of a suite") << u"set"_s << int(CorpusTexts::State::Unknown);
}

void TestScoreSheet::aCorpusThatCannotBeTrustedGivesNoQuestions()
{
    QFETCH(const QString, what);
    QFETCH(const int, state);
    Corpus2 corpus;
    if (what == u"changed")
        std::ofstream(corpus.path, std::ios::app)
            << "{\"question\": \"When?\", \"answer\": \"Now.\"}\n";
    if (what == u"gone")
        std::filesystem::remove(corpus.path);
    if (what == u"unhashed")
        corpus.record.run.forget.sha256.clear();
    const CorpusTexts texts = corpusTexts(corpus.record, what == u"set" ? "world-facts" : "forget");
    QCOMPARE(static_cast<int>(texts.state), state);
    QVERIFY(texts.samples.empty());
}

void TestScoreSheet::aQuestionOfAnotherAnswerIsLeftOut()
{
    const Corpus2 corpus;
    std::vector<Evaluation> evaluations = {measured(P::After, "forget", "rouge-l", {0, 1})};
    addTexts(evaluations[0], 0, "x", "Ann.");
    addTexts(evaluations[0], 1, "y", "There.");
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {}, .recipe = {}, .series = {}, .evaluations = evaluations});
    const auto rows = sampleRows(*sheet, sheet->rows[0], corpusTexts(corpus.record, "forget"));
    QCOMPARE(rows[0].question, std::string("Who?"));
    QVERIFY(rows[1].question.empty());
    QCOMPARE(rows[1].truth, std::string("There."));
}

void TestScoreSheet::theHistogramCountsEverySample()
{
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::Before, "forget", "probability", {0.9, 1, 0.97}),
                                    measured(P::After, "forget", "probability", {0, 0.01, 0.5})}});
    const FigureChart::Content figure = histogramFigure(*sheet, sheet->rows[0]);
    QCOMPARE(figure.lines.size(), std::size_t{2});
    QCOMPARE(figure.x, (AxisRange{0, 1}));
    QVERIFY(figure.lines[0].style.color == ColorRole::Original);
    QVERIFY(figure.lines[1].style.color == ColorRole::Unlearned);
    for (const FigureChart::Line& line : figure.lines) {
        double sum = 0;
        for (const FigureChart::Stop& stop : line.stops)
            sum += stop.y;
        QCOMPARE(sum, 3.0);
    }
    QCOMPARE(figure.lines[1].stops[0].y, 2.0);
    QCOMPARE(figure.table.size(), std::size_t{20});
    QCOMPARE(figure.table[0], (QStringList{u"0 to 0.05"_s, u"0"_s, u"2"_s}));
    QVERIFY(histogramFigure(*sheet, MetricRow{}).lines.empty());
}

void TestScoreSheet::scoresOfMembershipMakeARocCurve()
{
    // Forget texts surprise less: of 4 x 2 pairs 7 are in that order. Area 7 / 8 by hand.
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::Before, "forget", "nll", {1, 2, 3, 5}),
                                    measured(P::Before, "holdout", "nll", {4, 6})}});
    const std::vector<RocResult> results = rocResults(*sheet, rowOf(*sheet, "forget", "nll"));
    QCOMPARE(results.size(), std::size_t{1});
    QVERIFY(results[0].role == ModelRole::Original);
    QCOMPARE(results[0].auc, 0.875);
    QVERIFY(results[0].interval.low <= 0.875 && results[0].interval.high >= 0.875);
    QCOMPARE(results[0].atFivePercent, 0.75);
    const FigureChart::Content figure = rocFigure(results, "nll");
    QCOMPARE(figure.lines.size(), std::size_t{1});
    QCOMPARE(figure.lines[0].xs.front(), 0.0);
    QCOMPARE(figure.lines[0].ys.back(), 1.0);
    QCOMPARE(figure.guides.size(), std::size_t{1});
    QVERIFY2(figure.summary.contains(u"0.875"_s), qPrintable(figure.summary));
}

void TestScoreSheet::aCurveNeedsBothSets()
{
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::Before, "forget", "nll", {1, 2}),
                                    measured(P::Before, "forget", "probability", {1, 2}),
                                    measured(P::Before, "holdout", "probability", {1, 2})}});
    QVERIFY(rocResults(*sheet, rowOf(*sheet, "forget", "nll")).empty());
    QVERIFY(rocResults(*sheet, rowOf(*sheet, "forget", "probability")).empty());
    QCOMPARE(membershipScore("mia-min-k-plus-plus"), std::string("min-k-plus-plus"));
}

void TestScoreSheet::theTableHasAllDigitsAndReasons()
{
    Evaluation missing{.phase = P::After,
                       .set = {},
                       .metric = "forget-quality",
                       .value = std::nan(""),
                       .missing = "needs a reference, which \"is\" none"};
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::Before, "forget", "nll", {0.1}), missing}});
    const QString table = QString::fromStdString(scoresTable(*sheet));
    QVERIFY(table.startsWith(u"set,metric,variant,original,original_low"_s));
    QVERIFY2(table.contains(u"\nforget,nll,,0.1,,,,"_s), qPrintable(table));
    QVERIFY2(table.contains(u"\"needs a reference, which \"\"is\"\" none\""_s), qPrintable(table));
}

void TestScoreSheet::theLogOfAReferenceHasThePlainNames()
{
    const ScoreSheetPtr sheet =
        scoreSheet({.run = {},
                    .recipe = {},
                    .series = {},
                    .evaluations = {measured(P::Before, "forget", "nll", {1, 2}),
                                    measured(P::Before, "reference-forget", "nll", {3, 5})}});
    const Json log = Json::parse(scoresLog(*sheet, ModelRole::Reference));
    const std::vector<Evaluation> read = parseEvaluationLog(log, "log").value().evaluations;
    QCOMPARE(read.size(), std::size_t{1});
    QCOMPARE(read[0].set, std::string("forget"));
    QCOMPARE(read[0].metric, std::string("nll"));
    QCOMPARE(read[0].value, 4.0);
    QCOMPARE(read[0].samples.at(1).value, 5.0);
}

QTEST_MAIN(TestScoreSheet)
#include "tst_score_sheet.moc"
