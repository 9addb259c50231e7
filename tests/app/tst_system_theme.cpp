#include "app/system_theme.h"

#include <QDBusServer>
#include <QDBusVariant>
#include <QSignalSpy>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

static bool isScheme(const QString& group, const QString& key)
{
    return group == u"org.freedesktop.appearance"_s && key == u"color-scheme"_s;
}

/// A desktop's settings portal, as org.freedesktop.portal.Settings describes it.
class Portal : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Settings")

public:
    uint scheme = 0;

public Q_SLOTS:
    QDBusVariant Read(const QString& group, const QString& key)
    {
        // A variant in a variant, which is what portals really send.
        return QDBusVariant(QVariant::fromValue(QDBusVariant(isScheme(group, key) ? scheme : 99U)));
    }

Q_SIGNALS:
    void SettingChanged(const QString& group, const QString& key, const QDBusVariant& value);
};

class TestSystemTheme : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void withoutAPortalThePaletteDecides();
    void thePortalIsAskedAtTheStart();
    void aChangeIsFollowed();
    void otherSettingsAreNotTheScheme();

private:
    void change(const QString& group, const QString& key, uint value)
    {
        // Whoever still waits for the answer to Read gets the new value too, as from a real portal.
        if (isScheme(group, key))
            m_portal->scheme = value;
        Q_EMIT m_portal->SettingChanged(group, key, QDBusVariant(value));
    }

    std::unique_ptr<Portal> m_portal;
    std::unique_ptr<QDBusServer> m_server;
    QDBusConnection m_client{u"unconnected"_s};
};

void TestSystemTheme::init()
{
    m_portal = std::make_unique<Portal>();
    m_server = std::make_unique<QDBusServer>();
    bool met = false;
    connect(m_server.get(), &QDBusServer::newConnection, this, [&](QDBusConnection connection) {
        connection.registerObject(u"/org/freedesktop/portal/desktop"_s, m_portal.get(),
                                  QDBusConnection::ExportAllSlots |
                                      QDBusConnection::ExportAllSignals);
        met = true;
    });
    m_client = QDBusConnection::connectToPeer(m_server->address(), u"portal"_s);
    QVERIFY(m_client.isConnected());
    QTRY_VERIFY(met);
}

void TestSystemTheme::cleanup()
{
    QDBusConnection::disconnectFromPeer(u"portal"_s);
    m_server.reset();
    m_portal.reset();
}

void TestSystemTheme::withoutAPortalThePaletteDecides()
{
    const SystemTheme theme(QDBusConnection(u"unconnected"_s), {});
    QVERIFY(!theme.isDark());
}

void TestSystemTheme::thePortalIsAskedAtTheStart()
{
    m_portal->scheme = 1;
    const SystemTheme theme(m_client, {});
    QSignalSpy changed(&theme, &SystemTheme::changed);
    QVERIFY(changed.wait());
    QVERIFY(theme.isDark());
}

void TestSystemTheme::aChangeIsFollowed()
{
    const SystemTheme theme(m_client, {});
    QSignalSpy changed(&theme, &SystemTheme::changed);
    const auto scheme = [&](uint value) {
        change(u"org.freedesktop.appearance"_s, u"color-scheme"_s, value);
    };
    scheme(1);
    QVERIFY(changed.wait());
    QVERIFY(theme.isDark());
    scheme(2);
    QVERIFY(changed.wait());
    QVERIFY(!theme.isDark());
}

void TestSystemTheme::otherSettingsAreNotTheScheme()
{
    const SystemTheme theme(m_client, {});
    QSignalSpy changed(&theme, &SystemTheme::changed);
    change(u"org.gnome.desktop.interface"_s, u"color-scheme"_s, 1);
    change(u"org.freedesktop.appearance"_s, u"contrast"_s, 1);
    change(u"org.freedesktop.appearance"_s, u"color-scheme"_s, 1); // comes last, by order
    QVERIFY(changed.wait());
    QCOMPARE(changed.size(), 1);
}

QTEST_MAIN(TestSystemTheme)
#include "tst_system_theme.moc"
