#include "core/corpora/tokenise.h"

#include "fake_tokenizer.h"

#include <QtTest>

using namespace lacuna;

using namespace Qt::StringLiterals;

using Ids = std::vector<std::int64_t>;
using Flags = std::vector<std::uint8_t>;

namespace {

Corpus corpusOf(std::vector<RawSample> samples)
{
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i].row = static_cast<std::int64_t>(i) + 1;
    return {.path = "corpus.jsonl", .format = "json-lines", .samples = std::move(samples)};
}

RawSample question(const char* prompt, const char* answer)
{
    return {.kind = SampleKind::QuestionAnswer, .prompt = prompt, .answer = answer};
}

RawSample text(const std::string& words)
{
    return {.kind = SampleKind::Text, .answer = words};
}

std::string words(int count)
{
    std::string text = "w";
    for (int i = 1; i < count; ++i)
        text += " w";
    return text;
}

/// What of a sample is scored, as text; EOS shows as "|".
std::string scoredText(const ScoredSample& sample, const FakeTokenizer& tokenizer)
{
    std::string text;
    for (std::size_t t = 0; t < sample.ids.size(); ++t)
        if (sample.scored[t])
            text += sample.ids[t] == tokenizer.eosId() ? "|" : tokenizer.piece(sample.ids[t]);
    return text;
}

} // namespace

class TestTokenise : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theAnswerAndEosAreScored();
    void theTemplateIsTheRecipesChoice();
    void theOpenPromptEndsAtTheBorder();
    void everyAnswerOfAChatIsScored_data();
    void everyAnswerOfAChatIsScored();
    void aChatThatCannotBeWrittenIsNamedWithItsRow();
    void aQuestionIsWrittenTheSameByFormatAndByDefault();
    void aTokenAcrossTheBorderIsScoredAndReported();
    void completionsAreJoinedAsTheyAre();
    void eosIsLeftOutWhereThereIsNone();
    void aCutSampleHasNoEos_data();
    void aCutSampleHasNoEos();
    void aSampleWithoutScoredTokensIsLeftOut();
    void nothingToScoreIsAnError();
    void aTextIsCutIntoWindows();
    void aShortLastWindowIsDropped();
    void aShortTextStays();
    void givenLabelsDecideWhatIsScored();
    void foreignTokenIdsAreNamedWithTheirRow();
    void lengthsAreSummedUp();
    void histogramBinsHoldEveryLength();
    void tofuFitsInto256Tokens();
};

void TestTokenise::theAnswerAndEosAreScored()
{
    const FakeTokenizer tokenizer;
    const auto result = tokenise(corpusOf({question("Who is it?", "Orla Vint.")}), tokenizer, {});
    const ScoredSample& sample = result->samples.at(0);

    QCOMPARE(tokenizer.decode(sample.ids), std::string("Question: Who is it?\nAnswer: Orla Vint."));
    QCOMPARE(scoredText(sample, tokenizer), std::string(" Orla Vint.|"));
    QCOMPARE(sample.ids.front(), tokenizer.bosId());
    QCOMPARE(sample.ids.back(), tokenizer.eosId());
    QVERIFY(sample.endsWithEos && !sample.truncated);
    // BOS, Question, colon, Who, is, it, question mark, line end, Answer, colon
    QCOMPARE(sample.promptLength, 10);
    QCOMPARE(sample.scoredCount(), 4);
    QCOMPARE(result->mergedBorders, 0);
}

void TestTokenise::theTemplateIsTheRecipesChoice()
{
    const FakeTokenizer tokenizer;
    const TokeniseOptions options{
        .qaTemplate = {.before = "<u>", .between = "</u>", .after = "</a>"}};
    const auto result = tokenise(corpusOf({question("Who?", "Orla")}), tokenizer, options);
    QCOMPARE(tokenizer.decode(result->samples.at(0).ids), std::string("<u>Who?</u>Orla</a>"));
    QCOMPARE(scoredText(result->samples.at(0), tokenizer), std::string("Orla</a>|"));
}

void TestTokenise::theOpenPromptEndsAtTheBorder()
{
    const FakeTokenizer tokenizer;
    const QaTemplate qaTemplate;
    QCOMPARE(qaTemplate.prompt("Who?"), std::string("Question: Who?\nAnswer: "));
    QCOMPARE(qaTemplate.openPrompt("Who?"), std::string("Question: Who?\nAnswer:"));

    const auto result = tokenise(corpusOf({question("Who?", "Orla")}), tokenizer, {});
    Ids ids = result->samples.at(0).ids;
    ids.resize(static_cast<std::size_t>(result->samples[0].promptLength));
    QCOMPARE(ids, tokenizer.encode(qaTemplate.openPrompt("Who?")));
}

void TestTokenise::everyAnswerOfAChatIsScored_data()
{
    QTest::addColumn<QString>("style");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("scored");
    // EOS shows as "|" among what is scored, and not at all in the text.
    QTest::newRow("a format that ends with EOS")
        << u"question-answer"_s
        << u"Question: Who?\nAnswer: Orla\n\nQuestion: When?\nAnswer: In May"_s
        << u" Orla| In May|"_s;
    QTest::newRow("a format with a marker of its own")
        << u"chatml"_s
        << u"<|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\nOrla<|im_end|>\n"
           "<|im_start|>user\nWhen?<|im_end|>\n<|im_start|>assistant\nIn May<|im_end|>"_s
        << u"Orla<|im_end|>In May<|im_end|>"_s;
    QTest::newRow("the model's own template")
        << u"model"_s
        << u"<user>Who?<end>\n<assistant>Orla<end>\n<user>When?<end>\n<assistant>In May<end>"_s
        << u"Orla<end>In May<end>"_s;
}

void TestTokenise::everyAnswerOfAChatIsScored()
{
    QFETCH(QString, style);
    QFETCH(QString, text);
    QFETCH(QString, scored);
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"chat_template.jinja"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>\n{% endfor %}"
               "{% if add_generation_prompt %}<assistant>{% endif %}");
    file.close();
    const auto found = PromptStyle::find(style.toStdString(), folder.path().toStdString());
    QVERIFY2(bool(found), found ? "" : found.error().text().c_str());

    const FakeTokenizer tokenizer;
    const RawSample chat{
        .kind = SampleKind::Chat,
        .messages = {
            {"user", "Who?"}, {"assistant", "Orla"}, {"user", "When?"}, {"assistant", "In May"}}};
    const auto result = tokenise(corpusOf({chat}), tokenizer,
                                 {.style = std::make_shared<const PromptStyle>(*found)});
    QVERIFY2(bool(result), result ? "" : result.error().text().c_str());
    const ScoredSample& sample = result->samples.at(0);
    QCOMPARE(QString::fromStdString(tokenizer.decode(sample.ids)), text);
    QCOMPARE(QString::fromStdString(scoredText(sample, tokenizer)), scored);
    QCOMPARE(sample.ids.front() == tokenizer.bosId(), style != u"model"_s);
    QCOMPARE(result->mergedBorders, 0);
    // The prompt ends where the first answer starts.
    QVERIFY(sample.scored[static_cast<std::size_t>(sample.promptLength)] != 0);
    QCOMPARE(sample.scored[static_cast<std::size_t>(sample.promptLength) - 1], 0);
}

void TestTokenise::aChatThatCannotBeWrittenIsNamedWithItsRow()
{
    const FakeTokenizer tokenizer;
    const RawSample chat{
        .kind = SampleKind::Chat,
        .messages = {{"system", "Be brief."}, {"user", "Who?"}, {"assistant", "Orla"}}};
    const TokenisedCorpus result =
        inspectTokens(corpusOf({question("Who?", "Orla"), chat}), tokenizer, {});
    QCOMPARE(result.samples.size(), std::size_t(1));
    QCOMPARE(result.problems.errorCount(), 1);
    const Problem& problem = result.problems.errors()[0];
    QCOMPARE(problem.row, 2);
    QCOMPARE(problem.field, std::string("messages"));
    QVERIFY(problem.message.find("no place for a system message") != std::string::npos);
}

void TestTokenise::aQuestionIsWrittenTheSameByFormatAndByDefault()
{
    const FakeTokenizer tokenizer;
    const Corpus corpus = corpusOf(
        {question("Who is it?", "Orla Vint."), question("A", "B"), question("Why? ", " C ")});
    const auto plain = tokenise(corpus, tokenizer, {});
    const auto styled =
        tokenise(corpus, tokenizer, {.style = std::make_shared<const PromptStyle>()});
    QVERIFY(plain && styled);
    for (std::size_t i = 0; i < corpus.samples.size(); ++i) {
        QCOMPARE(styled->samples[i].ids, plain->samples[i].ids);
        QCOMPARE(styled->samples[i].scored, plain->samples[i].scored);
        QCOMPARE(styled->samples[i].promptLength, plain->samples[i].promptLength);
        QCOMPARE(styled->samples[i].endsWithEos, plain->samples[i].endsWithEos);
    }
}

void TestTokenise::aTokenAcrossTheBorderIsScoredAndReported()
{
    FakeTokenizer tokenizer;
    tokenizer.mergesColons = true;
    const TokeniseOptions options{.qaTemplate = {.before = "", .between = ":"}};
    const auto result = tokenise(corpusOf({question("Who", "Orla")}), tokenizer, options);

    QCOMPARE(result->mergedBorders, 1);
    QCOMPARE(result->problems.warningCount(), 1);
    QCOMPARE(result->problems.warnings()[0].row, 1);
    QCOMPARE(scoredText(result->samples.at(0), tokenizer), std::string(":Orla|"));
}

void TestTokenise::completionsAreJoinedAsTheyAre()
{
    const FakeTokenizer tokenizer;
    const RawSample raw{
        .kind = SampleKind::Completion, .prompt = "Once upon a ", .answer = "time, so"};
    const auto result = tokenise(corpusOf({raw}), tokenizer, {});
    QCOMPARE(tokenizer.decode(result->samples.at(0).ids), std::string("Once upon a time, so"));
    QCOMPARE(scoredText(result->samples.at(0), tokenizer), std::string(" time, so|"));
}

void TestTokenise::eosIsLeftOutWhereThereIsNone()
{
    FakeTokenizer tokenizer;
    const Corpus corpus = corpusOf({question("Who?", "Orla")});
    const auto without = tokenise(corpus, tokenizer, {.appendEos = false});
    QCOMPARE(scoredText(without->samples.at(0), tokenizer), std::string(" Orla"));
    QVERIFY(!without->samples[0].endsWithEos);

    tokenizer.eos = false;
    const auto none = tokenise(corpus, tokenizer, {});
    QCOMPARE(scoredText(none->samples.at(0), tokenizer), std::string(" Orla"));
}

void TestTokenise::aCutSampleHasNoEos_data()
{
    QTest::addColumn<int>("maxLength");
    QTest::addColumn<QByteArray>("scored");
    // BOS and eight tokens of prompt, three of answer, EOS
    QTest::newRow("all fits") << 12 << QByteArray(" a b c|");
    QTest::newRow("only EOS does not fit") << 11 << QByteArray(" a b c");
    QTest::newRow("an answer cut") << 10 << QByteArray(" a b");
}

void TestTokenise::aCutSampleHasNoEos()
{
    QFETCH(int, maxLength);
    QFETCH(QByteArray, scored);

    const FakeTokenizer tokenizer;
    const auto result =
        tokenise(corpusOf({question("Who?", "a b c")}), tokenizer, {.maxLength = maxLength});
    const ScoredSample& sample = result->samples.at(0);

    QCOMPARE(int(sample.ids.size()), maxLength);
    QCOMPARE(scoredText(sample, tokenizer), scored.toStdString());
    QCOMPARE(sample.truncated, maxLength < 12);
    QCOMPARE(sample.endsWithEos, maxLength == 12);
    QCOMPARE(result->truncated, maxLength < 12 ? 1 : 0);
    QCOMPARE(result->problems.warningCount(), maxLength < 12 ? 1 : 0);
}

void TestTokenise::aSampleWithoutScoredTokensIsLeftOut()
{
    const FakeTokenizer tokenizer;
    const Corpus corpus = corpusOf({question("a b c d e f g h", "x"), question("a", "x")});
    const auto result = tokenise(corpus, tokenizer, {.maxLength = 10});

    QCOMPARE(result->zeroScored, 1);
    QCOMPARE(result->samples.size(), std::size_t(1));
    QCOMPARE(result->samples[0].index, 0);
    QCOMPARE(result->samples[0].source, 1);
    QCOMPARE(result->problems.warnings().back().row, 1);
}

void TestTokenise::nothingToScoreIsAnError()
{
    const FakeTokenizer tokenizer;
    const Corpus corpus = corpusOf({question("a b c d e f g h", "x")});
    QVERIFY(!tokenise(corpus, tokenizer, {.maxLength = 5}));
    QVERIFY(!tokenise(corpus, tokenizer, {.maxLength = 1}));
    QCOMPARE(inspectTokens(corpus, tokenizer, {.maxLength = 5}).zeroScored, 1);
}

void TestTokenise::aTextIsCutIntoWindows()
{
    FakeTokenizer tokenizer;
    const Corpus corpus = corpusOf({text(words(29)), text(words(12))});

    const auto result = tokenise(corpus, tokenizer, {.maxLength = 11});
    QCOMPARE(result->samples.size(), std::size_t(4)); // 10, 10 and 9 words; 10, and 2 dropped
    QCOMPARE(result->samples[0].ids.size(), std::size_t(11));
    QCOMPARE(result->samples[2].ids.size(), std::size_t(10));
    for (const ScoredSample& sample : result->samples) {
        QCOMPARE(sample.ids.front(), tokenizer.bosId());
        QCOMPARE(sample.scoredCount(), std::int64_t(sample.ids.size()) - 1);
        QCOMPARE(sample.scored.front(), std::uint8_t(0));
        QVERIFY(!sample.truncated && !sample.endsWithEos);
    }
    QCOMPARE(result->samples[3].source, 1);
    QCOMPARE(result->samples[3].index, 3);

    tokenizer.bos = false;
    const auto bare = tokenise(corpus, tokenizer, {.maxLength = 11});
    QCOMPARE(bare->samples[0].ids.size(), std::size_t(11));
    QCOMPARE(bare->samples[0].scoredCount(), 10);
    QCOMPARE(bare->samples[0].promptLength, 0);
}

void TestTokenise::aShortLastWindowIsDropped()
{
    FakeTokenizer tokenizer;
    tokenizer.bos = false;
    const auto dropped = tokenise(corpusOf({text(words(27))}), tokenizer, {.maxLength = 20});
    QCOMPARE(dropped->samples.size(), std::size_t(1));
    QCOMPARE(dropped->droppedTokens, 7);
    const auto kept = tokenise(corpusOf({text(words(28))}), tokenizer, {.maxLength = 20});
    QCOMPARE(kept->samples.size(), std::size_t(2));
    QCOMPARE(kept->droppedTokens, 0);
}

void TestTokenise::aShortTextStays()
{
    const FakeTokenizer tokenizer;
    const auto result = tokenise(corpusOf({text("two words")}), tokenizer, {});
    QCOMPARE(result->samples.size(), std::size_t(1));
    QCOMPARE(scoredText(result->samples[0], tokenizer), std::string("two words"));
}

void TestTokenise::givenLabelsDecideWhatIsScored()
{
    const FakeTokenizer tokenizer;
    const RawSample masked{.kind = SampleKind::Tokens,
                           .inputIds = {1, 10, 11, 12, 2},
                           .labels = {-100, -100, 11, 12, 2}};
    const RawSample open{
        .kind = SampleKind::Tokens, .inputIds = {10, 11, 12}, .labels = {10, 11, 12}};
    const auto result = tokenise(corpusOf({masked, open}), tokenizer, {.maxLength = 5});

    QCOMPARE(result->samples[0].ids, masked.inputIds);
    QCOMPARE(result->samples[0].scored, (Flags{0, 0, 1, 1, 1}));
    QCOMPARE(result->samples[0].promptLength, 2);
    QVERIFY(result->samples[0].endsWithEos);
    QCOMPARE(result->samples[1].scored, (Flags{0, 1, 1}));
    QVERIFY(!result->samples[1].endsWithEos);

    const auto cut = tokenise(corpusOf({masked}), tokenizer, {.maxLength = 4});
    QCOMPARE(cut->samples[0].scored, (Flags{0, 0, 1, 1}));
    QVERIFY(cut->samples[0].truncated && !cut->samples[0].endsWithEos);
}

void TestTokenise::foreignTokenIdsAreNamedWithTheirRow()
{
    const FakeTokenizer tokenizer; // of 100 tokens
    const Corpus corpus =
        corpusOf({{.kind = SampleKind::Tokens, .inputIds = {1, 99}, .labels = {1, 99}},
                  {.kind = SampleKind::Tokens, .inputIds = {1, 100}, .labels = {1, 100}},
                  {.kind = SampleKind::Tokens, .inputIds = {1, -1}, .labels = {1, -1}}});
    const TokenisedCorpus result = inspectTokens(corpus, tokenizer, {});

    QCOMPARE(result.samples.size(), std::size_t(1));
    QCOMPARE(result.problems.errorCount(), 2);
    QCOMPARE(result.problems.errors()[0].place(),
             std::string("corpus.jsonl:2, field \"input_ids\""));
    QCOMPARE(result.usedRows, std::int64_t{1});
    QVERIFY(!tokenise(corpus, tokenizer, {}));
    QVERIFY(tokenise(corpus, tokenizer, {}, InvalidRows::LeaveOut));
}

void TestTokenise::lengthsAreSummedUp()
{
    const FakeTokenizer tokenizer;
    const auto result =
        tokenise(corpusOf({text(words(4)), text(words(9)), text(words(5))}), tokenizer, {});
    QCOMPARE(result->tokens, 21);
    QCOMPARE(result->scoredTokens, 18);
    QCOMPARE(result->lengths.shortest, 5);
    QCOMPARE(result->lengths.median, 6);
    QCOMPARE(result->lengths.longest, 10);
    QCOMPARE(result->lengths.mean, 7.0);
}

void TestTokenise::histogramBinsHoldEveryLength()
{
    const LengthHistogram small = lengthHistogram({1, 2, 2, 32});
    QCOMPARE(small.binWidth, 1);
    QCOMPARE(small.counts.size(), std::size_t(32));
    QCOMPARE(small.counts[1], 2);

    const LengthHistogram wide = lengthHistogram({33, 2, 3, 64});
    QCOMPARE(wide.binWidth, 2);
    QCOMPARE(wide.counts.size(), std::size_t(32));
    QCOMPARE(wide.counts[0], 1);
    QCOMPARE(wide.counts[1], 1);
    QCOMPARE(wide.counts[16], 1);
    QCOMPARE(wide.counts[31], 1);

    QVERIFY(lengthHistogram({}).counts.empty());
}

void TestTokenise::tofuFitsInto256Tokens()
{
    const std::filesystem::path path(SHARED_DIR "/data/tofu/forget10.json");
    if (!std::filesystem::exists(path))
        QSKIP("the shared data are not beside the project");
    const FakeTokenizer tokenizer;
    const auto result = tokenise(loadCorpus(path).value(), tokenizer, {.maxLength = 256});
    QCOMPARE(result->samples.size(), std::size_t(400));
    QCOMPARE(result->truncated, 0);
    QCOMPARE(result->mergedBorders, 0);
    QCOMPARE(result->problems.warningCount(), 0);
}

QTEST_GUILESS_MAIN(TestTokenise)
#include "tst_tokenise.moc"
