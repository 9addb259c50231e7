#include "app/pages/history/group_view.h"

#include "app/pages/history/history_page.h"
#include "app/pages/history/timeline_view.h"
#include "tests/app/pages/history_bench.h"
#include "widgets/chart/live_chart.h"
#include "widgets/table/run_table.h"

#include <nlohmann/json.hpp>

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// Three runs of a group beside the bundled one; of a sequence each starts from the one before.
struct Shown {
    HistoryBench bench;
    std::vector<Run> runs;
    std::unique_ptr<HistoryPage> page;

    explicit Shown(bool sequence)
    {
        Store store = bench.store();
        for (int i = 0; i < 3; ++i) {
            Run run = store.run(1).value();
            Json recipe = Json::parse(run.recipe);
            recipe["seed"] = i;
            if (i > 0 && sequence) {
                run.parent = runs.back().id;
                recipe["model"] = bench.path("model-" + std::to_string(i)).string();
                recipe["origin"] = "/models/start";
                recipe["earlier"] = std::vector<std::string>(static_cast<std::size_t>(i), "/e");
            }
            run.recipe = recipe.dump();
            run.model.path = recipe["model"];
            run.uid.clear();
            run.group = "books";
            run.name =
                "books: " + std::string(sequence ? "request " : "seed ") + std::to_string(i + 1);
            run.createdAt = utcText(HistoryBench::kLater + std::chrono::minutes(i));
            runs.push_back(store.createRun(run).value());
            store.endRun(runs.back().id, {.state = RunState::Done}).value();
            measure(store, i, sequence);
        }
    }
    /// Each run forgets more than the one before and keeps less, but the second, which the first
    /// beats.
    void measure(Store& store, int i, bool sequence) const
    {
        const auto value = [](EvaluationPhase phase, const std::string& set, double known) {
            return Evaluation{.step = phase == EvaluationPhase::After,
                              .phase = phase,
                              .set = set,
                              .metric = "probability",
                              .value = known,
                              .count = 1};
        };
        std::vector<Evaluation> values = {
            value(EvaluationPhase::Before, "forget", 0.9),
            value(EvaluationPhase::Before, "retain", 0.95),
            value(EvaluationPhase::After, "forget", i == 1 ? 0.5 : 0.3 - 0.1 * i),
            value(EvaluationPhase::After, "retain", 0.8 - 0.1 * i)};
        for (int earlier = 1; sequence && earlier <= i; ++earlier)
            values.push_back(
                value(EvaluationPhase::After, "earlier-" + std::to_string(earlier), 0.4));
        store.addEvaluations(runs.back().id, values).value();
    }
    void show()
    {
        page = std::make_unique<HistoryPage>(bench.services);
        page->resize(1024, 900);
        page->show();
        page->shown();
        QVERIFY(QTest::qWaitForWindowExposed(page.get()));
        QTRY_COMPARE(child<QTableView>("runView")->model()->rowCount(), 4);
        QTRY_COMPARE(name(), QString::fromStdString(runs.back().name));
    }
    void openTab() const
    {
        auto* tabs = child<QTabWidget>("runTabs");
        for (int tab = 0; tab < tabs->count(); ++tab)
            if (tabs->tabText(tab) == u"Group"_s)
                QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {},
                                  tabs->tabBar()->tabRect(tab).center());
        QTRY_COMPARE(table()->rowCount(), 3);
    }
    template <class T> [[nodiscard]] T* child(const char* name) const
    {
        return page->findChild<T*>(QString::fromLatin1(name));
    }
    [[nodiscard]] QString name() const { return child<QLabel>("detailsName")->text(); }
    [[nodiscard]] QTableWidget* table() const { return child<QTableWidget>("groupTable"); }
    [[nodiscard]] static QString cell(const QTableWidget& table, int row, const QString& title)
    {
        for (int column = 0; column < table.columnCount(); ++column)
            if (!table.isColumnHidden(column) &&
                table.horizontalHeaderItem(column)->text().startsWith(title))
                return table.item(row, column)->text();
        return u"no such column"_s;
    }
};

} // namespace

/// The group of a run, on the page of the history.
class TestGroupView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }
    void aRunThatStandsAloneHasNoGroup();
    void theRunsOfAGridStandSideBySide();
    void aClickOpensARunOfTheGroup();
    void theGroupOfARunIsOpenedFromAnywhere();
    void theTableOfRunsIsFilteredByGroup();
    void aSequenceIsATimeline();
    void whatIsReadAgainMovesNoZoomedTimeline();
    void theTimelineIsAlsoATable();
    void goingBackTakesTheModelBeforeTheRequest();
    void goingBackToAModelThatIsGoneChangesNothing();
};

void TestGroupView::aRunThatStandsAloneHasNoGroup()
{
    Shown shown(false);
    shown.show();
    auto* tabs = shown.child<QTabWidget>("runTabs");
    const int tab = tabs->indexOf(tabs->findChild<QWidget*>(u"group"_s));
    QVERIFY(tabs->isTabVisible(tab));
    QVERIFY(shown.child<RunTable>("runTable")->selectRun(1));
    QTRY_VERIFY(!tabs->isTabVisible(tab));
}

void TestGroupView::theRunsOfAGridStandSideBySide()
{
    Shown shown(false);
    shown.show();
    shown.openTab();
    const QTableWidget& table = *shown.table();
    QCOMPARE(Shown::cell(table, 0, u"Run"_s), u"seed 1"_s);
    QCOMPARE(Shown::cell(table, 1, u"Forget probability"_s), u"0.5"_s);
    QCOMPARE(Shown::cell(table, 2, u"Retain probability"_s), u"0.6"_s);
    QCOMPARE(Shown::cell(table, 0, u"Best"_s), u"\u2605"_s);
    QCOMPARE(Shown::cell(table, 1, u"Best"_s), QString());
    QCOMPARE(Shown::cell(table, 2, u"Best"_s), u"\u2605"_s);
    QCOMPARE(Shown::cell(table, 0, u"Started from"_s), u"no such column"_s);
    QCOMPARE(table.currentRow(), 2); // the run that is shown
    QVERIFY(!shown.child<QWidget>("timeline")->isVisible());
    QVERIFY(!shown.child<QWidget>("goBackButton")->isVisible());
}

void TestGroupView::aClickOpensARunOfTheGroup()
{
    Shown shown(false);
    shown.show();
    shown.openTab();
    QTableWidget* table = shown.table();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                      table->visualItemRect(table->item(0, 1)).center());
    QTRY_COMPARE(shown.name(), u"books: seed 1"_s);
    QTRY_COMPARE(table->currentRow(), 0);
    QVERIFY(table->isVisible()); // the tab stays, and so do the other runs and the focus
    QVERIFY(shown.child<QTableView>("runView")->isVisible());
    table->setFocus();
    table->setCurrentCell(1, 1);
    QTest::keyClick(table, Qt::Key_Return);
    QTRY_COMPARE(shown.name(), u"books: seed 2"_s);
    QTRY_COMPARE(table->currentRow(), 1);
    QVERIFY(table->hasFocus());
}

void TestGroupView::theGroupOfARunIsOpenedFromAnywhere()
{
    Shown shown(false);
    shown.show();
    QVERIFY(shown.child<RunTable>("runTable")->selectRun(1)); // which has none
    auto* tabs = shown.child<QTabWidget>("runTabs");
    const int tab = tabs->indexOf(tabs->findChild<QWidget*>(u"group"_s));
    QTRY_VERIFY(!tabs->isTabVisible(tab));
    shown.page->openGroup(shown.runs.front().id);
    QTRY_COMPARE(shown.name(), u"books: seed 1"_s);
    QCOMPARE(tabs->currentIndex(), tab);
    QTRY_COMPARE(shown.table()->rowCount(), 3);
    QVERIFY(shown.table()->isVisible());
}

void TestGroupView::theTableOfRunsIsFilteredByGroup()
{
    Shown shown(false);
    shown.show();
    const auto* model = shown.child<QTableView>("runView")->model();
    QCOMPARE(model->index(0, RunTableModel::Group).data().toString(), u"books"_s);
    auto* filter = shown.page->findChild<QLineEdit*>(u"columnFilter%1"_s.arg(RunTableModel::Group));
    QTest::keyClicks(filter, u"=books\r"_s);
    QCOMPARE(model->rowCount(), 3);
}

void TestGroupView::aSequenceIsATimeline()
{
    Shown shown(true);
    shown.show();
    shown.openTab();
    QCOMPARE(Shown::cell(*shown.table(), 1, u"Started from"_s), u"request 1"_s);
    QTRY_VERIFY(shown.child<TimelineView>("timeline")->isVisible());
    const LiveChart* chart = shown.child<TimelineView>("timeline")->chart();
    for (const auto& series : {u"target-1"_s, u"target-2"_s, u"target-3"_s, u"retain"_s})
        QVERIFY2(chart->isSeriesShown(series), qPrintable(series));
    QTRY_VERIFY2(chart->description().contains(u"request 3"_s), qPrintable(chart->description()));
    QVERIFY(chart->xView().from <= 0 && chart->xView().to >= 3);
}

void TestGroupView::whatIsReadAgainMovesNoZoomedTimeline()
{
    Shown shown(true);
    shown.show();
    shown.openTab();
    QTRY_VERIFY(shown.child<TimelineView>("timeline")->isVisible());
    LiveChart* chart = shown.child<TimelineView>("timeline")->chart();
    chart->setXView({1, 2});
    QTest::mouseClick(shown.table()->viewport(), Qt::LeftButton, {},
                      shown.table()->visualItemRect(shown.table()->item(0, 1)).center());
    QTRY_COMPARE(shown.name(), u"books: request 1"_s);
    QTRY_COMPARE(shown.table()->currentRow(), 0);
    shown.page->openGroup(shown.runs.back().id); // both ask for the group again
    QTRY_COMPARE(shown.name(), u"books: request 3"_s);
    QTRY_COMPARE(shown.table()->currentRow(), 2);
    QVERIFY(shown.child<TimelineView>("timeline")->isVisible());
    QCOMPARE(shown.child<TimelineView>("timeline")->chart(), chart);
    QVERIFY(chart->xView().from == 1 && chart->xView().to == 2);
}

void TestGroupView::theTimelineIsAlsoATable()
{
    Shown shown(true);
    shown.show();
    shown.openTab();
    QTRY_VERIFY(shown.child<QWidget>("timeline")->isVisible());
    auto* button = shown.child<QToolButton>("timelineSwitch");
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    const auto* table = shown.child<QTableWidget>("timelineTable");
    QVERIFY(table->isVisible());
    QCOMPARE(table->rowCount(), 4); // before the first, and after each
    QCOMPARE(Shown::cell(*table, 0, u"request 1"_s), u"0.9"_s);
    QCOMPARE(Shown::cell(*table, 1, u"request 1"_s), u"0.3"_s);
    QCOMPARE(Shown::cell(*table, 3, u"request 1"_s), u"0.4"_s);
    QCOMPARE(Shown::cell(*table, 0, u"request 3"_s), u"\u2013"_s);
    QCOMPARE(Shown::cell(*table, 3, u"Retain"_s), u"0.6"_s);
}

void TestGroupView::goingBackTakesTheModelBeforeTheRequest()
{
    Shown shown(true);
    shown.bench.workspace.setSeveral(Json::parse(R"({"requests": [{"label": "a"}]})"));
    const std::string forget = shown.bench.workspace.recipe().forget.path;
    const std::filesystem::path model = shown.bench.path("model-2"); // what the third started from
    std::filesystem::create_directories(model);
    shown.show();
    shown.openTab();
    QTRY_VERIFY(shown.child<QPushButton>("goBackButton")->isVisible());
    QTest::mouseClick(shown.child<QPushButton>("goBackButton"), Qt::LeftButton);
    const RecipeDraft& draft = shown.bench.workspace.draft();
    QCOMPARE(draft.recipe.model, model.string());
    QCOMPARE(draft.recipe.origin, std::string("/models/start"));
    QCOMPARE(draft.recipe.earlier.size(), std::size_t{2});
    QCOMPARE(draft.recipe.forget.path, forget);
    QVERIFY(draft.several.empty());
    QCOMPARE(shown.bench.messages.count(), 1);
}

void TestGroupView::goingBackToAModelThatIsGoneChangesNothing()
{
    Shown shown(true);
    const std::string before = shown.bench.workspace.draft().toJson().dump();
    shown.show();
    shown.openTab();
    QTRY_VERIFY(shown.child<QPushButton>("goBackButton")->isVisible());
    QTest::mouseClick(shown.child<QPushButton>("goBackButton"), Qt::LeftButton);
    QCOMPARE(shown.bench.workspace.draft().toJson().dump(), before);
    QCOMPARE(shown.bench.messages.count(), 1);
}

QTEST_MAIN(TestGroupView)
#include "tst_group_view.moc"
