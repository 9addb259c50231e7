#pragma once

#include "app/cli/command.h"

/// One function a command; main.cpp lists them in the order in which help shows them.
namespace lacuna {

Command inspectCommand();
Command verifyCommand();
Command verifyMetricsCommand();
Command tokenizeCommand();
Command generateCommand();
Command dataCheckCommand();

Command runCommand();
Command resumeCommand();
Command stopCommand();
Command evaluateCommand();
Command aggregateCommand();
Command attackCommand();
Command saliencyCommand();
Command harmfulRateCommand();
Command lensCommand();
Command insideCommand();
Command weightChangesCommand();
Command mixCommand();
Command exportCommand();
Command restoreCommand();
Command benchCommand();

Command historyListCommand();
Command historyShowCommand();
Command historyCompareCommand();
Command historyExportCommand();
Command historyTagCommand();
Command historyNoteCommand();
Command historyDeleteCommand();
Command reportCommand();

Command methodsCommand();
Command presetsCommand();
Command controlsCommand();
Command guardrailsCommand();
Command leaderboardCommand();
Command attacksCommand();
Command metricsCommand();
Command suitesCommand();
Command familiesCommand();
Command formatsCommand();

} // namespace lacuna
