#include "app/pages/home/home_card.h"

#include "widgets/base/colors.h"
#include "widgets/base/dragged.h"
#include "widgets/base/icons.h"
#include "widgets/base/theme.h"

#include <QDragEnterEvent>
#include <QLabel>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kIconSize = 40;

} // namespace

HomeCard::HomeCard(QString icon, const char* name, QWidget* parent)
    : QFrame(parent), m_iconName(std::move(icon)), m_icon(new QLabel), m_title(heading({}, 3)),
      m_text(secondaryText({})), m_button(new QPushButton)
{
    setProperty("card", true);
    setCursor(Qt::PointingHandCursor);
    m_button->setObjectName(QString::fromLatin1(name));
    m_button->setMinimumHeight(32);
    m_title->setWordWrap(true);
    connect(m_button, &QPushButton::clicked, this, &HomeCard::chosen);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(m_icon);
    layout->addWidget(m_title);
    layout->addWidget(m_text);
    layout->addStretch();
    layout->addSpacing(8);
    layout->addWidget(m_button);
    drawIcon();
}

void HomeCard::setTexts(const QString& title, const QString& text, const QString& action)
{
    m_title->setText(title);
    m_text->setText(text);
    m_button->setText(action);
    m_button->setAccessibleDescription(text);
    m_icon->setAccessibleName(title);
}

void HomeCard::drawIcon()
{
    // The icon takes its colour from what shows it, so it is painted anew in each theme.
    const qreal ratio = devicePixelRatioF();
    QPixmap pixmap(QSize(kIconSize, kIconSize) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    lineIcon(m_iconName).paint(&painter, 0, 0, kIconSize, kIconSize);
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(0, 0, kIconSize, kIconSize, themeColor(ColorRole::Accent, *this));
    painter.end();
    m_icon->setPixmap(pixmap);
}

void HomeCard::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        drawIcon();
}

void HomeCard::mousePressEvent(QMouseEvent* event)
{
    event->accept(); // so that the release comes here as well
}

void HomeCard::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()))
        Q_EMIT chosen();
}

void HomeCard::dragEnterEvent(QDragEnterEvent* event)
{
    if (draggedFolder(*event->mimeData()).isEmpty())
        return event->ignore(); // a file is for the window
    event->acceptProposedAction();
    m_dragged = true;
    update();
}

void HomeCard::dragLeaveEvent(QDragLeaveEvent* event)
{
    QFrame::dragLeaveEvent(event);
    m_dragged = false;
    update();
}

void HomeCard::dropEvent(QDropEvent* event)
{
    m_dragged = false;
    update();
    const QString folder = draggedFolder(*event->mimeData());
    if (folder.isEmpty())
        return event->ignore();
    event->acceptProposedAction();
    Q_EMIT folderDropped(folder);
}

void HomeCard::paintEvent(QPaintEvent* event)
{
    QFrame::paintEvent(event);
    if (!m_dragged)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(themeColor(ColorRole::Accent, *this), 2, Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(4, 4, -4, -4), 6, 6);
}

} // namespace lacuna
