#include "core/run/recorded_values.h"

#include "core/base/guarded.h"
#include "core/models/safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

[[noreturn]] void refuse(std::string message)
{
    throw ErrorException(Error{.code = ErrorCode::InvalidArgument,
                               .message = std::move(message),
                               .remedy = "compare with values that were recorded from this model"});
}

} // namespace

void requireShape(const std::string& quantity, at::IntArrayRef computed, at::IntArrayRef recorded)
{
    if (computed != recorded)
        refuse(fmt::format("\"{}\" has shape {} for this model, but {} was recorded", quantity,
                           shapeText(computed.vec()), shapeText(recorded.vec())));
}

void requireRowsLike(const std::string& quantity, const IdRows& rows, const IdRows& ids)
{
    const auto count = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
    if (rows.size() != ids.size())
        refuse(fmt::format("\"{}\" has {} rows, but there are {} of token ids", quantity,
                           rows.size(), ids.size()));
    for (std::size_t b = 0; b < ids.size(); ++b)
        requireShape(fmt::format("{} of row {}", quantity, b), {count(ids[b])}, {count(rows[b])});
}

void requireIds(const std::string& quantity, const std::vector<std::int64_t>& ids,
                std::int64_t vocabulary)
{
    if (ids.empty())
        refuse(fmt::format("\"{}\" holds no token", quantity));
    for (const std::int64_t id : ids)
        if (id < 0 || id >= vocabulary)
            refuse(fmt::format("\"{}\" holds the token id {}, but this model has {} tokens",
                               quantity, id, vocabulary));
}

Comparison compare(std::string quantity, const at::Tensor& computed, const at::Tensor& recorded,
                   Tolerance tolerance)
{
    requireShape(quantity, computed.sizes(), recorded.sizes());
    if (recorded.numel() == 0)
        refuse(fmt::format("nothing was recorded of \"{}\" that this model has", quantity));
    Comparison result{.quantity = std::move(quantity),
                      .absolute = tolerance.absolute,
                      .relative = tolerance.relative};
    const at::Tensor want = recorded.to(at::kCPU, at::kDouble);
    const at::Tensor difference = (computed.detach().to(at::kCPU, at::kDouble) - want).abs();
    const at::Tensor allowed = want.abs() * tolerance.relative + tolerance.absolute;
    result.difference = difference.max().item<double>();
    result.worst = (difference / allowed.clamp_min(1e-30)).max().item<double>();
    result.passed = result.worst <= 1.0;
    return result;
}

Comparison compare(std::string quantity, const std::vector<double>& computed,
                   const std::vector<double>& recorded, Tolerance tolerance)
{
    return compare(std::move(quantity), torch::tensor(computed, at::kDouble),
                   torch::tensor(recorded, at::kDouble), tolerance);
}

Comparison compareNorms(std::string quantity, const at::Tensor& computed,
                        const at::Tensor& recorded, double relative)
{
    requireShape(quantity, computed.sizes(), recorded.sizes());
    const at::Tensor want = recorded.to(at::kCPU, at::kDouble);
    const at::Tensor difference = computed.detach().to(at::kCPU, at::kDouble) - want;
    Comparison result{.quantity = std::move(quantity), .relative = relative};
    result.difference = difference.norm().item<double>();
    result.worst = result.difference / std::max(1e-30, relative * want.norm().item<double>());
    result.passed = result.worst <= 1.0;
    return result;
}

Comparison compareIds(std::string quantity, const IdRows& computed, const IdRows& recorded)
{
    Comparison result{.quantity = std::move(quantity)};
    for (std::size_t i = 0; i < std::max(computed.size(), recorded.size()); ++i) {
        const bool both = i < computed.size() && i < recorded.size();
        const std::size_t length = both ? std::max(computed[i].size(), recorded[i].size()) : 1;
        for (std::size_t t = 0; t < length; ++t)
            if (!both || t >= computed[i].size() || t >= recorded[i].size() ||
                computed[i][t] != recorded[i][t])
                result.difference += 1;
    }
    result.worst = result.difference;
    result.passed = result.difference == 0;
    return result;
}

std::vector<const ScoredSample*> RecordedBatch::pointers() const
{
    std::vector<const ScoredSample*> out;
    for (const ScoredSample& sample : samples)
        out.push_back(&sample);
    return out;
}

std::vector<std::int64_t> RecordedBatch::items() const
{
    std::vector<std::int64_t> all(samples.size());
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return all;
}

Normaliser RecordedBatch::normaliser() const
{
    return normaliserOf({}, {samples}, items(), 0);
}

RecordedBatch recordedBatch(const std::string& quantity, const IdRows& ids, const IdRows& mask,
                            const IdRows& labels, Padding padding, std::int64_t vocabulary)
{
    if (!mask.empty())
        requireRowsLike(quantity + "attention_mask", mask, ids);
    requireRowsLike(quantity + "labels", labels, ids);
    RecordedBatch batch;
    for (std::size_t b = 0; b < ids.size(); ++b) {
        ScoredSample sample{.index = static_cast<std::int64_t>(b)};
        std::int64_t real = 0;
        for (std::size_t t = 0; t < ids[b].size(); ++t) {
            const bool visible = mask.empty() || mask[b][t] != 0;
            real += visible ? 1 : 0;
            if (!visible && padding == Padding::Drop)
                continue;
            sample.ids.push_back(ids[b][t]);
            sample.scored.push_back(visible && labels[b][t] != -100 && sample.ids.size() > 1 ? 1
                                                                                             : 0);
        }
        requireIds(quantity + "input_ids", sample.ids, vocabulary);
        if (real < static_cast<std::int64_t>(sample.ids.size()))
            sample.visibleKeys = real;
        batch.samples.push_back(std::move(sample));
    }
    return batch;
}

Status readRecorded(const std::filesystem::path& file, const std::function<Status()>& body)
{
    const Status status = guarded([&]() -> Status {
        try {
            return body();
        } catch (const Json::exception& failure) {
            return Error{.code = ErrorCode::Corrupt,
                         .message =
                             std::string("the recorded values are incomplete: ") + failure.what()};
        }
    });
    if (status || !status.error().context.empty())
        return status;
    return status.error().at(file.string());
}

} // namespace lacuna
