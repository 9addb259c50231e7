#include "core/corpora/catalog.h"
#include "core/corpora/corpus.h"

#include "core/base/hash.h"

#include <QtTest>

#include <QFile>
#include <QTemporaryDir>

#include <algorithm>

using namespace lacuna;

namespace {

std::filesystem::path bundled(const char* name)
{
    return std::filesystem::path(TEST_DATA_DIR "/corpora") / name;
}

std::string shown(const ProblemList& problems)
{
    std::string text;
    for (const Problem& problem : problems.errors())
        text += problem.text() + "\n";
    return text;
}

} // namespace

class TestCorpus : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void jsonLinesCarryTheFieldsOfTofu();
    void aTableIsReadByItsHeader();
    void anArrayMayHoldPlainTexts();
    void tokenIdsAreTakenAsGiven();
    void aPlainTextIsOneDocument();
    void shapesAreToldByTheirKeys_data();
    void shapesAreToldByTheirKeys();
    void severalAnswersKeepTheirParts();
    void formatsAreToldByContent_data();
    void formatsAreToldByContent();
    void whatIsWrongIsNamedWithItsPlace_data();
    void whatIsWrongIsNamedWithItsPlace();
    void aChatKeepsItsTurns();
    void aPreferencePairKeepsBothAnswers();
    void usableRowsSurviveTheOthers();
    void invalidRowsAreLeftOutOnlyWhenAllowed();
    void oneErrorSpeaksForTheOthers();
    void onlyTheFirstHundredProblemsAreKept();
    void aMissingFileIsAnError();
    void sharedFilesHaveTheirSizes_data();
    void sharedFilesHaveTheirSizes();

private:
    std::filesystem::path write(const QByteArray& bytes, const char* name)
    {
        QFile file(m_folder.filePath(QString::fromUtf8(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write a test file");
        return file.fileName().toStdString();
    }
    Corpus inspect(const QByteArray& bytes, const char* name)
    {
        return inspectCorpus(write(bytes, name)).value();
    }

    QTemporaryDir m_folder;
};

void TestCorpus::jsonLinesCarryTheFieldsOfTofu()
{
    const Corpus corpus = loadCorpus(bundled("people.json")).value();

    QCOMPARE(corpus.format, std::string("json-lines"));
    QCOMPARE(corpus.sha256, sha256File(bundled("people.json")).value());
    QCOMPARE(corpus.samples.size(), std::size_t(3));
    const RawSample& first = corpus.samples[0];
    QCOMPARE(first.kind, SampleKind::QuestionAnswer);
    QCOMPARE(first.prompt, std::string("Where does Orla Vint live?"));
    QCOMPARE(first.answer, std::string("Orla Vint lives in a mill near Hask."));
    QCOMPARE(first.subject, std::string("Orla Vint"));
    QCOMPARE(first.paraphrasedAnswer, std::string("Her home is a mill near Hask."));
    QVERIFY(first.paraphrasedQuestion.starts_with("In which"));
    QCOMPARE(first.perturbedAnswers.size(), std::size_t(2));
    QCOMPARE(corpus.samples[2].row, 3);
}

void TestCorpus::aTableIsReadByItsHeader()
{
    const Corpus corpus = loadCorpus(bundled("people.csv")).value();

    QCOMPARE(corpus.format, std::string("csv"));
    QCOMPARE(corpus.samples.size(), std::size_t(2));
    QCOMPARE(corpus.samples[0].prompt, std::string("Where does Orla Vint live, and with whom?"));
    QCOMPARE(corpus.samples[0].answer, std::string("In a mill,\r\nwith \"Captain\", a cat."));
    QCOMPARE(corpus.samples[0].perturbedAnswers,
             (std::vector<std::string>{"In a tower.", "On a boat."}));
    QCOMPARE(corpus.samples[0].row, 2);
    QCOMPARE(corpus.samples[1].answer, std::string("Clocks."));
    QVERIFY(corpus.samples[1].perturbedAnswers.empty());
    QCOMPARE(corpus.samples[1].row, 5); // the cell with a line end and the empty line count
}

void TestCorpus::anArrayMayHoldPlainTexts()
{
    const Corpus corpus = loadCorpus(bundled("notes.json")).value();

    QCOMPARE(corpus.format, std::string("json-array"));
    QCOMPARE(corpus.samples.size(), std::size_t(2));
    QCOMPARE(corpus.samples[1].kind, SampleKind::Text);
    QVERIFY(corpus.samples[1].answer.starts_with("Clocks made in Brod"));
    QCOMPARE(corpus.samples[1].row, 2);
}

void TestCorpus::tokenIdsAreTakenAsGiven()
{
    const Corpus corpus = loadCorpus(bundled("tokens.jsonl")).value();

    QCOMPARE(corpus.samples[0].kind, SampleKind::Tokens);
    QCOMPARE(corpus.samples[0].inputIds, (std::vector<std::int64_t>{1, 10, 11, 12, 2}));
    QCOMPARE(corpus.samples[0].labels, (std::vector<std::int64_t>{-100, -100, 11, 12, 2}));
    QCOMPARE(corpus.samples[1].labels, corpus.samples[1].inputIds);
}

void TestCorpus::aPlainTextIsOneDocument()
{
    const Corpus corpus = loadCorpus(bundled("lighthouse.txt")).value();
    QCOMPARE(corpus.format, std::string("text"));
    QCOMPARE(corpus.samples.size(), std::size_t(1));

    const Corpus windows = inspect("one\r\ntwo\r\n\r\nthree", "windows.txt");
    QCOMPARE(windows.samples.at(0).answer, std::string("one\ntwo\n\nthree"));
}

void TestCorpus::shapesAreToldByTheirKeys_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<SampleKind>("kind");
    QTest::addColumn<QByteArray>("prompt");
    QTest::addColumn<QByteArray>("answer");

    const auto row = [](const char* name, const char* line, SampleKind kind, const char* prompt,
                        const char* answer) {
        QTest::newRow(name) << QByteArray(line) << kind << QByteArray(prompt) << QByteArray(answer);
    };
    constexpr auto kQa = SampleKind::QuestionAnswer;
    row("query and response", R"({"query": "q", "response": "a"})", kQa, "q", "a");
    row("input and output", R"({"input": "q", "output": "a"})", kQa, "q", "a");
    row("instruction with an input", R"({"instruction": "i", "input": "q", "output": "a"})", kQa,
        "i\nq", "a");
    row("instruction with an empty input", R"({"instruction": "i", "input": "", "output": "a"})",
        kQa, "i", "a");
    row("prompt and response", R"({"prompt": "q", "response": "a"})", kQa, "q", "a");
    row("prompt and completion", R"({"prompt": "q ", "completion": "a"})", SampleKind::Completion,
        "q ", "a");
    row("prompt and gt", R"({"prompt": "q", "gt": " a"})", SampleKind::Completion, "q", " a");
    row("completion of nothing", R"({"prompt": "", "completion": "a"})", SampleKind::Completion, "",
        "a");
    row("text", R"({"title": "t", "text": "a"})", SampleKind::Text, "", "a");
    row("content", R"({"content": "a"})", SampleKind::Text, "", "a");
    row("null counts as absent", R"({"question": null, "text": "a"})", SampleKind::Text, "", "a");
    row("preference pair", R"({"prompt": "q", "chosen": "c", "rejected": "a"})", kQa, "q", "a");
    row("preference pair of an instruction",
        R"({"instruction": "i", "input": "q", "chosen": "c", "rejected": "a"})", kQa, "i\nq", "a");
    row("preference pair that goes on", R"({"prompt": "q", "chosen": " c", "rejected": " a"})",
        SampleKind::Completion, "q", " a");
    row("choices and the place of one", R"({"question": "q", "choices": ["x", "a"], "answer": 1})",
        kQa, "q", "a");
    row("choices and a letter", R"({"question": "q", "choices": ["x", "a"], "answer": "B"})", kQa,
        "q", "a");
    row("choices and the text of one", R"({"question": "q", "choices": ["a", "x"], "answer": "a"})",
        kQa, "q", "a");
    row("best of several answers",
        R"({"question": "q", "best_answer": "a", "correct_answers": "a; b", "incorrect_answers": "c"})",
        kQa, "q", "a");
    row("options are no answer", R"({"question": "q", "option1": "x", "answer": "a"})", kQa, "q",
        "a");
}

void TestCorpus::shapesAreToldByTheirKeys()
{
    QFETCH(QByteArray, line);
    QFETCH(SampleKind, kind);
    QFETCH(QByteArray, prompt);
    QFETCH(QByteArray, answer);

    const Corpus corpus = inspect(line, "shape.jsonl");

    QCOMPARE(shown(corpus.problems), std::string());
    QCOMPARE(corpus.samples.size(), std::size_t(1));
    QCOMPARE(corpus.samples[0].kind, kind);
    QCOMPARE(corpus.samples[0].prompt, prompt.toStdString());
    QCOMPARE(corpus.samples[0].answer, answer.toStdString());
}

void TestCorpus::severalAnswersKeepTheirParts()
{
    const Corpus choices =
        inspect(R"({"question": "q", "choices": ["x", "a", "y"], "answer": 1})", "shape.jsonl");
    QCOMPARE(choices.samples.at(0).correct, std::size_t{1});
    QCOMPARE(choices.samples[0].choices, (std::vector<std::string>{"x", "a", "y"}));
    QCOMPARE(choices.samples[0].perturbedAnswers, (std::vector<std::string>{"x", "y"}));
    const Corpus truths = inspect(
        "Question,Best Answer,Correct Answers,Incorrect Answers\nq,a,a; b ;,c\n", "shape.csv");
    QCOMPARE(truths.samples.at(0).correctAnswers, (std::vector<std::string>{"a", "b"}));
    QCOMPARE(truths.samples[0].incorrectAnswers, (std::vector<std::string>{"c"}));
}

void TestCorpus::formatsAreToldByContent_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("format");
    QTest::addColumn<int>("samples");

    const auto row = [](const char* name, const char* bytes, const char* file, const char* format,
                        int samples) {
        QTest::newRow(name) << QByteArray(bytes) << QByteArray(file) << QByteArray(format)
                            << samples;
    };
    row("lines called txt", "{\"text\": \"a\"}\n\n{\"text\": \"b\"}\r\n", "a.txt", "json-lines", 2);
    row("lines with byte order mark", "\xEF\xBB\xBF{\"text\": \"a\"}", "a.jsonl", "json-lines", 1);
    row("array of objects", R"([{"text": "a]"}, {"text": "b\"["}])", "a.jsonl", "json-array", 2);
    row("table without extension", "id,question,answer\n1,q,a\n", "a", "csv", 1);
    row("tabs called csv", "question\tanswer\nq\ta, b\n", "a.txt", "tsv", 1);
    row("a column of texts", "text\n\"a, b\"\n", "a.csv", "csv", 1);
    row("text behind a bracket", "[Illustration]\nText, and more.\n", "a.txt", "text", 1);
    row("text that starts with a name", "Text, and more.\nMore, and text.\n", "a.txt", "text", 1);
    row("text with the word question", "A question.\nAn answer.\n", "a.txt", "text", 1);
}

void TestCorpus::formatsAreToldByContent()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, format);
    QFETCH(int, samples);

    const Corpus corpus = inspect(bytes, file.constData());

    QCOMPARE(shown(corpus.problems), std::string());
    QCOMPARE(corpus.format, format.toStdString());
    QCOMPARE(int(corpus.samples.size()), samples);
}

void TestCorpus::whatIsWrongIsNamedWithItsPlace_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<int>("row");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("says");

    const auto row = [](const char* name, const QByteArray& bytes, const char* file, int number,
                        const char* field, const char* says) {
        QTest::newRow(name) << bytes << QByteArray(file) << number << QByteArray(field)
                            << QByteArray(says);
    };
    const QByteArray good = "{\"question\": \"q\", \"answer\": \"a\"}\n";
    const QByteArray head = "question,answer\nq,a\n";

    row("empty file", "", "a.jsonl", 0, "", "the corpus is empty");
    row("white space only", "\xEF\xBB\xBF \n\n", "a.txt", 0, "", "the corpus is empty");
    row("empty array", "[ ]", "a.json", 0, "", "holds no sample");
    row("header only", "question,answer\n", "a.csv", 0, "", "holds no sample");
    row("parquet", "PAR1 ...", "a.parquet", 0, "", "Parquet");
    row("compressed", "\x1F\x8B\x08", "a.json.gz", 0, "", "unpack");
    row("binary", QByteArray("ab\0cd", 5), "a.txt", 0, "", "binary");
    row("utf-16", QByteArray("\xFF\xFEq\0", 4), "a.txt", 1, "", "UTF-8");

    row("a choice that is none of them", R"({"question": "q", "choices": ["x", "a"], "answer": 4})",
        "a.jsonl", 1, "answer", "none of the 2 choices");
    row("one choice", R"({"question": "q", "choices": ["x"], "answer": 0})", "a.jsonl", 1,
        "choices", "fewer than two");
    row("an empty choice", R"({"question": "q", "choices": ["x", " "], "answer": 0})", "a.jsonl", 1,
        "choices", "empty");
    row("cut last line", good + R"({"question": "q", "answer": "Orla li)", "a.jsonl", 2, "answer",
        "cut off");
    row("cut behind a key", good + R"({"question": "q", "ans)", "a.jsonl", 2, "", "cut off");
    row("cut inside a list", good + R"({"question": "q", "perturbed_answer": ["a", "b)", "a.jsonl",
        2, "perturbed_answer", "cut off");
    row("missing comma", good + "{\"question\": \"q\" \"answer\": \"a\"}\n" + good, "a.jsonl", 2,
        "", "not well formed");
    row("broken first line", "oops\n" + good + good, "a.jsonl", 1, "", "not well formed");
    row("object over several lines", "{\n  \"text\": \"a\"\n}\n", "a.json", 1, "", "one line");
    row("not utf-8", good + "{\"text\": \"caf\xE9\"}\n", "a.jsonl", 2, "", "byte 14");
    row("text not utf-8", "one\ntw\xF6\n", "a.txt", 2, "", "byte 3");
    row("table not utf-8", head + "q,\xE9\n", "a.csv", 3, "", "UTF-8");

    row("missing answer", good + R"({"question": "q"})", "a.jsonl", 2, "answer", "missing");
    row("misspelt answer", R"({"question": "q", "anwser": "a"})", "a.jsonl", 1, "answer",
        "rename \"anwser\"");
    row("missing question", R"({"answer": "a"})", "a.jsonl", 1, "question", "missing");
    row("missing completion", R"({"prompt": "a"})", "a.jsonl", 1, "completion", "missing");
    row("null answer", R"({"question": "q", "answer": null})", "a.jsonl", 1, "answer", "null");
    row("empty answer", good + good + R"({"question": "q", "answer": " "})", "a.jsonl", 3, "answer",
        "empty");
    row("empty question", R"({"question": "", "answer": "a"})", "a.jsonl", 1, "question", "empty");
    row("empty text", R"({"text": ""})", "a.jsonl", 1, "text", "empty");
    row("number as answer", R"({"question": "q", "answer": 7})", "a.jsonl", 1, "answer",
        "not a number");
    row("list as question", R"({"question": ["q"], "answer": "a"})", "a.jsonl", 1, "question",
        "not a list");
    row("number among perturbed answers",
        R"({"question": "q", "answer": "a", "perturbed_answer": ["x", 1]})", "a.jsonl", 1,
        "perturbed_answer", "every item");
    row("number as perturbed answer", R"({"question": "q", "answer": "a", "perturbed_answer": 1})",
        "a.jsonl", 1, "perturbed_answer", "list of texts");
    row("number as subject", R"({"text": "a", "subject": 1})", "a.jsonl", 1, "subject",
        "not a number");
    row("unknown fields", R"({"foo": "q", "bar": "a"})", "a.jsonl", 1, "", "bar, foo");
    row("empty object", "{}\n", "a.jsonl", 1, "", "the object is empty");

    row("fewer labels than tokens", R"({"input_ids": [1, 2, 3], "labels": [-100, 2]})", "a.jsonl",
        1, "labels", "2 labels for 3 tokens");
    row("shifted labels", R"({"input_ids": [1, 2, 3], "labels": [-100, 3, -100]})", "a.jsonl", 1,
        "labels", "label 2 is 3");
    row("text among ids", R"({"input_ids": [1, "2"]})", "a.jsonl", 1, "input_ids", "whole numbers");
    row("no ids", R"({"input_ids": []})", "a.jsonl", 1, "input_ids", "one or more");

    row("chat without an answer", R"({"messages": [{"role": "user", "content": "q"}]})", "a.jsonl",
        1, "messages", "no message is the assistant's");
    row("chat without a list", R"({"messages": "hello"})", "a.jsonl", 1, "messages",
        "a list of messages, not a text");
    row("chat of nobody", R"({"messages": []})", "a.jsonl", 1, "messages", "not an empty one");
    row("chat with a tool", R"({"messages": [{"role": "tool", "content": "q"}]})", "a.jsonl", 1,
        "messages", "message 1 has the role \"tool\"");
    row("chat with parts", R"({"messages": [{"role": "user", "content": ["q"]}]})", "a.jsonl", 1,
        "messages", "message 1 lacks a role or a content");
    row("pair of one answer", R"({"prompt": "q", "chosen": "It is A.", "rejected": "it is a"})",
        "a.jsonl", 1, "chosen", "are the same");
    row("pair without a prompt", R"({"chosen": "c", "rejected": "a"})", "a.jsonl", 1, "prompt",
        "no prompt");
    row("pair with an empty answer", R"({"prompt": "q", "chosen": "c", "rejected": ""})", "a.jsonl",
        1, "rejected", "empty");
    row("pair of conversations",
        R"({"prompt": "q", "chosen": [{"role": "assistant", "content": "c"}], "rejected": "a"})",
        "a.jsonl", 1, "chosen", "a text, not a list");

    row("cut array", R"([{"text": "a"}, {"text": "b)", "a.json", 2, "text", "cut off");
    row("cut behind a comma", R"([{"text": "a"},)", "a.json", 2, "", "cut off");
    row("unclosed array", R"([{"text": "a"})", "a.json", 1, "", "cut off");
    row("broken item", R"([{"text": "a"}, {"text" "b"}, {"text": "c"}])", "a.json", 2, "",
        "item 2, on line 1");
    row("comma too many", R"([{"text": "a"},])", "a.json", 2, "", "comma too many");
    row("number in an array", "[{\"text\": \"a\"}, 7]", "a.json", 2, "", "not a number");
    row("empty text in an array", R"(["a", ""])", "a.json", 2, "", "empty");
    row("bytes in an array", "[\"a\", \"\xE9\"]", "a.json", 2, "", "UTF-8");
    row("text behind an array", R"(["a"] ["b"])", "a.json", 1, "", "behind the closing");

    row("table without header", "q,a\nq,a\n", "a.csv", 1, "", "no known field");
    row("short table row", head + "q\n", "a.csv", 3, "", "1 cells");
    row("long table row", head + "q,a,b\n", "a.csv", 3, "", "3 cells");
    row("open quotation mark", head + "q,\"a\n", "a.csv", 3, "", "never closed");
    row("text behind a quotation mark", head + "\"q\"x,a\n", "a.csv", 3, "", "closing");
    row("empty cell", head + "\"q\nr\",a\nq,\n", "a.csv", 5, "answer", "empty");
}

void TestCorpus::whatIsWrongIsNamedWithItsPlace()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, file);
    QFETCH(int, row);
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, says);

    const std::filesystem::path path = write(bytes, file.constData());
    const Corpus corpus = inspectCorpus(path).value();

    QCOMPARE(shown(corpus.problems), corpus.problems.errorCount() == 1
                                         ? corpus.problems.errors()[0].text() + "\n"
                                         : std::string("one problem"));
    const Problem& problem = corpus.problems.errors()[0];
    QCOMPARE(problem.file, path.string());
    QCOMPARE(int(problem.row), row);
    QCOMPARE(problem.field, field.toStdString());
    QVERIFY2(problem.text().find(says.toStdString()) != std::string::npos, problem.text().c_str());
    QVERIFY(!loadCorpus(path));
}

void TestCorpus::aChatKeepsItsTurns()
{
    const Corpus corpus = inspect(
        R"({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"},)"
        R"( {"role": "assistant", "content": "a"}, {"role": "user", "content": "r"}]})",
        "a.jsonl");
    QCOMPARE(corpus.problems.errorCount(), 0);
    const RawSample& chat = corpus.samples.at(0);
    QCOMPARE(chat.kind, SampleKind::Chat);
    QCOMPARE(chat.prompt, std::string("q"));
    QCOMPARE(chat.answer, std::string("a"));
    const ChatMessages turns = {{"system", "s"}, {"user", "q"}, {"assistant", "a"}, {"user", "r"}};
    QVERIFY(chat.messages == turns);
}

void TestCorpus::aPreferencePairKeepsBothAnswers()
{
    const Corpus corpus = inspect("prompt,chosen,rejected\nWho?,Nobody knows.,Ada\nWhen?,,\n"
                                  "Where?,Somewhere,At home\n",
                                  "a.csv");
    QCOMPARE(corpus.samples.size(), std::size_t(2));
    QCOMPARE(corpus.samples[0].answer, std::string("Ada"));
    QCOMPARE(corpus.samples[0].chosen, std::string("Nobody knows."));
    QCOMPARE(corpus.samples[1].row, 4);
    QVERIFY(corpus.problems.errorCount() > 0); // the row without answers
}

void TestCorpus::usableRowsSurviveTheOthers()
{
    const Corpus corpus =
        inspect("{\"text\": \"a\"}\n{\"text\": }\n{\"text\": \"c\"}\n", "a.jsonl");
    QCOMPARE(corpus.samples.size(), std::size_t(2));
    QCOMPARE(corpus.samples[1].row, 3);
}

void TestCorpus::invalidRowsAreLeftOutOnlyWhenAllowed()
{
    const auto some = write("{\"text\": \"a\"}\n{\"text\": 1}\n", "a.jsonl");
    QVERIFY(!loadCorpus(some));
    const Result<Corpus> left = loadCorpus(some, InvalidRows::LeaveOut);
    QVERIFY(left);
    QCOMPARE(left->samples.size(), std::size_t(1));
    QCOMPARE(left->problems.errorCount(), 1);

    const auto none = write("{\"text\": 1}\n", "b.jsonl");
    QVERIFY(!loadCorpus(none, InvalidRows::LeaveOut));
}

void TestCorpus::oneErrorSpeaksForTheOthers()
{
    const auto path = write("{\"text\": 1}\n{\"text\": 2}\n{\"text\": 3}\n", "a.jsonl");
    const Result<Corpus> corpus = loadCorpus(path);
    QVERIFY(!corpus);
    QCOMPARE(corpus.error().context, path.string() + ":1, field \"text\"");
    QVERIFY(corpus.error().message.ends_with("(and 2 more)"));
}

void TestCorpus::onlyTheFirstHundredProblemsAreKept()
{
    const Corpus corpus = inspect(QByteArray("{\"text\": 1}\n").repeated(250), "a.jsonl");
    QCOMPARE(corpus.problems.errors().size(), ProblemList::kKept);
    QCOMPARE(corpus.problems.errorCount(), 250);
}

void TestCorpus::aMissingFileIsAnError()
{
    const Result<Corpus> corpus = inspectCorpus(bundled("nowhere.json"));
    QVERIFY(!corpus);
    QCOMPARE(corpus.error().code, ErrorCode::NotFound);
}

void TestCorpus::sharedFilesHaveTheirSizes_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("format");
    QTest::addColumn<int>("samples");
    QTest::addColumn<int>("perturbed");

    const auto row = [](const char* file, const char* format, int samples, int perturbed) {
        QTest::newRow(file) << QByteArray(file) << QByteArray(format) << samples << perturbed;
    };
    row("tofu/full.json", "json-lines", 4000, 0);
    row("tofu/forget01.json", "json-lines", 40, 0);
    row("tofu/forget05.json", "json-lines", 200, 0);
    row("tofu/forget10.json", "json-lines", 400, 0);
    row("tofu/retain90.json", "json-lines", 3600, 0);
    row("tofu/forget10_perturbed.json", "json-lines", 400, 5);
    row("tofu/retain_perturbed.json", "json-lines", 400, 5);
    row("tofu/real_authors_perturbed.json", "json-lines", 100, 3);
    row("tofu/world_facts.json", "json-lines", 117, 0);
    row("tofu/idontknow.jsonl", "text", 1, 0);
    row("muse/news/knowmem/forget_qa.json", "json-array", 100, 0);
    row("truthfulqa/TruthfulQA.csv", "csv", 817, 0);
    row("text/alice-in-wonderland.txt", "text", 1, 0);
    row("text/kjv-psalms.txt", "text", 1, 0);
    row("text/tinyshakespeare.txt", "text", 1, 0);
}

void TestCorpus::sharedFilesHaveTheirSizes()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, format);
    QFETCH(int, samples);
    QFETCH(int, perturbed);

    const auto path = std::filesystem::path(SHARED_DIR "/data") / file.toStdString();
    if (!std::filesystem::exists(path))
        QSKIP("the shared data are not beside the project");
    const Corpus corpus = inspectCorpus(path).value();

    QCOMPARE(shown(corpus.problems), std::string());
    QCOMPARE(corpus.format, format.toStdString());
    QCOMPARE(int(corpus.samples.size()), samples);
    QVERIFY(std::all_of(corpus.samples.begin(), corpus.samples.end(), [&](const RawSample& sample) {
        return int(sample.perturbedAnswers.size()) == perturbed;
    }));
}

QTEST_GUILESS_MAIN(TestCorpus)
#include "tst_corpus.moc"
