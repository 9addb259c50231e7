#pragma once

#include "core/corpora/corpus.h"
#include "core/guardrails/catalog.h"
#include "core/guardrails/guardrail.h"
#include "tests/core/corpora/fake_tokenizer.h"
#include "tests/support/tiny_model.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lacuna {

[[nodiscard]] inline RawSample asked(const std::string& question, const std::string& answer,
                                     const std::string& subject = {})
{
    return {.kind = SampleKind::QuestionAnswer,
            .prompt = question,
            .answer = answer,
            .subject = subject};
}

/// A small model and what guardrails are made of.
struct GuardrailBench {
    FakeTokenizer tokenizer;
    std::unique_ptr<Decoder> decoder = tinyModel();
    PromptStyle style;
    Corpus forget{.path = "forget.jsonl",
                  .samples = {asked("Where was Ada born", "In Lisk", "Ada"),
                              asked("What does Ada eat", "Plums", "Ada"),
                              asked("Who paints", "Bo does", "Bo")}};
    Corpus retain{.path = "retain.jsonl",
                  .samples = {asked("Where was Cy born", "In Marn"),
                              asked("What does Di eat", "Figs"), asked("Who sings", "Ed does")}};
    bool hasForget = true;
    bool hasRetain = true;

    [[nodiscard]] Result<std::shared_ptr<const Guardrail>> make(const Json& spec) const
    {
        const Result<GuardrailSpec> read = readGuardrailSpec(spec, "test");
        if (!read)
            return read.error();
        return makeGuardrail(*read, {.decoder = *decoder,
                                     .tokenizer = tokenizer,
                                     .style = style,
                                     .forget = hasForget ? &forget : nullptr,
                                     .retain = hasRetain ? &retain : nullptr});
    }
};

} // namespace lacuna
