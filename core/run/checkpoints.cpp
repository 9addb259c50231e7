#include "core/run/checkpoints.h"

#include "core/models/safetensors.h"
#include "core/models/stored_tensor.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace lacuna {
namespace {

constexpr const char* kTensors = "state.safetensors";
constexpr const char* kState = "state.json";

/// Views the file: valid while it is open.
Result<at::Tensor> viewTensor(const SafetensorsFile& file, const std::string& name,
                              const at::Tensor& like)
{
    const TensorEntry* entry = file.find(name);
    if (!entry || entry->shape != like.sizes().vec())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the checkpoint does not hold " + name + " as the model has it",
                     .context = file.path().string()};
    return mappedTensor(*entry);
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
                        {"repetition_at_start", nullptr},
                        {"good_step", state.goodStep},
                        {"evaluation_due", state.evaluationDue},
                        {"training_seconds", state.trainingSeconds},
                        {"trained_tokens", state.trainedTokens}};
    if (state.retainNllAtStart)
        json["retain_nll_at_start"] = *state.retainNllAtStart;
    if (state.repetitionAtStart)
        json["repetition_at_start"] = *state.repetitionAtStart;
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
    std::int64_t optimizerSteps = 0;
    try {
        state.step = json->at("step").get<std::int64_t>();
        state.sampler = json->at("sampler");
        state.learningRateScale = json->at("learning_rate_scale").get<double>();
        state.controls = json->at("controls").get<std::vector<double>>();
        state.forgetNllAtStart = json->at("forget_nll_at_start").get<double>();
        if (!json->at("retain_nll_at_start").is_null())
            state.retainNllAtStart = json->at("retain_nll_at_start").get<double>();
        if (!json->at("repetition_at_start").is_null())
            state.repetitionAtStart = json->at("repetition_at_start").get<double>();
        state.goodStep = json->at("good_step").get<std::int64_t>();
        state.evaluationDue = json->at("evaluation_due").get<bool>();
        state.trainingSeconds = json->at("training_seconds").get<double>();
        state.trainedTokens = json->at("trained_tokens").get<std::int64_t>();
        optimizerSteps = json->at("optimizer_steps").get<std::int64_t>();
    } catch (const Json::exception&) {
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the checkpoint's state is incomplete",
                     .context = (folder / kState).string()};
    }
    // Everything is found before anything is changed.
    std::vector<std::pair<at::Tensor, at::Tensor>> copies; // to, from
    GoodWeights kept;
    for (Parameter& parameter : decoder.parameters()) {
        if (!parameter.trained)
            continue;
        const Result<at::Tensor> master =
            viewTensor(*file, "w." + parameter.name, parameter.master);
        if (!master)
            return master.error();
        copies.emplace_back(parameter.master, *master);
        if (!file->find("good." + parameter.name))
            continue;
        const Result<at::Tensor> last =
            viewTensor(*file, "good." + parameter.name, parameter.master);
        if (!last)
            return last.error();
        copies.emplace_back(kept[parameter.name] = at::empty_like(parameter.master), *last);
    }
    for (const Optimizer::Slot& slot : optimizer.slots()) {
        const Result<at::Tensor> moment = viewTensor(*file, slot.name, slot.tensor);
        if (!moment)
            return moment.error();
        copies.emplace_back(slot.tensor, *moment);
    }
    for (auto& [to, from] : copies)
        to.copy_(from);
    good = std::move(kept);
    optimizer.setStepCount(optimizerSteps);
    decoder.refresh();
    return state;
}

std::optional<std::int64_t> Checkpoints::latestStep() const
{
    const std::vector<std::filesystem::path> all = list();
    if (all.empty())
        return std::nullopt;
    const std::string name = all.back().filename().string();
    return std::strtoll(name.c_str() + std::string_view("step-").size(), nullptr, 10);
}

void Checkpoints::clear() const
{
    std::error_code ignored;
    std::filesystem::remove_all(m_folder, ignored);
}

} // namespace lacuna
