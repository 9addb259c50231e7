#include "core/base/json.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <fstream>
#include <limits>

using namespace lacuna;

namespace {

std::filesystem::path inside(const QTemporaryDir& folder, const char* name)
{
    return std::filesystem::path(folder.path().toStdString()) / name;
}

} // namespace

class TestJson : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFaultNamesItsRow_data();
    void aFaultNamesItsRow();
    void everyCutOfADocumentIsCalledCut();
    void nestingIsLimited();
    void wholeNumbersAreExact_data();
    void wholeNumbersAreExact();

    void aReaderFillsWhatIsThere();
    void aReaderLeavesTheRestAlone();
    void aWrongTypeIsNamedWithItsPlace_data();
    void aWrongTypeIsNamedWithItsPlace();
    void aMissingKeyIsNamed();
    void anUnknownKeyNamesTheNearest();
    void anUnknownKeyUnlikeAllListsThem();
    void theFirstFailureWins();
    void anythingButAnObjectIsRefused();

    void aFileIsReadWhole();
    void aFileThatCannotBeReadSaysWhy();
    void aFaultInAFileNamesFileAndRow();
    void aWrittenDocumentReadsBackInOrder();
    void aWriteReplacesTheOldContent();
    void aWriteIntoAMissingFolderIsAnError();
    void aFailedWriteLeavesNothingBehind();
};

void TestJson::aFaultNamesItsRow_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("context");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* name, const char* text, const char* context,
                        const char* message) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(context) << QByteArray(message);
    };
    const char* malformed = "the JSON is not well formed";
    const char* cut = "the JSON ends in the middle of a value";
    row("a missing colon on the first row", "{\"a\" 1}\n", "here:1", malformed);
    row("a missing comma on the third row", "{\n\"a\": 1\n\"b\": 2\n}\n", "here:3", malformed);
    row("a comma before the last bracket is no cut", "[1,\n2,\n]", "here:3", malformed);
    row("a line break inside a text", "[\"one\ntwo\"]", "here:1", malformed);
    row("a second document", "{}\n{}", "here:2", malformed);
    row("bytes that are not UTF-8", "{\n\"a\": \"\xC3(\"}", "here:2", malformed);
    row("a number too large", "[1,\n2,\n1e999]", "here:3", "the JSON holds a value out of range");
    row("nothing at all", "", "here:1", cut);
    row("an open object", "{\n  \"a\": [1,", "here:2", cut);
}

void TestJson::aFaultNamesItsRow()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, context);
    QFETCH(QByteArray, message);
    const Result<Json> result = parseJson(bytesOf(text), "here");
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Corrupt);
    QCOMPARE(shown(result.error().context), shown(bytesOf(context)));
    QCOMPARE(shown(result.error().message), shown(bytesOf(message)));
}

void TestJson::everyCutOfADocumentIsCalledCut()
{
    const std::string whole =
        R"({"text": "caf\u00e9 \ud83d\ude00 é", "list": [1, -2.5e-3, true, null], "o": {}})";
    QVERIFY(parseJson(whole, "here"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Result<Json> result = parseJson(std::string_view(whole).substr(0, size), "here");
        QVERIFY2(!result, whole.substr(0, size).c_str());
        QVERIFY2(result.error().message == "the JSON ends in the middle of a value",
                 whole.substr(0, size).c_str());
        QCOMPARE(shown(result.error().context), shown("here:1"));
    }
}

void TestJson::nestingIsLimited()
{
    const auto nested = [](std::size_t depth) {
        return "\n" + std::string(depth, '[') + std::string(depth, ']');
    };
    QVERIFY(parseJson(nested(128), "here"));
    const Result<Json> deep = parseJson(nested(129), "here");
    QVERIFY(!deep);
    QCOMPARE(shown(deep.error().text()), shown("here:2: the JSON nests deeper than 128 levels"));
    QVERIFY(!parseJson(std::string(5'000'000, '['), "here"));
    QVERIFY(parseJson("\"\\\"" + std::string(200, '[') + "\"", "here")); // brackets in a text
}

void TestJson::wholeNumbersAreExact_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("whole");
    QTest::addColumn<qint64>("value");
    const auto yes = [](const char* text, qint64 value) {
        QTest::newRow(text) << QByteArray(text) << true << value;
    };
    const auto no = [](const char* text) {
        QTest::newRow(text) << QByteArray(text) << false << qint64{0};
    };
    yes("7", 7);
    yes("-7.0", -7);
    yes("1e3", 1000);
    yes("9007199254740993", 9007199254740993); // one past what a double tells apart
    yes("9223372036854775807", std::numeric_limits<qint64>::max());
    yes("-9223372036854775808", std::numeric_limits<qint64>::min());
    no("9223372036854775808");
    no("9.3e18");
    no("-1e300");
    no("0.5");
    no("true");
    no("\"7\"");
}

void TestJson::wholeNumbersAreExact()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, whole);
    QFETCH(qint64, value);
    const auto result = wholeNumber(parseJson(bytesOf(text), "here").value());
    QCOMPARE(result.has_value(), whole);
    QCOMPARE(result.value_or(0), value);

    const Json object = {{"steps", parseJson(bytesOf(text), "here").value()}};
    JsonReader reader(object, "training");
    std::int64_t steps = 0;
    QCOMPARE(reader.integer("steps", steps), whole);
    QCOMPARE(steps, value);
    QCOMPARE(static_cast<bool>(reader.finish()), whole);
}

void TestJson::aReaderFillsWhatIsThere()
{
    const Json object = {{"name", "npo"},
                         {"on", true},
                         {"steps", 3},
                         {"rate", 1},
                         {"tags", {"a"}},
                         {"child", {1, 2, 3}},
                         {"inner", Json::object()}};
    JsonReader reader(object, "recipe");
    std::string name;
    bool on = false;
    std::int64_t steps = 0;
    double rate = 0;
    std::vector<std::string> tags;
    reader.require("name");
    QVERIFY(reader.text("name", name));
    QVERIFY(reader.flag("on", on));
    QVERIFY(reader.integer("steps", steps));
    QVERIFY(reader.number("rate", rate));
    QVERIFY(reader.texts("tags", tags));
    QVERIFY(reader.child("child") != nullptr);
    QVERIFY(reader.object("inner") != nullptr);
    QVERIFY(reader.finish());
    QCOMPARE(shown(name), shown("npo"));
    QCOMPARE(on, true);
    QCOMPARE(steps, std::int64_t{3});
    QCOMPARE(rate, 1.0);
    QCOMPARE(tags, std::vector<std::string>{"a"});
}

void TestJson::aReaderLeavesTheRestAlone()
{
    const Json object = {{"rate", nullptr}};
    JsonReader reader(object, "recipe");
    double rate = 0.5;
    std::string name = "kept";
    QVERIFY(!reader.number("rate", rate));
    QVERIFY(!reader.text("name", name));
    QVERIFY(reader.child("inner") == nullptr);
    QVERIFY(reader.finish());
    QCOMPARE(rate, 0.5);
    QCOMPARE(shown(name), shown("kept"));
}

void TestJson::aWrongTypeIsNamedWithItsPlace_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("line");
    const auto row = [](const char* name, const char* key, const char* value, const char* line) {
        QTest::newRow(name) << QByteArray(key) << QByteArray(value) << QByteArray(line);
    };
    row("a number for a text", "name", "1", "recipe.name: the value must be a text, not 1");
    row("a text for a flag", "on", "\"yes\"",
        "recipe.on: the value must be true or false, not string");
    row("a fraction for a whole number", "steps", "2.5",
        "recipe.steps: the value must be a whole number, not 2.5");
    row("a list for a number", "rate", "[1]", "recipe.rate: the value must be a number, not array");
    row("numbers in a list of texts", "tags", "[\"a\", 1]",
        "recipe.tags: the value must be a list of texts, not array");
    row("a text for an object", "inner", "\"x\"",
        "recipe.inner: an object in braces is needed here");
}

void TestJson::aWrongTypeIsNamedWithItsPlace()
{
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, line);
    const Json object = {{key.toStdString(), parseJson(bytesOf(value), "here").value()}};
    JsonReader reader(object, "recipe");
    std::string name = "kept";
    bool on = true;
    std::int64_t steps = 5;
    double rate = 0.5;
    std::vector<std::string> tags = {"kept"};
    reader.text("name", name);
    reader.flag("on", on);
    reader.integer("steps", steps);
    reader.number("rate", rate);
    reader.texts("tags", tags);
    QVERIFY(reader.object("inner") == nullptr);

    const Status status = reader.finish();
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(shown(status.error().text()), shown(bytesOf(line)));
    QCOMPARE(shown(name), shown("kept"));
    QCOMPARE(on, true);
    QCOMPARE(steps, std::int64_t{5});
    QCOMPARE(rate, 0.5);
    QCOMPARE(tags, std::vector<std::string>{"kept"});
}

void TestJson::aMissingKeyIsNamed()
{
    for (const Json& object : {Json::object(), Json{{"seed", nullptr}}}) {
        JsonReader reader(object, "recipe");
        std::int64_t seed = 0;
        reader.require("seed");
        reader.integer("seed", seed);
        const Status status = reader.finish();
        QVERIFY(!status);
        QCOMPARE(shown(status.error().text()),
                 shown("recipe.seed: the key is missing; add \"seed\" to recipe"));
    }
}

void TestJson::anUnknownKeyNamesTheNearest()
{
    const Json object = {{"learning_rat", 1}};
    JsonReader reader(object, "training");
    double rate = 0;
    reader.number("learning_rate", rate);
    reader.number("weight_decay", rate);
    const Status status = reader.finish();
    QVERIFY(!status);
    QCOMPARE(shown(status.error().text()),
             shown("training: unknown key \"learning_rat\"; did you mean \"learning_rate\"?"));
}

void TestJson::anUnknownKeyUnlikeAllListsThem()
{
    const Json object = {{"optimizer", "adam"}};
    JsonReader reader(object, "training");
    double number = 0;
    reader.number("rate", number);
    reader.number("decay", number);
    QCOMPARE(shown(reader.finish().error().remedy), shown("known keys: rate, decay"));
}

void TestJson::theFirstFailureWins()
{
    const Json object = {{"a", 1}, {"b", 2}, {"c", 3}};
    JsonReader reader(object, "recipe");
    reader.fail("b", "the file is missing", "choose another");
    std::string text;
    reader.text("a", text);
    QCOMPARE(shown(reader.finish().error().text()),
             shown("recipe.b: the file is missing; choose another"));
}

void TestJson::anythingButAnObjectIsRefused()
{
    for (const Json& value : {Json(), Json(3), Json::array({1}), Json("text")}) {
        JsonReader reader(value, "method");
        std::string id = "kept";
        reader.require("id");
        QVERIFY(!reader.text("id", id));
        const Status status = reader.finish();
        QVERIFY(!status);
        QCOMPARE(shown(status.error().text()), shown("method: an object in braces is needed here"));
        QCOMPARE(shown(id), shown("kept"));
    }
}

void TestJson::aFileIsReadWhole()
{
    const QTemporaryDir folder;
    const auto path = inside(folder, "file");
    const std::string bytes("a\0b\r\n\xFF", 6);
    for (const std::string& content : {bytes, std::string()}) {
        std::ofstream(path, std::ios::binary) << content;
        const Result<std::string> read = readTextFile(path);
        QVERIFY(read);
        QVERIFY(*read == content);
    }
}

void TestJson::aFileThatCannotBeReadSaysWhy()
{
    const QTemporaryDir folder;
    const Result<std::string> missing = readTextFile(inside(folder, "missing.json"));
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QCOMPARE(shown(missing.error().context), folder.filePath(QStringLiteral("missing.json")));

    const Result<std::string> directory = readTextFile(folder.path().toStdString());
    QVERIFY(!directory);
    QCOMPARE(directory.error().code, ErrorCode::InvalidArgument);

    if (std::filesystem::exists("/proc/self/mem")) { // opens, but its first page cannot be read
        const Result<std::string> unreadable = readTextFile("/proc/self/mem");
        QVERIFY(!unreadable);
        QCOMPARE(unreadable.error().code, ErrorCode::Io);
    }
}

void TestJson::aFaultInAFileNamesFileAndRow()
{
    const QTemporaryDir folder;
    const auto path = inside(folder, "recipe.json");
    std::ofstream(path) << "{\n\"seed\": }\n";
    const Result<Json> result = readJsonFile(path);
    QVERIFY(!result);
    QCOMPARE(shown(result.error().context), shown(path.string() + ":2"));
    QVERIFY(!readJsonFile(inside(folder, "missing.json")));
}

void TestJson::aWrittenDocumentReadsBackInOrder()
{
    const QTemporaryDir folder;
    const auto path = inside(folder, "out.json");
    const OrderedJson value = {{"zeta", 1}, {"alpha", "broken \xFF"}};
    QVERIFY(writeJsonFile(path, value));
    QCOMPARE(shown(readTextFile(path).value()),
             shown("{\n  \"zeta\": 1,\n  \"alpha\": \"broken \xEF\xBF\xBD\"\n}\n"));
    QVERIFY(readJsonFile(path));
}

void TestJson::aWriteReplacesTheOldContent()
{
    const QTemporaryDir folder;
    const auto path = inside(folder, "out");
    QVERIFY(writeFileAtomically(path, "a long first content"));
    QVERIFY(writeFileAtomically(path, "short"));
    QCOMPARE(shown(readTextFile(path).value()), shown("short"));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{QStringLiteral("out")});
}

void TestJson::aWriteIntoAMissingFolderIsAnError()
{
    const QTemporaryDir folder;
    const auto path = inside(folder, "missing/out.json");
    const Status status = writeJsonFile(path, OrderedJson::object());
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    QCOMPARE(shown(status.error().context), shown(path.string()));
    QVERIFY(!std::filesystem::exists(path.parent_path()));
}

void TestJson::aFailedWriteLeavesNothingBehind()
{
    const QTemporaryDir folder;
    const auto path = inside(folder, "taken");
    std::filesystem::create_directory(path);
    QVERIFY(!writeFileAtomically(path, "content"));
    QVERIFY(std::filesystem::is_directory(path));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList());
    if (std::filesystem::exists("/dev/full")) {
        const auto full = inside(folder, "full");
        std::filesystem::create_symlink("/dev/full", full.string() + ".partial");
        const Status status = writeFileAtomically(full, "content");
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::Io);
        QVERIFY(!std::filesystem::exists(full));
        QVERIFY(!std::filesystem::is_symlink(full.string() + ".partial"));
    }
}

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
