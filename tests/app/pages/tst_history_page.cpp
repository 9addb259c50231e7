#include "app/pages/history/history_page.h"

#include "app/pages/history/run_row.h"
#include "app/scores/metric_rows.h"
#include "tests/app/pages/history_bench.h"
#include "tests/core/base/std_text.h"
#include "widgets/table/run_table.h"
#include "widgets/text/answer_diff.h"

#include <nlohmann/json.hpp>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>
#include <QUrl>
#include <QtTest>

#include <unistd.h>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

struct Shown {
    HistoryBench bench;
    std::unique_ptr<HistoryPage> page;

    explicit Shown(bool filled = true) : bench(filled) {}

    void show(int rows)
    {
        page = std::make_unique<HistoryPage>(bench.services);
        page->resize(1024, 700);
        page->show();
        page->shown();
        QVERIFY(QTest::qWaitForWindowExposed(page.get()));
        QTRY_COMPARE(view()->model()->rowCount(), rows);
        if (rows > 0)
            QTRY_VERIFY(!name().isEmpty());
    }
    /// For cases about the focus.
    void activate() const
    {
        page->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(page.get()));
    }
    template <class T> [[nodiscard]] T* child(const QString& name) const
    {
        return page->findChild<T*>(name);
    }
    [[nodiscard]] RunTable* table() const { return child<RunTable>(u"runTable"_s); }
    [[nodiscard]] QTableView* view() const { return child<QTableView>(u"runView"_s); }
    [[nodiscard]] QTabWidget* tabs() const { return child<QTabWidget>(u"runTabs"_s); }
    [[nodiscard]] QString name() const { return child<QLabel>(u"detailsName"_s)->text(); }
    [[nodiscard]] QToolButton* button(const QString& action) const
    {
        return child<QToolButton>(action + u".button"_s);
    }
    void clickRow(int row) const
    {
        const QModelIndex index = view()->model()->index(row, RunTableModel::Name);
        QTest::mouseClick(view()->viewport(), Qt::LeftButton, {},
                          view()->visualRect(index).center());
    }
    void openTab(const QString& title) const
    {
        for (int tab = 0; tab < tabs()->count(); ++tab)
            if (tabs()->tabText(tab) == title)
                QTest::mouseClick(tabs()->tabBar(), Qt::LeftButton, {},
                                  tabs()->tabBar()->tabRect(tab).center());
        QCOMPARE(tabs()->tabText(tabs()->currentIndex()), title);
    }
    [[nodiscard]] Run stored(RunId id) const { return bench.store().run(id).value(); }
};

} // namespace

/// Takes the place of the file manager.
class Opener : public QObject {
    Q_OBJECT

public:
    Opener() { QDesktopServices::setUrlHandler(u"file"_s, this, "open"); }
    ~Opener() override { QDesktopServices::unsetUrlHandler(u"file"_s); }

    QList<QUrl> urls;

public Q_SLOTS:
    void open(const QUrl& url) { urls << url; }
};

class TestHistoryPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }
    void metricsAreARowEach();
    void aValueFromAfterTheRunCountsMost();
    void goodIsOppositeOnForgetAndRetain();
    void aRunWhoseProcessIsGoneIsInterrupted_data();
    void aRunWhoseProcessIsGoneIsInterrupted();

    void theNewestRunIsShown();
    void choosingARunShowsIt();
    void everyTabTellsAboutTheRun();
    void theSliderGoesBackThroughTheAnswers();
    void enterGivesTheRunThePageAndEscapeTakesItBack();
    void aRunIsOpenedBeforeTheHistoryHasBeenRead();
    void repeatPutsTheRecipeIntoTheSetup();
    void onlyAnInterruptedRunCanBeContinued();
    void deletingAsksFirst_data();
    void deletingAsksFirst();
    void severalRunsAreDeletedAtOnce();
    void theFolderIsShown();
    void aRecipeIsCopiedAndSaved();
    void aNoteIsSavedInEveryWay_data();
    void aNoteIsSavedInEveryWay();
    void nameAndTagsAreSaved();
    void wordsThatCouldNotBeSavedAreKept();
    void wordsOfAClosedProgramAreSavedAtTheNextStart();
    void theTableComesBackAsItWasLeft();
    void anEmptyHistoryOffersSetupAndSample();
    void aHiddenPageReadsNothing();
    void aHistoryThatCannotBeReadIsReported();
    void withoutARunNothingCanBeDone();
    void aThousandRunsOpenInASecond();
};

void TestHistoryPage::metricsAreARowEach()
{
    using P = EvaluationPhase;
    const auto one = [](std::int64_t step, P phase, const char* set, const char* metric,
                        double value) {
        return Evaluation{.step = step,
                          .phase = phase,
                          .set = set,
                          .metric = metric,
                          .value = value,
                          .count = 40};
    };
    const std::vector<MetricRow> rows = metricRows(
        {one(0, P::Before, "holdout", "nll", 1), one(0, P::Before, "retain", "nll", 2),
         one(0, P::Before, "forget", "nll", 3), one(0, P::Before, "forget", "rouge-l", 4),
         one(0, P::Before, "reference-forget", "nll", 5), one(9, P::After, "forget", "nll", 6),
         one(9, P::Standalone, "forget", "nll", 7)});
    QCOMPARE(rows.size(), std::size_t{4});
    QStringList order;
    for (const MetricRow& row : rows)
        order << shown(row.set + " " + row.metric);
    QCOMPARE(order, (QStringList{u"forget nll"_s, u"forget rouge-l"_s, u"retain nll"_s,
                                 u"holdout nll"_s}));
    QCOMPARE(rows[0].original, 3.0);
    QCOMPARE(rows[0].unlearned, 6.0);
    QCOMPARE(rows[0].reference, 5.0);
    QVERIFY(std::isnan(rows[1].unlearned) && std::isnan(rows[1].reference));
}

void TestHistoryPage::aValueFromAfterTheRunCountsMost()
{
    const auto at = [](std::int64_t step, EvaluationPhase phase, double value) {
        return Evaluation{.step = step,
                          .phase = phase,
                          .set = "forget",
                          .metric = "nll",
                          .value = value,
                          .count = phase == EvaluationPhase::During ? 24 : 40};
    };
    const std::vector<Evaluation> going = {at(0, EvaluationPhase::Before, 1),
                                           at(0, EvaluationPhase::During, 1.5),
                                           at(8, EvaluationPhase::During, 2)};
    QCOMPARE(metricRows(going)[0].unlearned, 2.0);
    QCOMPARE(metricRows(going)[0].during, std::optional<std::int64_t>(8));
    QCOMPARE(metricRows(going)[0].count, std::int64_t{24});
    QVERIFY2(std::isnan(metricRows({going.begin(), going.begin() + 2})[0].unlearned),
             "at step 0 the model is the original");
    std::vector<Evaluation> done = going;
    done.push_back(at(8, EvaluationPhase::After, 3));
    QCOMPARE(metricRows(done)[0].unlearned, 3.0);
    QVERIFY(!metricRows(done)[0].during);
}

void TestHistoryPage::goodIsOppositeOnForgetAndRetain()
{
    for (const MetricInfo& metric : metrics().entries()) {
        const auto onForget = goodDirection("forget", metric.id);
        const auto onRetain = goodDirection("retain", metric.id);
        QVERIFY(onForget && onRetain);
        // How well a model writes is good or bad on every set alike.
        QCOMPARE(*onForget == *onRetain, metric.ofWriting);
        QCOMPARE(goodDirection("utility-1", metric.id), onRetain);
        QVERIFY(!goodDirection("holdout", metric.id));
    }
    QVERIFY(!goodDirection("forget", "unheard of"));
}

void TestHistoryPage::aRunWhoseProcessIsGoneIsInterrupted_data()
{
    QTest::addColumn<RunState>("state");
    QTest::addColumn<qint64>("pid"); // 0: none
    QTest::addColumn<RunState>("current");
    const qint64 own = ::getpid();
    const qint64 gone = HistoryBench::kNoProcess;
    QTest::newRow("goes on") << RunState::Running << own << RunState::Running;
    QTest::newRow("its process is gone") << RunState::Running << gone << RunState::Interrupted;
    QTest::newRow("paused, its process gone") << RunState::Paused << gone << RunState::Interrupted;
    QTest::newRow("ended") << RunState::Done << gone << RunState::Done;
    QTest::newRow("not yet taken up") << RunState::Prepared << qint64{0} << RunState::Prepared;
}

void TestHistoryPage::aRunWhoseProcessIsGoneIsInterrupted()
{
    QFETCH(RunState, state);
    QFETCH(qint64, pid);
    QFETCH(RunState, current);
    Run run{.state = state};
    if (pid != 0)
        run.pid = pid;
    QCOMPARE(currentState(run), current);
}

void TestHistoryPage::theNewestRunIsShown()
{
    Shown shown;
    (void)shown.bench.add("newest");
    shown.show(2);
    QCOMPARE(shown.name(), u"newest"_s);
}

void TestHistoryPage::choosingARunShowsIt()
{
    Shown shown;
    (void)shown.bench.add("newest");
    shown.show(2);
    shown.clickRow(1);
    QTRY_COMPARE(shown.name(), u"lesson: forget two people"_s);
    QTest::keyClick(shown.view(), Qt::Key_Up);
    QTRY_COMPARE(shown.name(), u"newest"_s);
}

void TestHistoryPage::everyTabTellsAboutTheRun()
{
    Shown shown;
    shown.show(1);
    shown.openTab(u"Metrics"_s);
    auto* metrics = shown.child<QTableWidget>(u"metricsTable"_s);
    QCOMPARE(metrics->rowCount(), 18 + 6); // two headings for each of three sets
    QCOMPARE(metrics->item(0, 0)->text(), u"Forget set: how likely the true answer is"_s);
    shown.openTab(u"Answers"_s);
    QCOMPARE(shown.child<QListWidget>(u"answerPrompts"_s)->count(), 5);
    shown.openTab(u"Recipe"_s);
    const Json recipe =
        Json::parse(shown.child<QPlainTextEdit>(u"recipeText"_s)->toPlainText().toStdString());
    QVERIFY2(parseRecipe(recipe, {}), "what is shown can be run");
    shown.openTab(u"Notes and tags"_s);
    QCOMPARE(shown.child<QLineEdit>(u"runName"_s)->text(), shown.name());
    shown.openTab(u"Course"_s);
    QStringList facts;
    for (const QLabel* label : shown.child<QWidget>(u"course"_s)->findChildren<QLabel*>())
        facts << label->text();
    QVERIFY(facts.contains(u"48 of 48"_s));
    QVERIFY(facts.contains(u"The run was not interrupted."_s));
}

void TestHistoryPage::theSliderGoesBackThroughTheAnswers()
{
    Shown shown;
    shown.show(1);
    shown.openTab(u"Answers"_s);
    auto* slider = shown.child<QSlider>(u"answerStep"_s);
    auto* unlearned = shown.child<AnswerDiff>(u"answerUnlearned"_s);
    const auto text = [&] { return unlearned->findChild<QTextEdit*>()->toPlainText(); };
    QCOMPARE(slider->value(), slider->maximum());
    QVERIFY(shown.child<QLabel>(u"answerStepText"_s)->text().contains(u"48"_s));
    const QString last = text();
    QTest::keyClick(slider, Qt::Key_Home);
    QVERIFY(shown.child<QLabel>(u"answerStepText"_s)->text().contains(u"step 8"_s));
    QVERIFY(text() != last);
    // Another prompt is shown at the same step.
    auto* prompts = shown.child<QListWidget>(u"answerPrompts"_s);
    QTest::keyClick(prompts, Qt::Key_Down);
    QVERIFY(shown.child<QLabel>(u"answerStepText"_s)->text().contains(u"step 8"_s));
    QVERIFY(!text().isEmpty());
}

void TestHistoryPage::enterGivesTheRunThePageAndEscapeTakesItBack()
{
    Shown shown;
    shown.show(1);
    shown.activate();
    shown.clickRow(0);
    QTest::keyClick(shown.view(), Qt::Key_Return);
    QVERIFY(!shown.table()->isVisible());
    QVERIFY(shown.tabs()->isVisible());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    QVERIFY(shown.table()->isVisible());
    QCOMPARE(QApplication::focusWidget(), shown.view());
    QTest::keyClick(shown.view(), Qt::Key_Return);
    QTest::mouseClick(shown.child<QToolButton>(u"backButton"_s), Qt::LeftButton);
    QVERIFY(shown.table()->isVisible());
}

void TestHistoryPage::aRunIsOpenedBeforeTheHistoryHasBeenRead()
{
    Shown shown;
    (void)shown.bench.add("newest");
    HistoryPage page(shown.bench.services);
    page.openRun(1);
    page.show();
    page.shown();
    QTRY_COMPARE(page.findChild<QLabel*>(u"detailsName"_s)->text(), u"lesson: forget two people"_s);
    QVERIFY(!page.findChild<RunTable*>()->isVisible());
}

void TestHistoryPage::repeatPutsTheRecipeIntoTheSetup()
{
    Shown shown;
    shown.show(1);
    QSignalSpy page(shown.page.get(), &Page::pageRequested);
    QTest::mouseClick(shown.button(u"history.repeat"_s), Qt::LeftButton);
    QCOMPARE(page.size(), 1);
    QCOMPARE(page[0][0].toString(), u"setup"_s);
    QCOMPARE(::lacuna::shown(shown.bench.workspace.recipe().name), u"lesson: forget two people"_s);
    QCOMPARE(shown.bench.workspace.recipe().training.learningRate, 0.0002);
}

void TestHistoryPage::onlyAnInterruptedRunCanBeContinued()
{
    Shown shown;
    (void)shown.bench.addInterrupted("overnight");
    shown.show(2);
    QTRY_VERIFY(shown.button(u"history.continue"_s)->isEnabled());
    shown.clickRow(1);
    QTRY_VERIFY(!shown.button(u"history.continue"_s)->isEnabled());
    QVERIFY(shown.button(u"history.continue"_s)->toolTip().contains(u"interrupted"_s));
    shown.clickRow(0);
    QTRY_VERIFY(shown.button(u"history.continue"_s)->isEnabled());
    for (const bool held : {true, false}) { // between two runs of a group
        shown.bench.run.hold(held);
        QCOMPARE(shown.button(u"history.continue"_s)->isEnabled(), !held);
    }

    QSignalSpy page(shown.page.get(), &Page::pageRequested);
    QSignalSpy ended(&shown.bench.run, &RunController::ended);
    QTest::mouseClick(shown.button(u"history.continue"_s), Qt::LeftButton);
    QCOMPARE(page.size(), 1);
    QCOMPARE(page[0][0].toString(), u"run"_s);
    // Its model is not where the record says, so that it ends soon; the table follows.
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    QTRY_COMPARE(shown.view()->model()->index(0, RunTableModel::State).data().toString(),
                 u"Failed"_s);
}

void TestHistoryPage::deletingAsksFirst_data()
{
    QTest::addColumn<bool>("answer");
    QTest::newRow("yes deletes record and folder") << true;
    QTest::newRow("no keeps both") << false;
}

void TestHistoryPage::deletingAsksFirst()
{
    QFETCH(bool, answer);
    Shown shown;
    const Run run = shown.bench.addInterrupted("overnight");
    shown.bench.prompts.answer = answer;
    shown.show(2);
    shown.clickRow(0);
    QTest::keyClick(shown.view(), Qt::Key_Delete);
    QCOMPARE(shown.bench.prompts.asked, QStringList{u"Delete this run?"_s});
    QTRY_COMPARE(shown.view()->model()->rowCount(), answer ? 1 : 2);
    QCOMPARE(std::filesystem::exists(run.folder), !answer);
    if (answer)
        QTRY_COMPARE(shown.name(), u"lesson: forget two people"_s);
}

void TestHistoryPage::severalRunsAreDeletedAtOnce()
{
    Shown shown;
    for (int i = 0; i < 4; ++i)
        (void)shown.bench.add("sweep " + std::to_string(i), i);
    shown.show(5);
    shown.clickRow(0);
    QTest::keyClick(shown.view(), Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(shown.view(), Qt::Key_Down, Qt::ShiftModifier);
    QTest::mouseClick(shown.button(u"history.delete"_s), Qt::LeftButton);
    QCOMPARE(shown.bench.prompts.asked, QStringList{u"Delete 3 runs?"_s});
    QTRY_COMPARE(shown.view()->model()->rowCount(), 2);
}

void TestHistoryPage::theFolderIsShown()
{
    Shown shown;
    const Run run = shown.bench.addInterrupted("overnight");
    shown.show(2);
    Opener opener;
    QTRY_VERIFY(shown.button(u"history.open-folder"_s)->isEnabled());
    QTest::mouseClick(shown.button(u"history.open-folder"_s), Qt::LeftButton);
    QCOMPARE(opener.urls, QList<QUrl>{QUrl::fromLocalFile(::lacuna::shown(run.folder))});
    shown.clickRow(1);
    QTRY_VERIFY(!shown.button(u"history.open-folder"_s)->isEnabled());
}

void TestHistoryPage::aRecipeIsCopiedAndSaved()
{
    Shown shown;
    shown.show(1);
    shown.openTab(u"Recipe"_s);
    QTest::mouseClick(shown.child<QPushButton>(u"recipeCopyButton"_s), Qt::LeftButton);
    const QString text = shown.child<QPlainTextEdit>(u"recipeText"_s)->toPlainText();
    QCOMPARE(QApplication::clipboard()->text(), text);
    shown.bench.prompts.path = shown.bench.folder.filePath(u"recipe.json"_s);
    QTest::mouseClick(shown.child<QPushButton>(u"recipeSaveButton"_s), Qt::LeftButton);
    QTRY_VERIFY(QFile::exists(shown.bench.prompts.path));
    QVERIFY(readRecipe(shown.bench.prompts.path.toStdString()));
    QTRY_COMPARE(shown.bench.messages.count(), 1); // that it was saved
}

void TestHistoryPage::aNoteIsSavedInEveryWay_data()
{
    QTest::addColumn<QString>("way");
    for (const char* way : {"the button", "the focus leaves", "typing pauses",
                            "another run is chosen", "another tab is opened", "the page goes"})
        QTest::newRow(way) << QString::fromLatin1(way);
}

void TestHistoryPage::aNoteIsSavedInEveryWay()
{
    QFETCH(QString, way);
    Shown shown;
    const RunId newest = shown.bench.add("newest").id;
    shown.show(2);
    shown.activate();
    shown.openTab(u"Notes and tags"_s);
    auto* note = shown.child<QPlainTextEdit>(u"runNote"_s);
    QTest::mouseClick(note->viewport(), Qt::LeftButton);
    QTest::keyClicks(note, u"the neighbours suffer"_s);
    QVERIFY(shown.stored(newest).note.empty());
    if (way == u"the button")
        QTest::mouseClick(shown.child<QPushButton>(u"notesSaveButton"_s), Qt::LeftButton);
    else if (way == u"the focus leaves")
        shown.view()->setFocus();
    else if (way == u"another run is chosen")
        shown.table()->selectRun(1);
    else if (way == u"another tab is opened")
        shown.openTab(u"Metrics"_s);
    else if (way == u"the page goes")
        shown.page.reset();
    QTRY_COMPARE(::lacuna::shown(shown.stored(newest).note), u"the neighbours suffer"_s);
    QVERIFY(shown.stored(1).note.empty());
    if (way == u"the button")
        QTRY_COMPARE(shown.child<QLabel>(u"notesState"_s)->text(), u"Saved in the history"_s);
}

void TestHistoryPage::nameAndTagsAreSaved()
{
    Shown shown;
    shown.show(1);
    shown.openTab(u"Notes and tags"_s);
    auto* name = shown.child<QLineEdit>(u"runName"_s);
    auto* tags = shown.child<QLineEdit>(u"runTags"_s);
    name->selectAll();
    QTest::keyClicks(name, u"two people"_s);
    QTest::keyClicks(tags, u" lecture , keep,, lecture"_s);
    QTest::keyClick(tags, Qt::Key_Return);
    QTRY_COMPARE(shown.stored(1).tags, (std::vector<std::string>{"keep", "lecture"}));
    QCOMPARE(::lacuna::shown(shown.stored(1).name), u"two people"_s);
    QTRY_COMPARE(shown.view()->model()->index(0, RunTableModel::Tags).data().toString(),
                 u"keep, lecture"_s);
    QTRY_COMPARE(shown.name(), u"two people"_s);
    name->clear();
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(shown.bench.background.pending(), 0);
    QCOMPARE(::lacuna::shown(shown.stored(1).name), u"two people"_s);
}

void TestHistoryPage::wordsThatCouldNotBeSavedAreKept()
{
    Shown shown;
    const RunId newest = shown.bench.add("newest").id;
    shown.show(2);
    shown.openTab(u"Notes and tags"_s);
    auto* note = shown.child<QPlainTextEdit>(u"runNote"_s);
    QTest::keyClicks(note, u"precious"_s);
    const auto file = shown.bench.path("history.sqlite");
    const auto away = shown.bench.path("away.sqlite");
    std::filesystem::rename(file, away);
    QTest::mouseClick(shown.child<QPushButton>(u"notesSaveButton"_s), Qt::LeftButton);
    QTRY_VERIFY(shown.child<QLabel>(u"notesState"_s)->text().contains(u"kept"_s));
    QVERIFY(shown.bench.messages.count() > 0);
    QCOMPARE(note->toPlainText(), u"precious"_s);
    std::filesystem::rename(away, file);
    QTest::mouseClick(shown.child<QPushButton>(u"notesSaveButton"_s), Qt::LeftButton);
    QTRY_COMPARE(::lacuna::shown(shown.stored(newest).note), u"precious"_s);
}

void TestHistoryPage::wordsOfAClosedProgramAreSavedAtTheNextStart()
{
    Shown shown;
    const Run run = shown.bench.add("newest");
    // As a program leaves it whose background thread was gone before the note was written.
    (void)UnsavedNotes(shown.bench.settings)
        .add(::lacuna::shown(run.uid), {.note = u"left over"_s, .tags = QStringList{u"late"_s}});
    shown.show(2);
    QTRY_COMPARE(::lacuna::shown(shown.stored(run.id).note), u"left over"_s);
    QTRY_COMPARE(shown.stored(run.id).tags, std::vector<std::string>{"late"});
    QTRY_VERIFY(UnsavedNotes(shown.bench.settings).entries().empty());
}

void TestHistoryPage::theTableComesBackAsItWasLeft()
{
    Shown shown;
    (void)shown.bench.add("newest");
    shown.show(2);
    QTest::keyClicks(shown.child<QLineEdit>(u"columnFilter0"_s), u"lesson\r"_s);
    QCOMPARE(shown.view()->model()->rowCount(), 1);
    shown.openTab(u"Recipe"_s);
    shown.page.reset();
    Actions actions; // commands are registered once a window
    Services services{.actions = actions,
                      .background = shown.bench.background,
                      .history = shown.bench.history,
                      .messages = shown.bench.messages,
                      .probes = shown.bench.probes,
                      .prompts = shown.bench.prompts,
                      .run = shown.bench.run,
                      .settings = shown.bench.settings,
                      .workspace = shown.bench.workspace};
    shown.page = std::make_unique<HistoryPage>(services);
    shown.page->show();
    shown.page->shown();
    QTRY_COMPARE(shown.view()->model()->rowCount(), 1);
    QCOMPARE(shown.child<QLineEdit>(u"columnFilter0"_s)->text(), u"lesson"_s);
    QCOMPARE(shown.tabs()->tabText(shown.tabs()->currentIndex()), u"Recipe"_s);
    shown.page.reset();
}

void TestHistoryPage::anEmptyHistoryOffersSetupAndSample()
{
    Shown shown(false);
    shown.show(0);
    QTRY_VERIFY(shown.child<QWidget>(u"emptyHistory"_s)->isVisible());
    QTRY_VERIFY(!shown.child<QWidget>(u"runDetails"_s)->isVisible());
    QSignalSpy page(shown.page.get(), &Page::pageRequested);
    QSignalSpy experiment(shown.page.get(), &HistoryPage::experimentRequested);
    QTest::mouseClick(shown.child<QPushButton>(u"emptyNewRunButton"_s), Qt::LeftButton);
    QCOMPARE(page[0][0].toString(), u"setup"_s);
    QTest::mouseClick(shown.child<QPushButton>(u"emptySampleButton"_s), Qt::LeftButton);
    QCOMPARE(experiment.size(), 1);
}

void TestHistoryPage::aHiddenPageReadsNothing()
{
    Shown shown;
    shown.show(1);
    shown.page->hide();
    (void)shown.bench.add("newest");
    shown.bench.history.announce();
    // What it would have asked for comes before this.
    bool answered = false;
    shown.bench.history.list(this, [&](const auto&) { answered = true; });
    QTRY_VERIFY(answered);
    QCOMPARE(shown.view()->model()->rowCount(), 1);
    shown.page->show();
    shown.page->shown();
    QTRY_COMPARE(shown.view()->model()->rowCount(), 2);
    QCOMPARE(shown.name(), u"lesson: forget two people"_s); // what was chosen stays chosen
}

void TestHistoryPage::aHistoryThatCannotBeReadIsReported()
{
    Shown shown(false);
    QFile file(shown.bench.folder.filePath(u"history.sqlite"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("this is no database, whatever its name says");
    file.close();
    shown.show(0);
    QTRY_COMPARE(shown.bench.messages.count(), 1);
    QTRY_COMPARE(shown.child<QLabel>(u"noRunText"_s)->text(), u"The history cannot be read."_s);
}

void TestHistoryPage::withoutARunNothingCanBeDone()
{
    Shown shown;
    shown.show(1);
    QVERIFY(shown.bench.actions.action(u"history.repeat"_s)->isEnabled());
    shown.page->hide();
    for (const QAction* action : shown.bench.actions.all())
        QVERIFY2(!action->isEnabled(), qPrintable(action->objectName()));
    shown.page->show();
    shown.page->shown();
    QVERIFY(shown.bench.actions.action(u"history.delete"_s)->isEnabled());
    QTest::keyClicks(shown.child<QLineEdit>(u"columnFilter0"_s), u"zebra\r"_s);
    QTRY_VERIFY(!shown.bench.actions.action(u"history.repeat"_s)->isEnabled());
    QVERIFY(!shown.bench.actions.action(u"history.delete"_s)->isEnabled());
}

void TestHistoryPage::aThousandRunsOpenInASecond()
{
    Shown shown(false);
    {
        Store store = shown.bench.store();
        for (int i = 0; i < 1000; ++i) {
            const RunId id =
                store.createRun({.name = "run " + std::to_string(i), .recipe = R"({"lacuna": 1})"})
                    .value()
                    .id;
            std::vector<Evaluation> evaluations;
            for (const auto& [phase, step] :
                 {std::pair(EvaluationPhase::Before, 0), std::pair(EvaluationPhase::After, 16)})
                for (const char* set : {"forget", "retain", "holdout"})
                    for (const MetricInfo& metric : metrics().entries())
                        evaluations.push_back({.step = step,
                                               .phase = phase,
                                               .set = set,
                                               .metric = metric.id,
                                               .value = i / 1000.0});
            QVERIFY(store.addEvaluations(id, evaluations));
        }
    }
    HistoryPage page(shown.bench.services);
    page.resize(1280, 800);
    QElapsedTimer timer;
    timer.start();
    page.show();
    page.shown();
    auto* view = page.findChild<QTableView*>(u"runView"_s);
    while (view->model()->rowCount() < 1000 && timer.elapsed() < 10'000)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    QVERIFY(!page.grab().isNull());
    qInfo("open: %lld ms", timer.elapsed());
    QVERIFY(timer.elapsed() < 1000);

    timer.restart();
    QTest::keyClicks(page.findChild<QLineEdit*>(u"columnFilter4"_s), u">0.5\r"_s);
    QVERIFY(!page.grab().isNull());
    qInfo("filter: %lld ms", timer.elapsed());
    QVERIFY(timer.elapsed() < 200);
    QCOMPARE(view->model()->rowCount(), 499);
}

QTEST_MAIN(TestHistoryPage)
#include "tst_history_page.moc"
