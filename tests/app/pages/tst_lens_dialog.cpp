#include "app/pages/probe/lens_dialog.h"

#include "tests/app/pages/probe_bench.h"
#include "widgets/base/theme.h"
#include "widgets/chart/heat_grid.h"
#include "widgets/form/note_line.h"

#include <QApplication>
#include <QLineEdit>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>

using namespace lacuna;

/// The lens from the Probe page, by clicks and keys, on the bundled models.
class TestLensDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, false); }
    void withoutAQuestionThereIsNothingToLookFor();
    void everyModelHasAMapOfWordsAndBlocks();
    void theAnswerOfTheOriginalIsPutIn();
    void enterLooks();
    void aModelThatCannotBeReadIsSaid();
    void escapeClosesAndWhatGoesOnEnds();

private:
    /// A page on the sample whose question is typed, and the dialog opened from it.
    struct Opened {
        Bench bench;
        std::unique_ptr<ProbePage> page;
        QPointer<LensDialog> dialog;

        explicit Opened(const QString& original = sample("original"))
        {
            bench.useSample();
            bench.workspace.edit([&](Recipe& recipe) { recipe.model = original.toStdString(); });
            page = std::make_unique<ProbePage>(bench.services);
            present(*page);
            QTest::keyClicks(promptEdit(*page), kQuestion);
        }
        void open()
        {
            QTest::mouseClick(button(*page, "lensButton"), Qt::LeftButton);
            dialog = page->findChild<LensDialog*>(u"lensDialog"_s);
            QVERIFY(dialog);
            QVERIFY(QTest::qWaitForWindowExposed(dialog));
        }
        [[nodiscard]] QLineEdit* answer() const
        {
            return dialog->findChild<QLineEdit*>(u"lensAnswer"_s);
        }
        [[nodiscard]] HeatGrid* grid(int index) const
        {
            return dialog->findChild<HeatGrid*>(u"lensGrid%1"_s.arg(index));
        }
        void look(const QString& text) const
        {
            answer()->clear();
            QTest::keyClicks(answer(), text);
            QTest::mouseClick(button(*dialog, "lensLookButton"), Qt::LeftButton);
        }
    };
};

void TestLensDialog::withoutAQuestionThereIsNothingToLookFor()
{
    Opened opened;
    QVERIFY(button(*opened.page, "lensButton")->isEnabled());
    promptEdit(*opened.page)->clear();
    QVERIFY(!button(*opened.page, "lensButton")->isEnabled());
}

void TestLensDialog::everyModelHasAMapOfWordsAndBlocks()
{
    Opened opened;
    opened.open();
    QVERIFY(!button(*opened.dialog, "lensLookButton")->isEnabled()); // no answer yet
    opened.look(u"The river Oss runs"_s);
    QTRY_VERIFY_WITH_TIMEOUT(opened.grid(0)->isVisible(), kPatience);
    QVERIFY(!opened.grid(2)); // original and reference
    for (const int index : {0, 1}) {
        const HeatGrid& grid = *opened.grid(index);
        const HeatGrid::Content& content = grid.content();
        QVERIFY(content.rows.size() >= 3);
        QCOMPARE(content.cells.size(), static_cast<std::size_t>(content.rows.size()));
        for (const auto& row : content.cells) {
            QCOMPARE(row.size(), std::size_t{5});
            QVERIFY(std::ranges::count_if(row, &HeatGrid::Cell::marked) <= 1);
            for (const HeatGrid::Cell& cell : row)
                QVERIFY(cell.place >= 0 && cell.place <= 1 && !cell.toolTip.isEmpty());
        }
        QVERIFY(grid.accessibleDescription().contains(content.rows.front()));
        QVERIFY(!grid.accessibleName().isEmpty());
        QVERIFY(
            !opened.dialog->findChild<QLabel*>(u"lensReading%1"_s.arg(index))->text().isEmpty());
    }
    QVERIFY(opened.grid(0)->content().cells[0][4].toolTip !=
            opened.grid(1)->content().cells[0][4].toolTip);
}

void TestLensDialog::theAnswerOfTheOriginalIsPutIn()
{
    Opened opened;
    QTest::mouseClick(button(*opened.page, "askButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(column(*opened.page, ModelRole::Original)->state() == State::Done,
                             kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!opened.bench.probes.isAnswering(), kPatience);
    opened.open();
    QVERIFY2(!opened.answer()->text().isEmpty(), "the answer");
    QTest::mouseClick(button(*opened.dialog, "lensLookButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.grid(0)->isVisible(), kPatience);
    // Greedy and asked as it was: what the model said is likeliest behind its last block.
    const HeatGrid::Content& content = opened.grid(0)->content();
    for (const auto& row : content.cells)
        QVERIFY2(row.back().toolTip.contains(u"rank 1."_s), qPrintable(row.back().toolTip));
}

void TestLensDialog::enterLooks()
{
    Opened opened;
    opened.open();
    QTest::keyClicks(opened.answer(), u"Oss"_s);
    QTest::keyClick(opened.answer(), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(opened.grid(0)->isVisible(), kPatience);
}

void TestLensDialog::aModelThatCannotBeReadIsSaid()
{
    Opened opened(u"/nowhere"_s);
    opened.open();
    opened.look(u"Oss"_s);
    auto* problem = opened.dialog->findChild<NoteLine*>(u"lensProblem"_s);
    QTRY_VERIFY_WITH_TIMEOUT(problem->isVisible(), kPatience);
    QVERIFY2(problem->text().contains(u"(nowhere)"_s), qPrintable(problem->text()));
    QVERIFY(!opened.grid(0)->isVisible());
    QVERIFY(button(*opened.dialog, "lensLookButton")->isEnabled());
}

void TestLensDialog::escapeClosesAndWhatGoesOnEnds()
{
    Opened opened;
    opened.open();
    opened.look(u"Oss"_s);
    QTest::keyClick(opened.dialog, Qt::Key_Escape); // ends the work
    QTRY_VERIFY_WITH_TIMEOUT(!opened.dialog->findChild<QProgressBar*>()->isVisible(), kPatience);
    QVERIFY(opened.dialog->isVisible());
    QTest::keyClick(opened.dialog, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!opened.dialog, kPatience);
}

QTEST_MAIN(TestLensDialog)
#include "tst_lens_dialog.moc"
