#include "core/base/json.h"
#include "core/report/html_report.h"
#include "core/report/html_style.h"
#include "core/report/report.h"
#include "core/report/shown_text.h"
#include "core/report/svg.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/report/html_page.h"
#include "tests/core/store/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <limits>

using namespace lacuna;

namespace {

/// A run with \p text in every place that takes text from outside.
std::string pageWith(const std::string& text)
{
    const TemporaryFolder folder;
    Store store =
        std::move(Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing)).value();
    const Json recipe = {{"model", text}, {text.empty() ? "x" : text, 1}};
    const RunId id =
        store
            .createRun({.name = text,
                        .recipe = recipe.dump(-1, ' ', false, Json::error_handler_t::replace),
                        .method = text,
                        .model = {"m/" + text, text},
                        .forget = {"f/" + text, text},
                        .retain = {"r/" + text, text},
                        .device = text,
                        .precision = text,
                        .programVersion = text,
                        .group = text,
                        .note = text,
                        .tags = {}})
            .value()
            .id;
    using Phase = EvaluationPhase;
    std::vector<Evaluation> evaluations;
    for (const Phase phase : {Phase::Before, Phase::After}) {
        evaluations.push_back({.step = 1,
                               .phase = phase,
                               .set = "s" + text,
                               .metric = "m" + text,
                               .variant = text,
                               .value = 0.5,
                               .count = 1});
        evaluations.push_back({.step = 1,
                               .phase = phase,
                               .set = "forget",
                               .metric = "rouge-l",
                               .value = std::numeric_limits<double>::quiet_NaN(),
                               .missing = "m" + text});
    }
    store.addEvaluations(id, evaluations).value();
    store
        .addAnswers(id,
                    std::vector<Answer>{
                        {.prompt = text + "?", .role = ModelRole::Original, .text = "a" + text},
                        {.step = 3, .prompt = text + "?", .text = "b" + text}})
        .value();
    store.addInterruption(id, {.note = text}).value();
    store.addArtefact(id, {.kind = "k" + text, .path = "p" + text, .sha256 = text}).value();
    store.endRun(id, {.state = RunState::Failed, .stopReason = text, .error = text}).value();
    return htmlReport(
        makeReport(store, id,
                   {.method = {.title = text, .source = text, .explanation = "e" + text},
                    .programVersion = text,
                    .time = text})
            .value());
}

std::string bundledPage()
{
    const TemporaryFolder folder;
    const auto copy = folder.file("experiment.sqlite");
    std::filesystem::copy_file(RESOURCES_DIR "/sample/experiment.sqlite", copy);
    const Store store = std::move(Store::open(copy, OpenMode::ReadWrite)).value();
    return htmlReport(makeReport(store, store.runs().value().front().id, {}).value());
}

} // namespace

class TestHtmlReport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hostileTextsStayText_data();
    void hostileTextsStayText();
    void nothingIsFetchedFromElsewhere();
    void headingsAreInOrder();
    void tablesSayWhatTheirHeadersHead();
    void figuresHaveTextAlternatives();
    void chartsUseTheStylesColours();
    void textIsMadeVisible_data();
    void textIsMadeVisible();
};

void TestHtmlReport::hostileTextsStayText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("seen"); ///< somewhere on the page
    QTest::newRow("script") << QByteArray("</script><script>alert(1)</script>")
                            << QStringLiteral("</script><script>alert(1)</script>");
    QTest::newRow("style") << QByteArray("</style><link rel=\"stylesheet\" href=\"//x\">")
                           << QStringLiteral("</style><link rel=");
    QTest::newRow("attribute") << QByteArray("\" onload=\"alert(1)")
                               << QStringLiteral("\" onload=");
    QTest::newRow("quote") << QByteArray("' onmouseover='x") << QStringLiteral("' onmouseover");
    QTest::newRow("comment") << QByteArray("--><!--") << QStringLiteral("--><!--");
    QTest::newRow("section end") << QByteArray("]]>") << QStringLiteral("]]>");
    QTest::newRow("entity") << QByteArray("&lt;&#0;&copy;") << QStringLiteral("&lt;&#0;&copy;");
    QTest::newRow("svg") << QByteArray("<svg onload=alert(1)>") << QStringLiteral("<svg onload");
    QTest::newRow("address") << QByteArray("<img src=http://x.example/>")
                             << QStringLiteral("<img src=http://x.example/>");
    QTest::newRow("control characters")
        << QByteArray("a\x01\x1b[31mb\x7f", 9) << QStringLiteral("\u241b[31mb\u2421");
    QTest::newRow("invalid UTF-8") << QByteArray("bad \xff\xc3 end") << QStringLiteral("end");
    QTest::newRow("direction") << QByteArray("abc\xe2\x80\xae"
                                             "def")
                               << QStringLiteral("abc\u2039U+202E\u203adef");
    QTest::newRow("no character") << QByteArray("x\xef\xbf\xbfy")
                                  << QStringLiteral("x\u2039U+FFFF\u203ay");
}

void TestHtmlReport::hostileTextsStayText()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, seen);
    const HtmlPage harmless = readHtml(pageWith("harmless"));
    QCOMPARE(harmless.error, QString());
    const std::string html = pageWith(text.toStdString());
    const HtmlPage page = readHtml(html);
    QCOMPARE(page.error, QString());
    QCOMPARE(page.elements, harmless.elements); // nothing of it became markup
    QCOMPARE(page.references, harmless.references);
    QVERIFY2(page.text.count(seen) > 10, qPrintable(page.text));
    for (const char c : html)
        QVERIFY(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t');
}

void TestHtmlReport::nothingIsFetchedFromElsewhere()
{
    const std::string html = bundledPage();
    const HtmlPage page = readHtml(html);
    QVERIFY(!page.references.isEmpty());
    for (const QString& reference : page.references)
        QVERIFY2(reference.startsWith(QLatin1Char('#')), qPrintable(reference));
    for (const char* element : {"script", "link", "img", "iframe", "object", "embed", "base", "use",
                                "image", "video", "audio", "form"})
        QVERIFY2(!page.elements.contains(QLatin1String(element)), element);
    const QString style = shown(htmlReportStyle());
    QVERIFY(!style.contains(QLatin1String("url(")) &&
            !style.contains(QLatin1Char('@') + QLatin1String("import")));
    // The names of namespaces are never fetched.
    QString rest = shown(html);
    rest.remove(QLatin1String("xmlns=\"http://www.w3.org/2000/svg\""));
    rest.remove(QLatin1String("xmlns=\"http://www.w3.org/1999/xhtml\""));
    QVERIFY(!rest.contains(QRegularExpression(QStringLiteral("https?://|src\\s*=|//[a-z]"))));
}

void TestHtmlReport::headingsAreInOrder()
{
    const HtmlPage page = readHtml(bundledPage());
    QVERIFY(page.headings.size() > 10);
    QVERIFY(page.headings.first().startsWith(QLatin1String("h1 ")));
    int level = 0;
    int tops = 0;
    for (const QString& heading : page.headings) {
        const int now = heading.mid(1, 1).toInt();
        QVERIFY2(now <= level + 1, qPrintable(heading));
        level = now;
        tops += now == 1 ? 1 : 0;
    }
    QCOMPARE(tops, 1);
    QVERIFY(shown(bundledPage()).startsWith(QLatin1String("<!DOCTYPE html>\n<html lang=\"en\"")));
}

void TestHtmlReport::tablesSayWhatTheirHeadersHead()
{
    const HtmlPage page = readHtml(bundledPage());
    QVERIFY(page.tables.size() >= 8);
    for (const HtmlPage::Table& table : page.tables) {
        QVERIFY(!table.caption.isEmpty());
        for (int i = 0; i < table.rows.size(); ++i) {
            QCOMPARE(table.rows[i].size(), table.rows[0].size());
            for (int j = 0; j < table.rows[i].size(); ++j)
                QCOMPARE(table.rows[i][j].scope, i == 0   ? QStringLiteral("col")
                                                 : j == 0 ? QStringLiteral("row")
                                                          : QString());
        }
    }
}

void TestHtmlReport::figuresHaveTextAlternatives()
{
    const HtmlPage page = readHtml(bundledPage());
    QCOMPARE(page.figures.size(), 6); // bars of three sets, two probabilities, the loss
    for (const HtmlPage::Figure& figure : page.figures) {
        QVERIFY(!figure.title.isEmpty());
        QVERIFY(figure.description.contains(QRegularExpression(QStringLiteral("\\d\\.\\d"))));
    }
    QVERIFY(page.figures.first().description.contains(
        QLatin1String("original 0.9985, unlearned 0.01768, reference 0.1775")));
    QCOMPARE(page.text.count(QLatin1String("lower is more forgotten")) > 0, true);
}

void TestHtmlReport::chartsUseTheStylesColours()
{
    const QString style = shown(htmlReportStyle());
    for (const Ink ink :
         {Ink::Original, Ink::Unlearned, Ink::Reference, Ink::Text, Ink::Secondary, Ink::Grid})
        for (const char* use : {"svg .line.%1 {", "svg .fill.%1 {", "--%1:"})
            QVERIFY(style.contains(QString::fromLatin1(use).arg(shown(inkClass(ink)))));
}

void TestHtmlReport::textIsMadeVisible_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("plain") << QByteArray("plain \xc3\xa4 \xf0\x9f\x98\x80")
                           << QStringLiteral("plain \u00e4 \U0001F600");
    QTest::newRow("lines") << QByteArray("a\r\nb\tc") << QStringLiteral("a\nb\tc");
    QTest::newRow("null") << QByteArray("a\0b", 3) << QStringLiteral("a\u2400b");
    QTest::newRow("C1") << QByteArray("a\xc2\x9b"
                                      "b")
                        << QStringLiteral("a\u2039U+009B\u203ab");
    QTest::newRow("bytes") << QByteArray("a\xe2(") << QStringLiteral("a\u2039E2\u203a(");
    QTest::newRow("line separator") << QByteArray("a\xe2\x80\xa8"
                                                  "b")
                                    << QStringLiteral("a\u2039U+2028\u203ab");
}

void TestHtmlReport::textIsMadeVisible()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, expected);
    QCOMPARE(shown(shownText(bytesOf(text))), expected);
}

QTEST_APPLESS_MAIN(TestHtmlReport)
#include "tst_html_report.moc"
