#pragma once

#include "widgets/table/run_table_model.h"

#include <QTimeZone>

#include <vector>

namespace lacuna {

/// Made \p minutes before 12:00 on 2026-03-01.
inline RunRow runRow(RunId id, const QString& name, int minutes = 0)
{
    RunRow row;
    row.id = id;
    row.name = name;
    row.state = RunState::Done;
    row.method = QStringLiteral("Gradient difference");
    row.methodId = QStringLiteral("grad-diff");
    row.modelPath = QStringLiteral("/models/tiny/");
    row.step = row.totalSteps = 48;
    row.created = QDateTime(QDate(2026, 3, 1), QTime(12, 0)).addSecs(-60 * minutes);
    return row;
}

/// Five runs that differ in what filters and orders look at.
inline std::vector<RunRow> fiveRuns()
{
    std::vector<RunRow> rows = {
        runRow(5, QStringLiteral("lesson 10")), runRow(4, QStringLiteral("lesson 9"), 10),
        runRow(3, QStringLiteral("sweep a"), 20), runRow(2, QStringLiteral("sweep b"), 30),
        runRow(1, QStringLiteral("first try"), 60 * 24 * 40)};
    rows[0].forget = {.before = 0.99964, .after = 0.016888};
    rows[0].seconds = 14.578;
    rows[0].tags = {QStringLiteral("keep"), QStringLiteral("lecture")};
    rows[1].forget = {.before = 0.99964, .after = 0.5};
    rows[1].seconds = 125;
    rows[2].method = QStringLiteral("Negative preference optimisation");
    rows[2].methodId = QStringLiteral("npo");
    rows[2].forget = {.before = 0.99964, .after = 0.9};
    rows[3].method = rows[2].method;
    rows[3].methodId = rows[2].methodId;
    rows[3].state = RunState::Failed;
    rows[3].note = QStringLiteral("too high a rate,\nsee\tthe lecture");
    rows[4].state = RunState::Interrupted;
    rows[4].step = 7;
    return rows;
}

} // namespace lacuna
