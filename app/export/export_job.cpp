#include "app/export/export_job.h"

#include "core/base/guarded.h"
#include "core/store/store.h"

#include <mutex>

namespace lacuna {

namespace {

constexpr int kPollMs = 33;

Result<ExportOffer> readOffer(const std::filesystem::path& history, RunId id)
{
    const Result<Store> store = Store::open(history, OpenMode::ReadOnly);
    if (!store)
        return store.error();
    const Result<Run> run = store->run(id);
    if (!run)
        return run.error();
    Result<ExportSource> source = exportSource(*store, *run);
    if (!source)
        return source.error();
    ExportOffer offer{.source = std::move(source).value()};
    for (const ExportForm form : kExportForms)
        if (const auto planned = planExport(offer.source, {.form = form}, {}); !planned)
            offer.refusals.at(static_cast<std::size_t>(form)) = planned.error();
    return offer;
}

bool isTaken(const std::filesystem::path& folder)
{
    std::error_code ignored;
    return std::filesystem::exists(folder, ignored) &&
           !(std::filesystem::is_directory(folder, ignored) &&
             std::filesystem::is_empty(folder, ignored));
}

Result<PlannedExport> planIn(const ExportSource& source, const ExportChoice& choice,
                             const ExportPlace& place)
{
    std::error_code ignored;
    if (!std::filesystem::is_directory(place.parent, ignored))
        return Error{.code = ErrorCode::NotFound,
                     .message = "there is no such folder to export into",
                     .context = place.parent.string(),
                     .remedy = "choose another one"};
    std::filesystem::path folder = place.parent / place.name;
    for (int number = 2; place.mayRename && isTaken(folder); ++number)
        folder = place.parent / (place.name + "-" + std::to_string(number));
    if (isTaken(folder))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "something is there already",
                     .context = folder.string(),
                     .remedy = "choose another name"};
    Result<ExportReport> report = planExport(source, choice, folder);
    if (!report)
        return report.error();
    return PlannedExport{folder, std::move(report).value()};
}

} // namespace

struct ExportJob::Shared {
    std::mutex mutex;
    std::string_view what; // guarded by mutex, as all of it; a literal
    quint64 done = 0;
    quint64 total = 0;
};

ExportJob::ExportJob(QObject* parent) : QObject(parent), m_shared(std::make_shared<Shared>())
{
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, &ExportJob::poll);
}

ExportJob::~ExportJob()
{
    m_stop.request_stop();
}

void ExportJob::open(const std::filesystem::path& history, RunId run, Done<ExportOffer> done)
{
    m_work.run(
        this, [history, run] { return guardedResult([&] { return readOffer(history, run); }); },
        std::move(done));
}

void ExportJob::plan(const ExportSource& source, const ExportChoice& choice,
                     const ExportPlace& place, Done<PlannedExport> done)
{
    m_work.run(
        this,
        [source, choice, place] {
            return guardedResult([&] { return planIn(source, choice, place); });
        },
        [this, question = ++m_question, done = std::move(done)](const auto& planned) {
            if (question == m_question)
                done(planned);
        });
}

void ExportJob::start(const ExportSource& source, const ExportChoice& choice,
                      const std::filesystem::path& folder, Done<ExportReport> done)
{
    m_stop = {};
    m_running = true;
    m_timer.start();
    ++m_question; // what was being planned is being done
    m_work.run(
        this,
        [source, choice, folder, stop = m_stop.get_token(), shared = m_shared] {
            Progress progress(stop, [shared](std::string_view what, std::uint64_t doneBytes,
                                             std::uint64_t totalBytes) {
                const std::lock_guard lock(shared->mutex);
                shared->what = what;
                shared->done = doneBytes;
                shared->total = totalBytes;
            });
            return guardedResult([&] { return exportModel(source, choice, folder, progress); });
        },
        [this, done = std::move(done)](const Result<ExportReport>& report) {
            m_running = false;
            m_timer.stop();
            done(report);
        });
}

void ExportJob::cancel()
{
    m_stop.request_stop();
}

void ExportJob::poll()
{
    const std::lock_guard lock(m_shared->mutex);
    if (m_shared->total > 0)
        Q_EMIT progressed(QString::fromLatin1(m_shared->what.data(),
                                              static_cast<qsizetype>(m_shared->what.size())),
                          m_shared->done, m_shared->total);
}

} // namespace lacuna
