#include "app/cli/commands/report_pdf.h"

namespace lacuna {

Status writeReportPdf(const Report&, const std::filesystem::path& file)
{
    return Error{.code = ErrorCode::Unsupported,
                 .message = "this lacuna-cli was built without the window, whose fonts and pages a "
                            "PDF needs",
                 .context = file.string(),
                 .remedy = "write an .html file and print it from a browser, or build with "
                           "WITH_WINDOW=ON"};
}

} // namespace lacuna
