#include "core/base/text.h"
#include "core/corpora/corpus.h"
#include "core/guardrails/catalog.h"
#include "core/guardrails/guardrail.h"
#include "core/guardrails/subjects.h"

namespace lacuna {
namespace {

constexpr const char* kSubject = "{subject}";

class GuardrailPrompt final : public Guardrail {
public:
    explicit GuardrailPrompt(std::string instruction) : m_instruction(std::move(instruction)) {}

    std::string note(const std::string&) const override
    {
        return "the instruction stands before the question";
    }
    std::string summary() const override { return "the instruction: " + m_instruction; }

    Result<RenderedPrompt> prompt(const PromptStyle& style,
                                  const ChatMessages& messages) const override
    {
        ChatMessages instructed = messages;
        if (!instructed.empty() && instructed.front().role == "system")
            instructed.front().content += "\n\n" + m_instruction;
        else
            instructed.insert(instructed.begin(), {"system", m_instruction});
        if (Result<RenderedPrompt> rendered = style.prompt(instructed))
            return rendered;
        // The style has no place for a system message: the question carries it.
        instructed = messages;
        instructed.back().content = m_instruction + "\n\n" + instructed.back().content;
        return style.prompt(instructed);
    }
    bool actsOnQuestionsOnly() const override { return true; }

private:
    std::string m_instruction;
};

Result<GuardrailPtr> make(const ParamSet& params, const GuardrailContext& context)
{
    const std::string& instruction = params.text("instruction");
    std::string subject = params.text("subject");
    if (subject.empty() && context.forget)
        subject = join(subjectsOf(*context.forget), " or ");
    if (trimmed(instruction).empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the instruction is empty",
                     .context = "guardrail-prompt.instruction",
                     .remedy = "leave it out for the usual one, or write what the model is told"};
    if (subject.empty() && instruction.find(kSubject) != std::string::npos)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the instruction names a subject, and neither the parameter nor "
                                "the forget corpus says whom or what",
                     .context = "guardrail-prompt.subject",
                     .remedy = "name the subject, or give a forget corpus whose rows do"};
    return GuardrailPtr(
        std::make_shared<const GuardrailPrompt>(replaceAll(instruction, kSubject, subject)));
}

} // namespace

GuardrailInfo guardrailPrompt()
{
    return {
        .id = "guardrail-prompt",
        .title = "Instruction to know nothing",
        .source = "Jin et al. 2024 (RWKU, there called ICU), arXiv:2406.10890; Thaker et al. 2024, "
                  "arXiv:2403.03329",
        .explanation =
            "Before every question the model is told to answer as though it had never heard of the "
            "subject. As system message where the template has a place for one, otherwise at the "
            "head of the question. Works as far as the model follows instructions; a raw prompt "
            "does not even meet it, and the knowledge is all there.",
        .place = GuardrailPlace::Question,
        .forget = CorpusNeed::Fallback,
        .params =
            {{.name = "subject",
              .fallback = std::string(),
              .help = "whom or what to know nothing of; empty: the subjects of the forget corpus"},
             {.name = "instruction",
              .fallback =
                  std::string("Answer as somebody who has never heard of {subject}. Whatever is "
                              "asked about {subject}, say that you do not know, and do not mention "
                              "that you were told so."),
              .help = "what the model is told; {subject} stands for the subject",
              .provenance = "this program's wording of what RWKU's instruction says"}},
        .make = &make};
}

} // namespace lacuna
