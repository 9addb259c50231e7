#include "tests/widgets/table/run_rows.h"
#include "widgets/table/run_filter_model.h"
#include "widgets/table/run_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <algorithm>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// A model under a tester, filled with five runs.
struct Fixture {
    RunTableModel model;
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::QtTest};
    RunFilterModel shown{model};
    QAbstractItemModelTester shownTester{&shown,
                                         QAbstractItemModelTester::FailureReportingMode::QtTest};

    Fixture() { model.setRows(fiveRuns()); }

    [[nodiscard]] QList<RunId> ids() const
    {
        QList<RunId> ids;
        for (int row = 0; row < shown.rowCount(); ++row)
            ids << model.row(shown.mapToSource(shown.index(row, 0)).row()).id;
        return ids;
    }
    [[nodiscard]] QString cell(int row, int column, int role = Qt::DisplayRole) const
    {
        return model.index(row, column).data(role).toString();
    }
};

} // namespace

class TestRunTableModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void cellsAreShort_data();
    void cellsAreShort();
    void toolTipsHaveTheFullValue();
    void theModelTakesOverWhatItIsGiven_data();
    void theModelTakesOverWhatItIsGiven();
    void aRefreshTellsOnlyWhatChanged();
    void anIndexFollowsItsRun();
    void ordersPutTheUndefinedLast_data();
    void ordersPutTheUndefinedLast();
    void filtersChooseRows_data();
    void filtersChooseRows();
    void aFilterMadeFromACellFitsItsRow();
    void searchWordsMustAllOccur_data();
    void searchWordsMustAllOccur();
    void copiedRowsCanBePastedAsATable();
    void aThousandRunsAreFilteredAtOnce();
};

void TestRunTableModel::cellsAreShort_data()
{
    QTest::addColumn<int>("row");
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* title, int at, int column, const QString& text) {
        QTest::newRow(title) << at << column << text;
    };
    row("the model is its folder's name", 0, RunTableModel::Model, u"tiny"_s);
    row("a change is before and after", 0, RunTableModel::ForgetProbability,
        u"0.9996 \u2192 0.01689"_s);
    row("a change that was not measured", 0, RunTableModel::RetainProbability, u"\u2013"_s);
    row("steps of steps", 4, RunTableModel::Steps, u"7 of 48"_s);
    row("how long", 1, RunTableModel::Duration, u"2 min 5 s"_s);
    row("not ended", 2, RunTableModel::Duration, u"\u2013"_s);
    row("tags", 0, RunTableModel::Tags, u"keep, lecture"_s);
    row("a note on one line", 3, RunTableModel::Note, u"too high a rate, see the lecture"_s);
    row("the state as a word", 3, RunTableModel::State, u"Failed"_s);
}

void TestRunTableModel::cellsAreShort()
{
    QFETCH(int, row);
    QFETCH(int, column);
    const Fixture fixture;
    QTEST(fixture.cell(row, column), "text");
}

void TestRunTableModel::toolTipsHaveTheFullValue()
{
    const Fixture fixture;
    QCOMPARE(fixture.cell(0, RunTableModel::ForgetProbability, Qt::ToolTipRole),
             u"0.99964 \u2192 0.016888"_s);
    QCOMPARE(fixture.cell(0, RunTableModel::Model, Qt::ToolTipRole), u"/models/tiny/"_s);
    QCOMPARE(fixture.cell(2, RunTableModel::Method, Qt::ToolTipRole),
             u"Negative preference optimisation (npo)"_s);
    QVERIFY(fixture.cell(0, RunTableModel::When, Qt::ToolTipRole).contains(u"2026"_s));
}

void TestRunTableModel::theModelTakesOverWhatItIsGiven_data()
{
    QTest::addColumn<QList<RunId>>("ids");
    QTest::newRow("nothing new") << QList<RunId>{5, 4, 3, 2, 1};
    QTest::newRow("one in front") << QList<RunId>{6, 5, 4, 3, 2, 1};
    QTest::newRow("some in between and behind") << QList<RunId>{5, 9, 8, 4, 3, 2, 1, 7};
    QTest::newRow("one gone") << QList<RunId>{5, 4, 2, 1};
    QTest::newRow("the first and the last gone") << QList<RunId>{4, 3, 2};
    QTest::newRow("all gone") << QList<RunId>{};
    QTest::newRow("all others") << QList<RunId>{10, 11, 12};
    QTest::newRow("another order") << QList<RunId>{1, 2, 3, 4, 5};
    QTest::newRow("everything at once") << QList<RunId>{2, 20, 5, 21, 3};
}

void TestRunTableModel::theModelTakesOverWhatItIsGiven()
{
    QFETCH(QList<RunId>, ids);
    Fixture fixture;
    std::vector<RunRow> rows;
    for (const RunId id : ids)
        rows.push_back(runRow(id, u"run %1"_s.arg(id)));
    fixture.model.setRows(rows);
    QCOMPARE(fixture.model.rowCount(), ids.size());
    for (int row = 0; row < fixture.model.rowCount(); ++row) {
        QCOMPARE(fixture.model.row(row).id, ids[row]);
        QCOMPARE(fixture.model.row(row).name, u"run %1"_s.arg(ids[row]));
    }
}

void TestRunTableModel::aRefreshTellsOnlyWhatChanged()
{
    Fixture fixture;
    QSignalSpy changed(&fixture.model, &QAbstractItemModel::dataChanged);
    QSignalSpy inserted(&fixture.model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&fixture.model, &QAbstractItemModel::modelReset);
    std::vector<RunRow> rows = fiveRuns();
    fixture.model.setRows(rows);
    QCOMPARE(changed.size(), 0);

    rows[1].note = u"new"_s;
    rows[2].note = u"new"_s;
    rows.insert(rows.begin(), runRow(6, u"newest"_s));
    fixture.model.setRows(rows);
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].value<QModelIndex>().row(), 2);
    QCOMPARE(changed[0][1].value<QModelIndex>().row(), 3);

    changed.clear();
    fixture.model.updateRow(rows[2]);
    QCOMPARE(changed.size(), 0);
    rows[2].step = 30;
    fixture.model.updateRow(rows[2]);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(reset.size(), 0);
}

void TestRunTableModel::anIndexFollowsItsRun()
{
    Fixture fixture;
    const QPersistentModelIndex third = fixture.model.index(2, RunTableModel::Name);
    std::vector<RunRow> rows = fiveRuns();
    std::reverse(rows.begin(), rows.end());
    rows.insert(rows.begin(), runRow(9, u"other"_s));
    rows.erase(rows.begin() + 1);
    fixture.model.setRows(rows);
    QVERIFY(third.isValid());
    QCOMPARE(fixture.model.row(third.row()).id, RunId{3});
}

void TestRunTableModel::ordersPutTheUndefinedLast_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QList<RunId>>("ascending");
    QTest::addColumn<QList<RunId>>("descending");
    // Runs 1 and 2 have no forget probability, 1 to 3 no duration; 2 alone has a note.
    QTest::newRow("probability") << int{RunTableModel::ForgetProbability}
                                 << QList<RunId>{5, 4, 3, 2, 1} << QList<RunId>{3, 4, 5, 2, 1};
    QTest::newRow("duration") << int{RunTableModel::Duration} << QList<RunId>{5, 4, 3, 2, 1}
                              << QList<RunId>{4, 5, 3, 2, 1};
    QTest::newRow("names count like people")
        << int{RunTableModel::Name} << QList<RunId>{1, 4, 5, 3, 2} << QList<RunId>{2, 3, 5, 4, 1};
    QTest::newRow("time") << int{RunTableModel::When} << QList<RunId>{1, 2, 3, 4, 5}
                          << QList<RunId>{5, 4, 3, 2, 1};
    QTest::newRow("notes") << int{RunTableModel::Note} << QList<RunId>{2, 5, 4, 3, 1}
                           << QList<RunId>{2, 5, 4, 3, 1};
}

void TestRunTableModel::ordersPutTheUndefinedLast()
{
    QFETCH(int, column);
    Fixture fixture;
    fixture.shown.sort(column, Qt::AscendingOrder);
    QTEST(fixture.ids(), "ascending");
    fixture.shown.sort(column, Qt::DescendingOrder);
    QTEST(fixture.ids(), "descending");
}

void TestRunTableModel::filtersChooseRows_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QList<RunId>>("ids");
    const auto row = [](int column, const QString& expression, const QList<RunId>& ids) {
        QTest::addRow("%s %s", qPrintable(RunTableModel::columnId(column)), qPrintable(expression))
            << column << expression << ids;
    };
    row(RunTableModel::Method, u"=npo"_s, {3, 2});
    row(RunTableModel::Method, u"gradient"_s, {5, 4, 1});
    row(RunTableModel::ForgetProbability, u"<=0.5"_s, {5, 4});
    row(RunTableModel::ForgetProbability, u"0.4~0.95"_s, {4, 3});
    row(RunTableModel::State, u"/^(failed|interrupted)$/"_s, {2, 1});
    row(RunTableModel::Steps, u"<48"_s, {1});
    row(RunTableModel::Duration, u">1 min"_s, {4});
    row(RunTableModel::When, u">=2026-03"_s, {5, 4, 3, 2});
    row(RunTableModel::Tags, u"=lecture"_s, {5});
    row(RunTableModel::Model, u"=tiny"_s, {5, 4, 3, 2, 1});
    row(RunTableModel::Note, u"rate"_s, {2});
}

void TestRunTableModel::filtersChooseRows()
{
    QFETCH(int, column);
    QFETCH(QString, expression);
    Fixture fixture;
    fixture.shown.setColumnFilter(
        column, ColumnFilter::parse(expression, RunTableModel::columnKind(column)));
    QTEST(fixture.ids(), "ids");
    QVERIFY(fixture.shown.isFiltering());
    fixture.shown.setColumnFilter(column, {});
    QCOMPARE(fixture.ids().size(), 5);
    QVERIFY(!fixture.shown.isFiltering());
}

void TestRunTableModel::aFilterMadeFromACellFitsItsRow()
{
    const Fixture fixture;
    for (int row = 0; row < fixture.model.rowCount(); ++row)
        for (int column = 0; column < RunTableModel::ColumnCount; ++column) {
            const QString expression = fixture.model.filterFor(row, column);
            const ColumnFilter filter =
                ColumnFilter::parse(expression, RunTableModel::columnKind(column));
            QVERIFY2(filter.fits(fixture.model.filterCell(row, column)), qPrintable(expression));
            QCOMPARE(filter.isEmpty(), expression.isEmpty());
        }
}

void TestRunTableModel::searchWordsMustAllOccur_data()
{
    QTest::addColumn<QString>("words");
    QTest::addColumn<QList<RunId>>("ids");
    QTest::newRow("name") << u"LESSON"_s << QList<RunId>{5, 4};
    QTest::newRow("words from several fields") << u" sweep failed "_s << QList<RunId>{2};
    QTest::newRow("method's id") << u"npo"_s << QList<RunId>{3, 2};
    QTest::newRow("tag or note") << u"lecture"_s << QList<RunId>{5, 2};
    QTest::newRow("model") << u"tiny"_s << QList<RunId>{5, 4, 3, 2, 1};
    QTest::newRow("one word is nowhere") << u"lesson zebra"_s << QList<RunId>{};
    QTest::newRow("nothing") << u"  "_s << QList<RunId>{5, 4, 3, 2, 1};
}

void TestRunTableModel::searchWordsMustAllOccur()
{
    QFETCH(QString, words);
    Fixture fixture;
    fixture.shown.setSearch(words);
    QTEST(fixture.ids(), "ids");
}

void TestRunTableModel::copiedRowsCanBePastedAsATable()
{
    const Fixture fixture;
    QCOMPARE(
        fixture.model.tableText({0, 3}, {RunTableModel::Name, RunTableModel::ForgetProbability,
                                         RunTableModel::Duration, RunTableModel::Note}),
        u"Name\tForget probability before\tForget probability after\tDuration in seconds\tNote\n"
        "lesson 10\t0.99964\t0.016888\t14.578\t\n"
        "sweep b\t\t\t\ttoo high a rate, see the lecture\n"_s);
}

void TestRunTableModel::aThousandRunsAreFilteredAtOnce()
{
    RunTableModel model;
    RunFilterModel shown(model);
    shown.sort(RunTableModel::When, Qt::DescendingOrder);
    std::vector<RunRow> rows;
    for (int i = 0; i < 1000; ++i) {
        rows.push_back(runRow(i + 1, u"run %1"_s.arg(i), i));
        rows.back().forget = {.before = 1, .after = i / 1000.0};
        rows.back().tags = {u"sweep %1"_s.arg(i % 10)};
    }
    QElapsedTimer timer;
    timer.start();
    model.setRows(rows);
    QVERIFY2(timer.elapsed() < 1000, qPrintable(u"setRows: %1 ms"_s.arg(timer.elapsed())));
    timer.restart();
    shown.setSearch(u"run sweep 7"_s);
    shown.setColumnFilter(RunTableModel::ForgetProbability,
                          ColumnFilter::parse(u">0.5"_s, ColumnKind::Number));
    QVERIFY2(timer.elapsed() < 200, qPrintable(u"filter: %1 ms"_s.arg(timer.elapsed())));
    QVERIFY(shown.rowCount() > 0 && shown.rowCount() < 500);
}

QTEST_MAIN(TestRunTableModel)
#include "tst_run_table_model.moc"
