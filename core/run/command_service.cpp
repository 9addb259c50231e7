#include "core/run/command_service.h"

#include "core/models/decoder.h"
#include "core/probe/phrasing.h"

#include <utility>

namespace lacuna {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollInterval = 500ms;

Phrasing phrasingOf(const ProbeRequest& request, const Session& session)
{
    // What the recipe asks is recorded, with the refusal where its template cannot ask it.
    if (request.token == 0)
        return {.prompt = {.text = request.prompt, .raw = request.raw, .style = session.style},
                .sent = {}};
    if (request.raw)
        return rawPhrasing(request.prompt);
    if (!request.promptTemplate.empty())
        return phrase(request.prompt, request.promptTemplate, session.tokenizerFolder);
    return phrase(request.prompt, session.style ? *session.style : PromptStyle());
}

} // namespace

CommandService::CommandService(Session& session, Recorder& recorder, RunControl& control)
    : m_session(session), m_recorder(recorder), m_control(control)
{
}

bool CommandService::serve(std::int64_t step, RunState state)
{
    if (std::chrono::steady_clock::now() - m_polled > kPollInterval)
        pollRequests();
    answerWaiting(step);
    if (m_control.paused())
        waitWhilePaused(step, state);
    return m_control.stopKind() == StopKind::None;
}

void CommandService::pollRequests()
{
    m_polled = std::chrono::steady_clock::now();
    Store& store = m_recorder.store();
    const std::vector<Request> requests = store.pendingRequests(m_recorder.run().id).value();
    for (const Request& request : requests) {
        switch (request.kind) {
        case RequestKind::Stop:
            m_control.stop(StopKind::Keep);
            break;
        case RequestKind::Discard:
            m_control.stop(StopKind::Discard);
            break;
        case RequestKind::Pause:
            m_control.pause();
            break;
        case RequestKind::Resume:
            m_control.proceed();
            break;
        }
        store.markHandled(request.id).value();
    }
}

void CommandService::waitWhilePaused(std::int64_t step, RunState state)
{
    m_recorder.state(RunState::Paused);
    m_recorder.interruption(step, InterruptionKind::Paused);
    while (m_control.paused() && m_control.stopKind() == StopKind::None) {
        m_control.waitWhilePaused(kPollInterval);
        pollRequests();
        answerWaiting(step);
    }
    m_recorder.interruption(step, InterruptionKind::Resumed);
    m_recorder.state(state);
}

void CommandService::answerWaiting(std::int64_t step)
{
    if (m_holdsProbes)
        return;
    for (const ProbeRequest& request : m_control.takeProbes())
        m_recorder.answer(answer(*m_session.decoder, request, ModelRole::Current, step));
}

AnswerReady CommandService::answer(Decoder& decoder, const ProbeRequest& request, ModelRole role,
                                   std::int64_t step)
{
    const auto wanted = [&] {
        return m_control.stopKind() < StopKind::Discard && !m_control.probeCancelled(request.token);
    };
    const auto stream = [&](const ProbeAnswer::Token& token, const std::string& text) {
        if (request.token != 0)
            m_recorder.post(
                AnswerToken{.request = request.token, .step = step, .token = token, .text = text});
        return wanted();
    };
    const Phrasing phrasing = phrasingOf(request, m_session);
    std::vector<std::int64_t> stopIds = m_session.stopIds();
    if (phrasing.prompt.style) {
        const auto marks = phrasing.prompt.style->stopIds(*m_session.tokenizer);
        stopIds.insert(stopIds.end(), marks.begin(), marks.end());
    }
    const ProbeAnswer answer = wanted()
                                   ? answerPrompt(decoder, *m_session.tokenizer, phrasing.prompt,
                                                  {.maxNewTokens = request.maxNewTokens,
                                                   .temperature = request.temperature,
                                                   .topP = request.topP,
                                                   .seed = request.seed,
                                                   .alternatives = 5,
                                                   .stopIds = std::move(stopIds)},
                                                  stream)
                                   : ProbeAnswer{};
    return {.request = request.token,
            .step = step,
            .role = role,
            .prompt = request.prompt,
            .text = answer.text,
            .tokens = answer.tokensJson(),
            .stopped = answer.stopped,
            .sent = phrasing.sent};
}

} // namespace lacuna
