#pragma once

#include "app/background.h"
#include "core/run/saliency.h"

#include <QObject>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace lacuna {

/// findSaliency() on a thread of its own, one at a time: it reads a whole model, and what else
/// waits in the background goes on meanwhile. GUI thread only; destroying it cancels and waits, for
/// one micro-batch or one weight file at most.
class SaliencySearch : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const Result<std::optional<SaliencyMap>>&)>;

    explicit SaliencySearch(QObject* parent = nullptr);
    ~SaliencySearch() override;

    /// Not while one is running. \p done gets nothing of a search that was cancelled.
    void start(const Recipe& recipe, Done done);
    void cancel();
    [[nodiscard]] bool isRunning() const { return m_running; }
    /// The one that is running is about to end.
    [[nodiscard]] bool isCancelled() const { return m_stop.stop_requested(); }

Q_SIGNALS:
    void progressed(double share); ///< 0 to 1

private:
    std::shared_ptr<std::atomic<double>> m_share; ///< how far the thread is
    std::stop_source m_stop;
    bool m_running = false;
    QTimer m_timer;
    Background m_work; // last: joins before what it uses goes
};

} // namespace lacuna
