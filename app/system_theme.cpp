#include "app/system_theme.h"

#include "widgets/base/colors.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QGuiApplication>
#include <QPalette>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr auto kPath = "/org/freedesktop/portal/desktop"_L1;
constexpr auto kInterface = "org.freedesktop.portal.Settings"_L1;
constexpr auto kGroup = "org.freedesktop.appearance"_L1;
constexpr auto kKey = "color-scheme"_L1;

/// The method Read wraps its value twice, the signal once.
QVariant unwrapped(QVariant value)
{
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    return value;
}

} // namespace

SystemTheme::SystemTheme(const QDBusConnection& bus, const QString& service, QObject* parent)
    : QObject(parent), m_darkAtStart(lacuna::isDark(QGuiApplication::palette())),
      m_dark(m_darkAtStart)
{
    if (!bus.isConnected())
        return;
    QDBusConnection connection = bus;
    connection.connect(service, kPath, kInterface, u"SettingChanged"_s, this,
                       SLOT(takeSetting(QString, QString, QDBusVariant)));
    QDBusMessage question = QDBusMessage::createMethodCall(service, kPath, kInterface, u"Read"_s);
    question << QString(kGroup) << QString(kKey);
    auto* answer = new QDBusPendingCallWatcher(connection.asyncCall(question), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer] {
        const QDBusPendingReply<QDBusVariant> reply = *answer;
        if (!reply.isError())
            take(reply.value().variant());
        answer->deleteLater();
    });
}

void SystemTheme::takeSetting(const QString& group, const QString& key, const QDBusVariant& value)
{
    if (group == kGroup && key == kKey)
        take(value.variant());
}

void SystemTheme::take(const QVariant& scheme)
{
    constexpr uint kDark = 1;
    constexpr uint kLight = 2;
    const uint asked = unwrapped(scheme).toUInt();
    const bool dark = asked == kDark || (asked != kLight && m_darkAtStart);
    if (dark == m_dark)
        return;
    m_dark = dark;
    Q_EMIT changed();
}

} // namespace lacuna
