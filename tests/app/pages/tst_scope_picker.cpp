#include "app/pages/setup/scope_picker.h"

#include "app/background.h"
#include "app/pages/setup/scope_model.h"
#include "app/workspace.h"
#include "core/base/json.h"
#include "core/models/adapter_files.h"
#include "core/models/family.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "widgets/form/fold.h"
#include "widgets/form/note_line.h"

#include <nlohmann/json.hpp>

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QLabel>
#include <QSignalSpy>
#include <QToolButton>
#include <QTreeView>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::string kStories = TEST_DATA_DIR "/models/stories260K"; // five blocks, tied head
constexpr int kPatience = 20'000;

DecoderConfig configOf(const std::string& folder)
{
    return readDecoderConfig(readJsonFile(folder + "/config.json").value(), folder).value();
}

DecoderConfig golden(const char* name)
{
    return configOf(std::string(TEST_DATA_DIR "/golden/hf-parity/") + name);
}

/// The picker over a workspace that it edits and follows, as the method card has it.
struct Bench {
    Workspace workspace;
    Background background;
    std::unique_ptr<ScopePicker> picker;

    explicit Bench(const std::string& model = kStories, const ScopeSpec& scope = {})
    {
        workspace.edit([&](Recipe& recipe) {
            recipe.model = model;
            recipe.scope = scope;
        });
        picker = std::make_unique<ScopePicker>(workspace, background);
        QObject::connect(&workspace, &Workspace::recipeChanged, picker.get(),
                         [this] { picker->follow(workspace.recipe()); });
        picker->resize(760, 420);
        picker->show();
    }
    void unfold() const
    {
        QTest::mouseClick(picker->findChild<QToolButton*>(u"fold"_s), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(tree()->isEnabled(), kPatience);
    }
    [[nodiscard]] QTreeView* tree() const { return picker->findChild<QTreeView*>(); }
    [[nodiscard]] QAbstractItemModel* model() const { return tree()->model(); }
    [[nodiscard]] QString sum() const { return picker->findChild<QLabel*>(u"scopeSum"_s)->text(); }
    [[nodiscard]] QString note() const
    {
        const auto* line = picker->findChild<NoteLine*>(u"scopeNote"_s);
        return line->isVisible() ? line->text() : QString();
    }
    /// By the names on the way to it: "Block 1", "Attention".
    [[nodiscard]] QModelIndex part(const QStringList& names) const
    {
        QModelIndex at;
        for (const QString& name : names) {
            const QModelIndexList found = model()->match(model()->index(0, 0, at), Qt::DisplayRole,
                                                         name, 1, Qt::MatchExactly);
            if (found.isEmpty())
                return {};
            at = found.first();
        }
        return at;
    }
    [[nodiscard]] Qt::CheckState state(const QStringList& names) const
    {
        return part(names).data(Qt::CheckStateRole).value<Qt::CheckState>();
    }
    void tick(const QStringList& names) const
    {
        const QModelIndex index = part(names);
        QVERIFY(index.isValid());
        tree()->expand(index.parent());
        tree()->scrollTo(index);
        const QRect rect = tree()->visualRect(index);
        QTest::mouseClick(tree()->viewport(), Qt::LeftButton, {},
                          QPoint(rect.left() + 10, rect.center().y()));
    }
    void press(const char* button) const
    {
        QTest::mouseClick(picker->findChild<QToolButton*>(QString::fromLatin1(button)),
                          Qt::LeftButton);
    }
    [[nodiscard]] QString scope() const
    {
        const ScopeSpec& scope = workspace.recipe().scope;
        QString text = shown(scope.layers) + u" |"_s;
        for (const std::string& module : scope.modules)
            text += u' ' + shown(module);
        return text;
    }
};

} // namespace

class TestScopePicker : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }

    void theModelKeepsItsPromises_data();
    void theModelKeepsItsPromises();
    void partsSayWhatTheyHave();
    void ticksAreWrittenAsTheSimplestScope();
    void typingMovesTheTicks();
    void attentionAndBlocksCombine();
    void anAdapterHasPartsOfItsOwn();
    void nothingTickedIsSaidAndNotWritten();
    void aScopeThatFitsNothingIsSaid_data();
    void aScopeThatFitsNothingIsSaid();
    void theKeyboardIsEnough();
    void anotherModelHasAnotherTree();
    void aModelThatCannotBeReadSaysWhy();
    void eightyBlocksStayFluent();
};

void TestScopePicker::theModelKeepsItsPromises_data()
{
    QTest::addColumn<QString>("family");
    QTest::addColumn<bool>("adapter");
    for (const char* family : {"llama-mha", "gpt2", "gpt_neox", "opt-post-proj"})
        for (const bool adapter : {false, true})
            QTest::addRow("%s%s", family, adapter ? ", adapter" : "")
                << QString::fromLatin1(family) << adapter;
}

void TestScopePicker::theModelKeepsItsPromises()
{
    QFETCH(QString, family);
    QFETCH(bool, adapter);
    ScopeModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const DecoderConfig config = golden(qPrintable(family));
    model.setConfig(config);
    if (adapter)
        model.setAdapter(AdapterSpec{.rank = 3});
    std::int64_t expected = 0;
    for (const WeightSlot& slot : adapter ? adaptableSlots(config) : weightSlots(config))
        expected += adapter ? 3 * (slot.shape[0] + slot.shape[1])
                            : std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1},
                                              std::multiplies<>());
    QCOMPARE(model.allParameters(), expected);
    QCOMPARE(model.chosenParameters(), std::int64_t{0});
    model.chooseAll();
    QCOMPARE(model.chosenParameters(), expected);
    // The rows at the top share everything among them.
    std::int64_t sum = 0;
    for (int row = 0; row < model.rowCount(); ++row) {
        const QString text = model.index(row, ScopeModel::ParametersColumn).data().toString();
        if (text != u"\u2013")
            sum += QLocale().toLongLong(text);
    }
    QCOMPARE(sum, expected);
}

void TestScopePicker::partsSayWhatTheyHave()
{
    const Bench bench;
    bench.unfold();
    QCOMPARE(bench.model()->rowCount(), 7); // the head is the embedding
    QVERIFY(bench.part({u"Embedding, also the head"_s}).isValid());
    const QModelIndex block = bench.part({u"Block 4"_s});
    QVERIFY(bench.part({u"Block 4"_s, u"MLP"_s, u"mlp.down_proj"_s}).isValid());
    QVERIFY(bench.part({u"Block 4"_s, u"Attention"_s, u"self_attn.k_proj"_s}).isValid());
    QVERIFY(bench.part({u"Final norm"_s}).isValid());
    const auto number = [&](int column) { return block.siblingAtColumn(column).data().toString(); };
    // 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 172 + 2 * 64 of 260,032
    QCOMPARE(QLocale().toLongLong(number(ScopeModel::ParametersColumn)), qint64{45440});
    QCOMPARE(number(ScopeModel::ShareColumn), QLocale().toString(17.5, 'f', 1) + u" %"_s);
    QCOMPARE(bench.state({u"Block 4"_s}), Qt::Checked);
    QVERIFY2(bench.sum().contains(u"260,032 of 260,032"_s), qPrintable(bench.sum()));
    QVERIFY(bench.part({u"Block 4"_s, u"MLP"_s, u"mlp.down_proj"_s})
                .data(Qt::ToolTipRole)
                .toString()
                .contains(u"model.layers.4.mlp.down_proj.weight"_s));
}

void TestScopePicker::ticksAreWrittenAsTheSimplestScope()
{
    const Bench bench;
    bench.unfold();
    bench.tick({u"Block 1"_s});
    QCOMPARE(bench.state({u"Block 1"_s}), Qt::Unchecked);
    QCOMPARE(bench.state({u"Block 1"_s, u"MLP"_s, u"mlp.up_proj"_s}), Qt::Unchecked);
    bench.tick({u"Embedding, also the head"_s});
    bench.tick({u"Final norm"_s});
    QCOMPARE(bench.scope(), u"0,2-4 |"_s);
    for (const int block : {0, 2, 3, 4})
        bench.tick({u"Block %1"_s.arg(block), u"Attention"_s});
    bench.tick({u"Block 0"_s, u"Norms"_s});
    QCOMPARE(bench.state({u"Block 0"_s}), Qt::PartiallyChecked);
    for (const int block : {2, 3, 4})
        bench.tick({u"Block %1"_s.arg(block), u"Norms"_s});
    QCOMPARE(bench.scope(), u"0,2-4 | mlp"_s);
    QVERIFY2(bench.sum().contains(u"132,096 of 260,032"_s), qPrintable(bench.sum()));
    QVERIFY(bench.sum().contains(QLocale().toString(50.8, 'f', 1) + u" %"_s));
    // No product any more.
    bench.tick({u"Block 1"_s, u"Attention"_s, u"self_attn.q_proj"_s});
    QVERIFY2(bench.scope().contains(u"model.layers.1.self_attn.q_proj.weight"_s),
             qPrintable(bench.scope()));
    QCOMPARE(bench.note(), QString());
}

void TestScopePicker::typingMovesTheTicks()
{
    Bench bench;
    bench.unfold();
    bench.workspace.edit([](Recipe& recipe) {
        recipe.scope.layers = "3-4";
        recipe.scope.modules = {"q_proj", "*.v_proj.weight"};
    });
    QCOMPARE(bench.state({u"Block 2"_s}), Qt::Unchecked);
    QCOMPARE(bench.state({u"Block 3"_s, u"Attention"_s}), Qt::PartiallyChecked);
    QCOMPARE(bench.state({u"Block 3"_s, u"Attention"_s, u"self_attn.q_proj"_s}), Qt::Checked);
    QCOMPARE(bench.state({u"Block 3"_s, u"Attention"_s, u"self_attn.o_proj"_s}), Qt::Unchecked);
    QCOMPARE(bench.scope(), u"3-4 | q_proj *.v_proj.weight"_s); // as it was typed
    QVERIFY2(bench.sum().contains(u"12,288 of 260,032"_s), qPrintable(bench.sum()));
}

void TestScopePicker::attentionAndBlocksCombine()
{
    const Bench bench;
    bench.unfold();
    const auto* from = bench.picker->findChild<QToolButton*>(u"scopeFrom"_s);
    QVERIFY(!from->isEnabled()); // no block is marked
    bench.press("scopeAttention");
    QCOMPARE(bench.scope(), u"all | self_attn"_s);
    bench.tree()->setCurrentIndex(bench.part({u"Block 2"_s}));
    bench.press("scopeFrom");
    QCOMPARE(bench.scope(), u"2-4 | self_attn"_s);
    bench.press("scopeMlp");
    QCOMPARE(bench.scope(), u"2-4 | mlp"_s);
    bench.tree()->setCurrentIndex(bench.part({u"Block 1"_s}));
    bench.press("scopeFrom");
    QCOMPARE(bench.scope(), u"1-4 |"_s);
    bench.press("scopeAll");
    QCOMPARE(bench.scope(), u"all |"_s);
}

void TestScopePicker::anAdapterHasPartsOfItsOwn()
{
    Bench bench(kStories, {.adapter = AdapterSpec{.rank = 4}});
    bench.unfold();
    const QModelIndex embedding = bench.part({u"Embedding, also the head"_s});
    QVERIFY(!embedding.data(Qt::CheckStateRole).isValid());
    QVERIFY(!(embedding.flags() & Qt::ItemIsEnabled));
    QVERIFY(!bench.part({u"Block 0"_s, u"Norms"_s}).data(Qt::CheckStateRole).isValid());
    QCOMPARE(bench.state({u"Block 0"_s}), Qt::Checked); // all of it that can be
    bench.press("scopeAttention");
    QCOMPARE(bench.scope(), u"all | self_attn"_s);
    // Rank 4 times in and out, of q, k, v and o: 4 * (128 + 96 + 96 + 128) * 5
    QVERIFY2(bench.sum().contains(u"8,960 of the 23,120"_s), qPrintable(bench.sum()));
    bench.workspace.edit([](Recipe& recipe) { recipe.scope.adapter->rank = 8; });
    QVERIFY2(bench.sum().contains(u"17,920 of the 46,240"_s), qPrintable(bench.sum()));
    bench.workspace.edit([](Recipe& recipe) { recipe.scope.adapter.reset(); });
    QVERIFY(embedding.isValid());
    QCOMPARE(bench.state({u"Embedding, also the head"_s}), Qt::Unchecked);
    QCOMPARE(bench.state({u"Block 0"_s, u"Attention"_s}), Qt::Checked);
}

void TestScopePicker::nothingTickedIsSaidAndNotWritten()
{
    const Bench bench(kStories, {.layers = "1", .modules = {"q_proj"}});
    bench.unfold();
    QSignalSpy changed(bench.picker.get(), &ScopePicker::changed);
    bench.tick({u"Block 1"_s, u"Attention"_s, u"self_attn.q_proj"_s});
    QCOMPARE(bench.scope(), u"1 | q_proj"_s);
    QVERIFY(!bench.picker->problem().isEmpty());
    QVERIFY(bench.note().contains(u"Nothing"_s));
    QCOMPARE(changed.size(), 1);
    // Folded away, the recipe holds again.
    QTest::mouseClick(bench.picker->findChild<QToolButton*>(u"fold"_s), Qt::LeftButton);
    QVERIFY(bench.picker->problem().isEmpty());
    QCOMPARE(changed.size(), 2);
    bench.unfold();
    QTRY_COMPARE(bench.state({u"Block 1"_s, u"Attention"_s, u"self_attn.q_proj"_s}), Qt::Checked);
}

void TestScopePicker::aScopeThatFitsNothingIsSaid_data()
{
    QTest::addColumn<QString>("layers");
    QTest::addColumn<QString>("module");
    QTest::addColumn<QString>("says");
    QTest::newRow("layers that are not there") << u"7"_s << u""_s << u"0-4"_s;
    QTest::newRow("modules that are not there") << u"all"_s << u"c_attn"_s << u"name nothing"_s;
}

void TestScopePicker::aScopeThatFitsNothingIsSaid()
{
    QFETCH(QString, layers);
    QFETCH(QString, module);
    QFETCH(QString, says);
    const Bench bench(kStories,
                      {.layers = layers.toStdString(), .modules = {module.toStdString()}});
    bench.unfold();
    QTRY_VERIFY2(bench.note().contains(says), qPrintable(bench.note()));
    QVERIFY(bench.picker->problem().isEmpty()); // the plan says it too, as an error of the recipe
    bench.press("scopeMlp");
    QCOMPARE(bench.scope(), u"all | mlp"_s);
    QCOMPARE(bench.note(), QString());
}

void TestScopePicker::theKeyboardIsEnough()
{
    const Bench bench;
    bench.unfold();
    bench.picker->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(bench.picker.get()));
    QTreeView* tree = bench.tree();
    QVERIFY(!tree->accessibleName().isEmpty());
    tree->setFocus();
    tree->setCurrentIndex(bench.part({u"Block 0"_s}));
    QTest::keyClick(tree, Qt::Key_Right); // unfolds
    QTest::keyClick(tree, Qt::Key_Down);
    QCOMPARE(tree->currentIndex().data().toString(), u"Attention"_s);
    QTest::keyClick(tree, Qt::Key_Space);
    QCOMPARE(bench.state({u"Block 0"_s, u"Attention"_s}), Qt::Unchecked);
    QCOMPARE(bench.state({u"Block 0"_s}), Qt::PartiallyChecked);
    QTest::keyClick(tree, Qt::Key_Space);
    QCOMPARE(bench.scope(), u"all |"_s);
    QTest::keyClick(tree, Qt::Key_Tab);
    QVERIFY(!tree->hasFocus());
}

void TestScopePicker::anotherModelHasAnotherTree()
{
    Bench bench;
    bench.unfold();
    QCOMPARE(bench.model()->rowCount(), 7);
    bench.workspace.edit(
        [](Recipe& recipe) { recipe.model = TEST_DATA_DIR "/golden/hf-parity/gpt2"; });
    QTRY_VERIFY_WITH_TIMEOUT(bench.part({u"Block 0"_s, u"Attention"_s, u"attn.c_attn"_s}).isValid(),
                             kPatience);
    QVERIFY(bench.part({u"Embedding, also the head"_s, u"transformer.wpe"_s}).isValid());
}

void TestScopePicker::aModelThatCannotBeReadSaysWhy()
{
    Bench bench("/nowhere");
    QTest::mouseClick(bench.picker->findChild<QToolButton*>(u"fold"_s), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(bench.note().contains(u"config.json"_s), kPatience);
    QVERIFY(!bench.tree()->isEnabled());
    bench.workspace.edit([](Recipe& recipe) { recipe.model.clear(); });
    QVERIFY(bench.note().contains(u"as soon as a model is chosen"_s));
}

void TestScopePicker::eightyBlocksStayFluent()
{
    const TemporaryFolder folder;
    Json config = readJsonFile(kStories + "/config.json").value();
    config["num_hidden_layers"] = 80;
    writeBytes(folder.file("config.json"), config.dump());
    const Bench bench(folder.file("config.json").parent_path().string());
    bench.unfold();
    QTRY_COMPARE_WITH_TIMEOUT(bench.model()->rowCount(), 82, kPatience);
    bench.tree()->expandAll();
    QElapsedTimer timer;
    timer.start();
    constexpr int kTicks = 10;
    for (int i = 0; i < kTicks; ++i) // every other block's MLP, the hardest to say
        bench.tick({u"Block %1"_s.arg(2 * i), u"MLP"_s});
    const qint64 each = timer.elapsed() / kTicks;
    QVERIFY2(each < 100, qPrintable(QString::number(each)));
    QVERIFY(bench.scope().contains(u"mlp"_s) || bench.scope().contains(u"model.layers."_s));
}

QTEST_MAIN(TestScopePicker)
#include "tst_scope_picker.moc"
