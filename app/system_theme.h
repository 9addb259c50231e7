#pragma once

#include <QDBusConnection>
#include <QObject>
#include <QString>

class QDBusVariant;

namespace lacuna {

/// Whether the desktop asks for a light or a dark theme, and when that changes. Qt tells of a
/// change from 6.5 on only; the desktop portal tells every version
/// (org.freedesktop.portal.Settings). Without a portal the palette that the program was started
/// with decides.
class SystemTheme : public QObject {
    Q_OBJECT

public:
    static constexpr const char* kPortal = "org.freedesktop.portal.Desktop";

    /// \param service  whom to ask on \p bus; empty on a connection to a peer
    explicit SystemTheme(const QDBusConnection& bus = QDBusConnection::sessionBus(),
                         const QString& service = QLatin1String(kPortal),
                         QObject* parent = nullptr);

    [[nodiscard]] bool isDark() const { return m_dark; }

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void takeSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void take(const QVariant& scheme);

    const bool m_darkAtStart;
    bool m_dark;
};

} // namespace lacuna
