#include "core/report/report.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/commands/report_pdf.h"
#include "app/cli/output.h"
#include "core/base/json.h"
#include "core/report/html_report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// ".html", in lower case.
std::string endingOf(const fs::path& file)
{
    std::string ending = file.extension().string();
    std::ranges::transform(ending, ending.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return ending;
}

int makeReportFile(const Arguments& arguments)
{
    const fs::path out = arguments.value("out");
    const std::string ending = endingOf(out);
    const bool isPdf = ending == ".pdf";
    if (!isPdf && ending != ".html" && ending != ".htm")
        return reportUsage("--out: \"" + out.string() + "\" ends neither with .html nor with .pdf");
    const Result<OpenRun> open = openRun(arguments, OpenMode::ReadOnly);
    if (!open)
        return report(open.error());
    const Result<Report> made = makeReport(open->store, open->run.id,
                                           {.method = methodWords(open->run.method),
                                            .programVersion = LACUNA_VERSION,
                                            .time = utcNow(),
                                            .answers = !arguments.flag("without-answers")});
    if (!made)
        return report(made.error());
    const Status written =
        isPdf ? writeReportPdf(*made, out) : writeFileAtomically(out, htmlReport(*made));
    if (!written)
        return report(written.error());
    JsonLines().write(OrderedJson{{"run", open->run.uid},
                                  {"file", out.string()},
                                  {"bytes", static_cast<std::int64_t>(fs::file_size(out))}});
    return ExitDone;
}

} // namespace

Command reportCommand()
{
    return {
        .name = "report",
        .summary = "one file about a run for people who have not got this program: what was "
                   "forgotten, what else changed, what that does not prove, where it comes from",
        .positionals = {{.name = "RUN", .help = "a run's id, its beginning, or the run's name"}},
        .options = {{.name = "out",
                     .value = "FILE",
                     .help = "FILE.html, which needs nothing beside it, or FILE.pdf",
                     .required = true},
                    {.name = "without-answers",
                     .help = "leave out what the models answered, which may hold what was to "
                             "be forgotten"},
                    storeOption()},
        .run = makeReportFile};
}

} // namespace lacuna
