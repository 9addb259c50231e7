#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/exchange/delta.h"
#include "core/models/adapter_files.h"
#include "core/run/run_export.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <unistd.h>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

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

/// A folder by its path, else the result of a run by its id or name.
Result<ExportSource> findSource(const Arguments& arguments)
{
    const std::string& word = arguments.value("MODEL");
    std::error_code ignored;
    if (fs::is_directory(word, ignored))
        return isAdapterFolder(word) ? ExportSource{.model = word, .adapter = word}
                                     : ExportSource{.model = word};
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
    return exportSource(*store, *run);
}

/// One JSON line for what was written, or the exit code of what went wrong.
template <class Report> int answer(const Result<Report>& report, const OrderedJson& json)
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

struct FormName {
    std::string_view name;
    ExportForm form;
};
constexpr std::array<FormName, 4> kForms = {{{"safetensors", ExportForm::Folder},
                                             {"gguf", ExportForm::Gguf},
                                             {"delta", ExportForm::Delta},
                                             {"adapter", ExportForm::Adapter}}};

/// What is said of an export on stdout.
OrderedJson jsonOf(const FormName& form, const ExportReport& report)
{
    const bool isFile = form.form == ExportForm::Gguf || form.form == ExportForm::Delta;
    OrderedJson json = {{"format", form.name},
                        {isFile ? "file" : "folder", report.target.string()}};
    if (form.form == ExportForm::Gguf)
        json.update({{"architecture", report.architecture}, {"dtype", report.type}});
    json["tensors"] = report.tensors;
    if (form.form == ExportForm::Folder)
        json["files"] = report.files;
    if (form.form == ExportForm::Delta)
        json["changed"] = report.changed;
    json["bytes"] = report.bytes;
    if (form.form == ExportForm::Gguf)
        json["warnings"] = report.warnings;
    return json;
}

int runExport(const Arguments& arguments)
{
    const std::string format = arguments.text("format").value_or("safetensors");
    const auto* form = std::ranges::find(kForms, format, &FormName::name);
    if (form == kForms.end())
        return reportUsage("--format is safetensors, gguf, delta or adapter, not " + format);
    const std::optional<std::string> dtype = arguments.text("dtype");
    const ExportType* type = exportType(dtype.value_or(""));
    if (dtype && !type)
        return reportUsage("--dtype is float32, float16, bfloat16 or q8_0, not " + *dtype);
    if (type && (form->form == ExportForm::Delta || form->form == ExportForm::Adapter))
        return reportUsage("a " + format + " keeps the types that it has: leave out --dtype");
    if (type && !takesType(form->form, *type))
        return reportUsage("--dtype q8_0 goes with --format gguf only");
    const std::optional<std::string> shard = arguments.text("shard-size");
    const std::optional<std::uint64_t> shardBytes = shard ? byteCount(*shard) : std::nullopt;
    if (shard && (!shardBytes || form->form != ExportForm::Folder))
        return reportUsage(shardBytes ? "--shard-size goes with --format safetensors only"
                                      : "--shard-size is a size as 500MB or 5GB, not " + *shard);
    const std::optional<std::string> original = arguments.text("original");
    if (original && form->form != ExportForm::Delta)
        return reportUsage("--original goes with --format delta only");

    const Result<ExportSource> source = findSource(arguments);
    if (!source)
        return report(source.error());
    if (form->form == ExportForm::Delta && !source->run && !original)
        return reportUsage("a delta of a folder needs --original");
    Watch watch;
    Progress progress = watch.progress();
    const Result<ExportReport> written =
        exportModel(*source,
                    {.form = form->form,
                     .type = type,
                     .shardBytes = shardBytes.value_or(kDefaultShardBytes),
                     .original = original.value_or("")},
                    arguments.value("out"), progress);
    watch.finish();
    if (!written)
        return answer(written, {});
    for (const std::string& warning : written->warnings)
        std::cerr << "warning: " << printable(warning) << "\n";
    return answer(written, jsonOf(*form, *written));
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
                         .help = "where it goes: for safetensors and adapter a folder that is "
                                 "empty or does not exist",
                         .required = true},
                        {.name = "format",
                         .value = "F",
                         .help = "safetensors, a folder as Hugging Face lays it out; gguf, a file "
                                 "for llama.cpp; delta, only what changed; adapter, a run's "
                                 "adapter as PEFT lays it out. safetensors without it"},
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
