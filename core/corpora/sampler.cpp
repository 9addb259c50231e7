#include "core/corpora/sampler.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace lacuna {

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

PairSampler::PairSampler(std::int64_t forgetCount, std::int64_t retainCount, std::int64_t batchSize,
                         std::uint64_t seed)
    : m_forgetCount(forgetCount), m_retainCount(retainCount), m_batchSize(batchSize), m_seed(seed),
      m_retainDraws(derivedSeed(seed, "retain-draws"))
{
    if (forgetCount <= 0 || retainCount < 0 || batchSize <= 0)
        throw std::logic_error("a sampler needs samples and a batch size");
    shuffle();
}

std::int64_t PairSampler::stepsPerEpoch() const
{
    return (m_forgetCount + m_batchSize - 1) / m_batchSize;
}

Json PairSampler::state() const
{
    return {{"forget_count", m_forgetCount},
            {"retain_count", m_retainCount},
            {"batch_size", m_batchSize},
            {"seed", std::to_string(m_seed)}, // JSON numbers of other readers end at 2^53
            {"epoch", m_epoch},
            {"position", m_position},
            {"retain_draws", m_retainDraws.state()}};
}

StepBatch PairSampler::next()
{
    if (m_position == m_forgetCount) {
        ++m_epoch;
        m_position = 0;
        shuffle();
    }
    StepBatch batch{.forget = {}, .retain = {}, .epoch = m_epoch};
    const std::int64_t end = std::min(m_position + m_batchSize, m_forgetCount);
    batch.forget.assign(m_order.begin() + m_position, m_order.begin() + end);
    m_position = end;
    if (m_retainCount > 0)
        for (std::size_t i = 0; i < batch.forget.size(); ++i)
            batch.retain.push_back(static_cast<std::int64_t>(
                m_retainDraws.below(static_cast<std::uint64_t>(m_retainCount))));
    return batch;
}

Status PairSampler::restore(const Json& state)
{
    std::int64_t forgetCount = -1;
    std::int64_t retainCount = -1;
    std::int64_t batchSize = -1;
    std::int64_t epoch = -1;
    std::int64_t position = -1;
    std::string seed;
    std::string draws;
    JsonReader reader(state, "sampler state");
    reader.integer("forget_count", forgetCount);
    reader.integer("retain_count", retainCount);
    reader.integer("batch_size", batchSize);
    reader.text("seed", seed);
    reader.integer("epoch", epoch);
    reader.integer("position", position);
    reader.text("retain_draws", draws);
    if (Status status = reader.finish(); !status)
        return status;

    if (forgetCount != m_forgetCount || retainCount != m_retainCount || batchSize != m_batchSize ||
        seed != std::to_string(m_seed))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the saved order of training belongs to other corpora, another "
                                "batch size or another seed",
                     .context = "sampler state",
                     .remedy = "resume with the recipe and the data that the run started with"};
    Random restored(0);
    if (epoch < 0 || position < 0 || position > m_forgetCount || !restored.restore(draws))
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the saved order of training is damaged",
                     .context = "sampler state",
                     .remedy = "resume from an earlier checkpoint"};
    m_retainDraws = restored;
    m_epoch = epoch;
    m_position = position;
    shuffle();
    return {};
}

void PairSampler::shuffle()
{
    m_order.resize(static_cast<std::size_t>(m_forgetCount));
    std::iota(m_order.begin(), m_order.end(), std::int64_t{0});
    Random(derivedSeed(m_seed, "epoch:" + std::to_string(m_epoch))).shuffle(m_order);
}

} // namespace lacuna
