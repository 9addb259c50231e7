#pragma once

#include "widgets/base/colors.h"

#include <QPixmap>
#include <QString>

class QWidget;

namespace lacuna {

/// How a message or a state is meant. Always shown as icon, word and colour together.
enum class MessageKind : std::uint8_t { Info, Success, Warning, Error };

[[nodiscard]] QString messageWord(MessageKind kind); ///< "Note", "Done", "Warning", "Error"
[[nodiscard]] ColorRole messageColor(MessageKind kind);
/// A shape of its own for each kind (i in a circle, tick in a circle, triangle, octagon), sharp at
/// the screen that \p widget is on and in the colours of its theme.
[[nodiscard]] QPixmap messageIcon(MessageKind kind, int size, const QWidget& widget);

} // namespace lacuna
