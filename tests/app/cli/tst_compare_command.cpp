#include "core/store/store.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// A finished run with one value before and after.
Run recordRun(Store& store, const std::string& name, double nllAfter)
{
    const Run run =
        store.createRun({.name = name, .recipe = R"({"method": {"id": "npo"}})"}).value();
    const auto nll = [](std::int64_t step, EvaluationPhase phase, double value) {
        return Evaluation{
            .step = step, .phase = phase, .set = "forget", .metric = "nll", .value = value};
    };
    store
        .addEvaluations(run.id, std::vector<Evaluation>{nll(0, EvaluationPhase::Before, 1.25),
                                                        nll(20, EvaluationPhase::After, nllAfter)})
        .value();
    store.endRun(run.id, {.state = RunState::Done}).value();
    return run;
}

} // namespace

/// history compare, as a shell runs it.
class TestCompareCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }
    void aMetricHasAValueAndADifferenceByRun();
    void differencesAreTakenFromThePinnedRun();
    void settingsStandSideBySide_data();
    void settingsStandSideBySide();
    void runsThatNoOtherBeatsAreNamed();
    void whatCannotBeComparedIsRefused_data();
    void whatCannotBeComparedIsRefused();

private:
    [[nodiscard]] std::string file() const { return m_folder->file("history.sqlite").string(); }
    [[nodiscard]] Store store() const
    {
        return Store::open(file(), OpenMode::CreateIfMissing).value();
    }
    [[nodiscard]] Outcome compare(std::vector<std::string> words) const
    {
        words.insert(words.begin(), {"history", "compare"});
        words.insert(words.end(), {"--store", file()});
        return m_cli.call(words);
    }

    std::unique_ptr<TemporaryFolder> m_folder;
    LacunaCli m_cli;
};

void TestCompareCommand::aMetricHasAValueAndADifferenceByRun()
{
    Store open = store();
    const Run one = recordRun(open, "one", 5);
    const Run two = recordRun(open, "two", 6);

    const Json line = compare({one.uid, two.uid, "--json"}).line();
    QCOMPARE(line.at("metric").get<std::string>(), "nll");
    QCOMPARE(line.at("values").at(two.uid).get<double>(), 6.0);
    QCOMPARE(line.at("before").at(one.uid).get<double>(), 1.25);
    QCOMPARE(line.at("deltas").at(two.uid).at("value").get<double>(), 1.0);
    QCOMPARE(line.at("deltas").at(two.uid).at("reading").get<std::string>(), "better");
    QVERIFY(!line.at("deltas").contains(one.uid)); // it is what is measured against
}

void TestCompareCommand::differencesAreTakenFromThePinnedRun()
{
    Store open = store();
    const Run one = recordRun(open, "one", 5);
    const Run two = recordRun(open, "two", 6);

    const Json line = compare({"one", "two", "--pin", "two", "--json"}).line();
    QCOMPARE(line.at("deltas").at(one.uid).at("value").get<double>(), -1.0);
    QCOMPARE(line.at("deltas").at(one.uid).at("reading").get<std::string>(), "worse");
    const Outcome text = compare({"one", "two", "--pin", "two"});
    QCOMPARE(text.code, 0);
    QVERIFY(text.out.find("difference from " + two.uid) != std::string::npos);
    QVERIFY(text.out.find("-1 worse, no interval") != std::string::npos);
}

void TestCompareCommand::settingsStandSideBySide_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QStringList>("settings");
    QTest::newRow("those that differ") << QStringList() << QStringList{u"method.beta"_s, u"seed"_s};
    QTest::newRow("all") << QStringList{u"--all"_s}
                         << QStringList{u"method.beta"_s, u"method.id"_s, u"seed"_s};
    QTest::newRow("without one") << QStringList{u"--ignore"_s, u"seed"_s}
                                 << QStringList{u"method.beta"_s};
    QTest::newRow("without two") << QStringList{u"--ignore"_s, u"seed"_s, u"--ignore"_s,
                                                u"method"_s}
                                 << QStringList();
}

void TestCompareCommand::settingsStandSideBySide()
{
    QFETCH(QStringList, options);
    QFETCH(QStringList, settings);
    Store open = store();
    for (const int seed : {1, 2, 3}) {
        const std::string number = std::to_string(seed);
        (void)open
            .createRun({.name = "run " + number,
                        .recipe = R"({"name": "run )" + number + R"(", "seed": )" + number +
                                  R"(, "method": {"id": "npo", "beta": 0.)" + number + "}}",
                        .group = "grid"})
            .value();
    }
    std::vector<std::string> words = {"--group", "grid", "--json"};
    for (const QString& word : options)
        words.push_back(word.toStdString());
    QStringList found;
    for (const Json& line : compare(words).lines()) {
        found << QString::fromStdString(line.at("setting").get<std::string>());
        QCOMPARE(line.at("values").size(), std::size_t(3));
        if (found.last() == u"seed"_s)
            QCOMPARE(line.at("deltas").size(), std::size_t(3));
    }
    QCOMPARE(found, settings);
}

void TestCompareCommand::runsThatNoOtherBeatsAreNamed()
{
    Store open = store();
    std::vector<std::string> uids;
    for (const auto& [forget, retain] :
         {std::pair(0.1, 0.5), std::pair(0.3, 0.9), std::pair(0.4, 0.8)}) {
        const Run run = open.createRun({.name = "run", .recipe = "{}"}).value();
        const auto value = [](const char* set, double known) {
            return Evaluation{.step = 1,
                              .phase = EvaluationPhase::After,
                              .set = set,
                              .metric = "probability",
                              .value = known};
        };
        open.addEvaluations(
                run.id, std::vector<Evaluation>{value("forget", forget), value("retain", retain)})
            .value();
        uids.push_back(run.uid);
    }
    const std::vector<Json> lines = compare({uids[0], uids[1], uids[2], "--json"}).lines();
    QCOMPARE(lines.back().at("front").dump(), Json({uids[0], uids[1]}).dump());
    QCOMPARE(lines.back().at("keep").get<std::string>(), "retain probability");
}

void TestCompareCommand::whatCannotBeComparedIsRefused_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("code");
    QTest::newRow("none") << QStringList() << 2;
    QTest::newRow("one") << QStringList{u"one"_s} << 2;
    QTest::newRow("the same twice") << QStringList{u"one"_s, u"one"_s} << 2;
    QTest::newRow("one that is not there") << QStringList{u"one"_s, u"nobody"_s} << 3;
    QTest::newRow("a group that is not there") << QStringList{u"--group"_s, u"nobody"_s} << 3;
    QTest::newRow("a pinned one that is not there")
        << QStringList{u"one"_s, u"--pin"_s, u"nobody"_s} << 3;
}

void TestCompareCommand::whatCannotBeComparedIsRefused()
{
    QFETCH(QStringList, words);
    QFETCH(int, code);
    Store open = store();
    recordRun(open, "one", 5);
    std::vector<std::string> all;
    for (const QString& word : words)
        all.push_back(word.toStdString());
    const Outcome outcome = compare(all);
    QCOMPARE(outcome.code, code);
    QVERIFY(outcome.out.empty());
    QVERIFY(!outcome.err.empty());
}

LACUNA_TEST_MAIN(TestCompareCommand)
#include "tst_compare_command.moc"
