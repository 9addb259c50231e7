#pragma once

#include <QString>

class QMimeData;

namespace lacuna {

/// The one local file or folder that is dragged; empty when it is anything else.
[[nodiscard]] QString draggedPath(const QMimeData& data);
/// The same, if it is a folder.
[[nodiscard]] QString draggedFolder(const QMimeData& data);

} // namespace lacuna
