#include "app/cli/output.h"
#include "core/base/text.h"
#include "tests/support/test_main.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <array>
#include <csignal>
#include <sstream>
#include <stdexcept>

using namespace lacuna;
using namespace std::chrono_literals;

namespace {

/// A status line whose clock is set by hand.
struct Screen {
    explicit Screen(std::optional<std::size_t> width) : line(out, width, [this] { return now; }) {}

    std::ostringstream out;
    StatusLine::Clock::time_point now = {};
    StatusLine line;
};

} // namespace

class TestOutput : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void widthIsThatOfTheTerminal_data();
    void widthIsThatOfTheTerminal();
    void whatIsTooLongIsCut_data();
    void whatIsTooLongIsCut();
    void nothingObeyedByATerminalIsPrinted_data();
    void nothingObeyedByATerminalIsPrinted();
    void linesBreakAtSpaces();
    void tablesAreAligned();
    void rowsShownAsTheyComeAreAligned();
    void aTableRowHasOneCellAColumn();
    void aTerminalLineIsRewritten();
    void aLogGetsALineEveryFewSeconds();
    void whatWasHeldBackIsShownAtTheEnd();
    void aLastingLineStandsAboveTheStatus();
    void aPipeIsNoTerminal();
    void jsonLinesAreWholeAtOnce();
    void jsonLinesOutliveTheirReader();
};

void TestOutput::widthIsThatOfTheTerminal_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("width");
    QTest::newRow("nothing") << "" << 0;
    QTest::newRow("ASCII") << "abc" << 3;
    QTest::newRow("accents in one character") << QStringLiteral(u"é\u00fc") << 2;
    QTest::newRow("accents of their own") << QStringLiteral(u"e\u0301") << 1;
    QTest::newRow("box characters") << QStringLiteral(u"│──") << 3;
    QTest::newRow("the sentencepiece space") << QStringLiteral(u"▁the") << 4;
    QTest::newRow("Chinese") << QStringLiteral(u"模型") << 4;
    QTest::newRow("a pictograph") << QStringLiteral(u"\U0001F600") << 2;
}

void TestOutput::widthIsThatOfTheTerminal()
{
    QFETCH(QString, text);
    QFETCH(int, width);
    QCOMPARE(displayWidth(text.toStdString()), static_cast<std::size_t>(width));
}

void TestOutput::whatIsTooLongIsCut_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("width");
    QTest::addColumn<QString>("cut");
    QTest::newRow("it fits") << "abcd" << 4 << "abcd";
    QTest::newRow("one too many") << "abcde" << 4 << QStringLiteral(u"abc…");
    QTest::newRow("no half of a wide character")
        << QStringLiteral(u"模型模型") << 4 << QStringLiteral(u"模…");
    QTest::newRow("no room at all") << "abc" << 0 << "";
    QTest::newRow("room for the sign only") << "abc" << 1 << QStringLiteral(u"…");
}

void TestOutput::whatIsTooLongIsCut()
{
    QFETCH(QString, text);
    QFETCH(int, width);
    QFETCH(QString, cut);
    QCOMPARE(elided(text.toStdString(), static_cast<std::size_t>(width)), cut.toStdString());
}

void TestOutput::nothingObeyedByATerminalIsPrinted_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("printed");
    QTest::newRow("plain text") << QByteArray("a \\ b") << QByteArray("a \\ b");
    QTest::newRow("line ends") << QByteArray("a\r\nb\tc") << QByteArray("a\\r\\nb\\tc");
    QTest::newRow("an escape sequence") << QByteArray("\x1b[2J") << QByteArray("\\x1b[2J");
    QTest::newRow("its one-byte form") << QByteArray("\xc2\x9b"
                                                     "2J")
                                       << QByteArray("\\x9b2J");
    QTest::newRow("delete") << QByteArray("\x7f") << QByteArray("\\x7f");
    QTest::newRow("bytes that are no text") << QByteArray("a\xff") << QByteArray("a\xef\xbf\xbd");
    QTest::newRow("letters beyond ASCII") << QByteArray("é模") << QByteArray("é模");
}

void TestOutput::nothingObeyedByATerminalIsPrinted()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, printed);
    QCOMPARE(printable(text.toStdString()), printed.toStdString());
}

void TestOutput::linesBreakAtSpaces()
{
    QCOMPARE(join(wrapped("one two three", 7), "|"), std::string("one two|three"));
    QCOMPARE(join(wrapped("a incomprehensible b", 5), "|"), std::string("a|incomprehensible|b"));
    QCOMPARE(wrapped("", 5).size(), std::size_t{1});
}

void TestOutput::tablesAreAligned()
{
    TextTable table({{.title = "name"}, {.title = "loss", .align = Align::Right}, {.title = ""}});
    table.addRow({"Größe", "1.25", "x"});
    table.addRow({"模型", "10.5", ""});
    table.addRow({"a\nb", "-", "y"});
    QCOMPARE(table.text(), std::string("name   loss\n"
                                       "─────  ────  ─\n"
                                       "Größe  1.25  x\n"
                                       "模型   10.5\n"
                                       "a\\nb      -  y\n"));
}

void TestOutput::rowsShownAsTheyComeAreAligned()
{
    const std::vector<Column> columns = {{.title = "step", .align = Align::Right, .width = 6},
                                         {.title = "forget", .align = Align::Right},
                                         {.title = "note"}};
    QCOMPARE(tableHead(columns) + tableRow(columns, {"10", "0.91", "baseline"}),
             std::string("  step  forget  note\n"
                         "──────  ──────  ────\n"
                         "    10    0.91  baseline\n"));
}

void TestOutput::aTableRowHasOneCellAColumn()
{
    TextTable table({{.title = "a"}, {.title = "b"}});
    QVERIFY_EXCEPTION_THROWN(table.addRow({"1"}), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(tableRow({{.title = "a"}}, {})), std::logic_error);
}

void TestOutput::aTerminalLineIsRewritten()
{
    Screen screen(12);
    screen.line.show("step 1");
    screen.now += 20ms;
    screen.line.show("step 2"); // too soon
    screen.now += 200ms;
    screen.line.show("step 3 of many more");
    screen.line.finish();
    QCOMPARE(screen.out.str(), std::string("\rstep 1\x1b[K"
                                           "\rstep 3 of …\x1b[K\n"));
}

void TestOutput::aLogGetsALineEveryFewSeconds()
{
    Screen screen(std::nullopt);
    for (int step = 0; step < 130; ++step) {
        screen.line.show("step " + std::to_string(step));
        screen.now += 100ms;
    }
    QCOMPARE(screen.out.str(), std::string("step 0\nstep 50\nstep 100\n"));
}

void TestOutput::whatWasHeldBackIsShownAtTheEnd()
{
    Screen screen(std::nullopt);
    screen.line.show("first");
    screen.line.show("last");
    screen.line.finish();
    screen.line.finish();
    QCOMPARE(screen.out.str(), std::string("first\nlast\n"));
}

void TestOutput::aLastingLineStandsAboveTheStatus()
{
    Screen live(20);
    live.line.show("step 1");
    live.line.print("evaluated");
    QCOMPARE(live.out.str(), std::string("\rstep 1\x1b[K\r\x1b[Kevaluated\n\rstep 1\x1b[K"));

    Screen plain(std::nullopt);
    plain.line.show("step 1");
    plain.line.print("evaluated\n");
    QCOMPARE(plain.out.str(), std::string("step 1\nevaluated\n"));
}

void TestOutput::aPipeIsNoTerminal()
{
    std::array<int, 2> ends{};
    QCOMPARE(pipe(ends.data()), 0);
    QVERIFY(!terminalWidth(ends[1]));
    close(ends[0]);
    close(ends[1]);
}

void TestOutput::jsonLinesAreWholeAtOnce()
{
    std::array<int, 2> ends{};
    QCOMPARE(pipe(ends.data()), 0);
    std::FILE* out = fdopen(ends[1], "w");
    JsonLines lines(out);
    QVERIFY(lines.write(OrderedJson{{"step", 1}, {"loss", 0.5}, {"answer", "a\nb \xff"}}));

    std::array<char, 200> read{};
    const auto count = ::read(ends[0], read.data(), read.size());
    QCOMPARE(std::string(read.data(), static_cast<std::size_t>(count)),
             std::string("{\"step\":1,\"loss\":0.5,\"answer\":\"a\\nb \xef\xbf\xbd\"}\n"));
    std::fclose(out);
    close(ends[0]);
}

void TestOutput::jsonLinesOutliveTheirReader()
{
    std::signal(SIGPIPE, SIG_IGN); // as runProgram() does
    std::array<int, 2> ends{};
    QCOMPARE(pipe(ends.data()), 0);
    std::FILE* out = fdopen(ends[1], "w");
    JsonLines lines(out);
    close(ends[0]);
    QVERIFY(!lines.write(Json{{"step", 1}}));
    QVERIFY(!lines.write(Json{{"step", 2}}));
    std::fclose(out);
}

LACUNA_TEST_MAIN(TestOutput)
#include "tst_output.moc"
