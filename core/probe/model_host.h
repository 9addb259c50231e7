#pragma once

#include "core/base/result.h"
#include "core/guardrails/catalog.h"
#include "core/probe/answer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace lacuna {

struct HostQuestion {
    std::uint64_t token = 0; ///< chosen by the asker; every event carries it
    std::string text;
    bool raw = false; ///< continue the text as it stands; otherwise it is a question
    /// What the question is put into: an id in promptFormats(), or kModelTemplate. Empty: the
    /// template of the run that left the model, kDefaultPromptFormat where none did. One that
    /// cannot be used leaves a raw prompt; HostPrompt says why.
    std::string promptTemplate = {};
    /// `stopIds` are added to those of the model, its tokenizer and the template.
    GenerationOptions options = {};
    /// What stands before the model for this question. Made for its first one, which takes a
    /// while, and kept until another is asked for or the model changes.
    GuardrailRequest guardrail = {};
};

struct HostLoading {
    std::uint64_t token = 0;
};
/// Comes before the first token.
struct HostPrompt {
    std::uint64_t token = 0;
    SentPrompt sent;
};
struct HostToken {
    std::uint64_t token = 0;
    ProbeAnswer::Token piece;
    std::string text; ///< of the answer so far
};
struct HostAnswer {
    std::uint64_t token = 0;
    ProbeAnswer answer; ///< as far as it came, when it was stopped
};
struct HostFailure {
    std::uint64_t token = 0;
    Error error;
};
using HostEvent = std::variant<HostLoading, HostPrompt, HostToken, HostAnswer, HostFailure>;

/// Lets several hosts take turns token by token, so that their answers stream in step and do not
/// fight for the processor's threads. Shared by the hosts that are to take turns.
class Turns;
[[nodiscard]] std::shared_ptr<Turns> makeTurns();

/// One model that stays loaded on a thread of its own and answers questions. Any thread may call
/// it, and no call waits for the model. A newer question ends the older one.
///
/// The model is computed in float32 where it has fewer than 10^9 parameters, so that its answers do
/// not depend on what else is asked; in what suits the hardware otherwise.
class ModelHost {
public:
    explicit ModelHost(std::shared_ptr<Turns> turns);
    /// Ends what goes on within one token, and joins.
    ~ModelHost();
    ModelHost(const ModelHost&) = delete;
    ModelHost& operator=(const ModelHost&) = delete;

    /// The folder whose model answers from now on; empty: none. What was loaded before is given
    /// back at once, what is asked for is loaded by the first question.
    /// \param original  folder of the model that it was made from, for setAmount(); may be empty
    void setModel(const std::filesystem::path& folder, const std::filesystem::path& original = {},
                  const std::string& device = "auto");
    /// How much of what was done to the model it uses from the next question on: 1 all, which it
    /// starts with and every setModel() goes back to; 0 nothing, which is its original to the bit.
    /// Of an adapter it is the factor, of other models the amount of a Mix with the original; of no
    /// effect where there is neither.
    void setAmount(double amount);
    /// Ends in exactly one HostAnswer or HostFailure with the question's token.
    void ask(HostQuestion question);
    /// Ends the answer within one token.
    void stop();
    [[nodiscard]] std::vector<HostEvent> drain();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace lacuna
