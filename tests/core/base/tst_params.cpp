#include "core/base/params.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lacuna;

namespace {

const std::vector<ParamSpec>& specs()
{
    static const std::vector<ParamSpec> kSpecs = {
        {.name = "beta", .fallback = 0.1, .min = 1e-4, .max = 10, .help = "inverse temperature"},
        {.name = "layer", .fallback = std::int64_t{7}, .min = 0},
        {.name = "seed", .fallback = std::int64_t{42}},
        {.name = "share", .fallback = 0.5, .max = 1},
        {.name = "masked", .fallback = false},
        {.name = "mode", .fallback = "mean", .choices = {"mean", "sum"}},
        {.name = "prompt", .fallback = "", .provenance = "TOFU"},
    };
    return kSpecs;
}

Result<ParamSet> read(const Json& object)
{
    return readParams(specs(), object, "method");
}

} // namespace

class TestParams : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySpecHasItsDefault();
    void givenValuesReplaceDefaults();
    void aValueOutsideItsSpecIsRefused_data();
    void aValueOutsideItsSpecIsRefused();
    void aRefusedValueChangesNothing();
    void aLargeWholeNumberKeepsItsLastDigit();
    void anUnknownParameterNamesTheNearest();
    void reservedKeysAreLeftToOthers();
    void anythingButAnObjectIsRefused();
    void theValuesReadBack();
    void aDescriptionHoldsWhatIsSet();
    void askingForAnUnknownNameThrows();
};

void TestParams::everySpecHasItsDefault()
{
    for (const ParamSet& set :
         {ParamSet(specs()), read(Json::object()).value(), read(Json()).value()}) {
        QCOMPARE(set.number("beta"), 0.1);
        QCOMPARE(set.integer("layer"), std::int64_t{7});
        QCOMPARE(set.flag("masked"), false);
        QCOMPARE(shown(set.text("mode")), shown("mean"));
    }
}

void TestParams::givenValuesReplaceDefaults()
{
    const Result<ParamSet> set = read(
        {{"beta", 2}, {"layer", 3.0}, {"masked", true}, {"mode", "sum"}, {"prompt", "anything"}});
    QVERIFY(set);
    QCOMPARE(set->number("beta"), 2.0);
    QCOMPARE(set->integer("layer"), std::int64_t{3});
    QCOMPARE(set->flag("masked"), true);
    QCOMPARE(shown(set->text("mode")), shown("sum"));
    QCOMPARE(shown(set->text("prompt")), shown("anything"));
}

void TestParams::aValueOutsideItsSpecIsRefused_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("line");
    const auto row = [](const char* title, const char* name, const char* value, const char* line) {
        QTest::newRow(title) << QByteArray(name) << QByteArray(value) << QByteArray(line);
    };
    row("below both bounds", "beta", "0",
        "method: beta cannot be 0; it must be between 0.0001 and 10");
    row("above both bounds", "beta", "11",
        "method: beta cannot be 11; it must be between 0.0001 and 10");
    row("below the only bound", "layer", "-1", "method: layer cannot be -1; it must be at least 0");
    row("above the only bound", "share", "1.5",
        "method: share cannot be 1.5; it must be at most 1");
    row("a fraction", "layer", "1.5", "method: layer cannot be 1.5; it must be at least 0");
    row("more than an integer holds", "seed", "1e300",
        "method: seed cannot be 1e+300; it must be integer");
    row("a text for a number", "beta", "\"x\"",
        "method: beta cannot be \"x\"; it must be between 0.0001 and 10");
    row("a number for a flag", "masked", "1", "method: masked cannot be 1; it must be flag");
    row("an unknown choice", "mode", "\"max\"",
        "method: mode cannot be \"max\"; it must be one of mean, sum");
    row("a flag for a text", "prompt", "true", "method: prompt cannot be true; it must be text");
    row("nothing", "layer", "null", "method: layer cannot be null; it must be at least 0");
}

void TestParams::aValueOutsideItsSpecIsRefused()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, line);
    const Result<ParamSet> set =
        read({{name.toStdString(), parseJson(bytesOf(value), "here").value()}});
    QVERIFY(!set);
    QCOMPARE(set.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(shown(set.error().text()), shown(bytesOf(line)));
}

void TestParams::aRefusedValueChangesNothing()
{
    ParamSet set(specs());
    QVERIFY(set.set(specs()[0], 5, "method"));
    QVERIFY(!set.set(specs()[0], 50, "method"));
    QCOMPARE(set.number("beta"), 5.0);
    QVERIFY(!set.set(specs()[5], "not UTF-8: \xFF", "method"));
}

void TestParams::aLargeWholeNumberKeepsItsLastDigit()
{
    const Result<ParamSet> set = read({{"seed", 9007199254740993}});
    QVERIFY(set);
    QCOMPARE(set->integer("seed"), std::int64_t{9007199254740993});
}

void TestParams::anUnknownParameterNamesTheNearest()
{
    QCOMPARE(shown(read({{"lyer", 1}}).error().text()),
             shown("method: unknown parameter \"lyer\"; did you mean \"layer\"?"));
    const Result<ParamSet> far = readParams({specs()[0]}, {{"temperature", 1}}, "method");
    QCOMPARE(shown(far.error().remedy), shown("known ones: beta"));
    QCOMPARE(shown(readParams({}, {{"beta", 1}}, "method").error().remedy), shown("it takes none"));
}

void TestParams::reservedKeysAreLeftToOthers()
{
    QVERIFY(read({{"id", "npo"}}));
    QVERIFY(readParams(specs(), {{"weight", 2}}, "method", {"id", "weight"}));
    QVERIFY(!readParams(specs(), {{"id", "npo"}}, "method", {}));
}

void TestParams::anythingButAnObjectIsRefused()
{
    for (const Json& value : {Json(3), Json::array(), Json("beta")})
        QCOMPARE(shown(read(value).error().text()),
                 shown("method: an object in braces is needed here"));
}

void TestParams::theValuesReadBack()
{
    const Json given = {{"beta", 0.3}, {"seed", 5}, {"masked", true}, {"mode", "sum"}};
    const Json all = read(given).value().toJson();
    QCOMPARE(all.size(), specs().size());
    QVERIFY(read(all).value().toJson() == all);
    QVERIFY(all.at("seed").is_number_integer());
    QCOMPARE(all.at("beta").get<double>(), 0.3);
}

void TestParams::aDescriptionHoldsWhatIsSet()
{
    QVERIFY(describeParam(specs()[0]) == Json({{"name", "beta"},
                                               {"type", "number"},
                                               {"default", 0.1},
                                               {"help", "inverse temperature"},
                                               {"min", 1e-4},
                                               {"max", 10.0}}));
    QVERIFY(describeParam(specs()[5]).at("choices") == Json({"mean", "sum"}));
    QVERIFY(describeParam(specs()[6]).at("provenance") == "TOFU");
    QVERIFY(!describeParam(specs()[6]).contains("unit"));
}

void TestParams::askingForAnUnknownNameThrows()
{
    const ParamSet set(specs());
    QVERIFY_EXCEPTION_THROWN((void)set.number("gamma"), std::out_of_range);
    QVERIFY_EXCEPTION_THROWN((void)set.number("layer"), std::bad_variant_access);
}

QTEST_GUILESS_MAIN(TestParams)
#include "tst_params.moc"
