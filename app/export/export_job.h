#pragma once

#include "app/background.h"
#include "core/run/run_export.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace lacuna {

/// What a run has left, and for each form why it cannot be exported so.
struct ExportOffer {
    ExportSource source;
    std::array<std::optional<Error>, kExportForms.size()> refusals; ///< by ExportForm
};

/// Where an export goes: a new folder in one that is there.
struct ExportPlace {
    std::filesystem::path parent;
    std::string name;
    bool mayRename = false; ///< the name is a proposal: when it is taken, "-2" comes behind it
};

struct PlannedExport {
    std::filesystem::path folder;
    ExportReport report;
};

/// One export of a run on a thread of its own: the history and other pages go on meanwhile. GUI
/// thread only; destroying it cancels and waits until the export has taken back what it wrote.
class ExportJob : public QObject {
    Q_OBJECT

public:
    explicit ExportJob(QObject* parent = nullptr);
    ~ExportJob() override;

    template <class T> using Done = std::function<void(const Result<T>&)>;

    /// Reads what the run has left. Headers only, for every form.
    void open(const std::filesystem::path& history, RunId run, Done<ExportOffer> done);
    /// Answers to the newest question only. A folder with anything in it is refused.
    void plan(const ExportSource& source, const ExportChoice& choice, const ExportPlace& place,
              Done<PlannedExport> done);
    void start(const ExportSource& source, const ExportChoice& choice,
               const std::filesystem::path& folder, Done<ExportReport> done);
    /// The end comes through \p done of start().
    void cancel();
    [[nodiscard]] bool isRunning() const { return m_running; }

Q_SIGNALS:
    /// \param what  "writing", as Progress has it
    void progressed(const QString& what, quint64 doneBytes, quint64 totalBytes);

private:
    struct Shared;

    void poll();

    std::shared_ptr<Shared> m_shared; ///< how far the thread is
    std::stop_source m_stop;
    bool m_running = false;
    quint64 m_question = 0;
    QTimer m_timer;
    Background m_work; // last: joins before what it uses goes
};

} // namespace lacuna
