#include "app/settings.h"

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kVersion = 1;

} // namespace

Settings::Settings(const QString& file, QObject* parent)
    : QObject(parent),
      m_settings(file.isEmpty() ? QSettings().fileName() : file, QSettings::IniFormat)
{
    m_settings.setValue(u"settings/version"_s, kVersion);
}

QVariant Settings::value(const QString& key, const QVariant& fallback) const
{
    return m_settings.value(key, fallback);
}

void Settings::setValue(const QString& key, const QVariant& value)
{
    if (m_settings.value(key) != value)
        m_settings.setValue(key, value);
}

QString Settings::theme() const
{
    return value(u"window/theme"_s, u"system"_s).toString();
}

void Settings::setTheme(const QString& theme)
{
    if (theme == this->theme())
        return;
    setValue(u"window/theme"_s, theme);
    Q_EMIT themeChanged();
}

QString Settings::language() const
{
    return value(u"window/language"_s).toString();
}

void Settings::setLanguage(const QString& language)
{
    if (language == this->language())
        return;
    setValue(u"window/language"_s, language);
    Q_EMIT languageChanged();
}

} // namespace lacuna
