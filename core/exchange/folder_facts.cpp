#include "core/exchange/folder_facts.h"

#include "core/base/text.h"
#include "core/exchange/gguf_family.h"
#include "core/tokens/catalog.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace lacuna {
namespace {

/// A plain or quoted scalar; the first item where the value is a list.
std::string scalar(std::string_view text)
{
    text = trimmed(text);
    if (text.starts_with("- "))
        text = trimmed(text.substr(2));
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
        text.back() == text.front())
        text = text.substr(1, text.size() - 2);
    return firstInvalidUtf8(text) ? std::string() : std::string(text);
}

/// The value of \p key, on its line or as the first item of the list below.
std::string headValue(const std::vector<std::string>& head, std::string_view key)
{
    for (std::size_t i = 0; i < head.size(); ++i) {
        const std::string_view line = head[i];
        if (!line.starts_with(key) || line.substr(key.size(), 1) != ":")
            continue;
        const std::string value = scalar(line.substr(key.size() + 1));
        if (!value.empty())
            return value;
        if (i + 1 < head.size() && trimmed(head[i + 1]).starts_with("- "))
            return scalar(head[i + 1]);
    }
    return {};
}

} // namespace

FolderFacts folderFacts(const std::filesystem::path& folder)
{
    std::error_code ignored;
    const std::filesystem::path whole = std::filesystem::weakly_canonical(folder, ignored);
    FolderFacts facts{.name = whole.filename().string()};
    const Result<std::string> readme = readTextFile(folder / "README.md");
    if (!readme)
        return facts;
    std::vector<std::string> head;
    bool open = false;
    for (const std::string& line : split(*readme, '\n')) {
        if (trimmed(line) == "---") {
            if (open)
                break;
            open = true;
        } else if (!open) {
            return facts; // no head at all
        } else {
            head.push_back(line);
        }
    }
    facts.license = headValue(head, "license");
    facts.baseModel = headValue(head, "base_model");
    return facts;
}

std::vector<std::filesystem::path> licenceFiles(const std::filesystem::path& folder)
{
    constexpr std::array kNames = {"LICENSE", "LICENSE.md", "LICENSE.txt",
                                   "NOTICE",  "NOTICE.txt", "USE_POLICY.md"};
    std::vector<std::filesystem::path> files;
    std::error_code ignored;
    for (const char* name : kNames)
        if (std::filesystem::is_regular_file(folder / name, ignored))
            files.push_back(folder / name);
    return files;
}

std::vector<std::filesystem::path> companionFiles(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files = licenceFiles(folder);
    if (const Result<TokenizerFiles> tokenizer = tokenizerFiles(folder))
        files.insert(files.end(), tokenizer->files.begin(), tokenizer->files.end());
    std::error_code ignored;
    for (const char* name : {"generation_config.json", "chat_template.json"})
        if (std::filesystem::is_regular_file(folder / name, ignored))
            files.push_back(folder / name);
    std::ranges::sort(files);
    return files;
}

std::string tiedHead(const Json& config)
{
    const Result<const GgufFamily*> family = ggufFamily(config);
    const auto tied = config.is_object() ? config.find("tie_word_embeddings") : config.end();
    const bool says = config.is_object() && tied != config.end() && tied->is_boolean();
    if (says ? !tied->get<bool>() : !family || !(*family)->tied)
        return {};
    return std::string(family ? (*family)->head : "lm_head.weight");
}

} // namespace lacuna
