#include "core/probe/weight_source.h"

#include "core/base/json.h"
#include "core/exchange/elements.h"
#include "core/models/family.h"
#include "core/models/mapped_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

/// All of a small tensor.
std::vector<float> floatsOf(const TensorEntry& entry)
{
    std::vector<float> values(static_cast<std::size_t>(entry.elementCount()));
    readFloats(entry.type, entry.bytes, values);
    return values;
}

Error wrongTensor(ErrorCode code, const WeightSlot& slot, const std::string& what,
                  const std::filesystem::path& folder)
{
    return {.code = code,
            .message = "the model's " + slot.name + " " + what,
            .context = folder.string(),
            .remedy = "inspect shows what the folder holds"};
}

} // namespace

Result<WeightSource> WeightSource::open(const std::filesystem::path& folder)
{
    const Result<std::filesystem::path> base = baseFolder(folder);
    if (!base)
        return base.error();
    const std::filesystem::path configFile = *base / "config.json";
    const Result<Json> document = readJsonFile(configFile);
    if (!document)
        return document.error();
    Result<DecoderConfig> config = readDecoderConfig(*document, configFile.string());
    if (!config)
        return config.error();
    Result<WeightFiles> weights = WeightFiles::open(*base);
    if (!weights)
        return weights.error();
    WeightSource source(folder, std::move(config).value(), std::move(weights).value());
    if (*base == folder)
        return source;
    Result<LoraConfig> adapter = readLoraConfig(folder);
    if (!adapter)
        return adapter.error();
    Result<SafetensorsFile> file = SafetensorsFile::open(folder / kAdapterWeights);
    if (!file)
        return file.error();
    source.m_adapter = Adapter{std::move(file).value(), std::move(adapter).value()};
    return source;
}

Result<WeightSource::Slot> WeightSource::slot(const WeightSlot& wanted) const
{
    Slot slot;
    for (const std::string& name : storedNames(m_config, wanted))
        if (!slot.m_entry)
            slot.m_entry = m_weights.find(name);
    if (!slot.m_entry)
        return wrongTensor(ErrorCode::Corrupt, wanted, "is not in its weight files", m_folder);
    if (slot.m_entry->shape != wanted.shape)
        return wrongTensor(
            ErrorCode::Corrupt, wanted,
            "is " + shapeText(slot.m_entry->shape) + ", not " + shapeText(wanted.shape), m_folder);
    if (!isFloating(slot.m_entry->type))
        return wrongTensor(ErrorCode::Unsupported, wanted,
                           "holds whole numbers, which have no size of a change", m_folder);
    const std::string module = wanted.name.substr(0, wanted.name.rfind('.'));
    if (!m_adapter || !wanted.name.ends_with(".weight"))
        return slot;
    const TensorEntry* a = m_adapter->file.find(loraName(module, 'A'));
    const TensorEntry* b = m_adapter->file.find(loraName(module, 'B'));
    if (!a || !b)
        return slot;
    slot.m_transposed = wanted.transposed;
    const auto in = static_cast<std::size_t>(wanted.transposed ? 0 : 1);
    slot.m_rank = a->shape.empty() ? 0 : a->shape[0];
    if (a->shape != std::vector{slot.m_rank, wanted.shape[in]} ||
        b->shape != std::vector{wanted.shape[1 - in], slot.m_rank} || !isFloating(a->type) ||
        !isFloating(b->type))
        return wrongTensor(ErrorCode::Corrupt, wanted, "has an adapter that does not fit it",
                           m_folder);
    slot.m_a = floatsOf(*a);
    slot.m_b = floatsOf(*b);
    const auto scale = static_cast<float>(m_adapter->config.scale(slot.m_rank));
    for (float& value : slot.m_b)
        value *= scale;
    return slot;
}

std::int64_t WeightSource::Slot::rows() const
{
    return m_entry->shape.size() > 1 ? m_entry->shape[0] : 1;
}

std::int64_t WeightSource::Slot::width() const
{
    return m_entry->elementCount() / std::max<std::int64_t>(rows(), 1);
}

void WeightSource::Slot::read(std::int64_t first, std::int64_t count, std::span<float> out) const
{
    const std::size_t row = static_cast<std::size_t>(width()) * elementSize(m_entry->type);
    const std::span<const std::byte> bytes = m_entry->bytes.subspan(
        static_cast<std::size_t>(first) * row, static_cast<std::size_t>(count) * row);
    readFloats(m_entry->type, bytes, out);
    giveBackPages(bytes);
    if (!m_a.empty())
        addAdapter(first, count, out);
}

void WeightSource::Slot::addAdapter(std::int64_t first, std::int64_t count,
                                    std::span<float> out) const
{
    const auto rank = static_cast<std::size_t>(m_rank);
    const auto wide = static_cast<std::size_t>(width());
    for (std::size_t r = 0; r < static_cast<std::size_t>(count); ++r) {
        const std::size_t row = static_cast<std::size_t>(first) + r;
        const std::span<float> values = out.subspan(r * wide, wide);
        for (std::size_t k = 0; k < rank; ++k) {
            if (m_transposed) { // the row of one input
                const float factor = m_a[k * static_cast<std::size_t>(rows()) + row];
                for (std::size_t i = 0; i < wide; ++i)
                    values[i] += factor * m_b[i * rank + k];
            } else {
                const float factor = m_b[row * rank + k];
                for (std::size_t i = 0; i < wide; ++i)
                    values[i] += factor * m_a[k * wide + i];
            }
        }
    }
}

} // namespace lacuna
