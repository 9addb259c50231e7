#pragma once

#include <QTextCharFormat>
#include <QTextEdit>

#include <optional>
#include <vector>

namespace lacuna {

class RangeHighlighter;

/// Text to read, select and copy, in which ranges carry a format and one place carries a mark. Text
/// that grows at its end is appended, so that selection and scroll position stay.
class MarkedText : public QTextEdit {
    Q_OBJECT

public:
    struct Range {
        qsizetype begin = 0;
        qsizetype length = 0;
        QTextCharFormat format;
        QString before; ///< copied in front of it
        QString after;  ///< copied behind it
    };

    explicit MarkedText(QWidget* parent = nullptr);

    [[nodiscard]] const QString& text() const { return m_text; }
    [[nodiscard]] const std::vector<Range>& ranges() const { return m_ranges; }
    [[nodiscard]] std::optional<qsizetype> mark() const { return m_mark; }

    [[nodiscard]] static QString withPlainLineEnds(QString text);

    /// Line ends of any kind become "\n".
    void setText(const QString& text);
    /// \param ranges  ascending, apart from each other, inside the text
    void setRanges(std::vector<Range> ranges);
    /// A small flag in front of the character at \p position.
    void setMark(std::optional<qsizetype> position);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    [[nodiscard]] QMimeData* createMimeDataFromSelection() const override;

private:
    void restart();

    QString m_text;
    std::vector<Range> m_ranges;
    std::optional<qsizetype> m_mark;
    RangeHighlighter* m_highlighter;
};

} // namespace lacuna
