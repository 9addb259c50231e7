#include "app/report/text_report.h"

#include "app/report/drawing_object.h"
#include "core/report/colors.h"

#include <QAbstractTextDocumentLayout>
#include <QTextCursor>
#include <QTextTable>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;
using namespace TextReportProperty;

namespace {

QColor colorOf(std::string_view name)
{
    return QColor(QLatin1String(name.data(), static_cast<qsizetype>(name.size())));
}

QString text(const std::string& utf8)
{
    // One block stays one block: a line feed becomes a break within it.
    return QString::fromStdString(utf8).replace(u'\n', QChar::LineSeparator);
}

/// Puts a report into a document, block after block.
class TextReportWriter {
public:
    TextReportWriter(QTextDocument& document, const TextReportLook& look,
                     const ReportBreaks& breaks)
        : m_cursor(&document), m_look(look), m_colors(reportColors(look.dark)), m_breaks(breaks),
          m_drawings(new DrawingObject(look.dark, look.figureWidth, &document))
    {
        document.documentLayout()->registerHandler(DrawingObject::kDrawingType, m_drawings);
    }

    void write(const Report& report)
    {
        // Otherwise every piece of text would be laid out with all that it moves.
        m_cursor.beginEditBlock();
        heading(report.title, 1, 1.7);
        paragraph(report.subtitle, charFormat(0.9, m_colors.secondary));
        for (const ReportSection& section : report.sections) {
            heading(section.title, 2, 1.3);
            for (const ReportBlock& block : section.blocks)
                std::visit([this](const auto& one) { write(one); }, block);
        }
        m_cursor.endEditBlock();
    }

private:
    void write(const ReportParagraph& one)
    {
        using Weight = ReportParagraph::Weight;
        const bool small = one.weight == Weight::Small;
        const double size = small ? 0.875 : one.weight == Weight::Lead ? 1.1 : 1.0;
        QTextCharFormat format = charFormat(size, small ? m_colors.secondary : m_colors.text);
        if (one.weight != Weight::Warning)
            return paragraph(one.text, format);
        startBlock({});
        QTextCharFormat bold = charFormat(1, m_colors.warning);
        bold.setFontWeight(QFont::DemiBold);
        m_cursor.insertText(u"Note: "_s, bold);
        m_cursor.insertText(text(one.text), format);
    }

    void write(const ReportHeading& one) { heading(one.text, 3, 1.05); }

    void write(const ReportList& list)
    {
        QTextCharFormat bold = charFormat(1, m_colors.text);
        bold.setFontWeight(QFont::DemiBold);
        for (const ReportList::Item& item : list.items) {
            QTextBlockFormat format;
            format.setTextIndent(-px(14));
            format.setLeftMargin(px(14));
            startBlock(format);
            m_cursor.insertText(u"\u2022  "_s, charFormat(1, m_colors.secondary));
            if (!item.lead.empty())
                m_cursor.insertText(text(item.lead) + u' ', bold);
            m_cursor.insertText(text(item.text), charFormat(1, m_colors.text));
        }
    }

    void write(const ReportFigure& figure)
    {
        QTextBlockFormat format;
        format.setProperty(kKeepWithNext, true);
        format.setTopMargin(px(14));
        startBlock(format);
        m_cursor.insertText(QString(QChar::ObjectReplacementCharacter),
                            m_drawings->add(figure.drawing));
        // What a page of HTML keeps for those who do not see the picture is printed here.
        paragraph(figure.caption + " " + figure.drawing.description,
                  charFormat(0.875, m_colors.secondary));
    }

    void write(const ReportTable& table)
    {
        QTextBlockFormat format;
        format.setProperty(kKeepWithNext, true);
        format.setTopMargin(px(16));
        startBlock(format);
        QTextCharFormat bold = charFormat(0.9, m_colors.secondary);
        bold.setFontWeight(QFont::DemiBold);
        m_cursor.insertText(text(table.caption), bold);
        const int number = m_tables++;
        const int rows = static_cast<int>(table.rows.size());
        for (int from = 0; from < rows;) {
            int end = from + 1;
            while (end < rows && !m_breaks.rows.contains({number, end}))
                ++end;
            writeRows(table, number, from, end);
            from = end;
        }
    }

    void write(const ReportAnswers& answers)
    {
        heading(answers.question, 3, 1.0);
        const int number = m_tables++;
        const int columns = std::max(1, static_cast<int>(answers.said.size()));
        QTextTable* table = insertTable(1, columns, number, 0, false);
        for (int i = 0; i < static_cast<int>(answers.said.size()); ++i) {
            const ReportAnswers::Said& said = answers.said[static_cast<std::size_t>(i)];
            QTextCursor cell = table->cellAt(0, i).firstCursorPosition();
            QTextCharFormat bold =
                charFormat(0.875, said.model == Ink::Unlearned ? m_colors.unlearnedText
                                                               : inkColor(said.model, m_look.dark));
            bold.setFontWeight(QFont::DemiBold);
            cell.insertText(text(said.name), bold);
            if (!said.text.empty()) {
                cell.insertBlock();
                cell.insertText(text(said.text), charFormat(1, m_colors.text));
            }
            if (!said.notice.empty()) {
                cell.insertBlock();
                cell.insertText(text(said.notice), charFormat(0.8, m_colors.secondary));
            }
        }
    }

    void writeRows(const ReportTable& table, int number, int from, int end)
    {
        const int columns = static_cast<int>(table.columns.size());
        QTextTable* made = insertTable(end - from + 1, columns, number, from, true);
        QTextCharFormat bold = charFormat(0.85, m_colors.text);
        bold.setFontWeight(QFont::DemiBold);
        for (int i = 0; i < columns; ++i) {
            const ReportTable::Column& column = table.columns[static_cast<std::size_t>(i)];
            QTextCursor cell = made->cellAt(0, i).firstCursorPosition();
            align(cell, column.number);
            cell.insertText(text(column.title), bold);
            for (int row = from; row < end; ++row)
                writeCell(made->cellAt(row - from + 1, i).firstCursorPosition(),
                          table.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(i)],
                          column.number);
        }
    }

    void writeCell(QTextCursor at, const ReportCell& cell, bool number)
    {
        align(at, number);
        QTextCharFormat format = charFormat(0.85, m_colors.text);
        QString words = text(cell.text);
        if (cell.code) {
            format.setFontFamilies({u"DejaVu Sans Mono"_s, u"Liberation Mono"_s, u"monospace"_s});
            format.setFontPointSize(m_look.font.pointSizeF() * 0.75);
            words = breakable(words);
        }
        at.insertText(words, format);
        if (!cell.note.empty()) {
            if (!words.isEmpty())
                at.insertText(QString(QChar::LineSeparator));
            at.insertText(text(cell.note), charFormat(0.75, m_colors.secondary));
        }
    }

    /// Long words of a path or a hash may go on in the next line.
    static QString breakable(const QString& words)
    {
        constexpr int kMost = 16;
        QString out;
        int run = 0;
        for (const QChar c : words) {
            out += c;
            run = c.isSpace() ? 0 : run + 1;
            if (c == u'/' || (run % kMost == 0 && run > 0 && !c.isSurrogate()))
                out += QChar(0x200b);
        }
        return out;
    }

    static void align(QTextCursor& cell, bool number)
    {
        QTextBlockFormat format = cell.blockFormat();
        format.setAlignment(number ? Qt::AlignRight : Qt::AlignLeft);
        cell.setBlockFormat(format);
    }

    QTextTable* insertTable(int rows, int columns, int number, int firstRow, bool hasHeader)
    {
        QTextTableFormat format;
        format.setProperty(kTableNumber, number);
        format.setProperty(kFirstRow, firstRow);
        format.setHeaderRowCount(hasHeader ? 1 : 0);
        format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
        format.setBorderCollapse(true);
        format.setBorder(0);
        format.setCellPadding(px(5));
        format.setCellSpacing(0);
        if (firstRow > 0)
            format.setPageBreakPolicy(QTextFormat::PageBreak_AlwaysBefore);
        if (!hasHeader) {
            format.setBackground(colorOf(m_colors.surface));
            format.setColumnWidthConstraints(QList<QTextLength>(
                columns, QTextLength(QTextLength::PercentageLength, 100.0 / columns)));
        }
        QTextTable* table = m_cursor.insertTable(rows, columns, format);
        if (hasHeader)
            for (int row = 0; row < rows; ++row)
                for (int i = 0; i < columns; ++i) {
                    QTextTableCellFormat cell;
                    cell.setBottomBorder(px(row == 0 ? 1.2 : 0.6));
                    cell.setBottomBorderStyle(QTextFrameFormat::BorderStyle_Solid);
                    cell.setBottomBorderBrush(
                        colorOf(row == 0 ? m_colors.secondary : m_colors.grid));
                    table->cellAt(row, i).setFormat(cell);
                }
        m_cursor.movePosition(QTextCursor::End);
        leaveGap();
        return table;
    }

    void heading(const std::string& words, int level, double size)
    {
        QTextBlockFormat format;
        format.setHeadingLevel(level);
        format.setTopMargin(px(level == 2 ? 30 : level == 3 ? 14 : 0));
        format.setBottomMargin(px(4));
        format.setProperty(kKeepWithNext, true);
        QTextCharFormat bold = charFormat(size, m_colors.text);
        bold.setFontWeight(QFont::Bold);
        startBlock(format);
        m_cursor.insertText(text(words), bold);
    }

    void paragraph(const std::string& words, const QTextCharFormat& format)
    {
        startBlock({});
        m_cursor.insertText(text(words), format);
    }

    /// The block that a table leaves behind itself becomes the gap below it. A margin of the table
    /// would not do: where it goes over the end of a page, the table's head comes again below it.
    void leaveGap()
    {
        QTextBlockFormat format;
        format.setLineHeight(px(2), QTextBlockFormat::FixedHeight);
        format.setBottomMargin(px(12));
        m_cursor.setBlockFormat(format);
        QTextCharFormat small;
        small.setFontPointSize(1);
        m_cursor.setBlockCharFormat(small);
        m_fresh = false;
    }

    /// The next block, or the empty one that the document begins with.
    void startBlock(QTextBlockFormat format)
    {
        const int number = m_blocks++;
        format.setProperty(kBlockNumber, number);
        if (!format.hasProperty(QTextFormat::BlockBottomMargin))
            format.setBottomMargin(px(6));
        if (m_breaks.blocks.contains(number))
            format.setPageBreakPolicy(QTextFormat::PageBreak_AlwaysBefore);
        if (m_fresh)
            m_cursor.setBlockFormat(format);
        else
            m_cursor.insertBlock(format);
        m_fresh = false;
    }

    [[nodiscard]] QTextCharFormat charFormat(double size, std::string_view color) const
    {
        QTextCharFormat format;
        format.setFontPointSize(m_look.font.pointSizeF() * size);
        format.setForeground(colorOf(color));
        return format;
    }

    [[nodiscard]] double px(double pixels) const { return pixels * m_look.scale; }

    QTextCursor m_cursor;
    const TextReportLook& m_look;
    const ReportColors& m_colors;
    const ReportBreaks& m_breaks;
    DrawingObject* m_drawings; ///< the document owns it
    bool m_fresh = true;       ///< the cursor is in an empty block
    int m_blocks = 0;
    int m_tables = 0;
};

} // namespace

void writeTextReport(QTextDocument& document, const Report& report, const TextReportLook& look,
                     const ReportBreaks& breaks)
{
    document.setUndoRedoEnabled(false);
    document.setDefaultFont(look.font);
    document.setMetaInformation(QTextDocument::DocumentTitle, QString::fromStdString(report.title));
    TextReportWriter(document, look, breaks).write(report);
}

} // namespace lacuna
