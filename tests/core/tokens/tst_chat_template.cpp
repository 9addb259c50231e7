#include "core/tokens/chat_template.h"

#include "core/base/json.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QTemporaryDir>
#include <QTest>

using namespace lacuna;

namespace {

constexpr const char* kChatMl =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}";

QString shownResult(const Result<std::string>& result)
{
    return result ? shown(*result) : shown("error: " + result.error().text());
}

} // namespace

class TestChatTemplate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    /// Recorded with two other implementations; see tests/data/tokens/chat/README.md.
    void rendersWhatOthersRender_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("tokens");
        QTest::addColumn<QString>("conversation");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<bool>("refuses");
        const OrderedJson document =
            OrderedJson::parse(readTextFile(TEST_DATA_DIR "/tokens/chat/templates.json").value());
        for (const OrderedJson& entry : document["templates"])
            for (const auto& [name, expected] : entry["expected"].items()) {
                const std::string row = entry["name"].get<std::string>() + ": " + name;
                QTest::newRow(row.c_str())
                    << shown(entry["source"].get<std::string>()) << shown(entry["tokens"].dump())
                    << shown(document["conversations"][name].dump())
                    << (expected.is_null() ? QString() : shown(expected.get<std::string>()))
                    << expected.is_null();
            }
    }
    void rendersWhatOthersRender()
    {
        QFETCH(QString, source);
        QFETCH(QString, tokens);
        QFETCH(QString, conversation);
        QFETCH(QString, expected);
        QFETCH(bool, refuses);
        const auto chat = ChatTemplate::fromText(source.toStdString(), "chat_template.jinja",
                                                 OrderedJson::parse(tokens.toStdString()));
        const auto text = chat.render(OrderedJson::parse(conversation.toStdString()));
        if (!refuses) {
            QCOMPARE(shownResult(text), expected);
            return;
        }
        QVERIFY2(!text, qPrintable(shownResult(text)));
        QCOMPARE(text.error().code, ErrorCode::InvalidArgument);
    }

    void aFolderWithoutATemplateHasNone()
    {
        QCOMPARE(read().state(), ChatTemplate::State::None);
        write("tokenizer_config.json", R"({"eos_token": "</s>"})");
        const ChatTemplate chat = read();
        QCOMPARE(chat.state(), ChatTemplate::State::None);
        const Result<std::string> text = chat.render({{"user", "a"}}, true);
        QVERIFY(!text);
        QCOMPARE(text.error().code, ErrorCode::NotFound);
    }

    void theTemplateIsFoundWhereverItLies_data()
    {
        QTest::addColumn<QString>("settings");
        QTest::addColumn<QString>("file");
        QTest::newRow("a text in the settings")
            << shown(Json{{"chat_template", kChatMl}, {"eos_token", "</s>"}}.dump()) << QString();
        QTest::newRow("a list of named ones")
            << shown(Json{{"chat_template",
                           {{{"name", "rag"}, {"template", "x"}},
                            {{"name", "default"}, {"template", kChatMl}}}},
                          {"eos_token", "</s>"}}
                         .dump())
            << QString();
        QTest::newRow("a file of its own, which goes first")
            << shown(Json{{"chat_template", "x"}, {"eos_token", "</s>"}}.dump()) << shown(kChatMl);
        QTest::newRow("a token with its properties")
            << shown(Json{{"chat_template", kChatMl},
                          {"eos_token", {{"content", "</s>"}, {"lstrip", false}}}}
                         .dump())
            << QString();
    }
    void theTemplateIsFoundWhereverItLies()
    {
        QFETCH(QString, settings);
        QFETCH(QString, file);
        write("tokenizer_config.json", settings.toStdString());
        if (!file.isEmpty())
            write("chat_template.jinja", file.toStdString());
        const ChatTemplate chat = read();
        QCOMPARE(chat.state(), ChatTemplate::State::Usable);
        QCOMPARE(shown(chat.source()), shown(kChatMl));
        QCOMPARE(shownResult(chat.render({{"user", "a"}}, true)), shown("<user>a</s><assistant>"));
        QCOMPARE(shownResult(chat.render({{"user", "a"}, {"assistant", "b"}}, false)),
                 shown("<user>a</s><assistant>b</s>"));
    }

    void theOldMapOfSpecialTokensFillsWhatTheSettingsLack()
    {
        write("tokenizer_config.json", Json{{"chat_template", kChatMl}}.dump());
        write("special_tokens_map.json", R"({"eos_token": {"content": "<end>"}})");
        QCOMPARE(shownResult(read().render({{"user", "a"}}, false)), shown("<user>a<end>"));
    }

    void whatCannotBeEvaluatedSaysWhy_data()
    {
        QTest::addColumn<QString>("settings");
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("reason");
        const auto settings = [](const Json& chat) {
            return shown(Json{{"chat_template", chat}}.dump());
        };
        QTest::newRow("a template cut short")
            << QString() << shown("a\n{% if x") << shown("chat_template.jinja:2: a tag is never");
        QTest::newRow("a statement that is not known")
            << QString() << shown("{% include 'x' %}")
            << shown("chat_template.jinja:1: the statement \"include\" is not known");
        QTest::newRow("one that fails for every question")
            << settings("\n{{ messages[0].parts.x }}") << QString()
            << shown("tokenizer_config.json, chat_template:2: \"parts\" of a dict is not defined");
        QTest::newRow("one that never ends")
            << settings("{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}"
                        "{% endfor %}")
            << QString() << shown("chat_template:1: the template");
        QTest::newRow("no default among the named ones")
            << settings({{{"name", "rag"}, {"template", "x"}}}) << QString()
            << shown("none of the chat templates is called default, only rag");
        QTest::newRow("a number") << settings(7) << QString() << shown("neither a text nor a list");
        QTest::newRow("settings that are no JSON")
            << shown("{\"chat_template\": ") << QString() << shown("tokenizer_config.json:1");
        QTest::newRow("bytes that are no text")
            << QString() << QString::fromLatin1("\xC3\x28") << shown("chat_template.jinja");
    }
    void whatCannotBeEvaluatedSaysWhy()
    {
        QFETCH(QString, settings);
        QFETCH(QString, file);
        QFETCH(QString, reason);
        if (!settings.isNull())
            write("tokenizer_config.json", settings.toStdString());
        if (!file.isNull())
            write("chat_template.jinja", file.toLatin1().toStdString());
        const ChatTemplate chat = read();
        QCOMPARE(chat.state(), ChatTemplate::State::Unusable);
        QVERIFY2(shown(chat.problem().text()).contains(reason),
                 qPrintable(shown(chat.problem().text())));
        const Result<std::string> text = chat.render({{"user", "a"}}, true);
        QVERIFY(!text);
        QCOMPARE(shown(text.error().text()), shown(chat.problem().text()));
    }

    void theSharedQwen3FolderIsUsable()
    {
        const std::filesystem::path folder = SHARED_DIR "/data/tokenizers/qwen3";
        if (!std::filesystem::exists(folder))
            QSKIP("the shared tokenizers are not here");
        const ChatTemplate chat = ChatTemplate::read(folder);
        QCOMPARE(chat.state(), ChatTemplate::State::Usable);
        QCOMPARE(shownResult(chat.render({{"user", "Hi"}}, true)),
                 shown("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
    }

private:
    void write(const char* name, const std::string& text)
    {
        const auto path = std::filesystem::path(m_folder->path().toStdString()) / name;
        QVERIFY(bool(writeFileAtomically(path, text)));
    }
    ChatTemplate read() { return ChatTemplate::read(m_folder->path().toStdString()); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestChatTemplate)
#include "tst_chat_template.moc"
