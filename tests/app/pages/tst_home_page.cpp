#include "app/pages/home/home_page.h"

#include "app/pages/home/home_card.h"
#include "tests/app/pages/history_bench.h"
#include "tests/support/drop.h"

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

struct Shown {
    HistoryBench bench;
    std::unique_ptr<HomePage> page;

    explicit Shown(bool filled = true) : bench(filled) {}

    void show()
    {
        page = std::make_unique<HomePage>(bench.services);
        page->resize(1024, 700);
        page->show();
        page->shown();
        QVERIFY(QTest::qWaitForWindowExposed(page.get()));
    }
    [[nodiscard]] QPushButton* button(const QString& name) const
    {
        return page->findChild<QPushButton*>(name);
    }
    void click(const QString& name) const { QTest::mouseClick(button(name), Qt::LeftButton); }
    [[nodiscard]] QWidget* banner() const
    {
        return page->findChild<QWidget*>(u"interruptedBanner"_s);
    }
    [[nodiscard]] QTableView* recent() const
    {
        return page->findChild<QTableView*>(u"recentRuns"_s);
    }
};

} // namespace

class TestHomePage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }
    void eachCardAsksForWhatItSays();
    void aClickAnywhereOnACardCounts();
    void aModelFolderIsDropped();
    void aFileIsLeftToTheWindow();
    void everyCardIsReachedByKeyboard();
    void fiveNewestRunsAreListedAndOpen();
    void anEmptyHistoryOffersTheLesson();
    void anInterruptedRunIsOfferedWithItsCheckpoint();
    void keptAsItIsItIsNotOfferedAgain();
    void discardingAsksFirst_data();
    void discardingAsksFirst();
    void continuingGoesToTheRunPage();
    void betweenTwoRunsOfAGroupNothingIsContinued();
    void aRunThatEndedIsNotOffered();
    void aChangeIsFollowed();
};

void TestHomePage::eachCardAsksForWhatItSays()
{
    Shown shown;
    shown.show();
    QSignalSpy experiment(shown.page.get(), &HomePage::experimentRequested);
    QSignalSpy lesson(shown.page.get(), &HomePage::lessonRequested);
    QSignalSpy model(shown.page.get(), &HomePage::modelRequested);
    shown.click(u"seeExperimentButton"_s);
    QCOMPARE(experiment.size(), 1);
    shown.click(u"runLessonButton"_s);
    QCOMPARE(lesson.size(), 1);
    shown.click(u"openModelButton"_s);
    QCOMPARE(shown.bench.prompts.asked.size(), 1);
    QCOMPARE(model.size(), 0); // thought better of it
    shown.bench.prompts.path = u"/models/tiny"_s;
    shown.click(u"openModelButton"_s);
    QCOMPARE(model.size(), 1);
    QCOMPARE(model[0][0].toString(), u"/models/tiny"_s);
}

void TestHomePage::aClickAnywhereOnACardCounts()
{
    Shown shown;
    shown.show();
    QSignalSpy lesson(shown.page.get(), &HomePage::lessonRequested);
    QWidget* card = shown.button(u"runLessonButton"_s)->parentWidget();
    QTest::mouseClick(card, Qt::LeftButton, {}, QPoint(card->width() - 8, 8));
    QCOMPARE(lesson.size(), 1);
    QTest::mouseClick(card->findChild<QLabel*>(), Qt::LeftButton);
    QCOMPARE(lesson.size(), 2);
    QTest::mouseClick(card, Qt::RightButton);
    QCOMPARE(lesson.size(), 2);
}

void TestHomePage::aModelFolderIsDropped()
{
    Shown shown;
    shown.show();
    QSignalSpy model(shown.page.get(), &HomePage::modelRequested);
    const QString folder = QStringLiteral(RESOURCES_DIR "/sample/original");
    QVERIFY(dropPath(shown.button(u"openModelButton"_s)->parentWidget(), folder));
    QCOMPARE(model.size(), 1);
    QCOMPARE(model[0][0].toString(), folder);
}

void TestHomePage::aFileIsLeftToTheWindow()
{
    Shown shown;
    shown.show();
    QVERIFY(!dropPath(shown.button(u"openModelButton"_s)->parentWidget(),
                      QStringLiteral(RESOURCES_DIR "/sample/README.md")));
}

void TestHomePage::everyCardIsReachedByKeyboard()
{
    Shown shown;
    shown.show();
    shown.page->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(shown.page.get()));
    QSignalSpy lesson(shown.page.get(), &HomePage::lessonRequested);
    shown.button(u"seeExperimentButton"_s)->setFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), shown.button(u"runLessonButton"_s));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QCOMPARE(lesson.size(), 1);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), shown.button(u"openModelButton"_s));
}

void TestHomePage::fiveNewestRunsAreListedAndOpen()
{
    Shown shown;
    std::vector<RunId> ids;
    for (int i = 0; i < 7; ++i)
        ids.push_back(shown.bench.add("run " + std::to_string(i), 10 - i).id);
    shown.show();
    QSignalSpy opened(shown.page.get(), &HomePage::runRequested);
    QTRY_COMPARE(shown.recent()->model()->rowCount(), 5);
    const QModelIndex first = shown.recent()->model()->index(0, 0);
    const QModelIndex second = shown.recent()->model()->index(1, 0);
    QCOMPARE(first.data().toString(), u"run 6"_s);
    QTest::mouseClick(shown.recent()->viewport(), Qt::LeftButton, {},
                      shown.recent()->visualRect(first).center());
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toLongLong(), ids[6]);
    shown.recent()->setCurrentIndex(second);
    QTest::keyClick(shown.recent(), Qt::Key_Return);
    QCOMPARE(opened.size(), 2);
    QCOMPARE(opened[1][0].toLongLong(), ids[5]);
    QSignalSpy page(shown.page.get(), &Page::pageRequested);
    shown.click(u"allRunsButton"_s);
    QCOMPARE(page[0][0].toString(), u"history"_s);
}

void TestHomePage::anEmptyHistoryOffersTheLesson()
{
    Shown shown(false);
    shown.show();
    QSignalSpy lesson(shown.page.get(), &HomePage::lessonRequested);
    QVERIFY(!shown.recent()->isVisible());
    shown.click(u"emptyLessonButton"_s);
    QCOMPARE(lesson.size(), 1);
    QCOMPARE(shown.bench.messages.count(), 0);
}

void TestHomePage::anInterruptedRunIsOfferedWithItsCheckpoint()
{
    Shown shown;
    (void)shown.bench.addInterrupted("overnight");
    shown.show();
    QTRY_VERIFY(shown.banner()->isVisible());
    const QString text = shown.page->findChild<QLabel*>(u"interruptedText"_s)->text();
    QVERIFY2(text.contains(u"overnight"_s) && text.contains(u"step 24 of 48"_s), qPrintable(text));
    QTRY_COMPARE(shown.recent()->model()->index(0, 1).data().toString(), u"Interrupted"_s);
}

void TestHomePage::keptAsItIsItIsNotOfferedAgain()
{
    Shown shown;
    const Run run = shown.bench.addInterrupted("overnight");
    shown.show();
    QTRY_VERIFY(shown.banner()->isVisible());
    shown.click(u"keepRunButton"_s);
    QVERIFY(!shown.banner()->isVisible());
    shown.show(); // another start
    QTRY_VERIFY(shown.recent()->model()->rowCount() > 0);
    QVERIFY(!shown.banner()->isVisible());
    QVERIFY(shown.bench.store().run(run.id));
}

void TestHomePage::discardingAsksFirst_data()
{
    QTest::addColumn<bool>("answer");
    QTest::newRow("yes removes the run") << true;
    QTest::newRow("no keeps it") << false;
}

void TestHomePage::discardingAsksFirst()
{
    QFETCH(bool, answer);
    Shown shown;
    const Run run = shown.bench.addInterrupted("overnight");
    shown.bench.prompts.answer = answer;
    shown.show();
    QTRY_VERIFY(shown.banner()->isVisible());
    QSignalSpy changed(&shown.bench.history, &History::changed);
    shown.click(u"discardRunButton"_s);
    QCOMPARE(shown.bench.prompts.asked.size(), 1);
    QCOMPARE(shown.banner()->isVisible(), !answer);
    if (answer)
        QVERIFY(changed.wait());
    QCOMPARE(static_cast<bool>(shown.bench.store().run(run.id)), !answer);
    QCOMPARE(std::filesystem::exists(run.folder), !answer);
}

void TestHomePage::continuingGoesToTheRunPage()
{
    Shown shown;
    (void)shown.bench.addInterrupted("overnight");
    shown.show();
    QTRY_VERIFY(shown.banner()->isVisible());
    QSignalSpy page(shown.page.get(), &Page::pageRequested);
    QSignalSpy started(&shown.bench.run, &RunController::started);
    QSignalSpy ended(&shown.bench.run, &RunController::ended);
    shown.click(u"continueRunButton"_s);
    QTRY_COMPARE(page.size(), 1);
    QCOMPARE(page[0][0].toString(), u"run"_s);
    QCOMPARE(started.size(), 1);
    // Its model is not where the record says, so that it ends soon.
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
}

void TestHomePage::betweenTwoRunsOfAGroupNothingIsContinued()
{
    Shown shown;
    (void)shown.bench.addInterrupted("overnight");
    shown.show();
    QTRY_VERIFY(shown.banner()->isVisible());
    const auto* button = shown.page->findChild<QAbstractButton*>(u"continueRunButton"_s);
    for (const bool held : {true, false}) {
        shown.bench.run.hold(held);
        QCOMPARE(button->isEnabled(), !held);
    }
}

void TestHomePage::aRunThatEndedIsNotOffered()
{
    Shown shown;
    const Run run = shown.bench.addInterrupted("overnight");
    shown.bench.store().endRun(run.id, {.state = RunState::Failed}).value();
    shown.show();
    QTRY_COMPARE(shown.recent()->model()->rowCount(), 2);
    QVERIFY(!shown.banner()->isVisible());
}

void TestHomePage::aChangeIsFollowed()
{
    Shown shown;
    shown.show();
    QTRY_COMPARE(shown.recent()->model()->rowCount(), 1);
    (void)shown.bench.add("new");
    shown.bench.history.announce();
    QTRY_COMPARE(shown.recent()->model()->rowCount(), 2);
    shown.page->hide();
    (void)shown.bench.add("newer");
    shown.bench.history.announce();
    QTRY_COMPARE(shown.bench.background.pending(), 0);
    QCOMPARE(shown.recent()->model()->rowCount(), 2);
    shown.page->show();
    shown.page->shown();
    QTRY_COMPARE(shown.recent()->model()->rowCount(), 3);
}

QTEST_MAIN(TestHomePage)
#include "tst_home_page.moc"
