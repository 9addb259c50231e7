#include "widgets/form/corpus_preview_view.h"

#include "widgets/form/problem_table.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>
#include <QTextEdit>
#include <QTextFragment>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

CorpusPreview threeSamples()
{
    CorpusPreview preview{.path = "/data/forget.jsonl",
                          .format = "jsonl",
                          .formatTitle = "JSON lines",
                          .usableRows = 9,
                          .samples = 9,
                          .maxLength = 64,
                          .lengths = LengthHistogram{.binWidth = 1,
                                                     .counts = {0, 0, 0, 0, 1, 2},
                                                     .shortest = 5,
                                                     .median = 6,
                                                     .longest = 6,
                                                     .mean = 5.7},
                          .tokens = 17,
                          .scoredTokens = 9,
                          .truncated = 1};
    for (int i = 0; i < 3; ++i)
        preview.shown.push_back({.row = 10 + i,
                                 .kind = SampleKind::QuestionAnswer,
                                 .prompt = "Who?",
                                 .answer = "She " + std::to_string(i),
                                 .pieces = {{.text = "<s>", .special = true},
                                            {.text = "Who?"},
                                            {.text = " She", .scored = true},
                                            {.text = " " + std::to_string(i), .scored = true},
                                            {.text = "</s>", .scored = true, .special = true}},
                                 .tokens = 5,
                                 .scoredTokens = 3});
    return preview;
}

/// Text of the fragments that are underlined and those that are not.
std::pair<QString, QString> markedAndPlain(const QTextEdit& edit)
{
    std::pair<QString, QString> texts;
    for (QTextBlock block = edit.document()->begin(); block.isValid(); block = block.next())
        for (auto part = block.begin(); !part.atEnd(); ++part) {
            const QTextFragment fragment = part.fragment();
            (fragment.charFormat().fontUnderline() ? texts.first : texts.second) += fragment.text();
        }
    return texts;
}

} // namespace

class TestCorpusPreview : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void scoredTokensAreMarkedByMoreThanColour();
    void buttonsWalkTheSamples();
    void aSampleOutOfReachIsAskedFor();
    void aNewPreviewOfTheSameFileStaysAtItsSample();
    void countsAreTold();
    void aPreferencePairShowsBothAnswers();
    void withoutATokenizerTheRawTextsAreShown();
    void theTemplateIsNamed();
    void problemsAreRowsWithTheirPlace();
    void theProblemModelIsAGoodModel();
};

/// The offscreen platform's own complaint about size hints is none of ours.
void TestCorpusPreview::init()
{
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
}

void TestCorpusPreview::scoredTokensAreMarkedByMoreThanColour()
{
    CorpusPreviewView view;
    view.setPreview(threeSamples());
    const auto [marked, plain] = markedAndPlain(*view.findChild<QTextEdit*>(u"sampleText"_s));
    QCOMPARE(marked, u" She 0</s>"_s);
    QCOMPARE(plain, u"<s>Who?"_s);
}

void TestCorpusPreview::buttonsWalkTheSamples()
{
    CorpusPreviewView view;
    view.setPreview(threeSamples());
    view.show();
    auto* next = view.findChild<QPushButton*>(u"nextSample"_s);
    auto* previous = view.findChild<QPushButton*>(u"previousSample"_s);
    const auto* where = view.findChild<QLabel*>(u"where"_s);
    QVERIFY(!previous->isEnabled());
    QVERIFY(where->text().startsWith(u"Sample 1 of 9 · row 10"_s));
    QTest::mouseClick(next, Qt::LeftButton);
    QVERIFY(where->text().startsWith(u"Sample 2 of 9 · row 11"_s));
    QTest::keyClick(previous, Qt::Key_Space);
    QCOMPARE(view.current(), 0);
}

void TestCorpusPreview::aSampleOutOfReachIsAskedFor()
{
    CorpusPreviewView view;
    view.setPreview(threeSamples());
    view.show();
    QSignalSpy asked(&view, &CorpusPreviewView::sampleRequested);
    auto* next = view.findChild<QPushButton*>(u"nextSample"_s);
    for (int i = 0; i < 3; ++i)
        QTest::mouseClick(next, Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked.first().first().toLongLong(), 3);
}

void TestCorpusPreview::aNewPreviewOfTheSameFileStaysAtItsSample()
{
    CorpusPreviewView view;
    view.setPreview(threeSamples());
    view.show();
    QTest::mouseClick(view.findChild<QPushButton*>(u"nextSample"_s), Qt::LeftButton);
    view.setPreview(threeSamples());
    QCOMPARE(view.current(), 1);
    CorpusPreview other = threeSamples();
    other.path = "/data/retain.jsonl";
    view.setPreview(other);
    QCOMPARE(view.current(), 0);
}

void TestCorpusPreview::countsAreTold()
{
    CorpusPreviewView view;
    view.setPreview(threeSamples());
    const QString facts = view.findChild<QLabel*>(u"facts"_s)->text();
    for (const auto& part : {u"JSON lines"_s, u"9 samples"_s, u"17 tokens, 9 of them scored"_s,
                             u"1 cut at 64 tokens"_s})
        QVERIFY2(facts.contains(part), qPrintable(facts));
}

void TestCorpusPreview::aPreferencePairShowsBothAnswers()
{
    CorpusPreview preview = threeSamples();
    preview.pairs = 1;
    preview.shown[1].chosen = "I do not know.";
    CorpusPreviewView view;
    view.setPreview(preview);
    view.show();
    QVERIFY(view.findChild<QLabel*>(u"facts"_s)->text().contains(u"1 preference pair"_s));
    const auto* chosen = view.findChild<QLabel*>(u"chosenAnswer"_s);
    QVERIFY(!chosen->isVisible());
    QTest::mouseClick(view.findChild<QPushButton*>(u"nextSample"_s), Qt::LeftButton);
    QVERIFY(chosen->isVisible());
    QVERIFY(chosen->text().contains(u"I do not know."_s));
}

void TestCorpusPreview::withoutATokenizerTheRawTextsAreShown()
{
    CorpusPreview preview = threeSamples();
    preview.lengths.reset();
    for (PreviewSample& sample : preview.shown)
        sample.pieces.clear();
    CorpusPreviewView view;
    view.setPreview(preview);
    view.show();
    const auto [marked, plain] = markedAndPlain(*view.findChild<QTextEdit*>(u"sampleText"_s));
    QCOMPARE(marked, u"She 0"_s);
    QCOMPARE(plain, u"Who?"_s);
    QVERIFY(view.findChild<QLabel*>(u"tokenizerNote"_s)->isVisible());
}

void TestCorpusPreview::theTemplateIsNamed()
{
    CorpusPreviewView view;
    CorpusPreview preview = threeSamples();
    preview.promptTemplate = "chatml";
    view.setPreview(preview);
    const auto* facts = view.findChild<QLabel*>(u"facts"_s);
    QVERIFY2(facts->text().contains(u"asked as: ChatML"_s), qPrintable(facts->text()));
    for (PreviewSample& sample : preview.shown)
        sample.kind = SampleKind::Completion; // that no template touches
    view.setPreview(preview);
    QVERIFY(!facts->text().contains(u"ChatML"_s));
    preview = threeSamples();
    preview.lengths.reset();
    preview.templateProblem = Error{.code = ErrorCode::Corrupt, .message = "it is broken"};
    view.setPreview(preview);
    const auto* note = view.findChild<QLabel*>(u"tokenizerNote"_s);
    QVERIFY2(note->text().contains(u"raw prompts"_s) && note->text().contains(u"it is broken"_s),
             qPrintable(note->text()));
}

void TestCorpusPreview::problemsAreRowsWithTheirPlace()
{
    CorpusPreview preview = threeSamples();
    preview.problems.add({.severity = Severity::Warning,
                          .file = "/data/forget.jsonl",
                          .row = 7,
                          .message = "the same as row 2"});
    preview.problems.add({.file = "/data/forget.jsonl",
                          .row = 3,
                          .field = "answer",
                          .message = "the answer is empty",
                          .remedy = "write one"});
    CorpusPreviewView view;
    view.setPreview(preview);
    view.show();
    const auto* table = view.findChild<ProblemTable*>();
    QVERIFY(table->isVisible());
    QCOMPARE(table->model()->rowCount(), 2);
    const auto cell = [table](int row, int column) {
        return table->model()->index(row, column).data().toString();
    };
    QCOMPARE(cell(0, ProblemModel::SeverityColumn), u"Error"_s);
    QVERIFY(cell(0, ProblemModel::PlaceColumn).startsWith(u"forget.jsonl:3"_s));
    QVERIFY(cell(0, ProblemModel::PlaceColumn).contains(u"answer"_s));
    QCOMPARE(cell(0, ProblemModel::MessageColumn), u"The answer is empty."_s);
    QCOMPARE(cell(0, ProblemModel::RemedyColumn), u"Write one."_s);
    QCOMPARE(cell(1, ProblemModel::SeverityColumn), u"Warning"_s);
    QCOMPARE(view.findChild<QLabel*>(u"problemCount"_s)->text(), u"1 errors, 1 warnings"_s);
}

void TestCorpusPreview::theProblemModelIsAGoodModel()
{
    ProblemModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    ProblemList problems;
    problems.add({.message = "one"});
    model.setProblems(problems);
    model.setProblems({});
    QCOMPARE(model.rowCount(), 0);
}

QTEST_MAIN(TestCorpusPreview)
#include "tst_corpus_preview.moc"
