#include "core/report/report.h"

#include "core/report/report_parts.h"
#include "core/report/shown_text.h"

#include <fmt/format.h>

namespace lacuna {

Report makeReport(const RunContent& content, const ReportOptions& options)
{
    const Run& run = content.run;
    MethodWords method = options.method;
    for (std::string* words : {&method.title, &method.source, &method.explanation})
        *words = shownLine(*words);
    Report report;
    report.title =
        fmt::format("{}: {}", options.method.learns ? "Training report" : "Unlearning report",
                    run.name.empty() ? run.uid : shownLine(run.name));
    report.subtitle =
        fmt::format("Run {}, {}", shownLine(run.uid),
                    run.startedAt.empty() ? "not started" : "started " + shownLine(run.startedAt));
    report.author = "Lacuna " + shownLine(options.programVersion);

    ReportSection summary{.id = "summary", .title = "Summary"};
    for (ReportParagraph& paragraph : summaryOf(content, method))
        summary.blocks.emplace_back(std::move(paragraph));
    report.sections.push_back(std::move(summary));
    if (!content.quantities.empty()) {
        report.sections.push_back(removedSection(content, method));
        report.sections.push_back(otherChangesSection(content));
    }
    report.sections.push_back(stressSection(content));
    report.sections.push_back({.id = "limits",
                               .title = "What this does not prove",
                               .blocks = {ReportList{limitsOf(content)}}});
    report.sections.push_back(answersSection(content, options.answers));
    report.sections.push_back(courseSection(content));
    report.sections.push_back(settingsSection(content, method));
    report.sections.push_back(provenanceSection(content, options));
    report.sections.push_back(measurementsSection(content));
    std::erase_if(report.sections,
                  [](const ReportSection& section) { return section.blocks.empty(); });
    return report;
}

Result<Report> makeReport(const Store& store, RunId id, const ReportOptions& options)
{
    const Result<RunContent> content = readRunContent(store, id);
    if (!content)
        return content.error();
    return makeReport(*content, options);
}

} // namespace lacuna
