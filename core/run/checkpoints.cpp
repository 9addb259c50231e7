#include "core/run/checkpoints.h"

#include "core/models/checkpoint.h"
#include "core/models/safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

constexpr const char* kTensors = "state.safetensors";
constexpr const char* kState = "state.json";

Result<at::Tensor> readTensor(const SafetensorsFile& file, const std::string& name,
                              const at::Tensor& like)
{
    const TensorEntry* entry = file.find(name);
    if (!entry || entry->shape != like.sizes().vec())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the checkpoint does not hold " + name + " as the model has it",
                     .context = file.path().string()};
    return mappedTensor(*entry).to(like.device(), like.scalar_type(), false, true);
}

} // namespace

Result<std::filesystem::path> Checkpoints::save(const TrainingState& state, const Decoder& decoder,
                                                const Optimizer& optimizer,
                                                const GoodWeights& good) const
{
    const auto folder = m_folder / fmt::format("step-{:08}", state.step);
    auto partial = folder;
    partial += ".partial";
    std::error_code failure;
    std::filesystem::remove_all(partial, failure);
    std::filesystem::create_directories(partial, failure);
    if (failure)
        return Error{.code = ErrorCode::Io,
                     .message = "cannot make the checkpoint's folder: " + failure.message(),
                     .context = partial.string()};
    std::vector<TensorToWrite> tensors;
    for (const Parameter& parameter : decoder.parameters())
        if (parameter.trained)
            tensors.push_back(tensorToWrite("w." + parameter.name, parameter.master,
                                            parameter.master.scalar_type()));
    for (const Optimizer::Slot& slot : optimizer.slots())
        tensors.push_back(tensorToWrite(slot.name, slot.tensor, slot.tensor.scalar_type()));
    for (const auto& [name, tensor] : good)
        tensors.push_back(tensorToWrite("good." + name, tensor, tensor.scalar_type()));
    if (const Status status = writeSafetensors(partial / kTensors, tensors); !status) {
        std::filesystem::remove_all(partial, failure);
        return status.error();
    }
    OrderedJson json = {{"version", 1},
                        {"step", state.step},
                        {"optimizer_steps", optimizer.stepCount()},
                        {"sampler", state.sampler},
                        {"learning_rate_scale", state.learningRateScale},
                        {"controls", state.controls},
                        {"forget_nll_at_start", state.forgetNllAtStart},
                        {"retain_nll_at_start", nullptr},
                        {"good_step", state.goodStep}};
    if (state.retainNllAtStart)
        json["retain_nll_at_start"] = *state.retainNllAtStart;
    if (const Status status = writeJsonFile(partial / kState, json); !status) {
        std::filesystem::remove_all(partial, failure);
        return status.error();
    }
    std::filesystem::remove_all(folder, failure);
    std::filesystem::rename(partial, folder, failure);
    if (failure)
        return Error{.code = ErrorCode::Io,
                     .message = "cannot finish the checkpoint: " + failure.message(),
                     .context = folder.string()};
    std::vector<std::filesystem::path> all = list();
    for (std::size_t i = 0; i + static_cast<std::size_t>(m_keep) < all.size(); ++i)
        std::filesystem::remove_all(all[i], failure);
    return folder;
}

std::vector<std::filesystem::path> Checkpoints::list() const
{
    std::vector<std::filesystem::path> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(m_folder, ignored))
        if (entry.path().filename().string().starts_with("step-") &&
            entry.path().extension() != ".partial")
            found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::optional<TrainingState> Checkpoints::restoreLatest(Decoder& decoder, Optimizer& optimizer,
                                                        GoodWeights& good) const
{
    std::vector<std::filesystem::path> all = list();
    for (auto folder = all.rbegin(); folder != all.rend(); ++folder)
        if (const Result<TrainingState> state = restore(*folder, decoder, optimizer, good))
            return *state;
    return std::nullopt;
}

Result<TrainingState> Checkpoints::restore(const std::filesystem::path& folder, Decoder& decoder,
                                           Optimizer& optimizer, GoodWeights& good) const
{
    const at::NoGradGuard noGrad;
    const Result<Json> json = readJsonFile(folder / kState);
    if (!json)
        return json.error();
    const Result<SafetensorsFile> file = SafetensorsFile::open(folder / kTensors);
    if (!file)
        return file.error();
    TrainingState state;
    try {
        state.step = json->at("step").get<std::int64_t>();
        state.sampler = json->at("sampler");
        state.learningRateScale = json->at("learning_rate_scale").get<double>();
        state.controls = json->at("controls").get<std::vector<std::int64_t>>();
        state.forgetNllAtStart = json->at("forget_nll_at_start").get<double>();
        if (!json->at("retain_nll_at_start").is_null())
            state.retainNllAtStart = json->at("retain_nll_at_start").get<double>();
        state.goodStep = json->at("good_step").get<std::int64_t>();
        optimizer.setStepCount(json->at("optimizer_steps").get<std::int64_t>());
    } catch (const Json::exception&) {
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the checkpoint's state is incomplete",
                     .context = (folder / kState).string()};
    }
    for (Parameter& parameter : decoder.parameters()) {
        if (!parameter.trained)
            continue;
        const Result<at::Tensor> master =
            readTensor(*file, "w." + parameter.name, parameter.master);
        if (!master)
            return master.error();
        parameter.master.copy_(*master);
        if (file->find("good." + parameter.name))
            good[parameter.name] =
                *readTensor(*file, "good." + parameter.name, parameter.master);
    }
    for (const Optimizer::Slot& slot : optimizer.slots()) {
        const Result<at::Tensor> moment = readTensor(*file, slot.name, slot.tensor);
        if (!moment)
            return moment.error();
        at::Tensor target = slot.tensor;
        target.copy_(*moment);
    }
    decoder.refresh();
    return state;
}

void Checkpoints::clear() const
{
    std::error_code ignored;
    std::filesystem::remove_all(m_folder, ignored);
}

} // namespace lacuna
