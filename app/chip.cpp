#include "app/chip.h"

#include "widgets/base/dragged.h"

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMimeData>

namespace lacuna {

namespace {

constexpr int kMaxWidth = 220;

} // namespace

Chip::Chip(QWidget* parent) : QToolButton(parent)
{
    setAcceptDrops(true);
    setProperty("chip", true);
    setMaximumWidth(kMaxWidth);
    setFocusPolicy(Qt::StrongFocus);
}

void Chip::setFact(const QString& label, const QString& path)
{
    const QString name = path.isEmpty() ? tr("none") : QFileInfo(path).fileName();
    const QString text = tr("%1: %2").arg(label, name);
    setText(fontMetrics().elidedText(text, Qt::ElideMiddle, kMaxWidth - 24));
    setAccessibleName(text);
    setToolTip(path.isEmpty() ? tr("Drop one here, or choose it on the Setup page") : path);
}

void Chip::dragEnterEvent(QDragEnterEvent* event)
{
    if (!draggedPath(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void Chip::dropEvent(QDropEvent* event)
{
    event->acceptProposedAction();
    Q_EMIT dropped(draggedPath(*event->mimeData()));
}

} // namespace lacuna
