#include "core/attacks/kept_weights.h"

#include "core/models/adapter_files.h"

#include <set>

namespace lacuna {

KeptWeights::KeptWeights(Decoder& decoder, const std::vector<std::string>& names)
    : m_decoder(decoder)
{
    decoder.own(names);
    const std::set<std::string> wanted(names.begin(), names.end());
    for (Parameter& parameter : decoder.parameters())
        if (wanted.contains(parameter.name))
            m_kept.push_back({&parameter, parameter.master.detach().clone()});
}

KeptWeights::~KeptWeights()
{
    restore();
}

void KeptWeights::restore()
{
    const at::NoGradGuard noGrad;
    for (const Kept& kept : m_kept)
        kept.parameter->master.copy_(kept.values);
    m_decoder.refresh();
}

std::vector<std::string> blockMatrices(const Decoder& decoder)
{
    std::vector<std::string> names;
    for (const WeightSlot& slot : adaptableSlots(decoder.config()))
        names.push_back(slot.name + ".weight");
    return names;
}

std::vector<std::string> everyWeight(const Decoder& decoder)
{
    std::vector<std::string> names;
    for (const Parameter& parameter : decoder.parameters())
        names.push_back(parameter.name);
    return names;
}

} // namespace lacuna
