#pragma once

#include "core/base/result.h"
#include "core/run/sweep_runs.h"

#include <QObject>

#include <optional>
#include <string>

namespace lacuna {

class Background;
class History;
class RunController;
struct GroupPlace;

/// How far a group has come when it ends.
struct GroupEnd {
    std::string group;
    int done = 0; ///< runs that have a result
    int count = 0;
    bool stopped = false;           ///< somebody stopped one of them
    std::optional<RunId> last = {}; ///< the last of them that is on record
    RecipeDraft draft = {}; ///< what it was made from: started again it does what is missing
};

/// Does the runs of a sweep or a sequence one after another with the program's RunController. What
/// the history has already is passed over, what was interrupted goes on; stopping a run ends the
/// group, and starting it again does what is missing. GUI thread only; the history is read in the
/// background.
class RunGroup : public QObject {
    Q_OBJECT

public:
    /// All outlive it.
    RunGroup(RunController& run, Background& background, History& history,
             QObject* parent = nullptr);

    /// From start() to ended() or failed().
    [[nodiscard]] bool isActive() const { return m_active; }
    /// Refused unless the controller is free. The recipe must have a name: the group's.
    [[nodiscard]] Status start(const RecipeDraft& draft);
    /// The run that goes on, goes on to its end.
    void startNoMore();

Q_SIGNALS:
    /// The sweep cannot be followed: no run of it was started.
    void failed(const lacuna::Error& error);
    /// One of its runs could not be started, or its record not be read; the others are done.
    void runRefused(const lacuna::Error& error);
    void ended(const lacuna::GroupEnd& end);

private:
    void open(Result<SweepPass>&& pass);
    void proceed();
    void resume(const SweepPass::Step& step, const GroupPlace& place);
    void refuse(const Error& error);
    void takeEnd(const std::string& uid);
    void finish();

    RunController& m_run;
    Background& m_background;
    History& m_history;
    RecipeDraft m_draft;
    std::optional<SweepPass> m_pass;
    bool m_active = false;
    bool m_stopped = false;
};

} // namespace lacuna
