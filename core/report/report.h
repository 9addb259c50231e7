#pragma once

#include "core/base/result.h"
#include "core/report/document.h"
#include "core/report/run_words.h"

#include <cstddef>
#include <string>

namespace lacuna {

class Store;

struct ReportOptions {
    MethodWords method = {};
    std::string programVersion = {}; ///< that makes the report
    std::string time = {};           ///< when, as utcText() has it
    /// What the models answered, which may hold what was to be forgotten.
    bool answers = true;
};

/// The report of a run of the history. Numbers are the store's, rounded to four digits; ReportCell
/// has them whole.
[[nodiscard]] Result<Report> makeReport(const Store& store, RunId id, const ReportOptions& options);

/// The same of what was read before.
[[nodiscard]] Report makeReport(const RunContent& content, const ReportOptions& options);

} // namespace lacuna
