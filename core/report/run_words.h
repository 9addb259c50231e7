#pragma once

#include "core/report/document.h"
#include "core/report/run_content.h"

#include <string>
#include <vector>

/// What a run's numbers say, in sentences for people who know none of the terms.
namespace lacuna {

/// What the catalogue says of the run's method; empty where it is not known.
struct MethodWords {
    std::string title = {};
    std::string source = {};
    std::string explanation = {};
    bool learns = false; ///< trains knowledge in, and leaves it there
};

/// Needs the half of core that knows the methods.
[[nodiscard]] MethodWords methodWords(const std::string& method);

/// "forget set", "held-out texts", "utility set 2", else the set's own name.
[[nodiscard]] std::string titleOfSet(const std::string& set);
/// What the catalogues of metrics and of summaries say of one; only a title, the id with spaces,
/// where they do not know it.
struct MetricWords {
    std::string title;
    std::string reading = {};
    std::string range = {};
    std::string source = {};
};
[[nodiscard]] MetricWords metricWords(const std::string& metric);
[[nodiscard]] std::string titleOfMetric(const std::string& metric);
/// "[0.9978, 0.9991]", with a star where it was made for the report; empty: there is none.
[[nodiscard]] std::string intervalText(const MeasuredValue& measured);
/// "0.9985 (95 % interval 0.9978 to 0.9991)", or why there is no value.
[[nodiscard]] std::string valueSentence(const MeasuredValue& measured);
/// "lower is more forgotten"; empty where no direction is good.
[[nodiscard]] std::string directionText(const std::string& set, const std::string& metric);
/// "less known", "no clear change", "higher"; empty where one of the two values is missing.
[[nodiscard]] std::string changeText(const MeasuredQuantity& quantity);

/// "No recovery seen in these tests.", or what recovered; of a run with stress results.
[[nodiscard]] std::string stressVerdictSentence(const RunContent& content);
/// The attempts that gave numbers, in words.
[[nodiscard]] std::vector<std::string> attacksOf(const RunContent& content);

/// What was asked, how it ended, what it did to the forget set and to the rest.
[[nodiscard]] std::vector<ReportParagraph> summaryOf(const RunContent& content,
                                                     const MethodWords& method);
/// What the run does not prove, of what it has and of what it lacks.
[[nodiscard]] std::vector<ReportList::Item> limitsOf(const RunContent& content);

} // namespace lacuna
