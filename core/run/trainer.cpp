#include "core/run/trainer.h"

#include "core/base/hash.h"
#include "core/base/machine_memory.h"
#include "core/base/rng.h"
#include "core/models/device.h"
#include "core/run/schedule.h"
#include "core/run/step_search.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

constexpr const char* kBest = "best"; ///< folder of the models of the way

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

PairSampler makeSampler(const Session& session)
{
    const bool retain = session.retain && !session.method.retainId.empty();
    const TrainingSpec& training = session.recipe.training;
    return PairSampler(
        {.forgetCount = static_cast<std::int64_t>(session.forget.tokens.samples.size()),
         .retainCount =
             retain ? static_cast<std::int64_t>(session.retain->tokens.samples.size()) : 0,
         .batchSize = training.batchSize,
         .seed = derivedSeed(static_cast<std::uint64_t>(session.recipe.seed), "order"),
         .pairing = pairingOf(training.pairing),
         .retainPerForget = training.retainPerForget});
}

Artefact modelArtefact(const char* kind, const std::filesystem::path& folder, std::int64_t step)
{
    return {.kind = kind,
            .path = folder.string(),
            .step = step,
            .bytes =
                static_cast<std::int64_t>(std::filesystem::file_size(folder / "model.safetensors")),
            .sha256 = modelFolderHash(folder).value()};
}

/// An optimiser without a past over the parameters that the session trains.
Optimizer makeOptimizer(Session& session)
{
    const TrainingSpec& training = session.recipe.training;
    session.decoder->setTrained(session.trainedNames);
    if (training.optimizer == "sophia")
        return {session.decoder->parameters(),
                {.kind = OptimizerKind::Sophia,
                 .beta2 = 0.95,
                 .weightDecay = training.weightDecay,
                 .rho = training.sophiaRho,
                 .hessianScale = training.sophiaScale,
                 .hessianInterval = training.sophiaInterval}};
    return {session.decoder->parameters(),
            {.kind = training.optimizer == "sgd" ? OptimizerKind::Sgd : OptimizerKind::AdamW,
             .weightDecay = training.weightDecay}};
}

} // namespace

Trainer::Trainer(Session& session, Recorder& recorder, RunControl& control,
                 std::filesystem::path folder)
    : m_session(session), m_recorder(recorder), m_control(control),
      m_commands(session, recorder, control), m_folder(std::move(folder)), m_evaluation(session),
      m_checkpoints(m_folder / "checkpoints", session.recipe.checkpoint.keep),
      m_sampler(makeSampler(session)), m_optimizer(makeOptimizer(session))
{
    const TrainingSpec& training = session.recipe.training;
    const auto perEpoch = static_cast<double>(m_sampler.stepsPerEpoch());
    m_totalSteps = training.steps > 0 ? training.steps : std::llround(training.epochs * perEpoch);
    m_warmupSteps = std::llround(training.warmupEpochs * perEpoch);
    if ((**methods().find(session.method.id)).searchesStep)
        m_searchInterval = session.method.params.integer("step_interval");
    if (std::ranges::any_of(session.controls,
                            [](const NamedControl& c) { return c.control->readsAnswers(); }))
        m_fluency.emplace(session);
    if (session.recipe.checkpoint.best > 0)
        m_best.emplace(m_folder / kBest, session.recipe.checkpoint.best);
}

RunEnd Trainer::run(bool resume)
{
    m_recorder.post(RunStarted{.uid = m_recorder.run().uid,
                               .folder = m_folder.string(),
                               .totalSteps = m_totalSteps,
                               .firstStep = resume ? m_checkpoints.latestStep().value_or(0) : 0});
    // References are of the model as it starts, so they are made before a checkpoint's weights
    // replace those.
    m_runState = RunState::Caching;
    m_recorder.state(m_runState);
    if (!prepareObjective())
        return finish();
    std::optional<TrainingState> restored;
    if (resume) {
        if (m_checkpoints.latestStep())
            resumeLearning();
        restored = m_checkpoints.restoreLatest(*m_session.decoder, m_optimizer, m_good);
        m_recorder.store()
            .truncateAfter(m_recorder.run().id, restored ? restored->step : -1)
            .value();
        if (m_best)
            forgetArtefacts(m_best->truncateAfter(restored ? restored->step : -1));
    }
    if (restored) {
        std::vector<Evaluation> before =
            m_recorder.store().readEvaluations(m_recorder.run().id, true).value();
        std::erase_if(before,
                      [](const Evaluation& one) { return one.phase != EvaluationPhase::Before; });
        m_evaluation.remember(before);
        m_state = std::move(*restored);
        m_sampler.restore(m_state.sampler).value();
        for (std::size_t i = 0; i < m_session.controls.size(); ++i)
            m_session.controls[i].control->restore(m_state.controls.at(i));
        m_recorder.interruption(m_state.step, InterruptionKind::Recovered);
        m_recorder.log("continuing after step " + std::to_string(m_state.step));
    } else if (!baseline()) {
        return finish();
    }
    m_runState = RunState::Running;
    m_recorder.state(m_runState);
    train();
    return finish();
}

bool Trainer::train()
{
    m_checkpointed = Clock::now();
    const std::int64_t every = m_session.recipe.evaluation.everySteps;
    if (m_state.evaluationDue && !evaluateDuring())
        return false;
    while (m_state.step < m_totalSteps && m_ending == Ending::None) {
        if (!step(m_state.step + 1))
            return false;
        m_state.evaluationDue =
            m_ending == Ending::None &&
            (m_state.step == m_totalSteps || (every > 0 && m_state.step % every == 0));
        if (m_state.evaluationDue && !evaluateDuring())
            return false;
        if (m_ending == Ending::None && m_state.step < m_totalSteps &&
            secondsSince(m_checkpointed) >= m_session.recipe.checkpoint.everySeconds)
            saveCheckpoint();
    }
    return true;
}

bool Trainer::step(std::int64_t number)
{
    const auto started = Clock::now();
    const TrainingSpec& training = m_session.recipe.training;
    Decoder& decoder = *m_session.decoder;
    const Json before = m_sampler.state();
    const StepBatch batch = m_sampler.next();
    decoder.clearGradients();
    std::optional<double> retainWeight;
    for (const NamedControl& control : m_session.controls)
        if (const std::optional<double> weight = control.control->retainWeight()) {
            m_objective->setRetainWeight(*weight);
            retainWeight = weight;
        }
    const std::optional<Objective::Sums> sums =
        m_objective->accumulate(batch, [&] { return serve(); });
    if (!sums) {
        // The batch was not used: a continued run draws it again.
        m_sampler.restore(before).value();
        return false;
    }

    StepDone done{.step = number,
                  .totalSteps = m_totalSteps,
                  .epoch = batch.epoch,
                  .learningRate =
                      training.learningRate * m_state.learningRateScale *
                      scheduleFactor(training.schedule, number - 1, m_warmupSteps, m_totalSteps),
                  .forgetLoss = sums->forget.loss,
                  .loss = sums->loss,
                  .forgetNll = sums->forget.meanNll(),
                  .gradientCosine = sums->cosine,
                  .meanTokenWeight = sums->meanTokenWeight,
                  .retainWeight = retainWeight,
                  .tokens = sums->forget.rows};
    if (sums->retain) {
        done.retainLoss = sums->retain->loss;
        done.retainNll = sums->retain->meanNll();
        done.tokens += sums->retain->rows;
    }
    done.gradientNorm = gradientNorm(decoder.parameters());
    const bool finite = std::isfinite(done.loss) && std::isfinite(done.gradientNorm);
    if (finite) {
        done.clipped = training.clipNorm > 0 && done.gradientNorm > training.clipNorm;
        if (done.clipped)
            scaleGradients(decoder.parameters(), training.clipNorm / (done.gradientNorm + 1e-6));
        if (m_mask)
            m_mask->look(decoder.parameters());
        update(batch, *sums, done);
    }
    m_state.step = number;
    done.seconds = secondsSince(started);
    m_state.trainingSeconds += done.seconds;
    m_state.trainedTokens += done.tokens;
    m_recorder.step(done);
    bool handled = finite;
    for (NamedControl& control : m_session.controls) {
        const Verdict verdict =
            control.control->afterStep({.number = number,
                                        .epoch = batch.epoch,
                                        .finite = finite,
                                        .clipped = done.clipped,
                                        .retainNll = done.retainNll,
                                        .retainNllAtStart = m_state.retainNllAtStart});
        handled = handled || verdict.action != ControlAction::Continue;
        act(verdict);
    }
    if (!handled)
        throw ErrorException(Error{.code = ErrorCode::Internal,
                                   .message = "loss or gradient of step " + std::to_string(number) +
                                              " is not finite",
                                   .context = m_recorder.run().name,
                                   .remedy = "lower training.learning_rate or add the control "
                                             "divergence-guard"});
    return true;
}

void Trainer::update(const StepBatch& batch, const Objective::Sums& sums, StepDone& done)
{
    Decoder& decoder = *m_session.decoder;
    // What is found while the learning rate still warms up would be raised by the rest of it.
    const bool searches = sums.retain && m_searchInterval > 0 && done.step > m_warmupSteps &&
                          (done.step - m_warmupSteps - 1) % m_searchInterval == 0;
    std::optional<TrialUpdate> trial;
    if (searches)
        trial.emplace(decoder);
    m_optimizer.step(done.learningRate, m_mask.get());
    decoder.refresh();
    if (!searches)
        return;
    trial->capture();
    const double ahead = m_objective->retainLoss(batch);
    trial->setLength(-1);
    const double behind = m_objective->retainLoss(batch);
    const double range = m_session.method.params.number("step_range");
    double& scale = m_state.learningRateScale;
    const double length =
        bestLength(behind, sums.retain->loss, ahead, 1 / (range * scale), range / scale);
    trial->setLength(length);
    scale *= length;
    done.learningRate *= length;
}

bool Trainer::evaluateDuring()
{
    const auto outcome = m_evaluation.subset(m_state.step, [&](double) { return serve(); });
    if (!outcome)
        return false;
    m_recorder.flush();
    std::optional<double> repetition;
    if (m_fluency) {
        repetition = m_fluency->repetition([&] { return serve(); });
        if (!repetition)
            return false;
        m_recorder.series({{m_state.step, "repetition", *repetition}});
    }
    m_recorder.evaluations(m_state.step, EvaluationPhase::During, outcome->evaluations);
    recordChange();
    if (!answerPinned(*m_session.decoder, ModelRole::Current))
        return false;
    m_state.evaluationDue = false;
    const ControlEvaluation numbers{.step = m_state.step,
                                    .forgetNll = outcome->forgetNll,
                                    .retainNll = outcome->retainNll,
                                    .forgetNllAtStart = m_state.forgetNllAtStart,
                                    .retainNllAtStart = m_state.retainNllAtStart,
                                    .repetition = repetition,
                                    .repetitionAtStart = m_state.repetitionAtStart};
    bool good = std::isfinite(outcome->forgetNll);
    for (NamedControl& control : m_session.controls) {
        const Verdict verdict = control.control->afterEvaluation(numbers);
        good = good && verdict.action == ControlAction::Continue;
        act(verdict);
    }
    if (good) {
        keepGood();
        keepBest(*outcome);
    }
    return true;
}

void Trainer::keepBest(const RunEvaluation::Outcome& outcome)
{
    if (!m_best)
        return;
    const std::int64_t step = m_state.step;
    const std::filesystem::path folder = m_best->folderOf(step);
    const Result<std::vector<std::filesystem::path>> removed = m_best->offer(
        {step, outcome.forgetNll, outcome.retainNll.value()},
        [&](const std::filesystem::path& place) { return saveResult(m_session, place); });
    if (!removed) { // the run can do without
        m_recorder.log("the model of step " + std::to_string(step) +
                       " is not kept: " + removed.error().text());
        return;
    }
    forgetArtefacts(*removed);
    if (std::ranges::find(m_best->models(), step, &BestModel::step) != m_best->models().end())
        m_recorder.artefact(modelArtefact("best model", folder, step));
}

void Trainer::forgetArtefacts(const std::vector<std::filesystem::path>& folders)
{
    for (const std::filesystem::path& folder : folders)
        m_recorder.store().removeArtefact(m_recorder.run().id, folder.string()).value();
}

void Trainer::act(const Verdict& verdict)
{
    if (verdict.action == ControlAction::Continue || m_ending != Ending::None)
        return;
    m_recorder.log(verdict.reason);
    switch (verdict.action) {
    case ControlAction::Continue:
        break;
    case ControlAction::StopHere:
        m_ending = Ending::Stopped;
        m_stopReason = verdict.reason;
        break;
    case ControlAction::RestoreAndStop:
        restoreGood();
        m_ending = Ending::Restored;
        m_stopReason = verdict.reason;
        break;
    case ControlAction::RollBack:
        restoreGood();
        if (m_state.step == m_totalSteps) { // nothing is left to continue with
            m_ending = Ending::Restored;
            m_stopReason = verdict.reason;
            break;
        }
        // Moments gathered on the way to the divergence would lead there again.
        m_optimizer = makeOptimizer(m_session);
        m_state.learningRateScale *= 0.5;
        m_recorder.log("weights of step " + std::to_string(m_state.goodStep) +
                       " restored, learning rate halved");
        break;
    }
}

void Trainer::keepGood()
{
    if (m_session.controls.empty())
        return;
    const at::NoGradGuard noGrad;
    for (const Parameter& parameter : m_session.decoder->parameters()) {
        if (!parameter.trained)
            continue;
        at::Tensor& kept = m_good[parameter.name];
        if (kept.defined())
            kept.copy_(parameter.master);
        else
            kept = parameter.master.clone();
    }
    m_state.goodStep = m_state.step;
}

void Trainer::restoreGood()
{
    const at::NoGradGuard noGrad;
    for (Parameter& parameter : m_session.decoder->parameters())
        if (parameter.trained)
            parameter.master.copy_(m_good.at(parameter.name));
    m_session.decoder->refresh();
}

void Trainer::recordChange()
{
    if (!m_startWeights)
        return;
    std::vector<SeriesPoint> points;
    const auto changes = changeOfBlocks(*m_session.decoder, *m_startWeights);
    for (std::size_t layer = 0; layer < changes.size(); ++layer)
        if (changes[layer])
            points.push_back(
                {m_state.step, "weight_change." + std::to_string(layer), *changes[layer]});
    m_recorder.series(std::move(points));
}

void Trainer::negate()
{
    if (m_negated || !(**methods().find(m_session.method.id)).negates)
        return;
    // An interruption from here on continues with what was learned, and subtracts it again.
    saveCheckpoint();
    m_negated = true;
    const double scale = m_session.method.params.number("scale");
    if (m_session.sequence) {
        // What is subtracted was not all learned in this run's adapter.
        m_session.decoder->mergeAdapters();
        m_session.adapter.reset();
        Mix::open(*m_session.decoder, m_session.recipe.origin).value().setAmount(1 + scale);
    } else {
        negateChange(*m_session.decoder, *m_startWeights, scale);
    }
    m_recorder.log("what was learned is subtracted, times " + Json(scale).dump());
}

void Trainer::saveCheckpoint()
{
    m_recorder.flush();
    m_state.sampler = m_sampler.state();
    m_state.controls.clear();
    for (const NamedControl& control : m_session.controls)
        m_state.controls.push_back(control.control->state());
    const std::filesystem::path folder =
        m_checkpoints.save(m_state, *m_session.decoder, m_optimizer, m_good).value();
    m_recorder.log("checkpoint of step " + std::to_string(m_state.step));
    m_checkpointed = Clock::now();
}

RunEnd Trainer::finish()
{
    m_recorder.flush();
    const StopKind asked = m_control.stopKind();
    const auto modelFolder = m_folder / "model";
    const bool trained = m_runState == RunState::Running || m_runState == RunState::FinalEvaluation;
    if (asked == StopKind::Discard) {
        m_checkpoints.clear();
        std::error_code ignored;
        std::filesystem::remove_all(modelFolder, ignored);
        m_recorder.store().removeArtefact(m_recorder.run().id, modelFolder.string()).value();
        if (m_best)
            forgetArtefacts(m_best->truncateAfter(-1));
        std::filesystem::remove_all(m_folder / kBest, ignored);
        std::filesystem::remove_all(m_folder / "adapter", ignored);
        m_recorder.store()
            .removeArtefact(m_recorder.run().id, (m_folder / "adapter").string())
            .value();
        return {.state = RunState::Discarded, .stopReason = "stopped and discarded"};
    }
    // Asked to keep what a continued run has not loaded yet: it stays in the checkpoint.
    const bool unread = asked == StopKind::Keep && !trained && m_checkpoints.latestStep();
    if (asked == StopKind::Now || unread) {
        // A run that a control has ended would train on from here; it ends again from the
        // checkpoint before.
        if (trained && m_ending == Ending::None && !m_negated)
            saveCheckpoint();
        return {.state = RunState::Interrupted,
                .stopReason = "interrupted; it can be resumed from step " +
                              std::to_string(m_checkpoints.latestStep().value_or(0))};
    }
    if (asked == StopKind::Keep && !trained)
        return {.state = RunState::Stopped, .stopReason = "stopped before the first step"};

    negate();
    saveResult(m_session, modelFolder).value();
    m_recorder.artefact(modelArtefact("model", modelFolder, m_state.step));
    if (m_session.adapter) {
        const auto adapterFolder = m_folder / "adapter";
        saveAdapterResult(m_session, adapterFolder).value();
        const auto weights = adapterFolder / kAdapterWeights;
        m_recorder.artefact(
            {.kind = "adapter",
             .path = adapterFolder.string(),
             .step = m_state.step,
             .bytes = static_cast<std::int64_t>(std::filesystem::file_size(weights)),
             .sha256 = sha256File(weights).value()});
    }
    m_runState = RunState::FinalEvaluation;
    m_recorder.state(m_runState);
    const auto after = m_evaluation.full(m_state.step, EvaluationPhase::After, [&](double share) {
        proceedIn("evaluating the result", share);
        return m_control.stopKind() < StopKind::Discard;
    });
    if (!after)
        return finish();
    m_recorder.evaluations(m_state.step, EvaluationPhase::After, after->evaluations);
    if (!answerPinned(*m_session.decoder, ModelRole::Current))
        return finish();
    m_commands.answerWaiting(m_state.step);
    m_checkpoints.clear();

    RunEnd end{.state = RunState::Done};
    if (m_ending != Ending::None || asked == StopKind::Keep) {
        end.state = RunState::Stopped;
        end.stopReason = m_ending != Ending::None ? m_stopReason : "stopped and kept";
    }
    end.summary =
        Json{{"steps", m_state.step},
             {"kept_step", m_ending == Ending::Restored ? m_state.goodStep : m_state.step},
             {"seconds", secondsSince(m_started)},
             {"training_seconds", m_state.trainingSeconds},
             {"trained_tokens", m_state.trainedTokens},
             {"forget_tokens", m_session.forget.tokens.tokens},
             {"retain_tokens", m_session.retain ? m_session.retain->tokens.tokens : 0},
             {"peak_memory_bytes", peakMemoryBytes()},
             {"threads", threadCount()},
             {"precision", precisionName(m_session.decoder->computeType())}}
            .dump();
    return end;
}

bool Trainer::serve()
{
    return m_commands.serve(m_state.step, m_runState);
}

bool Trainer::proceedIn(const std::string& phase, double share)
{
    m_recorder.progress(phase, share);
    return serve();
}

} // namespace lacuna
