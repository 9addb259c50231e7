#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

#include <algorithm>
#include <vector>

namespace lacuna {

/// The time between turns of the event loop, measured by a timer that wants to fire every
/// millisecond.
class FrameClock {
public:
    FrameClock()
    {
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
            m_frames.push_back(static_cast<double>(m_clock.nsecsElapsed()) / 1e6);
            m_clock.restart();
        });
        m_clock.start();
        m_timer.start(1);
    }
    [[nodiscard]] QString report()
    {
        m_timer.stop();
        std::sort(m_frames.begin(), m_frames.end());
        const auto at = [&](double share) {
            return m_frames.at(
                static_cast<std::size_t>(share * static_cast<double>(m_frames.size() - 1)));
        };
        return QStringLiteral("%1 frames, median %2 ms, 99th percentile %3 ms, longest %4 ms")
            .arg(m_frames.size())
            .arg(at(0.5), 0, 'f', 1)
            .arg(at(0.99), 0, 'f', 1)
            .arg(at(1), 0, 'f', 1);
    }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::vector<double> m_frames;
};

} // namespace lacuna
