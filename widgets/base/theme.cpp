#include "widgets/base/theme.h"

#include "widgets/base/colors.h"
#include "widgets/base/theme_style.h"

#include <QApplication>
#include <QLabel>
#include <QVariant>

#include <array>

namespace lacuna {

using namespace Qt::StringLiterals;

QPalette themePalette(bool dark)
{
    const auto color = [dark](ColorRole role) { return themeColor(role, dark); };
    QPalette palette;
    palette.setColor(QPalette::Window, color(ColorRole::Window));
    palette.setColor(QPalette::WindowText, color(ColorRole::Text));
    palette.setColor(QPalette::Base, color(ColorRole::Surface));
    palette.setColor(QPalette::AlternateBase, color(ColorRole::Window));
    palette.setColor(QPalette::Text, color(ColorRole::Text));
    palette.setColor(QPalette::PlaceholderText, color(ColorRole::Secondary));
    palette.setColor(QPalette::Button, color(ColorRole::Surface));
    palette.setColor(QPalette::ButtonText, color(ColorRole::Text));
    palette.setColor(QPalette::BrightText, color(ColorRole::Error));
    palette.setColor(QPalette::ToolTipBase, color(ColorRole::Surface));
    palette.setColor(QPalette::ToolTipText, color(ColorRole::Text));
    palette.setColor(QPalette::Highlight, color(ColorRole::Accent));
    palette.setColor(QPalette::HighlightedText, color(ColorRole::OnAccent));
    palette.setColor(QPalette::Link, color(ColorRole::Accent));
    palette.setColor(QPalette::LinkVisited, color(ColorRole::Accent));
    palette.setColor(QPalette::Light, color(ColorRole::Surface));
    palette.setColor(QPalette::Midlight, color(ColorRole::Window));
    palette.setColor(QPalette::Mid, color(ColorRole::Border));
    palette.setColor(QPalette::Dark, color(ColorRole::Border));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, color(ColorRole::DisabledText));
    return palette;
}

QString themeStyleSheet(bool dark)
{
    const auto name = [dark](ColorRole role) { return themeColor(role, dark).name(); };
    return u"QFrame[card=\"true\"] { background: %1; border: 1px solid %2; border-radius: 8px; }"
           "QLabel[secondary=\"true\"] { color: %3; }"
           "QToolButton[rail=\"true\"] { border: 1px solid transparent; border-radius: 6px;"
           " padding-left: 10px; text-align: left; }"
           "QToolButton[rail=\"true\"]:hover { background: %1; }"
           "QToolButton[rail=\"true\"]:checked { background: %1; border-color: %2;"
           " border-left: 3px solid %5; padding-left: 8px; font-weight: 600; }"
           "QToolButton[rail=\"true\"]:focus { border-color: %5; }"
           "QToolButton[chip=\"true\"] { background: %1; border: 1px solid %2; border-radius: 12px;"
           " padding: 3px 12px; margin: 4px 4px; }"
           "QToolButton[chip=\"true\"]:hover, QToolButton[chip=\"true\"]:focus"
           " { border-color: %5; }"
           "QToolBar { border: none; border-bottom: 1px solid %2; padding: 2px 8px; spacing: 4px; }"
           "QProgressBar[thin=\"true\"] { border: none; background: %2; }"
           "QProgressBar[thin=\"true\"]::chunk { background: %5; }"
           "QToolTip { background: %1; color: %4; border: 1px solid %2; padding: 4px; }"
           "QPushButton[primary=\"true\"] { background: %5; color: %6; border: 1px solid %5;"
           " border-radius: 4px; padding: 5px 14px; font-weight: 600; }"
           "QPushButton[primary=\"true\"]:hover { border-color: %4; }"
           "QPushButton[primary=\"true\"]:disabled { background: %2; color: %3; border-color: %2; }"_s
               .arg(name(ColorRole::Surface), name(ColorRole::Border), name(ColorRole::Secondary),
                    name(ColorRole::Text), name(ColorRole::Accent), name(ColorRole::OnAccent));
}

void applyTheme(QApplication& application, bool dark)
{
    // The old sheet first: it would put palettes back that widgets change when they hear of the
    // new one.
    application.setStyleSheet({});
    application.setStyle(new ThemeStyle);
    application.setPalette(themePalette(dark));
    application.setStyleSheet(themeStyleSheet(dark));
}

QLabel* heading(const QString& text, int level)
{
    constexpr std::array kScale = {2.0, 1.6, 1.3};
    auto* label = new QLabel(text);
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * kScale.at(static_cast<std::size_t>(level - 1)));
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    return label;
}

QLabel* secondaryText(const QString& text)
{
    auto* label = new QLabel(text);
    label->setProperty("secondary", true);
    label->setWordWrap(true);
    return label;
}

} // namespace lacuna
