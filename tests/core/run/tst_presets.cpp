#include "core/run/presets.h"
#include "core/run/session.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"

#include <QtTest>

using namespace lacuna;

/// A new preset has these tests without a line being written here.
class TestPresets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPresetSaysAllAboutItself_data() { addPresets(); }
    void aPresetSaysAllAboutItself();
    void itMakesARecipeThatCanRun_data() { addPresets(); }
    void itMakesARecipeThatCanRun();
    void whatItIsSilentAboutStays();

private:
    static void addPresets()
    {
        QTest::addColumn<QString>("id");
        for (const std::string& id : presets().ids())
            QTest::newRow(id.c_str()) << shown(id);
    }
};

void TestPresets::aPresetSaysAllAboutItself()
{
    QFETCH(QString, id);
    const PresetInfo* preset = presets().find(id.toStdString()).value();
    QVERIFY(!preset->title.empty() && !preset->provenance.empty());
    QVERIFY(preset->explanation.ends_with('.'));
    QVERIFY(preset->values().contains("method") && preset->values().contains("training"));
}

void TestPresets::itMakesARecipeThatCanRun()
{
    QFETCH(QString, id);
    const Recipe recipe = withPreset(parseRecipe(smallRecipe(), {}).value(),
                                     *presets().find(id.toStdString()).value())
                              .value();
    const auto checks = checkRecipe(recipe);
    QVERIFY2(checks, checks ? "" : checks.error().text().c_str());
    QCOMPARE(checks->method.toJson()["id"], recipe.method["id"]);
    QCOMPARE(recipe.model, smallModel());
}

void TestPresets::whatItIsSilentAboutStays()
{
    Json document = smallRecipe();
    document["controls"] = Json::array();
    document["training"]["precision"] = "bfloat16";
    const Recipe recipe =
        withPreset(parseRecipe(document, {}).value(), *presets().find("tuned-npo").value()).value();
    QVERIFY(recipe.controls.empty());
    QCOMPARE(recipe.training.precision, std::string("bfloat16"));
    QCOMPARE(recipe.training.learningRate, 2e-5);
    QCOMPARE(recipe.training.steps, std::int64_t{0}); // the preset counts epochs
}

QTEST_GUILESS_MAIN(TestPresets)
#include "tst_presets.moc"
