#include "tests/widgets/table/run_rows.h"
#include "widgets/table/column_chooser.h"
#include "widgets/table/filter_header.h"
#include "widgets/table/run_table.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// A table of five runs on screen.
struct Shown {
    RunTable table;

    explicit Shown(const std::vector<RunRow>& rows = fiveRuns())
    {
        table.resize(1024, 400);
        table.setRows(rows);
        table.show();
        if (!QTest::qWaitForWindowActive(&table))
            qWarning("the window does not become active");
    }

    [[nodiscard]] QTableView* view() const { return table.view(); }
    [[nodiscard]] QHeaderView* header() const { return view()->horizontalHeader(); }
    [[nodiscard]] QLineEdit* filter(int column) const
    {
        return table.findChild<QLineEdit*>(u"columnFilter%1"_s.arg(column));
    }
    template <class T> [[nodiscard]] T* child(const QString& name) const
    {
        return table.findChild<T*>(name);
    }
    [[nodiscard]] int rows() const { return view()->model()->rowCount(); }
    [[nodiscard]] QStringList names() const
    {
        QStringList names;
        for (int row = 0; row < rows(); ++row)
            names << view()->model()->index(row, RunTableModel::Name).data().toString();
        return names;
    }
    [[nodiscard]] QPoint cell(int row, int column) const
    {
        const QModelIndex index = view()->model()->index(row, column);
        view()->scrollTo(index);
        return view()->visualRect(index).center();
    }
    void click(int row, int column = RunTableModel::Name,
               Qt::KeyboardModifiers modifiers = {}) const
    {
        QTest::mouseClick(view()->viewport(), Qt::LeftButton, modifiers, cell(row, column));
    }
    [[nodiscard]] QMenu* menuAt(int row, int column) const
    {
        const QPoint at = cell(row, column);
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, view()->viewport()->mapToGlobal(at));
        QApplication::sendEvent(view()->viewport(), &event);
        return child<QMenu>(u"runMenu"_s);
    }
};

} // namespace

class TestRunTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void theNewestRunComesFirst();
    void aClickOnATitleSorts();
    void typingInTheSearchBoxFiltersOnceItPauses();
    void enterFiltersAtOnce();
    void tabWalksBetweenTheFilters();
    void tabFollowsMovedColumnsAndPassesOverHiddenOnes();
    void escapeEmptiesAFilter();
    void aFilterThatCannotBeReadSaysSo();
    void aRightClickTurnsACellIntoAFilter_data();
    void aRightClickTurnsACellIntoAFilter();
    void whereNothingFitsTheFiltersCanBeCleared();
    void anEmptyHistorySaysWhatToDo();
    void enterAndDoubleClickOpen();
    void deleteAsksForAllSelectedRuns();
    void copyTakesWhatIsShown();
    void aRefreshKeepsSelectionAndScrollPosition();
    void aRunThatIsHiddenByFiltersCanBeSelected();
    void columnsAreHiddenAndMovedByKeyboard();
    void theChooserResets();
    void theStateComesBack();
    void aStateThatMakesNoSenseChangesNothing_data();
    void aStateThatMakesNoSenseChangesNothing();
    void everyChangeOfTheStateIsTold();
    void aThousandRunsOpenQuickly();
};

void TestRunTable::initTestCase()
{
    QLocale::setDefault(QLocale::c());
}

void TestRunTable::init()
{
    // The offscreen platform complains about what it cannot do.
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
}

void TestRunTable::theNewestRunComesFirst()
{
    std::vector<RunRow> rows = fiveRuns();
    std::reverse(rows.begin(), rows.end());
    const Shown shown(rows);
    QCOMPARE(shown.names().first(), u"lesson 10"_s);
    QCOMPARE(shown.child<QLabel>(u"runCount"_s)->text(), u"5 runs"_s);
}

void TestRunTable::aClickOnATitleSorts()
{
    const Shown shown;
    QTest::mouseClick(shown.header()->viewport(), Qt::LeftButton, {}, QPoint(40, 8));
    QCOMPARE(shown.names().first(), u"first try"_s);
    QTest::mouseClick(shown.header()->viewport(), Qt::LeftButton, {}, QPoint(40, 8));
    QCOMPARE(shown.names().first(), u"sweep b"_s);
}

void TestRunTable::typingInTheSearchBoxFiltersOnceItPauses()
{
    const Shown shown;
    auto* search = shown.child<QLineEdit>(u"runSearch"_s);
    QTest::keyClicks(search, u"sweep"_s);
    QCOMPARE(shown.rows(), 5);
    QTRY_COMPARE(shown.rows(), 2);
    QCOMPARE(shown.child<QLabel>(u"runCount"_s)->text(), u"2 of 5 runs"_s);
}

void TestRunTable::enterFiltersAtOnce()
{
    const Shown shown;
    QTest::keyClicks(shown.filter(RunTableModel::Method), u"=npo"_s);
    QCOMPARE(shown.rows(), 5);
    QTest::keyClick(shown.filter(RunTableModel::Method), Qt::Key_Return);
    QCOMPARE(shown.rows(), 2);
}

void TestRunTable::tabWalksBetweenTheFilters()
{
    const Shown shown;
    shown.filter(RunTableModel::Name)->setFocus();
    for (int column = RunTableModel::State; column < RunTableModel::ColumnCount; ++column) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        QCOMPARE(QApplication::focusWidget(), shown.filter(column));
    }
    QVERIFY2(shown.view()->horizontalScrollBar()->value() > 0, "the box must be in sight");
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), shown.view());
    shown.filter(RunTableModel::State)->setFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Backtab);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Backtab);
    QCOMPARE(QApplication::focusWidget(), shown.child<QToolButton>(u"columnsButton"_s));
}

void TestRunTable::tabFollowsMovedColumnsAndPassesOverHiddenOnes()
{
    const Shown shown;
    shown.header()->moveSection(RunTableModel::Note, 1);
    shown.header()->setSectionHidden(RunTableModel::State, true);
    shown.filter(RunTableModel::Name)->setFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), shown.filter(RunTableModel::Note));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), shown.filter(RunTableModel::Method));
}

void TestRunTable::escapeEmptiesAFilter()
{
    const Shown shown;
    QTest::keyClicks(shown.filter(RunTableModel::Name), u"sweep\r"_s);
    QCOMPARE(shown.rows(), 2);
    QTest::keyClick(shown.filter(RunTableModel::Name), Qt::Key_Escape);
    QCOMPARE(shown.rows(), 5);
}

void TestRunTable::aFilterThatCannotBeReadSaysSo()
{
    const Shown shown;
    QLineEdit* filter = shown.filter(RunTableModel::Steps);
    QTest::keyClicks(filter, u">many\r"_s);
    QCOMPARE(shown.rows(), 5);
    QVERIFY(filter->toolTip().contains(u"many"_s));
    QCOMPARE(filter->accessibleDescription(), filter->toolTip());
    filter->clear();
    QTest::keyClicks(filter, u">9\r"_s);
    QVERIFY(filter->accessibleDescription().isEmpty());
    QCOMPARE(shown.rows(), 4);
}

void TestRunTable::aRightClickTurnsACellIntoAFilter_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("action");
    QTest::addColumn<QString>("filter");
    QTest::addColumn<int>("rows");
    // The first row is "lesson 10": forget probability 0.016888, tags keep and lecture.
    QTest::newRow("equal") << int{RunTableModel::State} << u"filterEqual"_s << u"=Done"_s << 3;
    QTest::newRow("not equal") << int{RunTableModel::State} << u"filterNotEqual"_s << u"!=Done"_s
                               << 2;
    QTest::newRow("from a number up")
        << int{RunTableModel::ForgetProbability} << u"filterAtLeast"_s << u">=0.01689"_s << 3;
    QTest::newRow("up to a number")
        << int{RunTableModel::ForgetProbability} << u"filterAtMost"_s << u"<=0.01689"_s << 1;
    QTest::newRow("a day") << int{RunTableModel::When} << u"filterEqual"_s << u"=2026-03-01"_s << 4;
}

void TestRunTable::aRightClickTurnsACellIntoAFilter()
{
    QFETCH(int, column);
    QFETCH(QString, action);
    const Shown shown;
    QMenu* menu = shown.menuAt(0, column);
    QVERIFY(menu);
    menu->findChild<QAction*>(action)->trigger();
    menu->close();
    QTEST(shown.filter(column)->text(), "filter");
    QTEST(shown.rows(), "rows");
}

void TestRunTable::whereNothingFitsTheFiltersCanBeCleared()
{
    const Shown shown;
    auto* nothing = shown.child<QWidget>(u"nothingFits"_s);
    QVERIFY(!nothing->isVisible());
    QTest::keyClicks(shown.filter(RunTableModel::Name), u"zebra\r"_s);
    QTest::keyClicks(shown.child<QLineEdit>(u"runSearch"_s), u"lesson\r"_s);
    QCOMPARE(shown.rows(), 0);
    QVERIFY(nothing->isVisible());
    QVERIFY2(shown.filter(RunTableModel::Name)->isVisible(), "the filters must stay in reach");
    QTest::mouseClick(shown.child<QPushButton>(u"nothingFitsClearButton"_s), Qt::LeftButton);
    QCOMPARE(shown.rows(), 5);
    QVERIFY(!nothing->isVisible());
    QVERIFY(shown.filter(RunTableModel::Name)->text().isEmpty());
    QVERIFY(shown.child<QLineEdit>(u"runSearch"_s)->text().isEmpty());
}

void TestRunTable::anEmptyHistorySaysWhatToDo()
{
    Shown shown(std::vector<RunRow>{});
    QSignalSpy wished(&shown.table, &RunTable::newRunRequested);
    QSignalSpy sample(&shown.table, &RunTable::sampleRequested);
    QVERIFY(shown.child<QWidget>(u"emptyHistory"_s)->isVisible());
    QTest::mouseClick(shown.child<QPushButton>(u"emptyNewRunButton"_s), Qt::LeftButton);
    QTest::mouseClick(shown.child<QPushButton>(u"emptySampleButton"_s), Qt::LeftButton);
    QCOMPARE(wished.size(), 1);
    QCOMPARE(sample.size(), 1);
    shown.table.setRows(fiveRuns());
    QVERIFY(!shown.child<QWidget>(u"emptyHistory"_s)->isVisible());
    QVERIFY(shown.view()->isVisible());
}

void TestRunTable::enterAndDoubleClickOpen()
{
    const Shown shown;
    QSignalSpy opened(&shown.table, &RunTable::openRequested);
    shown.click(1);
    QCOMPARE(opened.size(), 0);
    QTest::keyClick(shown.view(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toLongLong(), 4);
    shown.click(2, RunTableModel::State);
    QTest::mouseDClick(shown.view()->viewport(), Qt::LeftButton, {},
                       shown.cell(2, RunTableModel::State));
    QCOMPARE(opened.size(), 2);
}

void TestRunTable::deleteAsksForAllSelectedRuns()
{
    const Shown shown;
    QSignalSpy asked(&shown.table, &RunTable::deleteRequested);
    QTest::keyClick(shown.view(), Qt::Key_Delete);
    QCOMPARE(asked.size(), 0);
    shown.click(3);
    shown.click(1, RunTableModel::Name, Qt::ControlModifier);
    QTest::keyClick(shown.view(), Qt::Key_Delete);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0][0].value<std::vector<RunId>>(), (std::vector<RunId>{4, 2}));
}

void TestRunTable::copyTakesWhatIsShown()
{
    const Shown shown;
    for (int column = RunTableModel::State; column < RunTableModel::ColumnCount; ++column)
        shown.header()->setSectionHidden(column, column != RunTableModel::Steps);
    shown.header()->moveSection(shown.header()->visualIndex(RunTableModel::Steps), 0);
    shown.click(0);
    QTest::keyClick(shown.view(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), u"Steps\tName\n48\tlesson 10\n"_s);
}

void TestRunTable::aRefreshKeepsSelectionAndScrollPosition()
{
    std::vector<RunRow> rows;
    for (int i = 0; i < 100; ++i)
        rows.push_back(runRow(100 - i, u"run %1"_s.arg(i), i));
    Shown shown(rows);
    shown.click(60);
    const int scrolled = shown.view()->verticalScrollBar()->value();
    QVERIFY(scrolled > 0);
    QSignalSpy current(&shown.table, &RunTable::currentRunChanged);
    for (RunRow& row : rows)
        row.note = u"changed"_s;
    shown.table.setRows(rows);
    QCOMPARE(shown.table.currentRun(), std::optional<RunId>(40));
    QCOMPARE(shown.table.selectedRuns(), std::vector<RunId>{40});
    QCOMPARE(shown.view()->verticalScrollBar()->value(), scrolled);
    QCOMPARE(current.size(), 0);
}

void TestRunTable::aRunThatIsHiddenByFiltersCanBeSelected()
{
    Shown shown;
    QTest::keyClicks(shown.filter(RunTableModel::Name), u"lesson\r"_s);
    QVERIFY(shown.table.selectRun(4));
    QCOMPARE(shown.rows(), 2);
    shown.table.selectFirst();
    QCOMPARE(shown.table.currentRun(), std::optional<RunId>(5));
    QCOMPARE(shown.rows(), 2);
    QVERIFY(shown.table.selectRun(1));
    QCOMPARE(shown.rows(), 5);
    QCOMPARE(shown.table.currentRun(), std::optional<RunId>(1));
    QVERIFY(!shown.table.selectRun(77));
}

void TestRunTable::columnsAreHiddenAndMovedByKeyboard()
{
    const Shown shown;
    QTest::mouseClick(shown.child<QToolButton>(u"columnsButton"_s), Qt::LeftButton);
    auto* list = shown.child<QListWidget>(u"columnList"_s);
    QVERIFY(list->isVisible());
    QCOMPARE(list->count(), int{RunTableModel::ColumnCount});
    QTest::keyClick(list, Qt::Key_Down);
    QTest::keyClick(list, Qt::Key_Space);
    QVERIFY(shown.header()->isSectionHidden(RunTableModel::State));
    QTest::keyClick(list, Qt::Key_Down);
    QTest::keyClick(list, Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(shown.header()->visualIndex(RunTableModel::Method), 1);
    QTest::mouseClick(shown.child<QPushButton>(u"columnUpButton"_s), Qt::LeftButton);
    QCOMPARE(shown.header()->visualIndex(RunTableModel::Method), 0);
    QVERIFY2(!(list->item(1)->flags() & Qt::ItemIsUserCheckable), "a run needs its name");
}

void TestRunTable::theChooserResets()
{
    const Shown shown;
    shown.header()->setSectionHidden(RunTableModel::Tags, true);
    shown.header()->moveSection(0, 5);
    QTest::mouseClick(shown.child<QToolButton>(u"columnsButton"_s), Qt::LeftButton);
    QTest::mouseClick(shown.child<QPushButton>(u"columnResetButton"_s), Qt::LeftButton);
    for (int column = 0; column < RunTableModel::ColumnCount; ++column) {
        QCOMPARE(shown.header()->visualIndex(column), column);
        QVERIFY(!shown.header()->isSectionHidden(column));
    }
    QCOMPARE(shown.child<QListWidget>(u"columnList"_s)->item(0)->text(), u"Name"_s);
}

void TestRunTable::theStateComesBack()
{
    QByteArray state;
    {
        const Shown shown;
        shown.header()->moveSection(shown.header()->visualIndex(RunTableModel::Note), 1);
        shown.header()->resizeSection(RunTableModel::Note, 333);
        shown.header()->setSectionHidden(RunTableModel::Model, true);
        shown.view()->sortByColumn(RunTableModel::ForgetProbability, Qt::AscendingOrder);
        QTest::keyClicks(shown.filter(RunTableModel::Steps), u">9\r"_s);
        QTest::keyClicks(shown.child<QLineEdit>(u"runSearch"_s), u"lesson\r"_s);
        state = shown.table.saveState();
    }
    Shown shown;
    shown.table.restoreState(state);
    QCOMPARE(shown.names(), (QStringList{u"lesson 10"_s, u"lesson 9"_s}));
    QCOMPARE(shown.header()->visualIndex(RunTableModel::Note), 1);
    QCOMPARE(shown.header()->sectionSize(RunTableModel::Note), 333);
    QVERIFY(shown.header()->isSectionHidden(RunTableModel::Model));
    QCOMPARE(shown.filter(RunTableModel::Steps)->text(), u">9"_s);
    QCOMPARE(shown.child<QLineEdit>(u"runSearch"_s)->text(), u"lesson"_s);
    QCOMPARE(shown.header()->sortIndicatorSection(), int{RunTableModel::ForgetProbability});
    QCOMPARE(shown.table.saveState(), state);
}

void TestRunTable::aStateThatMakesNoSenseChangesNothing_data()
{
    QTest::addColumn<QByteArray>("state");
    QTest::newRow("none") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("\x01\x02garbage");
    QTest::newRow("another version") << QByteArray(R"({"version": 99, "search": "zebra"})");
    QTest::newRow("unknown names and silly sizes")
        << QByteArray(R"({"version": 1, "sort": "colour", "filters": {"colour": "red"},
                "columns": [{"id": "colour", "width": 9}, {"id": "name", "width": -4,
                "shown": false}], "descending": true})");
}

void TestRunTable::aStateThatMakesNoSenseChangesNothing()
{
    QFETCH(QByteArray, state);
    Shown shown;
    const QByteArray before = shown.table.saveState();
    shown.table.restoreState(state);
    QCOMPARE(shown.table.saveState(), before);
    QCOMPARE(shown.rows(), 5);
}

void TestRunTable::everyChangeOfTheStateIsTold()
{
    Shown shown;
    QSignalSpy told(&shown.table, &RunTable::stateChanged);
    shown.header()->resizeSection(0, 150);
    QVERIFY(!told.isEmpty());
    told.clear();
    shown.header()->moveSection(0, 1);
    QVERIFY(!told.isEmpty());
    told.clear();
    shown.view()->sortByColumn(RunTableModel::Name, Qt::AscendingOrder);
    QVERIFY(!told.isEmpty());
    told.clear();
    QTest::keyClicks(shown.filter(RunTableModel::Name), u"a\r"_s);
    QVERIFY(!told.isEmpty());
    told.clear();
    shown.table.restoreState(shown.table.saveState());
    QVERIFY(told.isEmpty());
}

void TestRunTable::aThousandRunsOpenQuickly()
{
    std::vector<RunRow> rows;
    for (int i = 0; i < 1000; ++i) {
        rows.push_back(runRow(i + 1, u"run %1"_s.arg(i), i));
        rows.back().forget = {.before = 1, .after = i / 1000.0};
        rows.back().tags = {u"sweep %1"_s.arg(i % 10)};
    }
    QElapsedTimer timer;
    timer.start();
    Shown shown(rows);
    QVERIFY(!shown.table.grab().isNull());
    qInfo("open: %lld ms", timer.elapsed());
    QVERIFY2(timer.elapsed() < 1000, "open");
    timer.restart();
    QTest::keyClicks(shown.filter(RunTableModel::Tags), u"sweep 7\r"_s);
    QVERIFY(!shown.table.grab().isNull());
    qInfo("filter: %lld ms", timer.elapsed());
    QVERIFY2(timer.elapsed() < 200, "filter");
    QCOMPARE(shown.rows(), 100);
}

QTEST_MAIN(TestRunTable)
#include "tst_run_table.moc"
