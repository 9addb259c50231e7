#include "core/base/json.h"
#include "core/base/process.h"
#include "core/base/text.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <QProcess>
#include <QtTest>

#include <algorithm>
#include <csignal>
#include <unistd.h>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

namespace fs = std::filesystem;

constexpr int kPatience = 200'000;

std::vector<Json> rowsOf(const char* name)
{
    std::vector<Json> rows;
    for (const std::string& line : split(fileBytes(fs::path(TEST_DATA_DIR) / "run" / name), '\n'))
        if (!line.empty())
            rows.push_back(Json::parse(line));
    // As TOFU's perturbed files have it: the same in other words, and what is not true.
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i]["paraphrased_question"] = rows[i]["question"];
        rows[i]["paraphrased_answer"] = "Well: " + rows[i]["answer"].get<std::string>();
        for (std::size_t other = 1; other < 4; ++other)
            rows[i]["perturbed_answer"].push_back(rows[(i + other) % rows.size()]["answer"]);
    }
    return rows;
}

/// The study of resources/studies/tofu on small models and a few texts.
class SmallStudy {
public:
    SmallStudy()
    {
        fs::create_directories(folder() / "data");
        const std::vector<Json> forget = rowsOf("forget.json");
        const std::vector<Json> retain = rowsOf("retain.json");
        std::vector<Json> full = forget;
        full.insert(full.end(), retain.begin(), retain.end());
        for (const auto& [name, rows] : {std::pair{"full", full},
                                         {"forget10", forget},
                                         {"retain90", retain},
                                         {"forget10_perturbed", forget},
                                         {"retain_perturbed", retain},
                                         {"real_authors_perturbed", retain},
                                         {"world_facts_perturbed", retain}}) {
            std::string text;
            for (const Json& row : rows)
                text += row.dump() + "\n";
            writeBytes(folder() / "data" / (std::string(name) + ".json"), text);
        }
        fs::copy_file(kSource / "study.sh", folder() / "study.sh");
        for (const char* name : {"original", "reference"}) {
            Json recipe = readJsonFile(kSource / (std::string(name) + ".json")).value();
            recipe["model"]["new"].update({{"hidden_size", 32},
                                           {"intermediate_size", 64},
                                           {"num_hidden_layers", 2},
                                           {"num_attention_heads", 2},
                                           {"num_key_value_heads", 2}});
            if (recipe["model"]["tokenizer"].is_object())
                recipe["model"]["tokenizer"]["vocabulary_size"] = 300;
            recipe["training"].update({{"epochs", 20}, {"batch_size", 4}});
            recipe["checkpoint"] = {{"every_seconds", 0}, {"keep", 2}};
            write(name, recipe);
        }
        Json methods = readJsonFile(kSource / "methods.json").value();
        methods["training"].update({{"epochs", 1}, {"batch_size", 8}});
        auto& cases = methods["sweep"]["cases"];
        cases.erase(cases.begin() + 2, cases.end());
        write("methods", methods);
    }
    ~SmallStudy() { kill(); }
    SmallStudy(const SmallStudy&) = delete;
    SmallStudy& operator=(const SmallStudy&) = delete;

    void start()
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"LACUNA_CLI"_s, QStringLiteral(PROGRAM_DIR "/lacuna-cli"));
        m_process.setProcessEnvironment(environment);
        m_process.setChildProcessModifier([] { ::setsid(); }); // to be killed with its children
        m_process.start(u"bash"_s, {shown((folder() / "study.sh").string()),
                                    shown((folder() / "data").string()), shown(out().string())});
    }
    /// With all that it has started.
    void kill()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        ::kill(static_cast<pid_t>(-m_process.processId()), SIGKILL);
        m_process.waitForFinished();
    }
    /// What was said where it did not end well; empty: it did.
    QString untilEnd()
    {
        const bool ended = m_process.waitForFinished(kPatience);
        const QByteArray said = m_process.readAllStandardError();
        if (ended && m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0)
            return {};
        return u"did not end well: "_s + QString::fromUtf8(said.right(1000));
    }

    [[nodiscard]] fs::path out() const { return folder() / "out"; }
    [[nodiscard]] Store history() const
    {
        return std::move(Store::open(out() / "history.sqlite", OpenMode::ReadOnly)).value();
    }

private:
    [[nodiscard]] fs::path folder() const { return m_folder.file("study"); }
    void write(const std::string& name, const Json& recipe) const
    {
        writeBytes(folder() / (name + ".json"), recipe.dump(2));
    }

    const fs::path kSource = RESOURCES_DIR "/studies/tofu";
    TemporaryFolder m_folder;
    QProcess m_process;
};

} // namespace

/// The study takes hours where it is meant to run, and nobody watches it: what was interrupted has
/// to go on by itself.
class TestTofuStudy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKilledStudyGoesOnToItsTable();
};

void TestTofuStudy::aKilledStudyGoesOnToItsTable()
{
    SmallStudy study;
    study.start();
    QTRY_VERIFY_WITH_TIMEOUT(fileBytes(study.out() / "original.jsonl").find(R"("step":20,)") !=
                                 std::string::npos,
                             kPatience);
    study.kill();
    const Run killed = study.history().runs().value().front();
    QTRY_VERIFY(!processLives(killed.pid.value())); // a grandchild, which nobody waits for

    study.start();
    const QString trouble = study.untilEnd();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    const Store store = study.history();
    const std::vector<Run> runs = store.runs({.descending = false}).value();
    QCOMPARE(runs.size(), std::size_t{4}); // original, reference, two methods
    QCOMPARE(shown(runs.front().uid), shown(killed.uid));
    const auto interruptions = store.readInterruptions(runs.front().id).value();
    QVERIFY(std::ranges::count(interruptions, InterruptionKind::Killed, &Interruption::kind) == 1);
    for (const Run& run : runs)
        QVERIFY(run.state == RunState::Done || run.state == RunState::Stopped);
    for (std::size_t i = 2; i < 4; ++i)
        QVERIFY(!store.readStressResults(runs[i].id).value().empty());
    const std::string table = fileBytes(study.out() / "leaderboard.txt");
    for (const char* row : {"original", "reference, retrained", "npo", "wga"})
        QVERIFY2(table.find(row) != std::string::npos, table.c_str());
    QVERIFY2(table.find("retraining was measured: run " + runs[1].uid) != std::string::npos,
             table.c_str());
}

QTEST_GUILESS_MAIN(TestTofuStudy)
#include "tst_tofu_study.moc"
