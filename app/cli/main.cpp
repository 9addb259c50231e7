#include "app/cli/commands/commands.h"

int main(int argc, char** argv)
{
    using namespace lacuna;
    return runProgram(
        {.name = "lacuna-cli",
         .version = LACUNA_VERSION,
         .summary = "a workbench for machine unlearning of language models",
         .commands =
             {
                 inspectCommand(),       verifyCommand(),        verifyMetricsCommand(),
                 tokenizeCommand(),      generateCommand(),      lensCommand(),
                 insideCommand(),        weightChangesCommand(), dataCheckCommand(),
                 runCommand(),           resumeCommand(),        stopCommand(),
                 evaluateCommand(),      aggregateCommand(),     leaderboardCommand(),
                 attackCommand(),        harmfulRateCommand(),   saliencyCommand(),
                 historyListCommand(),   historyShowCommand(),   historyCompareCommand(),
                 historyExportCommand(), historyTagCommand(),    historyNoteCommand(),
                 historyDeleteCommand(), reportCommand(),        methodsCommand(),
                 presetsCommand(),       controlsCommand(),      guardrailsCommand(),
                 metricsCommand(),       suitesCommand(),        attacksCommand(),
                 familiesCommand(),      formatsCommand(),       mixCommand(),
                 exportCommand(),        restoreCommand(),       benchCommand(),
             }},
        {argv + 1, argv + argc});
}
