#include "app/pages/compare/compare_page.h"

#include "app/pages/compare/run_colors.h"
#include "app/pages/history/history_page.h"
#include "tests/app/pages/compare_bench.h"
#include "widgets/chart/live_chart.h"
#include "widgets/chart/scatter_chart.h"
#include "widgets/table/run_table.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

QString cell(const QTableWidget& table, const QString& setting, int column)
{
    for (int row = 0; row < table.rowCount(); ++row)
        if (table.item(row, 0)->text() == setting)
            return table.item(row, column)->text();
    return u"no such row"_s;
}

/// The cell of a column by its title, in the row of a metric and run.
QString cell(const QTableView& table, const QString& metric, const QString& run, int column)
{
    const QAbstractItemModel& model = *table.model();
    for (int row = 0; row < model.rowCount(); ++row)
        if (model.index(row, 0).data().toString().startsWith(metric) &&
            model.index(row, 1).data().toString() == run)
            return model.index(row, column).data().toString();
    return u"no such row"_s;
}

const QString kForget = u"Probability of the answer, forget set"_s;
const QString kRetain = u"Probability of the answer, retain set"_s;

enum Columns : std::uint8_t { Before = 2, After, Delta, DeltaInterval, Reading };

/// By keys.
void showAllMetrics(const CompareBench& bench)
{
    auto* box = bench.child<QComboBox>("deltaQuantity");
    QTRY_VERIFY(box->count() > 1);
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    QCOMPARE(box->currentText(), u"All"_s);
}

} // namespace

class TestComparePage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }
    void colorsAreGivenWithoutCollision_data();
    void colorsAreGivenWithoutCollision();
    void aRunKeepsItsColor();
    void theEmptyPageTellsWhatToDo();
    void theNewestRunsAreOneClickAway();
    void theSelectedRunsOfTheHistoryAreCompared();
    void onlySettingsThatDifferAreShown();
    void aSettingCanBeLeftOut();
    void settingsAreSearched();
    void metricsShowTheDifferenceFromThePinnedRun();
    void anotherRunIsPinned();
    void aMetricIsShownOverAllRuns();
    void aRunIsTakenOut();
    void curvesLieOverEachOther();
    void theFrontIsDrawnAndChoosesRuns();
    void answersStandUnderEachOther();
    void aRunThatIsDeletedGoes();
    void theComparisonIsThereAfterARestart();
    void aViewIsKeptByName();
    void twoHundredRunsDoNotBlock();
};

void TestComparePage::colorsAreGivenWithoutCollision_data()
{
    QTest::addColumn<QStringList>("uids");
    QTest::addColumn<QList<int>>("colors");
    QTest::newRow("new ones in order") << QStringList{u"x"_s, u"y"_s} << QList<int>{0, 1};
    QTest::newRow("a known one keeps its own") << QStringList{u"x"_s, u"c"_s} << QList<int>{0, 2};
    QTest::newRow("two that had the same") << QStringList{u"c"_s, u"d"_s} << QList<int>{2, 0};
    QTest::newRow("a new one passes over what is taken")
        << QStringList{u"x"_s, u"a"_s, u"y"_s} << QList<int>{1, 0, 2};
    QTest::newRow("grey from the seventh on")
        << QStringList{u"1"_s, u"2"_s, u"3"_s, u"4"_s, u"5"_s, u"6"_s, u"7"_s, u"8"_s}
        << QList<int>{0, 1, 2, 3, 4, 5, 6, 6};
}

void TestComparePage::colorsAreGivenWithoutCollision()
{
    QFETCH(QStringList, uids);
    QFETCH(QList<int>, colors);
    const std::vector<int> given =
        assignColors(uids, {{u"a"_s, 0}, {u"c"_s, 2}, {u"d"_s, 2}, {u"odd"_s, 99}});
    QCOMPARE(QList<int>(given.begin(), given.end()), colors);
}

void TestComparePage::aRunKeepsItsColor()
{
    const HistoryBench bench;
    Settings settings(bench.folder.filePath(u"colors.ini"_s));
    QCOMPARE(rememberedColors({u"a"_s, u"b"_s}, settings), (std::vector<int>{0, 1}));
    QCOMPARE(rememberedColors({u"c"_s, u"b"_s}, settings), (std::vector<int>{0, 1}));
    QCOMPARE(rememberedColors({u"b"_s}, settings), std::vector<int>{1});
}

void TestComparePage::theEmptyPageTellsWhatToDo()
{
    CompareBench bench;
    bench.show(false);
    const QSignalSpy asked(bench.page.get(), &Page::pageRequested);
    QVERIFY(bench.child<QLabel>("compareEmptyTitle")->isVisible());
    QTest::mouseClick(bench.child<QPushButton>("compareChoose"), Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked.first().first().toString(), u"history"_s);
}

void TestComparePage::theNewestRunsAreOneClickAway()
{
    CompareBench bench;
    bench.show(false);
    QTest::mouseClick(bench.child<QPushButton>("compareNewest"), Qt::LeftButton);
    auto* list = bench.child<QListWidget>("compareRuns");
    QTRY_COMPARE(list->count(), 4);
    QVERIFY(list->item(0)->text().endsWith(u"(pinned)"_s)); // the oldest
    QTRY_COMPARE(list->item(3)->text(), CompareBench::nameOf(2));
}

void TestComparePage::theSelectedRunsOfTheHistoryAreCompared()
{
    CompareBench bench;
    HistoryPage page(bench.bench.services);
    page.resize(1200, 800);
    page.show();
    page.shown();
    QVERIFY(QTest::qWaitForWindowExposed(&page));
    auto* view = page.findChild<QTableView*>(u"runView"_s);
    QTRY_COMPARE(view->model()->rowCount(), 4);
    QAction* compare = bench.bench.actions.action(u"history.compare"_s);
    QTRY_VERIFY(!compare->isEnabled()); // one is selected
    const QSignalSpy asked(&page, &HistoryPage::compareRequested);
    const auto click = [&](int row, Qt::KeyboardModifiers keys) {
        QTest::mouseClick(view->viewport(), Qt::LeftButton, keys,
                          view->visualRect(view->model()->index(row, 0)).center());
    };
    click(0, Qt::NoModifier);
    click(2, Qt::ControlModifier);
    QTRY_VERIFY(compare->isEnabled());
    compare->trigger();
    QCOMPARE(asked.size(), 1);
    const auto ids = asked.first().first().value<std::vector<RunId>>();
    QCOMPARE(ids.size(), 2U);
    QCOMPARE(ids.front(), bench.ids.at(0)); // the third row from above: the newest comes first
    QCOMPARE(ids.back(), bench.ids.at(2));
}

void TestComparePage::onlySettingsThatDifferAreShown()
{
    CompareBench bench;
    bench.show();
    auto* table = bench.child<QTableWidget>("settingsTable");
    QTRY_COMPARE(table->rowCount(), 1);
    QCOMPARE(table->columnCount(), 4);
    QCOMPARE(cell(*table, u"training.learning_rate"_s, 1), u"0.0001"_s);
    QCOMPARE(cell(*table, u"training.learning_rate"_s, 3), u"0.00030000000000000003 (+0.0002)"_s);
    QTest::mouseClick(bench.child<QCheckBox>("onlyDifferences"), Qt::LeftButton, {},
                      QPoint(8, bench.child<QCheckBox>("onlyDifferences")->height() / 2));
    QVERIFY(table->rowCount() > 20);
    QCOMPARE(cell(*table, u"training.batch_size"_s, 2), u"10"_s);
}

void TestComparePage::aSettingCanBeLeftOut()
{
    CompareBench bench;
    bench.show();
    auto* table = bench.child<QTableWidget>("settingsTable");
    QTRY_COMPARE(table->rowCount(), 1);
    QVERIFY(!bench.child<QPushButton>("ignoredSettings")->isVisible());
    Q_EMIT table->customContextMenuRequested(table->visualItemRect(table->item(0, 0)).center());
    auto* menu = bench.child<QMenu>("settingMenu");
    QVERIFY(menu);
    QTest::keyClick(menu, Qt::Key_Down);
    QTest::keyClick(menu, Qt::Key_Return);
    QTRY_COMPARE(table->rowCount(), 0);
    QVERIFY(bench.child<QPushButton>("ignoredSettings")->isVisible());
    QTest::mouseClick(bench.child<QPushButton>("ignoredSettings"), Qt::LeftButton);
    QCOMPARE(table->rowCount(), 1);
}

void TestComparePage::settingsAreSearched()
{
    CompareBench bench;
    bench.show();
    auto* table = bench.child<QTableWidget>("settingsTable");
    QTRY_COMPARE(table->rowCount(), 1);
    QTest::keyClicks(bench.child<QLineEdit>("settingSearch"), u"beta"_s);
    QVERIFY(table->isRowHidden(0));
    bench.child<QLineEdit>("settingSearch")->clear();
    QTest::keyClicks(bench.child<QLineEdit>("settingSearch"), u"0.0002"_s);
    QVERIFY(!table->isRowHidden(0));
}

void TestComparePage::metricsShowTheDifferenceFromThePinnedRun()
{
    CompareBench bench;
    bench.show();
    bench.openTab("metrics");
    auto* table = bench.child<QTableView>("deltaTable");
    showAllMetrics(bench);
    QTRY_COMPARE(table->model()->rowCount(), 6); // two metrics of three runs
    QCOMPARE(cell(*table, kForget, u"run 1"_s, Reading), u"pinned"_s);
    QCOMPARE(cell(*table, kForget, u"run 1"_s, Before), u"0.9"_s);
    QCOMPARE(cell(*table, kForget, u"run 3"_s, After), u"0.1"_s);
    QTRY_COMPARE(cell(*table, kForget, u"run 3"_s, Delta), u"-0.2"_s);
    // All four samples moved by the same: the interval has no length.
    QCOMPARE(cell(*table, kForget, u"run 3"_s, DeltaInterval), u"-0.2 \u2026 -0.2"_s);
    QCOMPARE(cell(*table, kForget, u"run 3"_s, Reading), u"better"_s);
    QCOMPARE(cell(*table, kForget, u"run 2"_s, Reading), u"worse"_s);
    QCOMPARE(cell(*table, kRetain, u"run 3"_s, Reading), u"worse"_s);
}

void TestComparePage::anotherRunIsPinned()
{
    CompareBench bench;
    bench.show();
    bench.openTab("metrics");
    auto* list = bench.child<QListWidget>("compareRuns");
    QTRY_COMPARE(list->count(), 3);
    QVERIFY(!bench.child<QPushButton>("pinRun")->isEnabled());
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                      list->visualItemRect(list->item(2)).center());
    QTest::mouseClick(bench.child<QPushButton>("pinRun"), Qt::LeftButton);
    auto* table = bench.child<QTableView>("deltaTable");
    QTRY_COMPARE(cell(*table, kForget, u"run 3"_s, Reading), u"pinned"_s);
    QTRY_COMPARE(cell(*table, kForget, u"run 1"_s, Delta), u"+0.2"_s);
    QVERIFY(list->item(2)->text().endsWith(u"(pinned)"_s));
}

void TestComparePage::aMetricIsShownOverAllRuns()
{
    CompareBench bench;
    bench.show();
    bench.openTab("metrics");
    auto* table = bench.child<QTableView>("deltaTable");
    QTRY_COMPARE(table->model()->rowCount(), 3); // how much is known of the forget set
    QVERIFY(table->isColumnHidden(0));
    QTest::mouseClick(table->horizontalHeader()->viewport(), Qt::LeftButton, {},
                      {table->columnViewportPosition(After) + 10, 10});
    QCOMPARE(table->model()->index(0, 1).data().toString(), u"run 3"_s); // the least is known
    showAllMetrics(bench);
    QCOMPARE(table->model()->rowCount(), 6);
    QVERIFY(!table->isColumnHidden(0));
}

void TestComparePage::aRunIsTakenOut()
{
    CompareBench bench;
    bench.show();
    auto* list = bench.child<QListWidget>("compareRuns");
    QTRY_COMPARE(list->count(), 3);
    list->setFocus();
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                      list->visualItemRect(list->item(0)).center());
    QTest::keyClick(list, Qt::Key_Delete);
    QTRY_COMPARE(list->count(), 2);
    QVERIFY(list->item(0)->text().endsWith(u"(pinned)"_s));  // the next one takes its place
    QCOMPARE(bench.bench.store().runs().value().size(), 4U); // it stays in the history
}

void TestComparePage::curvesLieOverEachOther()
{
    CompareBench bench;
    bench.show();
    bench.openTab("curves");
    auto* chart = bench.child<LiveChart>("compareChart");
    QTRY_VERIFY(chart->description().contains(u"run 3: 0.5 at step 4"_s)); // (0.9 + 0.1) / 2
    QVERIFY(chart->description().contains(u"Original: 0.9"_s));
    auto* box = bench.child<QComboBox>("compareSeries");
    QCOMPARE(box->currentText(), u"Forget probability"_s);
    box->setFocus();
    QTest::keyClicks(box, u"Loss"_s);
    QTRY_VERIFY(chart->description().contains(u"at step 2"_s));
    QVERIFY(!chart->description().contains(u"Original"_s));
}

void TestComparePage::theFrontIsDrawnAndChoosesRuns()
{
    CompareBench bench;
    bench.show();
    bench.openTab("trade-off");
    auto* chart = bench.child<ScatterChart>("tradeOffChart");
    auto* table = bench.child<QTableWidget>("scatterTable");
    QTRY_COMPARE(table->rowCount(), 3);
    QCOMPARE(table->item(0, 3)->text(), u"yes"_s);
    QCOMPARE(table->item(1, 3)->text(), QString()); // the first one beats it
    QCOMPARE(table->item(2, 3)->text(), u"yes"_s);
    const QPoint place = chart->canvas()->mapFrom(
        chart, chart->positionOf(CompareBench::forgetOf(2), CompareBench::retainOf(2)).toPoint());
    QTest::mouseClick(chart->canvas(), Qt::LeftButton, {}, place);
    QCOMPARE(bench.child<QListWidget>("compareRuns")->currentRow(), 2);
    const QSignalSpy opened(bench.page.get(), &ComparePage::runRequested);
    chart->canvas()->setFocus();
    QTest::keyClick(chart->canvas(), Qt::Key_Right);
    QCOMPARE(bench.child<QListWidget>("compareRuns")->currentRow(), 0);
    QTest::keyClick(chart->canvas(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.first().first().toLongLong(), bench.ids.at(0));
}

void TestComparePage::answersStandUnderEachOther()
{
    CompareBench bench;
    bench.show();
    bench.openTab("answers");
    auto* table = bench.child<QTableWidget>("compareAnswers");
    QTRY_COMPARE(table->rowCount(), 4);
    QCOMPARE(table->item(0, 0)->text(), u"Original"_s);
    QCOMPARE(table->item(1, 2)->text(), u"the same"_s);
    QCOMPARE(table->item(2, 1)->text(), u"It was nobody 1"_s);
    QCOMPARE(table->item(2, 2)->text(), u"leaves it after 2 words"_s);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                      table->visualItemRect(table->item(3, 0)).center());
    QCOMPARE(bench.child<QListWidget>("compareRuns")->currentRow(), 2);
}

void TestComparePage::aRunThatIsDeletedGoes()
{
    CompareBench bench;
    bench.show();
    auto* list = bench.child<QListWidget>("compareRuns");
    QTRY_COMPARE(list->count(), 3);
    bool done = false;
    bench.bench.history.remove(bench.page.get(), bench.ids.at(0),
                               [&done](const Status& status) { done = bool(status); });
    QTRY_VERIFY(done);
    QTRY_COMPARE(list->count(), 2);
    QVERIFY(list->item(0)->text().endsWith(u"(pinned)"_s));
    QVERIFY(bench.bench.messages.findChildren<QLabel*>(u"messageText"_s).isEmpty());
}

void TestComparePage::theComparisonIsThereAfterARestart()
{
    CompareBench bench;
    bench.show();
    auto* list = bench.child<QListWidget>("compareRuns");
    QTRY_COMPARE(list->count(), 3);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                      list->visualItemRect(list->item(1)).center());
    QTest::mouseClick(bench.child<QPushButton>("pinRun"), Qt::LeftButton);
    QTRY_VERIFY(list->item(1)->text().endsWith(u"(pinned)"_s));
    bench.openTab("trade-off");
    QTRY_VERIFY(bench.page->isComplete());
    bench.page.reset();

    bench.show(false);
    list = bench.child<QListWidget>("compareRuns");
    QTRY_COMPARE(list->count(), 3);
    QTRY_VERIFY(list->item(1)->text().endsWith(u"(pinned)"_s));
    QCOMPARE(bench.child<QTabWidget>("compareTabs")->currentWidget()->objectName(), u"trade-off"_s);
}

void TestComparePage::aViewIsKeptByName()
{
    CompareBench bench;
    bench.show();
    auto* list = bench.child<QListWidget>("compareRuns");
    QTRY_COMPARE(list->count(), 3);
    bench.openTab("curves");
    auto* views = bench.child<QComboBox>("compareViews");
    QVERIFY(!bench.child<QPushButton>("saveView")->isEnabled());
    QTest::keyClicks(views->lineEdit(), u"learning rates"_s);
    QTest::mouseClick(bench.child<QPushButton>("saveView"), Qt::LeftButton);
    QCOMPARE(viewNames(bench.bench.settings), QStringList{u"learning rates"_s});

    bench.page->setRuns({bench.ids.at(0), bench.ids.at(1)});
    QTRY_COMPARE(list->count(), 2);
    bench.openTab("settings");
    views->setFocus();
    QTest::keyClick(views->lineEdit(), Qt::Key_Return); // the name is still written there
    QTRY_COMPARE(list->count(), 3);
    QCOMPARE(bench.child<QTabWidget>("compareTabs")->currentWidget()->objectName(), u"curves"_s);
    QTest::mouseClick(bench.child<QPushButton>("removeView"), Qt::LeftButton);
    QVERIFY(viewNames(bench.bench.settings).isEmpty());
}

void TestComparePage::twoHundredRunsDoNotBlock()
{
    CompareBench bench(200);
    bench.show(false);
    // The longest that the thread of the window is away while everything is read.
    qint64 longest = 0;
    QElapsedTimer since;
    QTimer beat;
    beat.setInterval(5);
    connect(&beat, &QTimer::timeout, this, [&] { longest = std::max(longest, since.restart()); });
    since.start();
    beat.start();
    bench.page->setRuns(bench.ids);
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->isComplete(), 60'000);
    QTRY_COMPARE(bench.child<QListWidget>("compareRuns")->count(), 200);
    for (const char* tab : {"metrics", "curves", "trade-off", "answers", "settings"}) {
        bench.openTab(tab);
        QCoreApplication::processEvents();
    }
    beat.stop();
    qInfo() << "longest pause of the window:" << longest << "ms";
    QVERIFY2(longest < 2000, qPrintable(QString::number(longest)));
}

QTEST_MAIN(TestComparePage)
#include "tst_compare_page.moc"
