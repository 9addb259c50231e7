#include "widgets/base/dragged.h"

#include <QDir>
#include <QFileInfo>
#include <QMimeData>
#include <QUrl>

namespace lacuna {

QString draggedPath(const QMimeData& data)
{
    const QList<QUrl> urls = data.urls();
    if (urls.size() != 1 || !urls.front().isLocalFile())
        return {};
    return QDir::cleanPath(urls.front().toLocalFile());
}

QString draggedFolder(const QMimeData& data)
{
    const QString path = draggedPath(data);
    return QFileInfo(path).isDir() ? path : QString();
}

} // namespace lacuna
