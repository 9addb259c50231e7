#include "app/cli/command.h"

#include "app/cli/output.h"
#include "core/base/guarded.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace lacuna {
namespace {

constexpr std::size_t kHelpWidth = 96;
constexpr std::size_t kWidestTerm = 32;

struct HelpItem {
    std::string term;
    std::string text;
};

/// Terms in one column, texts in the next, wrapped. A term too wide for its column keeps its line.
std::string helpList(const std::vector<HelpItem>& items)
{
    std::size_t column = 0;
    for (const HelpItem& item : items)
        if (displayWidth(item.term) <= kWidestTerm)
            column = std::max(column, displayWidth(item.term));
    const std::string indent(column + 4, ' ');

    std::string text;
    for (const HelpItem& item : items) {
        std::string line = "  " + item.term;
        const std::size_t width = displayWidth(line);
        if (width <= column + 2)
            line.append(column + 4 - width, ' ');
        else if (!item.text.empty())
            line += "\n" + indent;
        for (const std::string& piece : wrapped(item.text, kHelpWidth - indent.size())) {
            text += line + piece + "\n";
            line = indent;
        }
    }
    return text;
}

std::string optionTerm(const Option& option)
{
    return option.value.empty() ? "--" + option.name : "--" + option.name + " " + option.value;
}

std::string optionText(const Option& option)
{
    std::vector<std::string> notes;
    if (option.required)
        notes.emplace_back("required");
    if (option.repeatable)
        notes.emplace_back("may be repeated");
    return notes.empty() ? option.help : fmt::format("{} ({})", option.help, join(notes, ", "));
}

std::string synopsisOf(const Command& command)
{
    if (!command.synopsis.empty())
        return command.synopsis;
    std::vector<std::string> parts;
    for (const Positional& positional : command.positionals) {
        const std::string name = positional.name + (positional.repeatable ? "..." : "");
        parts.push_back(positional.required ? name : "[" + name + "]");
    }
    for (const Option& option : command.options) {
        const std::string term =
            option.required ? optionTerm(option) : "[" + optionTerm(option) + "]";
        parts.push_back(term + (option.repeatable ? "..." : ""));
    }
    return join(parts, " ");
}

std::string commandList(const std::vector<const Command*>& commands)
{
    std::vector<HelpItem> items;
    for (const Command* command : commands) {
        std::string term = command->name;
        for (const Positional& positional : command->positionals)
            term += " " + (positional.required ? positional.name : "[" + positional.name + "]") +
                    (positional.repeatable ? "..." : "");
        items.push_back({std::move(term), command->summary});
    }
    return helpList(items);
}

/// The commands whose two-word name begins with \p word.
std::vector<const Command*> groupOf(const Program& program, const std::string& word)
{
    std::vector<const Command*> group;
    for (const Command& command : program.commands)
        if (command.name.starts_with(word + " "))
            group.push_back(&command);
    return group;
}

const Command* findCommand(const Program& program, const std::string& name)
{
    for (const Command& command : program.commands)
        if (command.name == name)
            return &command;
    return nullptr;
}

bool asksForHelp(const std::vector<std::string>& words)
{
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::any_of(words.begin(), end,
                       [](const std::string& word) { return word == "--help" || word == "-h"; });
}

std::string helpHint(const std::string& invocation)
{
    return fmt::format("Try: {} --help\n", invocation);
}

/// The words name no command: says which ones there are.
int reportUnknown(const Program& program, const std::vector<std::string>& words, std::ostream& err)
{
    std::vector<std::string> known;
    for (const Command& command : program.commands)
        known.push_back(command.name);
    std::string name = words[0];
    const bool isGroup = !groupOf(program, words[0]).empty();
    if (words.size() > 1 && (isGroup || nearestName(words[0] + " " + words[1], known)))
        name += " " + words[1];
    const auto nearest = nearestName(name, known);
    return reportUsage(
        fmt::format("there is no command \"{}\"{}", name,
                    nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string()),
        err);
}

int runCommand(const Program& program, const Command& command,
               const std::vector<std::string>& words, std::ostream& out, std::ostream& err)
{
    if (asksForHelp(words)) {
        out << commandHelp(program, command);
        return ExitDone;
    }
    const auto arguments = Arguments::parse(command.positionals, command.options, words);
    if (!arguments) {
        const int code = reportUsage(arguments.error().text(), err);
        err << helpHint(program.name + " " + command.name);
        return code;
    }
    int code = ExitDone;
    const Status status = guarded([&]() -> Status {
        code = command.run(*arguments);
        return {};
    });
    return status ? code : report(status.error(), err);
}

} // namespace

int runProgram(const Program& program, const std::vector<std::string>& words, std::ostream& out,
               std::ostream& err)
{
    std::signal(SIGPIPE, SIG_IGN);
    if (words.empty()) {
        err << programHelp(program);
        return ExitUsage;
    }
    if (words[0] == "--help" || words[0] == "-h") {
        out << programHelp(program);
        return ExitDone;
    }
    if (words[0] == "--version") {
        out << program.name << " " << program.version << "\n";
        return ExitDone;
    }

    const auto rest = [&](std::ptrdiff_t used) {
        return std::vector<std::string>(words.begin() + used, words.end());
    };
    if (words.size() > 1)
        if (const Command* command = findCommand(program, words[0] + " " + words[1]))
            return runCommand(program, *command, rest(2), out, err);
    if (const Command* command = findCommand(program, words[0]))
        return runCommand(program, *command, rest(1), out, err);

    const auto group = groupOf(program, words[0]);
    if (!group.empty() && (words.size() == 1 || words[1].starts_with('-'))) {
        const bool asked = asksForHelp(words);
        (asked ? out : err) << "Commands:\n" << commandList(group);
        return asked ? ExitDone : ExitUsage;
    }
    const int code = reportUnknown(program, words, err);
    err << helpHint(program.name);
    return code;
}

int exitCodeFor(const Error& error)
{
    switch (error.code) {
    case ErrorCode::NotFound:
    case ErrorCode::Corrupt:
    case ErrorCode::Unsupported:
    case ErrorCode::InvalidArgument:
        return ExitBadInput;
    case ErrorCode::Io:
    case ErrorCode::OutOfMemory:
    case ErrorCode::Internal:
        break;
    }
    return ExitRunFailed;
}

int report(const Error& error, std::ostream& err)
{
    err << "error: " << printable(error.text()) << "\n";
    return exitCodeFor(error);
}

int reportUsage(const std::string& message, std::ostream& err)
{
    err << "error: " << printable(message) << "\n";
    return ExitUsage;
}

std::string programHelp(const Program& program)
{
    std::vector<const Command*> commands;
    for (const Command& command : program.commands)
        commands.push_back(&command);
    return fmt::format("{0} {1}: {2}\n\n"
                       "Usage: {0} COMMAND [ARGUMENTS]\n"
                       "       {0} COMMAND --help\n"
                       "       {0} --help | --version\n\n"
                       "Commands:\n{3}\n"
                       "Data goes to stdout, everything said to people to stderr.\n"
                       "Exit codes: 0 done, 1 a check failed, 2 usage, 3 bad input (data, model, "
                       "recipe),\n            4 the run failed, 130 interrupted.\n",
                       program.name, program.version, program.summary, commandList(commands));
}

std::string commandHelp(const Program& program, const Command& command)
{
    const std::string start = fmt::format("Usage: {} {} ", program.name, command.name);
    std::string text;
    for (const std::string& line : wrapped(synopsisOf(command), kHelpWidth - start.size()))
        text += (text.empty() ? start : std::string(start.size(), ' ')) + line + "\n";
    text += "\n" + join(wrapped(command.summary, kHelpWidth), "\n") + "\n";

    std::vector<HelpItem> items;
    for (const Positional& positional : command.positionals)
        items.push_back({positional.name, positional.help});
    if (!items.empty())
        text += "\nArguments:\n" + helpList(items);
    items.clear();
    for (const Option& option : command.options)
        items.push_back({optionTerm(option), optionText(option)});
    items.push_back({"--help", "this text"});
    return text + "\nOptions:\n" + helpList(items);
}

} // namespace lacuna
