#pragma once

#include "app/cli/arguments.h"

#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace lacuna {

/// What the program returns to its caller. Unscoped, because it is the value of main().
enum ExitCode : int {
    ExitDone = 0,
    ExitCheckFailed = 1, ///< a comparison was made and does not hold
    ExitUsage = 2,
    ExitBadInput = 3, ///< data, model or recipe
    ExitRunFailed = 4,
    ExitInterrupted = 130,
};

/// One command of the program. Everything that help says about it is said here.
struct Command {
    std::string name;    ///< one word or two: "inspect", "history list"
    std::string summary; ///< one line without a full stop
    std::vector<Positional> positionals = {};
    std::vector<Option> options = {};
    /// Returns an ExitCode. What it throws is reported as an Error is.
    std::function<int(const Arguments&)> run;
    /// What follows the name in the usage line; empty: made from positionals and options.
    std::string synopsis = {};
};

struct Program {
    std::string name;
    std::string version;
    std::string summary;
    std::vector<Command> commands;
};

/// The whole of main(): finds the command, prints help or the version when asked, parses the rest,
/// runs. A closed pipe at stdout or stderr no longer ends the process: writing to it fails quietly.
///
/// \param words  the command line without the program's own name
/// \return what main() returns
[[nodiscard]] int runProgram(const Program& program, const std::vector<std::string>& words,
                             std::ostream& out = std::cout, std::ostream& err = std::cerr);

/// NotFound, InvalidArgument, Corrupt and Unsupported are bad input; the rest is a failed run.
[[nodiscard]] int exitCodeFor(const Error& error);

/// Prints \p error and returns its exit code: `return report(result.error());`
[[nodiscard]] int report(const Error& error, std::ostream& err = std::cerr);
/// The same for arguments that do not go together; returns ExitUsage.
[[nodiscard]] int reportUsage(const std::string& message, std::ostream& err = std::cerr);

[[nodiscard]] std::string programHelp(const Program& program);
[[nodiscard]] std::string commandHelp(const Program& program, const Command& command);

} // namespace lacuna
