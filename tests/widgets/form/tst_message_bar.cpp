#include "widgets/form/message_bar.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace lacuna;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

class TestMessageBar : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void anEmptyBarTakesNoRoom();
    void theNewestMessageStandsOnTop();
    void atMostThreeAreShownAndTheRestIsCounted();
    void equalMessagesAreCountedInsteadOfStacked();
    void theSameMessageAgainHasTheNewAction();
    void notesLeaveAndErrorsStay_data();
    void notesLeaveAndErrorsStay();
    void aNoteInUseStays();
    void detailsAreCopied();
    void theActionRunsAndClosesItsMessage();
    void theKeyboardReachesAndClosesEverything();
    void aScreenReaderHearsKindAndText();
    void kindsDifferInMoreThanColour();

private:
    static QStringList visibleTexts(const MessageBar& bar)
    {
        std::map<int, QString> byTop;
        for (const auto* label : bar.findChildren<QLabel*>(u"messageText"_s))
            if (label->isVisible())
                byTop[label->mapTo(&bar, QPoint()).y()] = label->text();
        QStringList texts;
        for (const auto& [top, text] : byTop)
            texts += text;
        return texts;
    }
    /// A bar at the top of a window that is shown and active.
    struct Window : QWidget {
        MessageBar bar{this};

        Window()
        {
            resize(900, 400);
            QWidget::show();
            activateWindow();
            bar.resize(900, 300);
            QTest::mouseMove(this, QPoint(450, 390)); // away from the messages
        }
        template <class T> T* part(const QString& name) const
        {
            T* found = nullptr;
            for (T* candidate : bar.findChildren<T*>(name))
                if (candidate->isVisible())
                    found = candidate;
            return found;
        }
    };
};

/// The offscreen platform's own complaint about size hints is none of ours.
void TestMessageBar::init()
{
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
}

void TestMessageBar::anEmptyBarTakesNoRoom()
{
    Window window;
    QVERIFY(!window.bar.isVisible());
    window.bar.show(MessageKind::Error, u"a"_s);
    QVERIFY(window.bar.isVisible());
    QTest::mouseClick(window.part<QToolButton>(u"messageClose"_s), Qt::LeftButton);
    QVERIFY(!window.bar.isVisible());
}

void TestMessageBar::theNewestMessageStandsOnTop()
{
    Window window;
    window.bar.show(MessageKind::Error, u"first"_s);
    window.bar.show(MessageKind::Warning, u"second"_s);
    QTRY_COMPARE(visibleTexts(window.bar), QStringList({u"second"_s, u"first"_s}));
}

void TestMessageBar::atMostThreeAreShownAndTheRestIsCounted()
{
    Window window;
    for (const auto& text : {u"1"_s, u"2"_s, u"3"_s, u"4"_s, u"5"_s})
        window.bar.show(MessageKind::Error, text);
    QTRY_COMPARE(visibleTexts(window.bar), QStringList({u"5"_s, u"4"_s, u"3"_s}));
    auto* more = window.part<QPushButton>(u"messagesMore"_s);
    QCOMPARE(more->text(), u"2 more"_s);
    QTest::mouseClick(more, Qt::LeftButton);
    QTRY_COMPARE(visibleTexts(window.bar).size(), 5);
    QTest::mouseClick(window.part<QPushButton>(u"messagesCloseAll"_s), Qt::LeftButton);
    QCOMPARE(window.bar.count(), 0);
}

void TestMessageBar::equalMessagesAreCountedInsteadOfStacked()
{
    Window window;
    window.bar.show(MessageKind::Error, u"disk full"_s);
    window.bar.show(MessageKind::Error, u"other"_s);
    window.bar.show(MessageKind::Error, u"disk full"_s);
    QCOMPARE(window.bar.count(), 2);
    QTRY_COMPARE(visibleTexts(window.bar).first(), u"disk full"_s);
    QCOMPARE(window.part<QLabel>(u"messageTimes"_s)->text(), u"2 times"_s);
}

void TestMessageBar::theSameMessageAgainHasTheNewAction()
{
    Window window;
    QString done;
    const auto action = [&done](const QString& which) {
        return MessageAction{which, [&done, which] { done = which; }};
    };
    window.bar.show(MessageKind::Error, u"it ended"_s, {}, action(u"first"_s));
    window.bar.show(MessageKind::Error, u"it ended"_s, {}, action(u"second"_s));
    QCOMPARE(window.bar.count(), 1);
    QTest::mouseClick(window.part<QPushButton>(u"messageAction"_s), Qt::LeftButton);
    QCOMPARE(done, u"second"_s);
}

void TestMessageBar::notesLeaveAndErrorsStay_data()
{
    QTest::addColumn<MessageKind>("kind");
    QTest::addColumn<bool>("stays");
    QTest::newRow("a note leaves") << MessageKind::Info << false;
    QTest::newRow("a success leaves") << MessageKind::Success << false;
    QTest::newRow("a warning stays") << MessageKind::Warning << true;
    QTest::newRow("an error stays") << MessageKind::Error << true;
}

void TestMessageBar::notesLeaveAndErrorsStay()
{
    QFETCH(const MessageKind, kind);
    QFETCH(const bool, stays);
    Window window;
    window.bar.setLifetime(20ms);
    window.bar.show(kind, u"the message"_s);
    window.bar.show(MessageKind::Info, u"gone when the time is over"_s);
    QTRY_VERIFY(!visibleTexts(window.bar).contains(u"gone when the time is over"_s));
    QCOMPARE(window.bar.count(), stays ? 1 : 0);
}

void TestMessageBar::aNoteInUseStays()
{
    Window window;
    window.bar.setLifetime(20ms);
    window.bar.show(MessageKind::Info, u"read me"_s);
    window.part<QToolButton>(u"messageClose"_s)->setFocus();
    QTRY_VERIFY(window.part<QToolButton>(u"messageClose"_s)->hasFocus());
    window.bar.show(MessageKind::Info, u"gone when the time is over"_s);
    QTRY_COMPARE(visibleTexts(window.bar), QStringList(u"read me"_s));
    window.part<QToolButton>(u"messageClose"_s)->clearFocus();
    QTRY_COMPARE(window.bar.count(), 0);
}

void TestMessageBar::detailsAreCopied()
{
    Window window;
    window.bar.show(MessageKind::Error, u"it broke"_s, u"code: io\nplace: a:3"_s);
    QTest::mouseClick(window.part<QPushButton>(u"messageCopy"_s), Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(), u"code: io\nplace: a:3"_s);
    window.bar.closeAll();
    window.bar.show(MessageKind::Error, u"without details"_s);
    QCOMPARE(window.part<QPushButton>(u"messageCopy"_s), nullptr);
}

void TestMessageBar::theActionRunsAndClosesItsMessage()
{
    Window window;
    int runs = 0;
    window.bar.show(MessageKind::Warning, u"no room left"_s, {},
                    {u"Choose a folder"_s, [&runs] { ++runs; }});
    QTest::mouseClick(window.part<QPushButton>(u"messageAction"_s), Qt::LeftButton);
    QCOMPARE(runs, 1);
    QCOMPARE(window.bar.count(), 0);
}

void TestMessageBar::theKeyboardReachesAndClosesEverything()
{
    Window window;
    QVERIFY(QTest::qWaitForWindowActive(&window));
    window.bar.show(MessageKind::Error, u"older"_s);
    window.bar.show(MessageKind::Error, u"newer"_s, u"details"_s);
    window.part<QPushButton>(u"messageCopy"_s)->setFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QTRY_COMPARE(visibleTexts(window.bar), QStringList(u"older"_s));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    QCOMPARE(window.bar.count(), 0);
}

void TestMessageBar::aScreenReaderHearsKindAndText()
{
    Window window;
    window.bar.show(MessageKind::Error, u"the disk is full"_s);
    QCOMPARE(window.part<QFrame>(u"messageItem"_s)->accessibleName(), u"Error: the disk is full"_s);
    QVERIFY(!window.part<QToolButton>(u"messageClose"_s)->accessibleName().isEmpty());
}

void TestMessageBar::kindsDifferInMoreThanColour()
{
    const QWidget widget;
    QSet<QString> words;
    QList<QImage> shapes;
    for (const auto kind :
         {MessageKind::Info, MessageKind::Success, MessageKind::Warning, MessageKind::Error}) {
        words += messageWord(kind);
        const QImage shape =
            messageIcon(kind, 16, widget).toImage().convertToFormat(QImage::Format_Alpha8);
        if (!shapes.contains(shape))
            shapes += shape;
    }
    QCOMPARE(words.size(), 4);
    QVERIFY(shapes.size() >= 3); // note and tick share the circle and differ in the sign
}

QTEST_MAIN(TestMessageBar)
#include "tst_message_bar.moc"
