#include "app/pages/probe/prompt_edit.h"

#include <QKeyEvent>

namespace lacuna {

namespace {

constexpr int kLines = 3;

} // namespace

PromptEdit::PromptEdit(QWidget* parent) : QPlainTextEdit(parent)
{
    setTabChangesFocus(true);
    QFont reading = font();
    reading.setPointSizeF(reading.pointSizeF() * 1.15);
    setFont(reading);
    fitHeight();
}

void PromptEdit::keyPressEvent(QKeyEvent* event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !(event->modifiers() & ~Qt::KeypadModifier)) {
        event->accept();
        Q_EMIT submitted();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

void PromptEdit::changeEvent(QEvent* event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        fitHeight();
}

void PromptEdit::fitHeight()
{
    const int margins = static_cast<int>(2 * document()->documentMargin()) + 2 * frameWidth();
    setFixedHeight(kLines * fontMetrics().lineSpacing() + margins);
}

} // namespace lacuna
