#include "widgets/text/announcement.h"

#include <QAccessible>
#include <QTextEdit>
#include <QtGlobal>

namespace lacuna {

void announce(QTextEdit& view, qsizetype position, const QString& sentence)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    Q_UNUSED(position)
    QAccessibleAnnouncementEvent event(&view, sentence);
    event.setPoliteness(QAccessible::AnnouncementPoliteness::Polite);
#else
    QAccessibleTextInsertEvent event(&view, static_cast<int>(position), sentence);
#endif
    QAccessible::updateAccessibility(&event);
}

} // namespace lacuna
