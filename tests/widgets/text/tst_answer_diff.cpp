#include "widgets/base/colors.h"
#include "widgets/base/theme.h"
#include "widgets/text/answer_diff.h"
#include "widgets/text/marked_text.h"

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QSignalSpy>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const QString kOriginal = u"the cat sat here"_s;
const QString kUnlearned = u"the dog sat there"_s;

QStringList marked(const AnswerDiff& diff)
{
    QStringList texts;
    for (const MarkedText::Range& range : diff.view()->ranges())
        texts << diff.view()->toPlainText().mid(range.begin, range.length);
    return texts;
}

QTextCharFormat formatAt(const AnswerDiff& diff, const QString& word)
{
    for (const MarkedText::Range& range : diff.view()->ranges())
        if (diff.view()->toPlainText().mid(range.begin, range.length) == word)
            return range.format;
    return {};
}

} // namespace

class TestAnswerDiff : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { applyTheme(*qApp, false); }
    void eachSideShowsWhatOnlyItSays_data();
    void eachSideShowsWhatOnlyItSays();
    void lostIsStruckThroughAndAddedUnderlined();
    void mergedShowsBothTexts();
    void theSwitchTurnsDifferencesToMatches();
    void theSwitchComparesByCharacter();
    void theFirstDivergenceIsMarked();
    void equalAnswersSaySo();
    void whileWritingOnlyWhatBothHaveIsCompared();
    void selectedTextIsCopied();
    void aMergedCopyKeepsTheMarks();
    void windowsLineEndsDoNotShiftTheMarks();
    void growingTextKeepsTheSelection();
    void theTintsFollowTheTheme();
};

void TestAnswerDiff::eachSideShowsWhatOnlyItSays_data()
{
    QTest::addColumn<ModelRole>("role");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("other");
    QTest::addColumn<QStringList>("words");
    QTest::newRow("original") << ModelRole::Original << kOriginal << kUnlearned
                              << QStringList{u"cat"_s, u"here"_s};
    QTest::newRow("unlearned") << ModelRole::Current << kUnlearned << kOriginal
                               << QStringList{u"dog"_s, u"there"_s};
    QTest::newRow("reference") << ModelRole::Reference << kUnlearned << kOriginal
                               << QStringList{u"dog"_s, u"there"_s};
}

void TestAnswerDiff::eachSideShowsWhatOnlyItSays()
{
    QFETCH(const ModelRole, role);
    QFETCH(const QString, text);
    QFETCH(const QString, other);
    QFETCH(const QStringList, words);
    AnswerDiff diff;
    diff.setRole(role);
    diff.setMerged(false);
    diff.setTexts(text, other);
    QCOMPARE(diff.view()->toPlainText(), text);
    QCOMPARE(marked(diff), words);
}

void TestAnswerDiff::lostIsStruckThroughAndAddedUnderlined()
{
    AnswerDiff diff;
    diff.setTexts(kUnlearned, kOriginal);
    QVERIFY(formatAt(diff, u"cat"_s).fontStrikeOut());
    QCOMPARE(formatAt(diff, u"cat"_s).background().color(),
             themeColor(ColorRole::OriginalTint, false));
    QVERIFY(!formatAt(diff, u"dog"_s).fontStrikeOut());
    QCOMPARE(formatAt(diff, u"dog"_s).underlineStyle(), QTextCharFormat::SingleUnderline);
    QCOMPARE(formatAt(diff, u"dog"_s).background().color(),
             themeColor(ColorRole::UnlearnedTint, false));
}

void TestAnswerDiff::mergedShowsBothTexts()
{
    AnswerDiff diff;
    diff.setTexts(kUnlearned, kOriginal);
    QCOMPARE(diff.view()->toPlainText(), u"the catdog sat herethere"_s);
    QVERIFY(diff.summary().contains(u"2 lost, 2 added"_s));
}

void TestAnswerDiff::theSwitchTurnsDifferencesToMatches()
{
    AnswerDiff diff;
    diff.setMerged(false);
    diff.setTexts(kUnlearned, kOriginal);
    QSignalSpy chosen(&diff, &AnswerDiff::emphasisChosen);
    QTest::mouseClick(diff.findChild<QAbstractButton*>(u"matchesButton"_s), Qt::LeftButton);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(marked(diff), (QStringList{u"the"_s, u"sat"_s}));
    QVERIFY(diff.summary().startsWith(u"2 words"_s));
    QTest::mouseClick(diff.findChild<QAbstractButton*>(u"differencesButton"_s), Qt::LeftButton);
    QCOMPARE(marked(diff), (QStringList{u"dog"_s, u"there"_s}));
}

void TestAnswerDiff::theSwitchComparesByCharacter()
{
    AnswerDiff diff;
    diff.setMerged(false);
    diff.setTexts(kUnlearned, kOriginal);
    QTest::mouseClick(diff.findChild<QAbstractButton*>(u"charactersButton"_s), Qt::LeftButton);
    QCOMPARE(diff.unit(), DiffUnit::Character);
    QVERIFY(marked(diff).contains(u"t"_s)); // of "there"
}

void TestAnswerDiff::theFirstDivergenceIsMarked()
{
    AnswerDiff diff;
    diff.setTexts(kUnlearned, kOriginal);
    QCOMPARE(diff.view()->mark(), std::optional<qsizetype>(4));
    QVERIFY(diff.summary().contains(u"word 2"_s));
    QCOMPARE(diff.view()->accessibleDescription(), diff.summary());
    diff.setText(kUnlearned);
    QVERIFY(!diff.view()->mark());
}

void TestAnswerDiff::equalAnswersSaySo()
{
    AnswerDiff diff;
    diff.setTexts(kOriginal, kOriginal);
    QVERIFY(marked(diff).isEmpty());
    QVERIFY(!diff.view()->mark());
    QCOMPARE(diff.summary(), u"Both answers are the same"_s);
}

void TestAnswerDiff::whileWritingOnlyWhatBothHaveIsCompared()
{
    AnswerDiff diff;
    diff.setRole(ModelRole::Original);
    diff.setMerged(false);
    diff.setTexts(u"the cat sat here and slept"_s, u"the do"_s, true);
    QVERIFY(marked(diff).isEmpty());
    QCOMPARE(diff.view()->toPlainText(), u"the cat sat here and slept"_s);
    diff.setTexts(u"the cat sat here and slept"_s, u"the dog sat"_s, true);
    QCOMPARE(marked(diff), QStringList{u"cat"_s});
}

void TestAnswerDiff::selectedTextIsCopied()
{
    AnswerDiff diff;
    diff.setMerged(false);
    diff.setTexts(kUnlearned, kOriginal);
    diff.show();
    diff.view()->setFocus();
    QTest::keySequence(diff.view(), QKeySequence::SelectAll);
    QTest::keySequence(diff.view(), QKeySequence::Copy);
    QCOMPARE(QApplication::clipboard()->text(), kUnlearned);
}

void TestAnswerDiff::aMergedCopyKeepsTheMarks()
{
    AnswerDiff diff;
    diff.setTexts(kUnlearned, kOriginal);
    diff.show();
    diff.view()->setFocus();
    QTest::keySequence(diff.view(), QKeySequence::SelectAll);
    QTest::keySequence(diff.view(), QKeySequence::Copy);
    QCOMPARE(QApplication::clipboard()->text(), u"the [-cat-]{+dog+} sat [-here-]{+there+}"_s);
}

void TestAnswerDiff::windowsLineEndsDoNotShiftTheMarks()
{
    AnswerDiff diff;
    diff.setMerged(false);
    diff.setTexts(u"one\r\ntwo\r\nfour"_s, u"one\ntwo\nthree"_s);
    QCOMPARE(marked(diff), QStringList{u"four"_s});
}

void TestAnswerDiff::growingTextKeepsTheSelection()
{
    MarkedText view;
    view.setText(u"one two"_s);
    QTextCursor selection = view.textCursor();
    selection.setPosition(0);
    selection.setPosition(3, QTextCursor::KeepAnchor);
    view.setTextCursor(selection);
    view.setText(u"one two three\nfour"_s);
    QCOMPARE(view.toPlainText(), u"one two three\nfour"_s);
    QCOMPARE(view.textCursor().selectedText(), u"one"_s);
}

void TestAnswerDiff::theTintsFollowTheTheme()
{
    AnswerDiff diff;
    diff.setTexts(kUnlearned, kOriginal);
    diff.show();
    applyTheme(*qApp, true);
    QCOMPARE(formatAt(diff, u"dog"_s).background().color(),
             themeColor(ColorRole::UnlearnedTint, true));
}

QTEST_MAIN(TestAnswerDiff)
#include "tst_answer_diff.moc"
