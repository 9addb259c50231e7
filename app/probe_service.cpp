#include "app/probe_service.h"

#include "app/run_controller.h"
#include "core/base/overloaded.h"
#include "core/probe/answer_tokens.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace lacuna {
namespace {

constexpr int kPollMs = 33;
constexpr std::int64_t kAlternatives = 5;

} // namespace

ProbeService::ProbeService(RunController& run, QObject* parent) : QObject(parent), m_run(run)
{
    const std::shared_ptr<Turns> turns = makeTurns();
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        m_columns[i].role = static_cast<ModelRole>(i);
        const bool guarded = m_columns[i].role == ModelRole::Guarded;
        m_columns[i].host =
            guarded ? column(ModelRole::Original).host : std::make_shared<ModelHost>(turns);
    }
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, &ProbeService::poll);
    connect(&m_run, &RunController::answerTokenArrived, this,
            [this](std::uint64_t request, const ProbeAnswer::Token& token, const QString& text) {
                if (request == m_runRequest && m_runRequest != 0)
                    Q_EMIT tokenArrived(m_request, ModelRole::Current, token, text);
            });
    connect(&m_run, &RunController::answerArrived, this, &ProbeService::takeRunAnswer);
    connect(&m_run, &RunController::started, this, &ProbeService::modelsChanged);
    connect(&m_run, &RunController::ended, this, [this] {
        if (m_runRequest != 0) {
            m_runRequest = 0;
            Q_EMIT answerFailed(m_request, ModelRole::Current,
                                Error{.code = ErrorCode::InvalidArgument,
                                      .message = "the run ended before it answered",
                                      .remedy = "ask again"});
        }
        Q_EMIT modelsChanged();
    });
}

ProbeService::~ProbeService() = default;

void ProbeService::setModels(const QString& original, const QString& unlearned,
                             const QString& reference)
{
    const std::array folders = {original, unlearned, reference, original};
    for (Column& column : m_columns) {
        column.folder = folders.at(static_cast<std::size_t>(column.role));
        column.host->setModel(column.folder.toStdString(), column.role == ModelRole::Current
                                                               ? original.toStdString()
                                                               : std::string());
    }
    Q_EMIT modelsChanged();
}

void ProbeService::setGuardrail(const GuardrailRequest& guardrail)
{
    m_guardrail = guardrail;
    Q_EMIT modelsChanged();
}

bool ProbeService::isAvailable(ModelRole role) const
{
    if (role == ModelRole::Guarded && m_guardrail.spec.id.empty())
        return false;
    return !m_columns.at(static_cast<std::size_t>(role)).folder.isEmpty() || isOfRun(role);
}

bool ProbeService::isAnswering() const
{
    return m_runRequest != 0 || std::any_of(m_columns.begin(), m_columns.end(),
                                            [](const Column& column) { return column.answering; });
}

bool ProbeService::isOfRun(ModelRole role) const
{
    return role == ModelRole::Current && m_run.isActive();
}

void ProbeService::setAmount(ModelRole role, double amount)
{
    m_columns.at(static_cast<std::size_t>(role)).host->setAmount(amount);
}

std::uint64_t ProbeService::ask(const ProbeQuestion& question)
{
    column(ModelRole::Guarded).waiting = false; // the newer question takes its place
    stop();
    ++m_request;
    m_question = question;
    for (Column& column : m_columns)
        if (isAvailable(column.role))
            put(column);
    m_timer.start();
    return m_request;
}

void ProbeService::askAgain(ModelRole role)
{
    if (m_request == 0 || isOfRun(role) || !isAvailable(role))
        return;
    put(m_columns.at(static_cast<std::size_t>(role)));
    m_timer.start();
}

/// The newest question to one model.
void ProbeService::put(Column& column)
{
    const std::string text = m_question.prompt.toStdString();
    const bool guarded = column.role == ModelRole::Guarded;
    const ModelRole model = guarded ? ModelRole::Original : column.role;
    const std::string promptTemplate =
        m_question.templates.at(static_cast<std::size_t>(model)).toStdString();
    if (!column.waiting)
        Q_EMIT answerStarted(m_request, column.role);
    // A question to a host that answers would end that answer.
    column.waiting = guarded && this->column(ModelRole::Original).answering;
    if (column.waiting) {
        column.answering = false;
        column.token = ++m_lastToken; // what an older question still gets is not this one's
        return;
    }
    if (isOfRun(column.role)) {
        m_runRequest = m_run.probe({.prompt = text,
                                    .raw = m_question.raw,
                                    .promptTemplate = promptTemplate,
                                    .maxNewTokens = m_question.maxNewTokens,
                                    .temperature = m_question.temperature,
                                    .topP = m_question.topP,
                                    .seed = m_question.seed});
        return;
    }
    column.answering = true;
    column.token = ++m_lastToken;
    column.host->ask({.token = column.token,
                      .text = text,
                      .raw = m_question.raw,
                      .promptTemplate = promptTemplate,
                      .options = {.maxNewTokens = m_question.maxNewTokens,
                                  .temperature = m_question.temperature,
                                  .topP = m_question.topP,
                                  .seed = m_question.seed,
                                  .alternatives = kAlternatives},
                      .guardrail = guarded ? m_guardrail : GuardrailRequest{}});
}

/// The guarded answer, once the original has given its own.
void ProbeService::putWaiting()
{
    Column& guarded = column(ModelRole::Guarded);
    if (!guarded.waiting || column(ModelRole::Original).answering)
        return;
    if (isAvailable(ModelRole::Guarded))
        put(guarded);
    else
        endWaiting();
}

void ProbeService::endWaiting()
{
    if (std::exchange(column(ModelRole::Guarded).waiting, false))
        Q_EMIT answerFinished(m_request, ModelRole::Guarded, {}, -1);
}

void ProbeService::stop()
{
    for (Column& column : m_columns)
        column.host->stop();
    if (m_runRequest != 0)
        m_run.cancelProbe(m_runRequest);
    endWaiting();
}

void ProbeService::poll()
{
    for (Column& column : m_columns)
        for (const HostEvent& event : column.host->drain())
            for (Column& asker : m_columns)
                if (asker.host == column.host)
                    take(asker, event);
    putWaiting();
    if (!isAnswering())
        m_timer.stop();
}

void ProbeService::take(Column& column, const HostEvent& event)
{
    if (std::visit([](const auto& e) { return e.token; }, event) != column.token)
        return; // of a question that a newer one replaced
    const std::uint64_t token = m_request;
    std::visit(
        Overloaded{[&](const HostLoading&) { Q_EMIT modelLoading(token, column.role); },
                   [&](const HostPrompt& e) { Q_EMIT promptSent(token, column.role, e.sent); },
                   [&](const HostToken& e) {
                       Q_EMIT tokenArrived(token, column.role, e.piece,
                                           QString::fromStdString(e.text));
                   },
                   [&](const HostAnswer& e) {
                       column.answering = false;
                       Q_EMIT answerFinished(token, column.role, e.answer, -1);
                   },
                   [&](const HostFailure& e) {
                       column.answering = false;
                       Q_EMIT answerFailed(token, column.role, e.error);
                   }},
        event);
}

void ProbeService::takeRunAnswer(const AnswerReady& ready)
{
    if (ready.request == 0 || ready.request != m_runRequest)
        return;
    m_runRequest = 0;
    ProbeAnswer answer{.text = ready.text, .stopped = ready.stopped};
    if (Result<std::vector<ProbeAnswer::Token>> tokens = readAnswerTokens(ready.tokens))
        answer.tokens = std::move(tokens).value();
    Q_EMIT promptSent(m_request, ModelRole::Current, ready.sent);
    Q_EMIT answerFinished(m_request, ModelRole::Current, answer, ready.step);
}

} // namespace lacuna
