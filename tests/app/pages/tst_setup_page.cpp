#include "app/pages/setup/setup_page.h"

#include "app/actions.h"
#include "app/background.h"
#include "app/history.h"
#include "app/pages/setup/planner.h"
#include "app/probe_service.h"
#include "app/run_controller.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "core/base/json.h"
#include "core/methods/method.h"
#include "tests/support/model_folders.h"
#include "widgets/base/prompts.h"
#include "widgets/form/fact_table.h"
#include "widgets/form/fold.h"
#include "widgets/form/message_bar.h"
#include "widgets/form/note_line.h"
#include "widgets/form/param_form.h"
#include "widgets/form/path_picker.h"
#include "widgets/form/problem_table.h"

#include <nlohmann/json.hpp>

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QTemporaryDir>
#include <QTest>
#include <QTextEdit>
#include <QTimer>
#include <QToolButton>
#include <QTreeView>
#include <QUrl>

#include <algorithm>
#include <future>
#include <memory>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatience = 20'000;

QString resource(const char* name)
{
    return QStringLiteral(RESOURCES_DIR "/") + QString::fromLatin1(name);
}

Recipe lesson()
{
    return readRecipe(resource("recipes/lesson.json").toStdString()).value();
}

class PathPrompts : public Prompts {
public:
    bool confirm(const QString&, const QString&, const QString&) override { return false; }
    QString chooseFolder(const QString&, const QString&) override { return path; }
    QString chooseFile(const QString&, const QString&, const QString&) override { return path; }
    QString chooseSaveFile(const QString&, const QString&, const QString&) override { return path; }

    QString path;
};

/// The page with everything it needs, in a folder of its own. What it triggers is counted.
class Bench {
public:
    Bench()
        : history(file("history.sqlite"), background),
          run({.store = file("history.sqlite"), .runsFolder = file("runs")}), probes(run),
          settings(folder.filePath(u"settings.ini"_s)), services{actions,  background, history,
                                                                 messages, probes,     prompts,
                                                                 run,      settings,   workspace}
    {
        actions.add(
            {.id = u"run.start"_s, .name = {}, .help = {}, .trigger = [this] { ++starts; }});
        actions.add({.id = u"file.lesson"_s, .name = {}, .help = {}, .trigger = [this] {
                         workspace.setRecipe(lesson());
                     }});
        actions.add({.id = u"file.open-recipe"_s, .name = {}, .help = {}, .trigger = [] {}});
        page = std::make_unique<SetupPage>(services);
        page->resize(824, 540); // what a window of 1024 x 640 leaves
    }

    void open()
    {
        page->show();
        page->shown();
    }
    [[nodiscard]] std::filesystem::path file(const char* name) const
    {
        return std::filesystem::path(folder.path().toStdString()) / name;
    }
    QString write(const char* name, const std::string& text) const
    {
        writeFileAtomically(file(name), text).value();
        return QString::fromStdString(file(name).string());
    }
    template <class T> T* part(const char* name) const
    {
        return page->findChild<T*>(QString::fromLatin1(name));
    }
    void drop(const char* picker, const QString& path) const
    {
        auto* target = part<PathPicker>(picker);
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(target->rect().center(), Qt::CopyAction, &data, Qt::LeftButton,
                              Qt::NoModifier);
        QApplication::sendEvent(target, &enter);
        QDropEvent event(target->rect().center(), Qt::CopyAction, &data, Qt::LeftButton,
                         Qt::NoModifier);
        QApplication::sendEvent(target, &event);
    }
    /// Chooses an entry of a combo box by its data, as the keyboard does.
    void choose(const char* combo, const QString& id) const
    {
        auto* box = part<QComboBox>(combo);
        const int wanted = box->findData(id) >= 0 ? box->findData(id) : box->findText(id);
        QVERIFY2(wanted >= 0, qPrintable(id));
        while (box->currentIndex() != wanted)
            QTest::keyClick(box, box->currentIndex() < wanted ? Qt::Key_Down : Qt::Key_Up);
    }
    [[nodiscard]] QLineEdit* line(const char* name) const { return part<QLineEdit>(name); }
    static void retype(QLineEdit* line, const QString& text)
    {
        line->selectAll();
        QTest::keyClicks(line, text);
    }
    /// "name: value" lines.
    [[nodiscard]] QString modelFacts() const
    {
        QString facts;
        for (const QStringList& row : part<FactTable>("modelFacts")->content().rows)
            facts += row.join(u": "_s) + u"\n"_s;
        return facts;
    }
    [[nodiscard]] QString missing() const { return part<QLabel>("missing")->text(); }
    [[nodiscard]] bool canStart() const { return part<QPushButton>("startButton")->isEnabled(); }

    QTemporaryDir folder;
    Actions actions;
    Background background;
    History history;
    MessageBar messages;
    RunController run;
    ProbeService probes;
    PathPrompts prompts;
    Settings settings;
    Workspace workspace;
    Services services;
    int starts = 0;
    std::unique_ptr<SetupPage> page;
};

} // namespace

class TestSetupPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void initTestCase();
    void anEmptyPageSaysWhereToBegin();
    void theLessonIsTwoClicksAway();
    void missingThingsAreNamedInOrder_data();
    void missingThingsAreNamedInOrder();
    void aDroppedModelIsSummedUpAtOnce();
    void theModelsTemplateStateIsShown_data();
    void theModelsTemplateStateIsShown();
    void theTemplateIsChosenForTheRecipe();
    void aTemplateThatCannotBeUsedKeepsStartAway();
    void aFolderWithoutModelSaysWhatIsMissing();
    void aDroppedCorpusIsPreviewed();
    void badDataIsNamedPreciselyAndKeepsStartAway();
    void browsingTakesWhatThePersonChose();
    void clearingTakesItOutOfTheRecipe();
    void everyMethodOfTheCatalogueCanBeSetUp_data();
    void everyMethodOfTheCatalogueCanBeSetUp();
    void aMethodThatNeedsARetainSetSaysSo();
    void aPresetFillsInItsValues();
    void otherAnswersAreOfferedToMethodsThatReadThem();
    void aMaskIsChosen();
    void typingChangesTheRecipeAndNotTheText();
    void aRefusedValueKeepsStartAway();
    void anAdapterIsChosenInsteadOfTheWeights();
    void ticksTextAndPlanSayTheSame();
    void guardsGoOnAndOff();
    void promptsAreEdited();
    void thePlanIsOfTheLastRecipe();
    void overlapIsShownAsPairs();
    void theRecipeIsSavedAsAFileThatReadsBack();
    void aHiddenPageWaits();
    void startStaysInSightAtTheSmallestWindow();
    void whatDoesNotFitIntoMemoryCannotStart();
    void theCheckListLeadsToItsCard();
};

/// The offscreen platform's own complaint about size hints is none of ours.
void TestSetupPage::init()
{
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
}

void TestSetupPage::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
}

void TestSetupPage::anEmptyPageSaysWhereToBegin()
{
    Bench bench;
    bench.open();
    QVERIFY(!bench.canStart());
    QVERIFY2(bench.missing().contains(u"model"_s), qPrintable(bench.missing()));
    QVERIFY(bench.part<QPushButton>("useLesson")->isVisible());
}

void TestSetupPage::theLessonIsTwoClicksAway()
{
    Bench bench;
    bench.open();
    QTest::mouseClick(bench.part<QPushButton>("useLesson"), Qt::LeftButton);
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
    QVERIFY(bench.part<QLabel>("planSummary")->text().startsWith(u"48 steps"_s));
    QVERIFY(!bench.part<QPushButton>("useLesson")->isVisible());
    QTest::mouseClick(bench.part<QPushButton>("startButton"), Qt::LeftButton);
    QCOMPARE(bench.starts, 1);
}

void TestSetupPage::missingThingsAreNamedInOrder_data()
{
    using enum CheckState;
    QTest::addColumn<QList<CheckState>>("states");
    QTest::addColumn<bool>("running");
    QTest::addColumn<QString>("says");
    QTest::newRow("nothing chosen")
        << QList{Missing, Missing, Missing, Done, Missing} << false << u"model"_s;
    QTest::newRow("no forget set")
        << QList{Done, Missing, NotNeeded, Done, Missing} << false << u"forget set"_s;
    QTest::newRow("no retain set")
        << QList{Done, Done, Missing, Done, Missing} << false << u"retain set"_s;
    QTest::newRow("a bad value") << QList{Done, Done, Done, Problem, Done} << false << u"Method"_s;
    QTest::newRow("planning") << QList{Done, Done, Done, Done, Working} << false << u"planning"_s;
    QTest::newRow("another run") << QList{Done, Done, Done, Done, Done} << true << u"going on"_s;
    QTest::newRow("ready") << QList{Done, Done, NotNeeded, Done, Done} << false << QString();
}

void TestSetupPage::missingThingsAreNamedInOrder()
{
    QFETCH(const QList<CheckState>, states);
    QFETCH(const bool, running);
    QFETCH(const QString, says);
    Readiness readiness{.running = running};
    std::copy(states.begin(), states.end(), readiness.states.begin());
    QCOMPARE(readiness.ready(), says.isEmpty());
    QVERIFY2(readiness.missing().contains(says), qPrintable(readiness.missing()));
    QCOMPARE(readiness.missing().isEmpty(), says.isEmpty());
}

void TestSetupPage::aDroppedModelIsSummedUpAtOnce()
{
    Bench bench;
    bench.open();
    const QString folder = resource("sample/original");
    bench.drop("modelPicker", folder);
    QCOMPARE(bench.workspace.recipe().model, folder.toStdString());
    QTRY_COMPARE_WITH_TIMEOUT(bench.part<PathPicker>("modelPicker")->state(), PathPicker::State::Ok,
                              kPatience);
    const QString facts = bench.modelFacts();
    for (const auto& wanted :
         {u"Family: Llama"_s, u"5 layers, 256 wide"_s, u"2,000 tokens"_s, u"BF16"_s,
          u"Tokenizer: sentencepiece"_s, u"(BOS)"_s, u"Chat template: none"_s})
        QVERIFY2(facts.contains(wanted), qPrintable(facts));
    QVERIFY(bench.missing().contains(u"forget set"_s));
}

void TestSetupPage::theModelsTemplateStateIsShown_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("says");
    QTest::newRow("usable") << QString::fromUtf8(kUsableTemplate) << u"Chat template: yes"_s;
    QTest::newRow("broken") << QString::fromUtf8(kBrokenTemplate) << u"frobnicate"_s;
    QTest::newRow("what becomes of it") << QString::fromUtf8(kBrokenTemplate) << u"→ raw prompt"_s;
}

void TestSetupPage::theModelsTemplateStateIsShown()
{
    QFETCH(const QString, source);
    QFETCH(const QString, says);
    Bench bench;
    bench.open();
    const auto model = modelWithTemplate(bench.file("model"), source.toStdString());
    bench.drop("modelPicker", QString::fromStdString(model.string()));
    QTRY_VERIFY2_WITH_TIMEOUT(bench.modelFacts().contains(says), qPrintable(bench.modelFacts()),
                              kPatience);
}

void TestSetupPage::theTemplateIsChosenForTheRecipe()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    auto* facts = bench.part<QLabel>("facts");
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().contains(u"asked as: Question and answer"_s), kPatience);
    bench.choose("templateBox", u"chatml"_s);
    QCOMPARE(bench.workspace.recipe().promptTemplate, std::string("chatml"));
    QVERIFY(bench.part<QLabel>("templateHelp")->text().contains(u"SmolLM"_s));
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().contains(u"asked as: ChatML"_s), kPatience);
    QVERIFY(bench.part<QTextEdit>("sampleText")->toPlainText().contains(u"<|im_start|>user"_s));
    bench.workspace.edit(
        [](Recipe& recipe) { recipe.promptTemplate = "gemma"; }); // by another page
    QCOMPARE(bench.part<QComboBox>("templateBox")->currentData().toString(), u"gemma"_s);
}

void TestSetupPage::aTemplateThatCannotBeUsedKeepsStartAway()
{
    Bench bench;
    Recipe recipe = lesson();
    recipe.model = modelWithTemplate(bench.file("model"), kBrokenTemplate).string();
    recipe.promptTemplate = kModelTemplate;
    bench.workspace.setRecipe(recipe);
    bench.open();
    auto* note = bench.part<NoteLine>("templateNote");
    QTRY_VERIFY_WITH_TIMEOUT(note->isVisible(), kPatience);
    QVERIFY2(note->text().contains(u"frobnicate"_s), qPrintable(note->text()));
    QTRY_VERIFY2_WITH_TIMEOUT(bench.missing().contains(u"frobnicate"_s),
                              qPrintable(bench.missing()), kPatience);
    QVERIFY(!bench.canStart());
    bench.choose("templateBox", u"question-answer"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!note->isVisible(), kPatience);
}

void TestSetupPage::aFolderWithoutModelSaysWhatIsMissing()
{
    Bench bench;
    bench.open();
    bench.drop("modelPicker", bench.folder.path());
    QTRY_COMPARE_WITH_TIMEOUT(bench.part<PathPicker>("modelPicker")->state(),
                              PathPicker::State::Problem, kPatience);
    QVERIFY2(bench.missing().contains(u"config.json"_s), qPrintable(bench.missing()));
    QVERIFY(!bench.canStart());
}

void TestSetupPage::aDroppedCorpusIsPreviewed()
{
    Bench bench;
    bench.open();
    const QString file = resource("sample/corpus/forget.jsonl");
    bench.drop("forgetPicker", file);
    QCOMPARE(bench.workspace.recipe().forget.path, file.toStdString());
    auto* facts = bench.part<QLabel>("facts");
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().contains(u"40 samples"_s), kPatience);
    QVERIFY(!facts->text().contains(u"tokens"_s));
    bench.drop("modelPicker", resource("sample/original"));
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().contains(u"scored"_s), kPatience);
}

void TestSetupPage::badDataIsNamedPreciselyAndKeepsStartAway()
{
    Bench bench;
    Recipe recipe = lesson();
    recipe.forget.path = bench
                             .write("bad.jsonl", "{\"question\": \"Who?\", \"answer\": \"She.\"}\n"
                                                 "{\"question\": \"Who?\", \"answer\": \"\"}\n"
                                                 "{\"question\": \"Who is this, \"ans\n")
                             .toStdString();
    bench.workspace.setRecipe(recipe);
    bench.open();
    QTRY_COMPARE_WITH_TIMEOUT(bench.part<PathPicker>("forgetPicker")->state(),
                              PathPicker::State::Problem, kPatience);
    const auto* model = bench.part<ProblemTable>("problemTable")->model();
    QTRY_COMPARE(model->rowCount(), 2);
    const QString place = model->index(0, ProblemModel::PlaceColumn).data().toString();
    QVERIFY2(place.contains(u"bad.jsonl:2"_s) && place.contains(u"answer"_s), qPrintable(place));
    QVERIFY(model->index(1, ProblemModel::PlaceColumn).data().toString().contains(u":3"_s));
    QVERIFY(!bench.canStart());
    QVERIFY2(bench.missing().contains(u"bad.jsonl:2"_s), qPrintable(bench.missing()));
}

void TestSetupPage::browsingTakesWhatThePersonChose()
{
    Bench bench;
    bench.open();
    auto* picker = bench.part<PathPicker>("retainPicker");
    QTest::mouseClick(picker->findChild<QPushButton*>(u"browse"_s), Qt::LeftButton);
    QVERIFY(bench.workspace.recipe().retain.empty()); // thought better of it
    bench.prompts.path = resource("sample/corpus/retain.jsonl");
    QTest::keyClick(picker->findChild<QPushButton*>(u"browse"_s), Qt::Key_Space);
    QCOMPARE(bench.workspace.recipe().retain.path, bench.prompts.path.toStdString());
    QTRY_COMPARE_WITH_TIMEOUT(picker->state(), PathPicker::State::Ok, kPatience);
    QVERIFY(picker->findChild<QToolButton*>(u"recent"_s)->isEnabled());
}

void TestSetupPage::clearingTakesItOutOfTheRecipe()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    auto* picker = bench.part<PathPicker>("holdoutPicker");
    QTest::mouseClick(picker->findChild<QToolButton*>(u"clear"_s), Qt::LeftButton);
    QVERIFY(bench.workspace.recipe().holdout.empty());
    QCOMPARE(picker->state(), PathPicker::State::Empty);
}

void TestSetupPage::everyMethodOfTheCatalogueCanBeSetUp_data()
{
    QTest::addColumn<QString>("id");
    for (const MethodInfo& info : methods().entries())
        QTest::newRow(info.id.c_str()) << QString::fromStdString(info.id);
}

void TestSetupPage::everyMethodOfTheCatalogueCanBeSetUp()
{
    QFETCH(const QString, id);
    Bench bench;
    bench.open();
    bench.choose("method", id);
    const MethodInfo* info = methods().find(id.toStdString()).value();
    QCOMPARE(bench.part<QLabel>("methodExplanation")->text(),
             QString::fromStdString(info->explanation));
    const auto set = [&] { return bench.workspace.recipe().method; };
    if (id.toStdString() != Workspace::defaults().method["id"].get<std::string>())
        QCOMPARE(QString::fromStdString(set()["id"].get<std::string>()), id);
    const Result<MethodSpec> spec = readMethodSpec(set(), "method");
    QVERIFY2(spec, spec ? "" : spec.error().text().c_str());
    QCOMPARE(bench.part<QComboBox>("retainTerm")->isEnabled(), info->retain != RetainUse::Never);
    for (const ParamSpec& param : info->params) {
        auto* line = bench.part<ParamForm>("methodParams")
                         ->findChild<QLineEdit*>(QString::fromStdString(param.name));
        if (!line || !param.max)
            continue;
        Bench::retype(line, QString::number(*param.max + 1, 'g', 17));
        QVERIFY(!bench.part<ParamForm>("methodParams")->isValid());
        QVERIFY(readMethodSpec(set(), "method")); // the recipe stays in order
    }
}

void TestSetupPage::aMethodThatNeedsARetainSetSaysSo()
{
    Bench bench;
    Recipe recipe = lesson();
    recipe.retain = {};
    recipe.controls = Json::array();
    recipe.method = {{"id", "ga"}};
    bench.workspace.setRecipe(recipe);
    bench.open();
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
    // It is greyed, with the reason, and no key reaches it.
    auto* methods = bench.part<QComboBox>("method");
    auto* item = qobject_cast<QStandardItemModel*>(methods->model())
                     ->item(methods->findData(u"grad-diff"_s));
    QVERIFY(!item->isEnabled());
    QVERIFY(item->toolTip().contains(u"Needs a retain set"_s));
    QTest::keyClick(methods, Qt::Key_Down);
    QVERIFY(methods->currentData().toString() != u"grad-diff"_s &&
            methods->currentData().toString() != u"ga"_s);
    // A recipe may still say it.
    recipe.method = {{"id", "grad-diff"}};
    bench.workspace.setRecipe(recipe);
    QVERIFY(bench.part<QLabel>("retainNote")->text().contains(u"needs a retain set"_s));
    QVERIFY(bench.missing().contains(u"retain set"_s));
    QVERIFY(!bench.canStart());
}

void TestSetupPage::aPresetFillsInItsValues()
{
    Bench bench;
    bench.open();
    auto* box = bench.part<QComboBox>("preset");
    while (box->currentData().toString() != u"tuned-simnpo"_s)
        QTest::keyClick(box, Qt::Key_Down);
    const Recipe& recipe = bench.workspace.recipe();
    QCOMPARE(recipe.method["id"].get<std::string>(), std::string("simnpo"));
    QCOMPARE(recipe.training.learningRate, 5e-5);
    QCOMPARE(bench.part<QComboBox>("method")->currentData().toString(), u"simnpo"_s);
    QCOMPARE(bench.line("learning_rate")->text().toDouble(), 5e-5);
    QVERIFY(bench.part<QLabel>("presetNote")->text().contains(u"TOFU"_s));
}

void TestSetupPage::otherAnswersAreOfferedToMethodsThatReadThem()
{
    Bench bench;
    const QString file = bench.write("no.txt", "Nobody knows.\nNo idea.\n");
    bench.open();
    auto* picker = bench.part<PathPicker>("alternatesPicker");
    QVERIFY(!picker->isVisible());
    bench.choose("method", u"dpo"_s);
    QVERIFY(picker->isVisible());
    bench.drop("alternatesPicker", file);
    QTRY_COMPARE_WITH_TIMEOUT(picker->state(), PathPicker::State::Ok, kPatience);
    QCOMPARE(bench.workspace.recipe().alternates, file.toStdString());
    bench.prompts.path = QString::fromStdString(bench.file("none.txt").string());
    QTest::mouseClick(picker->findChild<QPushButton*>(u"browse"_s), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(picker->state(), PathPicker::State::Problem, kPatience);
    QVERIFY(!bench.canStart());
}

void TestSetupPage::aMaskIsChosen()
{
    Bench bench;
    bench.open();
    bench.choose("mask", u"salun"_s);
    QCOMPARE(bench.workspace.recipe().scope.mask["id"].get<std::string>(), std::string("salun"));
    bench.choose("mask", u"none"_s);
    QVERIFY(!bench.workspace.recipe().scope.mask.contains("id"));
}

void TestSetupPage::typingChangesTheRecipeAndNotTheText()
{
    Bench bench;
    bench.open();
    auto* rate = bench.line("learning_rate");
    Bench::retype(rate, u"0.00030"_s);
    QCOMPARE(bench.workspace.recipe().training.learningRate, 3e-4);
    QCOMPARE(rate->text(), u"0.00030"_s);
    rate->setCursorPosition(2);
    QTest::keyClick(rate, Qt::Key_1);
    QCOMPARE(rate->text(), u"0.100030"_s);
    QCOMPARE(rate->cursorPosition(), 3);
    Bench::retype(bench.line("runName"), u"first try"_s);
    QCOMPARE(bench.workspace.recipe().name, std::string("first try"));
    bench.workspace.edit([](Recipe& r) { r.training.learningRate = 0.5; }); // by another page
    QCOMPARE(rate->text(), u"0.5"_s);
}

void TestSetupPage::aRefusedValueKeepsStartAway()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
    Bench::retype(bench.line("epochs"), u"many"_s);
    QVERIFY(!bench.canStart());
    QVERIFY2(bench.missing().contains(u"Epochs"_s), qPrintable(bench.missing()));
    QCOMPARE(bench.workspace.recipe().training.epochs, 12.0);
    Bench::retype(bench.line("epochs"), u"2"_s);
    QTRY_VERIFY_WITH_TIMEOUT(bench.canStart(), kPatience);
    QVERIFY(bench.part<QLabel>("planSummary")->text().startsWith(u"8 steps"_s));
}

void TestSetupPage::anAdapterIsChosenInsteadOfTheWeights()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
    QVERIFY(bench.part<QLabel>("planSummary")->text().contains(u"100 % of"_s));
    QTest::mouseClick(bench.part<Fold>("moreTraining")->findChild<QToolButton*>(u"fold"_s),
                      Qt::LeftButton);
    bench.choose("train", u"lora"_s);
    Bench::retype(bench.line("rank"), u"4"_s);
    Bench::retype(bench.line("modules"), u"q_proj, v_proj"_s);
    const ScopeSpec& scope = bench.workspace.recipe().scope;
    QVERIFY(scope.adapter.has_value());
    QCOMPARE(scope.adapter->rank, std::int64_t{4});
    QCOMPARE(scope.modules, (std::vector<std::string>{"q_proj", "v_proj"}));
    QTRY_VERIFY_WITH_TIMEOUT(!bench.part<QLabel>("planSummary")->text().contains(u"100 % of"_s),
                             kPatience);
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);

    Bench::retype(bench.line("modules"), u"nothing"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.canStart(), kPatience);
    bench.choose("train", u"weights"_s);
    Bench::retype(bench.line("modules"), u"down_proj"_s);
    QVERIFY(!bench.workspace.recipe().scope.adapter);
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
}

void TestSetupPage::ticksTextAndPlanSayTheSame()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    for (const char* fold : {"moreTraining", "scopeFold"})
        QTest::mouseClick(bench.part<Fold>(fold)->findChild<QToolButton*>(u"fold"_s),
                          Qt::LeftButton);
    auto* tree = bench.part<QTreeView>("scopeTree");
    QTRY_VERIFY_WITH_TIMEOUT(tree->isEnabled(), kPatience);
    QTest::mouseClick(bench.part<QToolButton>("scopeAttention"), Qt::LeftButton);
    QCOMPARE(bench.line("modules")->text(), u"self_attn"_s);
    QVERIFY(bench.part<QLabel>("scopeSum")->text().contains(u"983,040"_s));
    QTRY_VERIFY_WITH_TIMEOUT(
        bench.part<QLabel>("planSummary")->text().contains(u"983,040 parameters trained"_s),
        kPatience);

    bench.choose("train", u"lora"_s); // rank 8: 8 * (in + out) of four matrices in five blocks
    QTRY_VERIFY_WITH_TIMEOUT(
        bench.part<QLabel>("planSummary")->text().contains(u"71,680 parameters trained"_s),
        kPatience);
    QVERIFY2(bench.part<QLabel>("scopeSum")->text().contains(u"71,680"_s),
             qPrintable(bench.part<QLabel>("scopeSum")->text()));
    bench.choose("train", u"weights"_s);

    Bench::retype(bench.line("modules"), u"q_proj"_s);
    Bench::retype(bench.line("layers"), u"2"_s);
    QVERIFY(bench.part<QLabel>("scopeSum")->text().contains(u"65,536"_s));
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
    const QModelIndex block = tree->model()->index(3, 0);
    QCOMPARE(block.data(Qt::CheckStateRole).value<Qt::CheckState>(), Qt::PartiallyChecked);
    tree->setCurrentIndex(block);
    for (int i = 0; i < 2; ++i) // the first fills it
        QTest::keyClick(tree, Qt::Key_Space);
    QVERIFY(!bench.canStart());
    QVERIFY2(bench.missing().contains(u"Nothing of the model is ticked"_s),
             qPrintable(bench.missing()));
}

void TestSetupPage::guardsGoOnAndOff()
{
    Bench bench;
    bench.open();
    auto* budget = bench.part<QCheckBox>("retain-budget");
    QVERIFY(!budget->isChecked());
    QTest::keyClick(budget, Qt::Key_Space);
    Bench::retype(bench.line("max_increase"), u"0.25"_s);
    const Json list = bench.workspace.recipe().controls;
    QCOMPARE(list.size(), 2U);
    QCOMPARE(list[1]["max_increase"].get<double>(), 0.25);
    QTest::keyClick(bench.part<QCheckBox>("divergence-guard"), Qt::Key_Space);
    QCOMPARE(bench.workspace.recipe().controls.size(), 1U);
}

void TestSetupPage::promptsAreEdited()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    auto* prompts = bench.part<QWidget>("probes");
    auto* list = prompts->findChild<QListWidget*>();
    QCOMPARE(list->count(), 5);
    list->setCurrentRow(0);
    QTest::mouseClick(prompts->findChild<QPushButton*>(u"remove"_s), Qt::LeftButton);
    QCOMPARE(bench.workspace.recipe().evaluation.probes.size(), 4U);
    QCOMPARE(list->count(), 4);
}

void TestSetupPage::thePlanIsOfTheLastRecipe()
{
    Background background;
    Planner planner(background);
    Recipe recipe = lesson();
    for (const double epochs : {1.0, 2.0, 3.0}) {
        recipe.training.epochs = epochs;
        planner.plan({.recipe = recipe});
    }
    QVERIFY(!planner.result());
    QTRY_VERIFY_WITH_TIMEOUT(planner.result().has_value(), kPatience);
    QCOMPARE((*planner.result())->totalSteps, 12);
    // A recipe that changes while its plan is worked out: that plan is dropped.
    const auto block = [&](std::promise<void>& gate) {
        background.run(
            &planner,
            [held = gate.get_future().share()] {
                held.wait();
                return 0;
            },
            [](int) {});
    };
    std::promise<void> gate;
    block(gate);
    planner.plan({.recipe = recipe});
    QTRY_VERIFY(!planner.findChild<QTimer*>()->isActive()); // it waits behind the gate
    recipe.training.epochs = 5;
    planner.plan({.recipe = recipe});
    gate.set_value();
    QTRY_VERIFY_WITH_TIMEOUT(planner.result().has_value(), kPatience);
    QCOMPARE((*planner.result())->totalSteps, 20);
    planner.clear();
    QVERIFY(!planner.result() && !planner.isWorking());
    // One that is taken away meanwhile: it is said when the work has ended.
    std::promise<void> secondGate;
    block(secondGate);
    planner.plan({.recipe = recipe});
    QTRY_VERIFY(!planner.findChild<QTimer*>()->isActive());
    planner.clear();
    QVERIFY(planner.isWorking());
    bool isWorking = true; // as who follows the planner has it
    connect(&planner, &Planner::changed, &planner, [&] { isWorking = planner.isWorking(); });
    secondGate.set_value();
    QTRY_VERIFY_WITH_TIMEOUT(!isWorking, kPatience);
    QVERIFY(!planner.result());
}

void TestSetupPage::overlapIsShownAsPairs()
{
    Bench bench;
    Recipe recipe = lesson();
    const std::string row = "{\"question\": \"Where was Odalyn Tollemar born?\", \"answer\": "
                            "\"Odalyn was born on Clapper Hill, in the town of Veldry.\"}\n";
    const std::string other = "{\"question\": \"Which river is long?\", \"answer\": \"The one "
                              "that runs through the land of Pellamere.\"}\n";
    recipe.forget.path = bench.write("forget.jsonl", row).toStdString();
    recipe.retain.path = bench.write("retain.jsonl", other + row).toStdString();
    bench.workspace.setRecipe(recipe);
    bench.open();
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
    auto* overlap = bench.part<Fold>("overlap");
    QVERIFY(overlap->isVisible());
    const auto rows = overlap->findChild<FactTable*>()->content().rows;
    QCOMPARE(rows.size(), 1);
    QCOMPARE(rows.first().mid(0, 3), QStringList({u"1"_s, u"2"_s, u"100 %"_s}));
    QVERIFY(bench.part<NoteLine>("planNote")->text().contains(u"duplicates"_s));
}

void TestSetupPage::theRecipeIsSavedAsAFileThatReadsBack()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    QTest::mouseClick(bench.part<Fold>("recipe")->findChild<QToolButton*>(u"fold"_s),
                      Qt::LeftButton);
    bench.prompts.path = bench.folder.filePath(u"my recipe.json"_s);
    QTest::mouseClick(bench.part<QPushButton>("saveRecipe"), Qt::LeftButton);
    const Result<Recipe> read = readRecipe(bench.prompts.path.toStdString());
    QVERIFY2(read, read ? "" : read.error().text().c_str());
    QCOMPARE(read->toJson().dump(), bench.workspace.recipe().toJson().dump());
    QVERIFY(bench.part<QLabel>("commandLine")->text().contains(bench.prompts.path));
    QTest::mouseClick(bench.part<QPushButton>("copyRecipe"), Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text().toStdString(),
             bench.workspace.recipe().toJson().dump(2));
    QCOMPARE(bench.messages.count(), 1);
}

void TestSetupPage::aHiddenPageWaits()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    QVERIFY(bench.part<PathPicker>("modelPicker")->path().isEmpty());
    bench.open();
    QCOMPARE(bench.part<PathPicker>("modelPicker")->path(), resource("sample/original"));
}

void TestSetupPage::startStaysInSightAtTheSmallestWindow()
{
    Bench bench;
    bench.workspace.setRecipe(lesson());
    bench.open();
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
    QCOMPARE(bench.page->size(), QSize(824, 540));
    const auto* start = bench.part<QPushButton>("startButton");
    QVERIFY(bench.page->rect().contains(
        QRect(start->mapTo(bench.page.get(), QPoint()), start->size())));
    const auto* scroll = bench.part<QScrollArea>("setupScroll");
    QVERIFY(scroll->widget()->width() <= scroll->viewport()->width());
}

void TestSetupPage::whatDoesNotFitIntoMemoryCannotStart()
{
    Bench bench;
    Recipe recipe = lesson();
    recipe.model.clear();
    // Llama 3.1 405B, which needs terabytes to be trained.
    recipe.newModel = {.config = Json::parse(R"({"architectures": ["LlamaForCausalLM"],
        "hidden_size": 16384, "intermediate_size": 53248, "num_hidden_layers": 126,
        "num_attention_heads": 128, "num_key_value_heads": 8, "max_position_embeddings": 4096})")};
    bench.workspace.setRecipe(recipe);
    bench.open();
    QTRY_VERIFY2_WITH_TIMEOUT(bench.missing().contains(u"Not enough memory"_s),
                              qPrintable(bench.missing()), kPatience);
    QVERIFY(!bench.canStart());
    QVERIFY2(bench.missing().contains(u"optimiser moments"_s), qPrintable(bench.missing()));
    // What would be needed stays in sight, item by item.
    QVERIFY(bench.part<FactTable>("planMemory")->isVisible());

    recipe.newModel->config["num_hidden_layers"] = 1;
    recipe.newModel->config["hidden_size"] = recipe.newModel->config["intermediate_size"] = 256;
    bench.workspace.setRecipe(recipe);
    QTRY_VERIFY2_WITH_TIMEOUT(bench.canStart(), qPrintable(bench.missing()), kPatience);
}

void TestSetupPage::theCheckListLeadsToItsCard()
{
    Bench bench;
    bench.open();
    QVERIFY(QTest::qWaitForWindowActive(bench.page.get()));
    QTest::mouseClick(bench.part<QToolButton>("check3"), Qt::LeftButton);
    QVERIFY(bench.part<QWidget>("methodCard")->isAncestorOf(QApplication::focusWidget()));
    QCOMPARE(QApplication::focusWidget(), bench.part<QComboBox>("method"));
}

QTEST_MAIN(TestSetupPage)
#include "tst_setup_page.moc"
