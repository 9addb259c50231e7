#include "app/actions.h"

#include <QAction>
#include <QTest>

#include <stdexcept>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestActions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCommandRunsWhatItSays();
    void aSecondOneOfTheSameIdIsABrokenPromise();
    void aDisabledOneSaysWhy();
    void anotherLanguageChangesTheWordsAlone();
};

void TestActions::aCommandRunsWhatItSays()
{
    Actions actions;
    int ran = 0;
    QAction* action = actions.add({.id = u"run.start"_s,
                                   .name = u"Start"_s,
                                   .help = u"Starts."_s,
                                   .key = QKeySequence(u"Ctrl+R"_s),
                                   .trigger = [&] { ++ran; }});
    QCOMPARE(actions.action(u"run.start"_s), action);
    QCOMPARE(action->shortcut(), QKeySequence(u"Ctrl+R"_s));
    action->trigger();
    QCOMPARE(ran, 1);
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(actions.action(u"run.stop"_s)), std::out_of_range);
}

void TestActions::aSecondOneOfTheSameIdIsABrokenPromise()
{
    Actions actions;
    const auto add = [&] { actions.add({.id = u"a"_s, .name = {}, .help = {}, .trigger = [] {}}); };
    add();
    QVERIFY_EXCEPTION_THROWN(add(), std::logic_error);
}

void TestActions::aDisabledOneSaysWhy()
{
    Actions actions;
    QAction* action =
        actions.add({.id = u"a"_s, .name = u"A"_s, .help = u"Does a."_s, .trigger = [] {}});
    actions.setEnabled(u"a"_s, false, u"No run is going on."_s);
    QVERIFY(!action->isEnabled());
    QVERIFY(action->toolTip().contains(u"No run is going on."_s));
    actions.setEnabled(u"a"_s, true);
    QVERIFY(action->isEnabled());
    QCOMPARE(action->toolTip(), u"Does a."_s);
}

void TestActions::anotherLanguageChangesTheWordsAlone()
{
    Actions actions;
    QAction* action = actions.add(
        {.id = u"a"_s, .name = u"A"_s, .help = u"a"_s, .key = QKeySequence(u"F5"_s), .trigger = [] {
         }});
    actions.setText(u"a"_s, u"B"_s, u"b"_s);
    QCOMPARE(action->text(), u"B"_s);
    QCOMPARE(action->whatsThis(), u"b"_s);
    QCOMPARE(action->shortcut(), QKeySequence(u"F5"_s));
}

QTEST_MAIN(TestActions)
#include "tst_actions.moc"
