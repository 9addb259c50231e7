#include "widgets/base/colors.h"
#include "widgets/base/theme.h"

#include <QTest>

#include <array>
#include <cmath>

using namespace lacuna;

/// Contrasts against the figures of interface reference 6.1 and its targets in section 8.
class TestColors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textContrastsWithItsBackground_data();
    void textContrastsWithItsBackground();
    void theThemesTellThemselvesApart();
    void probabilityGetsLighterStepByStep();
    void deltaIsNeutralAtNothing();
    void runsFromTheSeventhOnAreGrey();
};

void TestColors::textContrastsWithItsBackground_data()
{
    QTest::addColumn<ColorRole>("role");
    QTest::addColumn<bool>("dark");
    QTest::addColumn<double>("least");
    for (const bool dark : {false, true}) {
        const auto row = [dark](const char* name, ColorRole role, double least) {
            QTest::addRow("%s %s", name, dark ? "dark" : "light") << role << dark << least;
        };
        row("text", ColorRole::Text, 7);
        row("secondary", ColorRole::Secondary, 4.5);
        row("error", ColorRole::Error, 4.5);
        row("warning", ColorRole::Warning, 4.5);
        row("success", ColorRole::Success, 4.5);
        row("accent", ColorRole::Accent, 4.5);
        row("original", ColorRole::Original, 4.5);
        row("unlearned as text", ColorRole::UnlearnedText, 4.5);
        row("unlearned as line", ColorRole::Unlearned, 3);
        row("reference", ColorRole::Reference, 4.5);
        row("guarded", ColorRole::Guarded, 4.5);
    }
}

void TestColors::textContrastsWithItsBackground()
{
    QFETCH(const ColorRole, role);
    QFETCH(const bool, dark);
    QFETCH(const double, least);
    for (const ColorRole behind : {ColorRole::Surface, ColorRole::Window})
        QVERIFY(contrastRatio(themeColor(role, dark), themeColor(behind, dark)) >= least);
}

void TestColors::theThemesTellThemselvesApart()
{
    QVERIFY(isDark(themePalette(true)));
    QVERIFY(!isDark(themePalette(false)));
}

void TestColors::probabilityGetsLighterStepByStep()
{
    double last = 0;
    for (int percent = 0; percent <= 100; percent += 10) {
        const QColor color = probabilityColor(percent / 100.0);
        const double contrast = contrastRatio(color, Qt::black);
        QVERIFY(contrast > last);
        QVERIFY(contrastRatio(textOn(color), color) >= 4.5);
        last = contrast;
    }
    QCOMPARE(probabilityColor(2), probabilityColor(1));
    QCOMPARE(probabilityColor(std::nan("")), probabilityColor(0));
}

void TestColors::deltaIsNeutralAtNothing()
{
    QCOMPARE(deltaColor(0, 2, false), themeColor(ColorRole::Surface, false));
    QCOMPARE(deltaColor(-9, 2, false), themeColor(ColorRole::OriginalTint, false));
    QCOMPARE(deltaColor(9, 2, true), themeColor(ColorRole::UnlearnedTint, true));
}

void TestColors::runsFromTheSeventhOnAreGrey()
{
    QVERIFY(overlayColor(5, false).saturation() > 0);
    QCOMPARE(overlayColor(6, false), overlayColor(60, true));
    QCOMPARE(overlayColor(6, false).saturation(), 0);
}

QTEST_MAIN(TestColors)
#include "tst_colors.moc"
