#include "core/models/mix.h"

#include "core/models/checkpoint.h"
#include "core/models/family.h"
#include "core/models/mapped_file.h"
#include "core/models/stored_tensor.h"

#include <map>
#include <string>

namespace lacuna {

Result<Mix> Mix::open(Decoder& decoder, const std::filesystem::path& unlearned)
{
    const at::NoGradGuard noGrad;
    Result<WeightFiles> files = WeightFiles::open(unlearned);
    if (!files)
        return files.error();
    const DecoderConfig& config = decoder.config();
    if (const Status status = checkWeights(config, *files, unlearned); !status)
        return status.error();
    Mix mix(decoder, std::move(files).value());
    std::map<std::string, const TensorEntry*> entries;
    for (const WeightSlot& slot : weightSlots(config))
        entries[slot.name] = findTensor(config, mix.m_files, slot);
    double changed = 0;
    double all = 0;
    std::vector<std::string> names;
    for (Parameter& parameter : decoder.parameters()) {
        all += static_cast<double>(parameter.master.numel());
        const TensorEntry* entry = entries.at(parameter.name);
        const at::Tensor original = parameter.master.to(decoder.masterType());
        const at::Tensor other = mappedTensor(*entry).to(original.options());
        const bool same = other.equal(original);
        giveBackPages(entry->bytes);
        if (same)
            continue;
        changed += static_cast<double>(parameter.master.numel());
        mix.m_pairs.push_back({&parameter, original.clone(), entry});
        names.push_back(parameter.name);
    }
    mix.m_changedShare = all > 0 ? changed / all : 0;
    decoder.own(names);
    return mix;
}

void Mix::setAmount(double amount)
{
    const at::NoGradGuard noGrad;
    m_amount = amount;
    for (const Pair& pair : m_pairs) {
        at::Tensor& master = pair.parameter->master;
        if (amount == 0) {
            master.copy_(pair.original);
            continue;
        }
        const at::Tensor other = mappedTensor(*pair.unlearned).to(master.options());
        if (amount == 1)
            master.copy_(other);
        else
            master.copy_(pair.original).lerp_(other, amount);
        giveBackPages(pair.unlearned->bytes);
    }
    m_decoder->refresh();
}

} // namespace lacuna
