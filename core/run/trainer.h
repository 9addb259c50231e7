#pragma once

#include "core/controls/update_mask.h"
#include "core/corpora/sampler.h"
#include "core/run/best_models.h"
#include "core/run/checkpoints.h"
#include "core/run/command_service.h"
#include "core/run/fluency_check.h"
#include "core/run/objective.h"
#include "core/run/recorder.h"
#include "core/run/run_control.h"
#include "core/run/run_evaluation.h"
#include "core/run/session.h"
#include "core/run/start_weights.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// One run from its baseline to its result. Lives on the run thread and takes commands between
/// micro-batches, when the weights are those of the last whole step.
class Trainer {
public:
    /// All references outlive it. \p folder is the run's own.
    Trainer(Session& session, Recorder& recorder, RunControl& control,
            std::filesystem::path folder);

    /// Runs to the end, from the newest checkpoint of the folder when \p resume. Throws
    /// ErrorException when something that the run cannot do without fails.
    [[nodiscard]] RunEnd run(bool resume);

private:
    using Clock = std::chrono::steady_clock;
    /// Why a stretch of work ended early.
    enum class Ending : std::uint8_t { None, Stopped, Restored };

    // trainer_start.cpp
    bool prepareObjective();
    bool reinforce();
    bool prepareMask();
    bool baseline();
    /// The recipe's reference model; null where there is none, or nothing to ask it.
    /// \param evaluated  what there is to measure of it is known
    [[nodiscard]] std::unique_ptr<Decoder> openReference(bool evaluated);
    /// Of a reference that is only a log, what the log says; null without one: nothing.
    bool evaluateReference(Decoder* reference);
    /// Records all answers, or none when a command ends it early.
    bool answerPinned(Decoder& decoder, ModelRole role);
    /// In a sequence of requests, goes on from what was learned for those before.
    void resumeLearning();

    // trainer.cpp
    bool train();
    /// \return false when a command ended the step before its update
    bool step(std::int64_t number);
    /// Updates the weights by the gradients, with the learning rate of \p done.
    /// Where the method searches its learning rate, \p done gets the one that was found. The search
    /// passes over the retain batch twice without serving commands.
    void update(const StepBatch& batch, const Objective::Sums& sums, StepDone& done);
    bool evaluateDuring();
    void keepBest(const RunEvaluation::Outcome& outcome);
    void forgetArtefacts(const std::vector<std::filesystem::path>& folders);
    void act(const Verdict& verdict);
    void keepGood();
    void restoreGood();
    void saveCheckpoint();
    void recordChange();
    /// Subtracts what was learned, where the method does; at most once.
    void negate();
    RunEnd finish();

    /// Serves waiting commands. \return false when the run is to stop
    bool serve();
    bool proceedIn(const std::string& phase, double share);

    Session& m_session;
    Recorder& m_recorder;
    RunControl& m_control;
    CommandService m_commands;
    std::filesystem::path m_folder;
    RunEvaluation m_evaluation;
    Checkpoints m_checkpoints;
    PairSampler m_sampler;
    Optimizer m_optimizer;
    std::unique_ptr<UpdateMask> m_mask;    ///< null: everything may move
    std::optional<FluencyCheck> m_fluency; ///< where a control reads answers
    std::optional<BestModels> m_best;
    std::int64_t m_searchInterval = 0; ///< steps between searches for the learning rate; 0: never
    std::optional<StartWeights> m_startWeights;
    std::optional<Objective> m_objective; ///< once the model has written what it reads
    std::int64_t m_totalSteps = 0;
    std::int64_t m_warmupSteps = 0;
    TrainingState m_state;
    GoodWeights m_good;
    RunState m_runState = RunState::Prepared;
    Ending m_ending = Ending::None;
    bool m_negated = false;
    std::string m_stopReason;
    Clock::time_point m_started = Clock::now();
    Clock::time_point m_checkpointed = Clock::now();
};

} // namespace lacuna
