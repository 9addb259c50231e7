#include "widgets/chart/live_chart.h"

#include "widgets/base/theme.h"
#include "widgets/chart/smoothing_control.h"

#include <QApplication>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QFile>
#include <QImageReader>
#include <QLabel>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include <cmath>
#include <limits>
#include <memory>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// By mouse and keys, as a person does.
class TestLiveChart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theViewFollowsTheData();
    void aZoomedViewStaysWhenDataArrives();
    void clearingKeepsWhatSomebodyZoomed();
    void draggingZoomsIntoTheBox();
    void aFlatBoxZoomsTheStepsOnly();
    void aClickZoomsNothing();
    void draggingWithShiftOrTheMiddleButtonMoves_data();
    void draggingWithShiftOrTheMiddleButtonMoves();
    void theWheelOverAnAxisZoomsThatAxis_data();
    void theWheelOverAnAxisZoomsThatAxis();
    void aPlainWheelIsLeftToThePageAndTeaches();
    void aDoubleClickFits();
    void keysZoomMoveAndFit();
    void zoomingInFarDoesNotFreeze();
    void theKeyLTogglesTheLogarithmicAxis();
    void pointsThatALogarithmicAxisCannotShowAreNoted();
    void theLegendHidesAndShows_data();
    void theLegendHidesAndShows();
    void aSeriesGoesWithItsPointsAndItsButton();
    void valuesThatAreNotFiniteAreNoted();
    void theCursorReadsTheNearestPoint();
    void keysWalkThePoints();
    void aPausedChartSaysSo();
    void theEmptyChartSaysWhatWillBeThere();
    void smoothingTakesTheSliderAndTheNumber();
    void aPictureCanBeReadBack();
    void aPdfIsWritten();
    void aFailedExportIsAnError();
    void theTableEqualsTheData();
    void copiesItsPicture();
    void darkAndLightDiffer();
    void aHiddenChartCatchesUp();

private:
    /// Shown, with a falling curve over the steps 0 to 100.
    static std::unique_ptr<LiveChart> chart();
    static QWidget* canvas(const LiveChart& chart);
    static QPoint onCanvas(const LiveChart& chart, double x, double y);
    static void drag(LiveChart& chart, QPoint from, QPoint to, Qt::MouseButton button,
                     Qt::KeyboardModifiers modifiers);
    /// \return whether the target took it, so that the page does not scroll
    static bool wheel(QWidget* target, QPoint at, int delta, Qt::KeyboardModifiers modifiers = {});
};

void TestLiveChart::initTestCase()
{
    QTest::failOnWarning(QRegularExpression(u".*"_s));
    QLocale::setDefault(QLocale::c());
    applyTheme(*qApp, false);
}

std::unique_ptr<LiveChart> TestLiveChart::chart()
{
    auto chart = std::make_unique<LiveChart>();
    chart->setTitle(u"Is the forget set being forgotten?"_s, u"↑ higher is more forgotten"_s);
    chart->setAxes(u"Step"_s, u"NLL (nats a token)"_s);
    chart->setSeries(u"loss"_s, {.label = u"Forget batch"_s});
    std::vector<double> xs;
    std::vector<double> ys;
    for (int i = 0; i <= 100; ++i) {
        xs.push_back(i);
        ys.push_back(10 - i * 0.05);
    }
    chart->append(u"loss"_s, xs, ys);
    chart->resize(640, 400);
    chart->show();
    [&] { QVERIFY(QTest::qWaitForWindowExposed(chart.get())); }();
    QCoreApplication::processEvents();
    return chart;
}

QWidget* TestLiveChart::canvas(const LiveChart& chart)
{
    return chart.findChild<QWidget*>(u"chartCanvas"_s);
}

QPoint TestLiveChart::onCanvas(const LiveChart& chart, double x, double y)
{
    return canvas(chart)->mapFrom(&chart, chart.positionOf(x, y)).toPoint();
}

void TestLiveChart::drag(LiveChart& chart, QPoint from, QPoint to, Qt::MouseButton button,
                         Qt::KeyboardModifiers modifiers)
{
    QWidget* target = canvas(chart);
    QTest::mousePress(target, button, modifiers, from);
    for (const QPoint& at : {(from + to) / 2, to}) {
        QMouseEvent move(QEvent::MouseMove, at, target->mapToGlobal(at), Qt::NoButton, button,
                         modifiers);
        QApplication::sendEvent(target, &move);
    }
    QTest::mouseRelease(target, button, modifiers, to);
    QCoreApplication::processEvents();
}

bool TestLiveChart::wheel(QWidget* target, QPoint at, int delta, Qt::KeyboardModifiers modifiers)
{
    QWheelEvent event(at, target->mapToGlobal(at), {}, {0, delta}, Qt::NoButton, modifiers,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(target, &event);
    return event.isAccepted();
}

void TestLiveChart::theViewFollowsTheData()
{
    const auto chart = TestLiveChart::chart();
    QVERIFY(chart->isFitted());
    QVERIFY(chart->xView().from < 0 && chart->xView().to > 100 && chart->xView().to < 110);
    chart->append(u"loss"_s, std::vector{400.0}, std::vector{50.0});
    QTRY_VERIFY(chart->xView().to > 400);
    QVERIFY(chart->yView().to > 50);
}

void TestLiveChart::aZoomedViewStaysWhenDataArrives()
{
    const auto chart = TestLiveChart::chart();
    drag(*chart, onCanvas(*chart, 20, 9.5), onCanvas(*chart, 60, 7), Qt::LeftButton, {});
    const AxisRange x = chart->xView();
    const AxisRange y = chart->yView();
    for (int step = 101; step < 120; ++step) {
        chart->append(u"loss"_s, std::vector{double(step)}, std::vector{1000.0});
        QCoreApplication::processEvents();
    }
    QCOMPARE(chart->xView() == x, true);
    QCOMPARE(chart->yView() == y, true);
    chart->fit();
    QVERIFY(chart->xView().to > 119);
}

void TestLiveChart::clearingKeepsWhatSomebodyZoomed()
{
    const auto chart = TestLiveChart::chart();
    QTest::keyClick(canvas(*chart), Qt::Key_Plus);
    const AxisRange x = chart->xView();
    chart->setRule(u"original"_s, 5, {.label = u"Original"_s});
    chart->clear();
    chart->append(u"loss"_s, std::vector{1.0, 2.0}, std::vector{3.0, 4.0});
    QCoreApplication::processEvents();
    QCOMPARE(chart->xView() == x, true);
    QCOMPARE(chart->description(), u"Forget batch: 4 at step 2"_s);
}

void TestLiveChart::draggingZoomsIntoTheBox()
{
    const auto chart = TestLiveChart::chart();
    QSignalSpy fitted(chart.get(), &LiveChart::fittedChanged);
    drag(*chart, onCanvas(*chart, 20, 9.5), onCanvas(*chart, 60, 7), Qt::LeftButton, {});
    QVERIFY(std::abs(chart->xView().from - 20) < 0.5 && std::abs(chart->xView().to - 60) < 0.5);
    QVERIFY(std::abs(chart->yView().from - 7) < 0.1 && std::abs(chart->yView().to - 9.5) < 0.1);
    QCOMPARE(fitted.size(), 1);
    QVERIFY(!chart->isFitted());
}

void TestLiveChart::aFlatBoxZoomsTheStepsOnly()
{
    const auto chart = TestLiveChart::chart();
    const AxisRange y = chart->yView();
    const QPoint from = onCanvas(*chart, 20, 8);
    drag(*chart, from, {onCanvas(*chart, 60, 8).x(), from.y() + 2}, Qt::LeftButton, {});
    QVERIFY(std::abs(chart->xView().to - 60) < 0.5);
    QCOMPARE(chart->yView() == y, true);
}

void TestLiveChart::aClickZoomsNothing()
{
    const auto chart = TestLiveChart::chart();
    QTest::mouseClick(canvas(*chart), Qt::LeftButton, {}, onCanvas(*chart, 50, 7));
    QVERIFY(chart->isFitted());
    QVERIFY(canvas(*chart)->hasFocus());
}

void TestLiveChart::draggingWithShiftOrTheMiddleButtonMoves_data()
{
    QTest::addColumn<Qt::MouseButton>("button");
    QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
    QTest::newRow("shift") << Qt::LeftButton << Qt::KeyboardModifiers(Qt::ShiftModifier);
    QTest::newRow("middle button") << Qt::MiddleButton << Qt::KeyboardModifiers();
}

void TestLiveChart::draggingWithShiftOrTheMiddleButtonMoves()
{
    QFETCH(const Qt::MouseButton, button);
    QFETCH(const Qt::KeyboardModifiers, modifiers);
    const auto chart = TestLiveChart::chart();
    const AxisRange before = chart->xView();
    drag(*chart, onCanvas(*chart, 50, 7), onCanvas(*chart, 30, 8), button, modifiers);
    QVERIFY(std::abs(chart->xView().from - before.from - 20) < 0.5);
    QVERIFY(std::abs(chart->xView().length() - before.length()) < 1e-9);
    QVERIFY(!chart->isFitted());
}

void TestLiveChart::theWheelOverAnAxisZoomsThatAxis_data()
{
    QTest::addColumn<int>("place"); // 0: left of the plot, 1: below it, 2: on it
    QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
    QTest::addColumn<bool>("x");
    QTest::addColumn<bool>("y");
    QTest::newRow("over the values") << 0 << Qt::KeyboardModifiers() << false << true;
    QTest::newRow("over the steps") << 1 << Qt::KeyboardModifiers() << true << false;
    QTest::newRow("with Ctrl over the plot")
        << 2 << Qt::KeyboardModifiers(Qt::ControlModifier) << true << true;
}

void TestLiveChart::theWheelOverAnAxisZoomsThatAxis()
{
    QFETCH(const int, place);
    QFETCH(const Qt::KeyboardModifiers, modifiers);
    QFETCH(const bool, x);
    QFETCH(const bool, y);
    const auto chart = TestLiveChart::chart();
    const AxisRange xBefore = chart->xView();
    const AxisRange yBefore = chart->yView();
    QPoint at = onCanvas(*chart, 50, 7.5);
    if (place == 0)
        at.setX(5);
    if (place == 1)
        at.setY(canvas(*chart)->height() - 5);
    QVERIFY(wheel(canvas(*chart), at, 120, modifiers));
    QCOMPARE(chart->xView().length() < xBefore.length(), x);
    QCOMPARE(chart->yView().length() < yBefore.length(), y);
    QVERIFY(!chart->isFitted());
}

void TestLiveChart::aPlainWheelIsLeftToThePageAndTeaches()
{
    const auto chart = TestLiveChart::chart();
    auto* hint = chart->findChild<QLabel*>(u"chartHint"_s);
    QVERIFY(!hint->isVisible());
    const AxisRange x = chart->xView();
    const bool isTaken = wheel(canvas(*chart), onCanvas(*chart, 50, 7.5), -120);
    QVERIFY(!isTaken);
    QVERIFY(hint->isVisible());
    QCOMPARE(chart->xView() == x, true);
    QTRY_VERIFY_WITH_TIMEOUT(!hint->isVisible(), 5000);
}

void TestLiveChart::aDoubleClickFits()
{
    const auto chart = TestLiveChart::chart();
    const AxisRange x = chart->xView();
    QTest::keyClick(canvas(*chart), Qt::Key_Plus);
    QVERIFY(!chart->isFitted());
    QSignalSpy view(chart.get(), &LiveChart::xViewChanged);
    QTest::mouseDClick(canvas(*chart), Qt::LeftButton, {}, onCanvas(*chart, 50, 7.5));
    QVERIFY(chart->isFitted());
    QCOMPARE(chart->xView() == x, true);
    QCOMPARE(view.size(), 1);
    QCOMPARE(view[0][1].toBool(), true);
}

void TestLiveChart::keysZoomMoveAndFit()
{
    const auto chart = TestLiveChart::chart();
    QWidget* target = canvas(*chart);
    const AxisRange x = chart->xView();
    const AxisRange y = chart->yView();
    QTest::keyClick(target, Qt::Key_Plus);
    QVERIFY(chart->xView().length() < x.length() && chart->yView().length() < y.length());
    QTest::keyClick(target, Qt::Key_Minus);
    QVERIFY(std::abs(chart->xView().length() - x.length()) < 1e-9);
    const AxisRange before = chart->xView();
    QTest::keyClick(target, Qt::Key_Right);
    QVERIFY(chart->xView().from > before.from);
    QTest::keyClick(target, Qt::Key_Left);
    QVERIFY(std::abs(chart->xView().from - before.from) < 1e-9);
    const AxisRange height = chart->yView();
    QTest::keyClick(target, Qt::Key_Up);
    QVERIFY(chart->yView().from > height.from);
    QTest::keyClick(target, Qt::Key_Down);
    QVERIFY(!chart->isFitted());
    QTest::keyClick(target, Qt::Key_Home);
    QVERIFY(chart->isFitted());
    QCOMPARE(chart->xView() == x, true);
}

/// Neighbours of the view stood millions of pixels away and their lines took seconds to stroke.
void TestLiveChart::zoomingInFarDoesNotFreeze()
{
    const auto chart = TestLiveChart::chart();
    std::vector<double> xs;
    std::vector<double> ys;
    for (int i = 0; i < 20000; ++i) {
        xs.push_back(101 + i);
        ys.push_back(i * 7919 % 1000);
    }
    chart->append(u"loss"_s, xs, ys);
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 40; ++i) {
        QTest::keyClick(canvas(*chart), Qt::Key_Plus);
        QCoreApplication::processEvents();
        QCoreApplication::processEvents();
    }
    QVERIFY(timer.elapsed() < 5000);
}

void TestLiveChart::theKeyLTogglesTheLogarithmicAxis()
{
    const auto chart = TestLiveChart::chart();
    QSignalSpy changed(chart.get(), &LiveChart::logarithmicChanged);
    QTest::keyClick(canvas(*chart), Qt::Key_L);
    QVERIFY(chart->isLogarithmic());
    QVERIFY(chart->yView().from > 0);
    QTest::keyClick(canvas(*chart), Qt::Key_L);
    QVERIFY(!chart->isLogarithmic());
    QCOMPARE(changed.size(), 2);
}

void TestLiveChart::pointsThatALogarithmicAxisCannotShowAreNoted()
{
    const auto chart = TestLiveChart::chart();
    chart->append(u"loss"_s, std::vector{101.0, 102.0}, std::vector{0.0, -1.0});
    QCOMPARE(chart->note(), QString());
    QTest::keyClick(canvas(*chart), Qt::Key_L);
    QVERIFY(chart->note().contains(u"2"_s));
    QTRY_VERIFY(chart->findChild<QLabel*>(u"chartNote"_s)->isVisible());
}

void TestLiveChart::theLegendHidesAndShows_data()
{
    QTest::addColumn<bool>("byKey");
    QTest::newRow("by mouse") << false;
    QTest::newRow("by keyboard") << true;
}

void TestLiveChart::theLegendHidesAndShows()
{
    QFETCH(const bool, byKey);
    const auto chart = TestLiveChart::chart();
    chart->setSeries(u"far"_s, {.label = u"Far"_s});
    chart->append(u"far"_s, std::vector{0.0}, std::vector{1000.0});
    QTRY_VERIFY(chart->yView().to > 1000);
    auto* button = chart->findChild<QToolButton*>(u"legend-far"_s);
    const auto toggle = [&] {
        if (byKey)
            QTest::keyClick(button, Qt::Key_Space);
        else
            QTest::mouseClick(button, Qt::LeftButton);
    };
    toggle();
    QVERIFY(!chart->isSeriesShown(u"far"_s));
    QTRY_VERIFY(chart->yView().to < 20); // what is hidden takes no room
    toggle();
    QVERIFY(chart->isSeriesShown(u"far"_s));
    QTRY_VERIFY(chart->yView().to > 1000);
}

void TestLiveChart::aSeriesGoesWithItsPointsAndItsButton()
{
    const auto chart = TestLiveChart::chart();
    chart->setSeries(u"far"_s, {.label = u"Far"_s});
    chart->append(u"far"_s, std::vector{0.0}, std::vector{1000.0});
    QTRY_VERIFY(chart->yView().to > 1000);
    chart->removeSeries(u"far"_s);
    chart->removeSeries(u"never there"_s);
    QTRY_VERIFY(chart->yView().to < 20);
    QVERIFY(!chart->findChild<QToolButton*>(u"legend-far"_s));
    QVERIFY_THROWS_EXCEPTION(std::logic_error, chart->append(u"far"_s, {}, {}));
}

void TestLiveChart::valuesThatAreNotFiniteAreNoted()
{
    const auto chart = TestLiveChart::chart();
    const QImage before = chart->picture(1);
    chart->append(u"loss"_s, std::vector{50.0, 60.0}, // also a step back
                  std::vector{std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()});
    QVERIFY(chart->note().contains(u"2"_s));
    QVERIFY(chart->yView().to < 20);
    QVERIFY(chart->picture(1) != before);
}

void TestLiveChart::theCursorReadsTheNearestPoint()
{
    const auto chart = TestLiveChart::chart();
    chart->setSeries(u"other"_s, {.label = u"Other"_s});
    chart->append(u"other"_s, std::vector{0.0, 100.0}, std::vector{6.0, 6.0});
    QCoreApplication::processEvents();
    QSignalSpy moved(chart.get(), &LiveChart::cursorMoved);
    const QPoint at = onCanvas(*chart, 40, 8);
    QTest::mouseMove(canvas(*chart), at - QPoint(3, 3));
    QTest::mouseMove(canvas(*chart), at);
    auto* readout = chart->findChild<QLabel*>(u"chartReadout"_s);
    QTRY_VERIFY(readout->isVisible());
    QTRY_COMPARE(moved.last()[0].toDouble(), 40.0);
    QVERIFY(readout->text().contains(u"<b>Forget batch</b>"_s));
    QVERIFY(readout->text().contains(u"<b>8</b>"_s));
    QVERIFY(readout->text().contains(u"Other"_s));
    QVERIFY(!readout->text().contains(u"<b>Other</b>"_s));
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(canvas(*chart), &leave);
    QVERIFY(!readout->isVisible());
}

void TestLiveChart::keysWalkThePoints()
{
    const auto chart = TestLiveChart::chart();
    QSignalSpy moved(chart.get(), &LiveChart::cursorMoved);
    for (const int key : {Qt::Key_Left, Qt::Key_Left, Qt::Key_Left, Qt::Key_Right})
        QTest::keyClick(canvas(*chart), static_cast<Qt::Key>(key), Qt::ControlModifier);
    QList<double> steps;
    for (const auto& signal : moved)
        steps.append(signal[0].toDouble());
    QCOMPARE(steps, (QList<double>{100, 99, 98, 99}));
    QVERIFY(canvas(*chart)->accessibleDescription().contains(u"5.05"_s));
    QVERIFY(chart->isFitted());
}

void TestLiveChart::aPausedChartSaysSo()
{
    const auto chart = TestLiveChart::chart();
    auto* label = chart->findChild<QLabel*>(u"frozenLabel"_s);
    QVERIFY(!label->isVisible());
    chart->setFrozen(true);
    QVERIFY(label->isVisible());
    QVERIFY(!label->text().isEmpty());
}

void TestLiveChart::theEmptyChartSaysWhatWillBeThere()
{
    LiveChart chart;
    chart.setSeries(u"loss"_s, {.label = u"Loss"_s});
    chart.setEmptyText(u"Appears with the first step"_s);
    chart.resize(400, 300);
    chart.show();
    auto* label = chart.findChild<QLabel*>(u"chartEmptyText"_s);
    QTRY_VERIFY(label->isVisible());
    QCOMPARE(chart.description(), u"Appears with the first step"_s);
    chart.append(u"loss"_s, std::vector{1.0}, std::vector{2.0});
    QTRY_VERIFY(!label->isVisible());
    QCOMPARE(chart.description(), u"Loss: 2 at step 1"_s);
    QTRY_COMPARE(canvas(chart)->accessibleDescription(), chart.description());
}

void TestLiveChart::smoothingTakesTheSliderAndTheNumber()
{
    SmoothingControl control;
    QSignalSpy changed(&control, &SmoothingControl::weightChanged);
    auto* slider = control.findChild<QSlider*>(u"smoothingSlider"_s);
    auto* number = control.findChild<QDoubleSpinBox*>(u"smoothingNumber"_s);
    slider->setValue(slider->maximum());
    QCOMPARE(control.weight(), 0.99);
    number->setFocus();
    number->selectAll();
    QTest::keyClicks(number, u"0.999"_s);
    QTest::keyClick(number, Qt::Key_Return);
    QCOMPARE(control.weight(), 0.999);
    QCOMPARE(slider->value(), slider->maximum());
    QCOMPARE(changed.last()[0].toDouble(), 0.999);
}

void TestLiveChart::aPictureCanBeReadBack()
{
    const auto chart = TestLiveChart::chart();
    QTemporaryDir folder;
    const QString path = folder.filePath(u"chart.png"_s);
    QVERIFY(chart->savePng(path, 2));
    QImageReader reader(path);
    const QImage image = reader.read();
    QCOMPARE(image.size(), chart->size() * 2);
    // The curve is in it, in its colour.
    const QColor wanted = themeColor(ColorRole::Unlearned, false);
    int found = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            found += image.pixelColor(x, y) == wanted ? 1 : 0;
    QVERIFY(found > 500);
}

void TestLiveChart::aPdfIsWritten()
{
    const auto chart = TestLiveChart::chart();
    QTemporaryDir folder;
    QFile file(folder.filePath(u"chart.pdf"_s));
    QVERIFY(chart->savePdf(file.fileName()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    QVERIFY(bytes.startsWith("%PDF"));
    QVERIFY(bytes.trimmed().endsWith("%%EOF"));
    QVERIFY(bytes.contains("/FontFile"));
}

void TestLiveChart::aFailedExportIsAnError()
{
    const auto chart = TestLiveChart::chart();
    const QString nowhere = u"/nowhere/at/all/chart"_s;
    QVERIFY(!chart->savePng(nowhere, 1));
    QVERIFY(!chart->savePdf(nowhere));
    QVERIFY(!chart->saveCsv(nowhere));
}

void TestLiveChart::theTableEqualsTheData()
{
    LiveChart chart;
    const std::vector<double> xs = {1, 2, 3};
    const std::vector<double> ys = {0.1, std::numeric_limits<double>::quiet_NaN(), 1.0 / 3};
    chart.setSeries(u"a"_s, {.label = u"with, comma"_s});
    chart.setSeries(u"b"_s, {.label = u"plain"_s, .canBeSmoothed = false});
    chart.setSeriesShown(u"b"_s, false); // hidden ones are saved too
    chart.setSmoothing(0.5);
    chart.append(u"a"_s, xs, ys);
    chart.append(u"b"_s, std::vector{7.0}, std::vector{1e-300});
    chart.setRule(u"original"_s, 0.25, {.label = u"Original"_s});
    chart.setMark(u"stop"_s, 3, u"Stopped"_s, MarkKind::Line);
    QTemporaryDir folder;
    QFile file(folder.filePath(u"chart.csv"_s));
    QVERIFY(chart.saveCsv(file.fileName()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = file.readAll().split('\n');
    QCOMPARE(lines[0], QByteArray("kind,series,label,step,value,smoothed"));
    QCOMPARE(lines[1], QByteArray("point,a,\"with, comma\",1,0.1,0.1"));
    QCOMPARE(lines[2], QByteArray("point,a,\"with, comma\",2,nan,nan"));
    QCOMPARE(lines[3].split(',').at(5).toDouble(), ys[2]);
    QCOMPARE(lines[4], QByteArray("point,b,plain,7,1e-300,"));
    QCOMPARE(lines[5], QByteArray("rule,original,Original,,0.25,"));
    QCOMPARE(lines[6], QByteArray("mark,stop,Stopped,3,,"));
}

void TestLiveChart::copiesItsPicture()
{
    const auto chart = TestLiveChart::chart();
    chart->copyPicture();
    QCOMPARE(QApplication::clipboard()->image().size(), chart->size());
}

void TestLiveChart::darkAndLightDiffer()
{
    const auto chart = TestLiveChart::chart();
    const QColor light = chart->picture(1).pixelColor(2, 2);
    applyTheme(*qApp, true);
    QCoreApplication::processEvents();
    const QColor dark = chart->picture(1).pixelColor(2, 2);
    QCOMPARE(dark, themeColor(ColorRole::Surface, true));
    applyTheme(*qApp, false);
    QCoreApplication::processEvents();
    QCOMPARE(chart->picture(1).pixelColor(2, 2), light);
}

void TestLiveChart::aHiddenChartCatchesUp()
{
    const auto chart = TestLiveChart::chart();
    chart->hide();
    const AxisRange x = chart->xView();
    chart->append(u"loss"_s, std::vector{500.0}, std::vector{1.0});
    QCoreApplication::processEvents();
    QCOMPARE(chart->xView() == x, true); // nothing is drawn for nobody
    chart->show();
    QTRY_VERIFY(chart->xView().to > 500);
}

QTEST_MAIN(TestLiveChart)
#include "tst_live_chart.moc"
