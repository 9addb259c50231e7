#include "widgets/form/path_picker.h"

#include <QApplication>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUrl>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestPathPicker : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void initTestCase();
    void whatIsDroppedIsChosen_data();
    void whatIsDroppedIsChosen();
    void whatCannotBeUsedIsSaid_data();
    void whatCannotBeUsedIsSaid();
    void buttonsAreWishes();
    void clearNeedsSomethingToClear();
    void recentOnesAreOffered();
    void aLongPathKeepsItsEnd();
    void statesAreSaidInWords();

private:
    static void drop(PathPicker& picker, const QList<QUrl>& urls)
    {
        QMimeData data;
        data.setUrls(urls);
        const QPoint at = picker.rect().center();
        QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&picker, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&picker, &event);
    }

    QTemporaryDir m_folder;
    QString m_file;
};

/// The offscreen platform's own complaint about size hints is none of ours.
void TestPathPicker::init()
{
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
}

void TestPathPicker::initTestCase()
{
    m_file = m_folder.filePath(u"set.jsonl"_s);
    QFile file(m_file);
    QVERIFY(file.open(QIODevice::WriteOnly));
}

void TestPathPicker::whatIsDroppedIsChosen_data()
{
    QTest::addColumn<PathPicker::Kind>("kind");
    QTest::addColumn<QString>("dropped");
    QTest::addColumn<QString>("chosen");
    QTest::newRow("a file as a file") << PathPicker::Kind::File << m_file << m_file;
    QTest::newRow("a folder as a folder")
        << PathPicker::Kind::Folder << m_folder.path() << m_folder.path();
    QTest::newRow("a file as the folder it lies in")
        << PathPicker::Kind::Folder << m_file << m_folder.path();
}

void TestPathPicker::whatIsDroppedIsChosen()
{
    QFETCH(const PathPicker::Kind, kind);
    QFETCH(const QString, dropped);
    QFETCH(const QString, chosen);
    PathPicker picker(kind);
    QSignalSpy spy(&picker, &PathPicker::pathChosen);
    drop(picker, {QUrl::fromLocalFile(dropped)});
    QCOMPARE(spy.size(), 1);
    QCOMPARE(spy.first().first().toString(), chosen);
    QVERIFY(picker.path().isEmpty()); // the owner decides
}

void TestPathPicker::whatCannotBeUsedIsSaid_data()
{
    QTest::addColumn<QList<QUrl>>("urls");
    QTest::addColumn<QString>("says");
    QTest::newRow("two files") << QList{QUrl::fromLocalFile(m_file), QUrl::fromLocalFile(u"/b"_s)}
                               << u"one file"_s;
    QTest::newRow("a web address")
        << QList{QUrl(u"https://example.org/a.jsonl"_s)} << u"this computer"_s;
    QTest::newRow("a folder where a file is wanted")
        << QList{QUrl::fromLocalFile(m_folder.path())} << u"folder"_s;
}

void TestPathPicker::whatCannotBeUsedIsSaid()
{
    QFETCH(const QList<QUrl>, urls);
    QFETCH(const QString, says);
    PathPicker picker(PathPicker::Kind::File);
    QSignalSpy spy(&picker, &PathPicker::pathChosen);
    drop(picker, urls);
    QCOMPARE(spy.size(), 0);
    QVERIFY(picker.findChild<QLabel*>(u"status"_s)->text().contains(says));
    QCOMPARE(picker.state(), PathPicker::State::Problem);
}

void TestPathPicker::buttonsAreWishes()
{
    PathPicker picker(PathPicker::Kind::Folder);
    picker.setPath(m_folder.path());
    QSignalSpy browse(&picker, &PathPicker::browseRequested);
    QSignalSpy clear(&picker, &PathPicker::clearRequested);
    QTest::mouseClick(picker.findChild<QPushButton*>(u"browse"_s), Qt::LeftButton);
    QTest::keyClick(picker.findChild<QToolButton*>(u"clear"_s), Qt::Key_Space);
    QCOMPARE(browse.size(), 1);
    QCOMPARE(clear.size(), 1);
    QCOMPARE(picker.path(), m_folder.path());
}

void TestPathPicker::clearNeedsSomethingToClear()
{
    PathPicker picker(PathPicker::Kind::Folder);
    auto* clear = picker.findChild<QToolButton*>(u"clear"_s);
    QVERIFY(!clear->isEnabled());
    picker.setPath(u"/somewhere"_s);
    QVERIFY(clear->isEnabled());
}

void TestPathPicker::recentOnesAreOffered()
{
    PathPicker picker(PathPicker::Kind::File);
    auto* recent = picker.findChild<QToolButton*>(u"recent"_s);
    QVERIFY(!recent->isEnabled());
    picker.setRecent({u"/a/q&a.jsonl"_s, u"/b.jsonl"_s});
    QVERIFY(recent->isEnabled());
    QSignalSpy spy(&picker, &PathPicker::pathChosen);
    recent->menu()->actions().first()->trigger();
    QCOMPARE(spy.first().first().toString(), u"/a/q&a.jsonl"_s);
}

void TestPathPicker::aLongPathKeepsItsEnd()
{
    PathPicker picker(PathPicker::Kind::File);
    picker.resize(420, 72);
    picker.show();
    const QString path =
        u"/home/somebody"_s + u"/a-rather-long-folder"_s.repeated(8) + u"/forget.jsonl"_s;
    picker.setPath(path);
    const auto* where = picker.findChild<QLabel*>(u"where"_s);
    QTRY_VERIFY(where->text().endsWith(u"forget.jsonl"_s));
    QVERIFY(where->text().size() < path.size());
    QCOMPARE(where->toolTip(), path);
}

void TestPathPicker::statesAreSaidInWords()
{
    PathPicker picker(PathPicker::Kind::File);
    picker.setTexts(u"Forget set"_s, u"Drop a file here"_s);
    const auto* status = picker.findChild<QLabel*>(u"status"_s);
    QCOMPARE(picker.state(), PathPicker::State::Empty);
    picker.setPath(m_file);
    QCOMPARE(status->text(), u"Reading…"_s);
    picker.setState(PathPicker::State::Ok, u"40 samples"_s);
    QCOMPARE(status->text(), u"40 samples"_s);
    picker.setState(PathPicker::State::Problem, u"Row 3 is cut off."_s);
    QVERIFY(picker.accessibleDescription().contains(u"Row 3 is cut off."_s));
    QCOMPARE(picker.accessibleName(), u"Forget set"_s);
}

QTEST_MAIN(TestPathPicker)
#include "tst_path_picker.moc"
