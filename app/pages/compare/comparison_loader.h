#pragma once

#include "app/pages/compare/comparison.h"
#include "core/base/result.h"

#include <QObject>

#include <map>
#include <vector>

namespace lacuna {

class Background;
class History;

/// Reads runs and works out their differences from a pinned one, in the background and one after
/// another, so that other work of the background goes on in between and a new wish takes effect
/// after the run that is being read.
class ComparisonLoader : public QObject {
    Q_OBJECT

public:
    ComparisonLoader(History& history, Background& background, QObject* parent = nullptr);

    /// What was read before stays, unless forget() was called.
    void load(const std::vector<RunId>& ids, RunId pinned);
    /// Reads all runs again with the next load(), because the history has changed; what is known of
    /// them stays until then.
    void forget();

    /// In the order of load(), as far as they have been read.
    [[nodiscard]] std::vector<ComparedEntry> entries() const;
    /// Something is still to be read or worked out.
    [[nodiscard]] bool isBusy() const { return m_busy; }
    [[nodiscard]] std::size_t wanted() const { return m_ids.size(); }

Q_SIGNALS:
    /// entries() or isBusy() has changed.
    void progressed();
    /// The run is no longer there, or cannot be read; it is not asked for again.
    void failed(lacuna::RunId id, const lacuna::Error& error);

private:
    struct Known {
        std::shared_ptr<const ComparedRun> run;
        std::shared_ptr<const MetricDeltas> deltas;
        bool isFresh = true; ///< the history has not changed since it was read
    };

    void proceed();
    void read(RunId id);
    void compare(RunId id);

    History& m_history;
    Background& m_background;
    std::vector<RunId> m_ids;
    RunId m_pinned = 0;
    std::map<RunId, Known> m_known;
    quint64 m_wish = 0; ///< answers to older ones are dropped
    bool m_busy = false;
};

} // namespace lacuna
