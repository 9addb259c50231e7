#pragma once

#include <QString>

class QTextEdit;

namespace lacuna {

/// Lets a screen reader say \p sentence, new in \p view, when it has said what it is at.
/// \param position  where the sentence begins
void announce(QTextEdit& view, qsizetype position, const QString& sentence);

} // namespace lacuna
