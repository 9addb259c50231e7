#include "app/pages/setup/recipe_sections.h"

#include "app/workspace.h"
#include "core/base/text.h"
#include "core/controls/mask.h"
#include "core/corpora/sampler.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

namespace lacuna {

namespace {

/// Context of the texts below for translators.
struct RecipeSections {
    Q_DECLARE_TR_FUNCTIONS(RecipeSections)
};

constexpr const char* kScope = "scope";
constexpr const char* kNoMask = "none";

/// The scope as a form shows it: what is trained is a choice, and the modules are one line.
Json scopeFields(const ScopeSpec& scope)
{
    const AdapterSpec adapter = scope.adapter.value_or(AdapterSpec{});
    return {{"layers", scope.layers},
            {"modules", join(scope.modules, ", ")},
            {"train", scope.adapter ? adapter.id : "weights"},
            {"rank", adapter.rank},
            {"alpha", adapter.alpha},
            {"mask", scope.mask.is_object() ? scope.mask.value("id", kNoMask) : kNoMask}};
}

std::vector<std::string> maskChoices()
{
    std::vector<std::string> ids = {kNoMask};
    for (const std::string& id : masks().ids())
        ids.push_back(id);
    return ids;
}

/// The recipe's scope with what scopeFields() shows replaced by \p fields.
Json scopeWith(Json scope, const Json& fields)
{
    scope["layers"] = fields.at("layers");
    scope["modules"] = Json::array();
    for (const std::string& module : split(fields.at("modules").get<std::string>(), ','))
        if (!trimmed(module).empty())
            scope["modules"].push_back(trimmed(module));
    const Json& mask = fields.at("mask");
    if (mask == kNoMask)
        scope.erase("mask");
    else if (!scope.contains("mask") || scope["mask"].value("id", "") != mask)
        scope["mask"] = {{"id", mask}}; // another mask has other parameters
    if (fields.at("train") == "weights") {
        scope.erase("adapter");
        return scope;
    }
    scope["adapter"]["id"] = fields.at("train");
    scope["adapter"]["rank"] = fields.at("rank");
    scope["adapter"]["alpha"] = fields.at("alpha");
    return scope;
}

Json fieldsOf(const std::string& key, const Recipe& recipe)
{
    const Json document = recipe.toJson();
    if (key == kScope)
        return scopeFields(recipe.scope);
    return key.empty() ? document : document[key];
}

/// Specs whose defaults are those of a new experiment, so that no value is written twice.
class SectionBuilder {
public:
    explicit SectionBuilder(std::string key) : m_section{.key = std::move(key)}
    {
        m_defaults = fieldsOf(m_section.key, Workspace::defaults());
    }

    SectionBuilder& number(const char* name, double min, double max, const QString& title,
                           const QString& help, const QString& unit = {})
    {
        return add({.name = name,
                    .fallback = m_defaults[name].get<double>(),
                    .min = min,
                    .max = max,
                    .unit = unit.toStdString(),
                    .help = help.toStdString()},
                   title);
    }
    SectionBuilder& integer(const char* name, double min, double max, const QString& title,
                            const QString& help, const QString& unit = {})
    {
        return add({.name = name,
                    .fallback = m_defaults[name].get<std::int64_t>(),
                    .min = min,
                    .max = max,
                    .unit = unit.toStdString(),
                    .help = help.toStdString()},
                   title);
    }
    SectionBuilder& flag(const char* name, const QString& title, const QString& help)
    {
        return add(
            {.name = name, .fallback = m_defaults[name].get<bool>(), .help = help.toStdString()},
            title);
    }
    SectionBuilder& text(const char* name, std::vector<std::string> choices, const QString& title,
                         const QString& help)
    {
        return add({.name = name,
                    .fallback = m_defaults[name].get<std::string>(),
                    .choices = std::move(choices),
                    .help = help.toStdString()},
                   title);
    }
    [[nodiscard]] RecipeSection take() { return std::move(m_section); }

private:
    SectionBuilder& add(ParamSpec spec, const QString& title)
    {
        m_section.titles[spec.name] = title;
        m_section.specs.push_back(std::move(spec));
        return *this;
    }

    RecipeSection m_section;
    Json m_defaults;
};

} // namespace

// The ranges are those that parseRecipe() refuses to leave.

RecipeSection basicTraining()
{
    return SectionBuilder("training")
        .number("learning_rate", 0, 10, RecipeSections::tr("Learning rate"),
                RecipeSections::tr(
                    "How far each step goes. Small models bear 1e-4 to 1e-3, large ones 1e-6 to "
                    "1e-5; too high, and everything is forgotten."))
        .number("epochs", 0, 1e6, RecipeSections::tr("Epochs"),
                RecipeSections::tr("How often the whole forget set is gone through."))
        .integer(
            "batch_size", 1, 1e6, RecipeSections::tr("Batch size"),
            RecipeSections::tr("Samples of the forget set in a step, with their retain samples."),
            RecipeSections::tr("samples"))
        .text("schedule", {"constant", "linear", "cosine"}, RecipeSections::tr("Schedule"),
              RecipeSections::tr("How the learning rate falls over the run."))
        .integer("max_length", 2, 1 << 20, RecipeSections::tr("Longest sample"),
                 RecipeSections::tr(
                     "Longer samples are cut; texts are taken in windows of this length."),
                 RecipeSections::tr("tokens"))
        .take();
}

RecipeSection moreTraining()
{
    return SectionBuilder("training")
        .text("precision", {"auto", "float32", "bfloat16"}, RecipeSections::tr("Precision"),
              RecipeSections::tr(
                  "Number type of the products. Auto takes bfloat16 where the processor is quick "
                  "with it."))
        .integer("steps", 0, 1e9, RecipeSections::tr("Steps"),
                 RecipeSections::tr("Instead of epochs; 0: epochs count."))
        .number("warmup_epochs", 0, 1e6, RecipeSections::tr("Warm-up"),
                RecipeSections::tr("The learning rate rises from 0 over this many epochs."),
                RecipeSections::tr("epochs"))
        .text("optimizer", {"adamw", "sgd", "sophia"}, RecipeSections::tr("Optimiser"),
              RecipeSections::tr("AdamW and Sophia, which is second-order, need two more numbers a "
                                 "weight than SGD."))
        .number("weight_decay", 0, 10, RecipeSections::tr("Weight decay"),
                RecipeSections::tr(
                    "Pulls every matrix towards 0, by this share of the learning rate a step."))
        .number("clip_norm", 0, 1e9, RecipeSections::tr("Gradient clipping"),
                RecipeSections::tr("Longer gradients are shortened to this length; 0: never."))
        .integer("micro_batch_tokens", 1, 1 << 24, RecipeSections::tr("Micro-batch"),
                 RecipeSections::tr(
                     "Tokens that pass through the model at once; fewer need less memory."),
                 RecipeSections::tr("tokens"))
        .text("accumulation", {"batch", "micro-batch"}, RecipeSections::tr("Means over"),
              RecipeSections::tr(
                  "What a mean divides by: the whole batch, or each micro-batch as published "
                  "tables do."))
        .text("pairing", pairingNames(), RecipeSections::tr("Pairing"),
              RecipeSections::tr("Which retain samples go with a forget sample: drawn at random, "
                                 "as most do; always the same ones (MUSE); or both files in their "
                                 "own order (Yao)."))
        .integer("retain_per_forget", 1, 1000, RecipeSections::tr("Retain samples"),
                 RecipeSections::tr("For each sample of the forget set."),
                 RecipeSections::tr("samples"))
        .flag("gradient_checkpointing", RecipeSections::tr("Gradient checkpointing"),
              RecipeSections::tr("Computes each block twice instead of keeping what it gave: far "
                                 "less memory, a third more time, the same result."))
        .take();
}

RecipeSection evaluationSection()
{
    return SectionBuilder("evaluation")
        .integer("every_steps", 0, 1e9, RecipeSections::tr("Evaluate every"),
                 RecipeSections::tr(
                     "Between evaluations only the losses are known; 0: before and after only."),
                 RecipeSections::tr("steps"))
        .integer("subset", 1, 1e6, RecipeSections::tr("Samples during the run"),
                 RecipeSections::tr("Of each set; more give steadier curves and take longer."))
        .integer("max_samples", 1, 1e7, RecipeSections::tr("Samples before and after"),
                 RecipeSections::tr("Of each set."))
        .integer("max_new_tokens", 1, 1e5, RecipeSections::tr("Longest answer"),
                 RecipeSections::tr("Answers to the prompts end here."),
                 RecipeSections::tr("tokens"))
        .flag(
            "generate", RecipeSections::tr("Compare answers"),
            RecipeSections::tr(
                "Let the model answer and measure how near it comes (ROUGE-L), before and after."))
        .flag("gradient_cosine", RecipeSections::tr("Compare gradients"),
              RecipeSections::tr("The cosine of the forget and the retain gradient in each step: "
                                 "whether the two pull against each other. Needs one more gradient "
                                 "in memory."))
        .take();
}

RecipeSection scopeSection()
{
    return SectionBuilder(kScope)
        .text("train", {"weights", "lora"}, RecipeSections::tr("What is trained"),
              RecipeSections::tr("The model's own weights, or a low-rank adapter (LoRA) beside "
                                 "them, which needs far less memory and can be taken off again."))
        .text("layers", {}, RecipeSections::tr("Layers to train"),
              RecipeSections::tr("All, or ranges such as 0-3,7: the others stay as they are."))
        .text("modules", {}, RecipeSections::tr("Modules to train"),
              RecipeSections::tr("Parts of weight names such as q_proj, v_proj, or whole names "
                                 "with * and ?. Empty: all."))
        .integer("rank", 1, 4096, RecipeSections::tr("Adapter's rank"),
                 RecipeSections::tr("How much an adapter can change; of no meaning for weights."))
        .number("alpha", 1e-6, 1e6, RecipeSections::tr("Adapter's alpha"),
                RecipeSections::tr("The adapter's change is multiplied by alpha over rank."))
        .text("mask", maskChoices(), RecipeSections::tr("Mask"),
              RecipeSections::tr("Of what is trained, only the entries or neurons with a large "
                                 "gradient may move: salun chooses once, by the forget set; sure "
                                 "and gradient-threshold in every step."))
        .take();
}

RecipeSection checkpointSection()
{
    return SectionBuilder("checkpoint")
        .number("every_seconds", 0, 1e9, RecipeSections::tr("Checkpoint every"),
                RecipeSections::tr("What an interruption can cost at most."),
                RecipeSections::tr("seconds"))
        .integer("keep", 1, 1000, RecipeSections::tr("Checkpoints kept"),
                 RecipeSections::tr("Older ones are removed."))
        .integer("best", 0, 100, RecipeSections::tr("Best models kept"),
                 RecipeSections::tr("Of the evaluated steps, so many that no other one beats in "
                                    "both forgetting and retaining, three at least; 0: only the "
                                    "result."))
        .take();
}

RecipeSection machineSection()
{
    return SectionBuilder("")
        .integer("seed", 0, 9e15, RecipeSections::tr("Seed"),
                 RecipeSections::tr("The same recipe with the same seed gives the same numbers."))
        .text("device", {}, RecipeSections::tr("Device"),
              RecipeSections::tr("auto, cpu, cuda or cuda:1."))
        .integer("threads", 0, 4096, RecipeSections::tr("Threads"),
                 RecipeSections::tr("0: one for each processor core."))
        .text("save_as", {"float32", "bfloat16", "float16"}, RecipeSections::tr("Save as"),
              RecipeSections::tr("Number type of the resulting model's file."))
        .take();
}

Json valuesOf(const RecipeSection& section, const Recipe& recipe)
{
    return fieldsOf(section.key, recipe);
}

Result<Recipe> withValues(const RecipeSection& section, const Recipe& recipe, const Json& values)
{
    Json document = recipe.toJson();
    if (section.key == kScope) {
        Json fields = scopeFields(recipe.scope);
        fields.update(values);
        document[kScope] = scopeWith(document[kScope], fields);
    } else {
        (section.key.empty() ? document : document[section.key]).update(values);
    }
    if (document["method"].is_null())
        document["method"] = Json::object(); // not chosen yet
    return parseRecipe(document, {});
}

} // namespace lacuna
