#include "core/run/presets.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

constexpr const char* kProposal =
    "A starting point for models of up to 3 billion parameters, from published ranges";
constexpr const char* kTuned =
    "Best of 150 runs on TOFU forget10 with Llama-3.2-1B; learning rates "
    "are for full training of a model of that size";

Json training(double learningRate, double epochs)
{
    return {{"learning_rate", learningRate},
            {"epochs", epochs},
            {"warmup_epochs", 1},
            {"steps", 0},
            {"batch_size", 32},
            {"clip_norm", 1.0},
            {"optimizer", "adamw"},
            {"schedule", "linear"}};
}

Json nll(double weight)
{
    return {{"id", "nll"}, {"weight", weight}};
}

Json weights()
{
    return {{"layers", "all"}, {"modules", Json::array()}};
}

Json adapter(std::int64_t rank, const Json& modules)
{
    return {{"layers", "all"},
            {"modules", modules},
            {"adapter", {{"id", "lora"}, {"rank", rank}, {"alpha", 32}}}};
}

Json guards()
{
    return {{{"id", "divergence-guard"}}, {{"id", "retain-budget"}, {"max_increase", 0.1}}};
}

PresetInfo tuned(const char* id, const char* title, const Json& method, double rate, double epochs)
{
    return {.id = id,
            .title = title,
            .explanation = "The best of its method in a search for forgetting, privacy and utility "
                           "together.",
            .provenance = kTuned,
            .values = [=] {
                return Json{
                    {"method", method}, {"scope", weights()}, {"training", training(rate, epochs)}};
            }};
}

std::vector<PresetInfo> entries()
{
    return {
        {.id = "gentle",
         .title = "Gentle",
         .explanation = "Negative preference with a retain term, on an adapter, with guards: hard "
                        "to do damage with.",
         .provenance = kProposal,
         .values =
             [] {
                 return Json{{"method", {{"id", "npo"}, {"beta", 0.1}, {"retain", nll(1)}}},
                             {"scope", adapter(16, Json::array())},
                             {"training", training(1e-4, 5)},
                             {"controls", guards()}};
             }},
        {.id = "no-reference",
         .title = "No reference",
         .explanation =
             "Preference without the original beside it: the least memory of the methods "
             "with a brake.",
         .provenance = kProposal,
         .values =
             [] {
                 return Json{{"method",
                              {{"id", "simnpo"},
                               {"beta", 4.5},
                               {"delta", 0.0},
                               {"forget_weight", 0.125},
                               {"retain", nll(1)}}},
                             {"scope", weights()},
                             {"training", training(2e-5, 10)}};
             }},
        {.id = "refuse",
         .title = "Refuse",
         .explanation = "The model learns to decline the forget questions.",
         .provenance = kProposal,
         .values =
             [] {
                 return Json{{"method", {{"id", "dpo"}, {"beta", 0.1}, {"retain", nll(1)}}},
                             {"scope", weights()},
                             {"training", training(2e-5, 10)}};
             }},
        {.id = "replace",
         .title = "Replace",
         .explanation =
             "The model prefers other answers of its own over the truth and stays fluent.",
         .provenance = kProposal,
         .values =
             [] {
                 return Json{{"method", {{"id", "altpo"}, {"beta", 0.1}, {"retain", nll(1)}}},
                             {"scope", weights()},
                             {"training", training(5e-5, 10)}};
             }},
        {.id = "domain",
         .title = "Domain (hazard)",
         .explanation = "Misdirects a whole field of knowledge at an early block. Try coefficients "
                        "in powers of ten.",
         .provenance = "Li N. et al. 2024 (WMDP)",
         .values =
             [] {
                 Json values = training(5e-5, 1);
                 values["steps"] = 80;
                 values["batch_size"] = 4;
                 values["schedule"] = "constant";
                 values["warmup_epochs"] = 0;
                 return Json{{"method",
                              {{"id", "rmu"},
                               {"coefficient", 20.0},
                               {"retain", {{"id", "residual-drift"}, {"weight", 100}}}}},
                             {"scope", {{"layers", "all"}, {"modules", {"down_proj"}}}},
                             {"training", values}};
             }},
        {.id = "pretrained-text",
         .title = "Pre-trained text",
         .explanation = "Gradient difference with retain text of the same kind, one pass, a very "
                        "large batch.",
         .provenance = "Yao J. et al. 2024, arXiv:2402.15159",
         .values =
             [] {
                 Json values = training(2e-5, 1);
                 values["schedule"] = "cosine";
                 values["batch_size"] = 128;
                 values["warmup_epochs"] = 0;
                 return Json{{"method", {{"id", "grad-diff"}, {"retain", nll(1)}}},
                             {"scope", weights()},
                             {"training", values}};
             }},
        {.id = "book-series",
         .title = "Book series",
         .explanation = "Requests that arrive one after another: learn, mask, subtract.",
         .provenance = "Dou et al. 2024, arXiv:2406.10952",
         .values =
             [] {
                 Json values = training(1e-4, 1);
                 values["steps"] = 200;
                 values["batch_size"] = 4;
                 values["warmup_epochs"] = 0;
                 return Json{{"method", {{"id", "ssu"}}},
                             {"scope", adapter(16, {"q_proj", "v_proj"})},
                             {"training", values}};
             }},
        {.id = "teaching-demo",
         .title = "Teaching demo",
         .explanation = "Plain ascent, to show the knee and the collapse.",
         .provenance = kProposal,
         .values =
             [] {
                 return Json{{"method", {{"id", "ga"}}},
                             {"scope", weights()},
                             {"training", training(1e-5, 10)},
                             {"controls", {{{"id", "divergence-guard"}}}}};
             }},
        {.id = "constraint",
         .title = "Constraint",
         .explanation = "Forgets as far as a bound on the retain loss lets it.",
         .provenance = "Entesari et al. 2025, arXiv:2506.05314",
         .values =
             [] {
                 return Json{{"method",
                              {{"id", "pdu"},
                               {"max_increase", 0.2},
                               {"dual_start", 100.0},
                               {"dual_rate", 5.0},
                               {"dual_warmup_epochs", 4.0}}},
                             {"scope", weights()},
                             {"training", training(1e-5, 10)}};
             }},
        tuned("tuned-altpo", "Tuned: AltPO", {{"id", "altpo"}, {"beta", 0.1}, {"retain", nll(2)}},
              5e-5, 10),
        tuned("tuned-npo", "Tuned: NPO", {{"id", "npo"}, {"beta", 0.1}, {"retain", nll(1)}}, 2e-5,
              10),
        tuned("tuned-dpo", "Tuned: DPO with refusals",
              {{"id", "dpo"}, {"beta", 0.1}, {"retain", nll(1)}}, 5e-5, 10),
        tuned("tuned-simnpo", "Tuned: SimNPO",
              {{"id", "simnpo"},
               {"beta", 3.5},
               {"delta", 1.0},
               {"forget_weight", 0.125},
               {"retain", nll(1)}},
              5e-5, 10),
        tuned("tuned-grad-diff", "Tuned: gradient difference",
              {{"id", "grad-diff"}, {"retain", nll(5)}}, 2e-5, 5),
        tuned("tuned-rmu", "Tuned: RMU",
              {{"id", "rmu"},
               {"layer", 5},
               {"coefficient", 10.0},
               {"retain", {{"id", "residual-drift"}, {"layer", 5}}}},
              2e-5, 10),
        tuned("tuned-undial", "Tuned: UNDIAL",
              {{"id", "undial"}, {"beta", 10.0}, {"retain", nll(1)}}, 1e-4, 10),
        tuned("tuned-idk", "Tuned: training to refuse", {{"id", "idk"}, {"retain", nll(2)}}, 5e-5,
              5),
    };
}

} // namespace

const Catalog<PresetInfo>& presets()
{
    static const Catalog<PresetInfo> catalog("preset", entries());
    return catalog;
}

Result<Recipe> withPreset(const Recipe& recipe, const PresetInfo& preset)
{
    Json document = recipe.toJson();
    const Json values = preset.values();
    for (const auto& [part, value] : values.items())
        if (part == "training")
            document[part].update(value);
        else
            document[part] = value;
    if (document["method"].is_null())
        document["method"] = Json::object();
    return parseRecipe(document, {});
}

} // namespace lacuna
