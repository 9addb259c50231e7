#pragma once

#include <QPalette>
#include <QString>

class QApplication;
class QLabel;

namespace lacuna {

/// The program's palette in light and dark.
[[nodiscard]] QPalette themePalette(bool dark);
/// What the palette cannot say: cards, headings, the rail. Frames are cards by the dynamic property
/// `card`; labels are headings by `heading` (1 to 3) and secondary text by `secondary`.
[[nodiscard]] QString themeStyleSheet(bool dark);
/// Sets style, palette and style sheet; may be called again at any time to switch.
void applyTheme(QApplication& application, bool dark);

/// A label of heading level 1, 2 or 3: 20, 16 or 13 points where the interface font has 10.
[[nodiscard]] QLabel* heading(const QString& text, int level);
/// A word-wrapped label of secondary text.
[[nodiscard]] QLabel* secondaryText(const QString& text);

} // namespace lacuna
