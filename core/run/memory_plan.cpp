#include "core/run/memory_plan.h"

#include "core/base/text.h"
#include "core/methods/method.h"
#include "core/models/family.h"
#include "core/run/objective.h"
#include "core/run/plan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace lacuna {
namespace {

constexpr double kLogitChunk = 8.0 * (1 << 20); // elements, as head.cpp cuts them
constexpr double kQueryBlock = 256;             // queries, as attention.cpp cuts them

double elementCount(const WeightSlot& slot)
{
    return static_cast<double>(std::accumulate(slot.shape.begin(), slot.shape.end(),
                                               std::int64_t{1}, std::multiplies<>()));
}

double largestOf(const std::vector<WeightSlot>& slots)
{
    double largest = 0;
    for (const WeightSlot& slot : slots)
        if (slot.shape.size() == 2)
            largest = std::max(largest, elementCount(slot));
    return largest;
}

/// Tokens of the largest micro-batch: a batch's length varies as the sum of its samples' lengths
/// does, and micro-batches are filled from one batch.
double microBatchRows(const MemoryNeed& need)
{
    const auto batch = static_cast<double>(need.recipe.training.batchSize);
    double rows = 0;
    for (const CorpusPlan& corpus : need.corpora) {
        const bool used =
            corpus.role == "forget" || (corpus.role == "retain" && !need.method.retainId.empty());
        if (!used || corpus.samples == 0)
            continue;
        // Other answers are taken to be as long as the true ones.
        const auto sequences = static_cast<double>(
            corpus.role == "forget" ? need.reach.forget.sequences() : std::int64_t{1});
        const double longest = sequences * static_cast<double>(corpus.longest);
        const double mean =
            sequences * static_cast<double>(corpus.tokens) / static_cast<double>(corpus.samples);
        const double largestBatch =
            std::min(batch * longest, batch * mean + std::sqrt(batch) * (longest - mean));
        const auto budget = static_cast<double>(need.recipe.training.microBatchTokens);
        rows = std::max({rows, longest, std::min(budget, largestBatch)});
    }
    return rows;
}

double residualBytes(const DecoderConfig& config)
{
    return 4.0 * static_cast<double>(config.width);
}

/// Whether a matrix that a block has under one of \p names is trained, in any block.
bool trainsAny(const MemoryNeed& need, const std::vector<std::string>& names)
{
    return std::any_of(need.slots.begin(), need.slots.end(), [&](const WeightSlot& slot) {
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
            return !name.empty() && (slot.name.find("." + name + ".") != std::string::npos ||
                                     slot.name.ends_with("." + name));
        });
    });
}

/// Bytes that one packed row keeps for backward in one block.
double activationBytes(const MemoryNeed& need)
{
    const DecoderConfig& config = need.config;
    const WeightNames& names = config.names;
    const auto width = static_cast<double>(config.width);
    const auto heads = static_cast<double>(config.heads * config.headDim);
    const auto keys = static_cast<double>(config.kvHeads * config.headDim);
    const auto mlp = static_cast<double>(config.mlpWidth);
    const bool gated = !names.gate.empty() || !names.gateUp.empty();
    // Residual stream at each norm in float32.
    const double norms = config.order == BlockOrder::Sandwich   ? 4
                         : config.order == BlockOrder::Parallel ? 1
                                                                : 2;
    const double normedHeads = names.queryNorm.empty() ? 0 : 4 * (heads + keys);
    // In the compute type: what goes into matrices, which a frozen one needs not again; rotated q
    // and k, v, mixed heads; what goes into the activation.
    const bool intoAttention = trainsAny(need, {names.query, names.key, names.value, names.qkv});
    const bool intoMlp = trainsAny(need, {names.gate, names.up, names.gateUp});
    const bool sharedNorm = config.order == BlockOrder::Parallel && names.mlpNorm.empty();
    const double normed =
        sharedNorm ? (intoAttention || intoMlp) : (intoAttention ? 1 : 0) + (intoMlp ? 1 : 0);
    const double inner = (gated ? 2 : 1) + (trainsAny(need, {names.down}) ? 1 : 0);
    return norms * residualBytes(config) + normedHeads +
           need.computeBytes * (normed * width + 2 * heads + 2 * keys + inner * mlp);
}

/// What backward, or the next product, needs for a moment: beside the above, one block's.
double passingBytes(const MemoryNeed& need, double rows)
{
    const DecoderConfig& config = need.config;
    double longest = 0;
    for (const CorpusPlan& corpus : need.corpora)
        longest = std::max(longest, static_cast<double>(corpus.longest));
    const double scores =
        3 * 4.0 * static_cast<double>(config.heads) * std::min(kQueryBlock, longest) * longest;
    return rows * (3 * residualBytes(config) +
                   need.computeBytes * 3 * static_cast<double>(config.mlpWidth)) +
           scores;
}

/// Layers whose activations are kept: from the first trained one to the last that is run.
double graphLayers(const MemoryNeed& need)
{
    const DecoderConfig& config = need.config;
    const auto trainsIn = [&](std::int64_t layer) {
        const std::string prefix = config.inBlock(layer, "");
        return std::any_of(need.slots.begin(), need.slots.end(),
                           [&](const WeightSlot& slot) { return slot.name.starts_with(prefix); });
    };
    const bool embedding =
        std::any_of(need.slots.begin(), need.slots.end(), [&](const WeightSlot& slot) {
            return slot.name.starts_with(config.names.embedding) ||
                   (!config.names.positions.empty() &&
                    slot.name.starts_with(config.names.positions));
        });
    std::int64_t first = 0;
    while (!embedding && first < config.layers && !trainsIn(first))
        ++first;
    const std::int64_t end = need.reach.block ? *need.reach.block + 1 : config.layers;
    return static_cast<double>(std::max<std::int64_t>(end - first, 0));
}

/// What the term on the corpus of this role keeps of the start model.
KeptRows keptRows(const MethodSpec& method, const std::string& role)
{
    if (role == "forget") {
        const auto info = methods().find(method.id);
        return info ? (**info).keeps : KeptRows::None;
    }
    const auto term = retainTerms().find(method.retainId);
    return role == "retain" && term ? (**term).keeps : KeptRows::None;
}

double savedBytes(const std::string& type)
{
    return type == "float32" ? 4 : 2;
}

/// What has to be there at once: everything but pages of files.
double heldBytes(const std::vector<MemoryItem>& items)
{
    double sum = 0;
    for (const MemoryItem& item : items)
        sum += item.pageCache ? 0 : item.bytes;
    return sum;
}

std::string listed(const std::vector<std::string>& parts)
{
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += (i == 0 ? "" : i + 1 == parts.size() ? " or " : ", ") + parts[i];
    return text;
}

} // namespace

std::vector<MemoryItem> memoryItems(const MemoryNeed& need)
{
    const Recipe& recipe = need.recipe;
    const auto trained = static_cast<double>(need.trainedParameters);
    const bool copies = need.computeBytes < 4;
    const double rows = microBatchRows(need);
    std::vector<MemoryItem> items;
    const auto add = [&](const char* what, double bytes, bool pageCache = false) {
        if (bytes > 0)
            items.push_back({what, bytes, pageCache});
    };
    add("this program as it is now", residentMemoryBytes());
    add("weights mapped from the model's file", need.weights.mapped, true);
    add("float32 masters", need.weights.masters);
    add("bfloat16 copies for products", need.weights.copies);
    if (recipe.scope.adapter)
        add("adapter", (copies ? 4 + need.computeBytes : 4) * trained);
    add("gradients", 4 * trained);
    if (recipe.training.optimizer != "sgd")
        add("optimiser moments", 8 * trained);
    const MethodInfo& info = **methods().find(need.method.id);
    const bool compared = !need.method.retainId.empty() &&
                          (recipe.evaluation.gradientCosine || info.normalisesGradients);
    if (compared)
        add("forget gradient beside the retain gradient", 4 * trained);
    if (info.searchesStep)
        add("weights around a step that is tried", 8 * trained);
    if (info.reinforces)
        add("moments of the training before, and the weights to go back to", 12 * trained);
    if (!recipe.controls.empty())
        add("last good weights", 4 * trained);
    const double layers = graphLayers(need);
    if (recipe.training.gradientCheckpointing) {
        add("inputs of the blocks", rows * layers * residualBytes(need.config));
        add("activations of one block", layers > 0 ? rows * activationBytes(need) : 0);
    } else {
        add("activations of a micro-batch", rows * layers * activationBytes(need));
    }
    add("what a block needs for a moment", passingBytes(need, rows));
    // Logits and their gradient in float32, and both once more in the compute type; a teacher's
    // beside them.
    const bool teacher = keptRows(need.method, "forget") == KeptRows::Final ||
                         keptRows(need.method, "retain") == KeptRows::Final;
    const double logits = std::min(kLogitChunk, rows * static_cast<double>(need.config.vocabulary));
    add("a chunk of logits and its gradient",
        logits * (4 + need.computeBytes + (teacher ? 12 : 0)));
    if (copies && !recipe.scope.adapter)
        add("the largest gradient in bfloat16", need.computeBytes * largestOf(need.slots));
    for (const CorpusPlan& corpus : need.corpora)
        if (const KeptRows kept = keptRows(need.method, corpus.role); kept != KeptRows::None)
            add(corpus.role == "retain" ? "reference rows of the retain set"
                                        : "reference rows of the forget set",
                static_cast<double>(corpus.scoredTokens) * static_cast<double>(need.config.width) *
                    (kept == KeptRows::Residual ? 4 : need.computeBytes));
    // Freed blocks of many sizes do not add up to one of this size, so that it comes on top.
    add("the largest tensor while it is written",
        2 * savedBytes(recipe.saveAs) * largestOf(weightSlots(need.config)));
    return items;
}

double totalBytes(const std::vector<MemoryItem>& items)
{
    double sum = 0;
    for (const MemoryItem& item : items)
        sum += item.bytes;
    return sum;
}

std::optional<Error> memoryShortage(const std::vector<MemoryItem>& items, const Recipe& recipe,
                                    const MachineMemory& machine)
{
    const double held = heldBytes(items);
    if (held <= machine.total)
        return std::nullopt;
    const auto largest =
        std::max_element(items.begin(), items.end(), [](const MemoryItem& a, const MemoryItem& b) {
            return (a.pageCache ? 0 : a.bytes) < (b.pageCache ? 0 : b.bytes);
        });
    std::vector<std::string> ways;
    if (!recipe.scope.adapter)
        ways.emplace_back("train an adapter (scope.adapter) or fewer layers (scope.layers)");
    if (recipe.training.optimizer != "sgd" && !recipe.scope.adapter)
        ways.emplace_back("use the optimiser sgd");
    if (!recipe.training.gradientCheckpointing)
        ways.emplace_back("set training.gradient_checkpointing");
    ways.emplace_back("lower training.micro_batch_tokens");
    ways.emplace_back("take a smaller model");
    return Error{.code = ErrorCode::OutOfMemory,
                 .message = "the run would need " + bytesText(held) +
                            " of memory, most of it for " + largest->what + " (" +
                            bytesText(largest->bytes) + "), and this machine has " +
                            bytesText(machine.total),
                 .context = "the plan of the recipe",
                 .remedy = listed(ways)};
}

std::vector<std::string> memoryWarnings(const std::vector<MemoryItem>& items,
                                        const MachineMemory& machine)
{
    const double held = heldBytes(items);
    const double total = totalBytes(items);
    // The program as it is now is no part of what is still available.
    const double now = residentMemoryBytes();
    if (held > machine.total)
        return {};
    if (held - now > machine.available)
        return {"the run needs " + bytesText(held) + " of memory and only " +
                bytesText(machine.available) +
                " are free now: close other programs, or it may be "
                "ended by the system"};
    if (total - now > machine.available)
        return {"the model's file does not fit into memory beside the rest: it is read from the "
                "disk again in every pass, which is slow"};
    return {};
}

} // namespace lacuna
