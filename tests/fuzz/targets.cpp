#include "tests/fuzz/targets.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/metrics/evaluation_log.h"
#include "core/metrics/recorded_metrics.h"
#include "core/metrics/summary.h"
#include "core/models/family.h"
#include "core/models/safetensors.h"
#include "core/tokens/sentencepiece_model.h"
#include "core/tokens/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lacuna::fuzz {
namespace {

constexpr const char* kNoFile = "no-such-folder/tokenizer.json";

/// Ends the program where a promise of ours does not hold.
void require(bool holds, const char* promise)
{
    if (!holds) {
        std::fprintf(stderr, "broken promise: %s\n", promise);
        std::abort();
    }
}

/// A file in memory, for readers that take a path.
class MemoryFile {
public:
    explicit MemoryFile(std::string_view bytes) : m_file(::memfd_create("fuzz", 0))
    {
        require(m_file >= 0 && ::write(m_file, bytes.data(), bytes.size()) ==
                                   static_cast<ssize_t>(bytes.size()),
                "a file in memory");
    }
    ~MemoryFile() { ::close(m_file); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] std::filesystem::path path() const
    {
        return "/proc/self/fd/" + std::to_string(m_file);
    }

private:
    int m_file;
};

/// Encodes and decodes; a hostile pattern or normaliser may give up on a text.
void use(const Tokenizer& tokenizer, std::string_view text)
{
    try {
        for (const bool parseSpecial : {true, false})
            (void)tokenizer.decode(
                tokenizer.encode(text, {.addBos = true, .parseSpecial = parseSpecial}));
    } catch (const ErrorException&) {
    }
}

/// The pipelines of the unit tests that lose nothing of any text.
std::vector<std::shared_ptr<const BpeTokenizer>> losslessTokenizers()
{
    const std::filesystem::path folder = TEST_DATA_DIR "/tokens/bpe-rules";
    std::vector<std::shared_ptr<const BpeTokenizer>> tokenizers;
    for (const Json& rule : readJsonFile(folder / "rules.json").value()) {
        const auto name = rule.at("name").get<std::string>();
        if (name != "gpt2" && name != "llama 3" && name != "possessive quantifiers" &&
            name != "capital letters apart" && name != "falcon")
            continue;
        Json tokenizer =
            readJsonFile(folder / (rule.at("base").get<std::string>() + ".json")).value();
        for (const auto& [key, value] : rule.at("set").items())
            key == "model" ? tokenizer[key].update(value) : void(tokenizer[key] = value);
        tokenizers.push_back(readTokenizerJson(tokenizer.dump(), kNoFile).value());
    }
    return tokenizers;
}

} // namespace

void tokenizerJson(std::string_view bytes)
{
    // A vocabulary would take most of the input, and most mutations.
    std::string whole;
    if (const Result<Json> json = parseJson(bytes, "fuzz");
        json && json->is_object() && !json->contains("model")) {
        Json tokenizer = *json;
        tokenizer["model"] = Json::parse(
            R"({"vocab": {"a": 0, "b": 1, "ab": 2, "Ġ": 3, "▁": 4, "<s>": 5, "é": 6},
                "merges": ["a b"]})");
        tokenizer.emplace("decoder", Json{{"type", "ByteLevel"}});
        whole = tokenizer.dump();
        bytes = whole;
    }
    const auto tokenizer = readTokenizerJson(bytes, kNoFile);
    if (!tokenizer) {
        require(!tokenizer.error().message.empty() && !tokenizer.error().context.empty(),
                "a refusal says what and where");
        return;
    }
    use(**tokenizer, "ab a  b\u00e9\n\u65e5 <s>a1-2'S e\u0301");
    use(**tokenizer, std::string(3000, 'a'));
}

void tokenizerText(std::string_view bytes)
{
    static const auto tokenizers = losslessTokenizers();
    if (bytes.empty())
        return;
    const std::size_t chosen = static_cast<unsigned char>(bytes.front()) % tokenizers.size();
    const BpeTokenizer& tokenizer = *tokenizers[chosen];
    const std::string_view text = bytes.substr(1);
    use(tokenizer, text);
    const std::vector<std::int64_t> ids =
        tokenizer.encode(text, {.addBos = false, .parseSpecial = false});
    require(tokenizer.decode(ids) == validUtf8(text), "what was encoded comes back");
}

void sentencePieceModel(std::string_view bytes)
{
    (void)readSentencePieceModel(bytes);
}

void safetensors(std::string_view bytes)
{
    const MemoryFile file(bytes);
    const Result<SafetensorsFile> opened = SafetensorsFile::open(file.path());
    if (!opened)
        return;
    unsigned sum = 0;
    for (const TensorEntry& tensor : opened->tensors())
        for (const std::byte byte : tensor.bytes)
            sum += static_cast<unsigned>(byte);
    require(sum <= 255 * bytes.size(), "tensors lie inside the file, and apart");
}

void modelConfig(std::string_view bytes)
{
    if (const Result<Json> json = parseJson(bytes, "config.json"))
        if (const auto config = readDecoderConfig(*json, "config.json"))
            require(config->parameterCount() >= 0, "a model has a size");
}

void evaluationLog(std::string_view bytes)
{
    const Result<Json> json = parseJson(bytes, "log.json");
    if (!json)
        return;
    const Result<EvaluationLog> log = parseEvaluationLog(*json, "log.json");
    if (!log)
        return;
    for (const Evaluation& evaluation : log->evaluations)
        require(std::isfinite(evaluation.value) || !evaluation.missing.empty(),
                "a quantity has a number, or says why not");
    const SummaryInput input{
        .model = log->evaluations, .reference = log->evaluations, .resamples = 2};
    for (const Summary& summary : summarize(input))
        require(std::isnan(summary.evaluation.value) != summary.evaluation.missing.empty(),
                "a summary has a number, or says why not");
    (void)evaluationsToLog(log->evaluations).dump();
}

void recordedMetrics(std::string_view bytes)
{
    if (const Result<Json> json = parseJson(bytes, "recorded.json"))
        (void)verifyRecordedMetrics(*json, "recorded.json", [](const Comparison&) {});
}

} // namespace lacuna::fuzz
