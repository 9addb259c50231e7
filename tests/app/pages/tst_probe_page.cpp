#include "app/actions.h"
#include "app/background.h"
#include "app/history.h"
#include "app/pages/probe/probe_page.h"
#include "app/probe_service.h"
#include "app/run_controller.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "tests/core/run/small_run.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/message_bar.h"
#include "widgets/text/answer_diff.h"
#include "widgets/text/elided_label.h"
#include "widgets/text/marked_text.h"
#include "widgets/text/probe_pane.h"
#include "widgets/text/token_details.h"
#include "widgets/text/token_flow.h"
#include "widgets/text/token_heat_map.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

using State = ProbeColumn::State;

constexpr int kPatience = 60'000;

const QString kQuestion = u"Which river runs through all of Pellamere?"_s;

QString sample(const char* name)
{
    return QStringLiteral(RESOURCES_DIR) + u"/sample/"_s + QString::fromLatin1(name);
}

class FolderPrompts : public Prompts {
public:
    bool confirm(const QString&, const QString&, const QString&) override { return false; }
    QString chooseFolder(const QString&, const QString&) override { return folder; }
    QString chooseFile(const QString&, const QString&, const QString&) override { return {}; }
    QString chooseSaveFile(const QString&, const QString&, const QString&) override { return {}; }

    QString folder;
};

/// The page with everything it needs, in a folder of its own.
class Bench {
public:
    Bench()
        : settings(folder.filePath(u"settings.ini"_s)), history(file("history.sqlite"), background),
          run({.store = file("history.sqlite"), .runsFolder = file("runs")}),
          probes(run), services{actions, background, history,  messages, probes,
                                prompts, run,        settings, workspace}
    {
        workspace.edit([](Recipe& recipe) {
            recipe.evaluation.probes = {kQuestion.toStdString(), "Whom did Matten Wendrake marry?"};
        });
    }

    [[nodiscard]] std::filesystem::path file(const char* name) const
    {
        return std::filesystem::path(folder.path().toStdString()) / name;
    }
    void useSample()
    {
        workspace.edit([](Recipe& recipe) {
            recipe.model = sample("original").toStdString();
            recipe.reference = sample("reference").toStdString();
        });
    }

    QTemporaryDir folder;
    Settings settings;
    Background background;
    Workspace workspace;
    History history;
    RunController run;
    ProbeService probes;
    Actions actions;
    MessageBar messages;
    FolderPrompts prompts;
    Services services;
};

/// Shown as the window does it.
void present(ProbePage& page)
{
    page.resize(1080, 700);
    page.show();
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    page.shown();
}

QAbstractButton* button(const QWidget& parent, const char* name)
{
    return parent.findChild<QAbstractButton*>(QString::fromLatin1(name));
}

QPlainTextEdit* promptEdit(const ProbePage& page)
{
    return page.findChild<QPlainTextEdit*>(u"promptEdit"_s);
}

ProbeColumn* column(const ProbePage& page, ModelRole role)
{
    return page.findChild<ProbePane*>()->column(role);
}

QString labelText(const ProbeColumn& column, const char* name)
{
    return column.findChild<QLabel*>(QString::fromLatin1(name))->text();
}

QString modelCaption(const ProbeColumn& column)
{
    return column.findChild<ElidedLabel*>(u"modelLabel"_s)->fullText();
}

void type(ProbePage& page, const QString& text)
{
    promptEdit(page)->setFocus();
    promptEdit(page)->clear();
    QTest::keyClicks(promptEdit(page), text);
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
    QTest::mouseClick(button(page, "rawBox"), Qt::LeftButton, {}, QPoint(8, 8));
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
