#include "app/cli/command.h"
#include "core/base/text.h"
#include "tests/support/test_main.h"

#include <sstream>
#include <stdexcept>

using namespace lacuna;

namespace {

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

Program program()
{
    const auto done = [](const Arguments&) { return int{ExitDone}; };
    return {
        .name = "tool",
        .version = "1.2.3",
        .summary = "does things",
        .commands = {
            {.name = "tokenize",
             .summary = "ids and pieces of a text, which is long enough to need a second line in "
                        "the list of commands of this program",
             .positionals = {{.name = "MODEL", .help = "a model folder"},
                             {.name = "LAYER", .help = "which", .required = false}},
             .options = {{.name = "text", .value = "T", .help = "the text", .required = true},
                         {.name = "set", .value = "K=V", .help = "override", .repeatable = true},
                         {.name = "json", .help = "as JSON"},
                         {.name = "an-option-with-a-long-name", .value = "VALUE", .help = "odd"}},
             .run = [](const Arguments& a) { return a.flag("json") ? ExitCheckFailed : ExitDone; }},
            {.name = "history list", .summary = "the runs", .run = done},
            {.name = "history show",
             .summary = "one run",
             .positionals = {{.name = "RUN"}},
             .run = done},
            {.name = "fail",
             .summary = "throws",
             .run = [](const Arguments&) -> int { throw std::runtime_error("boom"); }},
            {.name = "refuse",
             .summary = "reports",
             .run = [](const Arguments&) -> int {
                 throw ErrorException({.code = ErrorCode::Corrupt, .message = "cut short"});
             }},
            {.name = "either",
             .summary = "one or the other",
             .options = {{.name = "a", .value = "A"}},
             .run = done,
             .synopsis = "RECIPE | --a A"}}};
}

Outcome call(const std::vector<std::string>& words)
{
    std::ostringstream out;
    std::ostringstream err;
    const int code = runProgram(program(), words, out, err);
    return {code, out.str(), err.str()};
}

std::vector<std::string> words(const QString& line)
{
    return line.isEmpty() ? std::vector<std::string>() : split(line.toStdString(), ' ');
}

} // namespace

class TestCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wordsLeadToTheirEnding_data();
    void wordsLeadToTheirEnding();
    void programHelpListsEveryCommand();
    void commandHelpListsEverythingDeclared();
    void helpStaysWithinItsWidth();
    void aWrittenSynopsisWins();
    void everyErrorCodeHasAnExitCode_data();
    void everyErrorCodeHasAnExitCode();
    void aReportStaysOnOneLine();
};

void TestCommand::wordsLeadToTheirEnding_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("out");
    QTest::addColumn<QString>("err");
    QTest::newRow("no word prints help as an error") << "" << 2 << ""
                                                     << "Usage: tool COMMAND";
    QTest::newRow("help") << "--help" << 0 << "Usage: tool COMMAND"
                          << "";
    QTest::newRow("short help") << "-h" << 0 << "Usage: tool COMMAND"
                                << "";
    QTest::newRow("version") << "--version" << 0 << "tool 1.2.3\n"
                             << "";
    QTest::newRow("a command") << "tokenize m --text x" << 0 << ""
                               << "";
    QTest::newRow("its result is the program's") << "tokenize m --text x --json" << 1 << ""
                                                 << "";
    QTest::newRow("a command's help") << "tokenize --help" << 0 << "Usage: tool tokenize"
                                      << "";
    QTest::newRow("help wins over mistakes") << "tokenize --x -h" << 0 << "Usage: tool"
                                             << "";
    QTest::newRow("no help after two dashes") << "tokenize --text x -- --help" << 0 << ""
                                              << "";
    QTest::newRow("wrong options") << "tokenize m --txt x" << 2 << ""
                                   << "did you mean --text?";
    QTest::newRow("then where help is") << "tokenize" << 2 << ""
                                        << "Try: tool tokenize --help";
    QTest::newRow("two words") << "history list" << 0 << ""
                               << "";
    QTest::newRow("two words and a positional") << "history show 7" << 0 << ""
                                                << "";
    QTest::newRow("half a command") << "history" << 2 << ""
                                    << "history show RUN";
    QTest::newRow("help for half a command") << "history --help" << 0 << "history list"
                                             << "";
    QTest::newRow("half a misspelt command") << "history lst" << 2 << ""
                                             << "did you mean \"history list\"?";
    QTest::newRow("the other half misspelt") << "histroy list" << 2 << ""
                                             << "did you mean \"history list\"?";
    QTest::newRow("a misspelt command") << "tokenise" << 2 << ""
                                        << "did you mean \"tokenize\"?";
    QTest::newRow("a strange command") << "dance now" << 2 << ""
                                       << "no command \"dance\"";
    QTest::newRow("an exception") << "fail" << 4 << ""
                                  << "boom";
    QTest::newRow("an error thrown") << "refuse" << 3 << ""
                                     << "cut short";
}

void TestCommand::wordsLeadToTheirEnding()
{
    QFETCH(QString, line);
    QFETCH(int, code);
    QFETCH(QString, out);
    QFETCH(QString, err);
    const Outcome outcome = call(words(line));
    QCOMPARE(outcome.code, code);
    QVERIFY2(QString::fromStdString(outcome.out).contains(out), outcome.out.c_str());
    QVERIFY2(QString::fromStdString(outcome.err).contains(err), outcome.err.c_str());
    QCOMPARE(outcome.out.empty(), out.isEmpty());
    QCOMPARE(outcome.err.empty(), err.isEmpty());
}

void TestCommand::programHelpListsEveryCommand()
{
    const std::string help = programHelp(program());
    for (const Command& command : program().commands)
        QVERIFY2(help.find("\n  " + command.name) != std::string::npos, command.name.c_str());
}

void TestCommand::commandHelpListsEverythingDeclared()
{
    for (const Command& command : program().commands) {
        const std::string help = commandHelp(program(), command);
        for (const Option& option : command.options) {
            QVERIFY2(help.find("\n  --" + option.name) != std::string::npos, option.name.c_str());
            QVERIFY2(help.find(option.help) != std::string::npos, option.name.c_str());
        }
        for (const Positional& positional : command.positionals)
            QVERIFY2(help.find("\n  " + positional.name) != std::string::npos, help.c_str());
        QVERIFY(help.find("\n  --help") != std::string::npos);
    }
    const std::string help = commandHelp(program(), program().commands[0]);
    QVERIFY2(
        help.starts_with("Usage: tool tokenize MODEL [LAYER] --text T [--set K=V]... [--json]"),
        help.c_str());
    QVERIFY(help.find("the text (required)") != std::string::npos);
    QVERIFY(help.find("override (may be repeated)") != std::string::npos);
}

void TestCommand::helpStaysWithinItsWidth()
{
    std::string help = programHelp(program());
    for (const Command& command : program().commands)
        help += commandHelp(program(), command);
    for (const std::string& line : split(help, '\n'))
        QVERIFY2(line.size() <= 96, line.c_str());
}

void TestCommand::aWrittenSynopsisWins()
{
    const Program tool = program();
    const std::string help = commandHelp(tool, tool.commands.back());
    QVERIFY2(help.starts_with("Usage: tool either RECIPE | --a A\n"), help.c_str());
}

void TestCommand::everyErrorCodeHasAnExitCode_data()
{
    QTest::addColumn<int>("error");
    QTest::addColumn<int>("exit");
    const auto row = [](ErrorCode code, ExitCode exit) {
        QTest::newRow(std::string(errorCodeName(code)).c_str())
            << static_cast<int>(code) << static_cast<int>(exit);
    };
    row(ErrorCode::NotFound, ExitBadInput);
    row(ErrorCode::Corrupt, ExitBadInput);
    row(ErrorCode::Unsupported, ExitBadInput);
    row(ErrorCode::InvalidArgument, ExitBadInput);
    row(ErrorCode::Io, ExitRunFailed);
    row(ErrorCode::OutOfMemory, ExitRunFailed);
    row(ErrorCode::Internal, ExitRunFailed);
}

void TestCommand::everyErrorCodeHasAnExitCode()
{
    QFETCH(int, error);
    QFETCH(int, exit);
    std::ostringstream err;
    QCOMPARE(report({.code = static_cast<ErrorCode>(error), .message = "why"}, err), exit);
    QCOMPARE(err.str(), std::string("error: why\n"));
}

void TestCommand::aReportStaysOnOneLine()
{
    std::ostringstream err;
    QCOMPARE(reportUsage("a file named \x1b[31mred\nline", err), int{ExitUsage});
    QCOMPARE(err.str(), std::string("error: a file named \\x1b[31mred\\nline\n"));
}

LACUNA_TEST_MAIN(TestCommand)
#include "tst_command.moc"
