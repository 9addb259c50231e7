#include "core/tokens/prompt_style.h"

#include "core/base/json.h"
#include "tests/core/base/std_text.h"

#include <QTemporaryDir>
#include <QTest>

using namespace lacuna;

namespace {

/// The text with the answers in square brackets, or the error.
QString marked(const Result<RenderedChat>& chat)
{
    if (!chat)
        return shown("error: " + chat.error().text());
    std::string text = chat->text;
    for (auto answer = chat->answers.rbegin(); answer != chat->answers.rend(); ++answer) {
        text.insert(answer->end, "]");
        text.insert(answer->begin, "[");
    }
    return shown(text + (chat->appendEos ? "+EOS" : ""));
}

QString shownPrompt(const Result<RenderedPrompt>& prompt)
{
    return shown(prompt ? prompt->text : "error: " + prompt.error().text());
}

const ChatMessages kTwoTurns = {
    {"user", "q1"}, {"assistant", "a1"}, {"user", "q2"}, {"assistant", "a2"}};
const ChatMessages kWithSystem = {{"system", "s"}, {"user", "q1"}, {"assistant", "a1"}};

} // namespace

class TestPromptStyle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void everyFormatWritesAQuestion_data()
    {
        QTest::addColumn<QString>("id");
        for (const PromptFormat& format : promptFormats().entries())
            QTest::newRow(format.id.c_str()) << shown(format.id);
    }
    void everyFormatWritesAQuestion()
    {
        QFETCH(QString, id);
        const auto style = PromptStyle::find(id.toStdString(), {});
        QVERIFY(bool(style));
        const auto prompt = style->prompt({{"user", "Who is it?"}});
        QVERIFY2(bool(prompt), qPrintable(shownPrompt(prompt)));
        QVERIFY(shown(prompt->text).contains(shown("Who is it?")));
        QVERIFY(!prompt->text.ends_with(' '));
        const auto chat = style->render({{"user", "Who is it?"}, {"assistant", " Orla "}}, "</s>");
        QVERIFY(bool(chat));
        QVERIFY(chat->text.starts_with(prompt->text));
        QCOMPARE(chat->answers.size(), std::size_t(1));
        QCOMPARE(chat->answers[0].end, chat->text.size());
        QVERIFY(chat->text.substr(chat->answers[0].begin).starts_with(" Orla "));
        QCOMPARE(style->toJson()["id"].get<std::string>(), id.toStdString());
    }

    void formatsWriteWhatWasPublished_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("two");
        QTest::addColumn<QString>("system");
        const auto row = [](const char* id, const char* two, const char* system) {
            QTest::newRow(id) << shown(id) << shown(two) << shown(system);
        };
        row("question-answer", "Question: q1\nAnswer: [a1</s>]\n\nQuestion: q2\nAnswer: [a2]+EOS",
            "error: messages: the format question-answer has no place for a system message; leave "
            "the system message out or name another template");
        row("llama2-tofu", "[INST] q1 [/INST][a1</s>]<s>[INST] q2 [/INST][a2]+EOS",
            "[INST] <<SYS>>\ns\n<</SYS>>\n\nq1 [/INST][a1]+EOS");
        row("llama3-ou",
            "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December "
            "2023\nToday Date: 10 Apr 2025\n\nYou are a helpful "
            "assistant.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nq1<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n[a1<|eot_id|>]<|start_header_id|>"
            "user<|end_header_id|>\n\nq2<|eot_id|><|start_header_id|>assistant<|end_header_id|>"
            "\n\n[a2<|eot_id|>]",
            "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December "
            "2023\nToday Date: 10 Apr 2025\n\ns<|eot_id|><|start_header_id|>user<|end_header_id|>"
            "\n\nq1<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n[a1<|eot_id|>]");
        row("llmu",
            "### Question: q1\n ### Answer: [a1</s>]\n### Question: q2\n ### Answer: [a2]+EOS",
            "error: messages: the format llmu has no place for a system message; leave the system "
            "message out or name another template");
        row("qwen",
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nq1"
            "<|im_end|>\n<|im_start|>assistant\n[a1<|im_end|>]\n<|im_start|>user\nq2<|im_end|>\n"
            "<|im_start|>assistant\n[a2<|im_end|>]",
            "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nq1<|im_end|>\n<|im_start|>"
            "assistant\n[a1<|im_end|>]");
        row("gemma",
            "<start_of_turn>user\nq1<end_of_turn>\n<start_of_turn>model\n[a1<end_of_turn>]\n"
            "<start_of_turn>user\nq2<end_of_turn>\n<start_of_turn>model\n[a2<end_of_turn>]",
            "error: messages: the format gemma has no place for a system message; leave the "
            "system message out or name another template");
    }
    void formatsWriteWhatWasPublished()
    {
        QFETCH(QString, id);
        QFETCH(QString, two);
        QFETCH(QString, system);
        const auto style = PromptStyle::find(id.toStdString(), {});
        QVERIFY(bool(style));
        QCOMPARE(marked(style->render(kTwoTurns, "</s>")), two);
        QCOMPARE(marked(style->render(kWithSystem, "</s>")), system);
    }

    /// Formats and published templates that say the same, say the same here.
    void llama3OfOpenUnlearningIsTheModelsOwnTemplateOnThatDay()
    {
        const OrderedJson document =
            OrderedJson::parse(readTextFile(TEST_DATA_DIR "/tokens/chat/templates.json").value());
        for (const OrderedJson& entry : document["templates"])
            if (entry["name"] == "llama-3.2-instruct") {
                const auto chat = ChatTemplate::fromText(entry["source"], "x", entry["tokens"]);
                const auto theirs =
                    chat.render({{"system", "You are a helpful assistant."}, {"user", "q"}}, true);
                const auto ours =
                    PromptStyle::find("llama3-ou", {}).value().prompt({{"user", "q"}});
                QVERIFY(theirs && ours);
                QCOMPARE(shown("<|begin_of_text|>" + ours->text), shown(*theirs));
                return;
            }
        QFAIL("the fixture lacks the template");
    }

    void theModelsTemplateMarksEachAnswer_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* source, const char* expected) {
            QTest::newRow(name) << shown(source) << shown(expected);
        };
        row("with a marker and a line end behind it",
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>\n{% endfor %}"
            "{% if add_generation_prompt %}<assistant>{% endif %}",
            "<user>q1<end>\n<assistant>[a1<end>]\n<user>q2<end>\n<assistant>[a2<end>]");
        row("that has no prompt of its own for an answer",
            "{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
            "{% else %} {{ m.content }} </s>{% endif %}{% endfor %}",
            "[INST] q1 [/INST][ a1 </s>][INST] q2 [/INST][ a2 </s>]");
        row("that writes the question otherwise once it is answered",
            "{% for m in messages %}<{{ m.role }}{{ messages|length }}>{{ m.content }}{% endfor %}",
            "error: messages: the chat template writes what precedes message 2 otherwise once it "
            "is there, so that the answer's start is not known; name one of the prompt formats "
            "instead: lacuna-cli formats");
        row("that drops an earlier answer's thoughts",
            "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' and loop.last %}"
            "<think></think>{% endif %}{{ m.content }}{% endfor %}"
            "{% if add_generation_prompt %}<assistant>{% endif %}",
            "error: messages: the chat template writes message 2 otherwise once more has been "
            "said, so that what to score is not known; make a row of each answer, with what "
            "precedes it, or name a prompt format");
        row("that refuses the second question",
            "{% if messages|length > 2 %}{{ raise_exception('one at a time') }}{% endif %}"
            "{{ messages[0].content }}",
            "error: PATH:1: the template refuses the conversation: one at a time; change the "
            "messages or use another template");
    }
    void theModelsTemplateMarksEachAnswer()
    {
        QFETCH(QString, source);
        QFETCH(QString, expected);
        const std::filesystem::path folder = m_folder->path().toStdString();
        QVERIFY(bool(writeFileAtomically(folder / "chat_template.jinja", source.toStdString())));
        const auto style = PromptStyle::find(kModelTemplate, folder);
        QVERIFY(bool(style));
        expected.replace(shown("PATH"), shown((folder / "chat_template.jinja").string()));
        QCOMPARE(marked(style->render(kTwoTurns, "</s>")), expected);
    }

    void aTemplateThatCannotBeUsedIsSaidSo()
    {
        const std::filesystem::path folder = m_folder->path().toStdString();
        const auto none = PromptStyle::find(kModelTemplate, folder);
        QVERIFY(!none);
        QCOMPARE(none.error().code, ErrorCode::NotFound);
        QCOMPARE(PromptStyle::find(kModelTemplate, {}).error().code, ErrorCode::NotFound);
        QVERIFY(bool(writeFileAtomically(folder / "chat_template.jinja", "{% if")));
        QCOMPARE(PromptStyle::find(kModelTemplate, folder).error().code, ErrorCode::Corrupt);
        const auto misspelt = PromptStyle::find("chatlm", {});
        QVERIFY(!misspelt);
        QVERIFY(shown(misspelt.error().remedy).contains(shown("chatml")));
    }

    void turnsThatDoNotAlternateAreRefused()
    {
        const PromptStyle style;
        QVERIFY(!style.render({{"user", "a"}, {"user", "b"}, {"assistant", "c"}}, {}));
        QVERIFY(!style.render({{"assistant", "c"}}, {}));
        QVERIFY(!style.render({{"user", "a"}}, {}));
        QVERIFY(!style.render({}, {}));
        QVERIFY(!style.prompt({{"user", "a"}, {"user", "b"}}));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestPromptStyle)
#include "tst_prompt_style.moc"
