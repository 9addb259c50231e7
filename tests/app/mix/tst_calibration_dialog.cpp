#include "app/mix/calibration_dialog.h"
#include "app/pages/history/history_page.h"
#include "core/models/inspection.h"
#include "core/run/run_thread.h"
#include "tests/app/pages/history_bench.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"
#include "widgets/form/fact_table.h"
#include "widgets/form/message_bar.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatience = 30'000;

/// The history with a run in front that forgot far too hard, and its calibration asked for.
struct Opened {
    HistoryBench bench{false};
    std::unique_ptr<HistoryPage> page;

    explicit Opened(bool withModel = true)
    {
        Json recipe = smallRecipe();
        recipe["method"] = {{"id", "ga"}};
        recipe["training"]["learning_rate"] = 5e-3;
        if (!withModel) {
            recipe["method"] = {{"id", "finetune"}};
            recipe["model"] = {{"new", Json::parse(fileBytes(std::filesystem::path(smallModel()) /
                                                             "config.json"))},
                               {"tokenizer", smallModel()}};
        }
        const auto thread = RunThread::start({.recipe = parseRecipe(recipe, {}).value(),
                                              .store = bench.path("history.sqlite"),
                                              .runsFolder = bench.path("runs"),
                                              .programVersion = "test"})
                                .value();
        bool ended = false;
        while (!ended && thread->mailbox().wait(std::chrono::seconds(60)))
            for (const RunEvent& event : thread->mailbox().drain())
                ended = ended || std::holds_alternative<RunEnded>(event);
        page = std::make_unique<HistoryPage>(bench.services);
        page->resize(1024, 700);
        page->show();
        page->shown();
    }

    [[nodiscard]] QToolButton* button() const
    {
        return page->findChild<QToolButton*>(u"history.calibrate.button"_s);
    }
    [[nodiscard]] CalibrationDialog* dialog() const
    {
        return page->findChild<CalibrationDialog*>();
    }
    template <class T> [[nodiscard]] T* part(const char* name) const
    {
        return dialog()->findChild<T*>(QString::fromLatin1(name));
    }
    void open() const
    {
        QTRY_VERIFY_WITH_TIMEOUT(button() && button()->isEnabled(), kPatience);
        QTest::mouseClick(button(), Qt::LeftButton);
        QTRY_VERIFY(dialog() && dialog()->isVisible());
    }
    void calibrate() const
    {
        QTest::mouseClick(part<QPushButton>("calibrateButton"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(part<FactTable>("calibrationPoints")->isVisible(), kPatience);
    }
    void click(const char* name) const
    {
        auto* target = part<QPushButton>(name);
        QVERIFY(target->isEnabled());
        QTest::mouseClick(target, Qt::LeftButton);
    }
    [[nodiscard]] QString message() const
    {
        const auto* label = bench.messages.findChild<QLabel*>(u"messageText"_s);
        return label ? label->text() : QString();
    }
};

} // namespace

class TestCalibrationDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }

    void aRunIsCalibratedAndSaved();
    void nothingIsLostWhenNothingMustBeKept();
    void cancelEndsIt();
    void aRunFromNothingCannotBeMixed();
};

void TestCalibrationDialog::aRunIsCalibratedAndSaved()
{
    Opened opened;
    opened.open();
    auto* metric = opened.part<QComboBox>("keptMetric");
    QCOMPARE(metric->currentData().toString(), u"extraction-strength"_s);
    metric->setFocus();
    while (metric->currentData() != u"probability"_s)
        QTest::keyClick(metric, Qt::Key_Up);
    QVERIFY(!opened.part<QPushButton>("saveMixButton")->isEnabled());
    opened.calibrate();
    // Every mixture that was tried is there, from the original to all of the change.
    const auto rows = opened.part<FactTable>("calibrationPoints")->content().rows;
    QVERIFY(rows.size() > 3);
    QVERIFY(rows.front().front().startsWith(u"0"_s) || rows.front().front().startsWith(u"0."_s));
    QVERIFY(rows.back().front().startsWith(u"100"_s));
    const QString reading = opened.part<QLabel>("calibrationReading")->text();
    QVERIFY2(reading.contains(u"may be kept"_s), qPrintable(reading));
    QVERIFY2(reading.contains(u"On the forget set"_s), qPrintable(reading));

    QTemporaryDir into;
    opened.bench.prompts.path = into.path();
    opened.click("saveMixButton");
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().startsWith(u"The mixed model is in"_s), kPatience);
    const QStringList made = QDir(into.path()).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QCOMPARE(made.size(), 1);
    QVERIFY(
        inspectModel(std::filesystem::path(into.path().toStdString()) / made.front().toStdString())
            .value()
            .loadable());
}

void TestCalibrationDialog::nothingIsLostWhenNothingMustBeKept()
{
    Opened opened;
    opened.open();
    auto* keep = opened.part<QDoubleSpinBox>("keepShare");
    keep->setFocus();
    keep->selectAll();
    QTest::keyClicks(keep, u"0"_s);
    opened.calibrate();
    const QString reading = opened.part<QLabel>("calibrationReading")->text();
    QVERIFY2(reading.startsWith(u"All that the run changed"_s), qPrintable(reading));
}

void TestCalibrationDialog::cancelEndsIt()
{
    Opened opened;
    opened.open();
    QTest::mouseClick(opened.part<QPushButton>("calibrateButton"), Qt::LeftButton);
    QVERIFY(opened.part<QProgressBar>("calibrationProgress")->isVisible());
    QTest::keyClick(opened.dialog(), Qt::Key_Escape);
    // Cancelled in time there is no result, and the dialog is still there to try again.
    QTRY_VERIFY_WITH_TIMEOUT(opened.part<QPushButton>("calibrateButton")->isEnabled(), kPatience);
    QVERIFY(!opened.part<QProgressBar>("calibrationProgress")->isVisible());
    QVERIFY(!opened.part<FactTable>("calibrationPoints")->isVisible());
    QVERIFY(!opened.part<QPushButton>("saveMixButton")->isEnabled());
    QTest::keyClick(opened.dialog(), Qt::Key_Escape);
    QTRY_VERIFY(!opened.dialog());
}

void TestCalibrationDialog::aRunFromNothingCannotBeMixed()
{
    Opened opened(false);
    QTRY_VERIFY_WITH_TIMEOUT(
        opened.button() && opened.button()->toolTip().contains(u"no model to mix"_s), kPatience);
    QVERIFY(!opened.button()->isEnabled());
}

QTEST_MAIN(TestCalibrationDialog)
#include "tst_calibration_dialog.moc"
