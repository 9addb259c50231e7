#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/exchange/delta.h"
#include "core/exchange/folder_export.h"
#include "core/exchange/folder_facts.h"
#include "core/exchange/gguf_export.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <unistd.h>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDeltaFile = "model.lacdelta";

/// Says on stderr how far the work is, and stops it when the person asks.
class Watch {
public:
    Watch() : m_status(std::cerr, terminalWidth(STDERR_FILENO)) { watchForInterrupt(); }

    Progress progress()
    {
        return Progress(m_stop.get_token(), [this](std::string_view what, std::uint64_t done,
                                                   std::uint64_t total) {
            if (isInterrupted())
                m_stop.request_stop();
            m_status.show(fmt::format("{}: {} of {}", what, bytesText(static_cast<double>(done)),
                                      bytesText(static_cast<double>(total))));
        });
    }
    void finish() { m_status.finish(); }

private:
    StatusLine m_status;
    std::stop_source m_stop;
};

/// What is to be exported: a folder, and the run that made it if one did.
struct Source {
    fs::path folder;
    std::optional<Run> run;
    std::vector<EvaluationChange> changes; ///< what the run measured
};

/// A folder by its path, else the result of a run by its id or name.
Result<Source> findSource(const Arguments& arguments)
{
    const std::string& word = arguments.value("MODEL");
    std::error_code ignored;
    if (fs::is_directory(word, ignored))
        return Source{.folder = word};
    const auto neither = [&](const Error& error) {
        return Error{.code = error.code,
                     .message = "this is neither a model's folder nor a run: " + error.message,
                     .context = word,
                     .remedy = error.remedy};
    };
    const Result<Store> store = openHistory(arguments, OpenMode::ReadOnly);
    if (!store)
        return neither(store.error());
    const Result<Run> run = store->findRun(word);
    if (!run)
        return neither(run.error());
    const Result<std::vector<Artefact>> artefacts = store->readArtefacts(run->id);
    if (!artefacts)
        return artefacts.error();
    const auto model = std::ranges::find(*artefacts, "model", &Artefact::kind);
    if (model == artefacts->end() || !fs::is_directory(model->path, ignored))
        return Error{.code = ErrorCode::NotFound,
                     .message = model == artefacts->end() ? "the run has left no model"
                                                          : "the run's model is no longer there",
                     .context = model == artefacts->end() ? run->name : model->path,
                     .remedy = "run it to its end, or export another run"};
    Result<std::vector<EvaluationChange>> changes = store->readChanges();
    if (!changes)
        return changes.error();
    std::erase_if(*changes, [&](const EvaluationChange& one) { return one.run != run->id; });
    return Source{.folder = model->path, .run = *run, .changes = std::move(changes).value()};
}

/// "500MB", "5GB", "1GiB", or a number of bytes.
std::optional<std::uint64_t> sizeOf(const std::string& text)
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

struct TypeName {
    std::string_view name;
    std::optional<ElementType> element; ///< nothing: not in safetensors
    GgufType gguf;
};
constexpr std::array<TypeName, 4> kTypes = {{
    {"float32", ElementType::F32, GgufType::F32},
    {"float16", ElementType::F16, GgufType::F16},
    {"bfloat16", ElementType::BF16, GgufType::BF16},
    {"q8_0", std::nullopt, GgufType::Q8_0},
}};

const TypeName* typeNamed(const std::optional<std::string>& name)
{
    const auto* found = std::ranges::find(kTypes, name.value_or(""), &TypeName::name);
    return found == kTypes.end() ? nullptr : found;
}

ModelCard cardOf(const Source& source)
{
    const Run& run = *source.run;
    const fs::path original = run.model.path;
    const FolderFacts facts = folderFacts(original);
    ModelCard card{.title = run.name,
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
    if (run.state != RunState::Done)
        card.limits.push_back(fmt::format("The run ended as {}, after {} of {} steps.",
                                          idOf(run.state), run.step, run.totalSteps));
    if (source.changes.empty())
        card.limits.emplace_back("Nothing was measured before and after.");
    return card;
}

/// One JSON line for what was written, or the exit code of what went wrong.
template <class Report> int answer(const Result<Report>& report, OrderedJson json)
{
    if (!report)
        return ::lacuna::report(report.error());
    if (report->ending == Ending::Cancelled) {
        std::cerr << "Interrupted: nothing was written.\n";
        return ExitInterrupted;
    }
    JsonLines().write(json);
    return ExitDone;
}

int exportAsGguf(const Arguments& arguments, const Source& source, const TypeName* type)
{
    const fs::path folder = arguments.value("out");
    std::string name = source.run ? source.run->name : folderFacts(source.folder).name;
    std::error_code failure;
    fs::create_directories(folder, failure);
    std::string stem = name;
    std::ranges::replace_if(
        stem, [](unsigned char c) { return !std::isalnum(c) && c != '-' && c != '_' && c != '.'; },
        '-');
    // The name says the type, so one that is asked for is known before the weights are read.
    const fs::path target =
        folder /
        (type ? fmt::format("{}-{}.gguf", stem, ggufTypeName(type->gguf)) : stem + ".gguf");
    Watch watch;
    Progress progress = watch.progress();
    const Result<GgufExportReport> report = exportGguf(
        {.source = source.folder,
         .target = target,
         .type = type ? std::optional(type->gguf) : std::nullopt,
         .name = name,
         .baseModel = source.run ? folderFacts(source.run->model.path).name : std::string()},
        progress);
    watch.finish();
    if (!report)
        return answer(report, {});
    for (const std::string& warning : report->warnings)
        std::cerr << "warning: " << printable(warning) << "\n";
    return answer(report, {{"format", "gguf"},
                           {"file", target.string()},
                           {"architecture", report->architecture},
                           {"dtype", ggufTypeName(report->type)},
                           {"tensors", report->tensors},
                           {"bytes", report->bytes},
                           {"warnings", report->warnings}});
}

int exportAsFolder(const Arguments& arguments, const Source& source, const TypeName* type,
                   std::optional<std::uint64_t> shardBytes)
{
    FolderExport what{.source = source.folder, .target = arguments.value("out")};
    if (type)
        what.type = type->element;
    if (shardBytes)
        what.shardBytes = *shardBytes;
    if (source.run) {
        what.card = cardOf(source);
        what.licences = source.run->model.path;
    }
    Watch watch;
    Progress progress = watch.progress();
    const Result<FolderExportReport> report = exportFolder(what, progress);
    watch.finish();
    if (!report)
        return answer(report, {});
    return answer(report, {{"format", "safetensors"},
                           {"folder", what.target.string()},
                           {"tensors", report->tensors},
                           {"files", report->files},
                           {"bytes", report->bytes}});
}

int exportAsDelta(const Arguments& arguments, const Source& source)
{
    const std::optional<std::string> named = arguments.text("original");
    const fs::path original = named ? *named : source.run->model.path;
    const fs::path folder = arguments.value("out");
    std::error_code failure;
    fs::create_directories(folder, failure);
    const fs::path target = folder / kDeltaFile;
    Watch watch;
    Progress progress = watch.progress();
    const Result<DeltaReport> report = writeDelta(original, source.folder, target, progress);
    watch.finish();
    if (!report)
        return answer(report, {});
    return answer(report, {{"format", "delta"},
                           {"file", target.string()},
                           {"tensors", report->tensors},
                           {"changed", report->changed},
                           {"bytes", report->bytes}});
}

int runExport(const Arguments& arguments)
{
    const std::string format = arguments.text("format").value_or("safetensors");
    if (format != "safetensors" && format != "gguf" && format != "delta")
        return reportUsage("--format is safetensors, gguf or delta, not " + format);
    const std::optional<std::string> dtype = arguments.text("dtype");
    const TypeName* type = typeNamed(dtype);
    if (dtype && !type)
        return reportUsage("--dtype is float32, float16, bfloat16 or q8_0, not " + *dtype);
    if (type && !type->element && format != "gguf")
        return reportUsage("--dtype q8_0 goes with --format gguf only");
    if (dtype && format == "delta")
        return reportUsage("a delta keeps the types of the model: leave out --dtype");
    const std::optional<std::string> shard = arguments.text("shard-size");
    const std::optional<std::uint64_t> shardBytes = shard ? sizeOf(*shard) : std::nullopt;
    if (shard && (!shardBytes || format != "safetensors"))
        return reportUsage(shardBytes ? "--shard-size goes with --format safetensors only"
                                      : "--shard-size is a size as 500MB or 5GB, not " + *shard);
    if (arguments.text("original") && format != "delta")
        return reportUsage("--original goes with --format delta only");

    const Result<Source> source = findSource(arguments);
    if (!source)
        return report(source.error());
    if (format == "gguf")
        return exportAsGguf(arguments, *source, type);
    if (format == "safetensors")
        return exportAsFolder(arguments, *source, type, shardBytes);
    if (!source->run && !arguments.text("original"))
        return reportUsage("a delta of a folder needs --original");
    return exportAsDelta(arguments, *source);
}

int runRestore(const Arguments& arguments)
{
    Watch watch;
    Progress progress = watch.progress();
    // The folder that export was told to write into stands for the file in it.
    fs::path delta = arguments.value("DELTA");
    if (std::error_code ignored; fs::is_directory(delta, ignored))
        delta /= kDeltaFile;
    const Result<DeltaReport> report =
        restoreDelta(delta, arguments.value("original"), arguments.value("out"), progress);
    watch.finish();
    if (!report)
        return answer(report, {});
    return answer(report, {{"folder", arguments.value("out")},
                           {"tensors", report->tensors},
                           {"changed", report->changed},
                           {"bytes", report->bytes}});
}

} // namespace

Command exportCommand()
{
    return {.name = "export",
            .summary = "a model, or what a run made, in a form that other programs load; read back "
                       "and compared after writing",
            .positionals = {{.name = "MODEL",
                             .help = "a model's folder, or a run's id, its beginning or its name"}},
            .options = {{.name = "out",
                         .value = "DIR",
                         .help = "where it goes: for safetensors a folder that is empty or does "
                                 "not exist",
                         .required = true},
                        {.name = "format",
                         .value = "F",
                         .help = "safetensors, a folder as Hugging Face lays it out; gguf, a file "
                                 "for llama.cpp; delta, only what changed. safetensors without it"},
                        {.name = "dtype",
                         .value = "D",
                         .help = "float32, float16, bfloat16, and for gguf q8_0; as stored "
                                 "without it"},
                        {.name = "shard-size",
                         .value = "S",
                         .help = "cut the weights into files of at most so much: 500MB, 5GB, which "
                                 "it is without this"},
                        {.name = "original",
                         .value = "DIR",
                         .help = "for a delta: the model it starts from; without it, the one that "
                                 "the run started from"},
                        storeOption()},
            .run = runExport};
}

Command restoreCommand()
{
    return {.name = "restore",
            .summary = "makes the folder that a delta was made of, bit for bit",
            .positionals = {{.name = "DELTA",
                             .help = "what export --format delta wrote: the file, or its folder"}},
            .options = {{.name = "original",
                         .value = "DIR",
                         .help = "the model that the delta starts from",
                         .required = true},
                        {.name = "out",
                         .value = "DIR",
                         .help = "a folder that is empty or does not exist",
                         .required = true}},
            .run = runRestore};
}

} // namespace lacuna
