#include "app/pages/report/report_page.h"
#include "core/report/colors.h"
#include "tests/app/pages/history_bench.h"
#include "tests/core/store/temporary_folder.h"
#include "widgets/base/colors.h"

#include <QCheckBox>
#include <QComboBox>
#include <QTextBrowser>
#include <QToolButton>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// The report of a run, seen and saved.
class TestReportPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void theNewestRunIsSeen();
    void anotherRunIsChosenByKey();
    void theRunThatIsAskedForIsShown();
    void theBundledExperimentIsThereInAnEmptyHistory();
    void answersAreLeftOutOnRequest();
    void whatIsSeenIsSaved_data();
    void whatIsSeenIsSaved();
    void aFileThatCannotBeWrittenIsTold();
    void aNoteWrittenMeanwhileIsSeen();
    void nothingIsSavedBeforeThereIsAReport();
    void coloursAreThoseOfTheWindow();

private:
    void open(bool filled = true) { m_bench = std::make_unique<HistoryBench>(filled); }
    void show()
    {
        m_page = std::make_unique<ReportPage>(m_bench->services);
        m_page->resize(1100, 700);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_page->shown();
    }
    template <class T> T* child(const char* name)
    {
        return m_page->findChild<T*>(QString::fromLatin1(name));
    }
    QString seen() { return child<QTextBrowser>("reportPreview")->toPlainText(); }
    QToolButton* button(const char* name)
    {
        return child<QToolButton>((QByteArray("report.save-") + name + ".button").constData());
    }

    std::unique_ptr<HistoryBench> m_bench;
    std::unique_ptr<ReportPage> m_page;
};

void TestReportPage::init()
{
    QTest::failOnWarning(
        QRegularExpression(u"^(?!This plugin does not support propagateSizeHints)"_s));
}

void TestReportPage::cleanup()
{
    m_page.reset();
    m_bench.reset();
}

void TestReportPage::theNewestRunIsSeen()
{
    open();
    show();
    QTRY_VERIFY(seen().contains(u"Unlearning report: lesson: forget two people"_s));
    QVERIFY(seen().contains(u"0.01768"_s));
    QVERIFY(seen().contains(u"What this does not prove"_s));
    QVERIFY(seen().contains(u"Copper Clapper"_s));
    QTRY_VERIFY(button("html")->isEnabled() && button("pdf")->isEnabled());
}

void TestReportPage::anotherRunIsChosenByKey()
{
    open();
    static_cast<void>(m_bench->add("a later one"));
    show();
    QTRY_VERIFY(seen().contains(u"Unlearning report: a later one"_s));
    QVERIFY(seen().contains(u"Nothing was measured"_s));
    auto* runs = child<QComboBox>("reportRun");
    QCOMPARE(runs->count(), 3); // and the bundled one
    runs->setFocus();
    QTest::keyClick(runs, Qt::Key_Down);
    QTRY_VERIFY(seen().contains(u"Unlearning report: lesson: forget two people"_s));
}

void TestReportPage::theRunThatIsAskedForIsShown()
{
    open();
    static_cast<void>(m_bench->add("a later one"));
    show();
    QTRY_VERIFY(seen().contains(u"a later one"_s));
    m_page->showRun(1);
    QTRY_VERIFY(seen().contains(u"Unlearning report: lesson: forget two people"_s));
}

void TestReportPage::theBundledExperimentIsThereInAnEmptyHistory()
{
    open(false);
    show();
    QTRY_VERIFY(seen().contains(u"Unlearning report: lesson: forget two people"_s));
    QCOMPARE(child<QComboBox>("reportRun")->count(), 1);
}

void TestReportPage::answersAreLeftOutOnRequest()
{
    open();
    show();
    QTRY_VERIFY(seen().contains(u"Copper Clapper"_s));
    auto* box = child<QCheckBox>("reportAnswers");
    QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
    QTRY_VERIFY(!seen().contains(u"Copper Clapper"_s));
    QVERIFY(seen().contains(u"left out of this report on request"_s));
}

void TestReportPage::whatIsSeenIsSaved_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("HTML") << QByteArray("html") << QByteArray("<!DOCTYPE html>");
    QTest::newRow("PDF") << QByteArray("pdf") << QByteArray("%PDF-");
}

void TestReportPage::whatIsSeenIsSaved()
{
    QFETCH(QByteArray, kind);
    QFETCH(QByteArray, start);
    open();
    show();
    QTRY_VERIFY(button(kind.constData())->isEnabled());
    const auto file = m_bench->path("report." + kind.toStdString());
    m_bench->prompts.path = QString::fromStdString(file.string());
    QTest::mouseClick(button(kind.constData()), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(m_bench->messages.count(), 1, 30'000);
    const std::string bytes = fileBytes(file);
    QVERIFY(bytes.starts_with(start.toStdString()));
    if (kind == "html")
        QVERIFY(bytes.find("0.01768") != std::string::npos);
    QTRY_VERIFY(button(kind.constData())->isEnabled());
}

void TestReportPage::aFileThatCannotBeWrittenIsTold()
{
    open();
    show();
    QTRY_VERIFY(button("html")->isEnabled());
    m_bench->prompts.path = QString::fromStdString(m_bench->path("no/such/a.html").string());
    QTest::mouseClick(button("html"), Qt::LeftButton);
    QTRY_COMPARE(m_bench->messages.count(), 1);
    QTRY_VERIFY(button("html")->isEnabled());
}

void TestReportPage::aNoteWrittenMeanwhileIsSeen()
{
    open();
    show();
    QTRY_VERIFY(seen().contains(u"Copper Clapper"_s));
    bool done = false;
    m_bench->history.setNote(this, 1, "for the committee", [&](const Status& status) {
        QVERIFY(status);
        done = true;
    });
    QTRY_VERIFY(done);
    QTRY_VERIFY(seen().contains(u"for the committee"_s));
}

void TestReportPage::nothingIsSavedBeforeThereIsAReport()
{
    open();
    m_page = std::make_unique<ReportPage>(m_bench->services);
    m_page->show();
    QVERIFY(!button("html")->isEnabled());
    QVERIFY(!button("pdf")->isEnabled());
    QVERIFY(!button("pdf")->toolTip().isEmpty());
}

void TestReportPage::coloursAreThoseOfTheWindow()
{
    for (const bool dark : {false, true}) {
        const auto same = [&](ColorRole role, std::string_view color) {
            return themeColor(role, dark).name().toUpper() ==
                   QLatin1String(color.data(), static_cast<qsizetype>(color.size()));
        };
        const ReportColors& colors = reportColors(dark);
        QVERIFY(same(ColorRole::Original, colors.original));
        QVERIFY(same(ColorRole::Unlearned, colors.unlearned));
        QVERIFY(same(ColorRole::UnlearnedText, colors.unlearnedText));
        QVERIFY(same(ColorRole::Reference, colors.reference));
        QVERIFY(same(ColorRole::Text, colors.text));
        QVERIFY(same(ColorRole::Secondary, colors.secondary));
        QVERIFY(same(ColorRole::Warning, colors.warning));
        QVERIFY(same(ColorRole::Accent, colors.accent));
    }
}

QTEST_MAIN(TestReportPage)
#include "tst_report_page.moc"
