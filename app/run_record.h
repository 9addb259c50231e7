#pragma once

#include "core/run/recipe.h"
#include "core/store/records.h"

#include <vector>

namespace lacuna {

/// All that is known of one run, finished or going on. Views show it and hold no truth of their
/// own.
struct RunRecord {
    Run run;
    Recipe recipe;
    SeriesByKey series;
    std::vector<Evaluation> evaluations; ///< with samples only where the store was asked for them
    std::vector<Answer> answers;
    std::vector<Interruption> interruptions;
    std::vector<Artefact> artefacts; ///< what it has left; of a run that goes on, nothing
};

} // namespace lacuna
