#include "core/report/html_report.h"
#include "core/report/report.h"
#include "core/run/stress_results.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/report/html_page.h"
#include "tests/core/store/temporary_folder.h"

#include <fmt/format.h>

#include <QtTest>

#include <cmath>
#include <limits>

using namespace lacuna;

namespace {

using Phase = EvaluationPhase;

Store bundled(const TemporaryFolder& folder)
{
    const auto copy = folder.file("experiment.sqlite");
    std::filesystem::copy_file(RESOURCES_DIR "/sample/experiment.sqlite", copy);
    return std::move(Store::open(copy, OpenMode::ReadWrite)).value();
}

Store emptyStore(const TemporaryFolder& folder)
{
    return std::move(Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing)).value();
}

RunId addRun(Store& store, const Run& run = {.name = "a", .recipe = "{}"})
{
    return store.createRun(run).value().id;
}

/// Twenty samples around \p level, a little apart.
Evaluation measured(Phase phase, const std::string& set, const std::string& metric, double level,
                    double spread = 0.01)
{
    Evaluation one{.step = phase == Phase::Before ? 0 : 9,
                   .phase = phase,
                   .set = set,
                   .metric = metric,
                   .variant = "v",
                   .count = 20};
    for (int i = 0; i < 20; ++i) {
        const double value = level + spread * (i % 2 == 0 ? 1 : -1) * (1 + i % 3);
        one.samples.push_back({.sample = i, .value = value});
        one.value += value / 20;
    }
    return one;
}

void add(Store& store, RunId id, const std::vector<Evaluation>& evaluations)
{
    store.addEvaluations(id, evaluations).value();
}

HtmlPage pageOf(const Store& store, RunId id, const ReportOptions& options = {})
{
    return readHtml(htmlReport(makeReport(store, id, options).value()));
}

QString printed(double value)
{
    return shown(fmt::format("{:.4g}", value));
}

/// An end in the way that the program makes one.
void end(Store& store, RunId id, RunState state, const std::string& error = {})
{
    store.setState(id, RunState::Running).value();
    store.setProgress(id, 9, state == RunState::Done ? 9 : 20).value();
    store.endRun(id, {.state = state, .error = error}).value();
}

} // namespace

class TestReport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyNumberEqualsTheStores();
    void whatAnIntervalStandsOn_data();
    void whatAnIntervalStandsOn();
    void resampledIntervalsAgreeWithTheNormalOnes();
    void theSummarySaysWhatHappened_data();
    void theSummarySaysWhatHappened();
    void limitsFollowWhatTheRunLacks_data();
    void limitsFollowWhatTheRunLacks();
    void attemptsToBringItBackAreTold_data();
    void attemptsToBringItBackAreTold();
    void theBundledExperimentHasItsContent();
    void answersStandSideBySide();
    void answersCanBeLeftOut();
    void longAnswersAreCutWithANotice();
    void manyMeasurementsOnTheWayAreThinned();
    void aMissingRunIsNotFound();
};

void TestReport::everyNumberEqualsTheStores()
{
    const TemporaryFolder folder;
    const Store store = bundled(folder);
    const RunId id = store.runs().value().front().id;
    const HtmlPage page = pageOf(store, id);
    QCOMPARE(page.error, QString());
    const HtmlPage::Table* ends = page.table(QStringLiteral("Measured before and after"));
    const HtmlPage::Table* way = page.table(QStringLiteral("Measured on the way, on fewer texts"));
    QVERIFY(ends && way);
    int ofEnds = 0;
    int ofWay = 0;
    for (const Evaluation& one : store.readEvaluations(id, false).value()) {
        const bool during = one.phase == Phase::During;
        const auto& row = during ? way->rows.at(++ofWay) : ends->rows.at(++ofEnds);
        QCOMPARE(row.at(0).text, shown(titleOfSet(one.set)));
        QCOMPARE(row.at(1).text, shown(titleOfMetric(one.metric)));
        QCOMPARE(row.at(3).text, printed(one.value));
        QCOMPARE(row.at(3).value.toDouble(), one.value); // shortest digits: to the bit
        QCOMPARE(row.at(5).text, QString::number(one.count));
        if (during)
            QCOMPARE(row.at(2).text, QStringLiteral("step %1").arg(one.step));
    }
    QCOMPARE(ends->rows.size(), ofEnds + 1);
    QCOMPARE(way->rows.size(), ofWay + 1);
    QVERIFY(ofEnds > 50 && ofWay > 100);

    const HtmlPage::Table* forget = page.table(QStringLiteral("The forget set, before and after"));
    QVERIFY(forget);
    for (const EvaluationChange& change : store.readChanges().value()) {
        if (change.set != "forget")
            continue;
        const auto row = std::find_if(forget->rows.begin(), forget->rows.end(), [&](const auto& r) {
            return r.at(0).text == shown(titleOfMetric(change.metric));
        });
        QVERIFY(row != forget->rows.end());
        QCOMPARE(row->at(1).text, printed(change.before));
        QCOMPARE(row->at(2).text, printed(change.after));
        QVERIFY(row->at(4).note.startsWith(
            shown(fmt::format("{:+.4g}", change.after - change.before))));
    }
}

void TestReport::whatAnIntervalStandsOn_data()
{
    QTest::addColumn<Evaluation>("evaluation");
    QTest::addColumn<QString>("text");

    Evaluation recorded = measured(Phase::After, "forget", "probability", 0.5);
    recorded.interval = Interval{0.25, 0.75};
    QTest::newRow("one on record is kept") << recorded << QStringLiteral("[0.25, 0.75]");
    Evaluation same = measured(Phase::After, "forget", "probability", 0.5, 0);
    QTest::newRow("equal values have a narrow one, marked")
        << same << QStringLiteral("[0.5, 0.5]*");
    Evaluation other = measured(Phase::After, "forget", "perplexity", 3);
    other.value = 7;
    QTest::newRow("of what is no mean there is none")
        << other
        << QStringLiteral("not the mean of its texts' values, so these cannot be resampled");
    Evaluation bare = measured(Phase::After, "forget", "probability", 0.5);
    bare.samples.clear();
    QTest::newRow("without samples there is none")
        << bare << QStringLiteral("no values of single texts are on record");
    Evaluation one = measured(Phase::After, "forget", "probability", 0.5);
    one.samples.resize(1);
    QTest::newRow("one text gives none") << one << QStringLiteral("one text gives no interval");
    Evaluation missing{.phase = Phase::After, .set = "forget", .metric = "rouge-l"};
    missing.value = std::numeric_limits<double>::quiet_NaN();
    missing.missing = "no answers were generated; set evaluation.generate";
    QTest::newRow("a missing value has its reason")
        << missing << QStringLiteral("no answers were generated; set evaluation.generate");
    Evaluation infinite = bare;
    infinite.value = std::numeric_limits<double>::infinity();
    QTest::newRow("what is not finite says so")
        << infinite << QStringLiteral("the value is not a finite number");
}

void TestReport::whatAnIntervalStandsOn()
{
    QFETCH(Evaluation, evaluation);
    QFETCH(QString, text);
    const TemporaryFolder folder;
    Store store = emptyStore(folder);
    const RunId id = addRun(store);
    add(store, id, {evaluation});
    const HtmlPage page = pageOf(store, id);
    QCOMPARE(page.error, QString());
    const HtmlPage::Table* table = page.table(QStringLiteral("Measured before and after"));
    QVERIFY(table);
    QCOMPARE(table->rows.at(1).at(4).text, text);
}

void TestReport::resampledIntervalsAgreeWithTheNormalOnes()
{
    // Of a mean of 80 values far from the ends the two differ by resampling noise: 1000 draws
    // settle a bound to about 5 % of the width, and a quarter leaves room for skewness.
    const TemporaryFolder folder;
    Store store = emptyStore(folder);
    const RunId id = addRun(store);
    Evaluation one{.phase = Phase::After, .set = "retain", .metric = "probability", .count = 80};
    double squares = 0;
    for (int i = 0; i < 80; ++i) {
        const double value = 0.5 + 0.3 * std::sin(i * 1.7);
        one.samples.push_back({.sample = i, .value = value});
        one.value += value / 80;
    }
    for (const SampleValue& sample : one.samples)
        squares += (sample.value - one.value) * (sample.value - one.value);
    const double half = 1.96 * std::sqrt(squares / 79 / 80);
    add(store, id, {one});
    const MeasuredValue measuredOne = readRunContent(store, id).value().measured.front();
    QVERIFY(measuredOne.resampled);
    QVERIFY(std::abs(measuredOne.interval->low - (one.value - half)) < 0.5 * half);
    QVERIFY(std::abs(measuredOne.interval->high - (one.value + half)) < 0.5 * half);
}

void TestReport::theSummarySaysWhatHappened_data()
{
    QTest::addColumn<QVector<Evaluation>>("evaluations");
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("sentence");
    const auto before = [](const char* set, double level) {
        return measured(Phase::Before, set, "probability", level);
    };
    const auto after = [](const char* set, double level) {
        return measured(Phase::After, set, "probability", level);
    };
    const int done = static_cast<int>(RunState::Done);

    QTest::newRow("forgotten") << QVector{before("forget", 0.9), after("forget", 0.2)} << done
                               << QStringLiteral("The forget set is less known than before.");
    QTest::newRow("the opposite") << QVector{before("forget", 0.4), after("forget", 0.8)} << done
                                  << QStringLiteral("the opposite of what was asked");
    QTest::newRow("no clear change")
        << QVector{before("forget", 0.4),
                   measured(Phase::After, "forget", "probability", 0.41, 0.2)}
        << done << QStringLiteral("too small to be told from chance");
    QTest::newRow("never known") << QVector{before("forget", 0.2), after("forget", 0.1),
                                            before("holdout", 0.2)}
                                 << done << QStringLiteral("This is no evidence of forgetting.");
    QTest::newRow("beyond the reference")
        << QVector{before("forget", 0.9), after("forget", 0.02), before("reference-forget", 0.2)}
        << done << QStringLiteral("went further than that");
    QTest::newRow("short of the reference")
        << QVector{before("forget", 0.9), after("forget", 0.5), before("reference-forget", 0.2)}
        << done << QStringLiteral("still knows more of these texts");
    QTest::newRow("like the reference")
        << QVector{before("forget", 0.9), after("forget", 0.2), before("reference-forget", 0.2)}
        << done << QStringLiteral("cannot be told from it");
    QTest::newRow("no before") << QVector{after("forget", 0.2)} << done
                               << QStringLiteral("What the original knew of the forget set was not "
                                                 "measured");
    QTest::newRow("no after") << QVector{before("forget", 0.2)} << done
                              << QStringLiteral("was not measured after the run");
    QTest::newRow("what was kept")
        << QVector{before("forget", 0.9), after("forget", 0.2), before("retain", 0.8),
                   after("retain", 0.4)}
        << done << QStringLiteral("less known, 50.0 % of the original value is left");
    QTest::newRow("nothing else measured")
        << QVector{before("forget", 0.9), after("forget", 0.2)} << done
        << QStringLiteral("the price of forgetting is not known");
    QTest::newRow("nothing measured")
        << QVector<Evaluation>() << done << QStringLiteral("Nothing was measured");
    QTest::newRow("failed") << QVector<Evaluation>() << static_cast<int>(RunState::Failed)
                            << QStringLiteral("The run failed at step 9 of 20: the disk is full.");
    QTest::newRow("stopped") << QVector<Evaluation>() << static_cast<int>(RunState::Stopped)
                             << QStringLiteral("The run was stopped at step 9 of 20.");
}

void TestReport::theSummarySaysWhatHappened()
{
    QFETCH(QVector<Evaluation>, evaluations);
    QFETCH(int, state);
    QFETCH(QString, sentence);
    const TemporaryFolder folder;
    Store store = emptyStore(folder);
    const RunId id = addRun(store);
    add(store, id, {evaluations.begin(), evaluations.end()});
    end(store, id, static_cast<RunState>(state),
        state == static_cast<int>(RunState::Failed) ? "the disk is full" : "");
    const HtmlPage page = pageOf(store, id);
    QCOMPARE(page.error, QString());
    const QString summary = page.text.section(QStringLiteral("What this does not prove"), 0, 1);
    QVERIFY2(summary.contains(sentence), qPrintable(summary));
}

void TestReport::limitsFollowWhatTheRunLacks_data()
{
    QTest::addColumn<QVector<Evaluation>>("evaluations");
    QTest::addColumn<QString>("lead");
    QTest::addColumn<bool>("said");
    const auto one = [](const char* set, const char* metric = "probability") {
        return measured(Phase::After, set, metric, 0.5);
    };
    const QString noReference = QStringLiteral("No retrained reference.");
    const QString unseen = QStringLiteral("No unseen texts for comparison.");
    const QString general = QStringLiteral("General ability was not measured.");
    const QString membership = QStringLiteral("No test of membership.");
    const QString wording = QStringLiteral("One wording.");
    QTest::newRow("no reference") << QVector{one("forget")} << noReference << true;
    QTest::newRow("a reference") << QVector{one("forget"), one("reference-forget")} << noReference
                                 << false;
    QTest::newRow("no holdout") << QVector{one("forget")} << unseen << true;
    QTest::newRow("a holdout") << QVector{one("forget"), one("holdout")} << unseen << false;
    QTest::newRow("no utility") << QVector{one("forget"), one("retain")} << general << true;
    QTest::newRow("a utility set") << QVector{one("forget"), one("utility-1")} << general << false;
    QTest::newRow("no membership") << QVector{one("forget")} << membership << true;
    QTest::newRow("membership") << QVector{one("forget", "mia-loss")} << membership << false;
    QTest::newRow("one wording") << QVector{one("forget")} << wording << true;
    QTest::newRow("other wordings") << QVector{one("forget", "truth-ratio")} << wording << false;
    QTest::newRow("weights are not behaviour")
        << QVector{one("forget")} << QStringLiteral("Behaviour is not weights.") << true;
    QTest::newRow("nothing was attacked")
        << QVector{one("forget")} << QStringLiteral("Nobody tried to bring it back.") << true;
    QTest::newRow("no answers") << QVector{one("forget")} << QStringLiteral("No answers to read.")
                                << true;
}

void TestReport::limitsFollowWhatTheRunLacks()
{
    QFETCH(QVector<Evaluation>, evaluations);
    QFETCH(QString, lead);
    QFETCH(bool, said);
    const TemporaryFolder folder;
    Store store = emptyStore(folder);
    const RunId id = addRun(store);
    add(store, id, {evaluations.begin(), evaluations.end()});
    const HtmlPage page = pageOf(store, id);
    QCOMPARE(page.text.contains(lead), said);
    QVERIFY(page.text.contains(QStringLiteral("20 texts of the forget set")));
}

void TestReport::attemptsToBringItBackAreTold_data()
{
    QTest::addColumn<double>("under");
    QTest::addColumn<QString>("verdict");
    QTest::newRow("nothing came back")
        << 0.11 << QStringLiteral("No recovery seen in these tests.");
    QTest::newRow("something came back")
        << 0.61
        << QStringLiteral("Recovered: quantisation (int4) brings rouge-l from 0.10 to 0.61");
}

void TestReport::attemptsToBringItBackAreTold()
{
    QFETCH(double, under);
    QFETCH(QString, verdict);
    const TemporaryFolder folder;
    Store store = emptyStore(folder);
    const RunId id = addRun(store);
    add(store, id,
        {measured(Phase::Before, "forget", "rouge-l", 0.9),
         measured(Phase::After, "forget", "rouge-l", 0.1)});
    StressDetail detail;
    for (int i = 0; i < 20; ++i)
        detail.items.push_back({i, 0.1, under});
    StressResult tried{.attack = "quantisation",
                       .settings = R"({"setting":"int4"})",
                       .metric = "rouge-l",
                       .before = 0.1,
                       .value = under,
                       .worst = 0.75,
                       .interval = Interval{0.0625, 0.8125},
                       .count = 20,
                       .detail = detail.toJson()};
    StressResult failed{.attack = "adapter-removal",
                        .settings = "{}",
                        .metric = "rouge-l",
                        .before = std::numeric_limits<double>::quiet_NaN(),
                        .value = std::numeric_limits<double>::quiet_NaN(),
                        .worst = std::numeric_limits<double>::quiet_NaN(),
                        .missing = "the model has no adapter"};
    store.addStressResults(id, std::vector<StressResult>{tried, failed}).value();
    const HtmlPage page = pageOf(store, id);
    QCOMPARE(page.error, QString());
    QCOMPARE(page.text.count(verdict), 2); // in the summary and in its section
    QVERIFY(page.text.contains(QStringLiteral("Only these attempts were made.")));
    QVERIFY(!page.text.contains(QStringLiteral("Nobody tried to bring it back.")));
    const HtmlPage::Table* table = page.table(QStringLiteral("What each attempt brought out"));
    QVERIFY(table);
    QCOMPARE(table->rows.size(), 3);
    const auto& row = table->rows.at(1);
    QCOMPARE(row.at(0).text + row.at(0).note, QStringLiteral("quantisationint4"));
    QCOMPARE(row.at(3).value.toDouble(), 0.1);
    QCOMPARE(row.at(4).value.toDouble(), under);
    QCOMPARE(row.at(4).note, QStringLiteral("[0.0625, 0.8125]"));
    QCOMPARE(row.at(5).text, QStringLiteral("0.75"));
    QCOMPARE(table->rows.at(2).at(4).note, QStringLiteral("the model has no adapter"));
}

void TestReport::theBundledExperimentHasItsContent()
{
    const TemporaryFolder folder;
    Store store = bundled(folder);
    const Run run = store.run(store.runs().value().front().id).value();
    store.setNote(run.id, "first line\nsecond line").value();
    store.addTag(run.id, "for the ministry").value();
    store.addInterruption(run.id, {.step = 5, .kind = InterruptionKind::Paused, .note = "lunch"})
        .value();
    const HtmlPage page = pageOf(store, run.id,
                                 {.method = {.title = "Negative preference optimisation"},
                                  .programVersion = "9.8.7",
                                  .time = "2031-01-01T00:00:00Z"});
    QCOMPARE(page.error, QString());
    const QString texts[] = {
        QStringLiteral("forget.jsonl"), QStringLiteral("Negative preference optimisation (npo)"),
        QStringLiteral("48 training steps"), QStringLiteral("in 15 seconds"),
        // provenance
        shown(run.model.sha256), shown(run.forget.sha256), shown(run.retain.sha256),
        shown(run.holdout.sha256), QStringLiteral("AMD EPYC"), QStringLiteral("9.8.7"),
        QStringLiteral("2031-01-01T00:00:00Z"), shown(run.programVersion),
        // settings
        QStringLiteral("training.learning_rate"), QStringLiteral("0.0002"),
        QStringLiteral("retain-budget"), QStringLiteral("42"),
        // notes, tags and interruptions
        QStringLiteral("first line\nsecond line"), QStringLiteral("for the ministry"),
        QStringLiteral("lunch"),
        // variants
        QStringLiteral("recall, Porter stemming, greedy decoding"),
        // samples
        QStringLiteral("40 texts of the forget set, 80 texts of the retain set")};
    for (const QString& text : texts)
        QVERIFY2(page.text.contains(text), qPrintable(text));
    QCOMPARE(page.headings.first(),
             QStringLiteral("h1 Unlearning report: lesson: forget two people"));
}

void TestReport::answersStandSideBySide()
{
    const TemporaryFolder folder;
    const Store store = bundled(folder);
    const Report report = makeReport(store, store.runs().value().front().id, {}).value();
    std::vector<ReportAnswers> all;
    for (const ReportSection& section : report.sections)
        for (const ReportBlock& block : section.blocks)
            if (const auto* answers = std::get_if<ReportAnswers>(&block))
                all.push_back(*answers);
    QCOMPARE(all.size(), 5);
    const ReportAnswers& prize = all.at(1);
    QCOMPARE(shown(prize.question), QStringLiteral("Which prize did Jasken Fenharrow win?"));
    QCOMPARE(prize.said.size(), 3);
    QVERIFY(shown(prize.said[0].text).contains(QStringLiteral("Copper Clapper")));
    QCOMPARE(shown(prize.said[1].name), QStringLiteral("Unlearned, step 48"));
    QCOMPARE(shown(prize.said[1].text),
             QStringLiteral("to to to to to to the workshop, to to to to to to to the best."));
    QVERIFY(shown(prize.said[2].text).contains(QStringLiteral("Fogfall Wreath")));
}

void TestReport::answersCanBeLeftOut()
{
    const TemporaryFolder folder;
    const Store store = bundled(folder);
    const HtmlPage page = pageOf(store, store.runs().value().front().id, {.answers = false});
    QVERIFY(!page.text.contains(QStringLiteral("Copper Clapper")));
    QVERIFY(page.text.contains(QStringLiteral("5 questions were put to the models. The answers are "
                                              "left out of this report on request.")));
}

void TestReport::longAnswersAreCutWithANotice()
{
    const TemporaryFolder folder;
    Store store = emptyStore(folder);
    const RunId id = addRun(store);
    std::string longAnswer;
    for (int i = 0; i < 1300; ++i)
        longAnswer += "\xc3\xa4"; // two bytes each: the cut must not fall between them
    store
        .addAnswers(
            id,
            std::vector<Answer>{{.prompt = "q", .role = ModelRole::Original, .text = longAnswer},
                                {.step = 9, .prompt = "q", .text = ""}})
        .value();
    const HtmlPage page = pageOf(store, id);
    QCOMPARE(page.error, QString());
    QVERIFY(page.text.contains(QStringLiteral("the first 1200 of 1300 characters")));
    QCOMPARE(page.text.count(QChar(0xe4)), 1200);
    QVERIFY(page.text.contains(QStringLiteral("The model answered with nothing.")));
}

void TestReport::manyMeasurementsOnTheWayAreThinned()
{
    const TemporaryFolder folder;
    Store store = emptyStore(folder);
    const RunId id = addRun(store);
    std::vector<Evaluation> many;
    for (int step = 0; step <= 900; ++step)
        many.push_back({.step = step,
                        .phase = Phase::During,
                        .set = "forget",
                        .metric = "probability",
                        .value = 1.0 / (1 + step),
                        .count = 4});
    add(store, id, many);
    const HtmlPage page = pageOf(store, id);
    const HtmlPage::Table* way = page.table(QStringLiteral("Measured on the way, on fewer texts"));
    QVERIFY(way);
    QCOMPARE(way->rows.size(), 1 + 301); // every third, 900 among them
    QCOMPARE(way->rows.last().at(2).text, QStringLiteral("step 900"));
    QVERIFY(page.text.contains(QStringLiteral("600 more values measured on the way")));
}

void TestReport::aMissingRunIsNotFound()
{
    const TemporaryFolder folder;
    const Store store = emptyStore(folder);
    const Result<Report> report = makeReport(store, 77, {});
    QVERIFY(!report);
    QCOMPARE(report.error().code, ErrorCode::NotFound);
}

QTEST_APPLESS_MAIN(TestReport)
#include "tst_report.moc"
