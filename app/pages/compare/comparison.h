#pragma once

#include "core/run/comparison.h"

#include <QString>

#include <map>
#include <memory>
#include <vector>

namespace lacuna {

/// Differences from the pinned run, by what was measured.
using MetricDeltas = std::map<Quantity, MetricDelta>;

/// A run as the page shows it. What is big is shared and never changed.
struct ComparedEntry {
    std::shared_ptr<const ComparedRun> run;
    QString name;
    int overlay = 0;                                 ///< its colour, see overlayColor()
    std::shared_ptr<const MetricDeltas> deltas = {}; ///< null: not worked out yet
};

/// What the tabs of the page show.
struct RunComparison {
    std::vector<ComparedEntry> runs;
    std::size_t pinned = 0; ///< what the others are measured against
    RunId current = 0;      ///< chosen by somebody; 0: none

    [[nodiscard]] std::vector<const ComparedRun*> list() const
    {
        std::vector<const ComparedRun*> all;
        all.reserve(runs.size());
        for (const ComparedEntry& entry : runs)
            all.push_back(entry.run.get());
        return all;
    }
};

} // namespace lacuna
