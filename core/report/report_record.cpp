#include "core/base/json.h"
#include "core/base/text.h"
#include "core/report/report_parts.h"
#include "core/report/shown_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

constexpr std::size_t kLongestSetting = 300;

std::string dumped(const OrderedJson& value)
{
    return value.is_string() ? value.get<std::string>()
                             : value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// A row a setting, its keys joined by dots.
void addSettings(ReportTable& table, const OrderedJson& value, const std::string& key)
{
    if (value.is_object() && !value.empty()) {
        for (const auto& [name, child] : value.items())
            addSettings(table, child, key.empty() ? name : fmt::format("{}.{}", key, name));
        return;
    }
    table.rows.push_back({{.text = shownLine(key), .code = true},
                          {.text = excerpt(dumped(value), kLongestSetting).text, .code = true}});
}

ReportTable twoColumns(std::string caption, std::string first, std::string second)
{
    return {.caption = std::move(caption), .columns = {{std::move(first)}, {std::move(second)}}};
}

void addFact(ReportTable& table, const char* what, const std::string& value)
{
    if (!value.empty())
        table.rows.push_back({{.text = what}, {.text = shownLine(value)}});
}

ReportTable courseTable(const Run& run)
{
    ReportTable table = twoColumns("The run", "What", "Value");
    addFact(table, "Id", run.uid);
    addFact(table, "State",
            fmt::format("{}, step {} of {}", idOf(run.state), run.step, run.totalSteps));
    addFact(table, "Ended because", run.stopReason);
    addFact(table, "Error", run.error);
    addFact(table, "Seed", std::to_string(run.seed));
    addFact(table, "Computed on",
            fmt::format("{} in {} with {} {}", run.device.empty() ? "?" : run.device,
                        run.precision.empty() ? "?" : run.precision, run.threads,
                        run.threads == 1 ? "thread" : "threads"));
    addFact(table, "Created", run.createdAt);
    addFact(table, "Started", run.startedAt);
    addFact(table, "Ended", run.endedAt);
    addFact(table, "Group", run.group);
    addFact(table, "Tags", join(run.tags, ", "));
    const OrderedJson summary = OrderedJson::parse(run.summary, nullptr, false);
    if (summary.is_object())
        for (const auto& [name, value] : summary.items())
            addFact(table, replaceAll(shownLine(name), "_", " ").c_str(), dumped(value));
    return table;
}

ReportTable interruptionsTable(const RunContent& content)
{
    ReportTable table{.caption = "Interruptions",
                      .columns = {{"Time"}, {"Step", true}, {"What"}, {"Note"}}};
    for (const Interruption& one : content.interruptions)
        table.rows.push_back({{.text = shownLine(one.time)},
                              {.text = std::to_string(one.step)},
                              {.text = std::string(idOf(one.kind))},
                              {.text = shownLine(one.note)}});
    return table;
}

void addHash(ReportTable& table, const char* what, const HashedPath& file)
{
    if (file.path.empty())
        return;
    table.rows.push_back({{.text = what},
                          {.text = shownLine(file.path), .code = true},
                          {.text = file.sha256.empty() ? "not known" : shownLine(file.sha256),
                           .code = !file.sha256.empty()}});
}

} // namespace

ReportSection settingsSection(const RunContent& content, const MethodWords& method)
{
    ReportSection section{.id = "settings", .title = "How it was done"};
    if (!method.explanation.empty())
        section.blocks.emplace_back(ReportParagraph{
            fmt::format("{}: {} ({})", method.title, method.explanation, method.source)});
    section.blocks.emplace_back(courseTable(content.run));
    if (!content.run.note.empty()) {
        section.blocks.emplace_back(ReportHeading{"Notes"});
        section.blocks.emplace_back(ReportParagraph{shownText(content.run.note)});
    }
    if (!content.interruptions.empty())
        section.blocks.emplace_back(interruptionsTable(content));
    const OrderedJson recipe = OrderedJson::parse(content.run.recipe, nullptr, false);
    if (recipe.is_object() && !recipe.empty()) {
        ReportTable settings = twoColumns(
            "All settings (the recipe, from which the run can be repeated)", "Setting", "Value");
        addSettings(settings, recipe, "");
        section.blocks.emplace_back(std::move(settings));
    }
    return section;
}

ReportSection provenanceSection(const RunContent& content, const ReportOptions& options)
{
    const Run& run = content.run;
    ReportSection section{.id = "provenance", .title = "Where it comes from"};
    ReportTable inputs{.caption = "Model and texts, by which each can be recognised",
                       .columns = {{"What"}, {"Where it lay"}, {"SHA-256"}}};
    addHash(inputs, "Original model", run.model);
    addHash(inputs, "Forget set", run.forget);
    addHash(inputs, "Retain set", run.retain);
    addHash(inputs, "Held-out texts", run.holdout);
    if (!inputs.rows.empty())
        section.blocks.emplace_back(std::move(inputs));

    ReportTable versions = twoColumns("Program and machine", "What", "Value");
    addFact(versions, "Run by Lacuna", run.programVersion);
    addFact(versions, "Reported by Lacuna", shownLine(options.programVersion));
    addFact(versions, "Report made", shownLine(options.time));
    const OrderedJson machine = OrderedJson::parse(run.machine, nullptr, false);
    if (machine.is_object())
        for (const auto& [name, value] : machine.items())
            addFact(versions, ("Machine: " + replaceAll(shownLine(name), "_", " ")).c_str(),
                    dumped(value));
    section.blocks.emplace_back(std::move(versions));

    if (!content.artefacts.empty()) {
        ReportTable files{.caption = "Files that the run left",
                          .columns = {{"What"}, {"Where"}, {"Size", true}, {"SHA-256"}}};
        for (const Artefact& one : content.artefacts)
            files.rows.push_back({{.text = shownLine(one.kind),
                                   .note = one.step ? fmt::format("step {}", *one.step) : ""},
                                  {.text = shownLine(one.path), .code = true},
                                  {.text = bytesText(static_cast<double>(one.bytes))},
                                  {.text = shownLine(one.sha256), .code = true}});
        section.blocks.emplace_back(std::move(files));
    }
    return section;
}

} // namespace lacuna
