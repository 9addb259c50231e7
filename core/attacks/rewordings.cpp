#include "core/attacks/asked.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace lacuna {
namespace {

/// The rows of a person's file, one for each of the forget set.
Result<Corpus> alignedFile(const std::string& file, const AttackTarget& target)
{
    Result<Corpus> corpus = loadCorpus(file);
    if (!corpus)
        return corpus;
    if (corpus->samples.size() != target.forget.samples.size())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = fmt::format("the file has {} rows and the forget set {}: row by "
                                            "row they must ask for the same",
                                            corpus->samples.size(), target.forget.samples.size()),
                     .context = file,
                     .remedy =
                         "give one row of question and answer for each row of the forget set, "
                         "in its order"};
    for (const RawSample& row : corpus->samples)
        if (!questionOf(row))
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "this row is no question with its answer",
                         .context = file + ":" + std::to_string(row.row),
                         .remedy = "write rows of {\"question\": ..., \"answer\": ...}"};
    return corpus;
}

Result<std::vector<AttackedSetting>> asked(const AttackTarget& target, const Putting& put,
                                           const std::string& nothing)
{
    Result<AttackedSetting> setting = askAll(target, {}, Json::object(), put, nothing);
    if (!setting)
        return setting.error();
    return setting->measured.empty() ? std::vector<AttackedSetting>()
                                     : std::vector{std::move(setting).value()};
}

/// Every question as the file has it. \param ownAnswers  the file's answers are the truth too: they
/// are in the language of its questions
Result<std::vector<AttackedSetting>> askFile(const std::string& file, const AttackTarget& target,
                                             bool ownAnswers)
{
    const Result<Corpus> rows = alignedFile(file, target);
    if (!rows)
        return rows.error();
    return asked(
        target,
        [&](const ScoredSample& sample, const AskedQuestion& plain) {
            AskedQuestion other =
                *questionOf(rows->samples[static_cast<std::size_t>(sample.source)]);
            if (!ownAnswers)
                other.answer = plain.answer;
            return std::optional(std::move(other));
        },
        kNoQuestions);
}

Error wantsFile(const char* attack, const char* what)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = std::string("this attack needs ") + what,
            .remedy = fmt::format("give {{\"id\": \"{}\", \"file\": ...}} with a row of question "
                                  "and answer for each row of the forget set",
                                  attack)};
}

Result<std::vector<AttackedSetting>> runParaphrase(const ParamSet& params,
                                                   const AttackTarget& target)
{
    if (const std::string& file = params.text("file"); !file.empty())
        return askFile(file, target, false);
    return asked(
        target,
        [&](const ScoredSample& sample, const AskedQuestion& plain) {
            const std::string& question = rawOf(target, sample).paraphrasedQuestion;
            std::optional<AskedQuestion> other;
            if (!trimmed(question).empty()) {
                other = plain;
                other->messages.back().content = question;
            }
            return other;
        },
        "no row of the forget set has a paraphrased_question, and no file of other wordings is "
        "given");
}

Result<std::vector<AttackedSetting>> runSynonyms(const ParamSet& params, const AttackTarget& target)
{
    const std::string& file = params.text("file");
    return file.empty() ? wantsFile("synonym-manipulation", "the questions with other words for "
                                                            "what they name")
                        : askFile(file, target, false);
}

Result<std::vector<AttackedSetting>> runCrossLingual(const ParamSet& params,
                                                     const AttackTarget& target)
{
    const std::string& file = params.text("file");
    return file.empty()
               ? wantsFile("cross-lingual", "the questions and answers in another language")
               : askFile(file, target, true);
}

AttackCost onePass(const ParamSet&)
{
    return {.scores = 1, .answers = 1};
}

ParamSpec fileParam(std::string help)
{
    return {.name = "file", .fallback = std::string(), .help = std::move(help)};
}

} // namespace

AttackInfo paraphrase()
{
    return {.id = "paraphrase",
            .title = "The question in other words",
            .source = "Maini et al. 2024 (TOFU), arXiv:2401.06121; unlearning reference 3.12",
            .explanation =
                "The same is asked in other words. A model that unlearned a wording answers; one "
                "that unlearned a fact does not.",
            .needs = "paraphrased_question in the data, or a file of other wordings",
            .params = {fileParam("other wordings, a row of question and answer for each row of the "
                                 "forget set; empty: paraphrased_question of the data")},
            .cost = &onePass,
            .run = &runParaphrase};
}

AttackInfo synonymManipulation()
{
    return {.id = "synonym-manipulation",
            .title = "Other names for the same",
            .source = "Jin et al. 2024 (RWKU), arXiv:2406.10890; unlearning reference 3.12",
            .explanation = "What the question names is named by another name or a description.",
            .needs = "a file of the questions with other names",
            .needsFile = true,
            .params = {fileParam(
                "a row of question and answer for each row of the forget set; its questions are "
                "asked, the forget set's answers are the truth")},
            .cost = &onePass,
            .run = &runSynonyms};
}

AttackInfo crossLingual()
{
    return {.id = "cross-lingual",
            .title = "Another language",
            .source = "Jin et al. 2024 (RWKU), arXiv:2406.10890; unlearning reference 3.12",
            .explanation =
                "The same is asked in another language, of which the unlearning saw nothing. What "
                "comes before it is the same question in the forget set's own language.",
            .needs = "a file of the questions and answers in another language",
            .needsFile = true,
            .params = {fileParam("a row of question and answer for each row of the forget set, in "
                                 "the other language")},
            .cost = &onePass,
            .run = &runCrossLingual};
}

} // namespace lacuna
