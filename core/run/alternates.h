#pragma once

#include "core/base/result.h"
#include "core/corpora/alternates.h"

#include <filesystem>
#include <functional>
#include <optional>

namespace lacuna {

struct MethodSpec;
struct Recipe;
struct Session;

/// What a run chooses its alternates from: the recipe's file, or the method's own source, before
/// which preference pairs in the forget corpus go where it gives answers that fit their questions.
/// Nothing for a method that reads none, or whose model writes them when the run starts. \param
/// retain  the retain corpus, or null \return InvalidArgument when the recipe gives alternates to a
/// method that reads none
[[nodiscard]] Result<std::optional<AnswerPool>> answerPool(const Recipe& recipe,
                                                           const MethodSpec& method,
                                                           const Corpus& forget,
                                                           const Corpus* retain);

/// How many alternates the method wants for each sample.
[[nodiscard]] std::int64_t alternatesPerSample(const MethodSpec& method);

/// \return InvalidArgument for a corpus with a sample that asks no question
[[nodiscard]] Status checkQuestions(const Corpus& forget);

/// Whether the model that is to forget writes the alternates, of those rows that are no preference
/// pairs.
[[nodiscard]] bool writesAlternates(const Recipe& recipe, const MethodSpec& method,
                                    const Corpus& forget);

/// Lets the session's model answer the forget questions by sampling: by itself first, and where it
/// says nothing but the truth, from the middle of the true answer on with another token there. What
/// it wrote is kept in \p file, from which a continued run reads it again (Mekala et al. 2024,
/// arXiv:2409.13474).
/// \return empty when \p proceed, which gets progress in [0, 1], said no; InvalidArgument for a
///         question that the model has no other answer to
[[nodiscard]] Result<std::optional<AnswerPool>>
writtenAlternates(Session& session, const std::filesystem::path& file,
                  const std::function<bool(double)>& proceed);

} // namespace lacuna
