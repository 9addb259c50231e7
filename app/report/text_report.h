#pragma once

#include "core/report/document.h"

#include <QFont>
#include <QSet>
#include <QTextDocument>
#include <QTextFormat>

namespace lacuna {

/// How a report looks as a QTextDocument.
struct TextReportLook {
    QFont font;
    bool dark = false;
    double figureWidth = 720; ///< at most, in units of the document
    double scale = 1;         ///< units of the document for a pixel of a screen at 100 %
};

/// Where pages begin beside where they are full: a table's row, or a block of text.
struct ReportBreaks {
    QSet<QPair<int, int>> rows; ///< number of the ReportTable or ReportAnswers, row
    QSet<int> blocks;           ///< number among what can be broken before
};

/// Writes the report as text, tables and charts into \p document, which is empty and knows its
/// width or pages and its paint device, so that it is laid out once. Texts of the report are never
/// taken for markup. The thread of the document.
///
/// Blocks of text carry kKeepWithNext where they must stand on the page of what follows, and
/// kBlockNumber; tables kTableNumber and kFirstRow.
void writeTextReport(QTextDocument& document, const Report& report, const TextReportLook& look,
                     const ReportBreaks& breaks = {});

namespace TextReportProperty {
constexpr int kKeepWithNext = QTextFormat::UserProperty + 10;
constexpr int kBlockNumber = QTextFormat::UserProperty + 11;
constexpr int kTableNumber = QTextFormat::UserProperty + 12;
constexpr int kFirstRow = QTextFormat::UserProperty + 13; ///< of this part of the table
} // namespace TextReportProperty

} // namespace lacuna
