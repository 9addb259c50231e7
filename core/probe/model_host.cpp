#include "core/probe/model_host.h"

#include "core/base/guarded.h"
#include "core/base/json.h"
#include "core/guardrails/guardrail.h"
#include "core/models/adapter_files.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/models/family.h"
#include "core/models/mix.h"
#include "core/probe/phrasing.h"
#include "core/tokens/catalog.h"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace lacuna {

/// A lock that is given in the order in which it was asked for.
class Turns {
public:
    void enter()
    {
        std::unique_lock lock(m_mutex);
        const std::uint64_t mine = m_next++;
        m_passed.wait(lock, [&] { return m_serving == mine; });
    }
    void leave()
    {
        {
            const std::lock_guard lock(m_mutex);
            ++m_serving;
        }
        m_passed.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_passed;
    std::uint64_t m_next = 0;    // guarded by m_mutex
    std::uint64_t m_serving = 0; // guarded by m_mutex
};

std::shared_ptr<Turns> makeTurns()
{
    return std::make_shared<Turns>();
}

namespace {

constexpr std::int64_t kFloat32Parameters = 1'000'000'000;

/// Holds a turn while it lives.
class Turn {
public:
    explicit Turn(Turns& turns) : m_turns(turns) { m_turns.enter(); }
    ~Turn() { m_turns.leave(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    void pass()
    {
        m_turns.leave();
        m_turns.enter();
    }

private:
    Turns& m_turns;
};

struct Place {
    std::filesystem::path folder;
    std::filesystem::path original;
    std::string device;

    bool operator==(const Place&) const = default;
};

struct LoadedModel {
    Place place;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::unique_ptr<Decoder> decoder;
    std::optional<Mix> mix = {}; ///< of the decoder, when it holds the original's weights
};

/// What a guardrail was made of; equal ones are the same guardrail. Null: there is none.
Json originOf(const GuardrailRequest& request, double amount)
{
    if (request.spec.id.empty())
        return nullptr;
    const auto written = [](const std::filesystem::path& file) {
        std::error_code ignored;
        return std::filesystem::last_write_time(file, ignored).time_since_epoch().count();
    };
    return {{"spec", request.spec.toJson()},
            {"forget", request.forget.string()},
            {"retain", request.retain.string()},
            {"written", {written(request.forget), written(request.retain)}},
            {"amount", amount}};
}

} // namespace

struct ModelHost::Private {
    explicit Private(std::shared_ptr<Turns> shared) : turns(std::move(shared)) {}

    std::shared_ptr<Turns> turns;
    std::mutex mutex;
    std::condition_variable_any wake;
    Place place;                          // guarded by mutex
    double amount = 1;                    // guarded by mutex
    std::optional<HostQuestion> question; // guarded by mutex; waits
    std::uint64_t generation = 0;         // guarded by mutex; changes when the answer is to end
    bool unload = false;                  // guarded by mutex
    std::vector<HostEvent> events;        // guarded by mutex
    std::optional<LoadedModel> model;     // of the thread
    std::shared_ptr<const Guardrail> guardrail; // of the thread; for the model
    Json guardrailOrigin;                       // of the thread; see originOf()
    std::jthread thread;                        // last: joins before what it uses goes

    void work(const std::stop_token& stop);
    void answer(const HostQuestion& question, const Place& where, double amount,
                std::uint64_t mine);
    Status load(const Place& where, double amount, std::uint64_t token, std::uint64_t mine);
    /// The question as it is put, behind its guardrail. Nothing when it is not wanted any more.
    Result<std::optional<Phrasing>> phrasingOf(const HostQuestion& asked, const Place& where,
                                               double share, std::uint64_t mine);
    void drop()
    {
        guardrail.reset(); // before the model that it reads
        guardrailOrigin = nullptr;
        model.reset();
    }
    /// The decoder of \p folder, for a model that is asked questions.
    Result<std::unique_ptr<Decoder>> read(const std::filesystem::path& folder,
                                          const std::string& device, std::uint64_t mine);
    void post(HostEvent event)
    {
        const std::lock_guard lock(mutex);
        events.push_back(std::move(event));
    }
    bool wanted(std::uint64_t mine)
    {
        const std::lock_guard lock(mutex);
        return generation == mine;
    }
    /// A question that waits and is not wanted any more ends without an answer.
    void dropWaiting() // with the mutex held
    {
        if (question)
            events.emplace_back(HostAnswer{.token = question->token, .answer = {}});
        question.reset();
    }
};

ModelHost::ModelHost(std::shared_ptr<Turns> turns) : d(std::make_unique<Private>(std::move(turns)))
{
    d->thread = std::jthread([this](const std::stop_token& stop) { d->work(stop); });
}

ModelHost::~ModelHost()
{
    stop();
}

void ModelHost::setModel(const std::filesystem::path& folder, const std::filesystem::path& original,
                         const std::string& device)
{
    const std::lock_guard lock(d->mutex);
    const Place place{folder, original, device};
    if (d->place == place)
        return;
    d->place = place;
    d->amount = 1;
    d->dropWaiting();
    ++d->generation;
    d->unload = true;
    d->wake.notify_all();
}

void ModelHost::setAmount(double amount)
{
    const std::lock_guard lock(d->mutex);
    d->amount = amount;
}

void ModelHost::ask(HostQuestion question)
{
    const std::lock_guard lock(d->mutex);
    d->dropWaiting();
    ++d->generation;
    d->question = std::move(question);
    d->wake.notify_all();
}

void ModelHost::stop()
{
    const std::lock_guard lock(d->mutex);
    d->dropWaiting();
    ++d->generation;
}

std::vector<HostEvent> ModelHost::drain()
{
    const std::lock_guard lock(d->mutex);
    return std::exchange(d->events, {});
}

void ModelHost::Private::work(const std::stop_token& stop)
{
    while (true) {
        std::unique_lock lock(mutex);
        wake.wait(lock, stop, [this] { return unload || question.has_value(); });
        if (stop.stop_requested())
            return;
        const bool giveBack = std::exchange(unload, false);
        const std::optional<HostQuestion> next = std::exchange(question, {});
        const Place where = place;
        const double wantedAmount = amount;
        const std::uint64_t mine = generation;
        lock.unlock();
        if (giveBack) {
            drop();
            giveBackFreeMemory();
        }
        if (next)
            answer(*next, where, wantedAmount, mine);
    }
}

void ModelHost::Private::answer(const HostQuestion& asked, const Place& where, double share,
                                std::uint64_t mine)
{
    const Status status = guarded([&]() -> Status {
        if (const Status loaded = load(where, share, asked.token, mine); !loaded)
            return loaded;
        if (!model) {
            post(HostAnswer{.token = asked.token, .answer = {}});
            return {};
        }
        if (!model->mix)
            model->decoder->setAdapterFactor(share);
        else if (model->mix->amount() != share)
            model->mix->setAmount(share);
        GenerationOptions options = asked.options;
        const std::vector<std::int64_t>& ends = model->decoder->config().eosIds;
        options.stopIds.insert(options.stopIds.end(), ends.begin(), ends.end());
        if (model->tokenizer->eosId() >= 0)
            options.stopIds.push_back(model->tokenizer->eosId());
        const Result<std::optional<Phrasing>> phrasing = phrasingOf(asked, where, share, mine);
        if (!phrasing)
            return phrasing.error();
        if (!*phrasing) {
            post(HostAnswer{.token = asked.token, .answer = {}});
            return {};
        }
        const ProbePrompt& prompt = (*phrasing)->prompt;
        if (prompt.style) {
            const auto marks = prompt.style->stopIds(*model->tokenizer);
            options.stopIds.insert(options.stopIds.end(), marks.begin(), marks.end());
        }
        post(HostPrompt{.token = asked.token, .sent = (*phrasing)->sent});
        Turn turn(*turns);
        const auto stream = [&](const ProbeAnswer::Token& piece, const std::string& text) {
            post(HostToken{.token = asked.token, .piece = piece, .text = text});
            return true;
        };
        const auto proceed = [&] {
            turn.pass();
            return wanted(mine);
        };
        post(HostAnswer{.token = asked.token,
                        .answer = answerPrompt(*model->decoder, *model->tokenizer, prompt, options,
                                               stream, proceed)});
        return {};
    });
    if (!status)
        post(HostFailure{.token = asked.token, .error = status.error()});
}

Result<std::optional<Phrasing>> ModelHost::Private::phrasingOf(const HostQuestion& asked,
                                                               const Place& where, double share,
                                                               std::uint64_t mine)
{
    Phrasing plain = asked.raw ? rawPhrasing(asked.text)
                               : phrase(asked.text, asked.promptTemplate, where.folder);
    const Json origin = originOf(asked.guardrail, share);
    if (origin.is_null())
        return std::optional(std::move(plain));
    if (!guardrail || guardrailOrigin != origin) {
        guardrail.reset();
        post(HostLoading{.token = asked.token});
        const PromptStyle usual;
        Result<std::shared_ptr<const Guardrail>> made = loadGuardrail(
            asked.guardrail, {.decoder = *model->decoder,
                              .tokenizer = *model->tokenizer,
                              .style = plain.prompt.style ? *plain.prompt.style : usual,
                              .proceed = [&] { return wanted(mine); }});
        if (!made)
            return made.error();
        if (!*made)
            return std::optional<Phrasing>();
        guardrail = std::move(made).value();
        guardrailOrigin = origin;
    }
    Result<Phrasing> behind = behindGuardrail(std::move(plain), guardrail);
    if (!behind)
        return behind.error();
    return std::optional(std::move(behind).value());
}

Status ModelHost::Private::load(const Place& where, double share, std::uint64_t token,
                                std::uint64_t mine)
{
    const bool mixed = share != 1 && !where.original.empty() && !isAdapterFolder(where.folder);
    if (model && model->place == where && (model->mix || !mixed))
        return {};
    drop();
    post(HostLoading{.token = token});
    Result<std::shared_ptr<const Tokenizer>> tokenizer =
        loadTokenizer(tokenizerFolder(where.folder));
    if (!tokenizer)
        return tokenizer.error();
    prepareTorch();
    Result<std::unique_ptr<Decoder>> decoder =
        read(mixed ? where.original : where.folder, where.device, mine);
    if (!decoder)
        return decoder.error();
    if (!*decoder)
        return {};
    LoadedModel loaded{where, std::move(tokenizer).value(), std::move(decoder).value()};
    if (mixed) {
        loaded.decoder->mergeAdapters();
        Result<Mix> mix = Mix::open(*loaded.decoder, where.folder);
        if (!mix)
            return mix.error();
        loaded.mix = std::move(mix).value();
    }
    model = std::move(loaded);
    return {};
}

Result<std::unique_ptr<Decoder>> ModelHost::Private::read(const std::filesystem::path& folder,
                                                          const std::string& wantedDevice,
                                                          std::uint64_t mine)
{
    const Result<c10::Device> device = resolveDevice(wantedDevice);
    if (!device)
        return device.error();
    const Result<std::filesystem::path> base = baseFolder(folder);
    if (!base)
        return base.error();
    const std::filesystem::path file = *base / "config.json";
    const Result<Json> document = readJsonFile(file);
    if (!document)
        return document.error();
    const Result<DecoderConfig> config = readDecoderConfig(*document, file.string());
    if (!config)
        return config.error();
    const bool small = config->parameterCount() < kFloat32Parameters;
    const Result<c10::ScalarType> precision = resolvePrecision(small ? "float32" : "auto", *device);
    if (!precision)
        return precision.error();
    return loadDecoder(folder, *device, *precision, [&] { return !wanted(mine); });
}

} // namespace lacuna
