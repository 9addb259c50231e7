#pragma once

#include <QByteArray>
#include <QString>

#include <string_view>

namespace lacuna {

/// For QCOMPARE, which prints a QString and not a std::string.
inline QString shown(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// For QFETCH rows that hold bytes.
inline std::string_view bytesOf(const QByteArray& bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

} // namespace lacuna
