#pragma once

#include "app/background.h"
#include "core/run/calibration.h"

#include <QObject>
#include <QTimer>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

namespace lacuna {

/// A calibration, or the writing of a mixture, on a thread of its own. GUI thread only; destroying
/// it cancels and waits until the thread has noticed.
class CalibrationJob : public QObject {
    Q_OBJECT

public:
    explicit CalibrationJob(QObject* parent = nullptr);
    ~CalibrationJob() override;

    /// \param done  gets a result without points when it was cancelled
    void calibrate(const CalibrationRequest& request,
                   std::function<void(const Result<Calibration>&)> done);
    /// \param done  gets what writeMix() says, and whether it was cancelled
    void write(const CalibrationRequest& request, double amount,
               const std::filesystem::path& folder,
               std::function<void(const Status&, bool cancelled)> done);
    void cancel();
    [[nodiscard]] bool isRunning() const { return m_running; }

Q_SIGNALS:
    /// \param share  done so far, in [0, 1]
    void progressed(double share);

private:
    struct Shared {
        std::atomic<double> share = 0;
        std::atomic<bool> cancelled = false;
    };

    std::shared_ptr<Shared> begin();
    void end();

    std::shared_ptr<Shared> m_shared = std::make_shared<Shared>();
    bool m_running = false;
    QTimer m_timer;
    Background m_work; // last: joins before what it uses goes
};

} // namespace lacuna
