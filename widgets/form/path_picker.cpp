#include "widgets/form/path_picker.h"

#include "widgets/form/message_kind.h"

#include <QDir>
#include <QDropEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QUrl>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kIconSize = 16;

QStringList localPaths(const QMimeData& data)
{
    QStringList paths;
    for (const QUrl& url : data.urls())
        if (url.isLocalFile())
            paths += QDir::cleanPath(url.toLocalFile());
    return paths;
}

QToolButton* smallTool(const QString& name, const QString& sign, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setObjectName(name);
    button->setText(sign);
    button->setAutoRaise(true);
    button->setMinimumSize(24, 24);
    return button;
}

} // namespace

PathPicker::PathPicker(Kind kind, QWidget* parent) : QFrame(parent), m_kind(kind)
{
    setAcceptDrops(true);
    m_icon = new QLabel(this);
    m_icon->setFixedSize(kIconSize, kIconSize);
    m_title = new QLabel(this);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_where = new QLabel(this);
    m_where->setObjectName(u"where"_s);
    m_where->setMinimumWidth(80);
    m_where->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_where->setTextFormat(Qt::PlainText);
    m_status = new QLabel(this);
    m_status->setObjectName(u"status"_s);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setWordWrap(true);
    m_remedy = new QPushButton(this);
    m_remedy->setObjectName(u"remedy"_s);
    m_remedy->setAutoDefault(false);
    m_remedy->hide();
    m_browse = new QPushButton(this);
    m_browse->setObjectName(u"browse"_s);
    m_browse->setAutoDefault(false);
    m_menu = new QMenu(this);
    m_recent = smallTool(u"recent"_s, u"▾"_s, this);
    m_recent->setMenu(m_menu);
    m_recent->setPopupMode(QToolButton::InstantPopup);
    m_recent->setStyleSheet(u"QToolButton::menu-indicator { image: none; }"_s);
    m_clear = smallTool(u"clear"_s, u"×"_s, this);

    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    words->addWidget(m_where);
    words->addWidget(m_status);
    words->addSpacing(2);
    words->addWidget(m_remedy, 0, Qt::AlignLeft);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 8, 8);
    row->setSpacing(8);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addLayout(words, 1);
    row->addWidget(m_browse);
    row->addWidget(m_recent);
    row->addWidget(m_clear);

    connect(m_browse, &QPushButton::clicked, this, &PathPicker::browseRequested);
    connect(m_clear, &QToolButton::clicked, this, &PathPicker::clearRequested);
    connect(m_remedy, &QPushButton::clicked, this, &PathPicker::remedyRequested);
    setRecent({});
    retranslate();
    showState();
}

void PathPicker::setTexts(const QString& title, const QString& hint)
{
    m_title->setText(title);
    m_hint = hint;
    retranslate();
    showPath();
}

void PathPicker::setPath(const QString& path)
{
    m_path = path;
    setState(path.isEmpty() ? State::Empty : State::Reading);
}

void PathPicker::setState(State state, const QString& note)
{
    m_state = state;
    m_note = note;
    showState();
}

void PathPicker::setRemedy(const QString& text)
{
    m_remedy->setText(text);
    m_remedy->setVisible(!text.isEmpty());
    retranslate();
}

void PathPicker::setRecent(const QStringList& paths)
{
    m_menu->clear();
    for (const QString& path : paths) {
        // An ampersand in a name is no mnemonic.
        QAction* entry = m_menu->addAction(QDir::toNativeSeparators(path).replace(u"&"_s, u"&&"_s));
        connect(entry, &QAction::triggered, this, [this, path] { Q_EMIT pathChosen(path); });
    }
    m_recent->setEnabled(!paths.isEmpty());
}

void PathPicker::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::LanguageChange)
        showState();
    QFrame::changeEvent(event);
}

void PathPicker::dragEnterEvent(QDragEnterEvent* event)
{
    if (!event->mimeData()->hasUrls())
        return;
    event->acceptProposedAction();
    m_dragOver = true;
    update();
}

void PathPicker::dragLeaveEvent(QDragLeaveEvent*)
{
    m_dragOver = false;
    update();
}

void PathPicker::dropEvent(QDropEvent* event)
{
    m_dragOver = false;
    update();
    const QStringList paths = localPaths(*event->mimeData());
    if (paths.isEmpty()) {
        setState(State::Problem, tr("Only files of this computer can be used."));
        return;
    }
    if (paths.size() > 1) {
        setState(State::Problem, m_kind == Kind::File ? tr("Drop one file, not several.")
                                                      : tr("Drop one folder, not several."));
        return;
    }
    const QFileInfo dropped(paths.first());
    if (m_kind == Kind::File && dropped.isDir()) {
        setState(State::Problem, tr("This is a folder; a file is wanted here."));
        return;
    }
    event->acceptProposedAction();
    // A file of a model stands for the folder that it lies in.
    const bool takeParent = m_kind == Kind::Folder && dropped.isFile();
    Q_EMIT pathChosen(takeParent ? dropped.absolutePath() : paths.first());
}

void PathPicker::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(themeColor(m_dragOver ? ColorRole::Accent : ColorRole::Border, *this),
             m_dragOver ? 2 : 1);
    if (m_state == State::Empty)
        pen.setStyle(Qt::DashLine);
    painter.setPen(pen);
    painter.setBrush(themeColor(ColorRole::Window, *this));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
}

void PathPicker::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    showPath();
}

void PathPicker::showState()
{
    const bool marked = m_state == State::Ok || m_state == State::Problem;
    const MessageKind kind = m_state == State::Ok ? MessageKind::Success : MessageKind::Error;
    m_icon->setPixmap(marked ? messageIcon(kind, kIconSize, *this) : QPixmap());
    QPalette colors = palette();
    colors.setColor(
        QPalette::WindowText,
        themeColor(m_state == State::Problem ? ColorRole::Error : ColorRole::Secondary, *this));
    m_status->setPalette(colors);
    m_status->setText(m_state == State::Reading ? tr("Reading…") : m_note);
    m_status->setVisible(!m_status->text().isEmpty());
    m_clear->setEnabled(!m_path.isEmpty());
    colors.setColor(QPalette::WindowText,
                    themeColor(m_path.isEmpty() ? ColorRole::Secondary : ColorRole::Text, *this));
    m_where->setPalette(colors);
    showPath();
    update();
}

void PathPicker::showPath()
{
    const QString shown = m_path.isEmpty() ? m_hint : QDir::toNativeSeparators(m_path);
    // The end of a path says most of it.
    m_where->setText(m_where->fontMetrics().elidedText(
        shown, m_path.isEmpty() ? Qt::ElideRight : Qt::ElideLeft, m_where->width()));
    m_where->setToolTip(shown);
    setAccessibleDescription(m_status->text().isEmpty() ? shown
                                                        : shown + u". "_s + m_status->text());
}

void PathPicker::retranslate()
{
    const QString title = m_title->text();
    m_browse->setText(tr("Browse…"));
    m_remedy->setAccessibleName(tr("%1: %2").arg(title, m_remedy->text()));
    m_recent->setToolTip(tr("Recent"));
    m_clear->setToolTip(tr("Clear"));
    setAccessibleName(title);
    m_browse->setAccessibleName(tr("Browse for %1").arg(title));
    m_recent->setAccessibleName(tr("Recent for %1").arg(title));
    m_clear->setAccessibleName(tr("Clear %1").arg(title));
}

} // namespace lacuna
