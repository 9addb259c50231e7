#include "core/store/store.h"

namespace lacuna {

Status Store::addStressResults(RunId id, std::span<const StressResult> results)
{
    Result<Transaction> transaction = Transaction::begin(m_database);
    if (!transaction)
        return transaction.error();
    const std::string now = utcNow();
    for (const StressResult& result : results) {
        const auto end = [&](double Interval::*which) {
            return result.interval ? std::optional((*result.interval).*which) : std::nullopt;
        };
        Status status = m_database.run(
            "INSERT OR REPLACE INTO stress_result(run_id, time, attack, settings, role, set_name, "
            "metric, before, value, worst, low, high, count, missing, detail) "
            "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, result.time.empty() ? now : result.time, result.attack, result.settings,
            idOf(result.role), result.set, result.metric, result.before, result.value, result.worst,
            end(&Interval::low), end(&Interval::high), result.count, result.missing,
            result.detail.empty() ? std::nullopt : std::optional<std::string_view>(result.detail));
        if (!status)
            return status;
    }
    return transaction->commit();
}

Result<std::vector<StressResult>> Store::readStressResults(RunId id) const
{
    std::vector<StressResult> results;
    const Status status = m_database.query(
        "SELECT time, attack, settings, role, set_name, metric, before, value, worst, low, high, "
        "count, missing, detail FROM stress_result WHERE run_id = ? ORDER BY id",
        [&](const Statement& row) {
            results.push_back({.time = row.text(0),
                               .attack = row.text(1),
                               .settings = row.text(2),
                               .role = fromId<ModelRole>(row.text(3)).value_or(ModelRole::Current),
                               .set = row.text(4),
                               .metric = row.text(5),
                               .before = row.number(6),
                               .value = row.number(7),
                               .worst = row.number(8),
                               .count = row.integer(11),
                               .missing = row.text(12),
                               .detail = row.text(13)});
            if (!row.isNull(9) && !row.isNull(10))
                results.back().interval = {row.number(9), row.number(10)};
        },
        id);
    if (!status)
        return status.error();
    return results;
}

} // namespace lacuna
