#include "app/report/drawing_object.h"
#include "app/report/pdf_report.h"
#include "app/report/text_report.h"
#include "core/report/colors.h"
#include "core/report/report.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <fmt/format.h>

#include <QImage>
#include <QPainter>
#include <QProcess>
#include <QStandardPaths>
#include <QtTest>

using namespace lacuna;

namespace {

Store bundled(const TemporaryFolder& folder)
{
    const auto copy = folder.file("experiment.sqlite");
    std::filesystem::copy_file(RESOURCES_DIR "/sample/experiment.sqlite", copy);
    return std::move(Store::open(copy, OpenMode::ReadWrite)).value();
}

RunId only(const Store& store)
{
    return store.runs().value().front().id;
}

QString textOf(const Report& report)
{
    QTextDocument document;
    writeTextReport(document, report, {});
    return document.toPlainText();
}

/// A report whose tables are long enough for pages.
Report longReport()
{
    Report report{.title = "Long", .author = "Lacuna"};
    ReportTable table{.caption = "Rows", .columns = {{"Name"}, {"Value", true}}};
    for (int i = 0; i < 150; ++i)
        table.rows.push_back({{.text = fmt::format("row{}", i), .note = fmt::format("below{}", i)},
                              {.text = std::to_string(i), .note = fmt::format("note{}", i)}});
    ReportSection section{.id = "a", .title = "First"};
    section.blocks.emplace_back(table);
    report.sections.push_back(section);
    for (int i = 0; i < 40; ++i) {
        ReportSection one{.id = fmt::format("s{}", i), .title = fmt::format("Heading{}", i)};
        one.blocks.emplace_back(ReportParagraph{fmt::format("text{} ", i) + std::string(300, 'x') +
                                                std::string(" y") + std::string(200, 'z')});
        report.sections.push_back(one);
    }
    return report;
}

/// What poppler finds in a file; empty where it is not installed.
QString output(const char* program, const QStringList& arguments)
{
    QProcess process;
    process.start(QString::fromLatin1(program), arguments);
    process.waitForFinished();
    return QString::fromUtf8(process.readAllStandardOutput());
}

bool hasPoppler()
{
    return !QStandardPaths::findExecutable(QStringLiteral("pdftotext")).isEmpty() &&
           !QStandardPaths::findExecutable(QStringLiteral("pdffonts")).isEmpty();
}

QStringList pagesOf(const QString& file)
{
    QStringList pages =
        output("pdftotext", {QStringLiteral("-layout"), file, QStringLiteral("-")}).split(u'\f');
    pages.removeLast(); // each page ends with one
    return pages;
}

} // namespace

class TestReportPages : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theTextHasEveryNumber();
    void markupInARunStaysText();
    void everyRunHasPages_data();
    void everyRunHasPages();
    void thePdfSaysTheSame();
    void whatBelongsTogetherStaysOnOnePage();
    void theHeadOfATableStandsOnlyAboveItsRows();
    void chartsAreDrawnInTheirColours();
    void aFileThatCannotBeWrittenSaysSo();
};

void TestReportPages::theTextHasEveryNumber()
{
    const TemporaryFolder folder;
    const Store store = bundled(folder);
    const Report report = makeReport(store, only(store), {}).value();
    const QString text = textOf(report);
    for (const Evaluation& one : store.readEvaluations(only(store), false).value())
        QVERIFY(text.contains(shown(fmt::format("{:.4g}", one.value))));
    for (const ReportSection& section : report.sections)
        QVERIFY(text.contains(shown(section.title)));
    QVERIFY(text.contains(QStringLiteral("Copper Clapper")));
}

void TestReportPages::markupInARunStaysText()
{
    const std::string hostile = "<script>alert(1)</script> <b>&amp;</b>";
    Report report{.title = hostile};
    ReportSection section{.title = hostile};
    section.blocks = {ReportParagraph{hostile}, ReportHeading{hostile}, ReportList{{{"", hostile}}},
                      ReportAnswers{hostile, {{Ink::Original, hostile, hostile, hostile}}}};
    report.sections = {section};
    QCOMPARE(textOf(report).count(shown(hostile)), 9);
}

void TestReportPages::everyRunHasPages_data()
{
    QTest::addColumn<int>("state");
    QTest::newRow("one that was never started") << static_cast<int>(RunState::Prepared);
    QTest::newRow("one that failed") << static_cast<int>(RunState::Failed);
    QTest::newRow("one that is done") << static_cast<int>(RunState::Done);
}

void TestReportPages::everyRunHasPages()
{
    QFETCH(int, state);
    const TemporaryFolder folder;
    Store store =
        std::move(Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing)).value();
    const RunId id = store.createRun({.name = "empty", .recipe = "{}"}).value().id;
    if (static_cast<RunState>(state) != RunState::Prepared)
        store.endRun(id, {.state = static_cast<RunState>(state), .error = "out of memory"}).value();
    const QByteArray pdf = pdfReport(makeReport(store, id, {}).value());
    QVERIFY(pdf.startsWith("%PDF-"));
    QVERIFY(pdf.contains("/Type /Page"));
}

void TestReportPages::thePdfSaysTheSame()
{
    if (!hasPoppler())
        QSKIP("poppler-utils are not installed");
    const TemporaryFolder folder;
    const Store store = bundled(folder);
    const Report report = makeReport(store, only(store), {.programVersion = "1.2.3"}).value();
    const auto file = folder.file("report.pdf");
    QVERIFY(writePdfReport(report, file));
    const QString path = QString::fromStdString(file.string());
    const QStringList pages = pagesOf(path);
    const QString text = pages.join(u' ');
    for (const Evaluation& one : store.readEvaluations(only(store), false).value())
        QVERIFY(text.contains(shown(fmt::format("{:.4g}", one.value))));
    for (const ReportSection& section : report.sections)
        QVERIFY2(text.contains(shown(section.title)), section.title.c_str());
    for (qsizetype i = 0; i < pages.size(); ++i)
        QVERIFY(pages[i].contains(QStringLiteral("Page %1 of %2").arg(i + 1).arg(pages.size())));

    const QString info = output("pdfinfo", {path});
    QVERIFY2(info.contains(shown(report.title)), qPrintable(info));
    QVERIFY(info.contains(QStringLiteral("Lacuna 1.2.3")));
    QVERIFY(info.contains(QStringLiteral("A4")));
    const QStringList fonts = output("pdffonts", {path}).split(u'\n', Qt::SkipEmptyParts);
    QVERIFY(fonts.size() > 2);
    // Embedded, whole or in part, and with what its glyphs stand for.
    const QRegularExpression embedded(QStringLiteral(" yes +(yes|no) +yes "));
    for (const QString& font : fonts.mid(2))
        QVERIFY2(font.contains(embedded), qPrintable(font));
    // Charts are no pictures.
    QCOMPARE(output("pdfimages", {QStringLiteral("-list"), path}).count(u'\n'), 2);
}

void TestReportPages::whatBelongsTogetherStaysOnOnePage()
{
    if (!hasPoppler())
        QSKIP("poppler-utils are not installed");
    const TemporaryFolder folder;
    const auto file = folder.file("long.pdf");
    QVERIFY(writePdfReport(longReport(), file));
    const QStringList pages = pagesOf(QString::fromStdString(file.string()));
    QVERIFY(pages.size() > 5);
    const auto pageOf = [&](const QString& word) {
        const QRegularExpression whole(QStringLiteral("\\b") + word + QStringLiteral("\\b"));
        for (qsizetype i = 0; i < pages.size(); ++i)
            if (pages[i].contains(whole))
                return i;
        return qsizetype{-1};
    };
    qsizetype tablePages = 0;
    for (int i = 0; i < 150; ++i) {
        const qsizetype page = pageOf(QStringLiteral("row%1").arg(i));
        QVERIFY(page >= 0);
        QCOMPARE(pageOf(QStringLiteral("below%1").arg(i)), page);
        QCOMPARE(pageOf(QStringLiteral("note%1").arg(i)), page);
        QVERIFY(pages[page].contains(QStringLiteral("Value"))); // the header is there again
        tablePages = page;
    }
    QVERIFY(tablePages >= 2);
    for (int i = 0; i < 40; ++i)
        QCOMPARE(pageOf(QStringLiteral("Heading%1").arg(i)),
                 pageOf(QStringLiteral("text%1").arg(i)));
}

void TestReportPages::theHeadOfATableStandsOnlyAboveItsRows()
{
    if (!hasPoppler())
        QSKIP("poppler-utils are not installed");
    const TemporaryFolder folder;
    int ended = 0; // so many times the table ended with a page, or nearly
    // Lines above it and rows are of different heights: its end falls everywhere near the page's.
    for (int above = 0; above < 6; ++above)
        for (int rows = 28; rows < 36; ++rows) {
            Report report{.title = "Ends", .author = "Lacuna"};
            ReportTable table{.caption = "Rows", .columns = {{"Name"}, {"Column"}}};
            for (int i = 0; i < rows; ++i)
                table.rows.push_back({{.text = fmt::format("row{}", i)}, {.text = "x"}});
            ReportSection section{.id = "a", .title = "First"};
            for (int i = 0; i < above; ++i)
                section.blocks.emplace_back(
                    ReportParagraph{"above", ReportParagraph::Weight::Small});
            section.blocks.emplace_back(table);
            section.blocks.emplace_back(ReportParagraph{"below"});
            report.sections = {section};
            const auto file = folder.file("ends.pdf");
            QVERIFY(writePdfReport(report, file));
            const QStringList pages = pagesOf(QString::fromStdString(file.string()));
            const QRegularExpression row(QStringLiteral("row\\d"));
            for (const QString& page : pages)
                if (page.contains(QStringLiteral("Column")))
                    QVERIFY2(page.contains(row), qPrintable(page));
            ended += pages.size() > 1 && !pages.last().contains(row);
        }
    QVERIFY(ended > 0);
}

void TestReportPages::chartsAreDrawnInTheirColours()
{
    const Drawing drawing = drawn(BarChart{
        .groups = {{"a", {{"original", Ink::Original, 1.0}, {"unlearned", Ink::Unlearned, 0.5}}}}});
    for (const bool dark : {false, true}) {
        QImage image(640, static_cast<int>(drawing.height), QImage::Format_RGB32);
        image.fill(QColor(QString::fromLatin1(reportColors(dark).ground.data(), 7)));
        QPainter painter(&image);
        paintDrawing(painter, drawing, 640, dark);
        painter.end();
        int checked = 0;
        for (const DrawnShape& shape : drawing.shapes)
            if (const auto* box = std::get_if<BoxShape>(&shape)) {
                const QPoint inside(static_cast<int>(box->corner.x + box->width / 2),
                                    static_cast<int>(box->corner.y + box->height / 2));
                QCOMPARE(image.pixelColor(inside).name().toUpper(),
                         QString::fromLatin1(inkColor(box->ink, dark).data(), 7));
                ++checked;
            }
        QCOMPARE(checked, 2);
    }
}

void TestReportPages::aFileThatCannotBeWrittenSaysSo()
{
    const TemporaryFolder folder;
    const Status status = writePdfReport({.title = "a"}, folder.file("no/such/folder/a.pdf"));
    QVERIFY(!status);
    QVERIFY(!status.error().message.empty());
}

QTEST_MAIN(TestReportPages)
#include "tst_report_pages.moc"
