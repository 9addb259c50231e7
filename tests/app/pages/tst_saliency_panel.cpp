#include "app/pages/setup/saliency_panel.h"

#include "app/background.h"
#include "app/pages/setup/parameter_text.h"
#include "app/pages/setup/scope_model.h"
#include "app/pages/setup/scope_picker.h"
#include "app/workspace.h"
#include "core/base/json.h"
#include "tests/core/base/std_text.h"
#include "widgets/base/colors.h"
#include "widgets/chart/heat_grid.h"
#include "widgets/form/note_line.h"

#include <nlohmann/json.hpp>

#include <QLabel>
#include <QProgressBar>
#include <QToolButton>
#include <QTreeView>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatience = 60'000;

/// The bundled sample: two people of an invented land to be forgotten, the others kept.
Recipe sampleRecipe()
{
    Recipe recipe;
    recipe.model = RESOURCES_DIR "/sample/original";
    recipe.forget.path = RESOURCES_DIR "/sample/corpus/forget.jsonl";
    recipe.retain.path = RESOURCES_DIR "/sample/corpus/retain.jsonl";
    recipe.device = "cpu";
    recipe.training.precision = "float32";
    recipe.training.maxLength = 256;
    return recipe;
}

/// A model and texts that take a fraction of a second.
Recipe smallRecipe()
{
    Recipe recipe = sampleRecipe();
    recipe.model = TEST_DATA_DIR "/models/stories260K";
    recipe.forget.path = TEST_DATA_DIR "/run/forget.json";
    recipe.retain.path = TEST_DATA_DIR "/run/retain.json";
    return recipe;
}

/// The panel in the picker, as the method card has it, unfolded.
struct Bench {
    Workspace workspace;
    Background background;
    ScopePicker picker{workspace, background};

    explicit Bench(const Recipe& recipe)
    {
        QObject::connect(&workspace, &Workspace::recipeChanged, &picker,
                         [this] { picker.follow(workspace.recipe()); });
        workspace.setRecipe(recipe);
        picker.resize(900, 720);
        picker.show();
        QTest::mouseClick(picker.findChild<QToolButton*>(u"fold"_s), Qt::LeftButton);
    }
    [[nodiscard]] QToolButton* button(const char* name) const
    {
        return picker.findChild<QToolButton*>(QString::fromLatin1(name));
    }
    void press(const char* name) const { QTest::mouseClick(button(name), Qt::LeftButton); }
    [[nodiscard]] QTreeView* tree() const { return picker.findChild<QTreeView*>(); }
    [[nodiscard]] HeatGrid* grid() const { return picker.findChild<HeatGrid*>(); }
    [[nodiscard]] bool isMapShown() const
    {
        return grid()->isVisible() && !tree()->isColumnHidden(ScopeModel::RatioColumn);
    }
    [[nodiscard]] QString note() const
    {
        const auto* line = picker.findChild<NoteLine*>(u"saliencyNote"_s);
        return line->isVisible() ? line->text() : QString();
    }
    [[nodiscard]] QString result() const
    {
        return picker.findChild<QLabel*>(u"saliencyResult"_s)->text();
    }
    void find() const
    {
        QTRY_VERIFY_WITH_TIMEOUT(tree()->isEnabled(), kPatience);
        press("findWhere");
        QTRY_VERIFY_WITH_TIMEOUT(isMapShown(), kPatience);
    }
    [[nodiscard]] QModelIndex part(int top, int row, int column) const
    {
        const QAbstractItemModel* model = tree()->model();
        return model->index(row, column, model->index(top, 0));
    }
};

} // namespace

class TestSaliencyPanel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }

    void theSampleIsSearchedAndTheSuggestionTicked();
    void anAdapterIsTickedWhereItCanBe();
    void theReasonForNoSearchIsSaid_data();
    void theReasonForNoSearchIsSaid();
    void cancelEndsTheSearch();
    void anotherCorpusDropsTheMap_data();
    void anotherCorpusDropsTheMap();
    void aChangeDuringTheSearchEndsIt();
    void whatDoesNotMatterKeepsTheMap();
    void unfoldedAgainTheMapIsStillThere();
    void aModelThatCannotBeReadSaysWhy();
    void everyPartCanBeHeard();
};

void TestSaliencyPanel::theSampleIsSearchedAndTheSuggestionTicked()
{
    const Bench bench(sampleRecipe());
    QTRY_VERIFY_WITH_TIMEOUT(bench.tree()->isEnabled(), kPatience);
    QVERIFY(bench.tree()->isColumnHidden(ScopeModel::RatioColumn));
    QVERIFY(!bench.button("tickSuggestion")->isVisible());
    bench.press("findWhere");
    QVERIFY(bench.button("cancelFinding")->hasFocus() || !bench.picker.isActiveWindow());
    const auto* progress = bench.picker.findChild<QProgressBar*>(u"findingProgress"_s);
    QVERIFY(progress->isVisible() && !bench.button("findWhere")->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(progress->value() > 0, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(bench.isMapShown(), kPatience);
    QVERIFY(!progress->isVisible() && bench.button("findWhere")->isEnabled());
    QVERIFY2(bench.result().contains(u"40"_s), qPrintable(bench.result())); // the forget set's rows
    // Both sets were learned together, and in no place apart.
    QVERIFY2(bench.note().contains(u"No part stands out"_s), qPrintable(bench.note()));

    // The column says of the MLP of block 2 what the grid says, with the same colour behind it.
    const HeatGrid::Content& grid = bench.grid()->content();
    QCOMPARE(grid.cells.at(1).size(), std::size_t{5});
    const QModelIndex mlp = bench.part(3, 1, ScopeModel::RatioColumn);
    QCOMPARE(mlp.siblingAtColumn(ScopeModel::NameColumn).data().toString(), u"MLP"_s);
    QCOMPARE(mlp.data().toString(), grid.cells[1][2].text);
    QCOMPARE(mlp.data(Qt::BackgroundRole).value<QColor>(),
             probabilityColor(grid.cells[1][2].place));
    QVERIFY(mlp.data(Qt::ToolTipRole).toString().contains(u"forget"_s));

    bench.press("tickSuggestion");
    int marked = 0;
    for (int row = 0; row < 2; ++row)
        for (int block = 0; block < 5; ++block) {
            const bool suggested = grid.cells.at(row).at(block).marked;
            marked += suggested ? 1 : 0;
            QCOMPARE(bench.part(block + 1, row, 0).data(Qt::CheckStateRole).toInt(),
                     int{suggested ? Qt::Checked : Qt::Unchecked});
        }
    QVERIFY(marked > 0 && marked < 10);
    const ScopeSpec& scope = bench.workspace.recipe().scope;
    QVERIFY(scope.layers != "all" || !scope.modules.empty());
}

void TestSaliencyPanel::anAdapterIsTickedWhereItCanBe()
{
    Recipe recipe = smallRecipe();
    recipe.scope.adapter = AdapterSpec{.rank = 2};
    const Bench bench(recipe);
    bench.find();
    bench.press("tickSuggestion");
    const HeatGrid::Content& grid = bench.grid()->content();
    for (int row = 0; row < 2; ++row)
        for (int block = 0; block < 5; ++block)
            QCOMPARE(bench.part(block + 1, row, 0).data(Qt::CheckStateRole).toInt(),
                     int{grid.cells.at(row).at(block).marked ? Qt::Checked : Qt::Unchecked});
    QVERIFY(bench.workspace.recipe().scope.adapter.has_value());
}

void TestSaliencyPanel::theReasonForNoSearchIsSaid_data()
{
    using Spoil = std::function<void(Recipe&)>;
    QTest::addColumn<Spoil>("spoil");
    QTest::addColumn<QString>("says");
    QTest::newRow("no model") << Spoil([](Recipe& recipe) { recipe.model.clear(); })
                              << u"a model first"_s;
    QTest::newRow("no forget set")
        << Spoil([](Recipe& recipe) { recipe.forget.path.clear(); }) << u"a forget set first"_s;
    QTest::newRow("no retain set")
        << Spoil([](Recipe& recipe) { recipe.retain.path.clear(); }) << u"a retain set first"_s;
    QTest::newRow("a new model") << Spoil([](Recipe& recipe) {
        recipe.newModel = NewModelSpec{
            .config = readJsonFile(TEST_DATA_DIR "/models/stories260K/config.json").value(),
            .tokenizer = ""};
    }) << u"knows nothing yet"_s;
}

void TestSaliencyPanel::theReasonForNoSearchIsSaid()
{
    QFETCH(std::function<void(Recipe&)>, spoil);
    QFETCH(QString, says);
    Recipe recipe = smallRecipe();
    spoil(recipe);
    Bench bench(recipe);
    QVERIFY(!bench.button("findWhere")->isEnabled());
    QVERIFY2(bench.note().contains(says), qPrintable(bench.note()));
    bench.workspace.setRecipe(smallRecipe());
    QVERIFY(bench.button("findWhere")->isEnabled());
    QCOMPARE(bench.note(), QString());
}

void TestSaliencyPanel::cancelEndsTheSearch()
{
    const Bench bench(sampleRecipe());
    bench.press("findWhere");
    bench.press("cancelFinding");
    QCOMPARE(bench.button("cancelFinding")->text(), u"Ending\u2026"_s);
    QTRY_VERIFY_WITH_TIMEOUT(bench.note().contains(u"Cancelled"_s), kPatience);
    QVERIFY(!bench.isMapShown());
    QVERIFY(bench.button("findWhere")->isEnabled());
    QVERIFY(bench.button("findWhere")->hasFocus() || !bench.picker.isActiveWindow());
}

void TestSaliencyPanel::anotherCorpusDropsTheMap_data()
{
    using Change = std::function<void(Recipe&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<bool>("canSearch");
    QTest::newRow("forget") << Change([](Recipe& recipe) {
        recipe.forget.path = TEST_DATA_DIR "/run/holdout.json";
    }) << true;
    QTest::newRow("retain") << Change([](Recipe& recipe) {
        recipe.retain.path = TEST_DATA_DIR "/run/holdout.json";
    }) << true;
    QTest::newRow("no retain") << Change([](Recipe& recipe) { recipe.retain.path.clear(); })
                               << false;
    QTest::newRow("model") << Change([](Recipe& recipe) {
        recipe.model = TEST_DATA_DIR "/models/stories260K-bf16-sharded";
    }) << true;
}

void TestSaliencyPanel::anotherCorpusDropsTheMap()
{
    QFETCH(std::function<void(Recipe&)>, change);
    QFETCH(bool, canSearch);
    Bench bench(smallRecipe());
    bench.find();
    bench.workspace.edit(change);
    QVERIFY(!bench.isMapShown() && bench.tree()->isColumnHidden(ScopeModel::RatioColumn));
    QVERIFY(!bench.button("tickSuggestion")->isVisible());
    QVERIFY2(bench.note().contains(u"no longer holds"_s), qPrintable(bench.note()));
    QCOMPARE(bench.button("findWhere")->isEnabled(), canSearch);
    bench.workspace.edit([](Recipe& recipe) { recipe.forget.path += "on"; });
    QVERIFY2(bench.note().contains(u"no longer holds"_s), qPrintable(bench.note()));
    bench.workspace.edit([](Recipe& recipe) {
        recipe.forget.path.resize(recipe.forget.path.size() - 2); // as it was
    });
    if (!canSearch)
        return;
    bench.find();
    QVERIFY(!bench.note().contains(u"no longer holds"_s));
}

void TestSaliencyPanel::aChangeDuringTheSearchEndsIt()
{
    Bench bench(sampleRecipe());
    bench.press("findWhere");
    bench.workspace.edit(
        [](Recipe& recipe) { recipe.retain.path = TEST_DATA_DIR "/run/retain.json"; });
    QTRY_VERIFY_WITH_TIMEOUT(bench.button("findWhere")->isEnabled(), kPatience);
    QVERIFY(!bench.isMapShown());
    QVERIFY2(bench.note().contains(u"no longer holds"_s), qPrintable(bench.note()));
}

void TestSaliencyPanel::whatDoesNotMatterKeepsTheMap()
{
    Bench bench(smallRecipe());
    bench.find();
    const QString before = bench.result();
    bench.workspace.edit([](Recipe& recipe) {
        recipe.training.learningRate *= 2;
        recipe.scope.layers = "1";
        recipe.name = "another";
    });
    QVERIFY(bench.isMapShown());
    QCOMPARE(bench.result(), before);
}

void TestSaliencyPanel::unfoldedAgainTheMapIsStillThere()
{
    const Bench bench(smallRecipe());
    bench.find();
    for (int i = 0; i < 2; ++i)
        QTest::mouseClick(bench.picker.findChild<QToolButton*>(u"fold"_s), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(bench.tree()->isEnabled() && bench.isMapShown(), kPatience);
    QCOMPARE(bench.part(1, 0, ScopeModel::RatioColumn).data().toString(),
             bench.grid()->content().cells.at(0).at(0).text);
}

void TestSaliencyPanel::aModelThatCannotBeReadSaysWhy()
{
    Recipe recipe = smallRecipe();
    recipe.model = "/nowhere";
    const Bench bench(recipe);
    bench.press("findWhere");
    QTRY_VERIFY_WITH_TIMEOUT(bench.note().startsWith(u"Not found"_s), kPatience);
    QVERIFY(bench.button("findWhere")->isEnabled());
    QVERIFY(!bench.isMapShown());
}

void TestSaliencyPanel::everyPartCanBeHeard()
{
    const Bench bench(smallRecipe());
    bench.find();
    QVERIFY(!bench.grid()->accessibleName().isEmpty());
    const QString spoken = bench.grid()->accessibleDescription();
    QVERIFY2(spoken.contains(u"Block 4, MLP"_s) && spoken.contains(u"suggested"_s),
             qPrintable(spoken));
    for (const char* name : {"findWhere", "cancelFinding", "tickSuggestion"})
        QVERIFY(!bench.button(name)->text().isEmpty());
    QVERIFY(!bench.picker.findChild<QProgressBar*>()->accessibleName().isEmpty());
}

QTEST_MAIN(TestSaliencyPanel)
#include "tst_saliency_panel.moc"
