#pragma once

#include <QColor>
#include <QString>

class QPalette;
class QWidget;

/// The colours of the program. Hue says which model; dash and marker say which corpus. No colour is
/// ever the only carrier of a meaning. Values lie in resources/themes; they and their contrasts:
/// interface reference 6.1, measured with the Machado 2009 simulation and WCAG 2.
namespace lacuna {

enum class ColorRole : std::uint8_t {
    Original,
    Unlearned,
    UnlearnedText, ///< the unlearned model's hue, dark enough for text of body size
    Reference,
    Guarded,       ///< the original behind a guardrail
    OriginalTint,  ///< behind what only the original says
    UnlearnedTint, ///< behind what only the unlearned model says
    Text,
    Secondary, ///< text of less weight
    DisabledText,
    Error,
    Warning,
    Success,
    Accent, ///< focus, selection
    OnAccent,
    Window,  ///< behind everything
    Surface, ///< cards, tables, charts
    Border,
};

[[nodiscard]] QColor themeColor(ColorRole role, bool dark);
/// Whether \p palette belongs to a dark theme.
[[nodiscard]] bool isDark(const QPalette& palette);
[[nodiscard]] QColor themeColor(ColorRole role, const QWidget& widget);

/// For the \p index-th run laid over others; from the seventh on all are the same grey.
[[nodiscard]] QColor overlayColor(int index, bool dark);

/// Even steps of lightness from 0 to 1 (of the cividis kind), to be laid behind text.
/// \param probability  outside [0, 1] is taken as the nearer end, NaN as 0
[[nodiscard]] QColor probabilityColor(double probability);
/// Black or white, whichever reads better on \p background.
[[nodiscard]] QColor textOn(const QColor& background);
/// Blue where the original gives more, orange where the unlearned model does, neutral at 0.
/// \param delta  logP(unlearned) - logP(original), nats; full colour at \p range
[[nodiscard]] QColor deltaColor(double delta, double range, bool dark);

/// WCAG 2 contrast ratio, 1 to 21.
[[nodiscard]] double contrastRatio(const QColor& a, const QColor& b);

} // namespace lacuna
