#include "app/pages/evaluate/evaluate_page.h"

#include "app/pages/evaluate/evaluate_dialog.h"
#include "app/pages/history/history_page.h"
#include "core/run/run_thread.h"
#include "tests/app/pages/history_bench.h"
#include "tests/core/run/small_run.h"
#include "widgets/chart/figure_chart.h"
#include "widgets/form/message_bar.h"
#include "widgets/form/note_line.h"
#include "widgets/table/score_delegate.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>
#include <QtTest>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatience = 60'000;
/// Of the table of scores.
enum Column : int { Metric, Original, Unlearned, Change, Reference };

struct Shown {
    HistoryBench bench;
    std::unique_ptr<EvaluatePage> page;

    explicit Shown(bool filled = true) : bench(filled) {}

    void show()
    {
        page = std::make_unique<EvaluatePage>(bench.services);
        page->resize(1080, 760);
        page->show();
        page->shown();
        QVERIFY(QTest::qWaitForWindowExposed(page.get()));
        page->activateWindow();
    }
    /// Until everything that was asked for has come.
    void settle() const { QTRY_COMPARE_WITH_TIMEOUT(bench.background.pending(), 0, kPatience); }
    void open()
    {
        show();
        settle();
    }
    template <class T> [[nodiscard]] T* child(const char* name) const
    {
        return page->findChild<T*>(QString::fromLatin1(name));
    }
    [[nodiscard]] QTableWidget* scores() const { return child<QTableWidget>("metricsTable"); }
    [[nodiscard]] QTableView* samples() const { return child<QTableView>("samplesTable"); }
    [[nodiscard]] QString sample(int row, int column) const
    {
        return samples()->model()->index(row, column).data().toString();
    }
    [[nodiscard]] double sampleValue(int row, int column) const
    {
        return QLocale().toDouble(sample(row, column));
    }
    [[nodiscard]] QString text(const char* label) const { return child<QLabel>(label)->text(); }
    /// The row of a metric below the heading of a set; -1: there is none.
    [[nodiscard]] int rowOf(const QString& set, const QString& metric) const
    {
        bool inside = false;
        for (int row = 0; row < scores()->rowCount(); ++row) {
            const QString words = scores()->item(row, 0)->text();
            if (scores()->columnSpan(row, 0) > 1)
                inside = words.startsWith(set);
            else if (inside && words.startsWith(metric))
                return row;
        }
        return -1;
    }
    void click(int row, int column) const
    {
        QTableWidgetItem* item = scores()->item(row, column);
        QVERIFY(item);
        scores()->scrollToItem(item);
        QTest::mouseClick(scores()->viewport(), Qt::LeftButton, {},
                          scores()->visualItemRect(item).center());
        settle();
    }
    void openTab(int tab) const
    {
        auto* tabs = child<QTabWidget>("scoreTabs");
        QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {},
                          tabs->tabBar()->tabRect(tab).center());
        QCOMPARE(tabs->currentIndex(), tab);
    }
    [[nodiscard]] QStringList notices() const
    {
        QStringList texts;
        for (const NoteLine* note : page->findChildren<NoteLine*>(u"evaluateNotice"_s))
            texts << note->text();
        return texts;
    }
    [[nodiscard]] QString message() const
    {
        const auto* label = bench.messages.findChild<QLabel*>(u"messageText"_s);
        return label ? label->text() : QString();
    }
};

/// A run that has left its model.
struct WithModel : Shown {
    RunId id = 0;

    WithModel() : Shown(false)
    {
        const auto thread = RunThread::start({.recipe = parseRecipe(smallRecipe(), {}).value(),
                                              .store = bench.path("history.sqlite"),
                                              .runsFolder = bench.path("runs"),
                                              .programVersion = "test"})
                                .value();
        bool ended = false;
        while (!ended && thread->mailbox().wait(std::chrono::seconds(60)))
            for (const RunEvent& event : thread->mailbox().drain())
                ended = ended || std::holds_alternative<RunEnded>(event);
        id = bench.store().runs().value().front().id;
    }
    [[nodiscard]] std::size_t standalone() const
    {
        const auto all = bench.store().readEvaluations(id, false).value();
        return static_cast<std::size_t>(
            std::ranges::count(all, EvaluationPhase::Standalone, &Evaluation::phase));
    }
    [[nodiscard]] EvaluateDialog* dialog() const { return page->findChild<EvaluateDialog*>(); }
    template <class T> [[nodiscard]] T* part(const char* name) const
    {
        return dialog()->findChild<T*>(QString::fromLatin1(name));
    }
    void openDialog()
    {
        auto* button = child<QToolButton>("evaluate.measure.button");
        QVERIFY2(button->isEnabled(), qPrintable(button->toolTip()));
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(dialog() && dialog()->isVisible());
    }
};

} // namespace

class TestEvaluatePage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s));
        QLocale::setDefault(QLocale::c());
    }

    void scoresStandBelowTheirSetWithTheirIntervals();
    void aNumberIsReadInWords();
    void theSamplesBehindANumberComeWorstFirst();
    void onTheRetainSetTheWorstAreTheLowest();
    void enterOpensTheSamplesToo();
    void samplesAreFilteredAndSorted();
    void theSampleIsReadInFull();
    void aCorpusThatIsGoneIsTold();
    void theSpreadIsDrawn();
    void theRocCurveIsThereWhereBothSetsAre();
    void aMissingNumberSaysWhyAndHow();
    void forgettingWhatWasNeverKnownIsTold();
    void theRunThatWasOpenedLastIsShown();
    void anotherRunIsChosenFromTheList();
    void theBundledExperimentOpensFromItsOwnFile();
    void anEmptyHistoryOffersAWayOn();
    void scoresAreSaved_data();
    void scoresAreSaved();
    void theModelsAreMeasuredAnew();
    void measuringCanBeCancelled();
    void aRunWithoutAModelSaysSo();
    void aNumberInTheHistoryLeadsHere();
    void everyWordFollowsTheLanguage();
};

void TestEvaluatePage::scoresStandBelowTheirSetWithTheirIntervals()
{
    Shown shown;
    shown.open();
    const int row = shown.rowOf(u"Forget set"_s, u"Probability"_s);
    QVERIFY(row > 0);
    QVERIFY(shown.scores()->item(row, Metric)->text().endsWith(u" \u2193"_s));
    // The bundled run's own record.
    QCOMPARE(shown.scores()->item(row, Original)->text(), u"0.9985"_s);
    QCOMPARE(shown.scores()->item(row, Unlearned)->text(), u"0.01768"_s);
    QCOMPARE(shown.scores()->item(row, Reference)->text(), u"0.1775"_s);
    QCOMPARE(shown.scores()->item(row, Change)->text(), u"-0.9808"_s);
    for (const int column : {Original, Unlearned, Change, Reference}) {
        const QStringList ends = shown.scores()
                                     ->item(row, column)
                                     ->data(ScoreDelegate::Interval)
                                     .toString()
                                     .split(u" to "_s);
        QCOMPARE(ends.size(), 2);
        const double value = QLocale().toDouble(shown.scores()->item(row, column)->text());
        QVERIFY(QLocale().toDouble(ends[0]) <= value && value <= QLocale().toDouble(ends[1]));
    }
    // A perplexity is no mean of its samples: nothing is known of its place.
    const int perplexity = shown.rowOf(u"Forget set"_s, u"Perplexity"_s);
    QVERIFY(shown.scores()
                ->item(perplexity, Unlearned)
                ->data(ScoreDelegate::Interval)
                .toString()
                .isEmpty());
    QVERIFY(shown.rowOf(u"Retain set"_s, u"ROUGE"_s) > row);
    QVERIFY2(shown.notices().isEmpty(), qPrintable(shown.notices().join(u'\n')));
}

void TestEvaluatePage::aNumberIsReadInWords()
{
    Shown shown;
    shown.open();
    shown.click(shown.rowOf(u"Retain set"_s, u"Probability"_s), Unlearned);
    const QString reading = shown.text("metricReading");
    for (const char* part :
         {"Retain set", "Unlearned", "0.9897", "higher is better", "geometric mean", "0 to 1"})
        QVERIFY2(reading.contains(QString::fromLatin1(part)), qPrintable(reading));
}

void TestEvaluatePage::theSamplesBehindANumberComeWorstFirst()
{
    Shown shown;
    shown.open();
    shown.click(shown.rowOf(u"Forget set"_s, u"Probability"_s), Unlearned);
    QTRY_COMPARE(shown.samples()->model()->rowCount(), 40);
    QVERIFY2(shown.text("samplesTitle").endsWith(u"worst first"_s),
             qPrintable(shown.text("samplesTitle")));
    for (int row = 1; row < 40; ++row)
        QVERIFY(shown.sampleValue(row - 1, 2) >= shown.sampleValue(row, 2));
    // Its own record: the most probable answer that is left has 0.07.
    QVERIFY(shown.sampleValue(0, 2) > shown.sampleValue(39, 2));
    QCOMPARE(shown.samples()->currentIndex().row(), 0);
}

void TestEvaluatePage::onTheRetainSetTheWorstAreTheLowest()
{
    Shown shown;
    shown.open();
    shown.click(shown.rowOf(u"Retain set"_s, u"ROUGE"_s), Unlearned);
    QTRY_COMPARE(shown.samples()->model()->rowCount(), 80);
    QVERIFY(shown.text("samplesTitle").endsWith(u"worst first"_s));
    QVERIFY(shown.sampleValue(0, 2) < shown.sampleValue(79, 2));
}

void TestEvaluatePage::enterOpensTheSamplesToo()
{
    Shown shown;
    shown.open();
    shown.scores()->setFocus();
    shown.scores()->setCurrentCell(shown.rowOf(u"Holdout"_s, u"Probability"_s), Original);
    QTest::keyClick(shown.scores(), Qt::Key_Return);
    shown.settle();
    QVERIFY2(shown.text("samplesTitle").contains(u"Holdout"_s),
             qPrintable(shown.text("samplesTitle")));
    // No direction is good there: neither is the worst.
    QVERIFY(shown.text("samplesTitle").endsWith(u"highest first"_s));
}

void TestEvaluatePage::samplesAreFilteredAndSorted()
{
    Shown shown;
    shown.open();
    shown.click(shown.rowOf(u"Forget set"_s, u"ROUGE"_s), Unlearned);
    const QString word = u"Odalyn"_s;
    auto* filter = shown.child<QLineEdit>("samplesFilter");
    filter->setFocus();
    QTest::keyClicks(filter, word);
    const int left = shown.samples()->model()->rowCount();
    QVERIFY(left > 0 && left < 40);
    QTest::keyClicks(filter, u" nowhere"_s);
    QCOMPARE(shown.samples()->model()->rowCount(), 0);
    filter->selectAll();
    QTest::keyClick(filter, Qt::Key_Delete);
    QCOMPARE(shown.samples()->model()->rowCount(), 40);
    QHeaderView* header = shown.samples()->horizontalHeader();
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                      QPoint(header->sectionViewportPosition(0) + 8, header->height() / 2));
    QVERIFY(std::abs(shown.sampleValue(0, 0) - shown.sampleValue(1, 0)) == 1);
    QVERIFY(!shown.text("samplesTitle").contains(u"worst"_s));
}

void TestEvaluatePage::theSampleIsReadInFull()
{
    Shown shown;
    // As if the history lay in the project: the corpus is found and has its recorded hash.
    std::filesystem::create_directories(shown.bench.path("resources/sample/corpus"));
    std::filesystem::create_directories(shown.bench.path("resources/sample/original"));
    std::filesystem::copy_file(std::filesystem::path(RESOURCES_DIR) / "sample/corpus/forget.jsonl",
                               shown.bench.path("resources/sample/corpus/forget.jsonl"));
    shown.open();
    shown.click(shown.rowOf(u"Forget set"_s, u"Probability"_s), Unlearned);
    QTRY_COMPARE(shown.samples()->model()->rowCount(), 40);
    QVERIFY(!shown.child<NoteLine>("samplesNote")->isVisible());
    shown.samples()->setFocus();
    const QString first = shown.text("sampleQuestion");
    QVERIFY2(first.endsWith(u'?'), qPrintable(first));
    for (const char* part : {"sampleTruth", "sampleOriginal", "sampleUnlearned", "sampleReference"})
        QVERIFY2(!shown.text(part).isEmpty(), part);
    QCOMPARE(shown.text("sampleOriginal"), shown.text("sampleTruth"));
    QTest::keyClick(shown.samples(), Qt::Key_Down);
    QVERIFY(shown.text("sampleQuestion") != first);
}

void TestEvaluatePage::aCorpusThatIsGoneIsTold()
{
    Shown shown;
    shown.open();
    shown.click(shown.rowOf(u"Forget set"_s, u"Probability"_s), Unlearned);
    QTRY_VERIFY(shown.child<NoteLine>("samplesNote")->isVisible());
    QVERIFY(shown.child<NoteLine>("samplesNote")->text().contains(u"cannot be read any more"_s));
    QVERIFY2(!shown.text("sampleTruth").isEmpty(), "the answers were kept with the scores");
    QVERIFY(shown.samples()->isColumnHidden(5));
}

void TestEvaluatePage::theSpreadIsDrawn()
{
    Shown shown;
    shown.open();
    shown.click(shown.rowOf(u"Forget set"_s, u"Probability"_s), Unlearned);
    shown.openTab(1);
    auto* chart = shown.child<FigureChart>("scoreHistogram");
    QVERIFY(chart->isVisible());
    QCOMPARE(chart->content().lines.size(), std::size_t{3});
    auto* canvas = chart->findChild<QWidget*>(u"figureCanvas"_s);
    QTest::keyClick(canvas, Qt::Key_End);
    QCOMPARE(chart->readout(), u"Original: 0.95 to 1: 40 of 40 samples"_s);
}

void TestEvaluatePage::theRocCurveIsThereWhereBothSetsAre()
{
    Shown shown;
    shown.open();
    auto* tabs = shown.child<QTabWidget>("scoreTabs");
    QVERIFY(!tabs->isTabVisible(2));
    shown.click(shown.rowOf(u"Forget set"_s, u"Negative"_s), Unlearned);
    QTRY_VERIFY(tabs->isTabVisible(2));
    shown.openTab(2);
    auto* chart = shown.child<FigureChart>("rocChart");
    QCOMPARE(chart->content().lines.size(), std::size_t{3});
    // The original tells every forget text from every other.
    QCOMPARE(chart->content().table[0][1], u"1"_s);
    QTest::mouseClick(chart->findChild<QAbstractButton*>(u"figureAsTable"_s), Qt::LeftButton);
    auto* table = chart->findChild<QTableWidget*>(u"figureTable"_s);
    QTRY_VERIFY(table->isVisible());
    QCOMPARE(table->item(0, 3)->text(), u"100.0 %"_s);
}

void TestEvaluatePage::aMissingNumberSaysWhyAndHow()
{
    Shown shown;
    Store store = shown.bench.store();
    const Evaluation missing{.step = 48,
                             .phase = EvaluationPhase::After,
                             .set = {},
                             .metric = "forget-quality",
                             .value = std::nan(""),
                             .missing = "needs per-sample truth ratios: evaluate with perturbed "
                                        "answers in the corpus"};
    store.addEvaluations(1, std::span(&missing, 1)).value();
    shown.open();
    const int row = shown.rowOf(QString(), u"Forget quality"_s);
    QVERIFY(row > 0);
    for (const int column : {Original, Unlearned, Reference})
        QVERIFY(shown.scores()->item(row, column)->data(ScoreDelegate::Missing).toBool());
    QVERIFY(shown.scores()->item(row, Unlearned)->toolTip().contains(u"perturbed answers"_s));
    shown.click(row, Unlearned);
    QVERIFY(shown.text("metricReading").contains(u"Needs per-sample truth ratios"_s));
    shown.click(row, Reference);
    QVERIFY(shown.text("metricReading").contains(u"train one on the retain set"_s));
    const QString told = shown.text("samplesEmpty");
    QVERIFY2(told.contains(u"no number"_s) && told.contains(u"retain set"_s), qPrintable(told));
    for (int at = 0; at < shown.scores()->rowCount(); ++at)
        for (int column = 0; column < shown.scores()->columnCount(); ++column)
            if (const auto* item = shown.scores()->item(at, column))
                QVERIFY(!item->text().contains(u"nan"_s, Qt::CaseInsensitive));
}

void TestEvaluatePage::forgettingWhatWasNeverKnownIsTold()
{
    Shown shown;
    const Run run = shown.bench.add("never knew");
    Store store = shown.bench.store();
    std::vector<Evaluation> all = store.readEvaluations(1, true).value();
    std::vector<Evaluation> own;
    for (Evaluation& one : all)
        if (one.phase == EvaluationPhase::Before && one.set == "holdout") {
            own.push_back(one);
            one.set = "forget"; // what it gets on text that it never saw
            own.push_back(one);
        }
    store.addEvaluations(run.id, own).value();
    store.setState(run.id, RunState::Done).value();
    shown.open();
    QVERIFY2(shown.notices().size() == 1, qPrintable(shown.notices().join(u'\n')));
    QVERIFY2(shown.notices().front().contains(u"does not show that it knew the forget set"_s),
             qPrintable(shown.notices().front()));
}

void TestEvaluatePage::theRunThatWasOpenedLastIsShown()
{
    Shown shown;
    const Run newest = shown.bench.add("newest");
    const QString key = u"runs/last-opened"_s;
    shown.bench.settings.setValue(key,
                                  QString::fromStdString(shown.bench.store().run(1).value().uid));
    shown.open();
    auto* chooser = shown.child<QComboBox>("evaluateRun");
    QVERIFY(chooser->currentText().startsWith(u"lesson"_s));
    shown.page->openRun(newest.id);
    QTRY_VERIFY(chooser->currentText().startsWith(u"newest"_s));
    QTRY_COMPARE(shown.bench.settings.value(key).toString(), QString::fromStdString(newest.uid));
}

void TestEvaluatePage::anotherRunIsChosenFromTheList()
{
    Shown shown;
    (void)shown.bench.add("newest");
    shown.open();
    QCOMPARE(shown.scores()->rowCount(), 0);
    QVERIFY(shown.text("samplesEmpty").contains(u"something was measured"_s));
    auto* chooser = shown.child<QComboBox>("evaluateRun");
    chooser->setFocus();
    QTest::keyClick(chooser, Qt::Key_Down);
    QTRY_VERIFY(shown.scores()->rowCount() > 0);
}

void TestEvaluatePage::theBundledExperimentOpensFromItsOwnFile()
{
    Shown shown(false);
    shown.open();
    const std::filesystem::path file =
        std::filesystem::path(RESOURCES_DIR) / "sample/experiment.sqlite";
    shown.page->openFrom(file, Store::open(file, OpenMode::ReadOnly).value().run(1).value());
    QTRY_VERIFY_WITH_TIMEOUT(shown.scores()->rowCount() > 0, kPatience);
    QVERIFY(shown.child<QComboBox>("evaluateRun")->currentText().startsWith(u"Finished"_s));
    auto* measure = shown.child<QToolButton>("evaluate.measure.button");
    QVERIFY(!measure->isEnabled());
    QVERIFY(measure->toolTip().contains(u"without its model"_s));
}

void TestEvaluatePage::anEmptyHistoryOffersAWayOn()
{
    Shown shown(false);
    shown.open();
    QSignalSpy experiment(shown.page.get(), &EvaluatePage::experimentRequested);
    QSignalSpy pages(shown.page.get(), &Page::pageRequested);
    QTest::mouseClick(shown.child<QPushButton>("evaluateSampleButton"), Qt::LeftButton);
    QTest::mouseClick(shown.child<QPushButton>("evaluateSetupButton"), Qt::LeftButton);
    QCOMPARE(experiment.size(), 1);
    QCOMPARE(pages.size(), 1);
    QCOMPARE(pages[0][0].toString(), u"setup"_s);
    QVERIFY(!shown.bench.actions.action(u"evaluate.save"_s)->isEnabled());
}

void TestEvaluatePage::scoresAreSaved_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("part");
    QTest::newRow("table") << u"scores.csv"_s << QByteArray("forget,probability,");
    QTest::newRow("log") << u"scores.json"_s << QByteArray("\"agg_value\": 0.0176796");
}

void TestEvaluatePage::scoresAreSaved()
{
    QFETCH(const QString, name);
    QFETCH(const QByteArray, part);
    Shown shown;
    shown.open();
    shown.bench.prompts.path = shown.bench.folder.filePath(name);
    QTest::mouseClick(shown.child<QToolButton>("evaluate.save.button"), Qt::LeftButton);
    QTRY_VERIFY(shown.message().startsWith(u"Saved"_s));
    QFile file(shown.bench.prompts.path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().contains(part));
}

void TestEvaluatePage::theModelsAreMeasuredAnew()
{
    WithModel shown;
    shown.open();
    QCOMPARE(shown.standalone(), std::size_t{0});
    const int rows = shown.scores()->rowCount();
    shown.openDialog();
    QVERIFY(shown.part<QCheckBox>("evaluate-original")->isChecked());
    QVERIFY(shown.part<QCheckBox>("evaluate-current")->isChecked());
    QVERIFY(!shown.part<QCheckBox>("evaluate-reference")->isEnabled());
    auto* samples = shown.part<QSpinBox>("evaluateSamples");
    samples->setFocus();
    samples->selectAll();
    QTest::keyClicks(samples, u"3"_s);
    QTest::mouseClick(shown.part<QPushButton>("startEvaluation"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!shown.dialog(), kPatience);
    QTRY_VERIFY(shown.message().contains(u"were measured"_s));
    QVERIFY(shown.standalone() > 0);
    shown.settle();
    QTRY_COMPARE(shown.scores()->rowCount(), rows);
    const int row = shown.rowOf(u"Forget set"_s, u"Probability of the answer"_s);
    QTRY_COMPARE(shown.scores()->item(row, 5)->text(), u"3"_s);
    QCOMPARE(shown.scores()->item(row, 6)->text(), u"apart from the run"_s);
    QVERIFY(!shown.scores()->item(row, Original)->data(ScoreDelegate::Missing).toBool());
}

void TestEvaluatePage::measuringCanBeCancelled()
{
    WithModel shown;
    shown.open();
    shown.openDialog();
    QTest::mouseClick(shown.part<QPushButton>("startEvaluation"), Qt::LeftButton);
    QVERIFY(shown.part<QProgressBar>("evaluateProgress")->isVisible());
    QTest::keyClick(shown.dialog(), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(shown.part<QPushButton>("startEvaluation")->isEnabled(), kPatience);
    QCOMPARE(shown.standalone(), std::size_t{0});
    QTest::keyClick(shown.dialog(), Qt::Key_Escape);
    QTRY_VERIFY(!shown.dialog());
}

void TestEvaluatePage::aRunWithoutAModelSaysSo()
{
    Shown shown;
    const auto models = modelsOf({.run = {}, .recipe = parseRecipe(smallRecipe(), {}).value()});
    QVERIFY(!models[0].refusal);
    QCOMPARE(models[1].refusal->message, std::string("the run has left no model"));
    QVERIFY(models[2].refusal->remedy.find("retain set") != std::string::npos);
}

void TestEvaluatePage::aNumberInTheHistoryLeadsHere()
{
    Shown shown;
    HistoryPage history(shown.bench.services);
    history.resize(1080, 760);
    history.show();
    history.shown();
    QVERIFY(QTest::qWaitForWindowExposed(&history));
    shown.settle();
    QSignalSpy asked(&history, &HistoryPage::scoresRequested);
    QTest::mouseClick(history.findChild<QToolButton*>(u"history.evaluate.button"_s),
                      Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0][0].toLongLong(), 1);
    auto* tabs = history.findChild<QTabWidget*>(u"runTabs"_s);
    tabs->setCurrentIndex(1);
    auto* table = history.findChild<QTableWidget*>(u"metricsTable"_s);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                      table->visualItemRect(table->item(1, Unlearned)).center());
    QCOMPARE(asked.size(), 1);
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(asked.size(), 2);
}

void TestEvaluatePage::everyWordFollowsTheLanguage()
{
    Shown shown;
    shown.open();
    const int rows = shown.scores()->rowCount();
    QEvent change(QEvent::LanguageChange);
    QCoreApplication::sendEvent(shown.page.get(), &change);
    QCOMPARE(shown.scores()->rowCount(), rows);
    QCOMPARE(shown.samples()->model()->rowCount(), 40);
    QVERIFY(shown.child<QComboBox>("evaluateRun")->currentText().startsWith(u"lesson"_s));
}

QTEST_MAIN(TestEvaluatePage)
#include "tst_evaluate_page.moc"
