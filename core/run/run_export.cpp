#include "core/run/run_export.h"

#include "core/base/text.h"
#include "core/exchange/adapter_export.h"
#include "core/exchange/delta.h"
#include "core/exchange/folder_export.h"
#include "core/exchange/folder_facts.h"
#include "core/exchange/gguf_export.h"
#include "core/models/adapter_files.h"
#include "core/store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <ranges>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

std::optional<GgufType> ggufTypeOf(const ExportChoice& choice)
{
    return choice.type ? std::optional(choice.type->gguf) : std::nullopt;
}

FolderExport folderExport(const ExportSource& source, const ExportChoice& choice,
                          const fs::path& target)
{
    FolderExport what{.source = source.model, .target = target, .shardBytes = choice.shardBytes};
    if (choice.type)
        what.type = choice.type->element;
    if (source.run) {
        what.card = cardOf(source, choice.form);
        what.licences = source.run->model.path;
    }
    return what;
}

GgufExport ggufExport(const ExportSource& source, const ExportChoice& choice,
                      const fs::path& target)
{
    return {.source = source.model,
            .target = target,
            .type = ggufTypeOf(choice),
            .name = source.run ? source.run->name : folderFacts(source.model).name,
            .baseModel = source.run ? folderFacts(source.run->model.path).name : std::string()};
}

AdapterExport adapterExport(const ExportSource& source, const fs::path& target)
{
    AdapterExport what{.source = source.adapter, .target = target};
    if (source.run) {
        what.card = cardOf(source, ExportForm::Adapter);
        what.licences = source.run->model.path;
    }
    return what;
}

fs::path originalOf(const ExportSource& source, const ExportChoice& choice)
{
    return choice.original.empty() && source.run ? fs::path(source.run->model.path)
                                                 : choice.original;
}

ExportReport reportOf(const FolderExportReport& one)
{
    return {.ending = one.ending, .bytes = one.bytes, .tensors = one.tensors, .files = one.files};
}

ExportReport reportOf(const GgufExportReport& one)
{
    return {.ending = one.ending,
            .bytes = one.bytes,
            .tensors = one.tensors,
            .type = std::string(ggufTypeName(one.type)),
            .architecture = one.architecture,
            .warnings = one.warnings};
}

ExportReport reportOf(const DeltaReport& one)
{
    return {
        .ending = one.ending, .bytes = one.bytes, .tensors = one.tensors, .changed = one.changed};
}

ExportReport reportOf(const AdapterExportReport& one)
{
    return {.ending = one.ending, .bytes = one.bytes, .tensors = one.tensors};
}

template <class Report>
Result<ExportReport> asReport(const Result<Report>& one, const fs::path& target)
{
    if (!one)
        return one.error();
    ExportReport report = reportOf(*one);
    report.target = target;
    return report;
}

/// What the form itself asks for, before any file is opened.
Status checkChoice(const ExportSource& source, const ExportChoice& choice)
{
    if (choice.form == ExportForm::Adapter && source.adapter.empty())
        return Error{.code = ErrorCode::NotFound,
                     .message = "there is no adapter: the weights themselves were trained",
                     .context = source.run ? source.run->name : source.model.string(),
                     .remedy = "export the model, or train an adapter next time"};
    if (choice.form == ExportForm::Delta && originalOf(source, choice).empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "a delta needs the model that it starts from, and the run started "
                                "from none",
                     .context = source.run ? source.run->name : source.model.string(),
                     .remedy = "export the whole model"};
    return {};
}

/// Whether the place can take it. Of a delta only the most is known, which it never comes near.
Status checkPlace(const ExportReport& planned, ExportForm form, const fs::path& folder)
{
    fs::path existing = fs::absolute(folder);
    std::error_code failure;
    while (!fs::exists(existing, failure) && existing.has_relative_path())
        existing = existing.parent_path();
    if (!fs::is_directory(existing, failure))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "a file is in the way of the folder",
                     .context = existing.string(),
                     .remedy = "choose another place"};
    const fs::space_info space = fs::space(existing, failure);
    if (!failure && form != ExportForm::Delta && space.available < planned.bytes)
        return Error{.code = ErrorCode::Io,
                     .message = fmt::format("the disk has {} left, and {} are needed",
                                            bytesText(static_cast<double>(space.available)),
                                            bytesText(static_cast<double>(planned.bytes))),
                     .context = folder.string(),
                     .remedy = "choose another disk or a smaller type, or make room"};
    return {};
}

/// Takes back the folders that were made for a file which did not come about.
class MadeFolders {
public:
    static Result<MadeFolders> make(const fs::path& folder)
    {
        MadeFolders made;
        std::error_code failure;
        fs::path missing = fs::absolute(folder);
        if (!missing.has_filename()) // "a/b/"
            missing = missing.parent_path();
        while (!fs::exists(missing, failure) && missing.has_relative_path()) {
            made.m_folders.push_back(missing);
            missing = missing.parent_path();
        }
        fs::create_directories(folder, failure);
        if (failure)
            return Error{.code = ErrorCode::Io,
                         .message = "cannot make the folder: " + failure.message(),
                         .context = folder.string(),
                         .remedy = "check the permissions of the folder around it"};
        return made;
    }

    void takeBack() const
    {
        std::error_code ignored;
        for (const fs::path& folder : m_folders) // the innermost first; one with files stays
            fs::remove(folder, ignored);
    }

private:
    std::vector<fs::path> m_folders;
};

Result<ExportReport> write(const ExportSource& source, const ExportChoice& choice,
                           const fs::path& target, Progress& progress)
{
    switch (choice.form) {
    case ExportForm::Folder:
        return asReport(exportFolder(folderExport(source, choice, target), progress), target);
    case ExportForm::Gguf:
        return asReport(exportGguf(ggufExport(source, choice, target), progress), target);
    case ExportForm::Delta:
        return asReport(writeDelta(originalOf(source, choice), source.model, target, progress),
                        target);
    case ExportForm::Adapter:
        return asReport(exportAdapter(adapterExport(source, target), progress), target);
    }
    return ExportReport{};
}

} // namespace

const ExportType* exportType(std::string_view id)
{
    const auto* found = std::ranges::find(kExportTypes, id, &ExportType::id);
    return found == kExportTypes.end() ? nullptr : found;
}

bool takesType(ExportForm form, const ExportType& type)
{
    return form == ExportForm::Gguf || (form == ExportForm::Folder && type.element);
}

std::optional<std::uint64_t> byteCount(const std::string& text)
{
    struct Unit {
        std::string_view name;
        double bytes;
    };
    constexpr std::array<Unit, 6> kUnits = {
        {{"", 1}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"MIB", 0x1p20}, {"GIB", 0x1p30}}};
    std::size_t used = 0;
    double number = 0;
    try {
        number = std::stod(text, &used);
    } catch (const std::logic_error&) { // no number, or one beyond double
        return std::nullopt;
    }
    std::string unit(trimmed(std::string_view(text).substr(used)));
    std::ranges::transform(unit, unit.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const Unit& known : kUnits)
        if (unit == known.name && number * known.bytes >= 1 && number * known.bytes < 1e18)
            return static_cast<std::uint64_t>(number * known.bytes);
    return std::nullopt;
}

Result<ExportSource> exportSource(const Store& store, const Run& run)
{
    const Result<std::vector<Artefact>> artefacts = store.readArtefacts(run.id);
    if (!artefacts)
        return artefacts.error();
    std::error_code ignored;
    const auto model = std::ranges::find(*artefacts, "model", &Artefact::kind);
    if (model == artefacts->end() || !fs::is_directory(model->path, ignored))
        return Error{.code = ErrorCode::NotFound,
                     .message = model == artefacts->end() ? "the run has left no model"
                                                          : "the run's model is no longer there",
                     .context = model == artefacts->end() ? run.name : model->path,
                     .remedy = "run it to its end, or export another run"};
    ExportSource source{.model = model->path, .run = run};
    const auto adapter = std::ranges::find(*artefacts, "adapter", &Artefact::kind);
    if (adapter != artefacts->end() && fs::is_directory(adapter->path, ignored))
        source.adapter = adapter->path;
    Result<std::vector<EvaluationChange>> changes = store.readChanges();
    if (!changes)
        return changes.error();
    std::erase_if(*changes, [&](const EvaluationChange& one) { return one.run != run.id; });
    source.changes = std::move(changes).value();
    return source;
}

ModelCardFacts cardOf(const ExportSource& source, ExportForm form)
{
    const Run& run = source.run.value();
    const FolderFacts facts = folderFacts(run.model.path);
    ModelCardFacts card{.title = run.name,
                        .baseModel = facts.name,
                        .license = facts.license,
                        .method = run.method,
                        .facts = {{"run", run.uid},
                                  {"steps", std::to_string(run.step)},
                                  {"seed", std::to_string(run.seed)},
                                  {"precision", run.precision},
                                  {"program", "Lacuna " + run.programVersion}}};
    for (const auto& [role, corpus] :
         {std::pair("forget", &run.forget), std::pair("retain", &run.retain),
          std::pair("holdout", &run.holdout)})
        if (!corpus->path.empty())
            card.corpora.push_back(
                {role, fs::path(corpus->path).filename().string(), corpus->sha256});
    for (const EvaluationChange& change : source.changes)
        card.metrics.push_back(
            {change.set,
             change.variant.empty() ? change.metric : change.metric + ", " + change.variant,
             change.before, change.after});
    if (form == ExportForm::Adapter) {
        card.library = "peft";
        card.limits.emplace_back("This is an adapter beside the weights of the original, which "
                                 "still hold everything: whoever takes it off has the original "
                                 "back.");
    }
    if (run.state != RunState::Done)
        card.limits.push_back(fmt::format("The run ended as {}, after {} of {} steps.",
                                          idOf(run.state), run.step, run.totalSteps));
    if (source.changes.empty())
        card.limits.emplace_back("Nothing was measured before and after.");
    return card;
}

std::string exportName(const ExportSource& source)
{
    std::string name = source.run ? source.run->name : folderFacts(source.model).name;
    std::ranges::replace_if(
        name, [](unsigned char c) { return !std::isalnum(c) && c != '-' && c != '_' && c != '.'; },
        '-');
    return name;
}

fs::path exportTarget(const ExportSource& source, const ExportChoice& choice,
                      const fs::path& folder)
{
    switch (choice.form) {
    case ExportForm::Gguf:
        // The name says the type, so one that is asked for is known before the weights are read.
        return folder / (choice.type ? fmt::format("{}-{}.gguf", exportName(source),
                                                   ggufTypeName(choice.type->gguf))
                                     : exportName(source) + ".gguf");
    case ExportForm::Delta:
        return folder / kDeltaFile;
    case ExportForm::Folder:
    case ExportForm::Adapter:
        break;
    }
    return folder;
}

Result<ExportReport> planExport(const ExportSource& source, const ExportChoice& choice,
                                const fs::path& folder)
{
    if (const Status status = checkChoice(source, choice); !status)
        return status.error();
    const fs::path target = exportTarget(source, choice, folder);
    Result<ExportReport> planned = [&] {
        switch (choice.form) {
        case ExportForm::Folder:
            return asReport(planFolderExport(folderExport(source, choice, target)), target);
        case ExportForm::Gguf:
            return asReport(planGgufExport(ggufExport(source, choice, target)), target);
        case ExportForm::Delta:
            return asReport(planDelta(originalOf(source, choice), source.model), target);
        case ExportForm::Adapter:
            break;
        }
        return asReport(planAdapterExport(adapterExport(source, target)), target);
    }();
    if (planned && !folder.empty())
        if (const Status status = checkPlace(*planned, choice.form, folder); !status)
            return status.error();
    return planned;
}

Result<ExportReport> exportModel(const ExportSource& source, const ExportChoice& choice,
                                 const fs::path& folder, Progress& progress)
{
    if (const Status status = checkChoice(source, choice); !status)
        return status.error();
    const fs::path target = exportTarget(source, choice, folder);
    if (target == folder) // which is made beside its place, and moved there when it is whole
        return write(source, choice, target, progress);
    const Result<MadeFolders> made = MadeFolders::make(folder);
    if (!made)
        return made.error();
    Result<ExportReport> report = write(source, choice, target, progress);
    if (!report || report->ending == Ending::Cancelled)
        made->takeBack();
    return report;
}

} // namespace lacuna
