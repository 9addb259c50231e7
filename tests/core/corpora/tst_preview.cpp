#include "core/corpora/preview.h"

#include "core/base/json.h"
#include "tests/core/corpora/fake_tokenizer.h"
#include "tests/core/tokens/sentencepiece_fixture.h"
#include "tests/support/model_folders.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <string>

using namespace lacuna;

namespace {

/// Spells a word as byte-level tokenizers do; what a token stands for must come from its text.
class SpellingTokenizer : public FakeTokenizer {
public:
    [[nodiscard]] std::string piece(std::int64_t id) const override
    {
        const std::string text = pieceText(id);
        return text.starts_with(' ') ? "\xC4\xA0" + text.substr(1) : text;
    }
};

std::string joined(const PreviewSample& sample, bool scored)
{
    std::string text;
    for (const PreviewPiece& piece : sample.pieces)
        if (piece.scored == scored && !piece.special)
            text += piece.text;
    return text;
}

} // namespace

class TestPreview : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theAnswerIsMarkedAndThePromptIsNot();
    void theBytesOfACharacterStayTogether();
    void bytesThatAreNoCharacterAreShown();
    void theWindowIsBroughtIntoRange_data();
    void theWindowIsBroughtIntoRange();
    void withoutATokenizerRawTextsAreGiven();
    void aTextIsShownByItsWindows();
    void problemsOfRowsAndTokensStandTogether();
    void aFolderWithoutTokenizerIsSaid();
    void aChatIsShownInItsTemplate();
    void aTemplateThatCannotBeUsedIsSaid();
    void aMissingFileIsAnError();
    void aRealTokenizerReadsTheBundledCorpus();
    void byteLevelTokensAreReadable();

private:
    std::filesystem::path write(const std::string& name, const std::string& text) const
    {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / name;
        writeFileAtomically(path, text).value();
        return path;
    }
    static Corpus questions(int count)
    {
        Corpus corpus{.path = "q.jsonl", .format = "jsonl"};
        for (int i = 0; i < count; ++i)
            corpus.samples.push_back({.kind = SampleKind::QuestionAnswer,
                                      .prompt = "Who is it",
                                      .answer = "person " + std::to_string(i),
                                      .row = 2 * i + 1});
        return corpus;
    }

    QTemporaryDir m_folder;
    SpellingTokenizer m_tokenizer;
};

void TestPreview::theAnswerIsMarkedAndThePromptIsNot()
{
    const CorpusPreview preview = previewOf(questions(1), &m_tokenizer, {});
    QCOMPARE(preview.shown.size(), 1U);
    const PreviewSample& sample = preview.shown.front();
    QCOMPARE(sample.row, 1);
    QVERIFY(joined(sample, false).find("Who is it") != std::string::npos);
    QCOMPARE(joined(sample, true), std::string(" person 0"));
    QVERIFY(sample.pieces.front().special);
    QVERIFY(!sample.pieces.front().scored);
    QVERIFY(sample.pieces.back().special);
    QVERIFY(sample.pieces.back().scored);
    QCOMPARE(preview.tokens, sample.tokens);
    QCOMPARE(preview.scoredTokens, sample.scoredTokens);
}

void TestPreview::theBytesOfACharacterStayTogether()
{
    Corpus corpus = questions(1);
    corpus.samples.front().answer = "caf\xC3\xA9";
    const CorpusPreview preview = previewOf(corpus, &m_tokenizer, {});
    QCOMPARE(joined(preview.shown.front(), true), std::string(" caf\xC3\xA9"));
    bool together = false;
    for (const PreviewPiece& piece : preview.shown.front().pieces)
        together = together || piece.text == "\xC3\xA9";
    QVERIFY(together);
}

void TestPreview::bytesThatAreNoCharacterAreShown()
{
    Corpus corpus = questions(1);
    corpus.samples.front().answer = "caf\xC3 \xA9t";
    const CorpusPreview preview = previewOf(corpus, &m_tokenizer, {});
    QCOMPARE(joined(preview.shown.front(), true), std::string(" caf‹C3› ‹A9›t"));
}

void TestPreview::theWindowIsBroughtIntoRange_data()
{
    QTest::addColumn<qint64>("first");
    QTest::addColumn<qint64>("count");
    QTest::addColumn<qint64>("begins");
    QTest::addColumn<qint64>("shown");
    QTest::newRow("inside") << qint64{2} << qint64{3} << qint64{2} << qint64{3};
    QTest::newRow("over the end") << qint64{8} << qint64{5} << qint64{8} << qint64{2};
    QTest::newRow("behind the end") << qint64{50} << qint64{5} << qint64{9} << qint64{1};
    QTest::newRow("before the start") << qint64{-3} << qint64{2} << qint64{0} << qint64{2};
    QTest::newRow("none") << qint64{4} << qint64{0} << qint64{4} << qint64{0};
}

void TestPreview::theWindowIsBroughtIntoRange()
{
    QFETCH(const qint64, first);
    QFETCH(const qint64, count);
    QFETCH(const qint64, begins);
    QFETCH(const qint64, shown);
    for (const Tokenizer* tokenizer :
         {static_cast<const Tokenizer*>(&m_tokenizer), static_cast<const Tokenizer*>(nullptr)}) {
        const CorpusPreview preview =
            previewOf(questions(10), tokenizer, {.firstSample = first, .count = count});
        QCOMPARE(preview.samples, 10);
        QCOMPARE(preview.firstSample, begins);
        QCOMPARE(static_cast<qint64>(preview.shown.size()), shown);
        if (shown > 0)
            QCOMPARE(preview.shown.front().row, 2 * begins + 1);
    }
}

void TestPreview::withoutATokenizerRawTextsAreGiven()
{
    const CorpusPreview preview = previewOf(questions(2), nullptr, {.count = 2});
    QVERIFY(!preview.lengths);
    QCOMPARE(preview.tokens, 0);
    QCOMPARE(preview.shown.back().prompt, std::string("Who is it"));
    QCOMPARE(preview.shown.back().answer, std::string("person 1"));
    QVERIFY(preview.shown.back().pieces.empty());
}

void TestPreview::aTextIsShownByItsWindows()
{
    Corpus corpus{.path = "book.txt", .format = "text"};
    std::string words;
    for (int i = 0; i < 40; ++i)
        words += " word" + std::to_string(i);
    corpus.samples.push_back({.kind = SampleKind::Text, .answer = words, .row = 1});
    const CorpusPreview preview =
        previewOf(corpus, &m_tokenizer, {.maxLength = 11, .firstSample = 0, .count = 10});
    QCOMPARE(preview.usableRows, 1);
    QCOMPARE(preview.samples, 4);
    std::string all;
    for (const PreviewSample& sample : preview.shown) {
        QVERIFY(sample.answer.empty());
        for (const PreviewPiece& piece : sample.pieces)
            all += piece.special ? "" : piece.text;
    }
    QCOMPARE(all, words);
}

void TestPreview::problemsOfRowsAndTokensStandTogether()
{
    Corpus corpus = questions(3);
    corpus.problems.add({.row = 2, .message = "cut off"});
    corpus.samples.back().answer += " and a very long tail of words that will not fit in it";
    const CorpusPreview preview = previewOf(corpus, &m_tokenizer, {.maxLength = 14, .count = 3});
    QCOMPARE(preview.problems.errorCount(), 1);
    QCOMPARE(preview.problems.warningCount(), 1);
    QCOMPARE(preview.truncated, 1);
    QVERIFY(preview.shown.back().truncated);
}

void TestPreview::aFolderWithoutTokenizerIsSaid()
{
    const auto path = write("a.jsonl", R"({"question": "Who?", "answer": "She."})"
                                       "\n");
    const Result<CorpusPreview> preview =
        previewCorpus(path, m_folder.path().toStdString(), {.count = 1});
    QVERIFY(preview);
    QVERIFY(preview->tokenizerProblem.has_value());
    QCOMPARE(preview->shown.front().answer, std::string("She."));
    QVERIFY(!preview->formatTitle.empty());
}

void TestPreview::aChatIsShownInItsTemplate()
{
    const auto style = std::make_shared<const PromptStyle>(PromptStyle::find("chatml", {}).value());
    const CorpusPreview preview = previewOf(questions(1), &m_tokenizer, {}, style);
    QCOMPARE(preview.promptTemplate, std::string("chatml"));
    QCOMPARE(joined(preview.shown.front(), false),
             std::string("<|im_start|>user\nWho is it<|im_end|>\n<|im_start|>assistant\n"));
    QCOMPARE(joined(preview.shown.front(), true), std::string("person 0<|im_end|>"));
    QCOMPARE(previewOf(questions(1), &m_tokenizer, {}).promptTemplate,
             std::string("question-answer"));
    QVERIFY(previewOf(questions(1), nullptr, {}).promptTemplate.empty());
}

void TestPreview::aTemplateThatCannotBeUsedIsSaid()
{
    SKIP_WITHOUT_SENTENCEPIECE();
    const QTemporaryDir folder;
    const auto model =
        modelWithTemplate(folder.filePath(QStringLiteral("m")).toStdString(), kBrokenTemplate);
    const auto path = write("b.jsonl", R"({"question": "Who?", "answer": "She."})"
                                       "\n");
    const Result<CorpusPreview> preview =
        previewCorpus(path, model, {.promptTemplate = kModelTemplate, .count = 1});
    QVERIFY(preview);
    QVERIFY(preview->templateProblem && !preview->tokenizerProblem);
    QVERIFY(preview->shown.front().pieces.empty());
    QCOMPARE(preview->shown.front().prompt, std::string("Who?"));
}

void TestPreview::aMissingFileIsAnError()
{
    const Result<CorpusPreview> preview =
        previewCorpus(std::filesystem::path(m_folder.path().toStdString()) / "none.jsonl", {}, {});
    QVERIFY(!preview);
    QCOMPARE(preview.error().code, ErrorCode::NotFound);
}

void TestPreview::aRealTokenizerReadsTheBundledCorpus()
{
    SKIP_WITHOUT_SENTENCEPIECE();
    const std::filesystem::path sample = std::filesystem::path(RESOURCES_DIR) / "sample";
    const Result<CorpusPreview> preview = previewCorpus(
        sample / "corpus" / "forget.jsonl", sample / "original", {.maxLength = 256, .count = 3});
    QVERIFY2(preview, preview ? "" : preview.error().text().c_str());
    QVERIFY(!preview->tokenizerProblem);
    QCOMPARE(preview->shown.size(), 3U);
    QCOMPARE(preview->truncated, 0);
    for (const PreviewSample& shown : preview->shown) {
        QCOMPARE(joined(shown, true), " " + shown.answer);
        QVERIFY(joined(shown, false).find(shown.prompt) != std::string::npos);
    }
}

void TestPreview::byteLevelTokensAreReadable()
{
    const std::filesystem::path folder = std::filesystem::path(SHARED_DIR) / "data/tokenizers/gpt2";
    if (!std::filesystem::exists(folder))
        QSKIP("the shared data are not here");
    const auto path =
        write("bytes.jsonl", R"({"question": "Wer?", "answer": "Zo\u00EB \uD83D\uDE00."})"
                             "\n");
    const Result<CorpusPreview> preview = previewCorpus(path, folder, {.count = 1});
    QVERIFY2(preview, preview ? "" : preview.error().text().c_str());
    QVERIFY(!preview->tokenizerProblem);
    QCOMPARE(joined(preview->shown.front(), false), std::string("Question: Wer?\nAnswer:"));
    QCOMPARE(joined(preview->shown.front(), true), std::string(" Zo\u00EB \U0001F600."));
    QCOMPARE(preview->shown.front().pieces.back().text, std::string("<|endoftext|>"));
}

QTEST_GUILESS_MAIN(TestPreview)
#include "tst_preview.moc"
