#pragma once

#include <QByteArray>
#include <QObject>
#include <QSettings>
#include <QString>
#include <QVariant>

namespace lacuna {

/// What the program remembers between starts, written when it changes. Keys are paths such as
/// "history/columns".
class Settings : public QObject {
    Q_OBJECT

public:
    /// \param file  an ini file; empty: the user's own place
    explicit Settings(const QString& file = {}, QObject* parent = nullptr);

    [[nodiscard]] QVariant value(const QString& key, const QVariant& fallback = {}) const;
    void setValue(const QString& key, const QVariant& value);

    /// "system", "light" or "dark".
    [[nodiscard]] QString theme() const;
    void setTheme(const QString& theme);
    /// Language code such as "de"; empty: the system's.
    [[nodiscard]] QString language() const;
    void setLanguage(const QString& language);

Q_SIGNALS:
    void themeChanged();
    void languageChanged();

private:
    QSettings m_settings;
};

} // namespace lacuna
