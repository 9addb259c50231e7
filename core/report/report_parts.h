#pragma once

#include "core/report/report.h"

/// The sections of a report, each from what was read of the run.
namespace lacuna {

// report_results.cpp
[[nodiscard]] ReportSection removedSection(const RunContent& content, const MethodWords& method);
[[nodiscard]] ReportSection otherChangesSection(const RunContent& content);
[[nodiscard]] ReportSection answersSection(const RunContent& content, bool shown);
/// Every value with its interval or why it has none, and what the metrics mean.
[[nodiscard]] ReportSection measurementsSection(const RunContent& content);

// report_figures.cpp
/// Before and after as bars, of the metrics that are shares; nothing where there are none.
[[nodiscard]] std::optional<ReportFigure> barsOf(const RunContent& content, const std::string& set);
[[nodiscard]] ReportSection courseSection(const RunContent& content);

// report_stress.cpp
/// Empty where nobody tried.
[[nodiscard]] ReportSection stressSection(const RunContent& content);

// report_record.cpp
[[nodiscard]] ReportSection settingsSection(const RunContent& content, const MethodWords& method);
[[nodiscard]] ReportSection provenanceSection(const RunContent& content,
                                              const ReportOptions& options);

} // namespace lacuna
