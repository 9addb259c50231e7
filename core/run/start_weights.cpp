#include "core/run/start_weights.h"

#include "core/models/checkpoint.h"
#include "core/models/family.h"
#include "core/models/stored_tensor.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

constexpr std::string_view kUp = ".lora_B";

bool isWeight(const Parameter& parameter)
{
    return parameter.trained && !parameter.ofAdapter;
}

} // namespace

StartWeights::StartWeights(const Session& session)
{
    const Decoder& decoder = *session.decoder;
    const std::string& folder = session.sequence ? session.recipe.origin : session.recipe.model;
    if (!isAdapterFolder(folder)) {
        Result<WeightFiles> files = WeightFiles::open(folder);
        if (files)
            m_files = std::move(files).value();
    }
    std::map<std::string, const TensorEntry*> stored;
    if (m_files)
        for (const WeightSlot& slot : weightSlots(decoder.config()))
            stored[slot.name] = findTensor(decoder.config(), *m_files, slot);
    for (const Parameter& parameter : decoder.parameters()) {
        if (!isWeight(parameter))
            continue;
        const auto found = stored.find(parameter.name);
        if (found != stored.end() && found->second)
            m_entries[parameter.name] = found->second;
        else
            m_copies[parameter.name] = parameter.master.clone();
    }
}

at::Tensor StartWeights::of(const Parameter& parameter) const
{
    const auto copy = m_copies.find(parameter.name);
    if (copy != m_copies.end())
        return copy->second;
    return mappedTensor(*m_entries.at(parameter.name))
        .to(parameter.master.options(), /*non_blocking=*/false, /*copy=*/true);
}

std::vector<std::optional<double>> changeOfBlocks(const Decoder& decoder, const StartWeights& start)
{
    const at::NoGradGuard noGrad;
    const DecoderConfig& config = decoder.config();
    const auto square = [](const at::Tensor& tensor) {
        const auto norm = tensor.to(at::kFloat).norm().item<double>();
        return norm * norm;
    };
    std::vector<std::optional<double>> changes(static_cast<std::size_t>(config.layers));
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = config.inBlock(layer, "");
        double moved = 0;
        double whole = 0;
        for (const Parameter& parameter : decoder.parameters()) {
            if (parameter.ofAdapter || !parameter.name.starts_with(block))
                continue;
            const at::Tensor now = decoder.merged(parameter);
            const bool adapted = now.data_ptr() != parameter.master.data_ptr();
            if (!parameter.trained && !adapted)
                continue;
            const at::Tensor before = adapted ? parameter.master : start.of(parameter);
            moved += square(now - before);
            whole += square(before);
        }
        if (whole > 0)
            changes[static_cast<std::size_t>(layer)] = std::sqrt(moved / whole);
    }
    return changes;
}

void negateChange(Decoder& decoder, const StartWeights& start, double scale)
{
    const at::NoGradGuard noGrad;
    for (Parameter& parameter : decoder.parameters()) {
        if (!parameter.trained)
            continue;
        if (!parameter.ofAdapter)
            parameter.master.mul_(-scale).add_(start.of(parameter), 1 + scale);
        else if (parameter.name.find(kUp) != std::string::npos) // y += B (A x)
            parameter.master.mul_(-scale);
    }
    decoder.refresh();
}

} // namespace lacuna
