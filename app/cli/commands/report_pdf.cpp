#include "app/cli/commands/report_pdf.h"

#include "app/report/pdf_report.h"

#include <QGuiApplication>

namespace lacuna {

Status writeReportPdf(const Report& report, const std::filesystem::path& file)
{
    // Fonts and pages without a display.
    char name[] = "lacuna-cli";
    char option[] = "-platform";
    char platform[] = "offscreen";
    char* words[] = {name, option, platform, nullptr};
    int count = 3;
    const QGuiApplication application(count, words);
    return writePdfReport(report, file);
}

} // namespace lacuna
