#include "app/cli/commands/commands.h"

int main(int argc, char** argv)
{
    using namespace lacuna;
    return runProgram({.name = "lacuna-cli",
                       .version = LACUNA_VERSION,
                       .summary = "a workbench for machine unlearning of language models",
                       .commands =
                           {
                               inspectCommand(),
                               verifyCommand(),
                               tokenizeCommand(),
                               generateCommand(),
                               dataCheckCommand(),
                               runCommand(),
                               resumeCommand(),
                               stopCommand(),
                               evaluateCommand(),
                               attackCommand(),
                               saliencyCommand(),
                               historyListCommand(),
                               historyShowCommand(),
                               historyCompareCommand(),
                               historyExportCommand(),
                               historyTagCommand(),
                               historyNoteCommand(),
                               historyDeleteCommand(),
                               methodsCommand(),
                               presetsCommand(),
                               controlsCommand(),
                               guardrailsCommand(),
                               attacksCommand(),
                               metricsCommand(),
                               familiesCommand(),
                               formatsCommand(),
                               mixCommand(),
                               exportCommand(),
                               restoreCommand(),
                               benchCommand(),
                           }},
                      {argv + 1, argv + argc});
}
