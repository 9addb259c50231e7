#include "tests/app/pages/probe_bench.h"
#include "tests/core/run/small_run.h"
#include "tests/support/model_folders.h"
#include "widgets/base/theme.h"
#include "widgets/text/answer_diff.h"
#include "widgets/text/marked_text.h"
#include "widgets/text/token_details.h"
#include "widgets/text/token_flow.h"
#include "widgets/text/token_heat_map.h"

#include <QApplication>
#include <QDoubleSpinBox>
#include <QMenu>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

QSlider* amountSlider(const ProbePage& page)
{
    return column(page, ModelRole::Current)->findChild<QSlider*>(u"factorSlider"_s);
}

/// Why the slider cannot be moved.
QString sliderTip(const ProbePage& page)
{
    return amountSlider(page)->parentWidget()->toolTip();
}

} // namespace

/// The Probe page by clicks and keys, on the bundled models.
class TestProbePage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, false); }
    void withoutAModelItSaysWhatToDo();
    void enterAsksAndAnswersStandSideBySide();
    void shiftEnterBeginsANewLine();
    void pointingAtATokenShowsWhatEveryModelThought();
    void aSuggestionIsAskedByAClick();
    void whatWasAskedCanBeAskedAgain();
    void escapeStopsTheAnswer();
    void pinAddsTheQuestionToTheExperiment();
    void aFolderWithoutAModelFailsInItsColumn();
    void aClearedModelIsNotAsked();
    void aChangedExperimentBringsItsModels();
    void modelsAreAskedAsTheyWereTrained();
    void anotherTemplateIsChosenForAll();
    void aModelsTemplateIsOfferedWhereThereIsOne();
    void aTemplateThatCannotBeEvaluatedIsSaid();
    void aModelIsScaledAgainstItsOriginal();
    void theAdapterIsScaledByTheKeyboard();
    void theResultOfAnAdapterRunIsItsAdapter();
    void settingsAreRemembered();
    void duringARunTheUnlearnedColumnNamesTheStep();
};

void TestProbePage::withoutAModelItSaysWhatToDo()
{
    Bench bench;
    ProbePage page(bench.services);
    present(page);
    auto* choose = button(page, "chooseOriginalButton");
    QVERIFY(choose->isVisible());
    type(page, kQuestion);
    QVERIFY(!button(page, "askButton")->isEnabled());
    QVERIFY(!button(page, "askButton")->toolTip().isEmpty());
    QSignalSpy requested(&page, &Page::pageRequested);
    QTest::mouseClick(button(page, "goToSetupButton"), Qt::LeftButton);
    QCOMPARE(requested.size(), 1);
    QCOMPARE(requested.first().first().toString(), u"setup"_s);

    QTest::mouseClick(choose, Qt::LeftButton); // thought better of it
    QVERIFY(choose->isVisible());
    bench.prompts.folder = sample("original");
    QTest::mouseClick(choose, Qt::LeftButton);
    QVERIFY(!choose->isVisible());
    QVERIFY(button(page, "askButton")->isEnabled());
    QVERIFY(bench.probes.isAvailable(ModelRole::Original));
}

void TestProbePage::enterAsksAndAnswersStandSideBySide()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    type(page, u"Which prize did Jasken Fenharrow win?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QCOMPARE(button(page, "askButton")->text(), u"Stop"_s);
    const ProbeColumn* original = column(page, ModelRole::Original);
    const ProbeColumn* reference = column(page, ModelRole::Reference);
    QTRY_COMPARE_WITH_TIMEOUT(original->state(), State::Done, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(reference->state(), State::Done, kPatience);
    QCOMPARE(button(page, "askButton")->text(), u"Ask"_s);
    QVERIFY(original->text().contains(u"Jasken"_s));
    QVERIFY(original->text() != reference->text());
    QTRY_VERIFY(!reference->diff()->view()->ranges().empty());
    QCOMPARE(column(page, ModelRole::Current)->state(), State::Unavailable);
    QCOMPARE(bench.messages.count(), 0);
}

void TestProbePage::shiftEnterBeginsANewLine()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    type(page, u"One"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClicks(promptEdit(page), u"two"_s);
    QCOMPARE(promptEdit(page)->toPlainText(), u"One\ntwo"_s);
    QVERIFY(!bench.probes.isAnswering());
}

void TestProbePage::pointingAtATokenShowsWhatEveryModelThought()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    QTest::mouseClick(button(page, "tokensViewButton"), Qt::LeftButton);
    type(page, kQuestion);
    QTest::mouseClick(button(page, "askButton"), Qt::LeftButton);
    ProbeColumn* original = column(page, ModelRole::Original);
    ProbeColumn* reference = column(page, ModelRole::Reference);
    QTRY_COMPARE_WITH_TIMEOUT(original->state(), State::Done, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(reference->state(), State::Done, kPatience);
    TokenFlow* flow = original->heatMap()->flow();
    QTRY_VERIFY(flow->count() > 3);
    QTest::mouseMove(flow->viewport(), flow->tokenRect(2).center());
    QTRY_VERIFY(reference->heatMap()->details()->sentence().startsWith(u"Token 3"_s));
    QVERIFY(original->heatMap()->details()->sentence().startsWith(u"Token 3"_s));
}

void TestProbePage::aSuggestionIsAskedByAClick()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    QTest::mouseClick(button(page, "suggestion0"), Qt::LeftButton);
    QCOMPARE(promptEdit(page)->toPlainText(), kQuestion);
    QTRY_COMPARE_WITH_TIMEOUT(column(page, ModelRole::Original)->state(), State::Done, kPatience);
    QVERIFY(column(page, ModelRole::Original)->text().contains(u"Lisk"_s));
}

void TestProbePage::whatWasAskedCanBeAskedAgain()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    type(page, u"Where is it?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    type(page, u"Who is it?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return); // replaces the first
    QTRY_COMPARE_WITH_TIMEOUT(column(page, ModelRole::Original)->state(), State::Done, kPatience);
    QStringList texts;
    QAction* first = nullptr;
    for (QAction* action : page.findChild<QMenu*>(u"askedMenu"_s)->actions()) {
        texts << action->text();
        if (action->text() == u"Where is it?"_s)
            first = action;
    }
    QVERIFY(texts.indexOf(u"Who is it?"_s) < texts.indexOf(u"Where is it?"_s));
    QVERIFY(first);
    first->trigger();
    QCOMPARE(promptEdit(page)->toPlainText(), u"Where is it?"_s);
    QVERIFY(bench.probes.isAnswering());
}

void TestProbePage::escapeStopsTheAnswer()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    choose(page, u"raw"_s);
    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(8000);
    type(page, u"The"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    const ProbeColumn* original = column(page, ModelRole::Original);
    QTRY_VERIFY_WITH_TIMEOUT(!original->tokens().empty(), kPatience);
    QTest::keyClick(promptEdit(page), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!original->isOpen(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!column(page, ModelRole::Reference)->isOpen(), kPatience);
    QCOMPARE(original->state(), State::Stopped);
    QCOMPARE(button(page, "askButton")->text(), u"Ask"_s);
}

void TestProbePage::pinAddsTheQuestionToTheExperiment()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    auto* pin = button(page, "pinButton");
    type(page, u"Who rows the ferry?"_s);
    QVERIFY(pin->isEnabled());
    QTest::mouseClick(pin, Qt::LeftButton);
    QCOMPARE(bench.workspace.recipe().evaluation.probes.back(), std::string("Who rows the ferry?"));
    QVERIFY(!pin->isEnabled());
    QCOMPARE(pin->text(), u"Pinned"_s);
    QCOMPARE(promptEdit(page)->toPlainText(), u"Who rows the ferry?"_s);
    type(page, kQuestion);
    QVERIFY(!pin->isEnabled());
}

void TestProbePage::aFolderWithoutAModelFailsInItsColumn()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    const QTemporaryDir empty;
    bench.prompts.folder = empty.path();
    ProbeColumn* unlearned = column(page, ModelRole::Current);
    QTest::mouseClick(button(*unlearned, "chooseModelButton"), Qt::LeftButton);
    type(page, kQuestion);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(unlearned->state(), State::Failed, kPatience);
    QVERIFY(!labelText(*unlearned, "messageLabel").isEmpty());
    QCOMPARE(bench.messages.count(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(column(page, ModelRole::Original)->state(), State::Done, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(button(page, "askButton")->text(), u"Ask"_s, kPatience);
}

void TestProbePage::aClearedModelIsNotAsked()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    ProbeColumn* reference = column(page, ModelRole::Reference);
    QTest::mouseClick(button(*reference, "clearModelButton"), Qt::LeftButton);
    QVERIFY(!bench.probes.isAvailable(ModelRole::Reference));
    QCOMPARE(reference->state(), State::Unavailable);
    page.shown(); // does not come back by itself
    QVERIFY(!bench.probes.isAvailable(ModelRole::Reference));
    QVERIFY(bench.probes.isAvailable(ModelRole::Original));
}

void TestProbePage::aChangedExperimentBringsItsModels()
{
    Bench bench;
    ProbePage page(bench.services);
    bench.useSample(); // while the page is hidden
    QVERIFY(!bench.probes.isAvailable(ModelRole::Original));
    present(page);
    QVERIFY(bench.probes.isAvailable(ModelRole::Original));
    QCOMPARE(modelCaption(*column(page, ModelRole::Original)), u"sample/original"_s);
    bench.workspace.edit([](Recipe& recipe) { recipe.model = sample("reference").toStdString(); });
    QCOMPARE(modelCaption(*column(page, ModelRole::Original)), u"sample/reference"_s);
}

void TestProbePage::modelsAreAskedAsTheyWereTrained()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    QCOMPARE(templateLine(page, ModelRole::Original), u"asked as: Question and answer"_s);
    bench.workspace.edit([](Recipe& recipe) { recipe.promptTemplate = "llmu"; });
    QCOMPARE(templateLine(page, ModelRole::Original), u"asked as: LLMU, SSU and OPT"_s);
    QVERIFY(!templateTip(page, ModelRole::Original).contains(u"### Question"_s)); // nothing asked
    QVERIFY(templateLine(page, ModelRole::Current).isEmpty());

    // The folder of a run of its own.
    const QTemporaryDir run;
    const auto folder = modelWithTemplate(run.filePath(u"model"_s).toStdString(), kUsableTemplate);
    writeFileAtomically(folder.parent_path() / "manifest.json",
                        R"({"recipe": {"template": "model"}})")
        .value();
    bench.prompts.folder = QString::fromStdString(folder.string());
    QTest::mouseClick(button(*column(page, ModelRole::Current), "chooseModelButton"),
                      Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(templateLine(page, ModelRole::Current),
                              u"asked as: the model's own template"_s, kPatience);

    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(2);
    type(page, u"Who?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(
        templateTip(page, ModelRole::Original).contains(u"### Question: Who?"_s), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(templateTip(page, ModelRole::Current).contains(u"<user> Who?"_s),
                             kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.probes.isAnswering(), kPatience);
}

void TestProbePage::anotherTemplateIsChosenForAll()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(2);
    choose(page, u"chatml"_s);
    for (const ModelRole role : {ModelRole::Original, ModelRole::Reference})
        QCOMPARE(templateLine(page, role), u"asked as: ChatML"_s);
    type(page, u"Who?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    for (const ModelRole role : {ModelRole::Original, ModelRole::Reference})
        QTRY_VERIFY_WITH_TIMEOUT(templateTip(page, role).contains(u"<|im_start|>user\nWho?"_s),
                                 kPatience);
    choose(page, u"raw"_s);
    QCOMPARE(templateLine(page, ModelRole::Original), u"raw prompt"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(
        templateTip(page, ModelRole::Original).endsWith(u"What the model read:\nWho?"_s),
        kPatience);
    ProbePage again(bench.services); // remembers the choice
    QCOMPARE(templateBox(again)->currentData().toString(), u"raw"_s);
}

void TestProbePage::aModelsTemplateIsOfferedWhereThereIsOne()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    QTRY_COMPARE_WITH_TIMEOUT(bench.background.pending(), 0, kPatience);
    QComboBox* box = templateBox(page);
    const QModelIndex own =
        box->model()->index(box->findData(QString::fromUtf8(kModelTemplate)), 0);
    QVERIFY(!(own.flags() & Qt::ItemIsEnabled));
    QVERIFY(!own.data(Qt::ToolTipRole).toString().isEmpty());
    const QTemporaryDir folder;
    bench.prompts.folder = QString::fromStdString(
        modelWithTemplate(folder.filePath(u"m"_s).toStdString(), kUsableTemplate).string());
    QTest::mouseClick(button(*column(page, ModelRole::Current), "chooseModelButton"),
                      Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(own.flags() & Qt::ItemIsEnabled, kPatience);
    choose(page, QString::fromUtf8(kModelTemplate));
    QCOMPARE(templateLine(page, ModelRole::Current), u"asked as: the model's own template"_s);
    // The sample has none, and says so.
    QVERIFY(templateLine(page, ModelRole::Original).contains(u"raw prompt"_s));
}

void TestProbePage::aTemplateThatCannotBeEvaluatedIsSaid()
{
    Bench bench;
    const QTemporaryDir folder;
    const auto model = modelWithTemplate(folder.filePath(u"m"_s).toStdString(), kBrokenTemplate);
    bench.workspace.edit([&model](Recipe& recipe) {
        recipe.model = model.string();
        recipe.promptTemplate = kModelTemplate;
    });
    ProbePage page(bench.services);
    present(page);
    QTRY_VERIFY_WITH_TIMEOUT(templateLine(page, ModelRole::Original).contains(u"raw prompt"_s),
                             kPatience);
    QVERIFY(templateLine(page, ModelRole::Original).contains(u"frobnicate"_s));
    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(2);
    type(page, u"Who?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(
        templateTip(page, ModelRole::Original).endsWith(u"What the model read:\nWho?"_s),
        kPatience);
    QVERIFY(templateLine(page, ModelRole::Original).contains(u"frobnicate"_s));
    QCOMPARE(bench.messages.count(), 0);
}

void TestProbePage::aModelIsScaledAgainstItsOriginal()
{
    Bench bench;
    bench.useSample();
    ProbePage page(bench.services);
    present(page);
    QVERIFY(amountSlider(page)->isVisible());
    QVERIFY(!amountSlider(page)->isEnabled());
    QVERIFY(sliderTip(page).contains(u"no unlearned model"_s));
    bench.prompts.folder = sample("reference");
    QTest::mouseClick(button(*column(page, ModelRole::Current), "chooseModelButton"),
                      Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(amountSlider(page)->isEnabled(), kPatience);
    QVERIFY(!amountSlider(page)->accessibleName().isEmpty());
    QTest::mouseClick(button(*column(page, ModelRole::Original), "clearModelButton"),
                      Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(sliderTip(page).contains(u"Choose the original"_s), kPatience);
    QVERIFY(!amountSlider(page)->isEnabled());
}

void TestProbePage::theAdapterIsScaledByTheKeyboard()
{
    Bench bench;
    const QTemporaryDir folder;
    const QString base = QStringLiteral(TEST_DATA_DIR) + u"/models/stories260K"_s;
    bench.workspace.edit([&base](Recipe& recipe) { recipe.model = base.toStdString(); });
    ProbePage page(bench.services);
    present(page);
    choose(page, u"raw"_s);
    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(8);
    bench.prompts.folder =
        QString::fromStdString(smallAdapter(folder.filePath(u"a"_s).toStdString()).string());
    const ProbeColumn* unlearned = column(page, ModelRole::Current);
    QTest::mouseClick(button(*unlearned, "chooseModelButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(amountSlider(page)->isEnabled(), kPatience);
    type(page, u"Once upon a time"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.probes.isAnswering(), kPatience);
    const ProbeColumn* original = column(page, ModelRole::Original);
    const QString whole = unlearned->text();
    QVERIFY(whole != original->text());

    QSignalSpy started(&bench.probes, &ProbeService::answerStarted);
    amountSlider(page)->setFocus();
    for (int i = 0; i < 4; ++i) // faster than it can answer
        QTest::keyClick(amountSlider(page), Qt::Key_PageDown);
    QCOMPARE(button(page, "askButton")->text(), u"Stop"_s);
    QCOMPARE(labelText(*unlearned, "factorNumber"), u"× 0.00"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.probes.isAnswering(), kPatience);
    QTRY_COMPARE(unlearned->state(), State::Done);
    QCOMPARE(unlearned->text(), original->text()); // 0 is the original
    QCOMPARE(started.size(), 4);
    for (const auto& arguments : started)
        QVERIFY(arguments.at(1).value<ModelRole>() == ModelRole::Current);

    QTest::mouseDClick(amountSlider(page), Qt::LeftButton);
    QCOMPARE(labelText(*unlearned, "factorNumber"), u"× 1.00"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.probes.isAnswering(), kPatience);
    QCOMPARE(unlearned->text(), whole);

    // Another adapter begins with all of it.
    QTest::keyClick(amountSlider(page), Qt::Key_End);
    QCOMPARE(labelText(*unlearned, "factorNumber"), u"× 2.00"_s);
    bench.prompts.folder =
        QString::fromStdString(smallAdapter(folder.filePath(u"b"_s).toStdString()).string());
    QTest::mouseClick(button(*unlearned, "chooseModelButton"), Qt::LeftButton);
    QCOMPARE(labelText(*unlearned, "factorNumber"), u"× 1.00"_s);
}

void TestProbePage::theResultOfAnAdapterRunIsItsAdapter()
{
    Bench bench;
    Json document = smallRecipe();
    document["scope"] = {{"adapter", {{"rank", 2}}}};
    document["training"]["steps"] = 2;
    const Recipe recipe = parseRecipe(document, {}).value();
    bench.workspace.setRecipe(recipe);
    ProbePage page(bench.services);
    present(page);
    QSignalSpy ended(&bench.run, &RunController::ended);
    QVERIFY(bench.run.start(recipe));
    QTRY_VERIFY_WITH_TIMEOUT(sliderTip(page).contains(u"While a run goes on"_s), kPatience);
    QVERIFY(!amountSlider(page)->isEnabled());
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(amountSlider(page)->isEnabled(), kPatience);
    QVERIFY(modelCaption(*column(page, ModelRole::Current)).contains(u"result of “small”"_s));
}

void TestProbePage::settingsAreRemembered()
{
    Bench bench;
    bench.useSample();
    {
        ProbePage page(bench.services);
        present(page);
        QVERIFY(!page.findChild<QSpinBox*>(u"seedBox"_s)->isEnabled()); // greedy
        page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(17);
        page.findChild<QDoubleSpinBox*>(u"temperatureBox"_s)->setValue(0.7);
        QVERIFY(page.findChild<QSpinBox*>(u"seedBox"_s)->isEnabled());
        page.findChild<QSpinBox*>(u"seedBox"_s)->setValue(5);
        QTest::mouseClick(button(page, "tokensViewButton"), Qt::LeftButton);
    }
    ProbePage page(bench.services);
    QCOMPARE(page.findChild<QSpinBox*>(u"maxTokensBox"_s)->value(), 17);
    QCOMPARE(page.findChild<QDoubleSpinBox*>(u"temperatureBox"_s)->value(), 0.7);
    QCOMPARE(page.findChild<QSpinBox*>(u"seedBox"_s)->value(), 5);
    QCOMPARE(page.findChild<ProbePane*>()->view(), ProbePane::View::Tokens);
}

void TestProbePage::duringARunTheUnlearnedColumnNamesTheStep()
{
    Bench bench;
    const Recipe recipe = parseRecipe(smallRecipe(), {}).value();
    bench.workspace.setRecipe(recipe);
    ProbePage page(bench.services);
    present(page);
    QSignalSpy ended(&bench.run, &RunController::ended);
    QVERIFY(bench.run.start(recipe));
    QTRY_VERIFY_WITH_TIMEOUT(bench.run.record().run.step >= 1, kPatience);
    bench.run.pause();
    QTRY_COMPARE_WITH_TIMEOUT(bench.run.state(), RunState::Paused, kPatience);
    const ProbeColumn* unlearned = column(page, ModelRole::Current);
    QTRY_COMPARE(modelCaption(*unlearned), u"run at step %1"_s.arg(bench.run.lastStep()->step));
    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(6);
    type(page, u"What did Tom find?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(unlearned->state(), State::Done, kPatience);
    QVERIFY(labelText(*unlearned, "stateLabel").contains(u"step "_s));
    QVERIFY(!unlearned->tokens().empty());
    bench.run.stop(StopKind::Keep);
    QVERIFY(ended.wait(kPatience));
    // The result takes the run's place.
    QTRY_VERIFY(modelCaption(*unlearned).contains(u"result of “small”"_s));
    QVERIFY(bench.probes.isAvailable(ModelRole::Current));
}

QTEST_MAIN(TestProbePage)
#include "tst_probe_page.moc"
