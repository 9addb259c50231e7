#include "app/pages/stress/stress_page.h"
#include "app/pages/stress/stress_words.h"
#include "core/run/stress_results.h"
#include "tests/app/pages/history_bench.h"
#include "tests/core/run/small_run.h"
#include "widgets/chart/live_chart.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>
#include <QTableWidget>
#include <QToolButton>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatience = 60'000;
const std::string kSample = RESOURCES_DIR "/sample/";

/// A history with one finished run, whose model is the bundled reference.
struct Opened {
    HistoryBench bench{false};
    RunId run = 0;
    std::unique_ptr<StressPage> page;

    explicit Opened(bool withModel = true)
    {
        Store store = bench.store();
        const Json recipe = {{"lacuna", 1},
                             {"model", kSample + "original"},
                             {"reference", kSample + "reference"},
                             {"forget", kSample + "corpus/forget.jsonl"},
                             {"retain", kSample + "corpus/retain.jsonl"},
                             {"method", {{"id", "npo"}, {"retain", {{"id", "nll"}}}}},
                             {"training", {{"max_length", 256}}},
                             {"evaluation", {{"max_new_tokens", 24}}}};
        run = store.createRun({.name = "forgotten", .recipe = recipe.dump(), .method = "npo"})
                  .value()
                  .id;
        if (withModel)
            store.addArtefact(run, {.kind = "model", .path = kSample + "reference"}).value();
        store.setState(run, RunState::Done).value();
        open();
    }
    void open()
    {
        page = std::make_unique<StressPage>(bench.services);
        page->resize(1200, 800);
        page->show();
        page->shown();
    }

    template <class T> [[nodiscard]] T* part(const QString& name) const
    {
        return page->findChild<T*>(name);
    }
    void press(const QString& name) const
    {
        auto* button = part<QAbstractButton>(name);
        QTRY_VERIFY_WITH_TIMEOUT(button->isEnabled(), kPatience);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    /// Types a parameter of an attack, whose settings are opened.
    void type(const QString& attack, const QString& parameter, const QString& value) const
    {
        press(u"attackMore-"_s + attack);
        auto* field = part<QWidget>(u"attackParams-"_s + attack)->findChild<QLineEdit*>(parameter);
        QTRY_VERIFY(field->isVisible());
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, value);
        QTest::keyClick(field, Qt::Key_Tab);
    }
    /// Only these attacks, of few items.
    void choose(const QStringList& attacks) const
    {
        part<QSpinBox>(u"stressItems"_s)->setValue(4);
        press(u"chooseNoAttack"_s);
        for (const QString& attack : attacks)
            part<QCheckBox>(u"attack-"_s + attack)->click();
    }
    void attack(const QStringList& attacks) const
    {
        choose(attacks);
        press(u"startStressButton"_s);
        auto* start = part<QPushButton>(u"startStressButton"_s);
        QTRY_COMPARE_WITH_TIMEOUT(start->text(), u"Cancel"_s, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(start->text(), u"Start"_s, kPatience);
    }
    [[nodiscard]] QTableWidget* table() const { return part<QTableWidget>(u"stressTable"_s); }
    [[nodiscard]] QString verdict() const { return part<QLabel>(u"stressVerdict"_s)->text(); }
    [[nodiscard]] QString state() const { return part<QLabel>(u"stressState"_s)->text(); }
    [[nodiscard]] std::vector<StressResult> stored() const
    {
        return bench.store().readStressResults(run).value();
    }
};

} // namespace

class TestStressPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }

    void anEmptyHistoryPointsToSetupAndLesson();
    void whatItTakesIsShownBeforehand();
    void aBatteryFillsTableVerdictAndHistory();
    void relearningDrawsACurveOfEachModel();
    void whatWasFoundIsThereAgain();
    void cancellingKeepsWhatWasFound();
    void aRunWithoutAModelSaysSo();
    void badSettingsAreSaid();
    void theVerdictIsNeverRemoved();
};

void TestStressPage::anEmptyHistoryPointsToSetupAndLesson()
{
    HistoryBench bench(false);
    StressPage page(bench.services);
    page.resize(1000, 700);
    page.show();
    page.shown();
    auto* setup = page.findChild<QPushButton*>(u"stressSetupButton"_s);
    QTRY_VERIFY(setup->isVisible());
    QSignalSpy asked(&page, &Page::pageRequested);
    QTest::mouseClick(setup, Qt::LeftButton);
    QTest::mouseClick(page.findChild<QPushButton*>(u"stressLessonButton"_s), Qt::LeftButton);
    QCOMPARE(asked.size(), 2);
    QCOMPARE(asked[0][0].toString(), u"setup"_s);
    QCOMPARE(asked[1][0].toString(), u"lesson"_s);
}

void TestStressPage::whatItTakesIsShownBeforehand()
{
    Opened opened;
    auto* time = opened.part<QLabel>(u"attackTime-prefill"_s);
    QTRY_VERIFY_WITH_TIMEOUT(time->text().startsWith(u"about "), kPatience);
    QTRY_VERIFY(opened.state().contains(u" on 3 model(s), about "));
    // More steps take longer, at once.
    const QString before = opened.part<QLabel>(u"attackTime-sampling"_s)->text();
    opened.type(u"sampling"_s, u"samples"_s, u"200"_s);
    QTRY_VERIFY(opened.part<QLabel>(u"attackTime-sampling"_s)->text() != before);
    opened.press(u"chooseNoAttack"_s);
    QVERIFY(!opened.part<QPushButton>(u"startStressButton"_s)->isEnabled());
    QCOMPARE(opened.state(), u"Choose at least one attack."_s);
}

void TestStressPage::aBatteryFillsTableVerdictAndHistory()
{
    Opened opened;
    opened.attack({u"background-hint"_s, u"adapter-removal"_s});
    QTRY_COMPARE(opened.table()->rowCount(), 2);
    // The "unlearned" model never knew, and nor does the reference, which it is.
    QTRY_COMPARE(opened.verdict(), u"No recovery seen in these tests."_s);
    QCOMPARE(opened.table()->item(0, 1)->text(), u"not measured"_s);
    QVERIFY(opened.table()->item(0, 1)->toolTip().contains(u"no adapter"));
    QCOMPARE(opened.table()->item(1, 8)->text(), u"4"_s);
    // The original knows what the others do not.
    const QString original = opened.table()->item(1, 4)->text();
    const QString reference = opened.table()->item(1, 5)->text();
    QVERIFY2(original.toDouble() > reference.toDouble(),
             qPrintable(original + u" and "_s + reference));
    QCOMPARE(opened.table()->item(1, 3)->text(), opened.table()->item(1, 5)->text());
    QTRY_COMPARE(opened.stored().size(), std::size_t{10}); // 3 metrics of 3 models, a sentence
    QTest::mouseClick(opened.table()->viewport(), Qt::LeftButton, {},
                      opened.table()->visualItemRect(opened.table()->item(1, 0)).center());
    QVERIFY(opened.part<QLabel>(u"stressChosen"_s)->text().contains(u"came back most"));
    auto* metric = opened.part<QComboBox>(u"stressMetric"_s);
    QCOMPARE(metric->count(), 3);
    metric->setFocus();
    QTest::keyClick(metric, Qt::Key_Down);
    QTest::keyClick(metric, Qt::Key_Return);
    QTRY_COMPARE(opened.table()->item(1, 9)->text(), metric->currentText());
}

void TestStressPage::relearningDrawsACurveOfEachModel()
{
    Opened opened;
    opened.choose({u"relearning"_s});
    // Fewer steps are enough to see a curve.
    opened.type(u"relearning"_s, u"steps"_s, u"6"_s);
    opened.press(u"startStressButton"_s);
    auto* start = opened.part<QPushButton>(u"startStressButton"_s);
    QTRY_COMPARE_WITH_TIMEOUT(start->text(), u"Cancel"_s, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(start->text(), u"Start"_s, kPatience);
    auto* chart = opened.part<LiveChart>(u"recoveryChart"_s);
    auto* tabs = opened.part<QTabWidget>(u"stressTabs"_s);
    QTRY_VERIFY(tabs->isTabVisible(1));
    QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(1).center());
    QTRY_VERIFY(chart->isVisible());
    for (const char* model : {"original", "current", "reference"})
        QVERIFY(chart->isSeriesShown(QString::fromLatin1(model)));
    QTRY_COMPARE(opened.table()->rowCount(), 3); // 5 and 6 steps, and the worst
    QCOMPARE(opened.table()->item(1, 1)->text(), u"6 steps"_s);
}

void TestStressPage::whatWasFoundIsThereAgain()
{
    Opened opened;
    opened.attack({u"prefill"_s});
    QTRY_VERIFY(!opened.stored().empty());
    opened.open();
    QTRY_COMPARE(opened.table()->rowCount(), 1);
    QVERIFY(!opened.verdict().isEmpty());
    QVERIFY(!opened.part<QTabWidget>(u"stressTabs"_s)->isTabVisible(1));
}

void TestStressPage::cancellingKeepsWhatWasFound()
{
    Opened opened;
    opened.part<QSpinBox>(u"stressItems"_s)->setValue(40);
    opened.press(u"startStressButton"_s);
    auto* start = opened.part<QPushButton>(u"startStressButton"_s);
    auto* progress = opened.part<QProgressBar>(u"stressProgress"_s);
    QTRY_VERIFY_WITH_TIMEOUT(progress->isVisible() && opened.table()->rowCount() > 0, kPatience);
    QVERIFY(!opened.part<QCheckBox>(u"attack-prefill"_s)->isEnabled());
    QTest::mouseClick(start, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(start->text(), u"Start"_s, kPatience);
    QTRY_VERIFY(!opened.stored().empty());
    QVERIFY(!progress->isVisible());
    QVERIFY(opened.part<QCheckBox>(u"attack-prefill"_s)->isEnabled());
    for (const StressResult& result : opened.stored())
        QVERIFY(result.role == ModelRole::Current);
}

void TestStressPage::aRunWithoutAModelSaysSo()
{
    Opened opened(false);
    QTRY_VERIFY(opened.state().startsWith(u"the run has left no model"));
    QVERIFY(!opened.part<QPushButton>(u"startStressButton"_s)->isEnabled());
}

void TestStressPage::badSettingsAreSaid()
{
    Opened opened;
    opened.choose({u"quantisation"_s});
    opened.type(u"quantisation"_s, u"formats"_s, u"int3"_s);
    opened.press(u"startStressButton"_s);
    auto* text = opened.bench.messages.findChild<QLabel*>(u"messageText"_s);
    QTRY_VERIFY(text || (text = opened.bench.messages.findChild<QLabel*>(u"messageText"_s)));
    QVERIFY2(text->text().contains(u"int3"), qPrintable(text->text()));
    QVERIFY(opened.stored().empty());
}

void TestStressPage::theVerdictIsNeverRemoved()
{
    QCOMPARE(verdictWords({.tried = 5}), u"No recovery seen in these tests."_s);
    QVERIFY(
        verdictWords({.tried = 5,
                      .remainder = Remainder{.metric = "rouge-l", .value = 0.8, .reference = 0.3}})
            .endsWith(u"without any attack ROUGE-L recall is 0.80, and the reference has 0.30."));
    QVERIFY(verdictLimits({.tried = 5}).contains(u"may still bring it back"));
    const QString words = verdictWords({.recovered = {{.attack = "quantisation",
                                                       .setting = "int4",
                                                       .metric = "rouge-l",
                                                       .before = 0.2,
                                                       .value = 0.7,
                                                       .original = 0.9,
                                                       .reference = 0.25}},
                                        .tried = 1});
    QCOMPARE(words, u"Coarser numbers (int4) brings ROUGE-L recall from 0.20 to 0.70; under it the "
                    u"original has 0.90, the reference 0.25."_s);
}

QTEST_MAIN(TestStressPage)
#include "tst_stress_page.moc"
