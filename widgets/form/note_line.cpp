#include "widgets/form/note_line.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>

namespace lacuna {

NoteLine::NoteLine(QWidget* parent) : QWidget(parent)
{
    m_icon = new QLabel(this);
    m_word = new QLabel(this);
    QFont bold = m_word->font();
    bold.setWeight(QFont::DemiBold);
    m_word->setFont(bold);
    m_text = new QLabel(this);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignTop | Qt::AlignLeading);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addWidget(m_word, 0, Qt::AlignTop);
    row->addWidget(m_text, 1);
    restyle();
}

NoteLine::NoteLine(MessageKind kind, const QString& text, QWidget* parent) : NoteLine(parent)
{
    setNote(kind, text);
}

QString NoteLine::text() const
{
    return m_text->text();
}

void NoteLine::setNote(MessageKind kind, const QString& text)
{
    m_kind = kind;
    m_text->setText(text);
    restyle();
}

void NoteLine::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::LanguageChange)
        restyle();
    QWidget::changeEvent(event);
}

void NoteLine::restyle()
{
    m_icon->setPixmap(messageIcon(m_kind, 16, *this));
    m_word->setText(messageWord(m_kind));
    QPalette colors = m_word->palette();
    colors.setColor(QPalette::WindowText, themeColor(messageColor(m_kind), *this));
    m_word->setPalette(colors);
    setAccessibleName(tr("%1: %2").arg(messageWord(m_kind), m_text->text()));
}

} // namespace lacuna
