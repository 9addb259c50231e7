#include "widgets/text/marked_text.h"

#include "widgets/base/colors.h"

#include <QEvent>
#include <QMimeData>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QSyntaxHighlighter>
#include <QTextBlock>

#include <algorithm>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

/// Formats that lie over the document and are no part of it.
class RangeHighlighter : public QSyntaxHighlighter {
public:
    RangeHighlighter(QTextDocument* document, const std::vector<MarkedText::Range>& ranges)
        : QSyntaxHighlighter(document), m_ranges(ranges)
    {
    }

protected:
    void highlightBlock(const QString& text) override
    {
        const qsizetype begin = currentBlock().position();
        const qsizetype end = begin + text.size();
        auto range = std::partition_point(m_ranges.begin(), m_ranges.end(),
                                          [begin](const MarkedText::Range& candidate) {
                                              return candidate.begin + candidate.length <= begin;
                                          });
        for (; range != m_ranges.end() && range->begin < end; ++range) {
            const qsizetype from = std::max(range->begin, begin);
            const qsizetype to = std::min(range->begin + range->length, end);
            setFormat(static_cast<int>(from - begin), static_cast<int>(to - from), range->format);
        }
    }

private:
    const std::vector<MarkedText::Range>& m_ranges;
};

MarkedText::MarkedText(QWidget* parent)
    : QTextEdit(parent), m_highlighter(new RangeHighlighter(document(), m_ranges))
{
    setReadOnly(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setUndoRedoEnabled(false);
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    document()->setDocumentMargin(8);
    QFont reading = font();
    reading.setPointSizeF(reading.pointSizeF() * 1.15);
    document()->setDefaultFont(reading);
    restart();
}

QString MarkedText::withPlainLineEnds(QString text)
{
    text.replace(u"\r\n"_s, u"\n"_s).replace(u'\r', u'\n');
    return text;
}

void MarkedText::setText(const QString& text)
{
    QString wanted = withPlainLineEnds(text);
    if (wanted == m_text)
        return;
    QScrollBar* bar = verticalScrollBar();
    const bool follow = bar->value() == bar->maximum() && !textCursor().hasSelection();
    if (!wanted.startsWith(m_text) || m_text.isEmpty())
        restart();
    QTextCursor end(document());
    end.movePosition(QTextCursor::End);
    end.insertText(wanted.mid(m_text.size()));
    m_text = std::move(wanted);
    if (follow)
        bar->setValue(bar->maximum());
    viewport()->update();
}

/// Empties the document and gives its first paragraph the line height that the others inherit.
void MarkedText::restart()
{
    clear();
    m_text.clear();
    QTextBlockFormat format;
    format.setLineHeight(145, QTextBlockFormat::ProportionalHeight);
    QTextCursor(document()).setBlockFormat(format);
}

void MarkedText::setRanges(std::vector<Range> ranges)
{
    const auto same = [](const Range& a, const Range& b) {
        return a.begin == b.begin && a.length == b.length && a.format == b.format;
    };
    if (std::equal(ranges.begin(), ranges.end(), m_ranges.begin(), m_ranges.end(), same))
        return;
    m_ranges = std::move(ranges);
    m_highlighter->rehighlight();
}

void MarkedText::setMark(std::optional<qsizetype> position)
{
    m_mark = position;
    viewport()->update();
}

void MarkedText::paintEvent(QPaintEvent* event)
{
    QTextEdit::paintEvent(event);
    if (!m_mark)
        return;
    QTextCursor place(document());
    place.setPosition(static_cast<int>(std::min(*m_mark, m_text.size())));
    const QRectF line = cursorRect(place);
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = themeColor(ColorRole::Accent, *this);
    painter.fillRect(QRectF(line.left() - 2, line.top(), 2, line.height()), color);
    QPainterPath flag(QPointF(line.left() - 7, line.top() - 2));
    flag.lineTo(line.left() + 5, line.top() - 2);
    flag.lineTo(line.left() - 1, line.top() + 4);
    flag.closeSubpath();
    painter.fillPath(flag, color);
}

void MarkedText::changeEvent(QEvent* event)
{
    QTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        QFont reading = font();
        reading.setPointSizeF(reading.pointSizeF() * 1.15);
        document()->setDefaultFont(reading);
    }
}

QMimeData* MarkedText::createMimeDataFromSelection() const
{
    const QTextCursor selection = textCursor();
    const qsizetype begin = selection.selectionStart();
    const qsizetype end = selection.selectionEnd();
    QString copied;
    qsizetype at = begin;
    for (const Range& range : m_ranges) {
        const qsizetype from = std::max(range.begin, begin);
        const qsizetype to = std::min(range.begin + range.length, end);
        if (from >= to)
            continue;
        copied +=
            m_text.mid(at, from - at) + range.before + m_text.mid(from, to - from) + range.after;
        at = to;
    }
    copied += m_text.mid(at, end - at);
    auto* copy = new QMimeData;
    copy->setText(copied);
    return copy;
}

} // namespace lacuna
