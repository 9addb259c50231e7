#include "app/settings.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestSettings : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsSetIsThereAtTheNextStart();
    void aThemeIsToldOnce();
    void anEmptyFileGivesTheDefaults();
};

void TestSettings::whatIsSetIsThereAtTheNextStart()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"settings.ini"_s);
    const QByteArray bytes("\0\1\2", 3);
    {
        Settings settings(file);
        settings.setValue(u"history/table"_s, bytes);
        settings.setTheme(u"dark"_s);
    }
    const Settings again(file);
    QCOMPARE(again.value(u"history/table"_s).toByteArray(), bytes);
    QCOMPARE(again.theme(), u"dark"_s);
}

void TestSettings::aThemeIsToldOnce()
{
    const QTemporaryDir folder;
    Settings settings(folder.filePath(u"settings.ini"_s));
    const QSignalSpy told(&settings, &Settings::themeChanged);
    settings.setTheme(u"light"_s);
    settings.setTheme(u"light"_s);
    QCOMPARE(told.size(), 1);
}

void TestSettings::anEmptyFileGivesTheDefaults()
{
    const QTemporaryDir folder;
    const Settings settings(folder.filePath(u"settings.ini"_s));
    QCOMPARE(settings.theme(), u"system"_s);
    QVERIFY(settings.language().isEmpty());
    QCOMPARE(settings.value(u"window/page"_s, u"home"_s).toString(), u"home"_s);
}

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
