#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <thread>

using namespace lacuna;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// An empty history. Made once, because making one waits for the disk several times.
const std::string& emptyHistory()
{
    static const std::string bytes = [] {
        const TemporaryFolder folder;
        Store::open(folder.file("empty.sqlite"), OpenMode::CreateIfMissing).value();
        return fileBytes(folder.file("empty.sqlite"));
    }();
    return bytes;
}

Store opened(const TemporaryFolder& folder, OpenMode mode = OpenMode::ReadWrite)
{
    const auto path = folder.file("history.sqlite");
    if (!std::filesystem::exists(path))
        writeBytes(path, emptyHistory());
    return std::move(Store::open(path, mode)).value();
}

RunId added(Store& store, const std::string& name, const std::string& method = "npo",
            const std::vector<std::string>& tags = {})
{
    return store
        .createRun({.name = name, .recipe = R"({"lacuna": 1})", .method = method, .tags = tags})
        .value()
        .id;
}

QStringList namesOf(const Result<std::vector<Run>>& runs)
{
    QStringList names;
    for (const Run& run : runs.value())
        names << shown(run.name);
    return names;
}

/// One of everything at every step up to \p last.
void record(Store& store, RunId run, std::int64_t last)
{
    for (std::int64_t step = 1; step <= last; ++step) {
        store.appendSeries(run, std::vector<SeriesPoint>{{step, "loss", 1.0 / double(step)}})
            .value();
        store
            .addEvaluations(run,
                            std::vector<Evaluation>{{.step = step,
                                                     .set = "forget",
                                                     .metric = "probability",
                                                     .value = 0.5,
                                                     .count = 1,
                                                     .samples = {{.sample = 0, .value = 0.5}}}})
            .value();
        store.addAnswers(run, std::vector<Answer>{{.step = step, .prompt = "Who?", .text = "I."}})
            .value();
    }
    store.setProgress(run, last, 10).value();
}

} // namespace

class TestStore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aRunComesBackAsItWasRecorded();
    void aRecipeThatIsNotJsonIsRefused();
    void aRunIsFoundByUidNameOrTheBeginningOfTheUid();
    void commandsAboutAMissingRunAreNotFound();
    void theStateKeepsTheClock();
    void anEndKeepsItsReasonsUntilTheRunGoesOn();
    void everyStateCanBeStored();
    void onlyOneProcessTakesOver();
    void detailsCanBeChanged();
    void tagsAreTrimmedAndUnique();
    void theListIsFilteredSortedAndLimited_data();
    void theListIsFilteredSortedAndLimited();
    void aThousandRunsAreListed();
    void deletingARunTakesEverythingAndFreesItsChildren();
    void seriesComeBackGroupedByKey();
    void aBatchWithABadPointLeavesNoneOfIt();
    void evaluationsKeepTheirSamples();
    void anEvaluationOfTheSameStepIsReplacedUnlessStandalone();
    void changesOfAllRunsAreReadAtOnce();
    void answersOfEveryRoleComeBack();
    void stressResultsComeBackAndAreReplaced();
    void whatComesAfterACheckpointIsForgotten();
    void interruptionsAndArtefactsComeBack();
    void requestsReachTheOtherConnectionOnce();
    void oneReadsWhileAnotherWrites();
    void aReadOnlyHistoryCanBeReadButNotChanged();
    void aFileInPlaceOfTheFolderIsExplained();

private:
    TemporaryFolder m_fourRuns; // only read by the cases
};

void TestStore::initTestCase()
{
    Store store = opened(m_fourRuns);
    const auto make = [&](Run run) {
        run.recipe = R"({"long": "text"})";
        return store.createRun(run).value().id;
    };
    make(
        {.uid = "00000000000a", .name = "Alpha 10%", .method = "npo", .tags = {"lecture", "keep"}});
    const RunId beta = make(
        {.uid = "00000000000b", .name = "beta", .method = "npo", .group = "sweep", .note = "odd"});
    const RunId gamma =
        make({.uid = "00000000000c", .name = "Gamma 100", .method = "simnpo", .group = "sweep"});
    const RunId delta =
        make({.uid = "00000000000d", .name = "delta_x", .method = "rmu", .tags = {"lecture"}});
    QVERIFY(store.setProgress(beta, 9, 9));
    QVERIFY(store.setProgress(delta, 5, 9));
    QVERIFY(store.setProgress(gamma, 2, 9));
    QVERIFY(store.setState(beta, RunState::Done));
    QVERIFY(store.setState(gamma, RunState::Running));
}

void TestStore::aRunComesBackAsItWasRecorded()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId parent = added(store, "first");
    const Run given{.name = "second, \xc3\xa9t\xc3\xa9",
                    .folder = "runs/x",
                    .recipe = R"({"lacuna": 1, "seed": 42})",
                    .method = "grad-diff",
                    .model = {"models/tiny", "aa"},
                    .forget = {"forget.json", "bb"},
                    .retain = {"retain.json", "cc"},
                    .holdout = {"holdout.json", "dd"},
                    .seed = -42,
                    .device = "cpu",
                    .threads = 2,
                    .precision = "bf16",
                    .programVersion = "0.1.0",
                    .machine = R"({"cores": 2})",
                    .parent = parent,
                    .group = "sweep",
                    .note = "a note",
                    .tags = {"zeta", "alpha"},
                    .totalSteps = 100};
    const Run made = store.createRun(given).value();
    QCOMPARE(made.uid.size(), std::size_t{12});
    QCOMPARE(made.createdAt.size(), std::size_t{24});

    const Run run = opened(folder, OpenMode::ReadOnly).run(made.id).value();
    QCOMPARE(shown(run.uid), shown(made.uid));
    QCOMPARE(shown(run.name), shown(given.name));
    QCOMPARE(shown(run.folder), shown(given.folder));
    QCOMPARE(run.state, RunState::Prepared);
    QCOMPARE(shown(run.recipe), shown(given.recipe));
    QCOMPARE(shown(run.method), shown(given.method));
    QCOMPARE(shown(run.model.path + run.model.sha256), shown("models/tinyaa"));
    QCOMPARE(shown(run.forget.path + run.forget.sha256), shown("forget.jsonbb"));
    QCOMPARE(shown(run.retain.path + run.retain.sha256), shown("retain.jsoncc"));
    QCOMPARE(shown(run.holdout.path + run.holdout.sha256), shown("holdout.jsondd"));
    QCOMPARE(run.seed, std::int64_t{-42});
    QCOMPARE(shown(run.device + run.precision + run.programVersion), shown("cpubf160.1.0"));
    QCOMPARE(run.threads, std::int64_t{2});
    QCOMPARE(shown(run.machine), shown(given.machine));
    QCOMPARE(run.parent.value(), parent);
    QCOMPARE(shown(run.group + run.note), shown("sweepa note"));
    QCOMPARE(run.tags, (std::vector<std::string>{"alpha", "zeta"}));
    QCOMPARE(run.step, std::int64_t{0});
    QCOMPARE(run.totalSteps, std::int64_t{100});
    QVERIFY(run.startedAt.empty() && run.endedAt.empty() && run.summary.empty() && !run.pid);
}

void TestStore::aRecipeThatIsNotJsonIsRefused()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const auto run = store.createRun({.name = "broken", .recipe = "{", .tags = {"a"}});
    QVERIFY(!run);
    QCOMPARE(run.error().code, ErrorCode::Internal);
    QVERIFY(store.runs().value().empty());
}

void TestStore::aRunIsFoundByUidNameOrTheBeginningOfTheUid()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const auto make = [&](const char* uid, const char* name) {
        return store.createRun({.uid = uid, .name = name, .recipe = "{}"}).value().id;
    };
    const RunId first = make("aaaa11110000", "twice");
    const RunId second = make("aaaa22220000", "twice");
    const RunId third = make("bbbb00000000", "aaaa");
    QCOMPARE(store.findRun("aaaa22220000").value().id, second);
    QCOMPARE(store.findRun("aaaa1").value().id, first);
    QCOMPARE(store.findRun("aaaa").value().id, third);
    QCOMPARE(store.findRun("twice").error().code, ErrorCode::InvalidArgument);
    QCOMPARE(store.findRun("bbb").error().code, ErrorCode::NotFound);
    QCOMPARE(store.findRun("").error().code, ErrorCode::NotFound);
}

void TestStore::commandsAboutAMissingRunAreNotFound()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const auto code = [](const auto& result) {
        return result ? ErrorCode::Internal : result.error().code;
    };
    QCOMPARE(code(store.run(7)), ErrorCode::NotFound);
    QCOMPARE(code(store.rename(7, "x")), ErrorCode::NotFound);
    QCOMPARE(code(store.addTag(7, "x")), ErrorCode::NotFound);
    QCOMPARE(code(store.setState(7, RunState::Running)), ErrorCode::NotFound);
    QCOMPARE(code(store.claim(7, 1)), ErrorCode::NotFound);
    QCOMPARE(code(store.deleteRun(7)), ErrorCode::NotFound);
    QCOMPARE(code(store.truncateAfter(7, 0)), ErrorCode::NotFound);
    QCOMPARE(code(store.postRequest(7, RequestKind::Stop)), ErrorCode::NotFound);
    QCOMPARE(code(store.appendSeries(7, std::vector<SeriesPoint>{{1, "loss", 1}})),
             ErrorCode::NotFound);
}

void TestStore::theStateKeepsTheClock()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.setState(id, RunState::Prepared));
    QVERIFY(store.run(id).value().startedAt.empty());
    QVERIFY(store.setState(id, RunState::Baseline));
    const std::string started = store.run(id).value().startedAt;
    QVERIFY(!started.empty());
    QVERIFY(store.claim(id, 4321).value());
    QVERIFY(store.setState(id, RunState::Running));
    QCOMPARE(shown(store.run(id).value().startedAt), shown(started));
    QVERIFY(store.run(id).value().endedAt.empty());
    QCOMPARE(store.run(id).value().pid.value(), std::int64_t{4321});
    QVERIFY(store.setState(id, RunState::Interrupted));
    QVERIFY(!store.run(id).value().endedAt.empty());
    QVERIFY(!store.run(id).value().pid);
}

void TestStore::anEndKeepsItsReasonsUntilTheRunGoesOn()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.endRun(id, {.state = RunState::Failed,
                              .stopReason = "divergence-guard",
                              .error = "the loss is not finite",
                              .summary = R"({"utility": 0.5})"}));
    Run run = store.run(id).value();
    QCOMPARE(run.state, RunState::Failed);
    QCOMPARE(shown(run.stopReason), shown("divergence-guard"));
    QCOMPARE(shown(run.error), shown("the loss is not finite"));
    QCOMPARE(shown(run.summary), shown(R"({"utility": 0.5})"));
    QVERIFY(store.setState(id, RunState::Running));
    run = store.run(id).value();
    QVERIFY(run.stopReason.empty() && run.error.empty() && run.endedAt.empty());
    QVERIFY_THROWS_EXCEPTION(std::logic_error, (void)store.endRun(id, {.state = RunState::Paused}));
}

void TestStore::everyStateCanBeStored()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    for (const std::string_view name : EnumIds<RunState>::kIds) {
        const RunState state = fromId<RunState>(name).value();
        QVERIFY(store.setState(id, state));
        QCOMPARE(store.run(id).value().state, state);
    }
}

void TestStore::onlyOneProcessTakesOver()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.claim(id, 100).value());
    QVERIFY(!store.claim(id, 200).value());
    QVERIFY(store.claim(id, 200, 100).value()); // 100 was seen dead
    QVERIFY(!store.claim(id, 300, 100).value());
    QCOMPARE(store.run(id).value().pid.value(), std::int64_t{200});
}

void TestStore::detailsCanBeChanged()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.rename(id, "b"));
    QVERIFY(store.setNote(id, "n"));
    QVERIFY(store.setGroup(id, "g"));
    QVERIFY(store.setFolder(id, "f"));
    QVERIFY(store.setProgress(id, 3, 9));
    const Run run = store.run(id).value();
    QCOMPARE(shown(run.name + run.note + run.group + run.folder), shown("bngf"));
    QCOMPARE(run.step, std::int64_t{3});
    QCOMPARE(run.totalSteps, std::int64_t{9});
}

void TestStore::tagsAreTrimmedAndUnique()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId first = added(store, "a", "npo", {"x", "x"});
    const RunId second = added(store, "b");
    QVERIFY(store.addTag(first, "  two words "));
    QVERIFY(store.addTag(second, "x"));
    QCOMPARE(store.run(first).value().tags, (std::vector<std::string>{"two words", "x"}));
    QCOMPARE(store.tags().value(), (std::vector<std::string>{"two words", "x"}));
    QVERIFY(store.removeTag(first, "two words"));
    QCOMPARE(store.tags().value(), std::vector<std::string>{"x"});
    for (const char* tag : {"", "  ", "a\nb"})
        QCOMPARE(store.addTag(first, tag).error().code, ErrorCode::InvalidArgument);
}

void TestStore::theListIsFilteredSortedAndLimited_data()
{
    QTest::addColumn<RunFilter>("filter");
    QTest::addColumn<QStringList>("names");
    const auto row = [](const char* title, const RunFilter& filter, const QStringList& names) {
        QTest::newRow(title) << filter << names;
    };
    const QString alpha = QStringLiteral("Alpha 10%"), beta = QStringLiteral("beta"),
                  gamma = QStringLiteral("Gamma 100"), delta = QStringLiteral("delta_x");
    row("newest first", {}, {delta, gamma, beta, alpha});
    row("oldest first", {.descending = false}, {alpha, beta, gamma, delta});
    row("by name, in either case", {.sort = RunSort::Name, .descending = false},
        {alpha, beta, delta, gamma});
    row("by step", {.sort = RunSort::Step}, {beta, delta, gamma, alpha});
    row("by method, then newest", {.sort = RunSort::Method}, {gamma, delta, beta, alpha});
    row("by state", {.sort = RunSort::State, .descending = false}, {beta, alpha, delta, gamma});
    row("by end", {.sort = RunSort::Ended, .limit = 1}, {beta});
    row("two", {.limit = 2}, {delta, gamma});
    row("text in the name, in either case", {.text = "ALPHA"}, {alpha});
    row("text in the method", {.text = "simnpo"}, {gamma});
    row("text in the note", {.text = "odd"}, {beta});
    row("text in a tag", {.text = "lect"}, {delta, alpha});
    row("text in the group", {.text = "sweep"}, {gamma, beta});
    row("text in the uid", {.text = "0000000000d"}, {delta});
    row("all words must fit", {.text = " lecture\t delta "}, {delta});
    row("a percent sign is itself", {.text = "10%"}, {alpha});
    row("an underscore is itself", {.text = "a_x"}, {delta});
    row("a quote harms nothing", {.text = "'; DROP TABLE run; --"}, {});
    row("one tag", {.tag = "keep"}, {alpha});
    row("half a tag fits none", {.tag = "kee"}, {});
    row("one group", {.group = "sweep"}, {gamma, beta});
    row("two states", {.states = {RunState::Done, RunState::Running}}, {gamma, beta});
    row("everything at once",
        {.text = "a", .states = {RunState::Prepared}, .tag = "lecture", .limit = 1}, {delta});
}

void TestStore::theListIsFilteredSortedAndLimited()
{
    QFETCH(RunFilter, filter);
    QFETCH(QStringList, names);
    const auto runs = opened(m_fourRuns, OpenMode::ReadOnly).runs(filter);
    QCOMPARE(namesOf(runs), names);
    for (const Run& run : runs.value())
        QVERIFY(run.recipe.empty() && run.machine.empty());
}

void TestStore::aThousandRunsAreListed()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    for (int i = 0; i < 1000; ++i) {
        const RunId id = added(store, "run " + std::to_string(i), i % 2 ? "npo" : "rmu",
                               {"tag " + std::to_string(i % 10)});
        QVERIFY(store.appendSeries(id, std::vector<SeriesPoint>{{1, "loss", i / 7.0}}));
    }
    QCOMPARE(store.runs().value().size(), std::size_t{1000});
    QCOMPARE(store.runs({.text = "npo"}).value().size(), std::size_t{500});
    QCOMPARE(store.runs({.tag = "tag 3"}).value().size(), std::size_t{100});
    QCOMPARE(namesOf(store.runs({.limit = 2})),
             (QStringList{QStringLiteral("run 999"), QStringLiteral("run 998")}));
}

void TestStore::deletingARunTakesEverythingAndFreesItsChildren()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId kept = added(store, "kept");
    record(store, kept, 1);
    const RunId gone =
        store.createRun({.name = "gone", .folder = "runs/gone", .recipe = "{}", .tags = {"t"}})
            .value()
            .id;
    record(store, gone, 2);
    QVERIFY(store.addInterruption(gone, {.step = 1}));
    QVERIFY(store.addArtefact(gone, {.kind = "model", .path = "m"}));
    QVERIFY(store.postRequest(gone, RequestKind::Stop));
    const RunId child =
        store.createRun({.name = "child", .recipe = "{}", .parent = gone}).value().id;

    QCOMPARE(shown(store.deleteRun(gone).value()), shown("runs/gone"));
    QVERIFY(!store.run(child).value().parent);
    const auto database = Database::open(folder.file("history.sqlite"), OpenMode::ReadOnly);
    for (const char* table : {"tag", "interruption", "artefact", "request"})
        QCOMPARE(database->integer(std::string("SELECT count(*) FROM ") + table).value(), 0);
    for (const char* table : {"series", "evaluation", "sample_value", "answer"})
        QCOMPARE(database->integer(std::string("SELECT count(*) FROM ") + table).value(), 1);
}

void TestStore::seriesComeBackGroupedByKey()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.appendSeries(id, std::vector<SeriesPoint>{{2, "forget_nll", 0.1},
                                                            {1, "forget_nll", kNan},
                                                            {10, "forget_nll", 1e300},
                                                            {2, "retain_nll", -0.0}}));
    QVERIFY(store.appendSeries(id, std::vector<SeriesPoint>{{2, "forget_nll", 0.2}}));
    QVERIFY(store.appendSeries(id, std::vector<SeriesPoint>{}));
    const SeriesByKey series = store.readSeries(id).value();
    QCOMPARE(series.size(), std::size_t{2});
    const Series& forget = series.at("forget_nll");
    QCOMPARE(forget.steps, (std::vector<std::int64_t>{1, 2, 10}));
    QVERIFY(std::isnan(forget.values[0]));
    QVERIFY(forget.values[1] == 0.2 && forget.values[2] == 1e300);
    QCOMPARE(series.at("retain_nll").steps, std::vector<std::int64_t>{2});
}

void TestStore::aBatchWithABadPointLeavesNoneOfIt()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    const std::vector<Evaluation> evaluations = {
        {.step = 1, .set = "forget", .metric = "m", .samples = {{.sample = 0}, {.sample = 1}}},
        {.step = 1, .set = "retain", .metric = "m", .samples = {{.sample = 0, .extra = "{"}}}};
    QVERIFY(!store.addEvaluations(id, evaluations));
    QVERIFY(store.readEvaluations(id, false).value().empty());
    const std::vector<Answer> answers = {{.prompt = "p", .text = "t"},
                                         {.prompt = "p", .text = "t", .tokens = "["}};
    QVERIFY(!store.addAnswers(id, answers));
    QVERIFY(store.readAnswers(id).value().empty());
}

void TestStore::evaluationsKeepTheirSamples()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.addEvaluations(
        id, std::vector<Evaluation>{{.step = 5, .set = "retain", .metric = "rouge", .value = kNan},
                                    {.step = 0,
                                     .phase = EvaluationPhase::Before,
                                     .set = "forget",
                                     .metric = "probability",
                                     .variant = "mean",
                                     .value = 0.75,
                                     .count = 2,
                                     .samples = {{.sample = 7, .value = 0.5},
                                                 {.sample = 3, .value = kNan, .extra = "[1]"}}}}));
    const auto read = store.readEvaluations(id, true).value();
    QCOMPARE(read.size(), std::size_t{2});
    QCOMPARE(read[0].phase, EvaluationPhase::Before);
    QCOMPARE(shown(read[0].set + read[0].metric + read[0].variant), shown("forgetprobabilitymean"));
    QCOMPARE(read[0].value, 0.75);
    QCOMPARE(read[0].count, std::int64_t{2});
    QCOMPARE(read[0].samples.size(), std::size_t{2});
    QCOMPARE(read[0].samples[0].sample, std::int64_t{3});
    QVERIFY(std::isnan(read[0].samples[0].value));
    QCOMPARE(shown(read[0].samples[0].extra), shown("[1]"));
    QCOMPARE(read[0].samples[1].value, 0.5);
    QVERIFY(std::isnan(read[1].value) && read[1].samples.empty());
    QVERIFY(store.readEvaluations(id, false).value()[0].samples.empty());
}

void TestStore::anEvaluationOfTheSameStepIsReplacedUnlessStandalone()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    for (const double value : {0.25, 0.5})
        for (const EvaluationPhase phase : {EvaluationPhase::During, EvaluationPhase::Standalone})
            QVERIFY(store.addEvaluations(
                id, std::vector<Evaluation>{{.step = 5,
                                             .phase = phase,
                                             .set = "forget",
                                             .metric = "m",
                                             .value = value,
                                             .samples = {{.sample = 0, .value = value}}}}));
    const auto read = store.readEvaluations(id, true).value();
    QCOMPARE(read.size(), std::size_t{3});
    QCOMPARE(read[0].value + read[2].value, 0.75); // standalone, both
    QCOMPARE(read[1].value, 0.5);
    QCOMPARE(read[1].samples.size(), std::size_t{1});
}

void TestStore::changesOfAllRunsAreReadAtOnce()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId whole = added(store, "got to its end");
    const RunId begun = added(store, "has not");
    added(store, "measured nothing");
    const auto measure = [&](RunId run, std::int64_t step, EvaluationPhase phase,
                             const std::string& set, double value) {
        QVERIFY(store.addEvaluations(run, std::vector<Evaluation>{{.step = step,
                                                                   .phase = phase,
                                                                   .set = set,
                                                                   .metric = "probability",
                                                                   .variant = "mean",
                                                                   .value = value}}));
    };
    measure(whole, 0, EvaluationPhase::Before, "forget", 0.75);
    measure(whole, 0, EvaluationPhase::Before, "retain", 0.5);
    measure(begun, 0, EvaluationPhase::Before, "forget", 1);
    measure(whole, 5, EvaluationPhase::During, "forget", 0.4);
    measure(whole, 9, EvaluationPhase::Standalone, "forget", 0.3);
    measure(whole, 9, EvaluationPhase::After, "forget", 0.25);
    measure(whole, 9, EvaluationPhase::After, "retain", kNan);

    const auto changes = store.readChanges().value();
    QCOMPARE(changes.size(), std::size_t{3});
    QCOMPARE(changes[0].run, whole);
    QCOMPARE(shown(changes[0].set + changes[0].metric + changes[0].variant),
             shown("forgetprobabilitymean"));
    QCOMPARE(changes[0].before, 0.75);
    QCOMPARE(changes[0].after, 0.25);
    QCOMPARE(shown(changes[1].set), shown("retain"));
    QCOMPARE(changes[1].before, 0.5);
    QVERIFY(std::isnan(changes[1].after));
    QCOMPARE(changes[2].run, begun);
    QVERIFY(std::isnan(changes[2].after));
}

void TestStore::answersOfEveryRoleComeBack()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.addAnswers(
        id, std::vector<Answer>{
                {.step = 4, .prompt = "Who?", .role = ModelRole::Current, .text = "\xff cut"},
                {.step = 0,
                 .prompt = "Who?",
                 .role = ModelRole::Original,
                 .text = "Ann",
                 .tokens = R"([{"piece": "Ann", "logprob": -0.5}])"},
                {.step = 4, .prompt = "Who?", .role = ModelRole::Reference, .text = ""}}));
    const auto answers = store.readAnswers(id).value();
    QCOMPARE(answers.size(), std::size_t{3});
    QCOMPARE(answers[0].role, ModelRole::Original);
    QCOMPARE(shown(answers[0].tokens), shown(R"([{"piece": "Ann", "logprob": -0.5}])"));
    QVERIFY(answers[1].text == "\xff cut");
    QCOMPARE(answers[2].role, ModelRole::Reference);
}

void TestStore::stressResultsComeBackAndAreReplaced()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId run = added(store, "one");
    const RunId other = added(store, "two");
    StressResult result{.time = "2026-03-01T14:05:09.250Z",
                        .attack = "quantisation",
                        .settings = R"({"formats":"int4"})",
                        .role = ModelRole::Reference,
                        .metric = "rouge-l",
                        .before = 0.25,
                        .value = 0.5,
                        .worst = 1,
                        .interval = Interval{0.375, 0.625},
                        .count = 40,
                        .detail = R"({"items":[]})"};
    const StressResult missing{.attack = "paraphrase",
                               .settings = "{}",
                               .metric = {},
                               .before = kNan,
                               .value = kNan,
                               .worst = kNan,
                               .missing = "no paraphrases"};
    store.addStressResults(run, std::vector{result, missing}).value();
    std::vector<StressResult> read = store.readStressResults(run).value();
    QCOMPARE(read.size(), std::size_t{2});
    QCOMPARE(shown(read[0].time), shown(result.time));
    QVERIFY(read[0].attack == "quantisation" && read[0].settings == result.settings);
    QVERIFY(read[0].role == ModelRole::Reference && read[0].set == "forget");
    QVERIFY(read[0].before == 0.25 && read[0].value == 0.5 && read[0].worst == 1);
    QVERIFY(read[0].interval && read[0].interval->low == 0.375 && read[0].interval->high == 0.625);
    QVERIFY(read[0].count == 40 && read[0].detail == result.detail);
    QVERIFY(!read[1].time.empty() && std::isnan(read[1].value) && !read[1].interval);
    QCOMPARE(shown(read[1].missing), shown(missing.missing));
    QVERIFY(store.readStressResults(other).value().empty());

    result.value = 0.75;
    store.addStressResults(run, std::vector{result}).value();
    read = store.readStressResults(run).value();
    QCOMPARE(read.size(), std::size_t{2});
    QCOMPARE(read[1].value, 0.75);
    result.settings = "no JSON";
    QVERIFY(!store.addStressResults(run, std::vector{missing, result}));
    QVERIFY(!store.addStressResults(RunId{999}, std::vector{missing}));
    store.deleteRun(run).value();
    QVERIFY(store.readStressResults(run).value().empty());
}

void TestStore::whatComesAfterACheckpointIsForgotten()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    const RunId other = added(store, "b");
    record(store, id, 6);
    record(store, other, 6);
    QVERIFY(store.truncateAfter(id, 4));
    QCOMPARE(store.run(id).value().step, std::int64_t{4});
    QCOMPARE(store.readSeries(id).value().at("loss").steps.back(), std::int64_t{4});
    QCOMPARE(store.readEvaluations(id, true).value().size(), std::size_t{4});
    QCOMPARE(store.readAnswers(id).value().back().step, std::int64_t{4});
    QCOMPARE(store.readAnswers(other).value().size(), std::size_t{6});
    const auto database = Database::open(folder.file("history.sqlite"), OpenMode::ReadOnly);
    QCOMPARE(database->integer("SELECT count(*) FROM sample_value").value(), 10);
    QVERIFY(store.truncateAfter(id, 100));
    QCOMPARE(store.run(id).value().step, std::int64_t{4});
}

void TestStore::interruptionsAndArtefactsComeBack()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store, "a");
    QVERIFY(store.addInterruption(id, {.step = 3, .note = "by hand"}));
    QVERIFY(store.addInterruption(
        id, {.time = "2026-01-01T00:00:00.000Z", .step = 3, .kind = InterruptionKind::Resumed}));
    const auto interruptions = store.readInterruptions(id).value();
    QCOMPARE(interruptions.size(), std::size_t{2});
    QCOMPARE(interruptions[0].time.size(), std::size_t{24});
    QCOMPARE(shown(interruptions[0].note), shown("by hand"));
    QCOMPARE(interruptions[1].kind, InterruptionKind::Resumed);
    QCOMPARE(shown(interruptions[1].time), shown("2026-01-01T00:00:00.000Z"));

    QVERIFY(store.addArtefact(id, {"checkpoint", "c/10", 10, 1000, "aa"}));
    QVERIFY(store.addArtefact(id, {"checkpoint", "c/10", 10, 2000, "bb"}));
    QVERIFY(store.addArtefact(id, {"manifest", "manifest.json"}));
    QVERIFY(store.addArtefact(id, {"checkpoint", "c/5", 5}));
    QVERIFY(store.removeArtefact(id, "c/5"));
    const auto artefacts = store.readArtefacts(id).value();
    QCOMPARE(artefacts.size(), std::size_t{2});
    QCOMPARE(artefacts[0].bytes, std::int64_t{2000});
    QCOMPARE(artefacts[0].step.value(), std::int64_t{10});
    QCOMPARE(shown(artefacts[0].sha256), shown("bb"));
    QVERIFY(!artefacts[1].step);
}

void TestStore::requestsReachTheOtherConnectionOnce()
{
    const TemporaryFolder folder;
    Store running = opened(folder);
    Store asking = opened(folder);
    const RunId id = added(running, "a");
    QVERIFY(asking.postRequest(id, RequestKind::Pause));
    QVERIFY(asking.postRequest(id, RequestKind::Stop));
    auto requests = running.pendingRequests(id).value();
    QCOMPARE(requests.size(), std::size_t{2});
    QCOMPARE(requests[0].kind, RequestKind::Pause);
    QCOMPARE(requests[0].time.size(), std::size_t{24});
    QVERIFY(running.markHandled(requests[0].id));
    requests = running.pendingRequests(id).value();
    QCOMPARE(requests.size(), std::size_t{1});
    QCOMPARE(requests[0].kind, RequestKind::Stop);
}

void TestStore::oneReadsWhileAnotherWrites()
{
    const TemporaryFolder folder;
    Store reading = opened(folder);
    const RunId id = added(reading, "a");
    std::string failure;
    {
        const std::jthread writer([&] {
            Store writing = opened(folder);
            for (std::int64_t step = 0; step < 200 && failure.empty(); ++step) {
                const Status status = writing.appendSeries(
                    id, std::vector<SeriesPoint>{{step, "a", 1.0}, {step, "b", 2.0}});
                if (!status)
                    failure = status.error().text();
            }
        });
        for (int i = 0; i < 50; ++i) {
            const auto series = reading.readSeries(id);
            QVERIFY2(series, series ? "" : series.error().text().c_str());
            // A batch is there as a whole or not at all.
            const auto count = [&](const char* key) {
                const auto found = series->find(key);
                return found == series->end() ? 0 : found->second.values.size();
            };
            QCOMPARE(count("a"), count("b"));
            QVERIFY(reading.setNote(id, std::to_string(i)));
        }
    }
    QCOMPARE(shown(failure), QString());
    QCOMPARE(reading.readSeries(id)->at("a").values.size(), std::size_t{200});
}

void TestStore::aReadOnlyHistoryCanBeReadButNotChanged()
{
    const TemporaryFolder folder;
    {
        Store store = opened(folder);
        added(store, "a");
    }
    Store store = opened(folder, OpenMode::ReadOnly);
    QCOMPARE(store.runs().value().size(), std::size_t{1});
    const auto run = store.createRun({.name = "b", .recipe = "{}"});
    QVERIFY(!run);
    QCOMPARE(shown(run.error().message),
             shown("the experiment history can be read but not changed"));
    QVERIFY(!store.appendSeries(1, std::vector<SeriesPoint>{{1, "loss", 1}}));
}

void TestStore::aFileInPlaceOfTheFolderIsExplained()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("taken"), "");
    const auto store = Store::open(folder.file("taken") / "a.sqlite", OpenMode::CreateIfMissing);
    QVERIFY(!store);
    QCOMPARE(store.error().code, ErrorCode::Io);
    QCOMPARE(shown(store.error().context), shown(folder.file("taken").string()));
}

QTEST_GUILESS_MAIN(TestStore)
#include "tst_store.moc"
