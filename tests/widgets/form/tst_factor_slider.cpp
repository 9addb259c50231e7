#include "widgets/form/factor_slider.h"

#include <QApplication>
#include <QLabel>
#include <QLocale>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QWheelEvent>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestFactorSlider : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void keysMoveIt_data();
    void keysMoveIt();
    void aDoubleClickBringsOneBack();
    void theNumberIsRead();
    void settingItIsSilent();
    void scrollingPastItChangesNothing();
    void whatCannotBeScaledSaysWhy();
};

void TestFactorSlider::keysMoveIt_data()
{
    QTest::addColumn<Qt::Key>("key");
    QTest::addColumn<double>("factor");
    QTest::newRow("right") << Qt::Key_Right << 1.05;
    QTest::newRow("left") << Qt::Key_Left << 0.95;
    QTest::newRow("page up") << Qt::Key_PageUp << 1.25;
    QTest::newRow("page down") << Qt::Key_PageDown << 0.75;
    QTest::newRow("home") << Qt::Key_Home << 0.0;
    QTest::newRow("end") << Qt::Key_End << 2.0;
}

void TestFactorSlider::keysMoveIt()
{
    QFETCH(const Qt::Key, key);
    QFETCH(const double, factor);
    FactorSlider slider;
    QCOMPARE(slider.factor(), 1.0);
    const QSignalSpy changed(&slider, &FactorSlider::factorChanged);
    QTest::keyClick(slider.findChild<QSlider*>(), key);
    QCOMPARE(slider.factor(), factor);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.front().front().toDouble(), factor);
}

void TestFactorSlider::aDoubleClickBringsOneBack()
{
    FactorSlider slider;
    slider.show();
    slider.setFactor(0.3);
    QTest::mouseDClick(slider.findChild<QSlider*>(), Qt::LeftButton);
    QCOMPARE(slider.factor(), 1.0);
}

void TestFactorSlider::theNumberIsRead()
{
    FactorSlider slider;
    slider.setTitle(u"Adapter"_s);
    slider.setFactor(1.5);
    QCOMPARE(slider.findChild<QLabel*>(u"factorNumber"_s)->text(), u"× 1.50"_s);
    QCOMPARE(slider.findChild<QSlider*>()->accessibleName(), u"Adapter × 1.50"_s);
}

void TestFactorSlider::settingItIsSilent()
{
    FactorSlider slider;
    const QSignalSpy changed(&slider, &FactorSlider::factorChanged);
    slider.setFactor(0);
    QCOMPARE(slider.factor(), 0.0);
    QVERIFY(changed.isEmpty());
}

void TestFactorSlider::scrollingPastItChangesNothing()
{
    FactorSlider slider;
    auto* inner = slider.findChild<QSlider*>();
    QWheelEvent wheel(QPointF(5, 5), QPointF(5, 5), {}, QPoint(0, 120), Qt::NoButton,
                      Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(inner, &wheel);
    QCOMPARE(slider.factor(), 1.0);
    QVERIFY(!wheel.isAccepted());
}

void TestFactorSlider::whatCannotBeScaledSaysWhy()
{
    FactorSlider slider;
    slider.setUsable(u"no adapter"_s, u"help"_s);
    QVERIFY(!slider.findChild<QSlider*>()->isEnabled());
    QCOMPARE(slider.toolTip(), u"no adapter"_s);
    slider.setUsable({}, u"help"_s);
    QVERIFY(slider.findChild<QSlider*>()->isEnabled());
    QCOMPARE(slider.toolTip(), u"help"_s);
}

QTEST_MAIN(TestFactorSlider)
#include "tst_factor_slider.moc"
