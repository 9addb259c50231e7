#include "core/models/inspection.h"

#include "core/base/json.h"
#include "core/models/adapter_files.h"
#include "core/models/family.h"
#include "core/models/weight_files.h"
#include "core/tokens/catalog.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

bool isFile(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

bool isFloating(ElementType type)
{
    return type == ElementType::F64 || type == ElementType::F32 || type == ElementType::F16 ||
           type == ElementType::BF16;
}

/// The document in \p file; null when there is none, and when it is damaged, which is complained
/// of.
Json readIfPresent(const fs::path& file, std::vector<Error>& complaints)
{
    if (!isFile(file))
        return nullptr;
    Result<Json> document = readJsonFile(file);
    if (document)
        return std::move(document).value();
    complaints.push_back(document.error());
    return nullptr;
}

std::string textAt(const Json& object, const char* key)
{
    return object.is_object() && object.contains(key) && object[key].is_string()
               ? object[key].get<std::string>()
               : std::string();
}

class Inspector {
public:
    explicit Inspector(const fs::path& folder) { m_result.folder = folder; }

    ModelInspection run()
    {
        readConfig();
        readWeights();
        // Without any tensor the files have been complained of, and a list of all says nothing
        // more.
        if (m_result.config && !m_tensors.empty())
            compareTensors();
        readTokenizer();
        std::sort(m_result.filesPresent.begin(), m_result.filesPresent.end());
        return std::move(m_result);
    }

private:
    void present(const fs::path& file) { m_result.filesPresent.push_back(file.filename()); }

    void readConfig()
    {
        const fs::path file = m_result.folder / "config.json";
        if (!isFile(file)) {
            m_result.filesMissing.emplace_back("config.json");
            m_result.problems.push_back({.code = ErrorCode::NotFound,
                                         .message = "the folder has no config.json",
                                         .context = m_result.folder.string(),
                                         .remedy = "choose a folder in the Hugging Face layout"});
            return;
        }
        present(file);
        const Json document = readIfPresent(file, m_result.problems);
        if (document.is_null())
            return;
        m_result.modelType = textAt(document, "model_type");
        if (document.is_object() && document.contains("architectures") &&
            document["architectures"].is_array() && !document["architectures"].empty() &&
            document["architectures"][0].is_string())
            m_result.architecture = document["architectures"][0].get<std::string>();
        Result<DecoderConfig> config = readDecoderConfig(document, file.string());
        if (!config) {
            m_result.problems.push_back(config.error());
            return;
        }
        m_result.architecture = config->architecture;
        m_result.parameters = config->parameterCount();
        m_result.config = std::move(config).value();
    }

    void readWeights()
    {
        listShards();
        const Result<WeightFiles> weights = WeightFiles::open(m_result.folder);
        if (weights) {
            for (const std::string& name : weights->names())
                addTensor(*weights->find(name));
        } else {
            m_result.problems.push_back(weights.error());
            for (const fs::path& file : m_shards)
                if (const Result<SafetensorsFile> shard = SafetensorsFile::open(file))
                    for (const TensorEntry& tensor : shard->tensors())
                        addTensor(tensor);
        }
        for (const auto& [type, stored] : m_stored) {
            m_result.stored.push_back(stored);
            m_result.storedElements += stored.elements;
        }
        std::stable_sort(m_result.stored.begin(), m_result.stored.end(),
                         [](const auto& a, const auto& b) { return a.elements > b.elements; });
    }

    /// The weight files that are there, and those that the index names and are not.
    void listShards()
    {
        const fs::path single = m_result.folder / "model.safetensors";
        const fs::path index = m_result.folder / "model.safetensors.index.json";
        std::set<std::string> names;
        if (isFile(single) || !isFile(index)) {
            names.insert("model.safetensors");
        } else {
            present(index);
            // What is wrong with the index is found, and said, when the weights are opened.
            std::vector<Error> ignored;
            const Json document = readIfPresent(index, ignored);
            if (document.is_object() && document.contains("weight_map") &&
                document["weight_map"].is_object())
                for (const auto& [tensor, shard] : document["weight_map"].items())
                    if (shard.is_string() && !shard.get<std::string>().empty() &&
                        fs::path(shard.get<std::string>()).filename() == shard.get<std::string>())
                        names.insert(shard.get<std::string>());
        }
        for (const std::string& name : names) {
            const fs::path file = m_result.folder / name;
            if (!isFile(file)) {
                m_result.filesMissing.push_back(name);
                continue;
            }
            present(file);
            m_shards.push_back(file);
            std::error_code failed;
            const std::uintmax_t size = fs::file_size(file, failed);
            m_result.bytes += failed ? 0 : size;
        }
    }

    void addTensor(const TensorEntry& tensor)
    {
        m_tensors.emplace(tensor.name, tensor.shape);
        ModelInspection::Stored& stored = m_stored[tensor.type];
        stored.type = elementTypeName(tensor.type);
        ++stored.tensors;
        stored.elements += tensor.elementCount();
        if (!isFloating(tensor.type))
            m_unusable.emplace(tensor.name, stored.type);
    }

    void compareTensors()
    {
        const DecoderConfig& config = *m_result.config;
        std::unordered_set<std::string> used;
        for (WeightSlot& slot : weightSlots(config)) {
            auto found = m_tensors.end();
            for (const std::string& name : storedNames(config, slot))
                if (found == m_tensors.end())
                    found = m_tensors.find(name);
            const std::string stored = found == m_tensors.end() ? slot.name : found->first;
            used.insert(stored);
            if (found == m_tensors.end())
                m_result.missing.push_back({slot.name, std::move(slot.shape)});
            else if (found->second != slot.shape)
                m_result.illShaped.push_back({slot.name, found->second, std::move(slot.shape)});
            else if (const auto type = m_unusable.find(stored); type != m_unusable.end())
                m_result.problems.push_back(
                    {.code = ErrorCode::Unsupported,
                     .message = "the tensor " + stored + " holds " + type->second + " elements",
                     .context = m_result.folder.string(),
                     .remedy = "convert the model to F32, F16 or BF16"});
        }
        for (const auto& [name, shape] : m_tensors)
            if (!used.contains(name))
                m_result.spare.push_back(name);
        reportTensors();
    }

    void reportTensors()
    {
        const auto corrupt = [&](std::string message) {
            m_result.problems.push_back(
                {.code = ErrorCode::Corrupt,
                 .message = std::move(message),
                 .context = m_result.folder.string(),
                 .remedy = "the config and the weights do not belong together, or a shard is "
                           "missing: fetch the model again"});
        };
        const auto others = [](std::size_t count) {
            return count > 1 ? ", and so are " + std::to_string(count - 1) + " others"
                             : std::string();
        };
        if (!m_result.missing.empty())
            corrupt("the tensor " + m_result.missing.front().name + " " +
                    shapeText(m_result.missing.front().shape) + " is missing" +
                    others(m_result.missing.size()));
        if (!m_result.illShaped.empty()) {
            const ModelInspection::IllShapedTensor& first = m_result.illShaped.front();
            corrupt("the tensor " + first.name + " is of shape " + shapeText(first.shape) +
                    " instead of " + shapeText(first.expected) + others(m_result.illShaped.size()));
        }
    }

    void readTokenizer()
    {
        const Result<TokenizerFiles> files = tokenizerFiles(m_result.folder);
        if (!files) {
            m_result.warnings.push_back(files.error());
            return;
        }
        for (const fs::path& file : files->files)
            present(file);
        if (const fs::path file = m_result.folder / "generation_config.json"; isFile(file))
            present(file);
        // Damaged settings are complained of once, whether or not a template would be in them.
        readIfPresent(m_result.folder / "tokenizer_config.json", m_result.warnings);
        m_result.chatTemplate = ChatTemplate::read(m_result.folder);
        m_result.tokenizer.format = files->format;
        m_result.tokenizer.file = files->main.filename();
        if (files->format.empty())
            m_result.filesMissing.emplace_back("tokenizer.model");
        const auto tokenizer = loadTokenizer(m_result.folder);
        if (!tokenizer) {
            m_result.warnings.push_back(tokenizer.error());
            return;
        }
        m_result.tokenizer.kind = (*tokenizer)->kind();
        m_result.tokenizer.vocabulary = (*tokenizer)->vocabularySize();
        m_result.tokenizer.addsBos = (*tokenizer)->addsBos();
        if (m_result.config && (*tokenizer)->vocabularySize() > m_result.config->vocabulary)
            m_result.warnings.push_back(
                {.code = ErrorCode::Corrupt,
                 .message = "the tokenizer has " + std::to_string((*tokenizer)->vocabularySize()) +
                            " tokens, the model only " +
                            std::to_string(m_result.config->vocabulary),
                 .context = files->main.string(),
                 .remedy = "use the tokenizer that the model was trained with"});
    }

    ModelInspection m_result;
    std::vector<fs::path> m_shards;
    std::map<std::string, std::vector<std::int64_t>> m_tensors;
    std::map<std::string, std::string>
        m_unusable; // tensors that hold no real numbers, and their type
    std::map<ElementType, ModelInspection::Stored> m_stored;
};

} // namespace

Result<ModelInspection> inspectModel(const fs::path& folder)
{
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        return Error{.code = ErrorCode::NotFound,
                     .message = fs::exists(folder, ignored) ? "this is a file, not a model's folder"
                                                            : "there is no such folder",
                     .context = folder.string(),
                     .remedy = "give the folder that holds the model's config.json"};
    if (!isAdapterFolder(folder))
        return Inspector(folder).run();
    const Result<LoraConfig> lora = readLoraConfig(folder);
    if (!lora) {
        ModelInspection result{.folder = folder};
        result.problems.push_back(lora.error());
        return result;
    }
    ModelInspection result = Inspector(lora->baseModel).run();
    result.folder = folder;
    result.adapter = ModelInspection::AdapterSummary{lora->rank, lora->alpha, lora->modules};
    return result;
}

} // namespace lacuna
