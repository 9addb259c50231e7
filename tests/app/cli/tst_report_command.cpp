#include "core/store/store.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <fmt/format.h>

using namespace lacuna;

/// The command report, as a shell runs it.
class TestReportCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void writesOneFile_data();
    void writesOneFile();
    void leavesAnswersOut();
    void refuses_data();
    void refuses();
    void aFileThatIsThereStaysWhole();

private:
    [[nodiscard]] Outcome report(std::vector<std::string> words) const
    {
        words.insert(words.begin(), "report");
        words.insert(words.end(), {"--store", m_folder.file("experiment.sqlite").string()});
        return m_cli.call(words);
    }

    TemporaryFolder m_folder;
    LacunaCli m_cli;
    std::string m_run;
    double m_after = 0;
};

void TestReportCommand::initTestCase()
{
    const auto copy = m_folder.file("experiment.sqlite");
    std::filesystem::copy_file(RESOURCES_DIR "/sample/experiment.sqlite", copy);
    const Store store = Store::open(copy, OpenMode::ReadWrite).value();
    m_run = store.runs().value().front().uid;
    for (const EvaluationChange& change : store.readChanges().value())
        if (change.set == "forget" && change.metric == "probability")
            m_after = change.after;
}

void TestReportCommand::writesOneFile_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("HTML") << QStringLiteral("a.html") << QByteArray("<!DOCTYPE html>");
    QTest::newRow("HTML in capitals") << QStringLiteral("B.HTML") << QByteArray("<!DOCTYPE html>");
    QTest::newRow("PDF") << QStringLiteral("c.pdf") << QByteArray("%PDF-");
}

void TestReportCommand::writesOneFile()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, start);
    const auto file = m_folder.file(name.toStdString());
    const Outcome outcome = report({m_run, "--out", file.string()});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const std::string bytes = fileBytes(file);
    QVERIFY(bytes.starts_with(start.toStdString()));
    const Json line = outcome.line();
    QCOMPARE(shown(line["run"].get<std::string>()), shown(m_run));
    QCOMPARE(line["bytes"].get<std::size_t>(), bytes.size());
    if (start.startsWith("<")) {
        QVERIFY(bytes.find(fmt::format("<data value=\"{0}\">{0:.4g}</data>", m_after)) !=
                std::string::npos);
        QVERIFY(bytes.find("Negative preference optimisation") != std::string::npos);
        QVERIFY(bytes.find("Copper Clapper") != std::string::npos);
    }
}

void TestReportCommand::leavesAnswersOut()
{
    const auto file = m_folder.file("without.html");
    QCOMPARE(report({m_run, "--without-answers", "--out", file.string()}).code, 0);
    QVERIFY(fileBytes(file).find("Copper Clapper") == std::string::npos);
}

void TestReportCommand::refuses_data()
{
    QTest::addColumn<QString>("run");
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    QTest::newRow("another ending") << QString() << QStringLiteral("a.docx") << 2
                                    << QStringLiteral("ends neither with .html nor with .pdf");
    QTest::newRow("no such run") << QStringLiteral("ffffffffffff") << QStringLiteral("a.html") << 3
                                 << QStringLiteral("ffffffffffff");
    QTest::newRow("a folder that is not there")
        << QString() << QStringLiteral("no/such/a.html") << 4 << QStringLiteral("no/such/a.html");
    QTest::newRow("a folder that is not there, PDF")
        << QString() << QStringLiteral("no/such/a.pdf") << 4 << QStringLiteral("no/such/a.pdf");
}

void TestReportCommand::refuses()
{
    QFETCH(QString, run);
    QFETCH(QString, file);
    QFETCH(int, code);
    QFETCH(QString, says);
    const Outcome outcome = report({run.isEmpty() ? m_run : run.toStdString(), "--out",
                                    m_folder.file(file.toStdString()).string()});
    QCOMPARE(outcome.code, code);
    QVERIFY2(shown(outcome.err).contains(says), outcome.err.c_str());
    QVERIFY(outcome.out.empty());
}

void TestReportCommand::aFileThatIsThereStaysWhole()
{
    const auto file = m_folder.file("old.html");
    writeBytes(file, "old");
    QCOMPARE(report({"ffffffffffff", "--out", file.string()}).code, 3);
    QCOMPARE(shown(fileBytes(file)), shown("old"));
    QCOMPARE(report({m_run, "--out", file.string()}).code, 0);
    QVERIFY(fileBytes(file).ends_with("</html>\n"));
}

LACUNA_TEST_MAIN(TestReportCommand)
#include "tst_report_command.moc"
