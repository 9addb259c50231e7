#include "core/corpora/sampler.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>
#include <string>

namespace lacuna {

namespace {

struct NamedPairing {
    const char* name;
    Pairing pairing;
};
constexpr std::array kPairings = {NamedPairing{"drawn", Pairing::Drawn},
                                  NamedPairing{"muse", Pairing::Indexed},
                                  NamedPairing{"yao", Pairing::Interleaved}};

Json toJson(const SamplerOptions& options)
{
    return {
        {"forget_count", options.forgetCount},
        {"retain_count", options.retainCount},
        {"batch_size", options.batchSize},
        {"seed", std::to_string(options.seed)}, // JSON numbers of other readers end at 2^53
        {"pairing", std::ranges::find(kPairings, options.pairing, &NamedPairing::pairing)->name},
        {"retain_per_forget", options.retainPerForget}};
}

} // namespace

std::vector<std::size_t> drawnItems(std::size_t total, std::int64_t count, std::uint64_t seed)
{
    std::vector<std::size_t> items(total);
    std::iota(items.begin(), items.end(), std::size_t{0});
    Random random(seed);
    random.shuffle(items);
    items.resize(std::min(total, static_cast<std::size_t>(count)));
    std::sort(items.begin(), items.end());
    return items;
}

std::vector<std::string> pairingNames()
{
    std::vector<std::string> names;
    names.reserve(kPairings.size());
    for (const NamedPairing& entry : kPairings)
        names.emplace_back(entry.name);
    return names;
}

Pairing pairingOf(const std::string& name)
{
    const auto found = std::ranges::find(kPairings, name, &NamedPairing::name);
    if (found == kPairings.end())
        throw std::logic_error("there is no pairing " + name);
    return found->pairing;
}

PairSampler::PairSampler(const SamplerOptions& options)
    : m_options(options), m_retainDraws(derivedSeed(options.seed, "retain-draws"))
{
    if (options.forgetCount <= 0 || options.retainCount < 0 || options.batchSize <= 0 ||
        options.retainPerForget <= 0)
        throw std::logic_error("a sampler needs samples and a batch size");
    order();
}

std::int64_t PairSampler::stepsPerEpoch() const
{
    return (m_options.forgetCount + m_options.batchSize - 1) / m_options.batchSize;
}

Json PairSampler::state() const
{
    return {{"options", toJson(m_options)},
            {"epoch", m_epoch},
            {"position", m_position},
            {"retain_draws", m_retainDraws.state()}};
}

StepBatch PairSampler::next()
{
    if (m_position == m_options.forgetCount) {
        ++m_epoch;
        m_position = 0;
        order();
    }
    StepBatch batch{.forget = {}, .retain = {}, .epoch = m_epoch};
    const std::int64_t end = std::min(m_position + m_options.batchSize, m_options.forgetCount);
    batch.forget.assign(m_order.begin() + m_position, m_order.begin() + end);
    if (m_options.retainCount > 0)
        for (const std::int64_t item : batch.forget)
            for (std::int64_t i = 0; i < m_options.retainPerForget; ++i)
                batch.retain.push_back(retainItem(item, i));
    m_position = end;
    return batch;
}

std::int64_t PairSampler::retainItem(std::int64_t forgetItem, std::int64_t follower)
{
    const std::int64_t place = forgetItem * m_options.retainPerForget + follower;
    switch (m_options.pairing) {
    case Pairing::Drawn:
        break;
    case Pairing::Indexed:
        return place % m_options.retainCount;
    case Pairing::Interleaved: // the list goes on where the last epoch left it
        return (m_epoch * m_options.forgetCount * m_options.retainPerForget + place) %
               m_options.retainCount;
    }
    return static_cast<std::int64_t>(
        m_retainDraws.below(static_cast<std::uint64_t>(m_options.retainCount)));
}

Status PairSampler::restore(const Json& state)
{
    std::int64_t epoch = -1;
    std::int64_t position = -1;
    std::string draws;
    JsonReader reader(state, "sampler state");
    reader.require("options");
    const Json* options = reader.object("options");
    reader.integer("epoch", epoch);
    reader.integer("position", position);
    reader.text("retain_draws", draws);
    if (Status status = reader.finish(); !status)
        return status;

    if (*options != toJson(m_options))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the saved order of training belongs to other corpora, another "
                                "batch size, pairing or seed",
                     .context = "sampler state",
                     .remedy = "resume with the recipe and the data that the run started with"};
    Random restored(0);
    if (epoch < 0 || position < 0 || position > m_options.forgetCount || !restored.restore(draws))
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the saved order of training is damaged",
                     .context = "sampler state",
                     .remedy = "resume from an earlier checkpoint"};
    m_retainDraws = restored;
    m_epoch = epoch;
    m_position = position;
    order();
    return {};
}

void PairSampler::order()
{
    m_order.resize(static_cast<std::size_t>(m_options.forgetCount));
    std::iota(m_order.begin(), m_order.end(), std::int64_t{0});
    if (m_options.pairing != Pairing::Interleaved)
        Random(derivedSeed(m_options.seed, "epoch:" + std::to_string(m_epoch))).shuffle(m_order);
}

} // namespace lacuna
