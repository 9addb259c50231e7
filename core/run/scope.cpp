#include "core/run/scope.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/models/adapter_files.h"
#include "core/models/family.h"

#include <fnmatch.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace lacuna {
namespace {

bool isPattern(const std::string& module)
{
    return module.find_first_of("*?[") != std::string::npos;
}

bool fits(const std::string& module, const std::string& name)
{
    return isPattern(module) ? fnmatch(module.c_str(), name.c_str(), 0) == 0
                             : name.find(module) != std::string::npos;
}

/// Slots by where they are: the blocks hold the same modules.
class Grid {
public:
    Grid(const std::vector<bool>& chosen, const DecoderConfig& config,
         const std::vector<WeightSlot>& slots)
        : m_config(config), m_blocks(static_cast<std::size_t>(config.layers))
    {
        for (std::size_t i = 0; i < slots.size(); ++i) {
            const std::string& name = slots[i].name;
            m_all.push_back(name);
            if (chosen[i])
                m_wanted.insert(name);
            std::string inner;
            if (const std::optional<std::size_t> block = blockOf(name, inner)) {
                if (std::ranges::find(m_inner, inner) == m_inner.end())
                    m_inner.push_back(inner);
                if (chosen[i])
                    m_blocks[*block].insert(inner);
            } else {
                m_outside.push_back(name);
                if (chosen[i])
                    m_wantedOutside.push_back(name);
            }
        }
    }

    [[nodiscard]] bool isWhole() const { return m_wanted.size() == m_all.size(); }
    /// Modules of blocks, by their names in a block.
    [[nodiscard]] const std::vector<std::string>& inner() const { return m_inner; }
    [[nodiscard]] const std::vector<std::string>& wantedOutside() const { return m_wantedOutside; }

    /// Those that are chosen in \p block.
    [[nodiscard]] const std::set<std::string>& block(std::size_t block) const
    {
        return m_blocks[block];
    }
    [[nodiscard]] std::size_t blockCount() const { return m_blocks.size(); }
    [[nodiscard]] std::vector<std::size_t> touchedBlocks() const
    {
        std::vector<std::size_t> touched;
        for (std::size_t i = 0; i < m_blocks.size(); ++i)
            if (!m_blocks[i].empty())
                touched.push_back(i);
        return touched;
    }
    [[nodiscard]] std::string prefix(std::size_t block) const
    {
        return m_config.inBlock(static_cast<std::int64_t>(block), "");
    }
    /// Whether \p module fits no other of all names than those that are wanted.
    [[nodiscard]] bool isSafe(const std::string& module) const
    {
        return std::ranges::all_of(m_all, [&](const std::string& name) {
            return m_wanted.contains(name) || !fits(module, name);
        });
    }
    [[nodiscard]] const std::vector<std::string>& outside() const { return m_outside; }

private:
    std::optional<std::size_t> blockOf(const std::string& name, std::string& inner) const
    {
        const std::string start = m_config.names.blocks + ".";
        if (!name.starts_with(start))
            return std::nullopt;
        const std::size_t end = name.find('.', start.size());
        const auto block = static_cast<std::size_t>(std::stoull(name.substr(start.size())));
        inner = name.substr(end + 1);
        return block < m_blocks.size() ? std::optional(block) : std::nullopt;
    }

    const DecoderConfig& m_config;
    std::vector<std::string> m_all;
    std::set<std::string> m_wanted;
    std::vector<std::string> m_inner;
    std::vector<std::set<std::string>> m_blocks;
    std::vector<std::string> m_outside;
    std::vector<std::string> m_wantedOutside;
};

/// Runs of the parts of \p name between its dots, each also with the dot behind it: "mlp",
/// "mlp.", "mlp.up_proj", ...
std::vector<std::string> fragments(const std::string& name)
{
    const std::vector<std::string> parts = split(name, '.');
    std::vector<std::string> found;
    for (std::size_t first = 0; first < parts.size(); ++first) {
        std::string run;
        for (std::size_t last = first; last < parts.size(); ++last) {
            run += (run.empty() ? "" : ".") + parts[last];
            found.push_back(run);
            if (last + 1 < parts.size())
                found.push_back(run + ".");
        }
    }
    return found;
}

/// Few and short parts of names that together fit all of \p wanted and none of \p others. Greedy:
/// the part that fits most comes first. A name that no part tells from the others stays whole.
std::vector<std::string> shortNames(const std::set<std::string>& wanted,
                                    const std::vector<std::string>& others)
{
    std::map<std::string, std::set<std::string>> covers; // by part
    for (const std::string& name : wanted)
        for (const std::string& part : fragments(name)) {
            if (covers.contains(part) || std::ranges::any_of(others, [&](const std::string& other) {
                    return fits(part, other);
                }))
                continue;
            for (const std::string& one : wanted)
                if (fits(part, one))
                    covers[part].insert(one);
        }
    std::set<std::string> left = wanted;
    std::vector<std::string> chosen;
    while (!left.empty()) {
        const std::string* best = nullptr;
        std::size_t most = 0;
        const auto isSimpler = [](const std::string& a, const std::string& b) {
            return std::pair(a.ends_with('.'), a.size()) < std::pair(b.ends_with('.'), b.size());
        };
        for (const auto& [part, names] : covers) {
            const auto count = static_cast<std::size_t>(std::ranges::count_if(
                names, [&](const std::string& name) { return left.contains(name); }));
            if (count > most || (count > 0 && count == most && isSimpler(part, *best))) {
                best = &part;
                most = count;
            }
        }
        if (!best)
            break;
        chosen.push_back(*best);
        for (const std::string& name : covers[*best])
            left.erase(name);
    }
    chosen.insert(chosen.end(), left.begin(), left.end());
    return chosen;
}

/// "0-3,7"
std::string rangesText(const std::vector<std::size_t>& numbers)
{
    std::string text;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::size_t last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1)
            ++last;
        text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
        if (last > i)
            text += "-" + std::to_string(numbers[last]);
        i = last;
    }
    return text;
}

std::vector<std::string> without(const std::vector<std::string>& all,
                                 const std::set<std::string>& some)
{
    std::vector<std::string> rest;
    std::ranges::copy_if(all, std::back_inserter(rest),
                         [&](const std::string& name) { return !some.contains(name); });
    return rest;
}

/// What fits \p name and no other, whatever name it is a part of: a pattern fits as a whole.
std::string wholeName(const std::string& name)
{
    return "[" + name.substr(0, 1) + "]" + name.substr(1);
}

/// Ways to say the choice, the simplest first. Not all of them need say it.
class Proposals {
public:
    explicit Proposals(const Grid& grid) : m_grid(grid) {}

    [[nodiscard]] std::vector<ScopeText> all() const
    {
        if (m_grid.isWhole())
            return {{}};
        std::vector<ScopeText> proposals;
        if (m_grid.wantedOutside().empty())
            addProduct(proposals);
        proposals.push_back({.modules = byParts()});
        return proposals;
    }

private:
    /// The same modules in each of some blocks, and nothing outside.
    void addProduct(std::vector<ScopeText>& proposals) const
    {
        const std::vector<std::size_t> touched = m_grid.touchedBlocks();
        const std::set<std::string>& modules = m_grid.block(touched.front());
        if (std::ranges::any_of(touched,
                                [&](std::size_t block) { return m_grid.block(block) != modules; }))
            return;
        std::vector<std::string> names;
        if (modules.size() < m_grid.inner().size())
            names = shortNames(modules, without(m_grid.inner(), modules));
        if (touched.size() == m_grid.blockCount())
            proposals.push_back({.modules = names});
        proposals.push_back({.layers = rangesText(touched), .modules = names});
    }

    /// Modules that are chosen in every block, whole blocks, and the rest name by name.
    [[nodiscard]] std::vector<std::string> byParts() const
    {
        std::set<std::string> everywhere(m_grid.inner().begin(), m_grid.inner().end());
        for (std::size_t block = 0; block < m_grid.blockCount(); ++block)
            std::erase_if(everywhere, [&](const std::string& name) {
                return !m_grid.block(block).contains(name);
            });
        std::vector<std::string> names = outside();
        for (const std::string& name : inEveryBlock(everywhere))
            names.push_back(name);
        for (std::size_t block = 0; block < m_grid.blockCount(); ++block) {
            const std::set<std::string>& here = m_grid.block(block);
            if (here.size() == everywhere.size())
                continue;
            if (here.size() == m_grid.inner().size()) {
                names.push_back(m_grid.prefix(block) + "*");
                continue;
            }
            for (const std::string& name : inOneBlock(block, everywhere))
                names.push_back(name);
        }
        return names;
    }

    /// What is chosen of \p block beside \p everywhere: by full names, or by what they share when
    /// that is less, such as "model.layers.3.*mlp*".
    [[nodiscard]] std::vector<std::string> inOneBlock(std::size_t block,
                                                      const std::set<std::string>& everywhere) const
    {
        std::set<std::string> here = m_grid.block(block);
        const std::vector<std::string> others = without(m_grid.inner(), here);
        std::erase_if(here, [&](const std::string& name) { return everywhere.contains(name); });
        std::vector<std::string> names;
        const std::vector<std::string> parts = shortNames(here, others);
        if (parts.size() < here.size())
            for (const std::string& part : parts)
                names.push_back(m_grid.prefix(block) + "*" + part + "*");
        else
            for (const std::string& name : here)
                names.push_back(safe(m_grid.prefix(block) + name));
        return names;
    }

    [[nodiscard]] std::vector<std::string> outside() const
    {
        const std::vector<std::string>& wanted = m_grid.wantedOutside();
        const std::set<std::string> set(wanted.begin(), wanted.end());
        std::vector<std::string> others = without(m_grid.outside(), set);
        for (const std::string& inner : m_grid.inner())
            others.push_back(m_grid.prefix(0) + inner);
        std::vector<std::string> names = shortNames(set, others);
        for (std::string& name : names)
            name = safe(name);
        return names;
    }

    [[nodiscard]] std::vector<std::string> inEveryBlock(const std::set<std::string>& modules) const
    {
        if (modules.empty())
            return {};
        if (modules.size() == m_grid.inner().size())
            return {m_grid.prefix(0).substr(0, m_grid.prefix(0).size() - 2) + "*"};
        std::vector<std::string> others = without(m_grid.inner(), modules);
        const std::vector<std::string>& wanted = m_grid.wantedOutside();
        for (const std::string& name :
             without(m_grid.outside(), std::set<std::string>(wanted.begin(), wanted.end())))
            others.push_back(name);
        return shortNames(modules, others);
    }

    [[nodiscard]] std::string safe(const std::string& name) const
    {
        return m_grid.isSafe(name) ? name : wholeName(name);
    }

    const Grid& m_grid;
};

} // namespace

Result<std::vector<bool>> chosenSlots(const ScopeSpec& scope, const DecoderConfig& config,
                                      const std::vector<WeightSlot>& slots)
{
    const Result<std::vector<std::int64_t>> layers = parseLayers(scope.layers, config.layers);
    if (!layers)
        return layers.error();
    std::vector<std::string> blocks; // 80 of them are asked of every slot
    for (const std::int64_t layer : *layers)
        blocks.push_back(config.inBlock(layer, ""));
    const auto inLayers = [&](const std::string& name) {
        return scope.layers == "all" || std::ranges::any_of(blocks, [&](const std::string& block) {
                   return name.starts_with(block);
               });
    };
    std::vector<bool> chosen;
    chosen.reserve(slots.size());
    for (const WeightSlot& slot : slots)
        chosen.push_back(inLayers(slot.name) &&
                         (scope.modules.empty() ||
                          std::ranges::any_of(scope.modules, [&](const std::string& module) {
                              return fits(module, slot.name);
                          })));
    return chosen;
}

Result<std::vector<WeightSlot>> scopedSlots(const ScopeSpec& scope, const DecoderConfig& config,
                                            const std::vector<WeightSlot>& slots)
{
    const Result<std::vector<bool>> chosen = chosenSlots(scope, config, slots);
    if (!chosen)
        return chosen.error();
    std::vector<WeightSlot> result;
    for (std::size_t i = 0; i < slots.size(); ++i)
        if ((*chosen)[i])
            result.push_back(slots[i]);
    if (!result.empty())
        return result;
    std::string known;
    for (const WeightSlot& slot : slots)
        if (slot.name.starts_with(config.inBlock(0, "")))
            known += (known.empty() ? "" : ", ") + slot.name.substr(config.inBlock(0, "").size());
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "the scope leaves nothing to train",
                 .context = "recipe.scope",
                 .remedy = "name modules that this model has: " + known};
}

ScopeText scopeText(const std::vector<bool>& chosen, const DecoderConfig& config,
                    const std::vector<WeightSlot>& slots)
{
    if (std::ranges::find(chosen, true) == chosen.end())
        throw std::logic_error("no scope chooses nothing");
    const Grid grid(chosen, config, slots);
    for (const ScopeText& proposal : Proposals(grid).all())
        if (*chosenSlots({.layers = proposal.layers, .modules = proposal.modules}, config, slots) ==
            chosen)
            return proposal;
    ScopeText text;
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (chosen[i])
            text.modules.push_back(grid.isSafe(slots[i].name) ? slots[i].name
                                                              : wholeName(slots[i].name));
    return text;
}

Result<DecoderConfig> modelOf(const Recipe& recipe)
{
    if (recipe.newModel) {
        Json document = recipe.newModel->config;
        if (document.is_object() && !document.contains("vocab_size"))
            document["vocab_size"] = recipe.newModel->vocabularySize;
        return readDecoderConfig(document, "recipe.model.new");
    }
    const Result<std::filesystem::path> base = baseFolder(recipe.model);
    if (!base)
        return base.error();
    const std::filesystem::path file = *base / "config.json";
    const Result<Json> document = readJsonFile(file);
    if (!document)
        return document.error();
    return readDecoderConfig(*document, file.string());
}

} // namespace lacuna
