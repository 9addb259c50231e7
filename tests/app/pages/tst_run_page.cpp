#include "app/pages/run/run_page.h"

#include "app/pages/run/run_view.h"
#include "core/store/store.h"
#include "tests/app/pages/history_bench.h"
#include "widgets/chart/live_chart.h"
#include "widgets/chart/smoothing_control.h"

#include <nlohmann/json.hpp>

#include <QAction>
#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTableWidget>
#include <QToolButton>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

RunRecord bundledRecord()
{
    const Store store =
        Store::open(std::filesystem::path(RESOURCES_DIR) / "sample/experiment.sqlite",
                    OpenMode::ReadOnly)
            .value();
    RunRecord record;
    record.run = store.run(1).value();
    record.recipe =
        parseRecipe(Json::parse(record.run.recipe), std::filesystem::path(RESOURCES_DIR)).value();
    record.series = store.readSeries(1).value();
    record.evaluations = store.readEvaluations(1, false).value();
    record.answers = store.readAnswers(1).value();
    return record;
}

/// What the commands of the window are called; here they only say that they were asked for.
void addCommands(Actions& actions, QStringList& asked)
{
    for (const auto* id : {"run.pause", "run.stop-keep", "run.stop-discard"}) {
        const QString name = QString::fromLatin1(id);
        actions.add(
            {.id = name, .name = name, .help = name, .trigger = [&asked, name] { asked << name; }});
    }
}

struct Shown {
    HistoryBench bench{false};
    QStringList asked;
    std::unique_ptr<RunPage> page;

    Shown()
    {
        addCommands(bench.actions, asked);
        page = std::make_unique<RunPage>(bench.services);
    }
    void show() const
    {
        page->resize(1080, 760);
        page->show();
        page->shown();
        QVERIFY(QTest::qWaitForWindowExposed(page.get()));
        QCoreApplication::processEvents();
    }
    template <class T> [[nodiscard]] T* child(const QString& name) const
    {
        return page->findChild<T*>(name);
    }
    [[nodiscard]] LiveChart* chart(const QString& name) const { return child<LiveChart>(name); }
    void key(LiveChart* chart, Qt::Key key) const
    {
        QTest::keyClick(chart->findChild<QWidget*>(u"chartCanvas"_s), key);
        QCoreApplication::processEvents();
    }
};

} // namespace

class TestRunPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }
    void withoutARunThePageLeadsToTheSetup();
    void aFinishedRunIsShownWhole();
    void aRecordGivenToAHiddenPageIsThereWhenItIsShown();
    void theCurvesHaveTheNumbersOfTheRecord();
    void everyCurveIsReadAgainstOriginalAndReference();
    void chartsShareTheirSteps();
    void newPointsMoveNoZoomedChart();
    void theSameRunAgainKeepsTheZoomAnotherFits();
    void theNextStartZoomsToWhereTheLastDid();
    void pointsOfTheOwnRunDoNotMixWithAShownRecord();
    void smoothingAndAxisAreForAllChartsAndRemembered();
    void theLegendNamesWhatTheRunHas();
    void aPausedRunIsLabelled();
    void emptyChartsSayWhatWouldFillThem();
    void aChartIsSavedFromTheMenu();
    void aStoppedRunShowsWhereAndHowItEnded();
    void theWaysOnLeadToProbeAndHistory();
};

void TestRunPage::withoutARunThePageLeadsToTheSetup()
{
    Shown shown;
    shown.show();
    QSignalSpy requested(shown.page.get(), &Page::pageRequested);
    auto* button = shown.child<QPushButton>(u"toSetupButton"_s);
    QVERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(requested.size(), 1);
    QCOMPARE(requested[0][0].toString(), u"setup"_s);
}

void TestRunPage::aFinishedRunIsShownWhole()
{
    Shown shown;
    shown.show();
    const RunRecord record = bundledRecord();
    shown.page->showRecord(record);
    QCOMPARE(shown.child<QLabel>(u"runName"_s)->text(), QString::fromStdString(record.run.name));
    QVERIFY(shown.child<QLabel>(u"runState"_s)->isVisible());
    QVERIFY(!shown.child<QLabel>(u"findings"_s)->text().isEmpty());
    QCOMPARE(shown.child<QListWidget>(u"answerPrompts"_s)->count(),
             static_cast<int>(record.recipe.evaluation.probes.size()));
    QVERIFY(shown.child<QTableWidget>(u"metricsTable"_s)->rowCount() > 10);
    QVERIFY(!shown.child<QPushButton>(u"pauseButton"_s)->isVisible());
    for (const QString& name :
         {u"forgetChart"_s, u"retainChart"_s, u"probabilityChart"_s, u"gradientChart"_s})
        QVERIFY(shown.chart(name)->description().contains(u"48"_s));
}

void TestRunPage::aRecordGivenToAHiddenPageIsThereWhenItIsShown()
{
    Shown shown;
    shown.page->showRecord(bundledRecord());
    shown.show();
    QVERIFY(shown.child<QListWidget>(u"answerPrompts"_s)->count() > 0);
    QVERIFY(!shown.child<QLabel>(u"findings"_s)->text().isEmpty());
}

void TestRunPage::theCurvesHaveTheNumbersOfTheRecord()
{
    RunView view;
    const RunRecord record = bundledRecord();
    view.setRecord(record);
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"chart.csv"_s));
    QVERIFY(view.findChild<LiveChart*>(u"forgetChart"_s)->saveCsv(file.fileName()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const Series& expected = record.series.at("forget_nll");
    std::size_t at = 0;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const QList<QByteArray> fields = line.split(',');
        if (!line.startsWith("point,forget_nll,"))
            continue;
        QVERIFY(at < expected.steps.size());
        QCOMPARE(fields[3].toLongLong(), expected.steps[at]);
        QCOMPARE(fields[4].toDouble(), expected.values[at]);
        ++at;
    }
    QCOMPARE(at, expected.steps.size());
}

void TestRunPage::everyCurveIsReadAgainstOriginalAndReference()
{
    RunView view;
    view.setRecord(bundledRecord());
    for (const QString& name : {u"forgetChart"_s, u"retainChart"_s, u"probabilityChart"_s}) {
        const QString words = view.findChild<LiveChart*>(name)->description();
        QVERIFY2(words.contains(u"Original: "_s), qPrintable(words));
        QVERIFY2(words.contains(u"Reference: "_s), qPrintable(words));
    }
    QVERIFY(view.findChild<LiveChart*>(u"gradientChart"_s)->description().contains(u"Clipped"_s));
}

void TestRunPage::chartsShareTheirSteps()
{
    Shown shown;
    shown.show();
    shown.page->showRecord(bundledRecord());
    QCoreApplication::processEvents();
    auto* fit = shown.child<QPushButton>(u"fitButton"_s);
    QVERIFY(!fit->isEnabled());
    LiveChart* forget = shown.chart(u"forgetChart"_s);
    LiveChart* gradient = shown.chart(u"gradientChart"_s);
    shown.key(forget, Qt::Key_Plus);
    QCOMPARE(gradient->xView() == forget->xView(), true);
    QVERIFY(!gradient->isFitted());
    QVERIFY(fit->isEnabled());
    QTest::mouseClick(fit, Qt::LeftButton);
    QVERIFY(forget->isFitted() && gradient->isFitted());
    QVERIFY(!fit->isEnabled());
}

void TestRunPage::newPointsMoveNoZoomedChart()
{
    RunView view;
    view.resize(1000, 700);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    view.setRecord(bundledRecord());
    QCoreApplication::processEvents();
    auto* chart = view.findChild<LiveChart*>(u"forgetChart"_s);
    view.appendPoints({{.step = 60, .key = "forget_nll", .value = 4}});
    QTRY_VERIFY(chart->xView().to > 60);
    QTest::keyClick(chart->findChild<QWidget*>(u"chartCanvas"_s), Qt::Key_Plus);
    const AxisRange x = chart->xView();
    view.appendPoints({{.step = 200, .key = "forget_nll", .value = 40}});
    view.appendEvaluation({.step = 200,
                           .phase = EvaluationPhase::During,
                           .values = {{.set = "forget", .metric = "nll", .value = 50}}});
    QCoreApplication::processEvents();
    QCOMPARE(chart->xView() == x, true);
    QVERIFY(chart->description().contains(u"200"_s));
}

void TestRunPage::theSameRunAgainKeepsTheZoomAnotherFits()
{
    Shown shown;
    shown.show();
    RunRecord record = bundledRecord();
    shown.page->showRecord(record);
    QCoreApplication::processEvents();
    LiveChart* chart = shown.chart(u"retainChart"_s);
    shown.key(chart, Qt::Key_Plus);
    const AxisRange x = chart->xView();
    shown.page->showRecord(record);
    QCoreApplication::processEvents();
    QCOMPARE(chart->xView() == x, true);
    record.run.uid = "another";
    shown.page->showRecord(record);
    QVERIFY(chart->isFitted());
}

void TestRunPage::theNextStartZoomsToWhereTheLastDid()
{
    Shown shown;
    shown.page->showRecord(bundledRecord());
    shown.show();
    const AxisRange fitted = shown.chart(u"forgetChart"_s)->xView();
    shown.key(shown.chart(u"forgetChart"_s), Qt::Key_Plus);
    const AxisRange zoomed = shown.chart(u"forgetChart"_s)->xView();
    QVERIFY(zoomed != fitted);

    // Another page on the same settings is what the next start makes.
    RunPage again(shown.bench.services);
    again.showRecord(bundledRecord());
    const auto* chart = again.findChild<LiveChart*>(u"retainChart"_s);
    QVERIFY(std::abs(chart->xView().from - zoomed.from) < 1e-3);
    QVERIFY(std::abs(chart->xView().to - zoomed.to) < 1e-3);
    RunRecord other = bundledRecord();
    other.run.uid = "0123456789ab";
    again.showRecord(other);
    QVERIFY(chart->isFitted());
}

void TestRunPage::pointsOfTheOwnRunDoNotMixWithAShownRecord()
{
    Shown shown;
    shown.show();
    const std::vector<SeriesPoint> points = {{.step = 777, .key = "forget_nll", .value = 1}};
    Q_EMIT shown.bench.run.pointsArrived(points);
    QVERIFY(shown.chart(u"forgetChart"_s)->description().contains(u"777"_s));
    shown.page->showRecord(bundledRecord());
    Q_EMIT shown.bench.run.pointsArrived(points);
    QVERIFY(!shown.chart(u"forgetChart"_s)->description().contains(u"777"_s));
}

void TestRunPage::smoothingAndAxisAreForAllChartsAndRemembered()
{
    Shown shown;
    shown.show();
    shown.page->showRecord(bundledRecord());
    auto* number = shown.child<QDoubleSpinBox>(u"smoothingNumber"_s);
    number->setFocus();
    number->selectAll();
    QTest::keyClicks(number, u"0.95"_s);
    QTest::keyClick(number, Qt::Key_Return);
    QTest::mouseClick(shown.child<QCheckBox>(u"logarithmicBox"_s), Qt::LeftButton, {}, {8, 8});
    QVERIFY(shown.chart(u"forgetChart"_s)->isLogarithmic());
    QCOMPARE(shown.chart(u"gradientChart"_s)->smoothing(), 0.95);
    const RunPage again(shown.bench.services);
    QCOMPARE(again.findChild<LiveChart*>(u"forgetChart"_s)->smoothing(), 0.95);
    QVERIFY(again.findChild<LiveChart*>(u"forgetChart"_s)->isLogarithmic());
}

void TestRunPage::theLegendNamesWhatTheRunHas()
{
    Shown shown;
    shown.show();
    RunRecord record = bundledRecord();
    record.recipe.utility = {record.recipe.retain};
    shown.page->showRecord(record);
    const LiveChart* probability = shown.chart(u"probabilityChart"_s);
    const LiveChart* retain = shown.chart(u"retainChart"_s);
    QVERIFY(probability->isSeriesShown(u"utility-1 probability"_s));
    QVERIFY(retain->isSeriesShown(u"retain nll"_s));

    RunRecord bare;
    bare.recipe = record.recipe;
    bare.recipe.retain = bare.recipe.holdout = {};
    bare.recipe.utility.clear();
    bare.run.uid = "another";
    shown.page->showRecord(bare);
    QVERIFY(!probability->isSeriesShown(u"utility-1 probability"_s));
    QVERIFY(!probability->isSeriesShown(u"holdout probability"_s));
    QVERIFY(!retain->isSeriesShown(u"retain nll"_s));
    QVERIFY(!retain->findChild<QToolButton*>());
    QVERIFY(probability->isSeriesShown(u"forget probability"_s));
    // What is measured all the same is drawn.
    bare.evaluations = {{.step = 1,
                         .phase = EvaluationPhase::During,
                         .set = "retain",
                         .metric = "nll",
                         .value = 2}};
    shown.page->showRecord(bare);
    QVERIFY(retain->isSeriesShown(u"retain nll"_s));
}

void TestRunPage::aPausedRunIsLabelled()
{
    RunView view;
    RunRecord record = bundledRecord();
    record.run.state = RunState::Paused;
    view.setRecord(record);
    view.show();
    auto* label =
        view.findChild<LiveChart*>(u"forgetChart"_s)->findChild<QLabel*>(u"frozenLabel"_s);
    QVERIFY(label->isVisible());
    view.setFrozen(false);
    QVERIFY(!label->isVisible());
}

void TestRunPage::emptyChartsSayWhatWouldFillThem()
{
    RunView view;
    RunRecord record;
    record.run.uid = "new";
    record.recipe.evaluation.everySteps = 0;
    view.setRecord(record);
    for (const QString& name : {u"retainChart"_s, u"probabilityChart"_s})
        QVERIFY(view.findChild<LiveChart*>(name)->description().contains(u"setup"_s));
}

void TestRunPage::aChartIsSavedFromTheMenu()
{
    Shown shown;
    shown.show();
    shown.page->showRecord(bundledRecord());
    shown.bench.prompts.path = shown.bench.folder.filePath(u"chart.png"_s);
    auto* menu = shown.child<QMenu>(u"exportMenu"_s);
    QCOMPARE(menu->actions().size(), 4);
    menu->actions().at(0)->menu()->actions().at(0)->trigger();
    QCOMPARE(shown.bench.prompts.asked.size(), 1);
    QVERIFY(!QImage(shown.bench.prompts.path).isNull());
}

void TestRunPage::aStoppedRunShowsWhereAndHowItEnded()
{
    Shown shown;
    shown.show();
    RunRecord record = bundledRecord();
    record.run.state = RunState::Stopped;
    record.run.step = 30;
    record.run.stopReason = "the retain budget is used up";
    shown.page->showRecord(record);
    const QString facts = shown.child<QLabel>(u"runFacts"_s)->text();
    QVERIFY2(facts.contains(u"the retain budget is used up"_s), qPrintable(facts));
    QVERIFY(facts.contains(u"30"_s));
    QVERIFY(shown.child<QLabel>(u"runState"_s)->text().contains(u"Stopped"_s));
}

void TestRunPage::theWaysOnLeadToProbeAndHistory()
{
    Shown shown;
    shown.show();
    shown.page->showRecord(bundledRecord());
    QSignalSpy requested(shown.page.get(), &Page::pageRequested);
    QTest::mouseClick(shown.child<QPushButton>(u"toProbeButton"_s), Qt::LeftButton);
    QTest::mouseClick(shown.child<QPushButton>(u"toHistoryButton"_s), Qt::LeftButton);
    QCOMPARE(requested.size(), 2);
    QCOMPARE(requested[0][0].toString(), u"probe"_s);
    QCOMPARE(requested[1][0].toString(), u"history"_s);
}

QTEST_MAIN(TestRunPage)
#include "tst_run_page.moc"
