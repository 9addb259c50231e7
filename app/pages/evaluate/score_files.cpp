#include "app/pages/evaluate/score_files.h"

#include "core/metrics/evaluation_log.h"
#include "core/store/export.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <utility>

namespace lacuna {

namespace {

constexpr std::array<std::pair<ModelRole, const char*>, 3> kModels = {
    {{ModelRole::Original, "original"},
     {ModelRole::Current, "unlearned"},
     {ModelRole::Reference, "reference"}}};

std::string plain(double value)
{
    return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

void addEnds(std::vector<std::string>& fields, const std::optional<Interval>& interval)
{
    fields.push_back(interval ? plain(interval->low) : "");
    fields.push_back(interval ? plain(interval->high) : "");
}

} // namespace

std::string scoresTable(const ScoreSheet& sheet)
{
    std::vector<std::string> header = {"set", "metric", "variant"};
    for (const auto& [role, name] : kModels)
        for (const char* what : {"", "_low", "_high", "_missing"})
            header.push_back(std::string(name) + what);
    for (const char* name : {"change", "change_low", "change_high", "samples"})
        header.emplace_back(name);
    std::string table = csvLine(header);
    for (const MetricRow& row : sheet.rows) {
        std::vector<std::string> fields = {row.set, row.metric, row.variant};
        for (const auto& [role, name] : kModels) {
            const auto source = row.source(role);
            const Evaluation* measured = source ? &sheet.record.evaluations[*source] : nullptr;
            fields.push_back(plain(row.value(role)));
            addEnds(fields, measured ? measured->interval : std::nullopt);
            fields.push_back(measured ? measured->missing : "not measured");
        }
        fields.push_back(plain(row.unlearned - row.original));
        addEnds(fields, row.change);
        fields.push_back(std::to_string(row.count));
        table += csvLine(fields);
    }
    return table;
}

std::string scoresLog(const ScoreSheet& sheet, ModelRole role)
{
    std::vector<Evaluation> evaluations;
    for (const MetricRow& row : sheet.rows)
        if (const auto source = row.source(role);
            source && sheet.record.evaluations[*source].missing.empty()) {
            evaluations.push_back(sheet.record.evaluations[*source]);
            evaluations.back().set = row.set;
        }
    return evaluationsToLog(evaluations).dump(2) + "\n";
}

} // namespace lacuna
