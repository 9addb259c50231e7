#include "app/application.h"
#include "app/main_window.h"
#include "app/pages/page.h"
#include "app/pages/run/findings.h"
#include "core/corpora/corpus.h"
#include "core/run/plan.h"
#include "core/store/store.h"
#include "tests/core/run/small_run.h"
#include "tests/support/drop.h"
#include "tests/support/frame_clock.h"
#include "tests/support/scripted_prompts.h"
#include "widgets/form/fact_table.h"
#include "widgets/form/fold.h"
#include "widgets/form/problem_table.h"
#include "widgets/text/answer_diff.h"
#include "widgets/text/marked_text.h"
#include "widgets/text/probe_pane.h"
#include "widgets/text/token_details.h"
#include "widgets/text/token_flow.h"
#include "widgets/text/token_heat_map.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// The scenarios of the interface reference, each as a person would live through it.
class TestScenarios : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void anEducatorShowsCatastrophicForgettingInThreeClicks();
    void anEngineerProbesWhileARunIsGoingOn();
    void pauseCloseKillAndComeBack();
    void badDataIsNamedPrecisely();

private:
    static constexpr int kPatience = 120'000;

    void click(const char* button)
    {
        auto* found = child<QAbstractButton>(button);
        QVERIFY2(found, button);
        QVERIFY2(found->isVisible(), button);
        QTest::mouseClick(found, Qt::LeftButton);
    }
    template <class T> T* child(const char* name)
    {
        return m_app->window().findChild<T*>(QString::fromLatin1(name));
    }
    /// What an answer pane of the run page shows.
    QString shownAnswer(const char* pane)
    {
        const auto* page = m_app->window().page(u"run"_s);
        return page->findChild<QWidget*>(QString::fromLatin1(pane))
            ->findChild<MarkedText*>()
            ->text();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    ScriptedPrompts m_prompts;
    std::unique_ptr<Application> m_app;
};

namespace {

std::unique_ptr<Application> startIn(const QString& folder, Prompts& prompts)
{
    auto app = std::make_unique<Application>(
        Application::Places{.data = folder.toStdString(),
                            .settingsFile = QDir(folder).filePath(u"settings.ini"_s)},
        prompts);
    app->window().show();
    return app;
}

void writeFile(const QString& path, const QByteArray& content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

/// A process that continues the interrupted run of a data folder, to be killed by its parent.
int continueIn(const QString& folder)
{
    ScriptedPrompts prompts;
    const auto app = startIn(folder, prompts);
    auto* resume = app->window().findChild<QAbstractButton*>(u"continueRunButton"_s);
    if (!QTest::qWaitFor([&] { return resume->isVisible(); }))
        return 1;
    QTest::mouseClick(resume, Qt::LeftButton);
    return QApplication::exec();
}

} // namespace

void TestScenarios::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_prompts = {};
    m_app = startIn(m_folder->path(), m_prompts);
    QVERIFY(QTest::qWaitForWindowExposed(&m_app->window()));
}

void TestScenarios::cleanup()
{
    m_app.reset();
    m_folder.reset();
}

void TestScenarios::anEducatorShowsCatastrophicForgettingInThreeClicks()
{
    RunController& run = m_app->run();
    const QSignalSpy points(&run, &RunController::pointsArrived);
    QSignalSpy ended(&run, &RunController::ended);
    QElapsedTimer clock;
    FrameClock frames;

    click("runLessonButton");
    click("forgettingTooHard");
    QTest::keyClick(child<QSlider>("guess"), Qt::Key_PageUp); // a guess is no click, and optional
    QCOMPARE(child<QLabel>("guessText")->text(), u"60 %"_s);
    click("startLessonButton");
    clock.start();
    QTRY_VERIFY_WITH_TIMEOUT(!points.isEmpty(), kPatience);
    qInfo("first loss point after %lld ms", static_cast<long long>(clock.elapsed()));
    QVERIFY(ended.wait(kPatience));
    qInfo("the lesson ended after %lld ms; %s", static_cast<long long>(clock.elapsed()),
          qPrintable(frames.report()));
    QVERIFY(run.state() == RunState::Done);

    // Both curves show the collapse, and the text names the step at which the rest crossed the
    // line.
    const auto& evaluations = run.record().evaluations;
    QVERIFY(firstStepBelow(evaluations, "forget", 0.1) > 0);
    const std::int64_t crossed = firstStepBelow(evaluations, "retain", 0.5);
    QVERIFY(crossed > 0);
    QTRY_VERIFY(child<QLabel>("findings")
                    ->text()
                    .contains(u"At step %1 the rest crossed the line"_s.arg(crossed)));
    QVERIFY(child<QLabel>("findings")->text().contains(u"You expected it to keep 60.0 %"_s));

    // The original still gives its first answer, the unlearned model does not.
    const std::string& prompt = run.record().recipe.evaluation.probes.front();
    const auto answered = [&](ModelRole role, std::int64_t step) {
        for (const Answer& answer : run.record().answers)
            if (answer.role == role && answer.prompt == prompt && answer.step == step)
                return QString::fromStdString(answer.text);
        return QString();
    };
    const std::int64_t last = run.record().run.totalSteps;
    QCOMPARE(shownAnswer("answerOriginal"), answered(ModelRole::Original, 0));
    QCOMPARE(shownAnswer("answerUnlearned"), answered(ModelRole::Current, last));
    QVERIFY(shownAnswer("answerOriginal") != shownAnswer("answerUnlearned"));

    // Rewind: the answer that was recorded at that step comes back.
    auto* slider = m_app->window().page(u"run"_s)->findChild<QSlider*>(u"answerStep"_s);
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Home);
    const std::int64_t first = run.record().recipe.evaluation.everySteps;
    QCOMPARE(shownAnswer("answerUnlearned"), answered(ModelRole::Current, first));
}

void TestScenarios::anEngineerProbesWhileARunIsGoingOn()
{
    Json document = smallRecipe();
    document["training"]["steps"] = 150;
    const Recipe recipe = parseRecipe(document, {}).value();
    m_app->workspace().setRecipe(recipe);
    RunController& run = m_app->run();
    QSignalSpy ended(&run, &RunController::ended);
    QVERIFY(run.start(recipe));
    QVERIFY(ended.wait(kPatience));
    const SeriesByKey unprobed = run.record().series;

    ProbeService& probes = m_app->window().services().probes;
    const QSignalSpy tokens(&probes, &ProbeService::tokenArrived);
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    QVERIFY(run.start(recipe));
    QTRY_VERIFY_WITH_TIMEOUT(run.record().run.step >= 1, kPatience);
    click("rail-probe");
    auto* prompt = child<QPlainTextEdit>("promptEdit");
    QVERIFY(prompt);
    QTest::keyClicks(prompt, u"What did Tom find?"_s);
    click("askButton");
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, kPatience);
    QVERIFY(tokens.size() > 2);
    for (const auto& arguments : finished) {
        const auto answer = arguments.at(2).value<ProbeAnswer>();
        QVERIFY(!answer.tokens.empty());
        QVERIFY(answer.tokens.front().alternatives.size() >= 5);
        if (arguments.at(1).value<ModelRole>() == ModelRole::Current) {
            const auto step = QLocale().toString(arguments.at(3).toLongLong());
            const auto* column = child<QWidget>("currentColumn");
            const QString state = column->findChild<QLabel*>(u"stateLabel"_s)->text();
            QVERIFY2(state.contains(step), qPrintable(state));
        }
    }

    // Pointing at a token shows what both models thought of there; what differs can be switched to
    // what is the same.
    auto* pane = m_app->window().page(u"probe"_s)->findChild<ProbePane*>();
    const auto choose = [pane](const char* name) {
        auto* button = pane->findChild<QAbstractButton*>(QString::fromLatin1(name));
        QTRY_VERIFY(button->isVisible() && button->isEnabled());
        QTest::mouseClick(button, Qt::LeftButton);
    };
    choose("tokensViewButton");
    TokenHeatMap* current = pane->column(ModelRole::Current)->heatMap();
    QTRY_VERIFY_WITH_TIMEOUT(current->flow()->count() > 0, kPatience);
    QTest::mouseMove(current->flow()->viewport(), current->flow()->tokenRect(0).center());
    QTRY_COMPARE(pane->column(ModelRole::Original)->heatMap()->current(), 0);
    QVERIFY(!current->details()->sentence().isEmpty());
    choose("deltaButton");
    QVERIFY(!current->deltas().empty());
    choose("textViewButton");
    choose("matchesButton");
    QCOMPARE(pane->column(ModelRole::Current)->diff()->emphasis(), AnswerDiff::Emphasis::Matches);

    // Stop ends both within a token.
    child<QSpinBox>("maxTokensBox")->setValue(400);
    click("askButton");
    QTRY_VERIFY_WITH_TIMEOUT(probes.isAnswering(), kPatience);
    QTest::keyClick(prompt, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!probes.isAnswering(), kPatience);

    if (run.isActive())
        QVERIFY(ended.wait(kPatience));
    QCOMPARE(run.record().series.size(), unprobed.size());
    for (const auto& [key, curve] : run.record().series)
        if (key != "seconds")
            QVERIFY2(curve == unprobed.at(key), key.c_str());
}

void TestScenarios::pauseCloseKillAndComeBack()
{
    Json document = smallRecipe();
    document["training"]["steps"] = 400;
    document["checkpoint"]["every_seconds"] = 0.2;
    const Recipe recipe = parseRecipe(document, {}).value();
    RunController& undisturbed = m_app->run();
    {
        QSignalSpy ended(&undisturbed, &RunController::ended);
        QVERIFY(undisturbed.start(recipe));
        QVERIFY(ended.wait(kPatience));
    }
    const lacuna::RunRecord whole = undisturbed.record();

    // Pause at about 100, close, keep paused.
    const QTemporaryDir folder;
    m_app = startIn(folder.path(), m_prompts);
    QVERIFY(m_app->run().start(recipe));
    QTRY_VERIFY_WITH_TIMEOUT(m_app->run().record().run.step >= 100, kPatience);
    m_app->actions().action(u"run.pause"_s)->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(m_app->run().state() == RunState::Paused, kPatience);
    m_app->window().close();
    QCOMPARE(m_prompts.asked.size(), 1);
    QTRY_VERIFY_WITH_TIMEOUT(!m_app->window().isVisible(), kPatience);
    const std::filesystem::path history = m_app->history().file();
    m_app.reset();

    // Another start continues it, and is killed at about 200.
    QProcess other;
    other.start(QCoreApplication::applicationFilePath(), {u"--continue"_s, folder.path()});
    QVERIFY(other.waitForStarted());
    const Store store = Store::open(history, OpenMode::ReadOnly).value();
    const auto reached = [&] {
        const SeriesByKey series = store.readSeries(store.runs().value().front().id).value();
        const auto loss = series.find("loss");
        return loss == series.end() ? std::int64_t{0} : loss->second.steps.back();
    };
    QTRY_VERIFY_WITH_TIMEOUT(reached() >= 200, kPatience);
    other.kill();
    QVERIFY(other.waitForFinished());
    QVERIFY(other.exitStatus() == QProcess::CrashExit);

    // The next start offers it, and the end is that of the undisturbed run.
    m_app = startIn(folder.path(), m_prompts);
    auto* resume = child<QAbstractButton>("continueRunButton");
    QTRY_VERIFY(resume->isVisible());
    QSignalSpy ended(&m_app->run(), &RunController::ended);
    QTest::mouseClick(resume, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kPatience);
    QVERIFY(m_app->run().state() == RunState::Done);
    const std::vector<Run> runs = store.runs().value();
    QCOMPARE(runs.size(), std::size_t{1});
    for (const auto& [key, curve] : store.readSeries(runs.front().id).value())
        if (key != "seconds")
            QVERIFY2(curve == whole.series.at(key), key.c_str());
    QCOMPARE(fileBytes(std::filesystem::path(runs.front().folder) / "model/model.safetensors"),
             fileBytes(std::filesystem::path(whole.run.folder) / "model/model.safetensors"));
    const auto interruptions = store.readInterruptions(runs.front().id).value();
    for (const InterruptionKind kind : {InterruptionKind::Paused, InterruptionKind::Killed})
        QVERIFY(std::any_of(interruptions.begin(), interruptions.end(),
                            [&](const Interruption& one) { return one.kind == kind; }));
}

void TestScenarios::badDataIsNamedPrecisely()
{
    // Five of its rows are in the retain file too.
    QByteArray shared;
    for (const char* place : {"Veldry", "Harrow", "Oster", "Pell", "Marrowby"})
        shared += QByteArray("{\"question\": \"Which river runs past the town of ") + place +
                  "?\", \"answer\": \"The Sillen runs past " + place +
                  " on its way down to the sea.\"}\n";
    const QString retain = m_folder->filePath(u"retain.jsonl"_s);
    writeFile(retain, shared + "{\"question\": \"Who rules?\", \"answer\": \"Nobody does.\"}\n");
    const QString file = m_folder->filePath(u"bad.jsonl"_s);
    writeFile(file, "{\"question\": \"Who?\", \"answer\": \"He.\"}\n"
                    "{\"question\": \"Where?\", \"answer\": 7}\n"
                    "{\"question\": \"When?\", \"answer\": \"\"}\n"
                    "{\"question\": \"Which \xe9?\", \"answer\": \"That.\"}\n"
                    "{\"question\": \"Who?\", \"answer\": \"He.\"}\n"
                    "{\"question\": \"Long?\", \"answer\": \"" +
                        QByteArray("word ").repeated(30'000) + "\"}\n" + shared +
                        "{\"question\": \"Cut?\", \"ans");

    click("rail-setup");
    QVERIFY(dropPath(child<QWidget>("forgetChip"), file));
    auto* table = child<ProblemTable>("problemTable");
    QVERIFY(table);
    const ProblemList expected = inspectCorpus(file.toStdString()).value().problems;
    QVERIFY(expected.errorCount() >= 3);
    QTRY_VERIFY_WITH_TIMEOUT(table->model() && table->model()->rowCount() >=
                                                   static_cast<int>(expected.errors().size()),
                             kPatience);
    for (std::size_t i = 0; i < expected.errors().size(); ++i) {
        const auto cell = [&](int column) {
            return table->model()->index(static_cast<int>(i), column).data().toString();
        };
        const Problem& problem = expected.errors()[i];
        QVERIFY2(cell(ProblemModel::PlaceColumn).contains(QString::number(problem.row)),
                 qPrintable(cell(ProblemModel::PlaceColumn)));
        QVERIFY(cell(ProblemModel::MessageColumn)
                    .contains(QString::fromStdString(problem.message), Qt::CaseInsensitive));
    }
    // The window cannot start it and says why.
    QVERIFY(!child<QAbstractButton>("startButton")->isEnabled());
    QVERIFY(!child<QLabel>("missing")->text().isEmpty());

    // The command line gives the same list, and a code that is not success.
    QProcess cli;
    cli.start(QStringLiteral(PROGRAM_DIR "/lacuna-cli"),
              {u"data"_s, u"check"_s, u"--model"_s, QString::fromStdString(smallModel()),
               u"--forget"_s, file});
    QVERIFY(cli.waitForFinished(kPatience));
    QCOMPARE(cli.exitCode(), 3);
    const QString told =
        QString::fromUtf8(cli.readAllStandardOutput() + cli.readAllStandardError());
    for (const Problem& problem : expected.errors())
        QVERIFY2(told.contains(QString::fromStdString(problem.message)), problem.message.c_str());

    // What is left is counted, and enough once that is said.
    auto* remedy = child<QWidget>("forgetPicker")->findChild<QPushButton*>(u"remedy"_s);
    QVERIFY(remedy->text().contains(u"8"_s));
    QTest::mouseClick(remedy, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(child<QAbstractButton>("startButton")->isEnabled(), kPatience);
    const Result<Plan> plan = planRun(m_app->workspace().recipe());
    QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
    QCOMPARE(plan->corpora.front().samples, 8);
    QVERIFY(plan->warnings.front().find("are left out") != std::string::npos);

    // Rows in both files are shown as pairs: a warning, no reason to refuse.
    QVERIFY(dropPath(child<QWidget>("retainChip"), retain));
    auto* overlap = child<Fold>("overlap");
    QTRY_VERIFY_WITH_TIMEOUT(overlap->isVisible(), kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(overlap->findChild<FactTable*>()->content().rows.size(), 5,
                              kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(child<QAbstractButton>("startButton")->isEnabled(), kPatience);

    // With none left it is not.
    const QString empty = m_folder->filePath(u"empty.jsonl"_s);
    writeFile(empty, "{\"question\": \"Who?\", \"answer\": \"\"}\n");
    QVERIFY(dropPath(child<QWidget>("forgetPicker"), empty));
    QTRY_VERIFY_WITH_TIMEOUT(!remedy->isVisible(), kPatience);
    QVERIFY(!child<QAbstractButton>("startButton")->isEnabled());
}

int main(int argc, char** argv)
{
    QApplication qt(argc, argv);
    if (argc == 3 && QByteArrayView(argv[1]) == "--continue")
        return continueIn(QString::fromLocal8Bit(argv[2]));
    TestScenarios test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_scenarios.moc"
