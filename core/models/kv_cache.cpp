#include "core/models/kv_cache.h"

#include <algorithm>

namespace lacuna {

void KvCache::append(std::size_t layer, const at::Tensor& keys, const at::Tensor& values)
{
    if (layers.size() <= layer)
        layers.resize(layer + 1);
    Layer& slot = layers[layer];
    const std::int64_t needed = length + keys.size(0);
    if (!slot.keys.defined() || slot.keys.size(1) < needed) {
        const std::int64_t capacity = std::max<std::int64_t>(64, 2 * needed);
        const auto grown = [&](const at::Tensor& old) {
            at::Tensor bigger = at::empty({keys.size(1), capacity, keys.size(2)}, keys.options());
            if (old.defined())
                bigger.narrow(1, 0, length).copy_(old.narrow(1, 0, length));
            return bigger;
        };
        slot.keys = grown(slot.keys);
        slot.values = grown(slot.values);
    }
    slot.keys.narrow(1, length, keys.size(0)).copy_(keys.transpose(0, 1));
    slot.values.narrow(1, length, values.size(0)).copy_(values.transpose(0, 1));
}

} // namespace lacuna
