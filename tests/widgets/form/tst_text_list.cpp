#include "widgets/form/text_list.h"

#include <QApplication>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestTextList : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aTextIsAddedByTyping();
    void aTextIsEditedWithEnter();
    void aTextIsRemoved();
    void emptyTextsDoNotCount();
    void settingIsSilentAndKeepsTheSelection();
};

/// The offscreen platform's own complaint about size hints is none of ours.
void TestTextList::init()
{
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
}

void TestTextList::aTextIsAddedByTyping()
{
    TextList list;
    list.show();
    QSignalSpy changed(&list, &TextList::changed);
    QTest::mouseClick(list.findChild<QPushButton*>(u"add"_s), Qt::LeftButton);
    auto* editor = list.findChild<QListWidget*>()->findChild<QLineEdit*>();
    QVERIFY(editor);
    QTest::keyClicks(editor, u"Where was she born?"_s);
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(list.texts(), QStringList(u"Where was she born?"_s));
    QVERIFY(changed.size() >= 1);
}

void TestTextList::aTextIsEditedWithEnter()
{
    TextList list;
    list.setTexts({u"a"_s, u"b"_s});
    list.show();
    QVERIFY(QTest::qWaitForWindowActive(&list));
    auto* view = list.findChild<QListWidget*>();
    view->setFocus();
    view->setCurrentRow(1);
    QTest::keyClick(view, Qt::Key_Return);
    auto* editor = view->findChild<QLineEdit*>();
    QVERIFY(editor);
    QTest::keyClicks(editor, u"c"_s);
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(list.texts(), QStringList({u"a"_s, u"c"_s}));
}

void TestTextList::aTextIsRemoved()
{
    TextList list;
    list.setTexts({u"a"_s, u"b"_s, u"c"_s});
    list.show();
    QSignalSpy changed(&list, &TextList::changed);
    auto* remove = list.findChild<QPushButton*>(u"remove"_s);
    QVERIFY(!remove->isEnabled());
    auto* view = list.findChild<QListWidget*>();
    view->setCurrentRow(0);
    QTest::mouseClick(remove, Qt::LeftButton);
    view->setCurrentRow(0);
    QVERIFY(QTest::qWaitForWindowActive(&list));
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Delete);
    QCOMPARE(list.texts(), QStringList(u"c"_s));
    QCOMPARE(changed.size(), 2);
}

void TestTextList::emptyTextsDoNotCount()
{
    TextList list;
    list.setTexts({u"a"_s});
    list.show();
    QTest::mouseClick(list.findChild<QPushButton*>(u"add"_s), Qt::LeftButton);
    QCOMPARE(list.texts(), QStringList(u"a"_s));
}

void TestTextList::settingIsSilentAndKeepsTheSelection()
{
    TextList list;
    QSignalSpy changed(&list, &TextList::changed);
    list.setTexts({u"a"_s, u"b"_s});
    auto* view = list.findChild<QListWidget*>();
    view->setCurrentRow(1);
    list.setTexts({u"a"_s, u"b"_s});
    QCOMPARE(view->currentRow(), 1);
    QCOMPARE(changed.size(), 0);
}

QTEST_MAIN(TestTextList)
#include "tst_text_list.moc"
