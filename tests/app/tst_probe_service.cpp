#include "app/probe_service.h"
#include "app/run_controller.h"
#include "tests/core/run/small_run.h"
#include "tests/support/model_folders.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <map>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// Real models asked side by side, with and without a run.
class TestProbeService : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyModelAnswersOnce();
    void onlyModelsThatAreThereAreAsked();
    void aBrokenModelFailsAlone();
    void oneModelIsAskedAgainWithLessOfItsAdapter();
    void anAnswerThatIsAskedAgainEndsUnheard();
    void theTemplateThatWasUsedIsTold();
    void stopEndsEveryAnswer();
    void duringARunTheRunAnswersForTheUnlearnedModel();

private:
    static constexpr int kPatience = 60'000;

    [[nodiscard]] RunController::Places places() const
    {
        const std::filesystem::path folder = m_folder.path().toStdString();
        return {.store = folder / "history.sqlite", .runsFolder = folder / "runs"};
    }
    static QString model() { return QString::fromStdString(smallModel()); }

    QTemporaryDir m_folder;
};

namespace {

/// Answers by role, as they finish.
std::map<ModelRole, ProbeAnswer> gather(const QSignalSpy& finished)
{
    std::map<ModelRole, ProbeAnswer> answers;
    for (const auto& arguments : finished)
        answers[arguments.at(1).value<ModelRole>()] = arguments.at(2).value<ProbeAnswer>();
    return answers;
}

} // namespace

void TestProbeService::everyModelAnswersOnce()
{
    RunController run(places());
    ProbeService probes(run);
    probes.setModels(model(), model(), model());
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    const QSignalSpy tokens(&probes, &ProbeService::tokenArrived);
    const std::uint64_t request =
        probes.ask({.prompt = u"What did Tom find?"_s, .maxNewTokens = 8});
    QVERIFY(probes.isAnswering());
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 3, kPatience);
    QVERIFY(!probes.isAnswering());
    const auto answers = gather(finished);
    QCOMPARE(answers.size(), std::size_t{3});
    QCOMPARE(answers.at(ModelRole::Original).text, answers.at(ModelRole::Current).text);
    QCOMPARE(answers.at(ModelRole::Original).text, answers.at(ModelRole::Reference).text);
    QCOMPARE(static_cast<std::size_t>(tokens.size()),
             3 * answers.at(ModelRole::Original).tokens.size());
    for (const auto& arguments : finished)
        QCOMPARE(arguments.at(0).value<std::uint64_t>(), request);
}

void TestProbeService::onlyModelsThatAreThereAreAsked()
{
    RunController run(places());
    ProbeService probes(run);
    probes.setModels(model(), {}, {});
    QVERIFY(probes.isAvailable(ModelRole::Original));
    QVERIFY(!probes.isAvailable(ModelRole::Current));
    QVERIFY(!probes.isAvailable(ModelRole::Reference));
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    probes.ask({.prompt = u"Once"_s, .maxNewTokens = 4, .raw = true});
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kPatience);
    QVERIFY(!probes.isAnswering());
}

void TestProbeService::aBrokenModelFailsAlone()
{
    RunController run(places());
    ProbeService probes(run);
    probes.setModels(model(), m_folder.path(), {});
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    const QSignalSpy failed(&probes, &ProbeService::answerFailed);
    probes.ask({.prompt = u"Once"_s, .maxNewTokens = 4});
    QTRY_VERIFY_WITH_TIMEOUT(finished.size() == 1 && failed.size() == 1, kPatience);
    QVERIFY(failed.front().at(1).value<ModelRole>() == ModelRole::Current);
}

void TestProbeService::oneModelIsAskedAgainWithLessOfItsAdapter()
{
    RunController run(places());
    ProbeService probes(run);
    const QTemporaryDir folder;
    const auto adapter = smallAdapter(folder.filePath(u"adapter"_s).toStdString());
    const QString base = QStringLiteral(TEST_DATA_DIR) + u"/models/stories260K"_s;
    probes.setModels(base, QString::fromStdString(adapter), {});
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    probes.askAgain(ModelRole::Current); // nothing was asked yet
    const std::uint64_t request =
        probes.ask({.prompt = u"Once upon a time"_s, .maxNewTokens = 8, .raw = true});
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, kPatience);
    const auto before = gather(finished);
    QVERIFY(before.at(ModelRole::Original).tokensJson() !=
            before.at(ModelRole::Current).tokensJson());
    probes.setAmount(ModelRole::Current, 0);
    probes.askAgain(ModelRole::Current);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 3, kPatience);
    QCOMPARE(finished.last().at(0).value<std::uint64_t>(), request);
    QVERIFY(finished.last().at(1).value<ModelRole>() == ModelRole::Current);
    QCOMPARE(finished.last().at(2).value<ProbeAnswer>().tokensJson(),
             before.at(ModelRole::Original).tokensJson());
}

void TestProbeService::anAnswerThatIsAskedAgainEndsUnheard()
{
    RunController run(places());
    ProbeService probes(run);
    probes.setModels({}, model(), {});
    const QSignalSpy tokens(&probes, &ProbeService::tokenArrived);
    const QSignalSpy started(&probes, &ProbeService::answerStarted);
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    probes.ask({.prompt = u"Once"_s, .maxNewTokens = 40, .raw = true});
    QTRY_VERIFY_WITH_TIMEOUT(!tokens.isEmpty(), kPatience);
    const qsizetype heard = finished.size(); // on a busy machine the first one is through by now
    for (int i = 0; i < 5; ++i)
        probes.askAgain(ModelRole::Current);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), heard + 1, kPatience);
    QVERIFY(!probes.isAnswering());
    QCOMPARE(started.size(), 6);
    QCOMPARE(finished.last().at(2).value<ProbeAnswer>().tokens.size(), std::size_t{40});
}

void TestProbeService::theTemplateThatWasUsedIsTold()
{
    RunController run(places());
    ProbeService probes(run);
    const QTemporaryDir folder;
    const auto broken =
        modelWithTemplate(folder.filePath(u"m"_s).toStdString(), kBrokenTemplate).string();
    probes.setModels(model(), QString::fromStdString(broken), {});
    const QSignalSpy sent(&probes, &ProbeService::promptSent);
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    probes.ask({.prompt = u"Who?"_s,
                .maxNewTokens = 2,
                .templates = {u"llmu"_s, QString::fromUtf8(kModelTemplate), {}}});
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, kPatience);
    std::map<ModelRole, SentPrompt> prompts;
    for (const auto& arguments : sent)
        prompts[arguments.at(1).value<ModelRole>()] = arguments.at(2).value<SentPrompt>();
    QCOMPARE(prompts.at(ModelRole::Original).promptTemplate, std::string("llmu"));
    QVERIFY(prompts.at(ModelRole::Original).text.starts_with("### Question: Who?"));
    QVERIFY(prompts.at(ModelRole::Current).problem);
    QCOMPARE(prompts.at(ModelRole::Current).text, std::string("Who?"));
}

void TestProbeService::stopEndsEveryAnswer()
{
    RunController run(places());
    ProbeService probes(run);
    probes.setModels(model(), model(), {});
    const QSignalSpy tokens(&probes, &ProbeService::tokenArrived);
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    probes.ask({.prompt = u"Once"_s, .maxNewTokens = 100'000, .raw = true});
    QTRY_VERIFY_WITH_TIMEOUT(!tokens.isEmpty(), kPatience);
    probes.stop();
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, kPatience);
    QVERIFY(!probes.isAnswering());
}

void TestProbeService::duringARunTheRunAnswersForTheUnlearnedModel()
{
    RunController run(places());
    ProbeService probes(run);
    probes.setModels(model(), {}, {});
    QSignalSpy ended(&run, &RunController::ended);
    QVERIFY(run.start(parseRecipe(smallRecipe(), {}).value()));
    QTRY_VERIFY_WITH_TIMEOUT(run.record().run.step >= 1, kPatience);
    run.pause();
    QTRY_VERIFY_WITH_TIMEOUT(run.state() == RunState::Paused, kPatience);
    QVERIFY(probes.isAvailable(ModelRole::Current));
    const QSignalSpy finished(&probes, &ProbeService::answerFinished);
    probes.ask({.prompt = u"What did Tom find?"_s, .maxNewTokens = 6});
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, kPatience);
    for (const auto& arguments : finished) {
        const bool byRun = arguments.at(1).value<ModelRole>() == ModelRole::Current;
        QCOMPARE(arguments.at(3).toLongLong(), byRun ? run.record().run.step : -1);
        QVERIFY(!arguments.at(2).value<ProbeAnswer>().tokens.empty());
    }
    run.stop(StopKind::Discard);
    QVERIFY(ended.wait(kPatience));
    QVERIFY(!probes.isAvailable(ModelRole::Current));
}

QTEST_GUILESS_MAIN(TestProbeService)
#include "tst_probe_service.moc"
