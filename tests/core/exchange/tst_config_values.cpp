#include "core/exchange/config_values.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestConfigValues : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valuesComeAsTheyStand();
    void whatIsAbsentOrNullTakesTheFallback();
    void aRequiredSizeThatIsAbsentIsNamed();
    void aWrongValueIsNamed_data();
    void aWrongValueIsNamed();
    void theFirstFailureStays();
};

void TestConfigValues::valuesComeAsTheyStand()
{
    const Json document = {{"size", 12},         {"float", 3.0},      {"eps", 1e-5},
                           {"flag", false},      {"name", "default"}, {"list", {1.5, 2}},
                           {"inner", {{"a", 1}}}};
    ConfigValues values(document, "config");
    QCOMPARE(values.size("size", 100), std::int64_t{12});
    QCOMPARE(values.size("float", 100), std::int64_t{3});
    QCOMPARE(values.positive("eps", 1), 1e-5);
    QCOMPARE(values.flag("flag", true), false);
    QCOMPARE(shown(values.text("name", "")), u"default"_s);
    QCOMPARE(values.positives("list"), (std::vector<float>{1.5F, 2.0F}));
    QVERIFY(values.object("inner"));
    QVERIFY(values.status());
}

void TestConfigValues::whatIsAbsentOrNullTakesTheFallback()
{
    const Json document = {{"nothing", nullptr}};
    ConfigValues values(document, "config");
    for (const char* key : {"nothing", "absent"}) {
        QVERIFY(!values.has(key));
        QCOMPARE(values.size(key, 100, 7), std::int64_t{7});
        QCOMPARE(values.positive(key, 0.5), 0.5);
        QCOMPARE(values.flag(key, true), true);
        QCOMPARE(shown(values.text(key, "x")), u"x"_s);
        QVERIFY(values.positives(key).empty());
        QVERIFY(!values.object(key));
    }
    QVERIFY(values.status());
}

void TestConfigValues::aRequiredSizeThatIsAbsentIsNamed()
{
    const Json document = Json::object();
    ConfigValues values(document, "config");
    QCOMPARE(values.size("hidden_size", 100), std::int64_t{1});
    QCOMPARE(values.status().error().code, ErrorCode::Corrupt);
    QCOMPARE(shown(values.status().error().context), u"config.hidden_size"_s);
}

void TestConfigValues::aWrongValueIsNamed_data()
{
    QTest::addColumn<QByteArray>("json");
    for (const char* json : {"0", "-1", "101", "1.5", "1e300", "\"12\"", "[]", "true"})
        QTest::newRow(json) << QByteArray(json);
}

void TestConfigValues::aWrongValueIsNamed()
{
    QFETCH(QByteArray, json);
    const Json document = {{"key", Json::parse(json.toStdString())}};
    const auto failsFor = [&](auto read) {
        ConfigValues values(document, "config");
        read(values);
        return !values.status() && values.status().error().context == "config.key";
    };
    QVERIFY(failsFor([](ConfigValues& values) { values.size("key", 100); }));
    QVERIFY(failsFor([](ConfigValues& values) { values.object("key"); }));
    QCOMPARE(failsFor([](ConfigValues& values) { values.text("key", ""); }), json != "\"12\"");
    QCOMPARE(failsFor([](ConfigValues& values) { values.flag("key", true); }), json != "true");
    QCOMPARE(failsFor([](ConfigValues& values) { values.positives("key"); }), json != "[]");
}

void TestConfigValues::theFirstFailureStays()
{
    const Json document = {{"a", "x"}, {"b", "y"}};
    ConfigValues values(document, "config");
    values.flag("a", true);
    values.fail("b", ErrorCode::Unsupported, "later");
    QCOMPARE(shown(values.status().error().context), u"config.a"_s);

    const Json list = Json::array();
    QVERIFY(!ConfigValues(list, "config").status());
    QVERIFY(!ConfigValues(list, "config").has("a"));
}

QTEST_GUILESS_MAIN(TestConfigValues)
#include "tst_config_values.moc"
