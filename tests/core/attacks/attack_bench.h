#pragma once

#include "core/attacks/attack.h"
#include "core/metrics/scanner.h"
#include "core/models/checkpoint.h"
#include "core/tokens/catalog.h"
#include "core/tokens/prompt_style.h"
#include "tests/support/tiny_model.h"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

/// The sample's original, which knows the forget set, under attack.
struct AttackBench {
    std::filesystem::path folder = std::filesystem::path(RESOURCES_DIR) / "sample/original";
    std::shared_ptr<const Tokenizer> tokenizer = loadTokenizer(folder).value();
    std::unique_ptr<Decoder> decoder = std::move(loadDecoder(folder, at::kCPU, at::kFloat)).value();
    PromptStyle style;
    Corpus forget =
        loadCorpus(std::filesystem::path(RESOURCES_DIR) / "sample/corpus/forget.jsonl").value();
    Corpus retain =
        loadCorpus(std::filesystem::path(RESOURCES_DIR) / "sample/corpus/retain.jsonl").value();
    TokenisedCorpus tokens;
    std::vector<SampleScan> plain;
    std::vector<const ScoredSample*> samples;

    explicit AttackBench(std::size_t count = 4)
    {
        forget.samples.resize(count);
        tokenised(count);
    }

    /// Again, after something was done to `forget`.
    void tokenised(std::size_t count)
    {
        tokens = tokenise(forget, *tokenizer, {.maxLength = 256}).value();
        samples = pointersTo(tokens.samples);
        samples.resize(count);
        AttackTarget unscanned = target();
        plain = scanTarget(unscanned, *decoder, samples, 0);
    }

    [[nodiscard]] AttackTarget target() const
    {
        return {.decoder = *decoder,
                .tokenizer = *tokenizer,
                .style = style,
                .forget = forget,
                .all = tokens.samples,
                .samples = samples,
                .plain = plain,
                .retain = &retain,
                .stopIds = {tokenizer->eosId()},
                .maxLength = 256,
                .maxNewTokens = 12};
    }

    [[nodiscard]] static Result<std::vector<AttackedSetting>> attack(const Json& spec,
                                                                     const AttackTarget& target)
    {
        const Result<AttackSpec> read = readAttackSpec(spec, "test");
        if (!read)
            return read.error();
        return (**attacks().find(read->id)).run(read->params, target);
    }
    [[nodiscard]] Result<std::vector<AttackedSetting>> attack(const Json& spec) const
    {
        return attack(spec, target());
    }

    [[nodiscard]] std::map<std::string, at::Tensor> weights() const
    {
        std::map<std::string, at::Tensor> copies;
        for (const Parameter& parameter : decoder->parameters())
            copies[parameter.name] = parameter.master.clone();
        return copies;
    }
};

/// Equal to the bit, all of them.
[[nodiscard]] inline bool sameBits(const std::map<std::string, at::Tensor>& a,
                                   const std::map<std::string, at::Tensor>& b)
{
    if (a.size() != b.size())
        return false;
    for (const auto& [name, tensor] : a)
        if (!b.contains(name) || !tensor.equal(b.at(name)))
            return false;
    return true;
}

} // namespace lacuna
