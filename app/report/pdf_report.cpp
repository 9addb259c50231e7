#include "app/report/pdf_report.h"

#include "app/report/text_report.h"
#include "core/base/json.h"
#include "core/report/colors.h"
#include "core/report/svg.h"

#include <QAbstractTextDocumentLayout>
#include <QBuffer>
#include <QPainter>
#include <QPdfWriter>
#include <QTextBlock>
#include <QTextLayout>
#include <QTextTable>

#include <cmath>
#include <memory>

namespace lacuna {

using namespace Qt::StringLiterals;
using namespace TextReportProperty;

namespace {

constexpr int kResolution = 600; ///< units an inch
constexpr double kPointSize = 10;
constexpr double kMarginInches = 0.7;
constexpr double kFooterInches = 0.35;
/// A table split and laid out again; every round settles a page at least.
constexpr int kMostRounds = 500;

struct Sheet {
    QRectF body;
    QRectF footer;
};

Sheet sheetOf(const QPdfWriter& writer)
{
    const double margin = kMarginInches * kResolution;
    const QRectF page(0, 0, writer.width(), writer.height());
    const QRectF inner = page.adjusted(margin, margin, -margin, -margin);
    return {inner.adjusted(0, 0, 0, -kFooterInches * kResolution),
            QRectF(inner.left(), inner.bottom() - kFooterInches * kResolution, inner.width(),
                   kFooterInches * kResolution)};
}

struct Stretch {
    int first = -1; ///< page
    int last = -1;
    [[nodiscard]] bool isSplit() const { return first >= 0 && first != last; }
};

/// The pages that the lines of a block stand on.
Stretch pagesOf(const QTextBlock& block)
{
    const QTextDocument& document = *block.document();
    const double height = document.pageSize().height();
    const double top = document.documentLayout()->blockBoundingRect(block).top();
    Stretch pages;
    const QTextLayout* layout = block.layout();
    for (int i = 0; i < layout->lineCount(); ++i) {
        const QTextLine line = layout->lineAt(i);
        // The top of a block is that of its first line but for its margin.
        const double at = top + line.y();
        const int page = static_cast<int>(std::floor((at + 0.5 * line.height()) / height));
        pages.first = pages.first < 0 ? page : pages.first;
        pages.last = page;
    }
    return pages;
}

Stretch pagesOf(const QTextTable& table, int row)
{
    Stretch pages;
    for (int i = 0; i < table.columns(); ++i) {
        const QTextTableCell cell = table.cellAt(row, i);
        const int end = cell.lastPosition();
        for (QTextBlock block = cell.firstCursorPosition().block();
             block.isValid() && block.position() <= end; block = block.next()) {
            const Stretch of = pagesOf(block);
            if (of.first < 0)
                continue;
            pages.first = pages.first < 0 ? of.first : std::min(pages.first, of.first);
            pages.last = std::max(pages.last, of.last);
        }
    }
    return pages;
}

/// Finds the first place where a page ends in what belongs together, and puts a break before it.
class PageBreaker {
public:
    PageBreaker(const QTextDocument& document, ReportBreaks& breaks)
        : m_document(document), m_breaks(breaks)
    {
    }

    /// \return whether there was one; then the document has to be made again
    bool improve()
    {
        for (QTextBlock block = m_document.begin(); block.isValid(); block = block.next()) {
            QTextTable* table = qobject_cast<QTextTable*>(m_document.frameAt(block.position()));
            if (table) {
                if (table->firstCursorPosition().block() == block && improveTable(*table))
                    return true;
                continue;
            }
            noteBlock(block);
            const Stretch pages = pagesOf(block);
            const QTextBlock next = block.next();
            if (!block.blockFormat().boolProperty(kKeepWithNext) || !next.isValid())
                continue;
            const Stretch after = pagesOf(next);
            if (after.first >= 0 && pages.last >= 0 && after.first != pages.last && breakBefore())
                return true;
        }
        return false;
    }

private:
    /// Remembers where a chain of blocks that belong together begins.
    void noteBlock(const QTextBlock& block)
    {
        if (!m_chained)
            m_chain = block.blockFormat().intProperty(kBlockNumber);
        m_chained = block.blockFormat().boolProperty(kKeepWithNext);
        m_hasChain = m_chained;
    }

    /// \return false when there is a break already: the chain is longer than a page
    bool breakBefore()
    {
        if (m_chain == 0 || m_breaks.blocks.contains(m_chain))
            return false;
        m_breaks.blocks.insert(m_chain);
        return true;
    }

    bool improveTable(const QTextTable& table)
    {
        const bool belongs = m_hasChain;
        m_chained = false;
        m_hasChain = false;
        const int number = table.format().intProperty(kTableNumber);
        const int first = table.format().intProperty(kFirstRow);
        const int header = table.format().toTableFormat().headerRowCount();
        const int start = pagesOf(table, 0).first;
        for (int row = header; row < table.rows(); ++row) {
            const Stretch pages = pagesOf(table, row);
            const bool begins = row == header;
            if (!pages.isSplit() && (!begins || pages.first == start))
                continue;
            if (begins && first == 0) {
                if (belongs && breakBefore())
                    return true;
            } else if (!begins) {
                m_breaks.rows.insert({number, first + row - header});
                return true;
            }
        }
        return false;
    }

    const QTextDocument& m_document;
    ReportBreaks& m_breaks;
    int m_chain = 0;
    bool m_chained = false;
    bool m_hasChain = false;
};

std::unique_ptr<QTextDocument> laidOut(const Report& report, const TextReportLook& look,
                                       const ReportBreaks& breaks, QPdfWriter& writer,
                                       const Sheet& sheet)
{
    auto document = std::make_unique<QTextDocument>();
    document->documentLayout()->setPaintDevice(&writer);
    document->setDocumentMargin(0);
    document->setPageSize(sheet.body.size());
    writeTextReport(*document, report, look, breaks);
    return document;
}

void paintFooter(QPainter& painter, const Sheet& sheet, const Report& report, const QFont& font,
                 const QString& page)
{
    const std::string_view color = reportColors(false).secondary;
    QFont small = font;
    small.setPointSizeF(kPointSize * 0.8);
    painter.setFont(small);
    painter.setPen(QColor(QLatin1String(color.data(), static_cast<qsizetype>(color.size()))));
    const QFontMetricsF metrics(small, painter.device());
    painter.drawText(sheet.footer, Qt::AlignRight | Qt::AlignBottom, page);
    const double room = sheet.footer.width() - 2 * metrics.horizontalAdvance(page);
    painter.drawText(
        sheet.footer, Qt::AlignLeft | Qt::AlignBottom,
        metrics.elidedText(QString::fromStdString(report.title), Qt::ElideRight, room));
}

/// What the file says of itself, for programs that list files.
QByteArray metadataOf(const Report& report)
{
    const auto put = [](const std::string& value) {
        return QString::fromStdString(escapedMarkup(value));
    };
    return u"<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>"
           "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
           "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
           "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
           "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>%1</rdf:li></rdf:Alt></dc:title>"
           "<dc:creator><rdf:Seq><rdf:li>%2</rdf:li></rdf:Seq></dc:creator>"
           "<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>"
           "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"_s
               .arg(put(report.title), put(report.author))
               .toUtf8();
}

} // namespace

QByteArray pdfReport(const Report& report)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setResolution(kResolution);
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    writer.setTitle(QString::fromStdString(report.title));
    writer.setCreator(QString::fromStdString(report.author));
    writer.setDocumentXmpMetadata(metadataOf(report));

    const Sheet sheet = sheetOf(writer);
    TextReportLook look{.figureWidth = sheet.body.width(), .scale = 1};
    look.font.setFamilies(
        {u"Noto Sans"_s, u"DejaVu Sans"_s, u"Liberation Sans"_s, u"sans-serif"_s});
    look.font.setPointSizeF(kPointSize);

    ReportBreaks breaks;
    std::unique_ptr<QTextDocument> document = laidOut(report, look, breaks, writer, sheet);
    for (int round = 0; round < kMostRounds && PageBreaker(*document, breaks).improve(); ++round)
        document = laidOut(report, look, breaks, writer, sheet);

    const int pages = document->pageCount();
    QPainter painter(&writer);
    for (int page = 0; page < pages; ++page) {
        if (page > 0)
            writer.newPage();
        painter.save();
        painter.translate(sheet.body.left(), sheet.body.top() - page * sheet.body.height());
        const QRectF shown(0, page * sheet.body.height(), sheet.body.width(), sheet.body.height());
        painter.setClipRect(shown);
        QAbstractTextDocumentLayout::PaintContext context;
        // What only touches the edge of the page is the next page's: drawn here it would be hidden
        // and yet be found by whoever searches or reads the page aloud.
        context.clip = shown.adjusted(0, 1, 0, -1);
        document->documentLayout()->draw(&painter, context);
        painter.restore();
        paintFooter(painter, sheet, report, look.font, u"Page %1 of %2"_s.arg(page + 1).arg(pages));
    }
    painter.end();
    return buffer.data();
}

Status writePdfReport(const Report& report, const std::filesystem::path& file)
{
    const QByteArray bytes = pdfReport(report);
    return writeFileAtomically(file, {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

} // namespace lacuna
